"""Bytes lost, doubled, flipped; bursts lost; garbage: at every position and by number."""

import pytest

from tests.faults.families import BY_MODEL, each_family
from tests.faults.scripted_host import HELLO, ScriptedHost

CHANGES = {
    "byte_lost": lambda data, at: data[:at] + data[at + 1 :],
    "byte_doubled": lambda data, at: data[: at + 1] + data[at:],
    "byte_flipped": lambda data, at: data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :],
}


@each_family
@pytest.mark.parametrize("name", CHANGES)
async def test_every_byte_of_an_answer_can_be_struck(family, name):
    options = {"bit": 2} if name == "byte_flipped" else {}
    async with ScriptedHost(family) as host:
        for at in range(len(family.answer)):
            struck = host.inject(name, to="read", position=at, **options)
            assert await host.read() == CHANGES[name](family.answer, at)
            assert (struck.happened.count, struck.active) == (1, False)
        await host.works()


@each_family
@pytest.mark.parametrize("name", CHANGES)
async def test_the_nth_byte_that_the_modem_says(family, name):
    options = {"bit": 2} if name == "byte_flipped" else {}
    async with ScriptedHost(family) as host:
        whole = family.notice + family.answer
        at = len(family.notice) + 7
        host.inject(name, nth=at + 1, **options)
        host.arrive()
        said = await host.hear(0.5) + await host.ask(family.read)
        assert said == CHANGES[name](whole, at)
        await host.works()


@each_family
async def test_a_byte_that_the_host_typed_is_lost_and_doubled(family):
    async with ScriptedHost(family) as host:
        position = len(family.send) + len(getattr(host.fake, "line_end", b"\r")) + 1
        lost = host.inject("byte_lost", to="send", position=position, direction="to_modem")
        await host.send()
        assert lost.happened.last.what == f"byte_lost b'e' at {position}"
        if host.fake.at.prompting:
            await host.type(b"x", 2)
        assert host.radio.uplink[-1][0].startswith(b"hllo")
        await host.works()
        host.inject("byte_lost", to="read", position=0, direction="to_modem")
        host.arrive()
        await host.hear(0.5)
        assert await host.ask(family.read) == b""  # T+... is no command line
        assert await host.ask(family.read) == family.answer
        await host.works()


@each_family
@pytest.mark.parametrize("size", [16, 64, 256])
async def test_a_burst_is_lost(family, size):
    payload = bytes(range(32, 127)) * 4
    async with ScriptedHost(family) as host:
        whole = await host.read(payload)
        begin = whole.index(payload) + 10
        lost = host.inject("overrun", to="read", position=begin, size=size)
        assert await host.read(payload) == whole[:begin] + whole[begin + size :]
        assert (lost.happened.count, lost.active) == (1, False)
        await host.works()


@each_family
async def test_a_burst_goes_on_over_the_end_of_an_answer(family):
    async with ScriptedHost(family) as host:
        begin = len(family.answer) - 3
        host.inject("overrun", to="read", position=begin, size=10)
        assert await host.read() == family.answer[:begin]
        host.arrive()
        said = await host.hear(0.5) + await host.ask(family.read)
        assert said == (family.notice + family.answer)[7:]
        await host.works()


@each_family
async def test_garbage_stands_in_an_answer(family):
    async with ScriptedHost(family) as host:
        first = host.inject("garbage", to="read", size=3, position=4, seed=1)
        said = await host.read()
        assert (said[:4], said[7:]) == (family.answer[:4], family.answer[4:])
        again = host.inject("garbage", to="read", size=3, position=4, seed=1)
        assert await host.read() == said
        assert first.happened.last.what == again.happened.last.what
        other = host.inject("garbage", to="read", size=3, position=4, seed=2)
        assert await host.read() != said
        assert other.happened.count == 1
        await host.works()


@each_family
async def test_bytes_are_lost_by_chance_the_same_for_the_same_seed(family):
    async def lost_with(seed):
        async with ScriptedHost(family) as host:
            handle = host.inject("byte_lost", to="read", probability=0.05, seed=seed)
            said = [await host.read(HELLO * 20) for _ in range(5)]
            total = sum(len(data) for data in said)
            assert handle.active
            whole_bytes = 5 * (len(family.answer) - 5 + 100)
            assert handle.happened.count > 5
            assert abs(total + handle.happened.count - whole_bytes) <= 5 * 4  # digits of lengths
            return said

    first = await lost_with(3)
    assert await lost_with(3) == first
    assert await lost_with(4) != first


async def test_faults_combine_in_the_order_of_their_injection():
    family = BY_MODEL["bg95"]
    async with ScriptedHost(family) as host:
        host.inject("byte_lost", to="read", position=2)
        host.inject("byte_doubled", to="read", position=3)
        host.inject("answer_cut", to="read", position=6)
        # positions are those of what the modem said, whatever faults before took away
        assert await host.read() == b"\r\n" + b"QQ" + b"IR"
        await host.works()


async def test_a_random_bit_flips_the_same_for_the_same_seed():
    family = BY_MODEL["bg95"]
    async with ScriptedHost(family) as host:
        said = []
        for seed in (5, 5, 6, 7, 8):
            host.inject("byte_flipped", to="read", position=5, seed=seed)
            said.append(await host.read())
        assert said[0] == said[1]
        assert len(set(said)) > 2
        for answer in said:
            assert (answer[5] ^ family.answer[5]).bit_count() == 1


async def test_bytes_of_urcs_are_struck_by_their_beginning():
    async with ScriptedHost(BY_MODEL["bg95"]) as host:
        host.inject("byte_lost", to='+QIURC: "recv"', position=3)
        host.arrive()
        assert await host.hear(1) == b'\r\n+IURC: "recv",0\r\n'
