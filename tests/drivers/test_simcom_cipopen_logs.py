"""The SIM7600/A76XX/SIM767X driver over logs of real modules and the manual's examples."""

import pytest

from ip_commands.device.errors import CommandError, NotAttached
from ip_commands.device.portable import sleep_ms
from ip_commands.modem_drivers.modem_socket import ModemSocket
from ip_commands.modem_drivers.simcom_cipopen import SimcomCipopenModem
from tests.captures.capture import FOLDER
from tests.drivers.recorded_modem import ask, capture_name, captures_of, check_capture

FILES = captures_of("sim7600", "sim7500", "a76", "sim767")
PAYLOADS = {"a7670/udp_manual": [b"HELLO CLIENT\r\n", b"data ", b"server"]}


@pytest.mark.parametrize("path", FILES, ids=capture_name)
@pytest.mark.parametrize("cut", [1, 7, 2048])
def test_the_parser_reads_every_capture(path, cut):
    check_capture(path, SimcomCipopenModem.RAW_RULES, cut, PAYLOADS.get(capture_name(path), []))


def linked(modem, number=1):
    socket = ModemSocket(modem, number, 5000, 1500, 60000)
    modem._sockets[number] = socket
    return socket


def a7670(stream):
    return SimcomCipopenModem(stream, "A7670")


@pytest.mark.parametrize("cut", [0, 1, 7])
async def test_the_manuals_udp_pushed_and_buffered(cut):
    class AskedIsClosed(SimcomCipopenModem):
        async def _is_connected(self):
            return False

        async def _configure(self):
            pass

    async def use(modem):
        await modem._activate(5000)
        socket = linked(modem)
        assert await modem._open(socket) == ""
        assert await modem._send_datagram(socket, b"HELLO", "117.131.85.139", 5254)
        modem._pushes = True
        assert await socket.receive(1000) == (b"HELLO CLIENT\r\n", "117.131.85.139", 5254)
        await modem._close_connection(socket)
        assert await modem._open(socket) == ""
        await sleep_ms(50)
        assert socket._hinted
        lines = await modem.at.command("+CIPRXGET=2,1,5", b"+CIPRXGET: 2,")
        assert lines == [b"1,5,11", b"data "]
        with pytest.raises(CommandError):
            await modem.at.command("+CIPRXGET=2,2")
        assert modem._error == "No data"
        lines = await modem.at.command("+CIPRXGET=2,1", b"+CIPRXGET: 2,")
        assert lines == [b"1,6,0", b"server"]

    await ask(FOLDER / "a7670/udp_manual.txt", lambda s: AskedIsClosed(s, "A7670"), use, cut)


async def test_a_real_sim7600_that_opens_no_network():
    async def use(modem):
        assert await modem._read_registration()
        with pytest.raises(NotAttached, match=r"AT\+NETOPEN -> ERROR"):
            await modem._activate(5000)

    await ask(FOLDER / "sim7600/netopen_error.txt", SimcomCipopenModem, use)


async def test_a_real_sim7600s_sockets_and_send():
    async def use(modem):
        assert await modem._states() == ["1"] + ["0"] * 9
        payload = b"1234567890123456789012345678901"
        lines = await modem.at.command("+CIPSEND=0,31", then=b"+CIPSEND: 0,", data=payload)
        assert lines == [b"31,31"]

    await ask(FOLDER / "sim7600/send_status.txt", SimcomCipopenModem, use)


async def test_a_real_sim7600s_boot_lines_are_known():
    booted = []

    async def use(modem):
        modem._boot_seen.clear()
        await sleep_ms(50)
        booted.append(modem._boot_seen.is_set())

    await ask(FOLDER / "sim7600/boot_banner.txt", SimcomCipopenModem, use)
    assert booted == [True]


async def test_a_real_a7670_that_is_denied():
    async def use(modem):
        modem._expects_boot = True
        await modem.at.synchronise()
        assert modem._boot_seen.is_set()
        modem._expects_boot = False
        assert not await modem._read_registration()
        assert await modem.read_signal() == (None, None, None)
        assert not await modem._read_registration()

    await ask(FOLDER / "a7670/boot_denied.txt", a7670, use)


async def test_a_real_a7670_whose_sim_comes_late():
    async def use(modem):
        modem._expects_boot = True
        await modem.at.synchronise()
        with pytest.raises(NotAttached, match="SIM failure"):
            await modem._wait_sim(0)
        assert await modem._try("+CNMP=2")
        assert not await modem._read_registration()

    await ask(FOLDER / "a7670/boot_sim_failure.txt", a7670, use)
