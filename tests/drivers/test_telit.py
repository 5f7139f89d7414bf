"""A log of a Telit modem and the manuals' examples, replayed against the driver."""

import pytest

from ip_commands.device.errors import CommandError, NotAttached
from ip_commands.device.portable import sleep_ms
from ip_commands.modem_drivers.modem_socket import ModemSocket
from ip_commands.modem_drivers.telit import TelitModem
from tests.captures.capture import FOLDER
from tests.drivers.recorded_modem import ask, capture_name, captures_of, check_capture

PAYLOADS = {
    "me910c1/srecv_echo": [b"fro"],
    "me910c1/ssendudp_manual": [b"message from second host"],
}


@pytest.mark.parametrize("path", captures_of("me", "le910"), ids=capture_name)
@pytest.mark.parametrize("cut", [1, 7, 2048])
def test_the_parser_reads_every_capture(path, cut):
    check_capture(path, TelitModem.RAW_RULES, cut, PAYLOADS.get(capture_name(path), []))


def listening(modem):
    socket = ModemSocket(modem, 0, 5000, 1500, 60000)
    modem._sockets[0] = socket
    return socket


@pytest.mark.parametrize("cut", [0, 1, 7])
async def test_reads_with_echo_on_and_hears_the_ring_behind_the_answer(cut):
    async def use(modem):
        socket = listening(modem)
        await sleep_ms(10)
        assert socket._hinted
        socket._hinted = False
        assert await modem.at.command("#SRECV=1,3", b"#SRECV:") == [b" 1,3", b"fro"]
        await sleep_ms(10)
        assert socket._hinted
        assert modem._doubtful[0]  # NO CARRIER

    await ask(FOLDER / "me910c1/srecv_echo.txt", TelitModem, use, cut)


async def test_firmware_of_the_me910c1_manual_tells_no_sender():
    class ReadsAsMuchAsTheExample(TelitModem):
        async def _read_without_sender(self, connection):
            lines = await self.at.command("#SRECV=1,24", b"#SRECV:")
            fields = (await self._ask_fields("#SS=1"))[0]
            return lines[1], fields[4], int(fields[5])

    async def use(modem):
        assert await modem._waiting_bytes(1) == 24
        datagram = await modem._read(1)  # #SRECV=1,1500,1 is refused
        assert datagram == (b"message from second host", "10.0.0.2", 511)
        assert modem._udp_info is False

    await ask(FOLDER / "me910c1/ssendudp_manual.txt", ReadsAsMuchAsTheExample, use)


async def test_activates_and_accepts_as_the_simulator_expects():
    async def use(modem):
        socket = listening(modem)
        await modem._activate(150000)
        await modem.at.command("#SLUDP=1,1,5000")
        await sleep_ms(10)
        assert socket._hinted
        socket._hinted = False
        await modem.at.command("#SA=1,1")
        await sleep_ms(100)
        assert socket._hinted  # by the ring with sender and data, which names it third

    await ask(FOLDER / "me910c1/listen_and_accept_simulator.txt", TelitModem, use)


async def test_a_refused_context_is_no_data_connection():
    async def use(modem):
        with pytest.raises(NotAttached, match="no data connection: AT#SGACT=1,1 -> ERROR"):
            await modem._activate(5000)
        with pytest.raises(CommandError):
            await modem.at.command("#SA=1,1")

    await ask(FOLDER / "me910c1/srecv_echo.txt", TelitModem, use)
