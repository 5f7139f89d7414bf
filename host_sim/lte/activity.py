"""What one UE is doing now, and who hears of it: its ledger, its modem, the pictures."""

from typing import Protocol

from ip_commands.host_sim.lte import energy
from ip_commands.host_sim.lte.history import History, Lane
from ip_commands.host_sim.lte.ledger import Ledger
from ip_commands.host_sim.lte.listening import Listening
from ip_commands.host_sim.lte.refusals import Refusal
from ip_commands.host_sim.lte.states import (
    ATTACHING,
    CONNECTED,
    CONNECTING,
    DETACHED,
    IDLE_DRX,
    IDLE_EDRX,
    LIMITED,
    PSM,
    UNREACHABLE,
)
from ip_commands.host_sim.time.event_queue import EventQueue

_CAUSE_OF = {
    DETACHED: energy.OFF,
    ATTACHING: energy.SEARCH,
    UNREACHABLE: energy.SEARCH,
    LIMITED: energy.DRX,
    CONNECTING: energy.CONNECTED,
    CONNECTED: energy.CONNECTED,
    IDLE_DRX: energy.DRX,
    IDLE_EDRX: energy.EDRX,
    PSM: energy.PSM,
}


class Listener(Protocol):
    """What a modem hears from its UE; called at the simulated instant."""

    def bearer_apn(self) -> str | None:
        """Return the APN of the default bearer that the attach asks for; None: it does not."""
        ...

    def registration_changed(self) -> None:
        """Take a new <stat> of +CEREG, or a new refusal while it stays the same."""
        ...

    def pdp_changed(self, active: bool) -> None: ...
    def rrc_changed(self, connected: bool) -> None: ...
    def datagram_arrived(
        self, payload: bytes, source_host: str, source_port: int, destination_port: int
    ) -> None: ...
    def power_saving_granted(self) -> None: ...
    def psm_changed(self, asleep: bool) -> None: ...


class Archive(Protocol):
    """Who may keep a history, from some time on."""

    @property
    def history(self) -> History | None:
        """None: nobody wants pictures yet."""
        ...


class Activity:
    """The state of one UE, and who listens to its modem side."""

    __slots__ = (
        "_archive",
        "_ledger",
        "_listening",
        "_queue",
        "_ue_name",
        "last_refusal",
        "listener",
        "state",
    )

    def __init__(
        self,
        queue: EventQueue,
        ue_name: str,
        ledger: Ledger,
        listening: Listening,
        archive: Archive,
    ) -> None:
        self._queue = queue
        self._ue_name = ue_name
        self._ledger = ledger
        self._listening = listening
        self._archive = archive
        self.state = DETACHED
        """One of ``states.STATES``."""
        self.last_refusal: Refusal | None = None
        """The last reject, or end by the network, that the UE heard of while it is on."""
        self.listener: Listener | None = None
        """The modem; None: a UE without one."""

    def enter(self, state: str, cause: str | None = None) -> None:
        """Be in another state from now on; ``cause`` of charge where the state does not tell."""
        was = self.state
        self._ledger.switch(self._queue.now_ms, cause or _CAUSE_OF[state])
        self.state = state
        history = self._archive.history
        if history is not None:
            history.state_changed(self._ue_name, self.lane())
        if was is PSM and state is not PSM and self.listener is not None:
            self.listener.psm_changed(False)

    def enter_idle(self) -> None:
        """Be idle, in eDRX or in DRX as the cell and the grant say."""
        self.enter(IDLE_DRX if self._listening.windows is None else IDLE_EDRX)

    def enter_psm(self) -> None:
        """Be asleep, and let the modem know."""
        self.enter(PSM)
        if self.listener is not None:
            self.listener.psm_changed(True)

    def lane(self) -> Lane:
        """Return the stretch of time that begins now."""
        listening = self._listening
        return Lane(self._queue.now_ms, self.state, listening.windows, listening.where)
