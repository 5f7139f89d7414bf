"""What goes wrong is one line that says what to do: no traceback, nothing left open, no noise."""

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from ip_commands.host_sim.commands.main import main
from ip_commands.host_sim.commands.serve_networks import NetworkOptions
from ip_commands.host_sim.commands.serve_options import DeviceOptions, ServeOptions

HOST_SIM = "from ip_commands.host_sim.commands.main import main; sys.exit(main(sys.argv[1:]))"
IP_COMMANDS = "from ip_commands.boards.raspberry_pi.cli import main; sys.exit(main(sys.argv[1:]))"


def start(code: str, *words: str, **streams: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-X", "dev", "-c", f"import sys; {code}", *words]
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return subprocess.Popen(command, text=True, **{**pipes, **streams})


def failed(*words: str) -> str:
    """Run ``host-sim`` in a process of its own; return the one line that it ends with."""
    process = start(HOST_SIM, *words)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err.count("\n")) == (2, "", 1), err
    return err.strip()


@pytest.fixture
def taken_port() -> Iterator[str]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield str(other.getsockname()[1])


def test_a_taken_port_is_all_that_is_said(taken_port: str, tmp_path: Path) -> None:
    said = failed("serve", "--port", taken_port, "--db", str(tmp_path / "cloud.sqlite"))
    assert f"'127.0.0.1', {taken_port}" in said
    assert said.endswith("address already in use; choose another port, or 0 for any free one")
    assert "Errno" not in said


def test_a_taken_uart_port_is_all_that_is_said(taken_port: str) -> None:
    said = failed("serve", "--port", "0", "--device", f"uart=tcp:{taken_port}")
    assert f"'127.0.0.1', {taken_port}" in said


def test_a_host_that_is_not_here_is_named() -> None:
    assert "--host nowhere.invalid: " in failed("serve", "--host", "nowhere.invalid")
    assert "'203.0.113.9'" in failed("serve", "--host", "203.0.113.9", "--port", "0")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--db", "/nowhere/x.sqlite"], "/nowhere/x.sqlite: unable to open database file; is it"),
        (["--db", "."], ".: unable to open database file; is it a folder"),
        (["--device", "uart=pty:/nowhere/x"], "/nowhere/x: No such file or directory"),
        (["--device", "uart=tcp:99999"], "uart 'tcp:99999' is neither pty:PATH nor tcp:PORT"),
        (["--device", "uart=tcp:²"], "uart 'tcp:²' is neither pty:PATH nor tcp:PORT"),
        (["--webhook-url", "nonsense"], "webhook_url 'nonsense': "),
        (["--speed", "inf"], "speed inf: a number above 0"),
        (["--speed", "nan"], "speed nan: a number above 0"),
        (["--config", "."], ".: Is a directory"),
        (["--config", "/nowhere/x.toml"], "/nowhere/x.toml: No such file or directory"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--port", "0", *words]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("host-sim serve: ")
    assert said in err
    assert "Errno" not in err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b'speed = "fast"', "speed is 'fast', it has to be a number"),
        (b"speed = true", "speed is True, it has to be a number"),
        (b'port = "80"', "port is '80', it has to be a whole number"),
        (b"port = 80.5", "port is 80.5, it has to be a whole number"),
        (b"json = 1", "json is 1, it has to be true or false"),
        (b'seed = "a"', "seed is 'a', it has to be a whole number"),
        (b"db = 5", "db is 5, it has to be a text"),
        (b"webhook_url = []", "webhook_url is [], it has to be a text"),
        (b'allow_host = "x"', "allow_host is 'x', it has to be a list of texts"),
        (b"reach_out = [5]", "reach_out is [5], it has to be a list of texts"),
        (b"colour = 1", "no setting 'colour'; known: ["),
        (b"devices = []", "no setting 'devices'; known: ["),
        (b"device = 3", "each device is a table of its own: [[device]]"),
        (b"[device]\nname = 'a'", "each device is a table of its own: [[device]]"),
        (b"[[device]]\nname = 5", "name is 5, it has to be a text"),
        (b"[[device]]\nquirks = 'cold'", "quirks is 'cold', it has to be a list of texts"),
        (b"[[device]]\ncolour = 1", "no setting 'colour'; known: ["),
        (b"speed = fast", "Invalid value"),
        (b"\xff\xfe", "'utf-8' codec can't decode byte"),
    ],
)
def test_a_config_file_that_cannot_be_used_is_named(
    text: bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (config := tmp_path / "sim.toml").write_bytes(text)
    assert main(["serve", "--port", "0", "--config", str(config)]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(f"host-sim serve: {config}: {said}")


def test_every_setting_has_a_kind_that_is_checked() -> None:
    """A setting of another type would end in a KeyError, not in a sentence."""
    from ip_commands.host_sim.commands.serve_options import check_kinds

    class Neither:
        pass

    own_tables = {
        ServeOptions: {"devices", "networks"},
        DeviceOptions: set(),
        NetworkOptions: set(),
    }
    for options, tables in own_tables.items():
        for name in set(options.__dataclass_fields__) - tables:
            with pytest.raises(ValueError, match=rf"{name} is .*, it has to be "):
                check_kinds({name: Neither()}, options)


@pytest.mark.parametrize(
    "words", [["--minutes", "inf"], ["--minutes", "nan"], ["--every", "1e-9"], ["--every", "nan"]]
)
def test_a_timeline_without_end_is_refused(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["timeline", *words]) == 2
    assert "--minutes takes a number above 0" in capsys.readouterr().err


def test_a_reader_who_has_gone_is_no_failure() -> None:
    process = start(HOST_SIM, "demo", "--json", "--profile", "lte", "--modem", "bg95")
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=30) == 0
    assert process.stderr is not None
    assert process.stderr.read() == ""
    for stream in (process.stdin, process.stderr):
        stream.close()


@pytest.mark.parametrize("form", [["--json"], []])
def test_a_server_whose_reader_has_gone_ends(form: list[str]) -> None:
    words = ["serve", "--port", "0", "--device", "modem=bg95,name=alice", *form]
    process = start(HOST_SIM, *words)
    assert process.stdout is not None
    first = [process.stdout.readline() for _ in range(1 if form else 6)]
    if form:
        told = json.loads(first[0])
        url, user = told["url"], f"{told['account_sid']}:{told['auth_token']}"
    else:
        url = first[0].split()[1].removesuffix("/v1")
        user = f"{first[1].split()[-1]}:{first[2].split()[-1]}"
    process.stdout.close()
    form_data = {"Sim": "alice", "Payload": "x", "DevicePort": 1}
    request = urllib.request.Request(
        f"{url}/v1/IpCommands",
        urllib.parse.urlencode(form_data).encode(),
        {"Authorization": f"Basic {b64encode(user.encode()).decode()}"},
    )
    urllib.request.urlopen(request, timeout=10).close()
    assert process.wait(timeout=20) == 0
    assert process.stderr is not None
    assert process.stderr.read() == ""
    for stream in (process.stdin, process.stderr):
        stream.close()


def wait_until_it_waits(pid: int) -> None:
    """Return once a process uses no processor time any more: it has begun to read."""
    used, still_since = "", time.monotonic()
    while time.monotonic() < still_since + 0.5:
        now = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
        if " ".join(now) != used:
            used, still_since = " ".join(now), time.monotonic()
        time.sleep(0.05)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="it needs Linux's /proc")
def test_ctrl_c_at_standard_input_is_no_traceback() -> None:
    process = start(IP_COMMANDS, "send", "--uart", "/dev/ptmx", "--port", "4242")
    wait_until_it_waits(process.pid)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (130, "", "")
