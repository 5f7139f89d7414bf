"""The Pi's serial stream over a real pty: the contract, full buffers, unplugging, clear errors."""

import asyncio
import contextlib
import errno
import os
import pty
import re
import tty
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ip_commands.boards.raspberry_pi import serial_stream
from ip_commands.boards.raspberry_pi.port_errors import explain
from ip_commands.boards.raspberry_pi.serial_stream import PortError, open_serial
from ip_commands.device.errors import InvalidValue, ModemClosed, ModemError
from tests.contracts.check_stream import CHECKS, Joined, until_received


class PtyPeer:
    """The far end of a pty: reads all the time (unless told not to), writes on demand."""

    def __init__(self) -> None:
        self.master, slave = pty.openpty()
        tty.setraw(slave)
        self.path = os.ttyname(slave)
        self._slave = slave  # held, else the master reads EIO until the port is opened
        os.set_blocking(self.master, False)
        self.data = bytearray()

    def listen(self) -> None:
        asyncio.get_running_loop().add_reader(self.master, self._take)

    def _take(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self.data += os.read(self.master, 65536)

    async def feed(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self.master, rest) :]
            except BlockingIOError:
                await asyncio.sleep(0.001)

    async def unplug(self) -> None:
        self.close()

    def close(self) -> None:
        if self.master >= 0:
            asyncio.get_running_loop().remove_reader(self.master)
            os.close(self.master)
            os.close(self._slave)
            self.master = -1


@contextlib.asynccontextmanager
async def joined(listening: bool = True) -> AsyncIterator[tuple[PtyPeer, Joined]]:
    peer = PtyPeer()
    if listening:
        peer.listen()
    stream = open_serial(peer.path)
    try:
        yield peer, Joined(stream, peer.feed, lambda: bytes(peer.data), peer.unplug)
    finally:
        await stream.close()
        peer.close()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_contract(check) -> None:
    async with joined() as (_, pair):
        await check(pair)


async def test_a_full_kernel_buffer_makes_the_write_wait_not_the_loop() -> None:
    data = bytes(range(256)) * 256
    async with joined(listening=False) as (peer, pair):
        writing = asyncio.create_task(pair.stream.write(data))
        for _ in range(20):
            await asyncio.sleep(0.001)  # the loop runs
        assert not writing.done()
        peer.listen()
        await writing
        await until_received(pair, data)


async def test_a_port_that_takes_nothing_is_an_error_with_a_limit(monkeypatch) -> None:
    monkeypatch.setattr(serial_stream, "WRITE_STALL_S", 0.05)
    async with joined(listening=False) as (peer, pair):
        with pytest.raises(ModemError, match=r"took nothing.*flow control"):
            await pair.stream.write(bytes(1 << 17))
        peer.listen()
        await asyncio.sleep(0.01)


async def test_close_ends_a_waiting_write() -> None:
    async with joined(listening=False) as (_, pair):
        writing = asyncio.create_task(pair.stream.write(bytes(1 << 17)))
        await asyncio.sleep(0.01)
        await pair.stream.close()
        with pytest.raises(ModemClosed):
            await writing


async def test_reads_are_in_bulk() -> None:
    async with joined() as (peer, pair):
        await peer.feed(bytes(2000))
        sizes = []
        while sum(sizes) < 2000:
            sizes.append(len(await pair.stream.read(4096)))
        assert len(sizes) <= 3, sizes


async def test_a_write_to_an_unplugged_modem_says_so() -> None:
    async with joined() as (peer, pair):
        await peer.unplug()
        assert await pair.stream.read(64) == b""
        with pytest.raises(ModemClosed, match="unplugged"):
            await pair.stream.write(b"AT\r")


async def test_two_readers_are_refused() -> None:
    async with joined() as (_, pair):
        first = asyncio.create_task(pair.stream.read(64))
        await asyncio.sleep(0)
        with pytest.raises(InvalidValue, match="only one task"):
            await pair.stream.read(64)
        await pair.stream.close()
        assert await first == b""


async def test_the_port_is_ours_alone_until_closed() -> None:
    async with joined() as (peer, pair):
        with pytest.raises(PortError, match=r"in use by another program.*ModemManager"):
            open_serial(peer.path)
        await pair.stream.close()
        await open_serial(peer.path).close()


def test_a_port_that_does_not_exist() -> None:
    with pytest.raises(PortError, match=r"no serial port /dev/ttyUSB99.*by-id"):
        open_serial("/dev/ttyUSB99")


def test_a_file_is_not_a_port(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_text("")
    with pytest.raises(PortError, match="not a working serial port"):
        open_serial(str(file))


def test_a_baud_rate_that_cannot_be() -> None:
    master, slave = pty.openpty()
    try:
        with pytest.raises(InvalidValue, match="cannot do -5 baud"):
            open_serial(os.ttyname(slave), baud_rate=-5)
    finally:
        os.close(master)
        os.close(slave)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOENT, "there is no serial port"),
        (errno.EACCES, r"sudo usermod -a -G dialout \$USER"),
        (errno.EBUSY, "ModemManager"),
        (errno.EAGAIN, "ModemManager"),
        (errno.EIO, "the system's words"),
        (None, "the system's words"),
    ],
)
def test_every_cause_has_its_cure(number: int | None, words: str) -> None:
    line = explain("/dev/no-such-device", number, "the system's words")
    assert "\n" not in line
    assert re.search(words, line)
