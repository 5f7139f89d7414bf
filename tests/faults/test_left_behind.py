"""A modem in data mode, in CMUX or at a prompt when the host begins."""

import asyncio

import pytest

from tests.faults.families import BY_MODEL, OK, each_family
from tests.faults.scripted_host import ScriptedHost

CLOSE_DOWN = bytes.fromhex("f9 03 ef 05 c3 01 f2 f9")
"""3GPP TS 27.010 5.4.6.3.3, as espressif/arduino-esp32 pull 10264 sends it."""


async def is_deaf(host):
    said = b""
    for _ in range(3):
        said += await host.ask("AT") + await host.hear(0.5)
    assert said == b""


@each_family
async def test_data_mode_is_left_by_three_pluses_between_silences(family):
    escape = b"\r\n#XDATAMODE: 0\r\n" if family.model.startswith("nrf") else OK
    async with ScriptedHost(family) as host:
        left = host.inject("left_in_data_mode")
        await is_deaf(host)
        if escape == OK:
            await host.ask("AT")
            assert await host.type(b"+++", 2) == b""  # no silence before
            await host.type(b"+++", 0.5)
            assert await host.type(b"\r", 2) == b""  # none behind
            await host.hear(1)
            begin_s = asyncio.get_running_loop().time()
            assert await host.type(b"+++", 0.9) == b""
            assert await host.hear(0.2) == escape
            assert asyncio.get_running_loop().time() - begin_s == pytest.approx(1.1)
        else:
            assert await host.type(b"+++", 0.1) == escape
        assert not left.active
        await host.works()


@each_family
async def test_nothing_is_said_in_data_mode_and_a_restart_ends_it(family):
    async with ScriptedHost(family) as host:
        host.inject("left_in_data_mode")
        host.arrive()
        assert await host.hear(5) == b""
        host.fake.restart()
        assert await host.hear(40) == family.said_at_boot
        assert (await host.ask("AT") + await host.ask("AT")).endswith(OK)
        host.faults.heal()
        await host.works_again()


@each_family
async def test_cmux_is_left_by_a_close_down_frame(family):
    async with ScriptedHost(family) as host:
        left = host.inject("left_in_cmux")
        await is_deaf(host)
        wrong = CLOSE_DOWN[:-2] + b"\xf3\xf9"
        assert await host.type(wrong, 1) == b""
        assert await host.type(CLOSE_DOWN[:4], 1) == b""
        answer = await host.type(CLOSE_DOWN[4:], 1)
        assert (answer[0], answer[-1], answer[3:6]) == (0xF9, 0xF9, b"\x05\xc1\x01")
        assert not left.active
        await host.works()


@each_family
async def test_a_prompt_takes_so_many_bytes(family):
    sent = {
        "bg95": b"\r\nSEND OK\r\n",
        "sim7000g": b"\r\nSEND OK\r\n",
        "nrf9160": b"\r\n#XDATAMODE: 0\r\n",
        "nrf9151": b"\r\n#XDATAMODE: 0\r\n",
    }.get(family.model, OK)
    async with ScriptedHost(family) as host:
        left = host.inject("left_at_prompt", length=10)
        uplink = len(host.radio.uplink)
        assert await host.type(b"AT\rAT\rATE", 1) == b""
        assert await host.type(b"0", 1) == sent
        assert not left.active
        assert len(host.radio.uplink) == uplink  # whose payload it was, nobody knows
        await host.works()


@each_family
async def test_a_prompt_without_a_length_is_left_by_escape(family):
    async with ScriptedHost(family) as host:
        host.inject("left_at_prompt", length=None)
        await is_deaf(host)
        assert await host.type(b"\x1b", 1) == OK
        await host.works()


async def test_a_strange_state_ends_when_healed():
    async with ScriptedHost(BY_MODEL["bg95"]) as host:
        for name in ("left_in_data_mode", "left_in_cmux", "left_at_prompt"):
            handle = host.inject(name)
            assert await host.ask("AT") == b""
            handle.cancel()
            assert await host.ask("AT") == OK
