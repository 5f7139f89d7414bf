"""A simulated device: Super SIM, UE, fake modem and UART, ready for device code."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ip_commands.device import IpCommandClient
from ip_commands.device.ip_command import IpCommand
from ip_commands.host_sim.cloud.records import Sim
from ip_commands.host_sim.fake_modems.engine.fake_modem import FakeModem
from ip_commands.host_sim.faults import Faults
from ip_commands.host_sim.lte import PROFILES, Ue, edrx, states
from ip_commands.host_sim.lte.radio_conditions import RadioConditions
from ip_commands.host_sim.lte.visited_network import VisitedNetwork
from ip_commands.host_sim.uart.link import UartLink
from ip_commands.modem_drivers import models

if TYPE_CHECKING:
    from ip_commands.modem_drivers.modem import AtModem


class SimulatedDevice:
    """Made by ``SuperSim.add_device``.

    ``stream`` is the host's end of the UART: give it to a driver, or take ``driver()`` or
    ``client()``, or let ``listen()`` run the whole device program.
    """

    def __init__(
        self,
        name: str,
        modem: str,
        sim: Sim,
        ue: Ue,
        fake: FakeModem,
        uart: UartLink,
        clock: Callable[[], int],
    ) -> None:
        self.name = name
        self.sim = sim
        self.ue = ue
        self.fake = fake
        self.uart = uart
        self.modem = modem
        self.uart_name = ""
        """Where the UART was moved to, such as ``pty:/tmp/alice``; "": it is in memory."""
        self._clock = clock
        self.commands_handled: list[IpCommand] = []
        """What handlers made by ``listen`` got, oldest first."""
        self.handled_at_ms: list[int] = []
        """When they got them, simulated milliseconds."""
        self.client_lines: deque[str] = deque(maxlen=1000)
        """What the device's clients said, oldest first."""
        self._tasks: list[asyncio.Task[None]] = []
        self._clients: list[IpCommandClient] = []

    @cached_property
    def faults(self) -> Faults:
        """Mischief between this device's modem and its host: ``faults.inject("answer_lost")``.

        Nothing stands between them until this is first asked for.
        """
        return Faults(self.fake)

    @property
    def profile(self) -> str:
        """The name of the network profile."""
        return self.ue.profile.name

    @property
    def radio(self) -> RadioConditions:
        """RSRP and CE level: what they are, and what they do from now on."""
        return self.ue.radio

    @property
    def ms_to_paging_window(self) -> int:
        """Milliseconds until the network can page it; 0 in an open window and without eDRX."""
        windows, now_ms = self.ue.windows, self._clock()
        if windows is None or edrx.window_at(windows, now_ms) is not None:
            return 0
        return edrx.next_window(windows, now_ms).start_asf - now_ms

    async def fall_asleep(self, spare_ms: int = 5000) -> None:
        """Let simulated time pass until the device is idle, in eDRX between two windows.

        At least ``spare_ms`` are left to the next window. Returns at once, idle, without eDRX.
        Raises TimeoutError when it does not come to rest in three simulated hours.
        """
        for _ in range(3 * 3600):
            idle = self.ue.state in states.IDLE
            if idle and (self.ue.windows is None or self.ms_to_paging_window >= spare_ms):
                return
            await asyncio.sleep(1)
        raise TimeoutError(f"{self.name} did not fall asleep; it is {self.ue.state}")

    def move_to(self, profile: str) -> None:
        """Take it to another network, by the profile's name: it detaches here, attaches there.

        Raises ValueError naming the known ones.
        """
        if profile not in PROFILES:
            raise ValueError(f"no profile {profile!r}; there are: {', '.join(PROFILES)}")
        self.ue.move_to(PROFILES[profile])

    @property
    def networks(self) -> tuple[str, ...]:
        """Names of the networks that it may meet; (): it has its profile's alone."""
        return () if self.ue.surroundings is None else self.ue.surroundings.names

    def meet(self, network: VisitedNetwork) -> None:
        """Let it meet one network more, one of ``supersim.networks``, once it roams there.

        Raises ValueError.
        """
        self.ue.know(network)

    def roam(self, *names: str) -> None:
        """Take it where these of its networks reach it, and no others; none: into a dead spot.

        It loses what it had and searches: 30 s to 10 min, where none is known. Raises ValueError.
        """
        self.ue.roam(*names)

    def roam_along(self, route: Sequence[tuple[float, Sequence[str]]]) -> None:
        """Roam by a timetable: (seconds from now, names). Raises ValueError."""
        self.ue.roam_along(route)

    def roam_at_random(self, least_s: float, most_s: float) -> None:
        """Go to another of its networks after so long each time, by seed. Raises ValueError."""
        self.ue.roam_at_random(least_s, most_s)

    def set_outages(self, network: str, outages: Iterable[tuple[float, float]]) -> None:
        """Say when a network does not reach this device: (from, until), seconds of the run.

        Raises ValueError.
        """
        self.ue.set_outages(network, outages)

    @property
    def stream(self) -> Any:
        """The host's end of the UART: a ByteStream."""
        return self.uart.host

    async def power_key(self) -> None:
        """Pulse the modem's PWRKEY, as a board does."""
        self.fake.power_key()

    def driver(self, **options: Any) -> "AtModem":
        """Return a new driver on this device's UART; options go to the driver."""
        options.setdefault("power_key", self.power_key)
        driver: AtModem = models.create(self.modem, self.stream, **options)
        return driver

    def client(self, port: int = 4242, **options: Any) -> IpCommandClient:
        """Return a new client, not yet running; options go to the client.

        What it says is kept in ``client_lines`` unless ``log`` is given.
        """
        options.setdefault("log", self.client_lines.append)
        return IpCommandClient(self.driver(), port, **options)

    async def listen(
        self,
        port: int = 4242,
        reply: bytes | Callable[[bytes], bytes] | None = None,
        timeout_ms: int = 600_000,
        **options: Any,
    ) -> IpCommandClient:
        """Run device code in the background and return its client once it listens.

        It keeps every command in ``commands_handled`` and answers each with ``reply`` (bytes, or a
        function of the payload; None: not at all).
        Raises what ended the client, or NotAttached when it does not come up in time.
        """
        client = self.client(port, **options)

        @client.on_command
        async def handle(command: IpCommand) -> None:
            self.commands_handled.append(command)
            self.handled_at_ms.append(self._clock())
            if reply is not None:
                await client.send(reply(command.payload) if callable(reply) else reply)

        await self.start(client, timeout_ms)
        return client

    async def start(self, client: IpCommandClient, timeout_ms: int = 600_000) -> None:
        """Run a client of your own in the background; return once it listens."""
        running = asyncio.create_task(client.run(), name=f"client of {self.name}")
        self._tasks.append(running)
        self._clients.append(client)
        ready = asyncio.create_task(client.wait_ready(timeout_ms))
        await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
        if running.done() and not ready.done():
            ready.cancel()
        elif ready.exception() is None:
            return
        if running.done():
            running.result()
        ready.result()

    async def stop(self) -> None:
        """Close the clients and the UART."""
        for client in self._clients:
            await client.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.stream.close()

    def __repr__(self) -> str:
        return f"<SimulatedDevice {self.name} {self.modem} {self.profile}>"
