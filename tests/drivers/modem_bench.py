"""The bench of ``check_modem``: a fake modem of host_sim on an in-memory UART with mischief."""

import asyncio
import os
import zlib

from ip_commands.host_sim import fake_modems
from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio
from ip_commands.host_sim.uart.link import UartLink
from ip_commands.modem_drivers import models
from tests.contracts.check_modem import CHECKS

CUTS = {
    "whole": {},
    "single bytes": {"cut": 1},
    "7-byte pieces": {"cut": 7},
    "115200 baud": {"baud": 115200, "fifo_bytes": 2048},
}
"""How the UART hands bytes over, by name: arguments of UartLink."""

HIDE_SENDER = ("GM01Q", "GM02S")
"""Models whose firmware does not tell where a datagram came from."""


class MischiefStream:
    """The driver's end of the UART, which can go deaf and dumb, or lose payload bytes."""

    def __init__(self, host_end):
        self.muted = False
        self.swallows_data = False
        self._host_end = host_end

    async def read(self, max_bytes):
        while True:
            data = await self._host_end.read(max_bytes)
            if not self.muted or not data:
                return data

    async def write(self, data):
        if self.muted:
            return
        if self.swallows_data and not data.startswith((b"AT", b"\r")):
            data = data[:1]
        await self._host_end.write(data)

    async def close(self):
        await self._host_end.close()


class ModemBench:
    """One UART, a fake modem on it, and what a test may do to both; see ``check_modem``."""

    def __init__(self, model, cut="whole", quirks=(), **driver_options):
        self.radio = BenchRadio()
        self.link = UartLink(**CUTS[cut])
        self.fake = fake_modems.create(model, self.radio, quirks)
        self.fake.connect(self.link.modem)
        self.stream = MischiefStream(self.link.host)
        self.power_keys = 0
        self.drivers = []
        # an nRF91's fake is named after its firmware, too; its driver finds out
        self._model = "nRF" + model[3:7] if model.lower().startswith("nrf") else model
        self._options = driver_options
        self._hides_sender = "recv-hides-sender" in quirks or (
            model in HIDE_SENDER and "recv-shows-sender" not in quirks
        )
        self._urc = self.fake.urc

    async def power_key(self):
        self.power_keys += 1
        self.fake.power_key()

    def driver(self, **options):
        options.setdefault("power_key", self.power_key)
        driver = models.create(self._model, self.stream, **{**self._options, **options})
        self.drivers.append(driver)
        return driver

    async def online(self, port):
        driver = self.driver()
        await driver.start()
        await driver.attach("super", 60000)
        return driver, await driver.open_udp(port)

    @property
    def power_saving(self):
        return self.driver().has_power_saving

    @property
    def tells_rssi(self):
        return not self._model.startswith("nRF")

    @property
    def asleep(self):
        return self.radio.asleep

    def sender(self, host, port):
        return ("", 0) if self._hides_sender else (host, port)

    @property
    def power(self):
        return self.fake.power

    @property
    def sent(self):
        return list(self.radio.uplink)

    def inject(self, payload, host="100.64.0.1", port=6969, to_port=4242):
        self.radio.inject_datagram(payload, host, port, to_port)

    def switch_off(self):
        self.fake.brown_out()

    def restart(self):
        self.fake.restart()

    def enter_psm(self):
        self.radio.enter_psm()

    def lose_pdp(self):
        self.radio.lose_pdp()

    def lose_coverage(self):
        self.radio.lose_coverage()

    def regain_coverage(self):
        self.radio.regain_coverage()

    def lose_urcs(self, lost):
        self.fake.urc = (lambda text: None) if lost else self._urc

    def mute(self, muted):
        self.stream.muted = muted

    def swallow_data(self, swallows):
        self.stream.swallows_data = swallows

    def abandon(self, driver):
        driver.at._reader.cancel()
        self.drivers.remove(driver)

    async def type(self, data):
        await self.link.host.write(data)

    def unplug(self):
        self.link.host.end()

    async def finish(self):
        """Close the drivers; nothing may be left behind, and no line may have been misread."""
        for driver in self.drivers:
            await driver.close()
        for _ in range(5):
            await asyncio.sleep(0)
        for driver in self.drivers:
            assert driver.at.handler_errors == 0
            assert driver.at.parser.bad_lengths == 0
            assert driver.at.parser.dropped_lines == 0
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, f"tasks left behind: {left}"


LONGEST_CHECK_S = 3600

EVERY_CHECK = bool(os.environ.get("EVERY_CHECK"))
"""Set by ``make test-all``: see ``share_of``."""


SHARE = 5


def share_of(name):
    """Return the checks that a variant of this name is tried with: every fifth.

    A variant is a model with a quirk, or with its bytes cut in one more way. Every check meets a
    fifth of the variants and every variant a fifth of the checks; all of them in ``make
    test-all``. Each model is always held to every check once, at the speed of a real UART or in
    pieces.
    """
    if EVERY_CHECK:
        return CHECKS
    first = zlib.crc32(name.encode()) % SHARE
    return [check for number, check in enumerate(CHECKS) if number % SHARE == first]


async def run_check(check, model, cut="whole", quirks=(), **driver_options):
    """Run one check on a fresh bench."""
    bench = ModemBench(model, cut, quirks, **driver_options)
    async with asyncio.timeout(LONGEST_CHECK_S):
        await check(bench)
    await bench.finish()


async def run_all(model, *arguments, without=(), checks=CHECKS, **options):
    """Run every check, each on its own bench; the failing one's name is added to its error."""
    for check in checks:
        if check.__name__ not in without:
            try:
                await run_check(check, model, *arguments, **options)
            except BaseException as error:
                error.add_note(f"in {check.__name__}")
                raise
