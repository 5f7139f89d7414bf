"""What drivers say to attach, to save power and to ask, byte for byte."""

from ip_commands.device.errors import NotAttached, NotSupported
from ip_commands.device.portable import sleep_ms, ticks_add, ticks_diff, ticks_ms
from ip_commands.modem_drivers import models
from tests.drivers.scripted_drivers import bg95, sim7080, started
from tests.portable.at_script import play
from tests.portable.raises import raises


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
        > AT+QIACT?
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


async def test_timers_are_read_where_the_rest_of_a_registration_is_empty():
    async def use(modem):
        await sleep_ms(50)
        assert modem._granted_psm() == (20, 3600)
        assert modem.access_technology == 7
        await sleep_ms(100)
        assert modem._granted_psm() is None

    script = '< +CEREG: 5,"2B67","1A2D003",7\n< +CEREG: 5,,,,,,"00001010","00000110"\n'
    await play(script + '~ 100\n< +CEREG: 5,"2B67","1A2D003",7', started(bg95), use)
