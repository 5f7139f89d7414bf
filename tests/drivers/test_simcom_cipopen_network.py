"""The SIM7600/A76XX/SIM767X driver over scripts: opening, the network, and power saving."""

import pytest

from ip_commands.device.errors import (
    CommandError,
    ModemRestarted,
    NotAttached,
    NotSupported,
    SocketClosed,
)
from ip_commands.device.portable import sleep_ms
from ip_commands.modem_drivers import models
from ip_commands.modem_drivers.simcom_cipopen import SimcomCipopenModem
from tests.drivers.simcom_cipopen_scripts import (
    ATTACH,
    HELLO,
    NET_DOWN,
    NET_UP,
    NETOPEN,
    OPEN,
    PUSHED,
    START,
    converse,
)
from tests.portable.at_script import play


# --- open and close ------------------------------------------------------------------------------
async def test_the_result_may_come_behind_ok():
    async def use(modem):
        await modem.open_udp(4242)

    await converse(OPEN.replace("< +CIPOPEN: 0,0\n< OK", "< OK\n~ 900\n< +CIPOPEN: 0,0"), use)


CLOSE = "> AT+CIPCLOSE=0\n< +CIPCLOSE: 0,4\n< ERROR\n"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("< +CIPOPEN: 0,6\n< ERROR\n", "error 6, bind failed"),
        ("< +IP ERROR: Invalid parameter\n< ERROR\n", "Invalid parameter"),
        ("< ERROR\n", "-> ERROR"),
        ("< OK\n< +CIPOPEN: 0,99\n", "error 99"),
        ("< OK\n~ 20100\n", "no result"),
    ],
)
async def test_an_open_that_fails_twice_tells_why(answer, reason):
    async def use(modem):
        with pytest.raises(CommandError, match=reason):
            await modem.open_udp(4242)

    failed = '> AT+CIPOPEN=0,"UDP",,,4242\n' + answer
    await converse(NET_UP + failed + CLOSE + failed, use)


async def test_a_socket_of_before_is_closed_first():
    failed = '> AT+CIPOPEN=0,"UDP",,,4242\n< +IP ERROR: Connection is already created\n< ERROR\n'
    closed = "> AT+CIPCLOSE=0\n< +CIPCLOSE: 0,0\n< OK\n"

    async def use(modem):
        await modem.open_udp(4242)

    await converse(NET_UP + failed + closed + OPEN[len(NET_UP) :], use)


async def test_start_closes_what_an_earlier_program_left():
    script = HELLO + NET_UP + "> AT+CIPCLOSE?\n< +CIPCLOSE: 0,1,0,0\n< OK\n"
    script += "> AT+CIPCLOSE=1\n< +CIPCLOSE: 1,0\n< OK\n"
    script += "> AT+NETCLOSE\n< OK\n< +NETCLOSE: 0\n> AT+CEREG=2\n< OK\n"

    async def use(modem):
        await modem.start()

    for model in ("SIM7670G", "A7672"):
        await play(script, lambda s, model=model: models.create(model, s), use)


def test_the_models_have_their_own_numbers_of_sockets():
    assert SimcomCipopenModem(None, "SIM7672G").CONNECTIONS == 4
    assert SimcomCipopenModem(None, "A7670").CONNECTIONS == 10


# --- the data connection -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("< ERROR\n", r"AT\+NETOPEN -> ERROR$"),
        ("< OK\n< +NETOPEN: 1\n", "network failure"),
        ("< +IP ERROR: Operation failed\n< ERROR\n", "Operation failed"),
    ],
)
async def test_a_refused_network_is_no_data_connection(answer, reason):
    script = START + ATTACH + NET_DOWN + PUSHED + "> AT+NETOPEN\n" + answer + NET_DOWN

    async def use(modem):
        await modem.start()
        with pytest.raises(NotAttached, match=reason):
            await modem.attach("super", 60000)

    await play(script, lambda s: models.create("sim7600", s), use)


async def test_already_open_is_open():
    script = START + ATTACH + NET_DOWN + PUSHED
    script += "> AT+NETOPEN\n< +IP ERROR: Network is already opened\n< ERROR\n" + NET_UP

    async def use(modem):
        await modem.start()
        await modem.attach("super", 60000)

    await play(script, lambda s: models.create("sim7600", s), use)


async def test_a_network_closed_unexpectedly_is_closed_and_opened_again():
    script = OPEN + "~ 100\n< +CIPEVENT: NETWORK CLOSED UNEXPECTEDLY\n" + ATTACH + NET_UP
    script += "> AT+NETCLOSE\n< OK\n< +NETCLOSE: 0\n" + PUSHED + NETOPEN + OPEN

    async def use(modem):
        socket = await modem.open_udp(4242)
        with pytest.raises(SocketClosed, match="NETWORK CLOSED"):
            await socket.receive(5000)
        await modem.attach("super", 60000)
        await modem.open_udp(4242)

    # the old socket is not closed here: its number is taken over
    await converse(script, use)


@pytest.mark.parametrize("line", ["RDY", "*ATREADY: 1", "POWERD DOWN"])
async def test_a_restart_is_told(line):
    async def use(modem):
        socket = await modem.open_udp(4242)
        with pytest.raises(ModemRestarted):
            await socket.receive(20000)

    await converse(OPEN + f"~ 100\n< {line}\n", use)


async def test_sms_done_after_the_radio_was_switched_on_is_no_restart():
    attach = ATTACH.replace("+CFUN: 1", "+CFUN: 0").replace(
        "> AT+CEREG?", "> AT+CFUN=1\n< OK\n< +CPIN: READY\n< SMS DONE\n< PB DONE\n> AT+CEREG?"
    )

    async def use(modem):
        await modem.start()
        await sleep_ms(70000)
        await modem.attach("super", 60000)

    script = START + attach + NET_DOWN + PUSHED + NETOPEN
    await play(script, lambda s: models.create("sim7600", s), use)


# --- power saving --------------------------------------------------------------------------------
async def test_only_a_sim767x_has_edrx_and_none_has_psm():
    async def use(modem):
        with pytest.raises(NotSupported, match=modem.model):
            await modem.set_psm(20, 3600)
        with pytest.raises(NotSupported, match=modem.model):
            await modem.set_edrx(81.92)

    await converse("", use)

    script = '> AT+CEDRXS=2,4,"0101"\n< ERROR\n> AT+CEDRXS=1,4,"0101"\n< OK\n'
    long_form = '> AT+CEDRXRDP\n< +CEDRXRDP: 4,"0101","0011","0001"\n< OK\n'
    still_old = '> AT+CEDRXRDP\n< +CEDRXRDP: 4,"0011"\n< OK\n~ 900\n'
    in_use = '> AT+CEDRXRDP\n< +CEDRXRDP: 4,"0101"\n< OK\n'
    unused = "> AT+CEDRXRDP\n< +CEDRXRDP: 0\n< OK\n~ 900\n"

    async def edrx(modem):
        assert await modem.set_edrx(81.92) == 40.96
        assert await modem.set_edrx(81.92) == 81.92
        assert await modem.set_edrx(81.92) is None

    said = script + long_form + script + still_old + in_use + script + unused * 11
    await converse(said, edrx, model="SIM7670G")
