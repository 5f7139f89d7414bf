"""Reported: the loss of a socket, heard directly behind the datagram that was just read.

u-blox/ubxlib issues 172 and 168 show such bundles: a URC directly behind the last piece of data.
The bytes here are made after them, with each family's own answers.
"""

import asyncio

import pytest

from ip_commands.device.errors import IpCommandsError, ModemRestarted, SocketClosed
from ip_commands.device.portable import sleep_ms, ticks_ms
from ip_commands.modem_drivers.modem_socket import ModemSocket
from tests.drivers.modem_bench import ModemBench
from tests.drivers.reported import started
from tests.portable.memory_stream import stream_pair

DATAGRAM = (b"hello", "100.64.0.1", 6969)
DETACH = "+CGEV: NW DETACH"
PDP = "+CGEV: NW PDN DEACT 1"
USORF = '\r\n+USORF: 0,"100.64.0.1",6969,5,"hello"\r\n\r\nOK\r\n'
CIPRX = "\r\n+CIPRXGET: 2,5,0,100.64.0.1:6969\r\nhello\r\nOK\r\n"
CIPRX_OPEN = "\r\n+CIPRXGETIP: 100.64.0.1:6969\r\n\r\n+CIPRXGET: 2,0,5,0\r\nhello\r\nOK\r\n"
# model -> (options, command that reads, its answer, what tells the loss, boot line or none)
FAMILIES = {
    "BG95": (
        {},
        "AT+QIRD=0",
        '\r\n+QIRD: 5,"100.64.0.1",6969\r\nhello\r\n\r\nOK\r\n',
        ('+QIURC: "pdpdeact",1', '+QIURC: "closed",0', DETACH, PDP),
        "RDY",
    ),
    "SIM7080G": (
        {},
        "AT+CARECV=0,1460",
        "\r\n+CARECV: 100.64.0.1,6969,5,hello\r\n\r\nOK\r\n",
        ("+CASTATE: 0,0", "+APP PDP: 0,DEACTIVE", "+CACLOSE: 0,0", DETACH),
        "RDY",
    ),
    "SIM7000G": (
        {"push": False},
        "AT+CIPRXGET=2,1460",
        CIPRX,
        ("CLOSED", "+PDP: DEACT", DETACH),
        "RDY",
    ),
    "A7670": (
        {},
        "AT+CIPRXGET=2,0,1500",
        CIPRX_OPEN,
        ("+IPCLOSE: 0,1", "+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY", DETACH),
        "*ATREADY: 1",
    ),
    "SARA-R410M": ({}, "AT+USORF=0,1024", USORF, ("+UUSOCL: 0", DETACH, PDP), None),
    "SARA-R422": ({}, "AT+USORF=0,1024", USORF, ("+UUSOCL: 0", DETACH, PDP), None),
    "SARA-R5": ({}, "AT+USORF=0,1024", USORF, ("+UUSOCL: 0", "+UUPSDD: 0", DETACH), None),
    "LARA-R6": ({}, "AT+USORF=0,1024", USORF, ("+UUSOCL: 0", DETACH, PDP), None),
    "ME310G1": (
        {},
        "AT#SRECV=1,1500,1",
        "\r\n#SRECV: 100.64.0.1,6969,1,5,0\r\nhello\r\n\r\nOK\r\n",
        ("NO CARRIER: 1,1", "NO CARRIER", DETACH, PDP),
        None,
    ),
    "GM02SP": (
        {},
        "AT+SQNSRECV=1,1500",
        '\r\n+SQNSRECV: 1,5,"100.64.0.1",6969\r\nhello\r\n\r\nOK\r\n',
        ("+SQNSH: 1", DETACH, PDP),
        "+SYSSTART",
    ),
    "nRF9151": (
        {},
        "AT#XRECVFROM=0,0,64,1",
        '\r\n#XRECVFROM: 0,0,5,"100.64.0.1",6969\r\nhello\r\nOK\r\n',
        ("#XAPOLL: 0,16", "#XAPOLL: 0,17", "#XAPOLL: 0,32", DETACH),
        "Ready",
    ),
}
CASES = [
    (model, loss)
    for model, (_, _, _, losses, boot) in FAMILIES.items()
    for loss in (*losses, *((boot,) if boot else ()))
]


class HoldsOne:
    """The modem: one datagram for the first read, beside the loss; what comes next is refused."""

    def __init__(self, end, read, said):
        self._end = end
        self._read = read.encode()
        self._said = said
        self.task = asyncio.create_task(self._play())

    async def _play(self):
        typed = b""
        while data := await self._end.read(256):
            typed += data
            while b"\r" in typed:
                line, _, typed = typed.partition(b"\r")
                if line == b"AT+CMEE?":  # it has not booted
                    await self._end.write(b"\r\n+CMEE: 1\r\n\r\nOK\r\n")
                    continue
                if line.strip(b"\n") != self._read or not self._said:
                    await self._end.write(b"\r\nERROR\r\n")
                    continue
                said, self._said = self._said, ()
                for pause_ms, piece in said:
                    if pause_ms:
                        await sleep_ms(pause_ms)
                    await self._end.write(piece.encode())


def with_open_socket(modem):
    """Return a socket as ``open_udp`` leaves it, with each family's own notes about it."""
    socket = ModemSocket(modem, 0, 4242, 1460, 60000)
    modem._sockets[0] = socket
    socket.opened = True
    for name, value in (("_numbers", 0), ("_handles", 0), ("_accepted", True)):
        if hasattr(modem, name):
            getattr(modem, name)[0] = value
    if hasattr(modem, "_proven_at"):
        modem._proven_at[0] = ticks_ms()
    return socket


async def receive_all(model, said):
    """Return what comes out of the socket, and the error that ends it."""
    options, read = FAMILIES[model][:2]
    host, far = stream_pair()
    peer = HoldsOne(far, read, said)
    modem = started(model, **options)(host)
    socket = with_open_socket(modem)
    if hasattr(modem, "_pushes"):
        modem._pushes = False
    got = []
    try:
        for _ in range(9):
            got.append(await socket.receive(120000))
        raise AssertionError("it never ended")
    except IpCommandsError as error:
        assert modem.at.handler_errors == 0
        assert socket.dropped == 0
        return got, error
    finally:
        await modem.close()
        await peer.task


@pytest.mark.parametrize(("model", "loss"), CASES)
async def test_a_loss_glued_behind_a_datagram_comes_after_it(model, loss):
    answer = FAMILIES[model][2]
    got, error = await receive_all(model, ((0, f"{answer}\r\n{loss}\r\n"),))
    assert got == [DATAGRAM]
    assert isinstance(error, ModemRestarted if loss == FAMILIES[model][4] else SocketClosed)


@pytest.mark.parametrize("pause_ms", [1, 10, 50, 95, 150])
@pytest.mark.parametrize(("model", "loss"), CASES)
async def test_a_loss_within_the_pause_between_commands_comes_after_the_datagram(
    model, loss, pause_ms
):
    """SARA-R41x 100 ms, SARA-R5, R422, LARA-R6, Telit, Sequans 20 ms: the vendors ask for it."""
    answer = FAMILIES[model][2]
    got, error = await receive_all(model, ((0, answer), (pause_ms, f"\r\n{loss}\r\n")))
    assert got == [DATAGRAM]
    assert isinstance(error, ModemRestarted if loss == FAMILIES[model][4] else SocketClosed)


@pytest.mark.parametrize(
    ("model", "loss"), [(model, loss) for model, loss in CASES if loss != FAMILIES[model][4]]
)
async def test_a_loss_in_front_of_the_answer_does_not_take_it(model, loss):
    answer = FAMILIES[model][2]
    got, error = await receive_all(model, ((0, f"\r\n{loss}\r\n"), (5, answer)))
    assert got == [DATAGRAM]
    assert isinstance(error, SocketClosed)


FAKES = (
    "bg95",
    "sim7080g",
    "sim7000g",
    "a7670",
    "sara-r410m",
    "sara-r422",
    "sara-r510s",
    "lara-r6",
    "gm02sp",
    "nrf9151",
    "me310g1",
)


@pytest.mark.parametrize("model", FAKES)
async def test_what_a_modem_has_handed_over_is_never_lost_with_its_connection(model):
    """The network takes the connection away at any moment of a read."""
    handed = 0
    for delay_ms in range(0, 124, 3):
        said = []
        options = {"push": False} if model == "sim7000g" else {}
        bench = ModemBench(model, **options)
        driver, socket = await bench.online(4242)
        driver.at._log = said.append
        await drained(bench, socket)
        bench.inject(b"hello")
        asyncio.get_running_loop().call_later(delay_ms / 1000, bench.lose_pdp)
        got = []
        try:
            while True:
                got.append((await socket.receive(2000))[0])
        except IpCommandsError:
            pass
        count = len([line for line in said if "[5 bytes]" in line])
        assert got == [b"hello"] * count, (delay_ms, said)
        assert socket.dropped == 0
        handed += count
        await bench.finish()
    assert handed


async def drained(bench, socket):
    """Receive what is there: a listener's first datagram is accepted in more steps."""
    bench.inject(b"first one")
    assert (await socket.receive(5000))[0] == b"first one"
    try:
        await socket.receive(0)
    except IpCommandsError:
        pass
