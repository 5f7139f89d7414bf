"""SuperSim: one cloud, one LTE network and any number of devices, on the running event loop.

The object that a test, the demo and ``host-sim serve`` hold. On a ``VirtualTimeLoop`` a simulated
day takes about a second; the same code runs in real or scaled time on other loops.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any

from aiohttp import web

from ip_commands.host_sim import fake_modems
from ip_commands.host_sim.cloud.records import Account, Fleet, IpCommand
from ip_commands.host_sim.cloud.store import CloudStore, DeviceNotAttached
from ip_commands.host_sim.lte import Datagram, Network, NotAttached, Ue
from ip_commands.host_sim.lte.module_currents import currents_of
from ip_commands.host_sim.lte.nat import SERVICE_HOST
from ip_commands.host_sim.lte.session_record import ConnectionEvent
from ip_commands.host_sim.lte.time_base import start_ms
from ip_commands.host_sim.time.loop_queue import LoopQueue
from ip_commands.host_sim.time.virtual_time import VirtualTimeLoop
from ip_commands.host_sim.uart.link import UartLink
from ip_commands.host_sim.world.api_client import ApiClient
from ip_commands.host_sim.world.cloud_side import CloudOptions, CloudSide, stored_until_ms
from ip_commands.host_sim.world.command import Command
from ip_commands.host_sim.world.identities import choose_iccid, imei_of, imsi_of
from ip_commands.host_sim.world.networks import Networks, pattern_of
from ip_commands.host_sim.world.reach_out import ReachOut
from ip_commands.host_sim.world.simulated_device import SimulatedDevice
from ip_commands.host_sim.world.subscriptions import Subscriptions
from ip_commands.host_sim.world.webhook_receiver import Webhook, WebhookReceiver

MAX_COMMANDS_KEPT = 100_000

Routes = Callable[["SuperSim"], Iterable[web.AbstractRouteDef]]
"""Makes HTTP routes that are served beside the API, such as ``web.controls.control_routes``."""


def no_routes(_: "SuperSim") -> Iterable[web.AbstractRouteDef]:
    """Serve the API alone."""
    return ()


class SuperSim:
    """Cloud, network, devices and a webhook receiver, joined; use it as ``async with``.

    seed: decides everything random; the same seed gives the same run.
    start: the simulated UTC date and time at which the run begins (ISO 8601); None: now.
    reach_out: whether devices' UDP to this machine's loopback goes through real sockets; None:
    unless time is virtual (an answer would come at any simulated time). reach_networks: IPv4
    networks that they may reach besides.
    routes: what is served beside the API; ``web.controls.control_routes`` for ``/_sim``.
    cloud: fields of ``CloudOptions`` (port, db, flavour, webhook_url, ...).
    """

    def __init__(
        self,
        seed: int = 0,
        start: str | None = "2026-01-01T00:00:00",
        reach_out: bool | None = None,
        reach_networks: Iterable[str] = (),
        routes: Routes = no_routes,
        **cloud: Any,
    ) -> None:
        self.seed = seed
        self._reaches_out = reach_out
        self._reach_networks = tuple(reach_networks)
        self._routes = routes
        self.reach_out: ReachOut | None = None
        """Counts what went to real programs and came back; None: nothing may."""
        self._start_ms = start_ms(start)
        self._cloud_options = CloudOptions(**cloud)
        self.devices: list[SimulatedDevice] = []
        self._device_of: dict[str, SimulatedDevice] = {}
        self.commands: dict[str, Command] = {}
        """IP Commands of this run by SID, both directions, oldest first; the newest 100 000."""
        self.on_command: Callable[[Command], None] | None = None
        """Called with each command that the network sees for the first time."""
        self.on_connection_event: Callable[[ConnectionEvent], None] | None = None
        """Called with what the core tells of attaches and data connections."""

    async def start(self) -> "SuperSim":
        """Bring everything up. Raises OSError when the port is taken, UnusableDatabase.

        Whatever it raises, nothing stays open then.
        """
        begin_ms = max(self._start_ms, stored_until_ms(self._cloud_options.db))
        self.queue = LoopQueue(begin_ms, asyncio.get_running_loop())
        self.network = Network(self.queue, seed=self.seed)
        self.network.on_uplink = self._on_uplink
        self.networks = Networks(self.network)
        if self._reaches_out is None:
            self._reaches_out = not isinstance(asyncio.get_running_loop(), VirtualTimeLoop)
        if self._reaches_out:
            self.reach_out = ReachOut(self.network.send_downlink, self._reach_networks)
        try:
            self.subscriptions = Subscriptions(
                self.network, lambda: self.store.sims, lambda: self.store.fleets
            )
            self.network.home.on_event = self._on_connection_event
            self.cloud = CloudSide(
                self.queue,
                self._downlink,
                self.subscriptions.record_changed,
                self.seed,
                self._cloud_options,
            )
            await self.cloud.start(self._routes(self))
        except BaseException:
            if self.reach_out is not None:
                self.reach_out.close()
            self.queue.close()
            raise
        self._api = ApiClient(self.url, self.cloud.flavour, self.account)
        return self

    async def stop(self) -> None:
        """Take everything down; devices first."""
        for device in self.devices:
            await device.stop()
        if self.reach_out is not None:
            self.reach_out.close()
        await self._api.close()
        await self.cloud.stop()
        self.queue.close()

    async def __aenter__(self) -> "SuperSim":
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """The API's base URL: ``client.supersim.base_url = supersim.url``."""
        return self.cloud.server.url

    @property
    def store(self) -> CloudStore:
        """The cloud's truth, without HTTP."""
        return self.cloud.store

    @property
    def account(self) -> Account:
        """Whose Sims and commands these are: ``sid`` and ``auth_token`` are the credentials."""
        return self.cloud.account

    @property
    def fleet(self) -> Fleet:
        return self.cloud.fleet

    @property
    def receiver(self) -> WebhookReceiver:
        """Receives what is sent to ``receiver.url``."""
        return self.cloud.receiver

    @property
    def webhooks(self) -> list[Webhook]:
        """What the Fleet's ``ip_commands_url`` and default callbacks received, oldest first."""
        return self.cloud.receiver.webhooks

    @property
    def now_ms(self) -> int:
        """Simulated milliseconds since 1980-01-06T00:00:00Z."""
        return self.queue.now_ms

    # -- devices ----------------------------------------------------------------------------------
    async def add_device(
        self,
        modem: str = "bg95",
        profile: str = "cat-m1",
        name: str | None = None,
        *,
        baud: int | None = 115200,
        quirks: Iterable[str] = (),
        powered: bool = True,
        uart: Mapping[str, Any] | None = None,
        iccid: str | None = None,
        networks: Iterable[str] = (),
        sim_lists: Mapping[str, Any] | None = None,
        **network: Any,
    ) -> SimulatedDevice:
        """Make a Super SIM, a UE, a fake modem and a UART, and join them.

        name: by it a device takes its Super SIM from a database. iccid: of its Super SIM; None:
        the stored one of that name, else a new one. Its IMEI follows from its name.
        profile: a key of ``ip_commands.host_sim.lte.PROFILES``; ``network`` overrides single
        parameters of it. currents=...: what it draws, instead of the modem's own table.
        networks: names of ``supersim.networks`` that reach it, instead of the profile's own; it
        was last registered in the first, and asks for what the profile asks for. sim_lists: those
        of its SIM, ``user_list``, ``operator_list``, ``forbidden``, ... (``lte.sim_networks``), of
        names or PLMNs. ``accesses`` and ``search_pattern``: see ``Network.add_ue``.
        quirks: of the fake modem, by name. uart: more arguments of ``UartLink`` (cut, loss, ...).
        Raises ValueError naming the known ones for an unknown modem, profile or quirk, and for a
        name or ICCID that another has.
        """
        number = len(self.devices) + 1
        name = name or f"device-{number}"
        if any(device.name == name for device in self.devices):
            raise ValueError(f"there is a device {name!r} already: give it a name of its own")
        iccid = choose_iccid(self.store.sims, self.account, name, iccid, self._device_of)
        imsi = imsi_of(iccid)
        network.setdefault("imei", imei_of(name, [device.ue.imei for device in self.devices]))
        network.setdefault("currents", currents_of(modem))
        network.setdefault("search_pattern", pattern_of(modem))
        if networks:
            network["networks"] = self.networks.named(networks)
        if sim_lists is not None:
            network["sim"] = self.networks.sim_lists(imsi, sim_lists)
        ue = self.network.add_ue(name, imsi, iccid, profile, **network)
        sim = self.cloud.sim(iccid, name)
        fake = fake_modems.create(
            modem, ue, quirks=tuple(quirks), seed=self.seed + number, powered=powered
        )
        link = UartLink(baud=baud, seed=self.seed + number, **(uart or {}))
        fake.connect(link.modem)
        device = SimulatedDevice(name, modem, sim, ue, fake, link, lambda: self.now_ms)
        self.devices.append(device)
        self._device_of[iccid] = device
        return device

    # -- commands ---------------------------------------------------------------------------------
    async def send_command(
        self, device: SimulatedDevice, payload: str | bytes, port: int = 4242, **fields: str
    ) -> Command:
        """Create an IP Command through the HTTP API; bytes go as ``binary``, a str as ``text``.

        fields: more form fields (``CallbackUrl``, ...). Raises ApiRefusal with the API's answer.
        """
        body = await self._api.create_ip_command(device.sim.sid, payload, port, fields)
        return self.command(body["sid"])

    def command(self, sid: str) -> Command:
        """Return the live view of a command, also of one made by another client of the API.

        Raises KeyError when the API has no such command (any more).
        """
        if sid not in self.commands:
            record = self.store.ip_commands.get(self.account, sid)
            if record is None:
                raise KeyError(f"the API has no IP Command {sid}")
            self._keep(record)
        return self.commands[sid]

    def newest_commands(self, limit: int) -> list[Command]:
        """Return up to ``limit`` commands, newest first."""
        return list(islice(reversed(self.commands.values()), limit))

    def _keep(self, record: IpCommand) -> Command:
        device = self._device_of.get(record.sim_iccid)
        command = Command(record, device.name if device is not None else record.sim_iccid)
        self.commands[record.sid] = command
        if len(self.commands) > MAX_COMMANDS_KEPT:
            del self.commands[next(iter(self.commands))]
        if self.on_command is not None:
            self.on_command(command)
        return command

    async def run_for(self, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Let simulated time pass, and what happens in it."""
        await asyncio.sleep(hours * 3600 + minutes * 60 + seconds)

    # -- where cloud and network meet -------------------------------------------------------------
    def _downlink(self, iccid: str, payload: bytes, port: int, command_sid: str) -> str:
        command = self.command(command_sid)
        try:
            command.datagram = self.network.send_downlink(iccid, payload, port)
        except NotAttached as error:
            raise DeviceNotAttached(str(error)) from None
        return command.datagram.destination_host

    def _on_uplink(self, ue: Ue, datagram: Datagram, host: str, port: int) -> None:
        if host != SERVICE_HOST:
            if self.reach_out is not None:
                mapping = ue.context.nat.mapping_of(datagram.source_port)
                idle_s = ue.profile.nat_udp_idle_s
                self.reach_out.send(ue.iccid, datagram, host, port, self.now_ms, mapping, idle_s)
            else:
                datagram.note(self.now_ms, "refused", "{0}: nobody is there", host)
            return
        record = self.store.receive_from_sim(
            ue.iccid, datagram.payload, datagram.source_host, datagram.source_port, port
        )
        if record is not None:
            self._keep(record).datagram = datagram
        else:
            datagram.note(self.now_ms, "refused", "by the service: its Super SIM may not use data")

    def _on_connection_event(self, event: ConnectionEvent) -> None:
        self.subscriptions.heard(event)
        if self.on_connection_event is not None:
            self.on_connection_event(event)
