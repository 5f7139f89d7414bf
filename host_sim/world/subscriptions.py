"""What the cloud decided about Super SIMs, as the network asks for it: the home core's HSS.

A Sim that is new or inactive is not let in; one that was attached is detached when that happens,
or when it moves to another Fleet (TS 23.401 5.3.8.4, 5.3.9.2). A Fleet without data, or a Sim over
its data limit, gets no data connection. Codes: 83704, 83705 of the public error dictionary.
"""

from collections.abc import Callable

from ip_commands.host_sim.cloud.fleets import Fleets
from ip_commands.host_sim.cloud.records import USABLE_SIM_STATUSES, Fleet, Record, Sim
from ip_commands.host_sim.cloud.sims import Sims
from ip_commands.host_sim.lte import Network, Profile
from ip_commands.host_sim.lte.refusals import HOME, Refusal, attach_refusal, session_refusal
from ip_commands.host_sim.lte.session_record import (
    SESSION_ENDED,
    SESSION_UPDATED,
    ConnectionEvent,
)
from ip_commands.host_sim.lte.time_base import utc

SIM_NEW = 83704
SIM_INACTIVE = 83705

NOT_SUBSCRIBED = 33
"""ESM cause for a Fleet without data. Ours: which one the service sends is not public."""
BARRED = 8
"""ESM cause over the data limit. Ours, as above."""

_MB = 1_000_000


class Subscriptions:
    """Joins ``network`` to the truth of ``sims`` and ``fleets`` for as long as both live."""

    def __init__(self, network: Network, sims: Callable[[], Sims], fleets: Callable[[], Fleets]):
        self._network = network
        self._sims = sims
        self._fleets = fleets
        self._known: dict[str, tuple[str, str | None]] = {}
        """ICCID -> status and Fleet as they last took effect."""
        self._used: dict[str, tuple[tuple[int, int], int]] = {}
        """ICCID -> (year, month) and bytes in it."""
        admission = network.home.admission
        admission.attach = self.attach
        admission.session = self.session
        admission.allowance_bytes = self.allowance_bytes

    # -- asked by the network ---------------------------------------------------------------------
    def attach(self, iccid: str, profile: Profile) -> Refusal | None:
        """Return None for a Sim that may attach."""
        sim = self._sims().by_iccid(iccid)
        status = "unknown" if sim is None else self._effective(sim)[0]
        if status in USABLE_SIM_STATUSES:
            return None
        code = SIM_INACTIVE if status == "inactive" else SIM_NEW
        return attach_refusal(
            profile.barred_cause, f"its Super SIM is {status}", HOME, service_code=code
        )

    def session(self, iccid: str, profile: Profile) -> Refusal | None:
        """Return None for a Sim that may use data."""
        fleet = self._fleet_of(iccid)
        if fleet is None:
            return session_refusal(NOT_SUBSCRIBED, "its Super SIM is in no Fleet", HOME)
        if not fleet.data_enabled:
            return session_refusal(NOT_SUBSCRIBED, "its Fleet has no data", HOME)
        if self.used_bytes(iccid) >= fleet.data_limit * _MB:
            reason = f"its Fleet's data limit of {fleet.data_limit} MB a month is reached"
            return session_refusal(BARRED, reason, HOME)
        return None

    def allowance_bytes(self, iccid: str) -> int | None:
        """Return how much of the data limit is left this month."""
        fleet = self._fleet_of(iccid)
        return None if fleet is None else fleet.data_limit * _MB - self.used_bytes(iccid)

    def used_bytes(self, iccid: str) -> int:
        """Return what the Sim's sessions have been told to have carried this calendar month."""
        month, used = self._used.get(iccid, ((0, 0), 0))
        return used if month == self._month() else 0

    # -- told -------------------------------------------------------------------------------------
    def heard(self, event: ConnectionEvent) -> None:
        """Count what a session carried."""
        if event.event in (SESSION_UPDATED, SESSION_ENDED):
            used = self.used_bytes(event.iccid) + event.up_bytes + event.down_bytes
            self._used[event.iccid] = (self._month(), used)

    def record_changed(self, record: Record) -> None:
        """Take that the cloud changed something; the network does as it says, a moment later."""
        if isinstance(record, Fleet):
            self._network.queue.after(0, self._follow_limit, record)
        if isinstance(record, Sim) and record.status != "scheduled":
            before = self._known.get(record.iccid)
            if before is None:  # no network has asked for it yet
                self._effective(record)
            elif before != (record.status, record.fleet_sid):
                self._network.queue.after(0, self._follow, record)

    def _follow(self, sim: Sim) -> None:
        before = self._known[sim.iccid]
        status, fleet_sid = self._effective(sim)
        ue = self._network.ue_of(sim.iccid)
        if ue is None:
            return
        if status not in USABLE_SIM_STATUSES:
            self._network.home.detach(ue, f"its Super SIM is {status}")
        elif fleet_sid != before[1]:
            self._network.home.detach(ue, "its Super SIM moved to another Fleet")

    def _follow_limit(self, fleet: Fleet) -> None:
        for ue in self._network.ues.values():
            if ue.context.session is not None and self._fleet_of(ue.iccid) is fleet:
                self._network.home.follow_allowance(ue)

    # -- in effect --------------------------------------------------------------------------------
    def _effective(self, sim: Sim) -> tuple[str, str | None]:
        """Return status and Fleet that count; while an update is pending, those before it."""
        if sim.status == "scheduled":
            return self._known.get(sim.iccid, ("active", sim.fleet_sid))
        self._known[sim.iccid] = (sim.status, sim.fleet_sid)
        return self._known[sim.iccid]

    def _fleet_of(self, iccid: str) -> Fleet | None:
        sim = self._sims().by_iccid(iccid)
        return None if sim is None else self._fleets().fleet_of(sim)

    def _month(self) -> tuple[int, int]:
        now = utc(self._network.queue.now_ms)
        return now.year, now.month
