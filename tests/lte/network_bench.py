"""A network, one device and a listener that records, for the tests of this folder."""

from typing import Any

from ip_commands.host_sim.lte import Datagram, Network, Ue
from ip_commands.host_sim.lte.time_base import from_utc, utc
from ip_commands.host_sim.time.event_queue import EventQueue

START_MS = from_utc(utc(0).replace(year=2026, month=1, day=1))
ICCID = "8988307000000000001"
IMSI = "901280000007919"


class Recorder:
    """A listener that keeps everything it hears, with times."""

    def __init__(self, queue: EventQueue) -> None:
        self.queue = queue
        self.heard: list[tuple[int, str, Any]] = []
        self.payloads: list[bytes] = []
        self.default_apn: str | None = None

    def _hear(self, what: str, value: Any = None) -> None:
        self.heard.append((self.queue.now_ms, what, value))

    def bearer_apn(self) -> str | None:
        return self.default_apn

    def registration_changed(self) -> None:
        self._hear("registration")

    def pdp_changed(self, active: bool) -> None:
        self._hear("pdp", active)

    def rrc_changed(self, connected: bool) -> None:
        self._hear("rrc", connected)

    def datagram_arrived(
        self, payload: bytes, source_host: str, source_port: int, destination_port: int
    ) -> None:
        self._hear("datagram", (payload, source_host, source_port, destination_port))
        self.payloads.append(payload)

    def power_saving_granted(self) -> None:
        self._hear("power_saving")

    def psm_changed(self, asleep: bool) -> None:
        self._hear("psm", asleep)

    def times(self, what: str, value: Any = None) -> list[int]:
        return [at for at, name, got in self.heard if name == what and value in (None, got)]


class Bench:
    """One device on its own network; sure by default: no page is missed, nothing lost."""

    def __init__(
        self, profile: str = "cat-m1", seed: int = 0, imsi: str = IMSI, **overrides: Any
    ) -> None:
        self.queue = EventQueue(START_MS)
        self.network = Network(self.queue, seed=seed)
        sure = {"page_miss": 0.0, "datagram_loss": 0.0}
        self.ue: Ue = self.network.add_ue("device-1", imsi, ICCID, profile, **(sure | overrides))
        self.listener = Recorder(self.queue)
        self.ue.listener = self.listener
        self.uplinks: list[tuple[int, Datagram]] = []
        self.network.on_uplink = lambda ue, datagram, host, port: self.uplinks.append(
            (self.queue.now_ms, datagram)
        )

    def run(self, hours: float = 0, minutes: float = 0, seconds: float = 0, ms: int = 0) -> None:
        passed_ms = round((hours * 3600 + minutes * 60 + seconds) * 1000) + ms
        self.queue.run_until(self.queue.now_ms + passed_ms)

    def idle(self) -> "Bench":
        """Attach, bring the data connection up and fall idle."""
        self.ue.connect()
        self.run(seconds=60)
        assert self.ue.ip_address is not None
        return self

    def send(self, payload: bytes = b"hello") -> Datagram:
        return self.network.send_downlink(ICCID, payload, 4242)

    @property
    def now_ms(self) -> int:
        return self.queue.now_ms


def events(datagram: Datagram) -> list[str]:
    return [entry.event for entry in datagram.trail]


def at(datagram: Datagram, event: str) -> int:
    """Return when ``event`` first happened to the datagram."""
    return next(entry.at_ms for entry in datagram.trail if entry.event == event)
