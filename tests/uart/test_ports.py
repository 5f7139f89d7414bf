"""The same UART over a pseudo-terminal and over TCP, for hosts in other processes."""

import asyncio
import os
import socket

import pytest

from ip_commands.host_sim import fake_modems
from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio
from ip_commands.host_sim.uart.ports import BACKLOG_BYTES, PtyUart, TcpUart

pytestmark = pytest.mark.real_time


async def _read_until(descriptor: int, end: bytes) -> bytes:
    data = b""
    async with asyncio.timeout(5):
        while not data.endswith(end):
            try:
                data += os.read(descriptor, 4096)
            except BlockingIOError:
                await asyncio.sleep(0.002)
    return data


async def test_a_fake_answers_on_a_pty_and_its_link_goes_with_it(tmp_path):
    link = tmp_path / "modem"
    async with PtyUart(str(link)) as uart:
        fake = fake_modems.create("bg95", BenchRadio())
        fake.connect(uart.modem)
        for _ in range(2):  # a host may come, go and come again
            descriptor = os.open(link, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
            os.write(descriptor, b"AT+CMEE?\r")
            said = await _read_until(descriptor, b"OK\r\n")
            assert said == b"AT+CMEE?\r\r\n+CMEE: 0\r\n\r\nOK\r\n"
            os.close(descriptor)
        assert os.readlink(link) == uart.device
        fake.brown_out()
    assert not link.is_symlink()
    await uart.close()


async def test_every_byte_value_passes_a_pty():
    async with PtyUart() as uart:
        arrived = bytearray()
        uart.modem.on_received = arrived.extend
        descriptor = os.open(uart.device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        os.write(descriptor, bytes(range(256)))
        uart.modem.write(bytes(range(256)) * 8)
        assert await _read_until(descriptor, bytes(range(250, 256))) != b""
        async with asyncio.timeout(5):
            while len(arrived) < 256:  # noqa: ASYNC110
                await asyncio.sleep(0.002)
        assert bytes(arrived) == bytes(range(256))
        os.close(descriptor)


async def test_a_pty_host_that_does_not_read_loses_bytes_not_memory():
    async with PtyUart() as uart:
        for _ in range(40):
            uart.modem.write(bytes(8192))
            await asyncio.sleep(0)
        await asyncio.sleep(0.01)
        assert uart.bytes_lost >= 40 * 8192 - BACKLOG_BYTES - 65536
        assert uart.bytes_lost < 40 * 8192


async def test_a_pty_replaces_an_old_link_but_no_file(tmp_path):
    link = tmp_path / "modem"
    link.symlink_to("/dev/null")
    async with PtyUart(str(link)) as uart:
        assert os.readlink(link) == uart.device
    link.write_text("precious")
    with pytest.raises(FileExistsError):
        await PtyUart(str(link)).open()
    assert link.read_text() == "precious"


async def test_a_fake_answers_over_tcp_and_a_new_host_replaces_the_old():
    async with TcpUart() as uart:
        fake = fake_modems.create("sim7080g", BenchRadio())
        fake.connect(uart.modem)
        old_reader, old_writer = await asyncio.open_connection("127.0.0.1", uart.port)
        old_writer.write(b"AT\r")
        async with asyncio.timeout(5):
            assert await old_reader.readexactly(9) == b"AT\r\r\nOK\r\n"
            reader, writer = await asyncio.open_connection("127.0.0.1", uart.port)
            assert await old_reader.read(99) == b""
            writer.write(b"AT\r")
            assert await reader.readexactly(9) == b"AT\r\r\nOK\r\n"
        fake.brown_out()
        for stream in (old_writer, writer):
            stream.close()
    await uart.close()


async def test_without_a_tcp_host_the_modem_speaks_to_nobody():
    async with TcpUart() as uart:
        uart.modem.write(b"\r\nRDY\r\n")
        await asyncio.sleep(0.01)
        assert uart.bytes_lost == 7


async def test_a_taken_port_is_an_error():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="address"):
        await TcpUart(taken.getsockname()[1]).open()


async def test_tcp_is_paced_too():
    async with TcpUart(baud=9600) as uart:
        reader, writer = await asyncio.open_connection("127.0.0.1", uart.port)
        await asyncio.sleep(0.02)
        loop = asyncio.get_running_loop()
        start = loop.time()
        uart.modem.write(bytes(96))
        async with asyncio.timeout(5):
            await reader.readexactly(96)
        assert loop.time() - start >= 0.095
        writer.close()
