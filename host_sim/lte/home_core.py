"""The SIM's home core: lets UEs in or not, throws them out, counts what they use, and tells of it.

HSS and P-GW in one: TS 23.401 5.3.2.1 (attach), 5.3.8.4 (HSS-initiated detach), 5.4.4.1 (bearer
deactivation). What it knows of subscriptions is handed in by ``admission``; what happens leaves
through ``on_event``.
"""

from collections.abc import Callable, Collection
from random import Random
from typing import Protocol

from ip_commands.host_sim.lte.admission import Admission
from ip_commands.host_sim.lte.emm import MobilityManagement
from ip_commands.host_sim.lte.emm_causes import GO_ON, emm_cause
from ip_commands.host_sim.lte.esm import SessionManagement
from ip_commands.host_sim.lte.esm_causes import REACTIVATE, esm_cause
from ip_commands.host_sim.lte.mme import UeContext
from ip_commands.host_sim.lte.mobility_context import DetachOrder
from ip_commands.host_sim.lte.profiles import Profile
from ip_commands.host_sim.lte.refusals import HOME, Refusal, session_refusal
from ip_commands.host_sim.lte.session_record import (
    ATTACH_ACCEPTED,
    ATTACH_FAILED,
    ATTACH_REJECTED,
    INTERNAL_ERRORS,
    SESSION_ENDED,
    SESSION_FAILED,
    SESSION_STARTED,
    SESSION_UPDATED,
    ConnectionEvent,
    SessionRecord,
)
from ip_commands.host_sim.time.event_queue import EventQueue

REGULAR_DEACTIVATION = 36


class Subscriber(Protocol):
    """A UE as its home core knows it."""

    name: str
    iccid: str
    imsi: str
    imei: str
    random: Random
    context: UeContext
    emm: MobilityManagement
    esm: SessionManagement

    @property
    def profile(self) -> Profile:
        """The network where it is."""
        ...


class HomeCore:
    """One for all UEs of a network model. apns: those accepted; None: every one."""

    def __init__(self, queue: EventQueue, apns: Collection[str] | None) -> None:
        self._queue = queue
        self.admission = Admission(queue, apns)
        """Who is let in; hand in what the subscriptions say."""
        self.on_event: Callable[[ConnectionEvent], None] | None = None
        """Called with everything that the core tells of attaches and data connections."""
        self.update_s: int | None = None
        """How often a living session is told of; None: never. One captured event of the service
        covers 360 s. Set it before sessions begin."""

    # -- asked by UEs -----------------------------------------------------------------------------
    def decide_attach(self, ue: Subscriber) -> Refusal | None:
        """Return None for Attach Accept, or the reject; either is told."""
        refusal = self.admission.decide_attach(ue.iccid, ue.profile, ue.random)
        if self.on_event is not None:
            event = ATTACH_ACCEPTED
            if refusal is not None and emm_cause(refusal.cause).reaction != GO_ON:
                failed = refusal.service_code in INTERNAL_ERRORS
                event = ATTACH_FAILED if failed else ATTACH_REJECTED
            self._tell(ue, event, refusal)
        return refusal

    def decide_session(self, ue: Subscriber, apn: str) -> Refusal | None:
        """Return None for a data connection, or the reject, which is told."""
        refusal = self.admission.decide_session(ue.iccid, ue.profile, apn)
        if refusal is not None:
            self._tell(ue, SESSION_FAILED, refusal, apn=apn)
        return refusal

    def allowance_bytes(self, ue: Subscriber) -> int | None:
        """Return how much a data connection that begins may carry; None: no limit."""
        allowance = self.admission.allowance_bytes
        return None if allowance is None else allowance(ue.iccid)

    # -- what the core does by itself -------------------------------------------------------------
    def detach(self, ue: Subscriber, reason: str, cause: int | None = None) -> bool:
        """Cancel Location: detach a UE; False when it is not attached.

        A connected UE, or one that hears a page in DRX, gets a Detach Request, with the EMM cause
        or, None, without one: then it attaches anew. In eDRX, in PSM or away it is detached
        implicitly, and learns of it at its next contact.
        """
        if cause is not None:
            emm_cause(cause)
        context = ue.context
        if not context.registered:
            return False
        context.detach(f"the network detached the device: {reason}")
        context.detach_order = DetachOrder(cause, reason)
        ue.emm.network_detaches()
        return True

    def end_session(
        self, ue: Subscriber, reason: str, cause: int = REGULAR_DEACTIVATION, by: str = HOME
    ) -> bool:
        """Deactivate the data connection; False when there is none. The next has another address.

        A connected UE hears it at once, with the ESM cause; with cause 39, reactivation requested,
        one that is idle in DRX by a page; another at its next contact.
        """
        row = esm_cause(cause)
        context = ue.context
        if context.session is None:
            return False
        context.address_turn += 1
        context.close_session(f"the network ended it, {row} ({reason})")
        ue.esm.network_ended_session(session_refusal(cause, reason, by))
        if row.reaction == REACTIVATE:
            ue.emm.reactivation_requested()
        return True

    def count(self, ue: Subscriber, session: SessionRecord) -> None:
        """Take that a session carried something: it may have reached its limit."""
        if session.limit_bytes is not None and session.is_over_limit:
            session.limit_bytes = None  # once
            self._queue.after(0, self._limit_reached, ue, session)

    def follow_allowance(self, ue: Subscriber) -> None:
        """Have a data connection that lives carry as much as the subscription says by now."""
        session = ue.context.session
        if session is not None:
            left_bytes = self.allowance_bytes(ue)  # what was told is no longer in it
            told_bytes = session.told_up_bytes + session.told_down_bytes
            session.limit_bytes = None if left_bytes is None else told_bytes + left_bytes
            self.count(ue, session)

    def _limit_reached(self, ue: Subscriber, session: SessionRecord) -> None:
        if ue.context.session is session:
            self.end_session(ue, "the data limit is reached")

    # -- sessions told ----------------------------------------------------------------------------
    def session_told(
        self, ue: Subscriber, event: str, session: SessionRecord, reason: str
    ) -> None:
        """Take that a session began or ended."""
        if event is SESSION_STARTED:
            length_s = ue.profile.session_max_s
            if length_s is not None:
                session.end_event = self._queue.after(
                    length_s * 1000, self._session_over, ue, session
                )
            if self.update_s is not None:
                session.update_event = self._queue.after(
                    self.update_s * 1000, self._update, ue, session
                )
        elif event is SESSION_ENDED:
            session.cancel_events()
        self._tell(ue, event, None, session, reason)

    def _session_over(self, ue: Subscriber, session: SessionRecord) -> None:
        session.end_event = None
        profile = ue.profile
        reason = f"it lasted {profile.session_max_s} s, session_max_s"
        self.end_session(ue, reason, profile.session_end_cause)

    def _update(self, ue: Subscriber, session: SessionRecord) -> None:
        session.update_event = None
        self._tell(ue, SESSION_UPDATED, None, session)
        if self.update_s is not None and ue.context.session is session:
            session.update_event = self._queue.after(
                self.update_s * 1000, self._update, ue, session
            )

    def _tell(
        self,
        ue: Subscriber,
        event: str,
        refusal: Refusal | None,
        session: SessionRecord | None = None,
        reason: str = "",
        apn: str | None = None,
    ) -> None:
        if self.on_event is None:
            return
        now = self._queue.now_ms
        profile = ue.profile
        where = (profile.plmn, profile.tac, profile.cell_id, profile.access)
        who = (ue.name, ue.iccid, ue.imsi, ue.imei)
        if session is None:
            told = ConnectionEvent(
                *(now, event, *who, *where, refusal, reason),
                *(None, apn, None, None, None, 0, 0, 0, 0),
            )
        else:
            up, down = session.up_bytes, session.down_bytes
            told = ConnectionEvent(
                *(now, event, *who, *where, refusal, reason),
                *(session.number, session.apn, session.ip_address, session.started_ms),
                session.told_ms,
                *(up - session.told_up_bytes, down - session.told_down_bytes, up, down),
            )
            session.told_ms, session.told_up_bytes, session.told_down_bytes = now, up, down
        self.on_event(told)
