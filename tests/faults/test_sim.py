"""The SIM is out, and back."""

from tests.faults.families import BY_MODEL, OK, each_family
from tests.faults.scripted_host import ERROR, ScriptedHost

SAYS = ("bg95", "sim7080g", "sim7000g", "sim7600")
"""Families that say +CPIN: NOT READY and +CPIN: READY."""


@each_family
async def test_the_sim_is_out_and_back(family):
    nordic = family.model.startswith("nrf")
    async with ScriptedHost(family) as host:
        await host.ask("AT+CMEE=1")
        await host.ask("AT+CEREG=1")
        assert await host.ask("AT+CPIN?") == b"\r\n+CPIN: READY\r\n" + OK
        out = host.inject("sim_out", for_ms=60_000)
        said = await host.hear(5)
        assert said.startswith(b"\r\n+CPIN: NOT READY\r\n" if family.model in SAYS else b"")
        assert said.endswith(b"\r\n+CEREG: %d\r\n" % (90 if nordic else 0))
        assert await host.ask("AT+CPIN?") == b"\r\n+CME ERROR: 10\r\n"
        # switching the radio on again does not help
        await host.ask("AT+CFUN=4")
        await host.ask("AT+CFUN=1")
        await host.hear(10)
        assert host.radio.registration == 0
        said = await host.hear(60)
        assert said.count(b"+CPIN: READY") == (family.model in SAYS)
        assert said.endswith(b"\r\n+CEREG: 5\r\n")
        assert not out.active
        assert await host.ask("AT+CPIN?") == b"\r\n+CPIN: READY\r\n" + OK
        await host.works_again()


@each_family
async def test_the_sim_is_out_without_a_word_and_over_a_restart(family):
    async with ScriptedHost(family) as host:
        host.inject("sim_out", urc=False, error=13)
        await host.ask("AT+CMEE=1")
        assert await host.ask("AT+CPIN?") == b"\r\n+CME ERROR: 13\r\n"
        host.fake.restart()
        await host.hear(40)
        await host.ask("AT")
        await host.ask("AT")
        await host.ask("AT+CMEE=0")
        assert (await host.ask("AT+CPIN?")).endswith(ERROR)
        assert host.radio.registration == 0
        await host.works_again()


async def test_a_sim_that_comes_back_to_a_radio_that_is_off_does_not_attach():
    async with ScriptedHost(BY_MODEL["bg95"]) as host:
        out = host.inject("sim_out")
        await host.ask("AT+CFUN=4")
        out.cancel()
        await host.hear(60)
        assert host.radio.registration == 0
        await host.ask("AT+CFUN=1")
        await host.hear(10)
        assert host.radio.registration == 5
