"""Logs of nRF91 modems and the firmware's documented examples, replayed against the driver."""

import pytest

from ip_commands.device.errors import NotAttached
from ip_commands.device.portable import sleep_ms, ticks_add, ticks_ms
from ip_commands.modem_drivers.modem_socket import ModemSocket
from ip_commands.modem_drivers.nordic import NordicModem, _version_of
from ip_commands.modem_drivers.nordic_commands import (
    SerialLteModemSockets,
    datagram_of,
    raw_length,
)
from tests.captures.capture import FOLDER
from tests.drivers.recorded_modem import ask, capture_name, captures_of, check_capture

PAYLOADS = {
    "nrf9160/udp_server_manual": [b"echo this"],
    "nrf9151/socket_manual": [b"echo this"],
    "nrf9151/recvcfg_manual": [b"Delayed UDP data"],
}


@pytest.mark.parametrize("path", captures_of("nrf"), ids=capture_name)
@pytest.mark.parametrize("cut", [1, 7, 2048])
def test_the_parser_reads_every_capture(path, cut):
    check_capture(path, NordicModem.RAW_RULES, cut, PAYLOADS.get(capture_name(path), []))


@pytest.mark.parametrize("cut", [0, 1, 7])
async def test_attaches_as_the_logged_nrf9160_did(cut):
    async def use(modem):
        await modem._wait_registered(ticks_add(ticks_ms(), 60000))  # waits for the SIM first
        assert modem.registration == 1
        await modem._connect("iijmio.jp", ticks_add(ticks_ms(), 60000))
        assert await modem.read_time() == 1611700239  # 2021-01-26T22:30:39Z
        identity = await modem.read_identity()
        assert identity.model == "nRF9160-SICA"
        assert identity.iccid == ""  # was not asked for: ERROR

    await ask(FOLDER / "nrf9160-slm-1.4/tinygsm.txt", NordicModem, use, cut)


async def test_reads_a_handle_printed_with_blanks():
    async def use(modem):
        sockets = SerialLteModemSockets(modem.at, modem._data_mode)
        lines = await modem.at.command("#XSOCKET=1,1,0", b"#XSOCKET:")
        assert lines == [b" 1, 1, 0, 6"]
        modem.at.line_end = sockets.line_end
        assert await modem._is_connected()

    await ask(FOLDER / "nrf9160-slm-1.4/tinygsm.txt", NordicModem, use)


async def test_hears_registration_and_power_saving_in_the_logged_notifications():
    async def use(modem):
        await sleep_ms(500)
        assert modem.registration == 2
        assert modem._reject_cause == 11
        await sleep_ms(20000)
        assert modem.registration == 5
        assert modem.access_technology == 7
        assert modem._granted_psm() is None  # 11100000 twice: both timers deactivated
        assert modem._edrx is not None
        assert modem._edrx[2] == 163.84

    await ask(FOLDER / "nrf9160/attach.txt", NordicModem, use)


async def test_no_address_is_no_data_connection():
    async def use(modem):
        with pytest.raises(NotAttached, match="no data connection"):
            await modem._connect("super", ticks_add(ticks_ms(), 5000))

    await ask(FOLDER / "nrf9151/socket_manual.txt", NordicModem, use)


async def test_opens_and_keeps_a_datagram_that_comes_by_itself():
    async def use(modem):
        socket = ModemSocket(modem, 3, 1235, 1400, 60000)
        modem._sockets[3] = socket
        modem._handles[3] = await modem._commands.create()
        assert modem._handles[3] == 1
        text = '#XSENDTO=1,0,0,"test.server.com",1235,"Delayed UDP data"'
        await modem.at.command(text)
        assert await socket.receive(1000) == (b"Delayed UDP data", "111.112.113.114", 1235)

    await ask(FOLDER / "nrf9151/recvcfg_manual.txt", NordicModem, use)


async def test_reads_and_closes_as_documented():
    async def use(modem):
        socket = ModemSocket(modem, 0, 1235, 1400, 60000)
        modem._sockets[0] = socket
        modem._handles[0] = 0
        await modem._commands.bind(socket, 0)
        lines = await modem.at.command("#XRECVFROM=0,0,0,1", b"#XRECVFROM: ")
        assert datagram_of("", modem.at, lines) == (b"echo this", "2001:db8::1", 54321)
        assert socket._hinted
        await modem._close_connection(socket)

    await ask(FOLDER / "nrf9151/socket_manual.txt", NordicModem, use)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v1.0.1", (1, 0)),
        ("v0.1.0", (0, 1)),
        ("v2.0.0-preview1", (2, 0)),
        ("2.5.99-dev1", (2, 5)),
        ("1.2", (1, 2)),
        ("2.9-rc1", (2, 9)),
        ("7", (7, 0)),
        ("custom build", (99, 0)),
    ],
)
def test_reads_versions(text, version):
    assert _version_of(text) == version


@pytest.mark.parametrize(
    ("header", "field"),
    [
        (b'0,0,9,"100.64.0.1",6969', 2),
        (b'0,1,9,"100.64.0.1",6969', -1),  # hexadecimal: the data is a line of its own
        (b'9,"100.64.0.1",6969', 0),
        (b'9,"100.64.0.1:6969"', -1),  # before 1.9 the data came first
        (b"9", -1),
    ],
)
def test_finds_the_length_in_every_form_of_the_header(header, field):
    assert raw_length(header.split(b",")) == field
