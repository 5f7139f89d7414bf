"""What drivers say in each situation, byte for byte; the modem's side is a script."""

import asyncio

from device.errors import (
    InvalidValue,
    ModemRestarted,
    ModemTimeout,
    NotAttached,
    NotSupported,
    SendFailed,
    SocketClosed,
)
from device.portable import sleep_ms, ticks_add, ticks_diff, ticks_ms
from modem_drivers import models
from modem_drivers.quectel import QuectelModem
from modem_drivers.simcom_ca import SimcomCaModem
from tests.portable.at_script import play
from tests.portable.raises import raises
from tests.portable.test_at_quectel import BG95_OPEN, BG95_START


def bg95(stream, **options):
    return QuectelModem(stream, "BG95", **options)


def sim7080(stream, **options):
    return SimcomCaModem(stream, "SIM7080G", **options)


def started(make):
    """Return a maker of drivers that skip start: the script begins behind it."""

    def make_started(stream):
        modem = make(stream)
        modem.at.start()
        modem._ready = True
        return modem

    return make_started


async def test_a_modem_that_boots_by_itself_gets_no_pulse():
    pulses = []

    async def power_key():
        pulses.append(1)

    async def use(modem):
        with raises(ModemTimeout):
            await modem.start()

    class Deaf(QuectelModem):
        MODELS = (("BG95", True, 3000),)

        async def _answers(self, filler_bytes=0):
            await sleep_ms(2500)
            if filler_bytes:
                self._boot_seen.set()
            return False

    await play("", lambda s: Deaf(s, power_key=power_key), use)
    assert pulses == []


async def test_a_pulse_that_switched_the_modem_off_is_followed_by_another():
    pulses = []
    state = []

    class Fake(QuectelModem):
        async def _answers(self, filler_bytes=0):
            await sleep_ms(2500)
            return len(pulses) == 2

        async def _set_up(self):
            state.append("set up")

    async def use(modem):
        async def power_key():
            pulses.append(ticks_ms())
            if len(pulses) == 1:
                modem._on_power_down(b"", None)

        modem._power_key = power_key
        await modem.start()

    await play("", Fake, use)
    assert state == ["set up"]
    assert 2500 <= ticks_diff(pulses[1], pulses[0]) < 5000


async def test_a_restart_during_a_command_needs_a_new_start():
    async def use(modem):
        with raises(ModemRestarted, "CSQ"):
            await modem.read_signal()
        with raises(ModemRestarted, "start"):
            await modem.attach("super", 1000)

    await play("> AT+CSQ\n< RDY", started(bg95), use)


async def test_late_boot_lines_are_expected_after_a_start_and_a_restart_later():
    script = r"""
        > AT+CSQ
        < APP RDY
        < +CSQ: 31,99
        < OK
        > AT+CESQ
        < ERROR
        > AT+QCSQ
        < +QCSQ: "NOSERVICE"
        < OK
        ~ 70000
        > AT+CSQ
        < APP RDY
    """

    async def use(modem):
        assert await modem.read_signal() == (-51, None, None)
        await sleep_ms(71000)
        with raises(ModemRestarted):
            await modem.read_signal()

    await play(script, started(bg95), use)


async def test_a_sim_that_never_gets_ready():
    async def use(modem):
        began = ticks_ms()
        with raises(NotAttached, "SIM", "+CME ERROR: 10"):
            await modem.attach("super", 3000)
        assert ticks_diff(ticks_ms(), began) < 4500

    script = "> AT+CPIN?\n< +CME ERROR: 10\n> AT+CFUN?\n< +CFUN: 1\n< OK\n"
    await play(script + "> AT+CPIN?\n< +CME ERROR: 10\n" * 3, started(bg95), use)


async def test_a_sim_that_sleeps_in_minimum_functionality_is_woken_with_the_radio_still_off():
    for answer in ("+CME ERROR: 10", "+CPIN: NOT READY\n< OK"):
        script = "> AT+CPIN?\n< " + answer + "\n> AT+CFUN?\n< +CFUN: 0\n< OK\n"
        script += "> AT+CFUN=4\n~ 15000\n< OK\n> AT+CPIN?\n< +CPIN: READY\n< OK"
        deadline = ticks_add(ticks_ms(), 60000)
        await play(script, started(bg95), lambda modem: modem._wait_sim(deadline))  # noqa: B023


async def test_a_sim_with_a_pin_is_told_at_once():
    async def use(modem):
        with raises(NotAttached, "PIN"):
            await modem.attach("super", 60000)

    await play("> AT+CPIN?\n< +CPIN: SIM PIN\n< OK", started(bg95), use)


async def test_the_radio_is_switched_on_without_being_switched_off_first():
    script = r"""
        > AT+CGDCONT?
        < OK
        > AT+CFUN?
        < +CFUN: 0
        < OK
        > AT+CGDCONT=1,"IP","super"
        < OK
        > AT+CFUN=1
        < OK
    """
    await play(script, started(bg95), lambda modem: modem._define_context("super"))


async def test_a_modem_registered_on_2g_or_3g_only():
    script = r"""
        > AT+CEREG?
        < +CEREG: 4,0
        < OK
        > AT+CGREG?
        < +CGREG: 0,5
        < OK
    """

    async def use(modem):
        assert await modem._read_registration()
        assert modem.registration == 5

    await play(script, started(bg95), use)


async def test_a_lost_data_connection_is_deactivated_before_it_is_activated():
    script = r"""
        < +QIURC: "pdpdeact",1
        ~ 100
        > AT+QIDEACT=1
        < OK
        > AT+QIACT=1
        < OK
    """

    async def use(modem):
        await sleep_ms(50)
        await modem._activate(1000)

    await play(script, started(bg95), use)


async def test_activation_refused_because_it_is_active_is_no_failure():
    script = r"""
        > AT+QIACT?
        < OK
        > AT+QIACT=1
        < ERROR
        > AT+QIACT?
        < +QIACT: 1,1,1,"10.3.118.130"
        < OK
    """
    await play(script, started(bg95), lambda modem: modem._activate(1000))


OPEN_REFUSED = r"""
    > AT+QIACT?
    < +QIACT: 1,1,1,"10.3.118.130"
    < OK
    > AT+QICLOSE=0
    < OK
    > AT+QIOPEN=1,0,"UDP SERVICE","127.0.0.1",0,4242,0
    {first}
    > AT+QISTATE=0,1
    < +QISTATE: 2,"UDP SERVICE","10.7.157.1",0,4242,2,1,2,0,"uart1"
    < OK
    > AT+QICLOSE=2
    < OK
    > AT+QICLOSE=0
    < ERROR
    > AT+QIOPEN=1,0,"UDP SERVICE","127.0.0.1",0,4242,0
    < OK
    < +QIOPEN: 0,{second}
"""


async def test_a_port_that_an_older_socket_holds_is_freed():
    at_once = '< ERROR\n    > AT+QIGETERROR\n    < +QIGETERROR: 563, "in use"\n    < OK'
    for first in ("< OK\n    < +QIOPEN: 0,574", "< OK\n    < +QIOPEN: 0,556", at_once):
        script = OPEN_REFUSED.replace("{first}", first).replace("{second}", "0")
        await play(script, started(bg95), lambda modem: modem.open_udp(4242))


async def test_a_port_that_stays_taken_is_told_with_its_number():
    script = OPEN_REFUSED.replace("{first}", "< OK\n< +QIOPEN: 0,574").replace("{second}", "574")

    async def use(modem):
        with raises(Exception, "4242", "port busy") as caught:
            await modem.open_udp(4242)
        assert caught.error.code == 574

    await play(script, started(bg95), use)


async def test_freeing_a_port_spares_the_sockets_in_use():
    script = (
        BG95_OPEN.replace("> AT+QIRD=0\n    < +QIRD: 0\n    < OK\n", "")
        + r"""
        > AT+QIACT?
        < +QIACT: 1,1,1,"10.3.118.130"
        < OK
        > AT+QICLOSE=1
        < OK
        > AT+QIOPEN=1,1,"UDP SERVICE","127.0.0.1",0,4343,0
        < OK
        < +QIOPEN: 1,574
        > AT+QISTATE=0,1
        < +QISTATE: 0,"UDP SERVICE","10.7.157.1",0,4242,2,1,0,0,"uart1"
        < +QISTATE: 7,"UDP SERVICE","10.7.157.1",0,4343,2,1,7,0,"uart1"
        < OK
        > AT+QICLOSE=7
        < OK
        > AT+QICLOSE=1
        < OK
        > AT+QIOPEN=1,1,"UDP SERVICE","127.0.0.1",0,4343,0
        < OK
        < +QIOPEN: 1,0
    """
    )

    async def use(modem):
        first = await modem.open_udp(4242)
        await modem.open_udp(4343)
        assert not first.lost

    await play(script, started(bg95), use)


async def with_socket(modem, use):
    socket = await modem.open_udp(4242)
    with raises(Exception, "no datagram"):
        await socket.receive(0)
    return await use(socket)


async def test_a_send_that_fails_is_repeated_and_then_given_up():
    send = '> AT+QISEND=0,1,"1.2.3.4",5\n<| > \n>| x\n'

    async def use(socket):
        await socket.send_to(b"x", "1.2.3.4", 5)
        with raises(SendFailed):
            await socket.send_to(b"x", "1.2.3.4", 5)

    script = BG95_OPEN + send + "< SEND FAIL\n" + send + "< SEND OK\n"
    script += (send + "< SEND FAIL\n") * 4
    await play(script, started(bg95), lambda modem: with_socket(modem, use))


async def test_a_send_on_a_socket_that_is_gone():
    script = BG95_OPEN + '> AT+QISEND=0,1,"1.2.3.4",5\n< ERROR\n> AT+QISTATE=1,0\n< OK'

    async def use(socket):
        with raises(SocketClosed):
            await socket.send_to(b"x", "1.2.3.4", 5)
        with raises(SocketClosed):
            await socket.receive(1000)

    await play(script, started(bg95), lambda modem: with_socket(modem, use))


async def test_the_answer_to_a_read_that_was_given_up_is_kept():
    script = (
        BG95_OPEN
        + r"""
        ~ 100
        < +QIURC: "recv",0
        > AT+QIRD=0
        ~ 5200
        <| \r\n+QIRD: 4,"1.2.3.4",5\r\nlate\r\n\r\nOK\r\n
        > AT
        < OK
        > AT+QIRD=0
        < +QIRD: 0
        < OK
    """
    )

    async def use(socket):
        with raises(ModemTimeout, "QIRD"):
            await socket.receive(60000)
        await sleep_ms(1000)
        assert await socket.receive(1000) == (b"late", "1.2.3.4", 5)
        with raises(Exception, "no datagram"):
            await socket.receive(1000)

    await play(script, started(bg95), lambda modem: with_socket(modem, use))


async def test_recvind_and_urcs_of_sockets_that_are_none():
    script = (
        BG95_OPEN
        + r"""
        ~ 100
        < +QIURC: "recv",5
        < +QIURC: "recv",x
        < +QIURC: "recv",0,4
        > AT+QIRD=0
        <| \r\n+QIRD: 4,"1.2.3.4",5\r\nabcd\r\n\r\nOK\r\n
    """
    )

    async def use(socket):
        assert await socket.receive(1000) == (b"abcd", "1.2.3.4", 5)
        assert socket.found_without_urc == 0
        assert socket._modem.at.handler_errors == 0

    await play(script, started(bg95), lambda modem: with_socket(modem, use))


async def test_a_sim7080_that_does_not_tell_the_sender():
    script = r"""
        > AT+CARECV=0,1460
        < +CARECV: 0
        < OK
        < +CANEW: 0,0,100.64.0.1,6969
        < +CADATAIND: 0
        > AT+CARECV=0,1460
        <| \r\n+CARECV: 5,a,b,c\r\n\r\nOK\r\n
        > AT+CARECV=0,1460
        < OK
    """

    async def use(modem):
        from modem_drivers.modem_socket import ModemSocket

        socket = ModemSocket(modem, 0, 4242, 1460, 60000)
        modem._sockets[0] = socket
        assert await socket.receive(1000) == (b"a,b,c", "100.64.0.1", 6969)
        with raises(Exception, "no datagram"):
            await socket.receive(1000)

    await play(script, started(sim7080), use)


async def test_a_sim7080_whose_bearer_fails():
    script = r"""
        > AT+CNACT?
        < +CNACT: 0,0,"0.0.0.0"
        < OK
        > AT+CNACT=0,1
        < OK
        < +APP PDP: 0,DEACTIVE
    """

    async def use(modem):
        with raises(NotAttached, "DEACTIVE"):
            await modem._activate(1000)

    await play(script, started(sim7080), use)


async def test_edrx_that_is_granted_late():
    script = r"""
        > AT+CEDRXS=2,4,"0101"
        < OK
        > AT+CEDRXRDP
        < +CEDRXRDP: 4,"0010","0010","0000"
        < OK
        > AT+CEDRXRDP
        < +CEDRXRDP: 0
        < OK
        ~ 100
        < +CEDRXP: 4,"0101","0011","0000"
        > AT+CEDRXRDP
        < ERROR
    """

    async def use(modem):
        assert await modem.set_edrx(81.92) == 40.96

    await play(script, started(bg95), use)


async def test_a_psm_grant_of_before_is_not_taken_for_the_new_one():
    old = '"2B67","1A2D003",8,,,"00000101","00000110"'
    script = (
        f"> AT+CEREG?\n< +CEREG: 4,5,{old}\n< OK\n"
        '> AT+CPSMS=1,,,"00000110","00001010"\n< OK\n'
        f"> AT+CEREG?\n< +CEREG: 4,5,{old}\n< OK\n"
        "~ 300\n"
        '< +CEREG: 5,"2B67","1A2D003",8,,,"00001000","00000110"\n'
    )

    async def use(modem):
        assert await modem.set_psm(20, 3600) == (16, 3600)

    await play(script, started(bg95), use)


async def test_a_sim7080_asks_for_psm_anew():
    script = r"""
        > AT+CEREG?
        < +CEREG: 4,5,"2B67","1A2D003",7,,,"00000000","01100000"
        < OK
        > AT+CPSMS=0
        < OK
        > AT+CPSMS=1,,,"00000110","00001010"
        < OK
        > AT+CEREG?
        < +CEREG: 4,5,"2B67","1A2D003",7,,,"00001010","00000110"
        < OK
    """

    async def use(modem):
        assert await modem.set_psm(20, 3600) == (20, 3600)

    await play(script, started(sim7080), use)


async def test_models_without_power_saving_say_so_and_say_nothing_to_the_modem():
    async def use(modem):
        with raises(NotSupported, "EG25-G"):
            await modem.set_edrx(81.92)
        with raises(NotSupported, "EG25-G"):
            await modem.set_psm(20, 3600)

    await play("", started(lambda s: models.create("eg25-g", s)), use)


async def test_identity_of_a_sim_number_with_filler_digits():
    script = r"""
        > AT+CGSN
        < +CGSN: "864475040000017"
        < OK
        > AT+QCCID
        < +QCCID: 8988307000000000001F
        < OK
        > AT+CGMM
        < BG95-M3
        < OK
        > AT+CGMR
        < ERROR
    """

    async def use(modem):
        identity = await modem.read_identity()
        assert identity == ("864475040000017", "8988307000000000001", "BG95-M3", "")

    await play(script, started(bg95), use)


async def test_power_off_of_a_firmware_that_says_nothing():
    async def use(modem):
        began = ticks_ms()
        await modem.power_off()
        return ticks_diff(ticks_ms(), began)

    assert 5000 <= await play("> AT+QPOWD\n< OK\n> AT", started(bg95), use) < 7000
    script = "> AT+QPOWD\n< OK\n~ 2000\n< POWERED DOWN"
    assert 2000 <= await play(script, started(bg95), use) < 2200
    script = "> AT+CPOWD=1\n~ 1000\n< NORMAL POWER DOWN"
    assert 1000 <= await play(script, started(sim7080), use) < 1200


async def test_commands_of_the_boards_own():
    async def use(modem):
        await modem._set_up()

    script = BG95_START[BG95_START.index("> ATE0") :].replace("> AT+QISTATE", "{own}> AT+QISTATE")
    script = script.replace("{own}", '> AT+QCFG="nwscanseq",02\n< OK\n')
    await play(script, started(lambda s: bg95(s, setup=('+QCFG="nwscanseq",02',))), use)


async def test_a_command_refused_while_the_modem_boots_is_repeated():
    async def use(modem):
        began = ticks_ms()
        await modem._insist("+CMEE=1")
        assert ticks_diff(ticks_ms(), began) >= 2000
        with raises(Exception, "AT+X -> ERROR"):
            await modem._insist("+X")

    script = "> AT+CMEE=1\n< ERROR\n> AT+CMEE=1\n< +CME ERROR: 14\n> AT+CMEE=1\n< OK\n"
    await play(script + "> AT+X\n< ERROR\n" * 6, started(bg95), use)


async def test_models_are_created_by_name():
    class NoStream:
        pass

    for name in models.NAMES:
        for spelling in (name, name.lower()):
            driver = models.create(spelling, NoStream())
            assert driver.model == name
    assert models.create("sim7080", NoStream()).model == "SIM7080G"
    assert models.create("bg95", NoStream(), poll_ms=5).poll_ms == 5
    with raises(InvalidValue, "'nokia'", "BG95"):
        models.create("nokia", NoStream())
    with raises(InvalidValue, "BG95"):
        QuectelModem(NoStream(), "SIM7080G")


async def test_close_before_start():
    async def use(modem):
        await asyncio.sleep(0)

    await play("", bg95, use)


async def test_the_end_of_an_older_connection_spares_a_socket_that_is_being_opened():
    script = r"""
        > AT+QIACT?
        < +QIACT: 1,1,1,"10.3.118.130"
        < OK
        > AT+QICLOSE=0
        < OK
        > AT+QIOPEN=1,0,"UDP SERVICE","127.0.0.1",0,4242,0
        < OK
        < +CGEV: NW PDN DEACT 1
        < +QIOPEN: 0,0
        ~ 100
        < +CGEV: NW PDN DEACT 2
        ~ 100
        < +CGEV: NW PDN DEACT 1
    """

    async def use(modem):
        socket = await modem.open_udp(4242)
        await sleep_ms(150)
        assert not socket.lost
        await sleep_ms(100)
        with raises(SocketClosed, "NW PDN DEACT 1", "attach again"):
            await socket.receive(1000)

    await play(script, started(bg95), use)


async def test_timers_are_read_where_the_rest_of_a_registration_is_empty():
    async def use(modem):
        await sleep_ms(50)
        assert modem._granted_psm() == (20, 3600)
        assert modem.access_technology == 7
        await sleep_ms(100)
        assert modem._granted_psm() is None

    script = '< +CEREG: 5,"2B67","1A2D003",7\n< +CEREG: 5,,,,,,"00001010","00000110"\n'
    await play(script + '~ 100\n< +CEREG: 5,"2B67","1A2D003",7', started(bg95), use)
