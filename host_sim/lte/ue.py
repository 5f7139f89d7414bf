"""One device's UE: what a modem uses of the cellular side, and what tests do to it."""

from random import Random
from typing import TYPE_CHECKING, Protocol

from ip_commands.host_sim.lte import edrx, energy
from ip_commands.host_sim.lte.datagram import (
    DROPPED,
    IP_UDP_HEADER_BYTES,
    UP,
    Datagram,
    fragment_count,
)
from ip_commands.host_sim.lte.edrx import WindowPlan
from ip_commands.host_sim.lte.emm import MobilityManagement
from ip_commands.host_sim.lte.energy import CurrentProfile
from ip_commands.host_sim.lte.explain_state import explain_state
from ip_commands.host_sim.lte.ledger import Ledger
from ip_commands.host_sim.lte.listening import Listening
from ip_commands.host_sim.lte.mme import UeContext
from ip_commands.host_sim.lte.negotiation import EdrxGrant, PsmGrant
from ip_commands.host_sim.lte.paging import Occasion
from ip_commands.host_sim.lte.profiles import Profile
from ip_commands.host_sim.lte.rrc import RadioConnection
from ip_commands.host_sim.lte.states import (
    ATTACHING,
    CONNECTED,
    CONNECTING,
    DETACHED,
    IDLE,
    IDLE_DRX,
    IDLE_EDRX,
    PSM,
    UNREACHABLE,
)

if TYPE_CHECKING:
    from ip_commands.host_sim.lte.network import Network

_ACCESS_TECHNOLOGY = {"lte": 7, "cat-m1": 7, "nb-iot": 9}
_CAUSE_OF = {
    DETACHED: energy.OFF,
    ATTACHING: energy.SEARCH,
    UNREACHABLE: energy.SEARCH,
    CONNECTING: energy.CONNECTED,
    CONNECTED: energy.CONNECTED,
    IDLE_DRX: energy.DRX,
    IDLE_EDRX: energy.EDRX,
    PSM: energy.PSM,
}


class Listener(Protocol):
    """What a modem hears from its UE; called at the simulated instant."""

    def registration_changed(self) -> None: ...
    def pdp_changed(self, active: bool) -> None: ...
    def rrc_changed(self, connected: bool) -> None: ...
    def datagram_arrived(
        self, payload: bytes, source_host: str, source_port: int, destination_port: int
    ) -> None: ...
    def power_saving_granted(self) -> None: ...
    def psm_changed(self, asleep: bool) -> None: ...


class Ue:
    """User equipment; made by ``Network.add_ue``. Off until ``switch_on`` or ``connect``."""

    __slots__ = (
        "_datagrams",
        "context",
        "edrx_allowed",
        "emm",
        "iccid",
        "imei",
        "imsi",
        "in_coverage",
        "ledger",
        "listener",
        "listening",
        "name",
        "network",
        "powered",
        "profile",
        "psm",
        "queue",
        "random",
        "rrc",
        "state",
    )

    def __init__(
        self,
        network: "Network",
        name: str,
        imsi: str,
        iccid: str,
        imei: str,
        profile: Profile,
        currents: CurrentProfile,
    ) -> None:
        self.network = network
        self.queue = network.queue
        self.name = name
        self.imsi = imsi
        self.iccid = iccid
        self.imei = imei
        self.profile = profile
        self.random = Random(f"{network.seed}/{name}")
        """Everything random about this device comes from here, whatever other devices do."""
        self.listener: Listener | None = None
        self.state = DETACHED
        """One of ``states.STATES``."""
        self.powered = False
        self.in_coverage = True
        self.edrx_allowed = profile.edrx_allowed
        """Whether the serving cell sends hyperSFN and eDRX-Allowed."""
        self.psm: PsmGrant | None = None
        self._datagrams = 0
        self.ledger = Ledger(network.queue, currents)
        self.listening = Listening(self)
        self.context = UeContext(self)
        self.rrc = RadioConnection(self)
        self.emm = MobilityManagement(self)

    # -- what a modem reads -----------------------------------------------------------------------
    @property
    def registration(self) -> int:
        """<stat> of +CEREG (TS 27.007 10.1.22)."""
        return self.emm.registration

    @property
    def access_technology(self) -> int:
        """<AcT>: 7 E-UTRAN, 9 NB-IoT."""
        return _ACCESS_TECHNOLOGY[self.profile.access]

    @property
    def is_cat_m1(self) -> bool:
        return self.profile.access == "cat-m1"

    @property
    def tac(self) -> str:
        return self.profile.tac

    @property
    def cell_id(self) -> str:
        return self.profile.cell_id

    @property
    def plmn(self) -> str:
        return self.profile.plmn

    @property
    def _camps(self) -> bool:
        return self.powered and self.in_coverage

    @property
    def rsrp_dbm(self) -> int | None:
        """Signal strength; None when off or without coverage."""
        return self.profile.rsrp_dbm if self._camps else None

    @property
    def rsrq_db(self) -> float | None:
        return self.profile.rsrq_db if self._camps else None

    @property
    def ip_address(self) -> str | None:
        """The device's address, None without a data connection as the device knows it."""
        return self.emm.ip_address

    @property
    def rrc_connected(self) -> bool:
        return self.rrc.connected

    @property
    def granted_edrx(self) -> tuple[str, str, str] | None:
        """(requested cycle, granted cycle, PTW) bits; None when eDRX is not in use."""
        grant = self.context.edrx
        return grant.bits if grant is not None and self.emm.registered else None

    @property
    def granted_psm(self) -> tuple[str, str] | None:
        """(T3412 extended, T3324) bits; None when PSM is not in use."""
        return self.psm.bits if self.psm is not None and self.emm.registered else None

    @property
    def network_time_ms(self) -> int | None:
        """NITZ: milliseconds since 1980-01-06 UTC; None before registration."""
        return self.queue.now_ms if self.emm.registered else None

    @property
    def m_tmsi(self) -> int:
        """The identity that paging time windows follow from."""
        return self.listening.m_tmsi

    @property
    def windows(self) -> WindowPlan | None:
        """When the UE listens in eDRX; None: at every DRX occasion."""
        return self.listening.windows

    @property
    def where(self) -> Occasion:
        """When the UE listens in DRX, or inside a window."""
        return self.listening.where

    @property
    def mode(self) -> str:
        """``wb`` or ``nb``: which table of eDRX values applies."""
        return edrx.mode_of(self.profile.paging.channel)

    @property
    def is_in_contact(self) -> bool:
        """True from the first preamble of a connection to its release."""
        return self.rrc.connected or self.rrc.is_connecting

    # -- what a modem does ------------------------------------------------------------------------
    def switch_on(self) -> None:
        """Radio on: search and attach."""
        if not self.powered:
            self.powered = True
            self.emm.search()

    def connect(self, apn: str = "super") -> None:
        """Switch on, and bring the data connection up after every attach: a UE without a modem."""
        self.emm.keep_apn = apn
        self.switch_on()

    def switch_off(self) -> None:
        """Radio off: tell the network if it can hear, and be gone."""
        if not self.powered:
            return
        if self.in_coverage and self.emm.registered:
            self.context.detach("the device detached")
        self._stop("the device switched its radio off")
        self.context.watch_for_silence()

    def lose_power(self) -> None:
        """Be gone without a word: the network goes on believing until its timers end."""
        if self.powered:
            self._stop("the device lost its power")
            self.context.watch_for_silence()

    def _stop(self, reason: str) -> None:
        had_session = self.ip_address is not None
        self.powered = False
        self.rrc.fail(reason)
        self.emm.detached()
        if had_session and self.listener is not None:
            self.listener.pdp_changed(False)

    def activate_pdp(self, apn: str) -> None:
        """Ask for the data connection."""
        self.emm.activate_pdp(apn)

    def deactivate_pdp(self) -> None:
        """End the data connection."""
        self.emm.deactivate_pdp()

    def send_udp(self, payload: bytes, source_port: int, host: str, port: int) -> bool:
        """Send an uplink datagram; False when there is no data connection."""
        address = self.ip_address
        if address is None:
            return False
        datagram = self.make_datagram(UP, payload, (address, source_port), (host, port))
        if not self.in_coverage:
            datagram.close(self.queue.now_ms, DROPPED, "dropped", "no coverage to send it")
        else:
            self.rrc.send_up(datagram)
        return True

    def request_edrx(self, cycle_bits: str | None) -> None:
        """Ask for an eDRX cycle; None: none. Raises ValueError unless four bits."""
        if cycle_bits is not None and (len(cycle_bits) != 4 or set(cycle_bits) - {"0", "1"}):
            raise ValueError(f"eDRX cycle {cycle_bits!r} is not four bits")
        self.emm.request(cycle_bits, self.emm.asked_psm)

    def request_psm(self, t3412_bits: str | None, t3324_bits: str | None) -> None:
        """Ask for PSM; None: none (of both), or the network's own T3412."""
        if t3324_bits is None:
            self.emm.request(self.emm.asked_edrx, None)
            return
        for bits in (t3412_bits or "11100000", t3324_bits):
            if len(bits) != 8 or set(bits) - {"0", "1"}:
                raise ValueError(f"timer {bits!r} is not eight bits")
        self.emm.request(self.emm.asked_edrx, (t3412_bits or "11100000", t3324_bits))

    def wake(self) -> None:
        """Leave PSM because the host wants something."""
        if self.state is PSM:
            self.emm.update()

    # -- what happens to a device -----------------------------------------------------------------
    def lose_coverage(self) -> None:
        """Take the network away from the UE; the network does not know."""
        if not self.in_coverage:
            return
        self.in_coverage = False
        if self.powered:
            connected = self.rrc.connected
            self.rrc.fail("the device lost coverage")
            self.emm.lost_coverage()
            self.emm.tau_due = self.emm.tau_due or connected
            self.context.watch_for_silence()

    def find_coverage(self) -> None:
        """Give the network back."""
        if not self.in_coverage:
            self.in_coverage = True
            if self.powered:
                self.emm.found_coverage()

    def enter_cell(self, cell_id: str, tac: str | None = None, edrx_allowed: bool = True) -> None:
        """Move to another cell; a new tracking area means a TAU.

        A UE in PSM notices only when it wakes. In a cell without eDRX of the same tracking area
        the UE listens in DRX while the MME still thinks in windows.
        """
        moved = tac is not None and tac != self.profile.tac
        self.edrx_allowed = edrx_allowed
        self.profile = self.profile.with_changes(cell_id=cell_id, tac=tac or self.profile.tac)
        self.listening.follow()
        if moved and self.state is PSM:
            self.emm.tau_due = True
        elif moved:
            self.emm.update()
        elif self.state in IDLE:
            self.enter_idle()

    def explain_state(self) -> str:
        """Say in a sentence what the UE is doing and when it can next be reached."""
        return explain_state(self)

    def move_to(self, profile: Profile) -> None:
        """Put the device into another network: it detaches here and attaches there.

        From now on it asks for the eDRX and PSM values that the new profile names.
        """
        was_powered = self.powered
        self.switch_off()
        self.profile = self.context.profile = profile
        self.context.t3412_ms = profile.t3412_s * 1000
        self.edrx_allowed = profile.edrx_allowed
        self.emm.asked_edrx = profile.requested_edrx
        self.emm.asked_psm = profile.requested_psm
        if was_powered:
            self.switch_on()

    # -- used by the parts of the model -----------------------------------------------------------
    def enter(self, state: str, cause: str | None = None) -> None:
        """Be in another state from now on; ``cause`` of charge where the state does not tell."""
        now = self.queue.now_ms
        was = self.state
        self.ledger.switch(now, cause or _CAUSE_OF[state])
        self.state = state
        history = self.network.history
        if history is not None:
            history.state_changed(self, now, state)
        if was is PSM and state is not PSM and self.listener is not None:
            self.listener.psm_changed(False)

    def enter_idle(self) -> None:
        """Be idle, in eDRX or in DRX as the cell and the grant say."""
        self.enter(IDLE_DRX if self.listening.windows is None else IDLE_EDRX)

    def new_guti(self) -> None:
        """Take another M-TMSI: hashed identity and windows change with it."""
        self.listening.m_tmsi = self.random.getrandbits(32)

    def reallocate_guti(self) -> None:
        """Have the network give a new GUTI with a TAU, and so other paging time windows."""
        self.emm.guti_due = True
        self.emm.update()

    def grant(self, edrx_grant: EdrxGrant | None, psm_grant: PsmGrant | None) -> None:
        """Take over what an accept message carries."""
        self.psm = psm_grant
        self.context.accept(edrx_grant, psm_grant)
        self.listening.follow()

    def hear_page(self) -> str | None:
        """Take a page sent now; answer it and return None, or return why it was not heard."""
        state = self.state
        if state is IDLE_EDRX or state is IDLE_DRX:
            profile = self.profile
            if self.random.random() < profile.page_miss:
                return f"the UE did not hear it (chance {profile.page_miss:g})"
            self.rrc.connect(profile.mpdcch_repetitions * profile.ce_factor)
            return None
        if state is PSM:
            return "the UE is in PSM and does not listen"
        if state is UNREACHABLE:
            return "the UE is out of coverage"
        return f"the UE is {state} and does not listen"

    def make_datagram(
        self, direction: str, payload: bytes, source: tuple[str, int], destination: tuple[str, int]
    ) -> Datagram:
        """Make a datagram of this device, counted and with its first trail entry."""
        now = self.queue.now_ms
        self._datagrams += 1
        datagram = Datagram(
            self.name, self._datagrams, direction, payload, source, destination, now
        )
        datagram.notes.append((now, "created", "{0} bytes", (len(payload),)))
        if len(payload) + IP_UDP_HEADER_BYTES > self.profile.mtu_bytes:
            datagram.fragments = fragment_count(len(payload), self.profile.mtu_bytes)
            datagram.note(
                now,
                "fragmented",
                "above the MTU of {0} bytes: {1} IP fragments",
                self.profile.mtu_bytes,
                datagram.fragments,
            )
        self.network.opened(datagram)
        return datagram
