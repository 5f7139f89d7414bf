"""Every byte of a recorded conversation can be aimed at."""

import pytest

from ip_commands.host_sim.faults import Exchange, positions, recording
from tests.faults.families import BY_MODEL, each_family
from tests.faults.scripted_host import ScriptedHost, in_virtual_time


async def receive_and_send(host):
    """One whole receive and one whole send conversation; return all that the modem said."""
    host.arrive()
    said = await host.hear(0.5)
    said += await host.ask(host.family.read) + await host.ask(host.family.read)
    return said + await host.send()


def recorded(family):
    async def record():
        async with ScriptedHost(family) as host:
            heard = host.faults.record()
            said = await receive_and_send(host)
            heard.stop()
            await host.works()
            return said, list(heard)

    return in_virtual_time(record())


@each_family
def test_a_recording_holds_all_that_was_said(family):
    said, exchanges = recorded(family)
    assert sorted(b"".join(item.said for item in exchanges)) == sorted(said)
    by_command = {item.command: item.said for item in reversed(exchanges)}
    assert by_command[family.read] == family.answer
    assert by_command[family.send].startswith(family.prompt)
    assert len(list(positions(exchanges))) == len(said)


@each_family
def test_every_position_is_hit_where_it_says(family):
    _, exchanges = recorded(family)
    places = list(positions(exchanges))

    async def strike(place, name, **options):
        async with ScriptedHost(family) as host:
            heard = host.faults.record()
            handle = host.faults.inject(name, **place.arguments(), **options)
            await receive_and_send(host)
            return handle, list(heard)

    # twelve or so of this family's, from its first byte to its last
    for place in places[:: max(1, len(places) // 12)]:
        handle, heard = in_virtual_time(strike(place, "byte_flipped", bit=0))
        assert heard == exchanges  # the modem itself says what it always says
        assert handle.happened.count == 1
        assert handle.happened.last.what == (
            f"byte_flipped {bytes([place.byte])!r} at {place.position}"
        )


def test_every_byte_of_one_conversation_is_lost_cut_doubled_and_followed():
    family = BY_MODEL["gm02sp"]
    whole, exchanges = recorded(family)

    async def strike(name, arguments):
        async with ScriptedHost(family) as host:
            handle = host.faults.inject(name, **arguments)
            said = await receive_and_send(host)
            assert handle.happened.count == 1
            return said

    for place in positions(exchanges):
        lost = in_virtual_time(strike("byte_lost", place.arguments()))
        assert len(lost) == len(whole) - 1
        doubled = in_virtual_time(strike("byte_doubled", place.arguments()))
        assert len(doubled) == len(whole) + 1
        behind = place.arguments(behind=True)
        followed = in_virtual_time(strike("urc_inside_answer", behind | {"urc": "RING"}))
        assert len(followed) == len(whole) + len(b"\r\nRING\r\n")
        if place.position + 1 < place.of:
            cut = in_virtual_time(strike("answer_cut", behind))
            assert len(cut) == len(whole) - (place.of - place.position - 1)


def test_positions_count_what_begins_alike():
    exchanges = [
        Exchange("AT+QIRD=0", b"ab"),
        Exchange("", b"\r\n+X: 1\r\n"),
        Exchange("AT+QIRD=0", b"c"),
        Exchange("", b"\r\n"),
        Exchange("", b"\r\n+X: 12\r\n"),
        Exchange("", b"\r\n+X: 1\r\n"),
    ]
    aims = [(place.to, place.nth) for place in positions(exchanges) if place.position == 0]
    assert aims == [
        ("AT+QIRD=0", 1),
        ("+X: 1", 1),
        ("AT+QIRD=0", 2),
        ("+X: 12", 1),
        ("+X: 1", 3),  # "+X: 12" begins like it
    ]


def test_a_recording_has_a_limit(monkeypatch):
    monkeypatch.setattr(recording, "LONGEST_RECORDING", 3)

    async def record():
        async with ScriptedHost(BY_MODEL["bg95"]) as host:
            host.faults.record()
            for _ in range(3):
                host.fake.urc("+X")
            with pytest.raises(ValueError, match=r"a recording takes 3 .*stop\(\) it earlier"):
                host.fake.urc("+X")

    in_virtual_time(record())
