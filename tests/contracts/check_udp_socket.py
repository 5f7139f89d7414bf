"""The contract of ``UdpSocket``: what every implementation must do, on both Pythons.

An implementation's test calls ``await check_udp_socket(open_socket)``, where ``open_socket`` is an
async callable that makes a fresh situation and returns ``(socket, inject, sent)``:

- ``socket``: the open UdpSocket;
- ``await inject(payload)``: has a datagram arrive for it; returns (host, port) as the socket must
  tell the sender, ("", 0) where the modem does not tell;
- ``await sent()``: returns and forgets what left the socket so far: a list of (payload, port), the
  destination's port.

Datagrams are sent to ``service``, (host, port). Time may be virtual; the waits are short anyway.
"""

import asyncio

from ip_commands.device.errors import InvalidValue, PayloadTooLong, ReceiveTimeout, SocketClosed
from ip_commands.device.portable import sleep_ms, ticks_diff, ticks_ms
from tests.portable.raises import raises

AWKWARD_PAYLOADS = (
    b"\x00",
    b"\r\nOK\r\n",
    b"\r\nERROR\r\n+CME ERROR: 3\r\n",
    b'+QIURC: "recv",0\r\n+CADATAIND: 0\r\n',
    b"> ",
    b'\r",\x1a\x1b,"\n',
    b"\r",
    bytes(range(256)),
    b"\xff" * 1300,
    bytes(range(255, -1, -1)) * 5,
)


async def _receives_every_byte_unchanged(socket, inject, sent, service):
    for payload in AWKWARD_PAYLOADS:
        sender = await inject(payload)
        received, host, port = await socket.receive(5000)
        assert isinstance(received, bytes)
        assert received == payload, (received[:40], payload[:40])
        assert (host, port) == sender
        with raises(ReceiveTimeout):  # and nothing else
            await socket.receive(100)


async def _sends_every_byte_unchanged(socket, inject, sent, service):
    for payload in AWKWARD_PAYLOADS:
        if len(payload) > socket.max_payload:
            continue
        await socket.send_to(payload, service[0], service[1])
        assert await sent() == [(payload, service[1])], payload[:40]


async def _keeps_datagrams_apart_and_in_order(socket, inject, sent, service):
    for number in range(5):
        await inject(b"datagram %d" % number)
    for number in range(5):
        assert (await socket.receive(5000))[0] == b"datagram %d" % number


async def _waits_no_longer_than_asked(socket, inject, sent, service):
    start = ticks_ms()
    with raises(ReceiveTimeout):
        await socket.receive(300)
    waited_ms = ticks_diff(ticks_ms(), start)
    assert 250 <= waited_ms < 10000, waited_ms
    await inject(b"afterwards")
    assert (await socket.receive(5000))[0] == b"afterwards"


async def _a_datagram_wakes_a_waiting_receive(socket, inject, sent, service):
    receiving = asyncio.create_task(socket.receive(60000))
    await sleep_ms(100)
    assert not receiving.done()
    await inject(b"wake up")
    assert (await receiving)[0] == b"wake up"


async def _a_cancelled_receive_loses_nothing(socket, inject, sent, service):
    for pause_ms in (0, 1, 50):
        receiving = asyncio.create_task(socket.receive(60000))
        await sleep_ms(pause_ms)
        receiving.cancel()
        try:
            await receiving
        except asyncio.CancelledError:
            pass
        await inject(b"still there %d" % pause_ms)
        assert (await socket.receive(5000))[0] == b"still there %d" % pause_ms


async def _refuses_what_cannot_be_sent(socket, inject, sent, service):
    with raises(PayloadTooLong, str(socket.max_payload)):
        await socket.send_to(b"x" * (socket.max_payload + 1), service[0], service[1])
    for port in (0, 65536):
        with raises(InvalidValue, "port"):
            await socket.send_to(b"x", service[0], port)
    assert await sent() == []
    await socket.send_to(b"x" * socket.max_payload, service[0], service[1])
    assert await sent() == [(b"x" * socket.max_payload, service[1])]


async def _close_ends_a_waiting_receive(socket, inject, sent, service):
    receiving = asyncio.create_task(socket.receive(600000))
    await sleep_ms(100)
    start = ticks_ms()
    await socket.close()
    with raises(SocketClosed):
        await receiving
    assert ticks_diff(ticks_ms(), start) < 60000


async def _closed_stays_closed(socket, inject, sent, service):
    await socket.close()
    await socket.close()
    with raises(SocketClosed):
        await socket.receive(1000)
    with raises(SocketClosed):
        await socket.send_to(b"x", service[0], service[1])


CHECKS = (
    _receives_every_byte_unchanged,
    _sends_every_byte_unchanged,
    _keeps_datagrams_apart_and_in_order,
    _waits_no_longer_than_asked,
    _a_datagram_wakes_a_waiting_receive,
    _a_cancelled_receive_loses_nothing,
    _refuses_what_cannot_be_sent,
    _close_ends_a_waiting_receive,
    _closed_stays_closed,
)


async def check_udp_socket(open_socket, service=("100.64.0.1", 6969), checks=CHECKS):
    """Run every check on a socket of its own, which is closed afterwards."""
    for check in checks:
        socket, inject, sent = await open_socket()
        try:
            await check(socket, inject, sent, service)
        except Exception as error:
            # MicroPython tracebacks name the line, not which socket it was about
            print("UdpSocket contract broken:", check.__name__, repr(error))
            raise
        finally:
            await socket.close()
