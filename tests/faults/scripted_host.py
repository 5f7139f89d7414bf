"""A scripted host for any dialect: raw bytes, no driver; a socket on port 4242, read and send."""

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

from ip_commands.host_sim.faults import FaultHandle, Faults
from ip_commands.host_sim.time.virtual_time import VirtualTimeLoop
from tests.fake_modems.bench import Bench
from tests.faults.families import OK, Family

ERROR = b"\r\nERROR\r\n"
PORT = 4242
Returned = TypeVar("Returned")
CLOUD = ("100.64.0.1", 6969)
HELLO = b"hello"


def in_virtual_time(coroutine: Coroutine[Any, Any, Returned]) -> Returned:
    """Run a coroutine in a loop of its own, whose clock begins at 0."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(coroutine)


class ScriptedHost(Bench):
    """``async with ScriptedHost(family) as host``: a socket is open, faults can be injected."""

    def __init__(self, family: Family, *, opened: bool = True, **options: Any) -> None:
        super().__init__(family.model, **options)
        self.family = family
        self.faults = Faults(self.fake)
        self._opened = opened

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        if self._opened:
            await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.faults.heal()
        await super().__aexit__(kind, error, trace)

    async def open(self) -> None:
        """Do all that it takes until datagrams can be read."""
        await self.ask("AT")
        await self.ask("AT")  # what autobaud loses
        if self.family.echoes:
            await self.ask("ATE0")
        if self.fake.functionality != 1:
            await self.ask("AT+CFUN=1")
        for _ in range(600):
            if self.radio.registration in (1, 5) and self.radio.ip_address:
                break
            await asyncio.sleep(1)
        assert self.radio.ip_address, "not attached"
        self.take()
        for command in self.family.open:
            said = await self.ask(command) + await self.hear(2)
            assert b"ERROR" not in said, (command, said)
        if self.family.first_datagram:
            self.arrive(b"first")
            await self.hear(1)
            assert (await self.ask(self.family.first_datagram)).startswith(OK)
            await self.hear(1)
            await self.ask(self.family.read)

    def arrive(self, payload: bytes = HELLO) -> None:
        """Let a datagram arrive."""
        self.radio.inject_datagram(payload, *CLOUD, PORT)

    async def read(self, payload: bytes = HELLO) -> bytes:
        """Let a datagram arrive, and return what reading it says, without the notice."""
        self.arrive(payload)
        await self.hear(0.5)
        return await self.ask(self.family.read)

    async def send(self) -> bytes:
        """Send ``hello`` and return all that was said; types the payload in any case."""
        said = await self.ask(self.family.send)
        said += await self.type(HELLO, 1)
        if self.fake.at.prompting:
            said += await self.type(b"+++", 1)  # a data mode without length
        return said

    async def works(self) -> None:
        """Demand that a command is read and answered as if nothing had ever been."""
        await self.hear(5)
        assert await self.read() == self.family.answer
        sent = len(self.radio.uplink)
        await self.send()
        assert [item[0] for item in self.radio.uplink][sent:] == [HELLO]

    async def works_again(self) -> None:
        """Heal; open everything anew where that was lost; then demand that all works."""
        self.faults.heal()
        await self.hear(40)
        if not self.fake.powered:
            self.fake.power_on()
            await self.hear(40)
        self.fake.restart()
        await self.hear(40)
        await self.open()
        await self.works()

    def inject(self, name: str, **arguments: Any) -> FaultHandle:
        """Inject a fault."""
        return self.faults.inject(name, **arguments)
