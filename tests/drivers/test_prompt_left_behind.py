"""A data prompt that an earlier program left open: nothing that we type may be sent from it.

Prompts without a length end with Ctrl-Z or ESC (SIMCom's CIPSEND, Telit's #SSEND, Sequans'
SQNSSEND, Quectel's QISEND of a client: their vendors' AT manuals; 3GPP TS 27.005 section 4.3 for
SMS), an nRF91's data mode with +++ (nrfconnect, sm_data_mode.rst). One that counts has no escape.
"""

import asyncio

import pytest

from ip_commands.modem_drivers.detect import detect
from tests.contracts.modem_checks import SERVICE
from tests.drivers.modem_bench import ModemBench

HOST = '"100.64.0.1",6969'
OPEN_ENDED = {
    "bg95": (f'AT+QIOPEN=1,5,"UDP",{HOST},0,0', "AT+QISEND=5"),
    "sim7000g": ("AT+CIPSEND",),
    "sim7600": (f"AT+CIPSEND=0,,{HOST}",),
    "a7670": (f"AT+CIPSEND=0,,{HOST}",),
    "me310g1": ('AT#SD=4,1,6969,"100.64.0.1",0,0,1', "AT#SSEND=4"),
    "gm02sp": ('AT+SQNSD=4,1,6969,"100.64.0.1",0,0,1', "AT+SQNSSEND=4"),
    "nrf9160": (f"AT#XSENDTO={HOST}",),
    "nrf9151": (f"AT#XSENDTO=0,2,0,{HOST}",),
}
"""What opens a prompt without a length, per dialect that has one."""
COUNTED = {
    "bg95": (f"AT+QISEND=0,700,{HOST}",),
    "sim7080g": ('AT+CACFG="REMOTEADDR",0,100.64.0.1,6969', "AT+CASEND=0,700,10000"),
    "sim7000g": ("AT+CIPSEND=700",),
    "sim7600": (f"AT+CIPSEND=0,700,{HOST}",),
    "sara-r410m": ('AT+USOST=0,"100.64.0.1",6969,700',),
    "sara-r510s": ('AT+USOST=0,"100.64.0.1",6969,700',),
    "me310g1": ('AT#SD=4,1,6969,"100.64.0.1",0,0,1', "AT#SSENDEXT=4,700"),
    "gm02sp": (f"AT+SQNSSENDEXT=1,700,0,{HOST}",),
    "nrf9151": (f"AT#XSENDTO=0,2,0,{HOST},700",),
}
"""What opens a prompt for 700 bytes."""


async def at_a_prompt(model, commands, begun=b"half a mess"):
    """Return a bench whose modem waits for the rest of another program's message."""
    bench = ModemBench(model)
    earlier, _ = await bench.online(4242)
    bench.abandon(earlier)
    for command in commands:
        await bench.type(command.encode() + (b"\r\n" if model == "nrf9160" else b"\r"))
        await asyncio.sleep(2)
        await bench.link.host.read(4096)
    assert bench.fake.at.prompting
    await bench.type(begun)
    await asyncio.sleep(2)  # an nRF91 sends at every pause
    return bench, list(bench.sent)


async def works(bench, driver, before):
    """It works, and nothing has been sent that nobody wrote."""
    assert bench.sent == before
    await driver.attach("super", 60000)
    socket = await driver.open_udp(4242)
    await socket.send_to(b"works", *SERVICE)
    assert [entry[0] for entry in bench.sent[len(before) :]] == [b"works"]
    await bench.finish()


@pytest.mark.parametrize("has_key", [False, True])
@pytest.mark.parametrize("model", OPEN_ENDED)
async def test_start_leaves_a_prompt_without_a_length(model, has_key):
    bench, before = await at_a_prompt(model, OPEN_ENDED[model])
    driver = bench.driver(**({} if has_key else {"power_key": None}))
    await driver.start()
    assert bench.power_keys == 0
    await works(bench, driver, before)


@pytest.mark.parametrize("model", OPEN_ENDED)
async def test_detect_leaves_a_prompt_without_a_length(model):
    bench, before = await at_a_prompt(model, OPEN_ENDED[model])
    driver = await detect(bench.stream)
    bench.drivers.append(driver)
    await driver.start()
    await works(bench, driver, before)


@pytest.mark.parametrize("model", COUNTED)
async def test_a_modem_at_a_prompt_that_counts_is_switched_off_and_on(model):
    bench, before = await at_a_prompt(model, COUNTED[model])
    driver = bench.driver()
    await driver.start()
    assert bench.power_keys in (1, 2) or model == "sim7080g"  # its prompt has a time limit
    await works(bench, driver, before)


@pytest.mark.parametrize("model", COUNTED)
async def test_detect_with_a_power_key_does_so_too(model):
    bench, before = await at_a_prompt(model, COUNTED[model])
    driver = await detect(bench.stream, power_key=bench.power_key)
    bench.drivers.append(driver)
    await driver.start()
    await works(bench, driver, before)


@pytest.mark.parametrize("model", COUNTED)
async def test_without_a_power_key_the_message_of_before_is_filled_up(model):
    """No other way out is known; it is not lengthened beyond what was asked for."""
    bench, before = await at_a_prompt(model, COUNTED[model])
    driver = bench.driver(power_key=None)
    await driver.start()
    new = [entry[0] for entry in bench.sent[len(before) :]]
    assert new == [] if model == "sim7080g" else (len(new), len(new[0])) == (1, 700)
    await works(bench, driver, list(bench.sent))


@pytest.mark.parametrize("model", ["bg95", "sara-r510s"])
async def test_a_power_key_that_does_nothing_is_no_reason_to_give_up(model):
    bench, _ = await at_a_prompt(model, COUNTED[model])

    async def broken_key():
        bench.power_keys += 1

    driver = bench.driver(power_key=broken_key)
    await driver.start()
    assert bench.power_keys == 2
    await bench.finish()
