"""Reported: what an earlier program left (+COPS=2, +CGATT=0), and states that were not known."""

import pytest

from ip_commands.device.errors import NotAttached
from ip_commands.device.portable import sleep_ms, ticks_add, ticks_diff, ticks_ms
from ip_commands.modem_drivers import models
from ip_commands.modem_drivers.modem import AtModem
from tests.drivers.modem_bench import ModemBench
from tests.drivers.reported import asked, tell
from tests.portable.raises import raises

FAMILIES = (
    "BG95",
    "EC25",
    "SIM7080G",
    "SIM7000G",
    "SIM800",
    "SIM7600",
    "A7670",
    "SARA-R410M",
    "SARA-R5",
    "GM02SP",
    "nRF9160",
    "ME310G1",
)
FAKES = (
    "bg95",
    "bg96",
    "ec25",
    "sim7080g",
    "sim7000g",
    "sim800",
    "sim7600",
    "a7670",
    "sara-r410m",
    "sara-r422",
    "sara-r510s",
    "lara-r6",
    "gm02sp",
    "nrf9160",
    "me310g1",
)


def states(model, *rows):
    """Return the script of registration questions: a row is (+CEREG, +CGREG) or one for both."""
    script = ""
    commands = models.create(model, None).REGISTRATION
    for row in rows:
        for command in commands:
            stat = row if isinstance(row, str) else row[command != "+CEREG"]
            script += asked(command + "?", f"{command}: {stat}")
            if stat.partition(",")[2][:2] in ("1", "5", "9", "10"):
                break
    return script


async def registers(modem):
    """Wait for the registration as ``attach`` does; return how long that took."""
    began = ticks_ms()
    await AtModem._wait_registered(modem, ticks_add(began, 180000))
    return ticks_diff(ticks_ms(), began)


@pytest.mark.parametrize("model", FAMILIES)
async def test_cops_2_of_an_earlier_program_is_undone(model):
    """particle-iot/device-os pulls 2177 (an EG91 log) and 2164; TS 27.007 section 7.3."""
    script = states(model, "2,0", "2,0", "2,0") + asked("+COPS?", "+COPS: 2") + asked("+COPS=0")
    script += states(model, "2,2", "2,5")
    assert await tell(model, script, registers) < 15000


@pytest.mark.parametrize("model", FAMILIES)
async def test_cgatt_0_of_an_earlier_program_is_undone(model):
    """EnviroDIY/ModularSensors issue 228 (a SARA-R410M), vshymanskyy/TinyGSM issue 184."""
    script = states(model, "0,4", "0,4", "0,4") + asked("+COPS?", '+COPS: 0,0,"AT&T",7')
    script += asked("+CGATT?", "+CGATT: 0") + asked("+CGATT=1") + states(model, "0,5")
    assert await tell(model, script, registers) < 15000


async def test_a_modem_that_is_in_order_is_not_told_to_choose_again():
    """zephyrproject-rtos/zephyr issue 33923, device-os pull 2139: +COPS=0 can cost minutes."""
    script = states("BG95", "2,0", "2,0", "2,0") + asked("+COPS?", "+COPS: 0")
    script += asked("+CGATT?", "+CGATT: 1") + states("BG95", "2,0", "2,0", "2,5")
    await tell("BG95", script, registers)


async def test_nothing_is_asked_while_the_modem_searches():
    script = states("SIM7080G", *["2,2"] * 20, "2,1")
    assert await tell("SIM7080G", script, registers) >= 57000


async def test_a_search_in_2g_or_3g_is_one_too():
    """+CGREG counts where +CEREG is not (ARMmbed/mbed-os-example-cellular issue 218, a BG96)."""
    script = states("BG96", *[("0,0", "2,2")] * 4, ("0,0", "2,1"))
    await tell("BG96", script, registers)

    async def denied(modem):
        with raises(NotAttached, "registration denied"):
            await registers(modem)

    await tell("BG96", states("BG96", *[("0,0", "0,3")] * 6), denied)


@pytest.mark.parametrize("command", ["+COPS=0", "+CGATT=1"])
async def test_a_cure_that_is_refused_is_tried_once(command):
    mode = "2" if command == "+COPS=0" else "0"
    script = states("SIM7080G", "0,0", "0,0", "0,0") + asked("+COPS?", f"+COPS: {mode}")
    if mode == "0":
        script += asked("+CGATT?", "+CGATT: 0")
    script += f"> AT{command}\n< +CME ERROR: 30\n" + states("SIM7080G", *["0,0"] * 9, "0,1")
    await tell("SIM7080G", script, registers)


# --- states and errors of TS 27.007 that are not failures ---------------------------------------
@pytest.mark.parametrize("stat", ["9", "10", "2,9", '2,10,"2B67","1A2D003",7'])
@pytest.mark.parametrize("model", FAMILIES)
async def test_csfb_not_preferred_is_registered(model, stat):
    """ModemManager counts 9 and 10 as registered and has answers with 10 in its tests."""
    answer = stat if "," in stat else f"0,{stat}"
    assert await tell(model, states(model, answer), registers) < 200


@pytest.mark.parametrize("model", [name for name in FAMILIES if name != "nRF9160"])
@pytest.mark.parametrize("code", ["READY", "SIM PIN2", "SIM PUK2"])
async def test_a_sim_that_wants_its_second_pin_only_is_ready(model, code):
    """TS 27.007 section 8.3: PIN2 guards fixed dialling numbers and the like."""

    async def waits(modem):
        await AtModem._wait_sim(modem, ticks_add(ticks_ms(), 20000))

    await tell(model, asked("+CPIN?", f"+CPIN: {code}"), waits)


@pytest.mark.parametrize("code", ["SIM PIN", "SIM PUK", "PH-SIM PIN", "PH-NET PIN", "PH-SP PUK"])
async def test_a_lock_is_told_at_once(code):
    async def waits(modem):
        began = ticks_ms()
        with raises(NotAttached, "locked", code):
            await AtModem._wait_sim(modem, ticks_add(began, 20000))
        assert ticks_diff(ticks_ms(), began) < 1000

    await tell("SIM7080G", asked("+CPIN?", f"+CPIN: {code}"), waits)


@pytest.mark.parametrize("stat", [6, 7, 8, 11])
async def test_states_that_carry_no_data_are_named(stat):
    async def waits(modem):
        with raises(NotAttached, f"<stat> {stat}") as caught:
            await AtModem._wait_registered(modem, ticks_add(ticks_ms(), 1000))
        assert "unknown" not in str(caught.error)

    await tell("SIM7080G", states("SIM7080G", *[f"0,{stat}"] * 2), waits)


# --- with modems that behave so ------------------------------------------------------------------
@pytest.mark.parametrize("left", ["AT+COPS=2", "AT+CGATT=0"])
@pytest.mark.parametrize("model", FAKES)
async def test_a_driver_attaches_in_spite_of_what_was_left(model, left):
    bench = ModemBench(model)
    earlier, _ = await bench.online(4242)
    bench.abandon(earlier)
    await bench.type(left.encode() + b"\r\n")
    await sleep_ms(20000)
    assert bench.radio.registration == 0
    said = []
    driver = bench.driver(log=said.append)
    await driver.start()
    began = ticks_ms()
    await driver.attach("super", 180000)
    assert ticks_diff(ticks_ms(), began) < 15000
    cures = [line for line in said if line in ("> AT+COPS=0", "> AT+CGATT=1")]
    assert cures == ["> AT+COPS=0" if "COPS" in left else "> AT+CGATT=1"]
    assert bench.power_keys == 0
    await bench.finish()
