"""The examples run as they are printed."""

import asyncio
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.device_programs import answer_on_board
from tests.micropython.micropython_boards import NEEDS_MICROPYTHON

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"


def load(name):
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_lost_or_late():
    ended = subprocess.run(
        [sys.executable, EXAMPLES / "lost_or_late.py"], capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 0, ended.stderr
    assert "cat-m1-edrx-hlcom: sent, delivered: True" in ended.stdout
    assert "cat-m1-edrx: sent, delivered: False" in ended.stdout


@NEEDS_MICROPYTHON
def test_the_echo_device_on_its_board():
    printed = "command b'hello' from ('100.64.0.1', 6969)"
    answer_on_board(EXAMPLES / "echo_device.py", printed=printed, answer=b"got 5 bytes")


async def test_the_cloud_client_against_the_simulator(supersim, monkeypatch, capsys):
    device = await supersim.add_device("bg95", "lte", name="alice")
    await device.listen(4242)
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", supersim.account.sid)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", supersim.account.auth_token)
    example = load("cloud_client")

    def poll_again(_):  # the example waits in real time; let simulated time pass instead
        asyncio.run_coroutine_threadsafe(pass_time(), loop).result(10)

    async def pass_time():
        with loop.time_may_pass():
            await asyncio.sleep(1)

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(example.time, "sleep", poll_again)
    assert await asyncio.to_thread(example.main, "alice", supersim.url) == "sent"
    assert f"sent to {device.ue.ip_address}" in capsys.readouterr().out
    await supersim.run_for(seconds=20)
    assert [command.payload for command in device.commands_handled] == [b"hello"]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_an_example_is_short(path):
    assert len(path.read_text().splitlines()) <= 40
