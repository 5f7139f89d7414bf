"""One device's UE: its parts put together, what a modem does with it, what happens to it.

A ``Network`` owns its UEs, a ``Ue`` its parts; the MME's context owns the paging procedure and
the S-GW's side. Each part knows, by name, only parts that stand below it here::

    emm             attach, TAU, idle timers, coverage
    esm             the data connection
    power_saving    what is asked for and granted
    mme.UeContext   the core network's side: sgw, paging_procedure, mobility_context
    rrc, enb        the connection, as the UE and as the eNB sees it
    ip_stack        the modem's TCP, names and pings
    bearer          the datagrams on the air
    activity        the state, and who hears of it
    listening       when pages are heard
    radio           RSRP over time
    camping         on, covered, in which cell

``emm`` is built up in files: emm_state, emm_search, emm_attach, emm_detach, emm. What several
networks add is in ``ue_networks``.

Upwards a part calls only what it lists in a small protocol of its own file: ``rrc.Nas`` (emm) and
``enb.S1`` (context), ``paging_procedure.PagingMme`` and ``sgw.SgwMme`` (context), ``esm.Emm``;
towards the network ``esm.PacketGateway`` (ue), ``activity.Archive``, ``UeNetwork`` and ``Home``.
"""

from collections.abc import Callable
from random import Random
from typing import Protocol

from ip_commands.host_sim.lte.activity import Activity, Archive, Listener
from ip_commands.host_sim.lte.bearer import RadioBearer
from ip_commands.host_sim.lte.camping import Camping
from ip_commands.host_sim.lte.datagram import (
    DROPPED,
    IP_UDP_HEADER_BYTES,
    UP,
    Datagram,
    check_assistance,
    fragment_count,
)
from ip_commands.host_sim.lte.emm import MobilityManagement
from ip_commands.host_sim.lte.energy import Currents
from ip_commands.host_sim.lte.esm import SessionManagement
from ip_commands.host_sim.lte.internet import Internet
from ip_commands.host_sim.lte.ip_stack import IpStack
from ip_commands.host_sim.lte.ledger import Ledger
from ip_commands.host_sim.lte.listening import Listening
from ip_commands.host_sim.lte.mme import UeContext
from ip_commands.host_sim.lte.nat import SERVICE_HOST
from ip_commands.host_sim.lte.power_saving import PowerSaving
from ip_commands.host_sim.lte.profiles import Profile
from ip_commands.host_sim.lte.radio_conditions import RadioConditions
from ip_commands.host_sim.lte.refusals import Refusal
from ip_commands.host_sim.lte.rrc import RadioConnection
from ip_commands.host_sim.lte.search_patterns import SearchPattern
from ip_commands.host_sim.lte.session_record import SessionRecord
from ip_commands.host_sim.lte.sim_networks import SimNetworks
from ip_commands.host_sim.lte.states import IDLE, PSM
from ip_commands.host_sim.lte.ue_networks import UeAmongNetworks
from ip_commands.host_sim.time.event_queue import EventQueue


class Home(Protocol):
    """The SIM's home core."""

    def decide_attach(self, ue: "Ue") -> Refusal | None: ...
    def decide_session(self, ue: "Ue", apn: str) -> Refusal | None: ...
    def allowance_bytes(self, ue: "Ue") -> int | None: ...
    def count(self, ue: "Ue", session: SessionRecord) -> None: ...
    def session_told(self, ue: "Ue", event: str, session: SessionRecord, reason: str) -> None: ...


class UeNetwork(Archive, Protocol):
    """What a UE needs of the network beside what its parts do."""

    @property
    def queue(self) -> EventQueue: ...

    @property
    def seed(self) -> int | str: ...

    @property
    def on_uplink(self) -> "Callable[[Ue, Datagram, str, int], None] | None":
        """Who takes uplink datagrams: UE, datagram, host, port."""
        ...

    @property
    def home(self) -> Home: ...

    @property
    def internet(self) -> Internet: ...

    def allocate_address(self, ue_name: str, m_tmsi: int, holder: UeContext) -> str:
        """Return an address that nobody uses; ``holder`` has it while its session does."""
        ...

    def opened(self, datagram: Datagram) -> None:
        """Count a new datagram."""
        ...


class Ue(UeAmongNetworks):
    """User equipment; made by ``Network.add_ue``. Off until ``switch_on`` or ``connect``."""

    __slots__ = ("_datagrams", "_ip", "_network")

    def __init__(
        self,
        network: UeNetwork,
        name: str,
        imsi: str,
        iccid: str,
        imei: str,
        profile: Profile,
        currents: Currents,
        sim: SimNetworks | None,
        pattern: SearchPattern,
    ) -> None:
        self._network = network
        queue = self.queue = network.queue
        self.name = name
        self.imsi = imsi
        self.iccid = iccid
        self.imei = imei
        random = self.random = Random(f"{network.seed}/{name}")
        """Everything random about this device comes from here, whatever other devices do."""
        self._datagrams = 0
        self._ip: IpStack | None = None
        self._pattern = pattern
        self.surroundings = None

        camping = self.camping = Camping(profile)
        self.radio = RadioConditions(queue, camping, f"{network.seed}/{name}/radio", self)
        ledger = self.ledger = Ledger(queue, currents, profile.access)
        listening = self.listening = Listening(queue, imsi, camping, ledger)
        activity = self.activity = Activity(queue, name, ledger, listening, network)
        bearer = RadioBearer(
            queue, random, camping, activity, ledger, self._leave_core, self._reach_stack
        )
        rrc = self.rrc = RadioConnection(queue, random, camping, activity, ledger, bearer)
        context = self.context = UeContext(
            queue, profile, rrc, listening, self._keeps_in_touch, self
        )
        self.power_saving = PowerSaving(camping, activity, listening, context)
        esm = self.esm = SessionManagement(queue, camping, activity, rrc, context, self)
        self.emm = MobilityManagement(
            queue,
            random,
            camping,
            activity,
            listening,
            rrc,
            context,
            self.power_saving,
            esm,
            self,
            sim,
            pattern,
        )
        rrc.nas, rrc.enb.core = self.emm, context
        self.esm.emm = self.emm

    @property
    def listener(self) -> Listener | None:
        """The modem that hears what happens; None: a UE without one."""
        return self.activity.listener

    @listener.setter
    def listener(self, listener: Listener | None) -> None:
        self.activity.listener = listener

    # -- what a modem does ------------------------------------------------------------------------
    def switch_on(self) -> None:
        """Radio on: search and attach."""
        if not self.camping.powered:
            self.camping.powered = True
            self.emm.search()

    def connect(self, apn: str = "super") -> None:
        """Switch on, and bring the data connection up after every attach: a UE without a modem."""
        self.esm.keep_apn = apn
        self.switch_on()

    def switch_off(self) -> None:
        """Radio off: tell the network if it can hear, and be gone."""
        if not self.camping.powered:
            return
        self._say_goodbye("the device detached")
        self._stop("the device switched its radio off")
        self.context.watch_for_silence()

    def lose_power(self) -> None:
        """Be gone without a word: the network goes on believing until its timers end."""
        if self.camping.powered:
            self._stop("the device lost its power")
            self.context.watch_for_silence()

    def _stop(self, reason: str) -> None:
        had_session = self.esm.ip_address is not None
        self.camping.powered = False
        self.rrc.fail(reason)
        self.emm.detached()
        self.camping.in_coverage = self.camping.is_covered
        if had_session and self.activity.listener is not None:
            self.activity.listener.pdp_changed(False)

    def activate_pdp(self, apn: str) -> None:
        """Ask for the data connection."""
        self.esm.activate(apn)

    def deactivate_pdp(self) -> None:
        """End the data connection."""
        self.esm.deactivate()

    def send_udp(
        self,
        payload: bytes,
        source_port: int,
        host: str,
        port: int,
        release_assistance: int | None = None,
    ) -> bool:
        """Send an uplink datagram; False when there is no data connection.

        release_assistance: what follows it, one of ``datagram.ASSISTANCE``; None: not said.
        Raises ValueError for anything else.
        """
        check_assistance(release_assistance)
        address = self.esm.ip_address
        if address is None:
            return False
        datagram = self.make_datagram(UP, payload, (address, source_port), (host, port))
        datagram.release_assistance = release_assistance
        self._send_up(datagram)
        return True

    def _send_up(self, datagram: Datagram) -> None:
        if not self.camping.in_coverage and not self.rrc.connected:
            datagram.close(self.queue.now_ms, DROPPED, "dropped", "no coverage to send it")
        else:
            self.rrc.send_up(datagram)

    @property
    def ip(self) -> IpStack:
        """The modem's own IP stack: TCP, names, pings."""
        if self._ip is None:
            self._ip = IpStack(self, self.queue)
        return self._ip

    @property
    def mtu_bytes(self) -> int:
        return self.camping.profile.mtu_bytes

    def send_packet(
        self,
        carries: object,
        payload: bytes,
        header_bytes: int,
        source_port: int,
        destination: tuple[str, int],
    ) -> None:
        """Send what the IP stack has to send; into nothing without a data connection."""
        address = self.esm.ip_address
        if address is not None:
            datagram = self.make_datagram(UP, payload, (address, source_port), destination)
            datagram.carries, datagram.header_bytes = carries, header_bytes
            self._send_up(datagram)

    def assist_release(self) -> None:
        """Say that nothing will follow what was sent already."""
        self.rrc.assist_release()

    def request_edrx(self, cycle_bits: str | None) -> None:
        """Ask for an eDRX cycle; None: none. Raises ValueError unless four bits."""
        self.power_saving.ask_edrx(cycle_bits)
        self.emm.update()

    def request_psm(self, t3412_bits: str | None, t3324_bits: str | None) -> None:
        """Ask for PSM; None: none (of both), or the network's own T3412.

        Raises ValueError unless each is eight bits.
        """
        self.power_saving.ask_psm(t3412_bits, t3324_bits)
        self.emm.update()

    def wake(self) -> None:
        """Leave PSM because the host wants something."""
        if self.activity.state is PSM:
            self.emm.update()

    # -- what happens to a device -----------------------------------------------------------------
    def follow_cell(self) -> None:
        """Listen, and pay for it, as the present cell and coverage level say."""
        self.power_saving.follow_cell()

    def enter_cell(self, cell_id: str, tac: str | None = None, edrx_allowed: bool = True) -> None:
        """Move to another cell; a new tracking area means a TAU.

        A UE in PSM notices only when it wakes. In a cell without eDRX of the same tracking area
        the UE listens in DRX while the MME still thinks in windows.
        """
        moved = self.camping.enter_cell(cell_id, tac, edrx_allowed)
        self.power_saving.follow_cell()
        if moved and self.activity.state is PSM:
            self.emm.tau_due = True
        elif moved:
            self.emm.search_elsewhere()
            self.emm.update()
        elif self.activity.state in IDLE:
            self.activity.enter_idle()

    def move_to(self, profile: Profile) -> None:
        """Put the device into another network: it detaches here and attaches there.

        From now on it asks for the eDRX and PSM values that the new profile names.
        """
        was_powered = self.camping.powered
        self.switch_off()
        self._leave_surroundings()
        self.camping.enter_network(profile)
        self.follow_coverage()
        self.context.enter_network(profile)
        self.power_saving.ask_as_profile()
        if was_powered:
            self.switch_on()

    def reallocate_guti(self) -> None:
        """Have the network give a new GUTI with a TAU, and so other paging time windows."""
        self.emm.guti_due = True
        self.emm.update()

    # -- handed to the parts and to the network ---------------------------------------------------
    def _keeps_in_touch(self) -> bool:
        return self.camping.camps and self.emm.registered

    def decide_attach(self) -> Refusal | None:
        """Ask the home core for an attach: None for yes."""
        return self._network.home.decide_attach(self)

    def decide_session(self, apn: str) -> Refusal | None:
        """Ask the home core for a data connection: None for yes."""
        return self._network.home.decide_session(self, apn)

    def allowance_bytes(self) -> int | None:
        """Return how much a data connection may carry; None: no limit."""
        return self._network.home.allowance_bytes(self)

    def allocate_address(self) -> str:
        """Return the address of a data connection that begins."""
        return self._network.allocate_address(self.name, self.m_tmsi, self.context)

    def session_told(self, event: str, session: SessionRecord, reason: str) -> None:
        """Take what the core tells of a session."""
        self._network.home.session_told(self, event, session, reason)

    def _leave_core(self, datagram: Datagram) -> None:
        session = self.context.session
        if session is not None:
            session.up_bytes += datagram.octets
            if session.limit_bytes is not None:
                self._network.home.count(self, session)
        if datagram.carries is not None:
            if session is not None:
                self._network.internet.take(self, datagram, session)
            return
        if datagram.destination_host != SERVICE_HOST:
            idle_s = self.camping.profile.nat_udp_idle_s
            self.context.nat.outbound(datagram.source_port, self.queue.now_ms, idle_s)
        on_uplink = self._network.on_uplink
        if on_uplink is not None:
            on_uplink(self, datagram, datagram.destination_host, datagram.destination_port)

    def _reach_stack(self, datagram: Datagram) -> None:
        self.ip.arrived(datagram)

    def make_datagram(
        self, direction: str, payload: bytes, source: tuple[str, int], destination: tuple[str, int]
    ) -> Datagram:
        """Make a datagram of this device, counted and with its first trail entry."""
        now = self.queue.now_ms
        mtu_bytes = self.camping.profile.mtu_bytes
        self._datagrams += 1
        datagram = Datagram(
            self.name, self._datagrams, direction, payload, source, destination, now
        )
        datagram.notes.append((now, "created", "{0} bytes", (len(payload),)))
        if len(payload) + IP_UDP_HEADER_BYTES > mtu_bytes:
            datagram.fragments = fragment_count(len(payload), mtu_bytes)
            datagram.note(
                now,
                "fragmented",
                "above the MTU of {0} bytes: {1} IP fragments",
                mtu_bytes,
                datagram.fragments,
            )
        self._network.opened(datagram)
        return datagram
