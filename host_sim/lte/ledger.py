"""Charge and bytes of one device, by cause and day, for assertions and advice."""

from ip_commands.host_sim.lte import energy
from ip_commands.host_sim.lte.energy import Currents
from ip_commands.host_sim.lte.time_base import DAY_MS
from ip_commands.host_sim.time.event_queue import EventQueue

DOWNLINK = "downlink_payload"
UPLINK = "uplink_payload"
HEADERS = "ip_udp_headers"

_UA_MS_PER_MAH = 3_600_000_000


class DayRow:
    """One simulated day: charge in mAh by cause, bytes by cause."""

    __slots__ = ("bytes", "charge_ua_ms", "end_ms", "start_ms")

    def __init__(self, start_ms: int) -> None:
        self.start_ms = start_ms
        """When booking began in this day: midnight, or later on the first day."""
        self.end_ms = start_ms
        self.charge_ua_ms: dict[str, float] = dict.fromkeys(energy.CAUSES, 0.0)
        """Microampere-milliseconds by cause; people read ``mah``."""
        self.bytes: dict[str, int] = {DOWNLINK: 0, UPLINK: 0, HEADERS: 0}

    @property
    def day(self) -> int:
        """Days since 1980-01-06."""
        return self.start_ms // DAY_MS

    @property
    def covered_ms(self) -> int:
        """How much of the day the simulation ran."""
        return self.end_ms - self.start_ms

    @property
    def mah(self) -> dict[str, float]:
        """Charge by cause."""
        return {cause: charge / _UA_MS_PER_MAH for cause, charge in self.charge_ua_ms.items()}


class Ledger:
    """What one device spent since it was made; one row per simulated day."""

    __slots__ = (
        "_cause",
        "_clock",
        "_day_end_ms",
        "_module",
        "_row",
        "_since_ms",
        "currents",
        "days",
        "rates",
    )

    def __init__(self, clock: EventQueue, module: Currents, access: str) -> None:
        self._clock = clock
        self._module = module
        self.currents = module.in_access(access)
        """The table in use; its ``name`` says whose figures they are."""
        self.rates = self.currents.rates_ua()
        """Mean current by cause, microampere; DRX and EDRX follow what the network grants."""
        self._cause = energy.OFF
        self._since_ms = clock.now_ms
        self.days: list[DayRow] = []
        self._open_day(self._since_ms)

    def _open_day(self, at_ms: int) -> None:
        self._row = DayRow(at_ms)
        self.days.append(self._row)
        self._day_end_ms = (at_ms // DAY_MS + 1) * DAY_MS

    def switch(self, now_ms: int, cause: str) -> None:
        """Book the time since the last call under its cause and begin another."""
        booked = self._cause
        rate = self.rates[booked]
        while now_ms >= self._day_end_ms:
            self._row.charge_ua_ms[booked] += (self._day_end_ms - self._since_ms) * rate
            self._row.end_ms = self._since_ms = self._day_end_ms
            self._open_day(self._since_ms)
        self._row.charge_ua_ms[booked] += (now_ms - self._since_ms) * rate
        self._since_ms = now_ms
        self._cause = cause

    def follow_access(self, now_ms: int, access: str) -> None:
        """Use the module's table for another access, until idle currents are set with DRX's."""
        currents = self._module.in_access(access)
        if currents != self.currents:
            self.switch(now_ms, self._cause)
            self.currents = currents
            self.rates = currents.rates_ua()

    def set_idle_currents(self, now_ms: int, drx_ua: float, edrx_ua: float) -> None:
        """Change what idle costs from now on."""
        self.switch(now_ms, self._cause)
        self.rates[energy.DRX] = drx_ua
        self.rates[energy.EDRX] = edrx_ua

    def add_downlink(self, now_ms: int, payload_bytes: int, octets: int) -> None:
        """Book a datagram to the device: octets with all headers."""
        self._add(now_ms, DOWNLINK, payload_bytes, octets)

    def add_uplink(self, now_ms: int, payload_bytes: int, octets: int, air_ms: int) -> None:
        """Book a datagram from the device, and what sending costs above being connected."""
        self._add(now_ms, UPLINK, payload_bytes, octets)
        extra_ua = self.currents.tx_ma * 1000 - self.rates[energy.CONNECTED]
        self._row.charge_ua_ms[energy.TX] += air_ms * extra_ua

    def _add(self, now_ms: int, cause: str, payload_bytes: int, octets: int) -> None:
        if now_ms >= self._day_end_ms:
            self.switch(now_ms, self._cause)
        counted = self._row.bytes
        counted[cause] += payload_bytes
        counted[HEADERS] += octets - payload_bytes

    # -- reading ----------------------------------------------------------------------------------
    def settle(self) -> None:
        """Book everything up to now; reading does it by itself."""
        self.switch(self._clock.now_ms, self._cause)
        self._row.end_ms = self._since_ms

    @property
    def covered_days(self) -> float:
        """Length of the simulated time, days."""
        self.settle()
        return sum(row.covered_ms for row in self.days) / DAY_MS

    @property
    def mah_by_cause(self) -> dict[str, float]:
        """Charge so far, mAh, by cause."""
        self.settle()
        return {cause: sum(row.mah[cause] for row in self.days) for cause in energy.CAUSES}

    @property
    def bytes_by_cause(self) -> dict[str, int]:
        """Bytes so far, by cause: payloads and IP and UDP headers."""
        total = {DOWNLINK: 0, UPLINK: 0, HEADERS: 0}
        for row in self.days:
            for cause, count in row.bytes.items():
                total[cause] += count
        return total

    @property
    def mah_per_day(self) -> float:
        """Mean charge of a day, mAh. Raises ValueError before any time has passed."""
        return sum(self.mah_by_cause.values()) / self._passed_days()

    @property
    def bytes_per_day(self) -> float:
        """Mean bytes of a day, both directions, with headers. Raises as above."""
        return sum(self.bytes_by_cause.values()) / self._passed_days()

    def battery_days(self, capacity_mah: float) -> float:
        """Return how long a battery lasts at the mean of the run, without self-discharge."""
        return capacity_mah / self.mah_per_day

    def _passed_days(self) -> float:
        days = self.covered_days
        if days <= 0:
            raise ValueError("no simulated time has passed: run the queue first")
        return days
