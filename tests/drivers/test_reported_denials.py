"""Reported: a modem that was denied, or that hangs in a state, and is never made to search anew.

ArduPilot/ardupilot pull 32670 (+CREG: 3 over night, 0 after the antenna was off and on), Xinyuan-
LilyGO/LilyGo-Modem-Series issue 474 (a SIM blocked and activated again), openvehicles/
Open-Vehicle-Monitoring-System-3 issue 144 (denied for long: power cycle); TS 24.301 section
5.5.1.2.5: after causes 3, 6, 7 and 8 the SIM is invalid until the modem is switched off.
"""

import asyncio

import pytest

from ip_commands.device import IpCommandClient
from ip_commands.device.errors import NotAttached
from ip_commands.device.portable import ticks_add, ticks_diff, ticks_ms
from ip_commands.modem_drivers.modem import AtModem
from tests.drivers.modem_bench import ModemBench
from tests.drivers.reported import asked, tell
from tests.portable.raises import raises

MODELS = (
    "bg95",
    "sim7080g",
    "sim7000g",
    "sim7600",
    "a7670",
    "sara-r410m",
    "sara-r510s",
    "gm02sp",
    "nrf9160",
    "nrf9151",
    "me310g1",
)
LIMIT_S = 600


class Watched:
    """A client on a fake modem that an earlier program has attached, and what it told."""

    def __init__(self, model, **options):
        self.bench = ModemBench(model)
        self.radio = self.bench.radio
        self.said = []
        self.failures = []
        self._options = options

    async def run(self):
        earlier, _ = await self.bench.online(4242)
        self.bench.abandon(earlier)
        # the modem comes up into trouble, whatever an earlier program was told
        self.trouble()
        driver = self.bench.driver(log=self.said.append, **self._options)
        client = IpCommandClient(driver, 4242, accept_from=None, log=_silent)
        client.on_command(_silent)
        client.on_error(lambda command, error: self.failures.append(str(error)))
        task = asyncio.create_task(client.run())
        try:
            await self.healed(client)
        finally:
            await client.close()
            await task
        await self.bench.finish()

    def commands(self, text):
        return self.said.count(f"> AT{text}")

    def trouble(self):
        raise NotImplementedError

    async def healed(self, client):
        raise NotImplementedError


def _silent(line):
    pass


class Denied(Watched):
    """The network refuses the SIM for five minutes; the modem does not try by itself again."""

    def trouble(self):
        self.radio.denied_cause = 8
        self.radio.switch_off()
        self.radio.switch_on()

    async def healed(self, client):
        await asyncio.sleep(300)
        assert client.state != "SERVING"
        assert "registration denied" in client.reason
        assert [text for text in self.failures if "registration denied" in text]
        self.radio.denied_cause = None
        await client.wait_ready(LIMIT_S * 1000)


@pytest.mark.parametrize("model", MODELS)
async def test_a_sim_that_is_activated_again_is_served_within_minutes(model):
    watched = Denied(model)
    await watched.run()
    assert watched.commands("+CFUN=4") >= 1
    assert watched.bench.power_keys >= 1  # later, and growing pauses between
    assert watched.bench.power_keys < 5


class Hanging(Watched):
    """Coverage is back, and the modem stays in a state: only a new search ends it."""

    def __init__(self, model, stat):
        super().__init__(model)
        self.stat = stat

    def trouble(self):
        self.radio.switch_off()
        self.radio.covered = False
        self.radio.switch_on()
        self.radio._set_registration(self.stat)

    async def healed(self, client):
        await asyncio.sleep(5)
        self.radio.covered = True
        await client.wait_ready(LIMIT_S * 1000)


@pytest.mark.parametrize("stat", [0, 2, 4])
@pytest.mark.parametrize("model", MODELS)
async def test_a_modem_that_hangs_in_a_state_searches_anew_within_minutes(model, stat):
    watched = Hanging(model, stat)
    await watched.run()
    assert watched.commands("+CFUN=4") == 1
    assert watched.bench.power_keys == 0
    assert watched.commands("+COPS=0") == 0  # it is in automatic mode: that would cost a search
    wanted = "searching" if stat == 2 else "not registered" if stat == 0 else "out of coverage"
    assert [text for text in watched.failures if wanted in text]


class Deadlocked(Hanging):
    """Not even the radio off and on helps: only a boot does."""

    def trouble(self):
        super().trouble()
        fake, radio = self.bench.fake, self.radio
        boots = fake.boots
        switch_on = radio.switch_on

        def switch_on_in_vain():
            if fake.boots > boots:
                switch_on()
            else:
                radio.switched_on = True
                radio._set_registration(self.stat)

        radio.switch_on = switch_on_in_vain

    async def healed(self, client):
        await asyncio.sleep(5)
        self.radio.covered = True
        await client.wait_ready(3 * LIMIT_S * 1000)
        assert client.health()["recovered_by"] == {"power_cycle": 1}


@pytest.mark.parametrize("has_key", [True, False])
@pytest.mark.parametrize("model", MODELS)
async def test_a_modem_that_answers_and_never_registers_is_switched_off_and_on(model, has_key):
    watched = Deadlocked(model, 2)
    if not has_key:
        watched._options = {"power_key": None}
    await watched.run()
    assert (watched.bench.power_keys == 1) == has_key
    assert watched.commands("+CFUN=4") >= 1


@pytest.mark.parametrize(
    ("answer", "cause"),
    [("4,3", ""), ("5,3,,,,0,8", "EMM cause 8"), ('2,3,"2B67","1A2D003",7,0,15', "EMM cause 15")],
)
async def test_a_denial_is_told_with_its_cause_after_some_seconds(answer, cause):
    """A roaming SIM may be denied by one network and served by the next."""

    async def denied(modem):
        began = ticks_ms()
        with raises(NotAttached, "registration denied (+CEREG <stat> 3)", cause):
            await AtModem._wait_registered(modem, ticks_add(began, 180000))
        assert 15000 <= ticks_diff(ticks_ms(), began) < 19000

    await tell("SIM7080G", asked("+CEREG?", f"+CEREG: {answer}") * 6, denied)


async def test_a_denial_behind_a_long_search_has_its_seconds_too():
    async def denied(modem):
        began = ticks_ms()
        with raises(NotAttached, "registration denied"):
            await AtModem._wait_registered(modem, ticks_add(began, 180000))
        assert 66000 + 15000 <= ticks_diff(ticks_ms(), began) < 66000 + 19000

    script = asked("+CEREG?", "+CEREG: 4,0") * 3
    script += asked("+COPS?", "+COPS: 2") + "> AT+COPS=0\n~ 60000\n< OK\n"
    script += asked("+CEREG?", "+CEREG: 4,3") * 6
    await tell("SIM7080G", script, denied)
