"""The network that joins UEs, core and time; the cloud side's door to devices."""

import hashlib
from collections.abc import Callable, Collection, Sequence
from ipaddress import IPv4Address, IPv4Network

from ip_commands.host_sim.lte.datagram import DELIVERED, DOWN, DROPPED, WAITING, Datagram
from ip_commands.host_sim.lte.energy import Currents
from ip_commands.host_sim.lte.history import History
from ip_commands.host_sim.lte.home_core import HomeCore
from ip_commands.host_sim.lte.internet import Internet, InternetUe
from ip_commands.host_sim.lte.mme import UeContext
from ip_commands.host_sim.lte.nat import SERVICE_HOST
from ip_commands.host_sim.lte.profiles import PROFILES, Profile
from ip_commands.host_sim.lte.reference_currents import REFERENCE
from ip_commands.host_sim.lte.rsrp import RsrpLike, rsrp_of
from ip_commands.host_sim.lte.search_patterns import DEFAULT_PATTERN, SearchPattern
from ip_commands.host_sim.lte.search_patterns import search_pattern as find_pattern
from ip_commands.host_sim.lte.session_record import SessionRecord
from ip_commands.host_sim.lte.sim_networks import SimNetworks
from ip_commands.host_sim.lte.ue import Ue
from ip_commands.host_sim.lte.visited_network import VisitedNetwork
from ip_commands.host_sim.time.event_queue import EventQueue

ADDRESS_POOL = IPv4Network("100.64.0.0/16")
"""Where devices get addresses from; Super SIM's are private addresses behind its core."""
SERVICE_ADDRESS = IPv4Address(SERVICE_HOST)


class NotAttached(Exception):
    """The device has no session; ``reason`` says why, and the datagram was not taken."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Network:
    """Cells, MME, S-GW and any number of devices on one event queue.

    seed: with each device's name it decides everything random about that device, so that adding a
    device never changes another's run. apns: those accepted; None: every one.
    """

    def __init__(
        self, queue: EventQueue, seed: int | str = 0, apns: Collection[str] | None = None
    ) -> None:
        self.queue = queue
        self.seed = seed
        self.ues: dict[str, Ue] = {}
        """By name."""
        self._began_ms = queue.now_ms
        self._by_iccid: dict[str, Ue] = {}
        self.home = HomeCore(queue, apns)
        """The SIMs' home core: whom it lets in, what it ends, what it tells."""
        self.internet = Internet(queue, self._send_packet)
        """Names and servers that devices' TCP, name queries and pings reach."""
        self._addresses: dict[int, UeContext] = {}
        """Who was last given which address."""
        self._in_core: set[Datagram] = set()
        """On their way to an S-GW, with a core delay."""
        self.on_uplink: Callable[[Ue, Datagram, str, int], None] | None = None
        """Called with every uplink datagram that left the core: UE, datagram, host, port."""
        self.on_outcome: Callable[[Datagram], None] | None = None
        """Called with every datagram that was delivered or dropped."""
        self.history: History | None = None
        self._count_outcome = self._closed
        self.created = 0
        self.delivered = 0
        self.dropped = 0

    def keep_history(self) -> History:
        """Record states and datagrams from now on, for pictures; grows with simulated time."""
        if self.history is None:
            self.history = History()
            for ue in self.ues.values():
                self.history.state_changed(ue.name, ue.activity.lane())
        return self.history

    def add_ue(
        self,
        name: str,
        imsi: str,
        iccid: str,
        profile: Profile | str,
        *,
        imei: str = "864475040000017",
        currents: Currents = REFERENCE,
        rsrp: RsrpLike | None = None,
        networks: Sequence[VisitedNetwork] = (),
        accesses: Sequence[str] = (),
        sim: SimNetworks | None = None,
        search_pattern: SearchPattern | str = DEFAULT_PATTERN,
        **overrides: object,
    ) -> Ue:
        """Make a device, switched off. ``overrides`` change single parameters of the profile.

        currents: what it draws; a ``CurrentProfile`` of one's own, or ``currents_of(model)``.
        rsrp: what its signal does, from now on: dBm, the path or the points of a trace, or one of
        ``rsrp``'s classes, in every network alike; None: the profile's, constant.
        networks: those it can meet, instead of the profile's alone; it was last registered in the
        first, the overrides go to every one's cells, and the profile says what the device asks
        for. accesses: what it can use of them; (): the profile's. sim: what its SIM says of
        networks. search_pattern: how it searches.
        Raises ValueError for a name or ICCID that exists, an unknown profile, or parameters that
        cannot be; TypeError for an unknown parameter.
        """
        if name in self.ues:
            raise ValueError(f"there is already a device {name!r}")
        if iccid in self._by_iccid:
            raise ValueError(f"the SIM {iccid} is already in a device")
        if isinstance(profile, str):
            if profile not in PROFILES:
                raise ValueError(f"no profile {profile!r}; there are: {', '.join(PROFILES)}")
            profile = PROFILES[profile]
        if isinstance(search_pattern, str):
            search_pattern = find_pattern(search_pattern)
        if not hasattr(currents, "in_access"):
            raise ValueError(f"currents {currents!r}: currents_of(model), or a CurrentProfile")
        signal = None if rsrp is None else rsrp_of(rsrp)
        own = profile.with_changes(**overrides)
        ue = Ue(self, name, imsi, iccid, imei, own, currents, sim, search_pattern)
        if accesses and not networks:
            raise ValueError(f"accesses of {name}: they choose among networks, which it has none")
        if networks:
            met = [network.with_changes(**overrides) for network in networks]  # type: ignore[arg-type]
            ue.meet(met if overrides else networks, accesses or (own.access,), self._began_ms)
        if signal is not None:
            ue.radio.use(signal)
        self.ues[name] = ue
        self._by_iccid[iccid] = ue
        if self.history is not None:
            self.history.state_changed(name, ue.activity.lane())
        return ue

    def ue_of(self, iccid: str) -> Ue | None:
        """Return the device that holds a SIM."""
        return self._by_iccid.get(iccid)

    def send_downlink(
        self,
        iccid: str,
        payload: bytes,
        destination_port: int,
        source_host: str = SERVICE_HOST,
        source_port: int = 6969,
        nat_mapping: int | None = None,
    ) -> Datagram:
        """Send a datagram to a device.

        From any other host than the service's it has to pass the core's NAT, which may have
        forgotten: then it is lost at once. nat_mapping: the number of the mapping that it was sent
        to (``ue.context.nat.mapping_of``); None: whichever the port has now.
        Raises NotAttached, with the reason, when it has no session.
        """
        ue = self._by_iccid.get(iccid)
        if ue is None:
            raise NotAttached(f"no device holds the SIM {iccid}")
        sgw = ue.context.sgw
        session = sgw.session
        if session is None:
            raise NotAttached(self._why_no_session(ue))
        datagram = ue.make_datagram(
            DOWN, payload, (source_host, source_port), (session.ip_address, destination_port)
        )
        if source_host != SERVICE_HOST:
            profile, now_ms = ue.camping.profile, self.queue.now_ms
            why = ue.context.nat.why_lost(
                destination_port, nat_mapping, now_ms, profile.nat_udp_idle_s
            )
            if why is not None:
                datagram.close(now_ms, DROPPED, "dropped", "the NAT had forgotten: {0}", why)
                return datagram
        self._to_sgw(ue, datagram, session)
        return datagram

    def _send_packet(
        self,
        ue: InternetUe,
        session: SessionRecord,
        carries: object,
        payload: bytes,
        header_bytes: int,
        source: tuple[str, int],
        destination_port: int,
    ) -> None:
        known = self._by_iccid[ue.iccid]
        if known.context.sgw.session is session:  # else nobody has that address any more
            destination = (session.ip_address, destination_port)
            datagram = known.make_datagram(DOWN, payload, source, destination)
            datagram.carries, datagram.header_bytes = carries, header_bytes
            self._to_sgw(known, datagram, session)

    def _to_sgw(self, ue: Ue, datagram: Datagram, session: SessionRecord) -> None:
        core_delay_ms = ue.camping.profile.core_delay_ms
        if core_delay_ms:
            self._in_core.add(datagram)
            self.queue.after(core_delay_ms, self._crossed_core, ue, datagram, session)
        else:
            ue.context.sgw.arrive(datagram, session)
            if session.limit_bytes is not None:
                self.home.count(ue, session)

    def _crossed_core(self, ue: Ue, datagram: Datagram, session: SessionRecord) -> None:
        self._in_core.discard(datagram)
        ue.context.sgw.arrive(datagram, session)
        self.home.count(ue, session)

    def _why_no_session(self, ue: Ue) -> str:
        if ue.context.registered:
            return f"{ue.name} is attached but has no data connection{ue.esm.why_none}"
        return f"{ue.name} is not attached: {ue.context.detach_reason}"

    def waiting(self) -> int:
        """Count the datagrams without an outcome by looking for them everywhere they can be."""
        return len(self._in_core) + sum(
            len(ue.context.sgw.buffer.packets) + len(ue.rrc.in_flight())
            for ue in self.ues.values()
        )

    # -- used by the parts of the model -----------------------------------------------------------
    def allocate_address(self, ue_name: str, m_tmsi: int, holder: UeContext) -> str:
        """Return a free address. It depends on seed, device and attach, not on other devices.

        ``holder`` has it for as long as its session does.
        """
        turn = f"/{holder.address_turn}" if holder.address_turn else ""
        draw = hashlib.sha256(f"{self.seed}/{ue_name}/{m_tmsi}{turn}".encode()).digest()
        size = ADDRESS_POOL.num_addresses
        for probe in range(size):
            number = (int.from_bytes(draw[:4], "big") + probe) % size
            address = ADDRESS_POOL[number]
            last = self._addresses.get(number)
            free = last is None or last.ip_address != str(address)
            if free and number not in (0, size - 1) and address != SERVICE_ADDRESS:
                self._addresses[number] = holder
                return str(address)
        raise RuntimeError(f"all addresses of {ADDRESS_POOL} are in use: that is too many devices")

    def opened(self, datagram: Datagram) -> None:
        """Count a new datagram."""
        self.created += 1
        datagram.on_closed = self._count_outcome
        if self.history is not None:
            self.history.datagrams.append(datagram)

    def _closed(self, datagram: Datagram) -> None:
        if datagram.outcome is DELIVERED:
            self.delivered += 1
        elif datagram.outcome is DROPPED:
            self.dropped += 1
        elif datagram.outcome is WAITING:
            raise RuntimeError(f"{datagram!r} was closed without an outcome")
        if self.on_outcome is not None:
            self.on_outcome(datagram)
