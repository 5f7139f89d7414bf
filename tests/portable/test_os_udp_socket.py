"""OsUdpSocket over real loopback sockets, on both Pythons, in virtual time."""

import asyncio
import errno
import socket

from ip_commands.device import portable
from ip_commands.device.errors import (
    InvalidValue,
    NotAttached,
    NotSupported,
    ReceiveTimeout,
    SendFailed,
    SocketClosed,
)
from ip_commands.device.os_udp_socket import OsNetwork, OsUdpSocket
from tests.contracts.check_udp_socket import check_udp_socket
from tests.portable.raises import raises

_HOST = "127.0.0.1"


def _resolved(port):
    return socket.getaddrinfo(_HOST, port)[0][-1]


class Peer:
    """The other end: a plain socket, read without waiting (loopback delivers at once)."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        for port in range(42000, 43000):
            try:
                self.socket.bind(_resolved(port))
            except OSError:
                continue
            self.port = port
            return
        raise AssertionError("no free UDP port")

    def send(self, payload, port):
        self.socket.sendto(payload, _resolved(port))

    def take(self):
        datagrams = []
        while True:
            try:
                datagrams.append((self.socket.recvfrom(2000)[0], self.port))
            except OSError as error:
                assert error.errno == errno.EAGAIN, error
                return datagrams


def _open(max_payload=1300):
    for port in range(41000, 42000):
        try:
            return OsUdpSocket(port, _HOST, max_payload), port
        except SocketClosed:
            continue
    raise AssertionError("no free UDP port")


async def _check_contract(max_payload):
    peer = Peer()

    async def open_socket():
        peer.take()
        sock, port = _open(max_payload)

        async def inject(payload):
            peer.send(payload, port)
            return _HOST, peer.port

        async def sent():
            return peer.take()

        return sock, inject, sent

    try:
        await check_udp_socket(open_socket, (_HOST, peer.port))
    finally:
        peer.socket.close()


async def test_contract():
    await _check_contract(1300)


async def test_contract_with_a_small_payload():
    await _check_contract(512)


async def test_a_wait_of_days_is_virtual_and_ends_with_the_datagram():
    peer = Peer()
    sock, port = _open()
    start = portable.ticks_ms()
    with raises(ReceiveTimeout, "no datagram in 432000000 ms"):
        await sock.receive(5 * 86400000)
    assert portable.ticks_diff(portable.ticks_ms(), start) >= 5 * 86400000
    peer.send(b"x" * 1472, port)
    assert await sock.receive(0) == (b"x" * 1472, _HOST, peer.port)
    await sock.close()
    peer.socket.close()


async def test_the_next_socket_may_get_the_same_file_number():
    peer = Peer()
    sock, port = _open()

    async def receive_until_closed():
        with raises(SocketClosed):
            await sock.receive(60000)

    async def send_later():
        await portable.sleep_ms(200)
        peer.send(b"for the second", port)

    receiving = asyncio.create_task(receive_until_closed())
    sending = asyncio.create_task(send_later())
    await portable.sleep_ms(100)
    await sock.close()
    again = OsUdpSocket(port, _HOST)
    # waits for the same file number before the first receive had a chance to clean up
    assert (await again.receive(60000))[0] == b"for the second"
    await receiving
    await sending
    await again.close()
    peer.socket.close()


async def test_waking_for_nothing_does_not_lengthen_the_wait():
    sock, _ = _open()

    async def disturb():
        while True:
            await portable.sleep_ms(300)
            sock._wake.set()

    disturbing = asyncio.create_task(disturb())
    start = portable.ticks_ms()
    with raises(ReceiveTimeout):
        await sock.receive(1000)
    assert portable.ticks_diff(portable.ticks_ms(), start) == 1000
    disturbing.cancel()
    await sock.close()


async def test_an_interrupted_receive_returns_after_what_is_there():
    peer = Peer()
    sock, port = _open()

    async def interrupt_later():
        await portable.sleep_ms(300)
        sock.interrupt()

    interrupting = asyncio.create_task(interrupt_later())
    start = portable.ticks_ms()
    with raises(ReceiveTimeout):
        await sock.receive(60000)
    assert portable.ticks_diff(portable.ticks_ms(), start) == 300
    await interrupting
    peer.send(b"first", port)
    sock.interrupt()
    assert (await sock.receive(60000))[0] == b"first"
    with raises(ReceiveTimeout):
        await sock.receive(60000)
    start = portable.ticks_ms()
    with raises(ReceiveTimeout):
        await sock.receive(60000)  # once for each call
    assert portable.ticks_diff(portable.ticks_ms(), start) == 60000
    await sock.close()
    peer.socket.close()


async def test_a_port_that_is_taken():
    sock, port = _open()
    with raises(SocketClosed, "port %d" % port, _HOST):
        OsUdpSocket(port, _HOST)
    await sock.close()
    again = OsUdpSocket(port, _HOST)
    await again.close()


async def test_bad_addresses():
    sock, _ = _open()
    for host in ("", "example.com", "::1", "1.2.3"):
        with raises(InvalidValue, "numeric IPv4"):
            await sock.send_to(b"x", host, 6969)
    with raises(InvalidValue, "port"):
        OsUdpSocket(0)
    with raises(SendFailed, "255.255.255.255"):  # broadcasting needs a permission we do not take
        await sock.send_to(b"x", "255.255.255.255", 6969)
    await sock.close()


async def test_network_brings_the_link_up_and_down():
    calls = []

    async def bring_up(apn, timeout_ms):
        calls.append((apn, timeout_ms))

    async def take_down():
        calls.append("down")

    network = OsNetwork(bring_up, take_down, local_host=_HOST, max_payload=512)
    await network.start()
    await network.attach("super", 60000)
    sock, port = _open()
    await sock.close()
    sock = await network.open_udp(port)
    assert sock.max_payload == 512
    await sock.close()
    await network.power_off()
    await network.close()
    assert calls == [("super", 60000), "down"]


async def test_network_that_does_not_come_up():
    async def refuse(apn, timeout_ms):
        raise OSError(errno.EAGAIN)

    async def hang(apn, timeout_ms):
        await portable.sleep_ms(3 * timeout_ms)

    with raises(NotAttached, "did not come up"):
        await OsNetwork(refuse).attach("super", 1000)
    start = portable.ticks_ms()
    with raises(NotAttached, "in 90000 ms"):
        await OsNetwork(hang).attach("super", 90000)
    assert portable.ticks_diff(portable.ticks_ms(), start) == 90000


async def test_network_says_what_it_cannot_do():
    network = OsNetwork()
    await network.attach("super", 1)
    for call in (
        network.set_edrx(81.92),
        network.set_psm(16, 3600),
        network.read_identity(),
        network.read_signal(),
        network.power_off(),
    ):
        with raises(NotSupported):
            await call
