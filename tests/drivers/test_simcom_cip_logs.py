"""The SIM7000/SIM800 driver over logs of real modules and the manual's examples."""

import pytest

from ip_commands.device.errors import CommandError, ModemRestarted
from ip_commands.modem_drivers.modem_socket import ModemSocket
from ip_commands.modem_drivers.simcom_cip import SimcomCipModem
from tests.captures.capture import FOLDER
from tests.drivers.recorded_modem import ask, capture_name, captures_of, check_capture

FILES = captures_of("sim7000", "sim800")
PAYLOADS = {"sim7000g/udp_extended_manual": [b"test1", b"test2", b"test3"]}


@pytest.mark.parametrize("path", FILES, ids=capture_name)
@pytest.mark.parametrize("cut", [1, 7, 2048])
def test_the_parser_reads_every_capture(path, cut):
    check_capture(path, SimcomCipModem.RAW_RULES, cut, PAYLOADS.get(capture_name(path), []))


def connected(modem, number=0, local_port=8888):
    socket = ModemSocket(modem, number, local_port, 1460, 60000)
    modem._sockets[number] = socket
    return socket


@pytest.mark.parametrize("cut", [0, 1, 7])
async def test_the_manuals_extended_mode(cut):
    async def use(modem):
        socket = connected(modem)
        await modem._open(socket)
        socket.opened = True
        await modem.at.command("+CIPUDPMODE?", b"+CIPUDPMODE:")
        assert await socket.receive(1000) == (b"test1", "116.228.221.51", 9600)
        assert await socket.receive(1000) == (b"test2", "116.228.221.51", 1234)
        assert await socket.receive(1000) == (b"test3", "10.78.103.220", 5678)
        await modem.at.command('+CIPUDPMODE=2,"211.136.131.65",4500')

    def make(stream):
        return SimcomCipModem(stream, peer=("116.228.221.51", 9600))

    await ask(FOLDER / "sim7000g/udp_extended_manual.txt", make, use, cut)


async def test_the_states_of_a_real_sim800():
    async def use(modem):
        states = [await modem._state() for _ in range(4)]
        assert states == ["IP INITIAL", "IP START", "IP GPRSACT", "IP STATUS"]
        await modem._activate(5000)

    await ask(FOLDER / "sim800/states.txt", lambda s: SimcomCipModem(s, "SIM800"), use)


async def test_network_time_inside_a_real_sim800s_answers():
    async def use(modem):
        assert await modem.at.command("+CGACT=1,1", None) == []
        lines = await modem.at.command("+SAPBR=2,1", None)
        assert lines == [b'+SAPBR: 1,1,"10.44.68.152"']

    await ask(FOLDER / "sim800/nitz_in_cgact.txt", lambda s: SimcomCipModem(s, "SIM800"), use)


async def test_a_real_sim800_that_boots_while_it_is_asked():
    async def use(modem):
        await modem.at.command("")
        for text in ("+CLTS=1", "+CFUN=1,1"):
            await modem.at.command(text)
        with pytest.raises(Exception, match="no answer"):
            await modem.at.command("", timeout_ms=3200)
        await modem.at.synchronise()
        await modem.at.command("E0")
        with pytest.raises(CommandError):
            await modem.at.command("+CPIN?")
        with pytest.raises(ModemRestarted):  # RDY
            await modem.at.command("+CPIN?")

    await ask(FOLDER / "sim800/boot_garbage.txt", lambda s: SimcomCipModem(s, "SIM800"), use)


async def test_the_psm_commands_that_users_tell():
    async def use(modem):
        for text in ("+CPSMSTATUS=1", "+CEREG=4", "+CSCLK=1"):
            assert await modem._try(text)
        await modem.at.command('+CPSMS=1,,,"01000111","00000000"')

    await ask(FOLDER / "sim7000g/psm_setup.txt", SimcomCipModem, use)
