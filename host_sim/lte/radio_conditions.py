"""What the radio of one UE is like now: RSRP, the CE level that follows, coverage or none.

Nothing happens here, and nothing is spent, until the RSRP is told to change. Crossing the floor of
the present network loses and finds it, as ``lose_coverage`` and ``find_coverage`` do with all:
whichever came last counts.
"""

from collections.abc import Iterator
from random import Random
from typing import Protocol

from ip_commands.host_sim.lte.camping import Camping
from ip_commands.host_sim.lte.rsrp import Constant, Rsrp, RsrpLike, Sample, Shadowing, rsrp_of
from ip_commands.host_sim.time.event_queue import Event, EventQueue


class Device(Protocol):
    """Whose radio it is."""

    def follow_coverage(self) -> None:
        """Take what reaches it now."""
        ...

    def follow_cell(self) -> None:
        """Work out anew what listening costs."""
        ...


class RadioConditions:
    """One UE's; seed: decides what is random here, and nothing else."""

    __slots__ = ("_camping", "_device", "_event", "_queue", "_samples", "_seed")

    def __init__(self, queue: EventQueue, camping: Camping, seed: str, device: Device) -> None:
        self._queue = queue
        self._camping = camping
        self._seed = seed
        self._device = device
        self._samples: Iterator[Sample] = iter(())
        self._event: Event | None = None

    @property
    def rsrp_dbm(self) -> int:
        """What a UE measures here, whether it is on or not."""
        heard = self._camping.heard_dbm
        return self._camping.profile.rsrp_dbm if heard is None else heard

    @property
    def ce_level(self) -> int:
        """0, 1 or 2: by the RSRP, or as the profile's ``ce_level`` says."""
        return self._camping.profile.coverage_level

    # -- what it does from now on -----------------------------------------------------------------
    def stay(self, rsrp_dbm: float) -> None:
        """Be constant."""
        self.use(Constant(rsrp_dbm))

    def follow(self, trace: RsrpLike) -> None:
        """Do what a trace says: (seconds from now, dBm) each, or the path of a CSV file of them.

        Raises ValueError, OSError.
        """
        self.use(rsrp_of(trace))

    def vary(self, mean_dbm: float, sigma_db: float = 8.0, correlation_s: float = 60.0) -> None:
        """Vary slowly and at random: see ``rsrp.Shadowing``. Raises ValueError."""
        self.use(Shadowing(mean_dbm, sigma_db, correlation_s))

    def use(self, rsrp: Rsrp) -> None:
        """Do what any of the classes in ``rsrp`` says."""
        if self._event is not None:
            self._event.cancel()
            self._event = None
        self._samples = rsrp.samples(Random(self._seed))
        self._next()

    def _next(self) -> None:
        self._event = None
        sample = next(self._samples, None)
        if sample is None:
            return
        if sample.length_ms is not None:
            self._event = self._queue.after(sample.length_ms, self._next)
        if sample.rsrp_dbm is not None:
            self._measure(sample.rsrp_dbm)

    def _measure(self, rsrp_dbm: int) -> None:
        if self._camping.hear(rsrp_dbm):
            self._device.follow_cell()
        if self._camping.cross_floor():
            self._device.follow_coverage()

    def explain(self) -> str:
        """Say what is worth saying of it; else nothing."""
        profile = self._camping.profile
        if self._camping.is_sunk:
            floor_dbm = profile.coverage.floor_dbm
            return f"; RSRP {self.rsrp_dbm} dBm: no coverage below {floor_dbm} dBm"
        if profile.coverage_level and profile.ce_level is None:
            return (
                f"; RSRP {self.rsrp_dbm} dBm, CE level {profile.coverage_level}: radio steps"
                f" take {profile.ce_factor} times as long"
            )
        return ""
