"""The in-memory UART: order, speed, cuts, losses, FIFO and spy."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ip_commands.host_sim.uart.link import SpyLog, UartLink, pieces, random_cut
from tests.contracts.check_stream import CHECKS, Joined


@pytest.mark.parametrize("baud", [None, 921600])
@pytest.mark.parametrize("cut", [None, 1, 7])
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_the_host_end_keeps_the_contract_of_streams(check, cut, baud):
    link = UartLink(cut=cut, baud=baud)
    arrived = bytearray()
    link.modem.on_received = arrived.extend

    async def feed(data: bytes) -> None:
        link.modem.write(data)

    async def unplug() -> None:
        link.host.end()

    await check(Joined(link.host, feed, lambda: bytes(arrived), unplug))
    await link.host.close()


async def test_115200_baud_takes_its_time_and_few_timers():
    link = UartLink(baud=115200)
    loop = asyncio.get_running_loop()
    arrivals = []
    link.modem.on_received = lambda data: arrivals.append((loop.time(), len(data)))
    start = loop.time()
    await link.host.write(bytes(1300))
    await asyncio.sleep(1)
    assert sum(size for _, size in arrivals) == 1300
    assert arrivals[-1][0] - start == pytest.approx(13000 / 115200, abs=1e-4)
    assert len(arrivals) <= 13


async def test_bursts_queue_behind_each_other_on_the_wire():
    link = UartLink(baud=9600)
    loop = asyncio.get_running_loop()
    start = loop.time()
    for _ in range(3):
        link.modem.write(b"x" * 96)
    data = b""
    while len(data) < 288:
        data += await link.host.read(999)
    assert loop.time() - start == pytest.approx(0.3, abs=1e-4)


async def test_a_long_write_waits_until_all_but_a_buffer_has_left():
    link = UartLink(baud=9600)
    loop = asyncio.get_running_loop()
    start = loop.time()
    await link.host.write(bytes(256))
    assert loop.time() == start
    await link.host.write(bytes(960))
    assert loop.time() - start == pytest.approx(1.0, abs=0.001)


async def test_reads_and_callbacks_are_cut():
    link = UartLink(cut=7)
    arrived = []
    link.modem.on_received = arrived.append
    await link.host.write(b"0123456789")
    link.modem.write(b"abcdefghij")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert arrived == [b"0123456", b"789"]
    assert [await link.host.read(100), await link.host.read(100)] == [b"abcdefg", b"hij"]


def test_random_cuts_repeat_with_their_seed():
    cuts = [[len(piece) for piece in pieces(bytes(200), random_cut(seed))] for seed in (1, 1, 2)]
    assert cuts[0] == cuts[1] != cuts[2]
    assert max(cuts[0]) <= 16


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200), st.integers(1, 20))
def test_pieces_are_the_whole(data, cut):
    assert b"".join(pieces(data, cut)) == data


async def test_losses_are_seeded_and_counted():
    got = []
    for seed in (1, 1, 2):
        link = UartLink(loss=0.1, seed=seed)
        link.modem.write(bytes(range(250)))
        await asyncio.sleep(0.01)
        got.append(await link.host.read(999))
        assert len(got[-1]) == 250 - link.to_host.bytes_lost
        assert 0 < link.to_host.bytes_lost < 60
    assert got[0] == got[1] != got[2]


async def test_a_full_fifo_loses_the_newest_bytes():
    link = UartLink(fifo_bytes=32)
    link.modem.write(bytes(range(40)))
    await asyncio.sleep(0.01)
    assert link.host.bytes_overrun == 8
    assert await link.host.read(99) == bytes(range(32))


async def test_a_reader_that_keeps_up_overruns_no_fifo():
    link = UartLink(baud=115200, fifo_bytes=32)
    link.modem.write(bytes(1300))
    data = b""
    while len(data) < 1300:
        data += await link.host.read(32)
    assert link.host.bytes_overrun == 0


async def test_a_dying_modem_loses_what_has_not_left():
    link = UartLink(baud=9600)
    link.modem.write(bytes(960))
    await asyncio.sleep(0.5)
    link.modem.discard()
    await asyncio.sleep(2)
    assert link.host.unread_bytes == pytest.approx(480, abs=12)


async def test_the_spy_prints_both_directions_with_times():
    link = UartLink()
    link.modem.on_received = lambda data: link.modem.write(b"\r\nOK\r\n\x00")
    start_ms = asyncio.get_running_loop().time() * 1000
    await link.host.write(b"AT\r")
    await link.host.read(99)
    lines = list(link.spy.lines())
    assert [line.split(maxsplit=1)[1] for line in lines] == ["> AT\\r", "< \\r\\nOK\\r\\n\\x00"]
    assert float(lines[0].split()[0]) == pytest.approx(start_ms, abs=0.01)


def test_the_spy_is_bounded():
    spy = SpyLog(limit_bytes=1000)
    for number in range(500):
        spy.note(number, ">", bytes(100))
    assert len(spy.entries) == 10
    assert spy.forgotten == 490
    for number in range(500):
        spy.note(number, ">", b"x")
    assert len(spy.entries) <= 1000 // 16


@pytest.mark.parametrize(
    "options", [{"baud": 0}, {"loss": 1.0}, {"loss": -0.1}, {"cut": 0}, {"fifo_bytes": 0}]
)
def test_impossible_links_are_refused(options):
    with pytest.raises(ValueError, match=next(iter(options)).split("_")[0]):
        UartLink(**options)


async def test_writing_to_a_closed_link_says_so():
    link = UartLink()
    await link.host.close()
    with pytest.raises(ConnectionError, match="open a new link"):
        await link.host.write(b"x")
