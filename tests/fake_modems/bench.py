"""A fake modem on a bench: its UART, its radio, and someone who types AT commands."""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from ip_commands.host_sim import fake_modems
from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio
from ip_commands.host_sim.uart.link import UartLink

LONGEST_COMMAND_S = 200


class Bench:
    """``async with Bench("bg95") as bench``: a running modem whose answers come as raw bytes."""

    def __init__(
        self,
        model: str,
        *,
        quirks: Sequence[str] = (),
        powered: bool = True,
        echo: bool = False,
        seed: int = 0,
        radio: BenchRadio | None = None,
        **uart: Any,
    ) -> None:
        self.radio = BenchRadio() if radio is None else radio
        self.link = UartLink(**uart)
        self.fake = fake_modems.create(model, self.radio, quirks, seed, powered)
        self.fake.connect(self.link.modem)
        self._wants_echo = echo
        self._received = bytearray()
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._reader = asyncio.create_task(self._read())
        if not self._wants_echo and self.fake.powered:
            await self.ask("ATE0")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.link.host.close()
        assert self._reader is not None
        await self._reader

    async def _read(self) -> None:
        while data := await self.link.host.read(4096):
            self._received += data

    def take(self) -> bytes:
        """Return what the modem said since the last look."""
        data = bytes(self._received)
        self._received.clear()
        return data

    async def type(self, data: bytes, wait_s: float = 0.1) -> bytes:
        """Type bytes, return what the modem said within ``wait_s``."""
        await self.link.host.write(data)
        return await self.hear(wait_s)

    async def hear(self, wait_s: float) -> bytes:
        """Return what the modem said until ``wait_s`` from now."""
        await asyncio.sleep(wait_s)
        return self.take()

    async def ask(self, command: str) -> bytes:
        """Type a command line, return everything said until it ended or a prompt came."""
        line_end = getattr(self.fake, "line_end", b"\r")
        await self.link.host.write(command.encode("latin-1") + line_end)
        loop = asyncio.get_running_loop()
        limit_s = loop.time() + LONGEST_COMMAND_S
        await asyncio.sleep(0.02)
        while self.fake.at.busy and not self.fake.at.prompting:
            assert loop.time() < limit_s, f"{command} never ended"
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.005)
        return self.take()

    async def ask_all(self, *commands: str) -> bytes:
        """Type command lines one after the other, return all that was said."""
        return b"".join([await self.ask(command) for command in commands])

    async def attach(self) -> None:
        """Wait until the modem is registered; a radio that is off after a boot is switched on."""
        if self.fake.functionality != 1:
            await self.ask("AT+CFUN=1")
        await asyncio.sleep(self.radio.attach_ms / 1000 + 0.5)
        assert self.radio.registration in (1, 5)
        self.take()

    async def quectel_socket(self, port: int = 4242, number: int = 0, mode: int = 0) -> None:
        """Open a UDP SERVICE."""
        await self.attach()
        await self.ask('AT+QICSGP=1,1,"super","","",0')
        assert await self.ask("AT+QIACT=1") == b"\r\nOK\r\n"
        said = await self.ask(f'AT+QIOPEN=1,{number},"UDP SERVICE","127.0.0.1",0,{port},{mode}')
        said += await self.hear(1)
        assert said == b"\r\nOK\r\n\r\n+QIOPEN: %d,0\r\n" % number

    async def simcom_socket(self, port: int = 4242, push: int = 0) -> None:
        """Open a UDP server that may send to 100.64.0.1:6969."""
        await self.attach()
        said = await self.ask("AT+CNACT=0,1") + await self.hear(2)
        assert said.endswith(b"ACTIVE\r\n")
        said = await self.ask(f'AT+CASERVER=0,0,"UDP",{port},{push}') + await self.hear(1)
        assert b"+CASERVER: 0,0" in said
        assert await self.ask('AT+CACFG="REMOTEADDR",0,100.64.0.1,6969') == b"\r\nOK\r\n"
