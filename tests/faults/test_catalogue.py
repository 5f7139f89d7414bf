"""Every fault of the catalogue happens on every dialect, and can be healed."""

import re

import pytest

from ip_commands.host_sim.faults import (
    CATALOGUE,
    DIALECTS,
    FaultError,
    Faults,
    dialect_of,
    parse_fault,
)
from ip_commands.host_sim.faults.catalogue import COMMON_ARGUMENTS
from tests.faults.families import BY_MODEL, FAMILIES, each_family
from tests.faults.scripted_host import ScriptedHost

AIMED: dict[str, dict[str, object]] = {
    "answer_lost": {"to": "read"},
    "final_lost": {"to": "read"},
    "answer_late": {"to": "read"},
    "answer_cut": {"to": "read"},
    "prompt_missing": {},
    "line_end_missing": {"to": "read"},
    "command_refused": {"to": "read"},
    "edrx_refused": {"to": "read"},
    "echo_on": {},
    "urc_before_echo": {},
    "urc_inside_answer": {},
    "urc_glued_behind": {},
    "urc_lost": {},
    "urc_doubled": {},
    "urc_late": {},
    "noise": {"every_ms": 100},
    "byte_lost": {"to": "read", "position": 3},
    "byte_doubled": {"to": "read", "position": 3},
    "byte_flipped": {"nth": 10},
    "overrun": {"to": "read", "position": 3, "size": 16},
    "garbage": {},
    "wrong_id": {},
    "wrong_address": {"to": "read"},
    "wrong_port": {"to": "read"},
    "wrong_length": {"to": "read"},
    "first_bytes_lost": {"quiet_ms": 0},
    "silence": {"for_ms": 5000.0},
    "flow_stopped": {"for_ms": 5000.0},
    "left_in_data_mode": {},
    "left_in_cmux": {},
    "left_at_prompt": {},
    "reboot": {"to": "read"},
    "power_lost": {"for_ms": 5000.0},
    "context_lost": {},
    "context_forgotten": {},
    "registration_shown": {},
    "attach_rejected": {},
    "outage": {"for_ms": 60_000.0},
    "new_address": {},
    "clock_jump": {},
    "edrx_granted": {},
    "sim_out": {"for_ms": 60_000.0},
    "socket_closed": {},
}
"""Arguments with which each fault strikes while a datagram is announced, read, and one sent."""

HAS_NONE = {
    # these dialects do not tell it in the answer to a read, nor beside it
    ("wrong_address", "sim7600"),
    ("wrong_port", "sim7600"),
    # the one datagram is read, another sent: nothing that is said names a socket
    ("wrong_id", "nrf9160"),
    ("wrong_id", "sim7000g"),
}


def test_the_list_above_is_the_catalogue():
    assert AIMED.keys() == CATALOGUE.keys()


ENDS_THE_SESSION = {
    *("reboot", "power_lost", "context_lost", "attach_rejected", "outage", "new_address"),
    *("sim_out", "socket_closed"),
}


@each_family
@pytest.mark.parametrize("name", AIMED)
async def test_each_fault_happens_on_each_dialect_and_heals(family, name):
    async with ScriptedHost(family) as host:
        await host.ask("AT+CSCON=1")
        handle = host.inject(name, **AIMED[name])
        for connected in (True, False):
            host.radio.set_rrc(connected)  # a URC for dialects that announce no data
            host.arrive()
            await host.hear(1)
            await host.ask(family.read)
        await host.send()
        if (name, family.model) in HAS_NONE:
            assert not handle.happened
        else:
            assert handle.happened, handle
            assert handle.happened.last.what
        host.faults.heal()
        assert not handle.active
        assert host.faults.active == ()
        if name in ENDS_THE_SESSION:
            await host.works_again()
        else:
            await host.hear(1)
            if host.fake.at.prompting:  # the payload came, what leaves the data mode was lost
                await host.type(b"+++", 1)
            for _ in range(2):  # what was asked for or lost meanwhile
                await host.ask("AT")
                await host.ask(family.read)
            await host.works()


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=lambda entry: entry.name)
def test_each_entry_says_what_happens_and_who_saw_it(entry):
    assert re.fullmatch(r"[a-z_]+", entry.name)
    assert re.fullmatch(r"[A-Z].*\.", entry.sentence)
    assert len(entry.source) > 15
    assert entry.make.name == entry.name
    common = {item.name for item in COMMON_ARGUMENTS}
    for item in entry.arguments:
        assert item.name not in common
        assert item.sentence
        assert item.check(item.default) == item.default
        assert item.wanted()


def test_what_every_fault_takes():
    assert [item.name for item in COMMON_ARGUMENTS] == [
        *("to", "nth", "count", "at_ms", "after_ms", "for_ms", "probability", "seed"),
    ]


def test_each_dialect_names_its_commands():
    wanted = {"read", "send", "open", "close", "context", "registration", "edrx", "psm", "sim"}
    assert len(DIALECTS) == 9
    for dialect in DIALECTS.values():
        assert wanted <= dialect.commands.keys()
        assert {"time", "sms", "ring", "data", "closed", "context", "boot"} <= dialect.urcs.keys()


async def test_each_model_has_a_dialect():
    for family in FAMILIES:
        async with ScriptedHost(family, opened=False) as host:
            assert dialect_of(host.fake) is host.faults.dialect


@pytest.mark.parametrize(
    ("text", "name", "arguments"),
    [
        ("name=answer_lost,to=read,nth=2", "answer_lost", {"to": "read", "nth": 2}),
        ("silence", "silence", {}),
        (
            "answer_late,to=AT+QIRD=0,1500,late_ms=75000",
            "answer_late",
            {"to": "AT+QIRD=0,1500", "late_ms": 75000},
        ),
        (
            'urc_lost,to=+QIURC: "recv",count=none,probability=0.5',
            "urc_lost",
            {"to": '+QIURC: "recv"', "count": None, "probability": 0.5},
        ),
        (
            "reboot,to=read,position=4,boot_line=no,for_ms=1e3",
            "reboot",
            {"to": "read", "position": 4, "boot_line": False, "for_ms": 1000.0},
        ),
        ("wrong_port,value=0", "wrong_port", {"value": "0"}),
    ],
)
def test_a_fault_is_read_from_a_text(text, name, arguments):
    assert parse_fault(text) == (name, arguments)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("answer_gone", "no fault is called 'answer_gone'; known: answer_cut, "),
        ("silence,long=1", "silence takes no 'long'; it takes: when, delay_ms, hears, to"),
        ("answer_cut,position=ten", "answer_cut: position is a whole number from 0, not 'ten'"),
        ("answer_cut,nth=0", "answer_cut: nth is a whole number from 1, not 0"),
        ("reboot,boot_line=maybe", "reboot: boot_line is true or false, not 'maybe'"),
        ("byte_lost,probability=2", "probability is a number from 0 to 1, not 2.0"),
        ("answer_lost,to=read,to=send", "answer_lost: to is given twice"),
        ("noise,count=some", "count is a whole number from 1 or none, not 'some'"),
    ],
)
def test_a_wrong_text_says_what_is_right(text, message):
    with pytest.raises(FaultError, match=re.escape(message)):
        parse_fault(text)


async def test_when_and_how_often():
    async with ScriptedHost(BY_MODEL["bg95"]) as host:
        faults = host.faults
        lost = faults.inject(
            "answer_lost", to="AT+CSQ", nth=2, count=2, after_ms=1000, for_ms=5000
        )
        whole = await host.ask("AT+CSQ")
        assert whole.startswith(b"\r\n+CSQ: ")
        await host.hear(1)
        said = [await host.ask("AT+CSQ") for _ in range(4)]
        assert said == [whole, b"", b"", whole]
        assert not lost.active
        faults.inject("answer_lost", to="AT+CSQ", count=None, for_ms=5000)
        assert await host.ask("AT+CSQ") == b""
        await host.hear(5)
        assert await host.ask("AT+CSQ") == whole
        never = faults.inject("answer_lost", after_ms=1000)
        never.cancel()
        await host.hear(2)
        assert await host.ask("AT+CSQ") == whole
        assert (never.happened.count, never.active) == (0, False)
        names = [handle.name for handle in faults.handles]
        assert names == ["answer_lost"] * 3
        assert repr(lost).startswith("<Fault answer_lost (to='AT+CSQ', nth=2, count=2, ")


async def test_a_chance_strikes_about_as_often_as_it_says():
    async with ScriptedHost(BY_MODEL["bg95"]) as host:
        handle = host.inject("answer_lost", to="AT+CSQ", probability=0.3)
        lost = [await host.ask("AT+CSQ") for _ in range(200)].count(b"")
        assert handle.happened.count == lost
        assert 40 <= lost <= 80


async def test_the_history_of_a_fault_is_bounded():
    async with ScriptedHost(BY_MODEL["bg95"]) as host:
        handle = host.inject("byte_flipped", count=None)
        for _ in range(200):
            await host.ask("AT")
        assert handle.happened.count == 1200
        assert len(handle.happened.at_ms) == len(list(handle.happened)) == 1000


async def test_one_set_of_faults_per_modem_outlives_its_faults():
    family = BY_MODEL["bg95"]
    async with ScriptedHost(family) as host:
        with pytest.raises(ValueError, match="this BG95 has its Faults already"):
            Faults(host.fake)
        for _ in range(300):
            host.inject("silence").cancel()
        assert len(host.faults.handles) == 200
        await host.works()
