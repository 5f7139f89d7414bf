"""``host-sim serve`` as a real process: options, events, devices on a UART, end, database."""

import asyncio
import base64
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from ip_commands.device import IpCommandClient
from ip_commands.host_sim.commands.serve_networks import all_networks, make_network
from ip_commands.host_sim.commands.serve_options import (
    DeviceOptions,
    ServeOptions,
    make_device,
    parse_device,
)
from ip_commands.modem_drivers import models

COMMAND = [
    sys.executable,
    "-c",
    "import sys; from ip_commands.host_sim.commands.main import main; sys.exit(main())",
]


class Served:
    """A running server: where it is, what it printed, requests to it."""

    def __init__(self, process, first):
        self.process = process
        self.first = first
        self.url = first["url"]

    def request(self, path, form=None):
        user = f"{self.first['account_sid']}:{self.first.get('auth_token', 'secret')}"
        headers = {"Authorization": "Basic " + base64.b64encode(user.encode()).decode()}
        data = None if form is None else "&".join(f"{k}={v}" for k, v in form.items()).encode()
        request = urllib.request.Request(self.url + path, data, headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def event(self, name):
        """Read on until an event of this name."""
        for line in self.process.stdout:
            found = json.loads(line)
            if found["event"] == name:
                return found
        raise AssertionError(f"the server ended before {name!r}")

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(timeout=10)


@contextmanager
def serving(*words, env=None):
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--json", *words],
        stdout=subprocess.PIPE,
        text=True,
        env=env,
    )
    try:
        yield Served(process, json.loads(process.stdout.readline()))
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


class TcpStream:
    """The host's end of ``uart=tcp:PORT``."""

    def __init__(self, reader, writer):
        self._reader, self._writer = reader, writer

    async def read(self, max_bytes):
        return await self._reader.read(max_bytes)

    async def write(self, data):
        self._writer.write(data)
        await self._writer.drain()

    async def close(self):
        self._writer.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_command_reaches_device_code_on_a_tcp_uart_and_is_answered():
    port = free_port()
    device = f"name=alice,modem=sim7080g,profile=cat-m1,uart=tcp:{port}"
    with serving("--speed", "30", "--device", device) as served:

        async def device_program():
            stream = TcpStream(*await asyncio.open_connection("127.0.0.1", port))
            modem = models.create("sim7080g", stream)
            client = IpCommandClient(modem, port=4242)

            @client.on_command
            async def handle(command):
                await client.send(command.payload[::-1])
                await client.close()

            running = asyncio.create_task(client.run())
            await client.wait_ready(20_000)
            created = await asyncio.to_thread(
                served.request,
                "/v1/IpCommands",
                {"Sim": "alice", "Payload": "live", "DevicePort": 4242},
            )
            await asyncio.wait_for(running, 20)
            await modem.close()
            return created

        created = asyncio.run(device_program())
        assert served.event("sent")["command_sid"] == created["sid"]
        assert served.event("delivered")["device"] == "alice"
        received = served.event("received")
        fetched = served.request(f"/v1/IpCommands/{received['command_sid']}")
        assert base64.b64decode(fetched["payload"]) == b"evil"
        assert served.request("/healthz")["status"] == "ok"
        assert served.end() == 0


def test_it_listens_on_this_computer_alone():
    """Its API and the UARTs of its devices; a Linux process tells its sockets in /proc."""
    uart_port = free_port()
    with serving("--device", f"uart=tcp:{uart_port}") as served:
        api_port = int(served.url.rsplit(":", 1)[1])
        wanted = {("127.0.0.1", api_port), ("127.0.0.1", uart_port)}
        listening = set(listening_sockets(served.process.pid))
    assert wanted <= listening
    assert {host for host, _ in listening} == {"127.0.0.1"}


def listening_sockets(pid):
    """Yield (host, port) of each TCP socket that a process listens on."""
    folder = Path(f"/proc/{pid}/fd")
    if not folder.exists():
        pytest.skip("it needs Linux's /proc")
    open_sockets = {os.readlink(entry) for entry in folder.iterdir()}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in open_sockets:
                host, port = fields[1].split(":")
                octets = bytes.fromhex(host)[::-1]
                yield (
                    socket.inet_ntop(
                        socket.AF_INET if len(octets) == 4 else socket.AF_INET6, octets
                    ),
                    int(port, 16),
                )


def test_everything_acknowledged_survives_sigkill(tmp_path):
    words = ("--db", str(tmp_path / "cloud.sqlite"), "--device", "name=alice,modem=bg95")
    with serving(*words) as served:
        sids = [
            served.request(
                "/v1/IpCommands", {"Sim": "alice", "Payload": f"n{n}", "DevicePort": 1}
            )["sid"]
            for n in range(20)
        ]
        served.end(signal.SIGKILL)
        first = served.first
    with serving(*words) as served:
        assert served.first["account_sid"] == first["account_sid"]
        served.first["auth_token"] = first["auth_token"]
        listed = served.request("/v1/IpCommands?PageSize=100")["ip_commands"]
        assert [item["sid"] for item in reversed(listed)] == sids
        for _ in sids:  # those still queued go on, none stays queued for ever
            if all(item["status"] != "queued" for item in listed):
                break
            served.event("failed")
            listed = served.request("/v1/IpCommands?PageSize=100")["ip_commands"]
        assert {item["status"] for item in listed} <= {"sent", "failed"}
        assert served.end(signal.SIGINT) == 0


def test_credentials_of_the_environment_are_honoured_and_not_printed():
    sid = "AC" + "5" * 32
    env = {"TWILIO_ACCOUNT_SID": sid, "TWILIO_AUTH_TOKEN": "secret", "PATH": ""}
    with serving(env=env) as served:
        assert served.first["account_sid"] == sid
        assert "auth_token" not in served.first
        assert served.request("/v1/Sims")["sims"] == []
        served.first["auth_token"] = "wrong"
        with pytest.raises(urllib.error.HTTPError) as refused:
            served.request("/v1/Sims")
        assert refused.value.code == 401
        refused.value.close()


def ask(port, line):
    """Type a line on a ``uart=tcp:PORT``; return what is said within a second of silence."""
    said = b""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as uart:
        uart.sendall(line + b"\r")
        uart.settimeout(1)
        try:
            while piece := uart.recv(1000):
                said += piece
        except TimeoutError:
            pass
    return said


def test_faults_are_there_from_the_start_for_the_devices_named_or_for_all():
    alice, bob = free_port(), free_port()
    words = ["--device", f"name=alice,uart=tcp:{alice}", "--device", f"name=bob,uart=tcp:{bob}"]
    words += ["--fault", "name=answer_lost,to=AT+CGMM,device=alice"]
    with serving(*words, "--fault", "noise,every_ms=86400000") as served:

        def faults(name):
            listed = served.request(f"/_sim/devices/{name}/faults")["faults"]
            return [(fault["name"], fault["active"], fault["happened"]) for fault in listed]

        noise = ("noise", True, 1)
        assert faults("alice") == [("answer_lost", True, 0), noise]
        assert faults("bob") == [noise]
        assert ask(alice, b"AT+CGMM") == b"AT+CGMM\r"  # the echo is no answer
        assert b"BG95" in ask(bob, b"AT+CGMM")
        assert faults("alice") == [("answer_lost", False, 1), noise]
        assert b"BG95" in ask(alice, b"AT+CGMM")
        assert served.end() == 0


def test_a_config_file_says_the_same_as_the_command_line(tmp_path):
    config = tmp_path / "sim.toml"
    config.write_text(
        'seed = 5\nspeed = 10\n[[device]]\nname = "bob"\nmodem = "bg96"\nprofile = "lte"\n'
    )
    with serving("--config", str(config)) as served:
        (device,) = served.request("/_sim/devices")["devices"]
        assert (device["name"], device["modem"], device["profile"]) == ("bob", "bg96", "lte")


def test_networks_from_words_and_file_reach_devices_that_roam(tmp_path):
    config = tmp_path / "sim.toml"
    config.write_text(
        """
        speed = 600
        [[network]]
        name = "mine"
        like = "no-hlcom"
        outages = ["90000-90001"]
        [network.parameters]
        hlcom_packets = 3
        [[device]]
        name = "alice"
        networks = ["mine", "word"]
        roam = ["60:word"]
        [device.sim_lists]
        user_list = ["word/cat-m1"]
        search_every_min = 0
        """
    )
    bob = "name=bob,networks=slow+hlcom,roam=random:600-1200,search_pattern=continuous"
    words = ["--network", "name=word,like=hlcom,plmn=99901,equivalent=mine", "--device", bob]
    with serving("--config", str(config), *words) as served:
        listed = {one["name"]: one for one in served.request("/_sim/networks")["networks"]}
        assert listed["mine"]["outages_s"] == [[90000, 90001]]
        assert (listed["word"]["plmn"], listed["word"]["equivalent"]) == ("99901", ["00150"])
        alice = served.request("/_sim/devices/alice")
        assert alice["networks"] == ["mine", "word"]
        served.request("/_sim/devices/alice/attach", {})
        for _ in range(5000):
            alice = served.request("/_sim/devices/alice")
            if (alice["registration"], alice["plmn"]) == (5, "99901"):
                break
        else:
            raise AssertionError(alice)
        assert served.request("/_sim/devices/bob")["networks"] == ["slow", "hlcom"]
        assert served.end() == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--device", "modem=bg9"), "no modem 'bg9'"),
        (("--device", "profile=5g"), "no profile '5g'"),
        (("--device", "uart=usb:1"), "pty:PATH nor tcp:PORT"),
        (("--device", "colour=red"), "name=, modem="),
        (("--device", "name=a", "--device", "name=a"), "name of its own"),
        (("--device", "networks=hlcom+x"), "device device-1: no network 'x'; there are: hlcom"),
        (("--device", "roam=5:hlcom"), "it has no networks"),
        (("--device", "networks=hlcom,roam=5"), "write SECONDS:NETWORK+NETWORK"),
        (("--device", "networks=hlcom,roam=5:slow"), "roam '5:slow': it has hlcom"),
        (("--device", "networks=hlcom,roam=random:9-5"), "write random:LEAST-MOST"),
        (("--device", "networks=nb-iot-only"), "can use cat-m1, its networks have nb-iot"),
        (("--device", "accesses=5g"), "no access '5g'; there are: lte, cat-m1, nb-iot"),
        (("--device", "search_pattern=x"), "no search pattern 'x'; there are: nrf9160"),
        (("--network", "like=hlcom"), "a network needs a name"),
        (("--network", "name=x,like=y"), "network x: no network 'y'"),
        (("--network", "name=x,colour=red"), "'colour=red' is none of name=, like=, plmn="),
        (("--network", "name=x,outages=soon"), "network x: outages 'soon': write FROM-UNTIL"),
        (("--speed", "0"), "speed"),
        (("--port", "70000"), "port"),
        (("--config", "/nowhere/sim.toml"), "/nowhere/sim.toml"),
        (("--device", "quirks=flies"), "no quirk 'flies'"),
        (("--device", "name=a", "--fault", "answer_gone"), "known: answer_cut, answer_late, "),
        (("--device", "name=a", "--fault", "silence,long=1"), "it takes: when, delay_ms, hears"),
        (("--device", "name=a", "--fault", "silence,device=b"), "no device 'b'; there are: a"),
        (("--fault", "silence"), "add --device"),
        (
            ("--device", "name=a,modem=sara-r510s", "--fault", "socket_closed,keeps_data=yes"),
            "keeps_data=yes', a: socket_closed: a SARA-R510S keeps nothing",
        ),
    ],
)
def test_a_wrong_word_is_one_clear_line_and_status_2(words, said):
    ended = subprocess.run(
        [*COMMAND, "serve", "--port", "0", *words], capture_output=True, text=True, timeout=20
    )
    assert ended.returncode == 2
    assert said in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1


def test_a_broken_config_file_is_named(tmp_path):
    config = Path(tmp_path / "sim.toml")
    config.write_text("speed = fast")
    ended = subprocess.run(
        [*COMMAND, "serve", "--config", str(config)], capture_output=True, text=True, timeout=20
    )
    assert ended.returncode == 2
    assert str(config) in ended.stderr


def test_device_words():
    values = parse_device("name=alice,modem=bg95,uart=tcp:5000,quirks=recvind+viewmode")
    assert DeviceOptions(**values).quirks == ("recvind", "viewmode")


def test_single_parameters_of_a_profile_come_from_the_file():
    values = {
        "name": "alice",
        "network": {"nat_udp_idle_s": 12, "connect_ms": [1, 2, 3], "congestion": 0},
    }
    device = make_device(0, values)
    assert device.network == {"nat_udp_idle_s": 12, "connect_ms": (1, 2, 3), "congestion": 0}


@pytest.mark.parametrize(
    ("network", "said"),
    [
        ({"nat_idle": 12}, "alice: network: a profile has no 'nat_idle'; it has name, access"),
        ({"nat_udp_idle_s": -1}, "alice: network: nat_udp_idle_s -1"),
        ({"nat_udp_idle_s": "12"}, "alice: network: nat_udp_idle_s '12': a whole number"),
        ({"t3411_s": 1.5}, "t3411_s 1.5: a whole number"),
        ({"hlcom": 1}, "hlcom 1: true or false"),
        ({"connect_ms": 3}, "connect_ms 3: three whole numbers"),
        ({"t3346_s": "x"}, "t3346_s 'x': a whole number"),
        ({"attach_ms": [-5, 2, 3]}, "attach_ms .*: three whole numbers of 1 or more"),
        ({"attach_ms": ["a", "b", "c"]}, "attach_ms .*: three whole numbers"),
        ({"requested_edrx": 5}, "requested_edrx 5: a text of 4 bits"),
        ({"ce_thresholds_dbm": "x"}, "ce_thresholds_dbm 'x': up to two numbers"),
        ({"name": "bob"}, "alice: network: name cannot be set in a file"),
    ],
)
def test_a_parameter_that_a_profile_cannot_have_is_named(network, said):
    with pytest.raises(ValueError, match=said):
        make_device(0, {"name": "alice", "network": network})
    with pytest.raises(ValueError, match="network="):
        parse_device("network=x")


@pytest.mark.parametrize(
    ("network", "said"),
    [
        ({"parameters": {"attach_reject": "13"}}, "network m: attach_reject '13': one octet"),
        ({"parameters": {"t3346_s": "x"}}, "network m: t3346_s 'x': a whole number"),
        ({"parameters": {"nope": 1}}, "network m: a profile has no 'nope'"),
        ({"parameters": {"name": "k"}}, "network m: name is no parameter of its cells here"),
        ({"parameters": {"outages": 5}}, "network m: outages is no parameter of its cells here"),
        ({"parameters": {"paging": "k"}}, "network m: paging is no parameter of its cells here"),
    ],
)
def test_a_parameter_that_a_network_cannot_have_is_named(network, said):
    with pytest.raises(ValueError, match=said):
        all_networks([make_network({"name": "m", **network})])


@pytest.mark.parametrize(
    ("lists", "said"),
    [
        ({"user_list": [5]}, "alice: 5 is no PLMN and no network: a text is needed"),
        ({"user_list": 5}, "alice: user_list is 5, it has to be a list"),
        ({"home": 5}, "alice: 5 is no PLMN and no network"),
        ({"search_every_min": "x"}, "alice: search_every_min 'x': a whole number of minutes"),
        ({"search_every_min": True}, "alice: search_every_min True: a whole number"),
    ],
)
def test_a_list_that_a_sim_cannot_have_is_named(lists, said):
    device = make_device(0, {"name": "alice", "networks": ["hlcom"], "sim_lists": lists})
    with pytest.raises(ValueError, match=said):
        device.check_networks(all_networks(()))


def test_networks_to_reach_out_to_are_checked():
    assert ServeOptions().super_sim_arguments()["reach_out"] is True
    arguments = ServeOptions(reach_out=("192.168.1.0/24",)).super_sim_arguments()
    assert (arguments["reach_out"], arguments["reach_networks"]) == (True, ("192.168.1.0/24",))
    assert ServeOptions(reach_out=("none",)).super_sim_arguments()["reach_out"] is False
    for wrong in (("home",), ("none", "10.0.0.0/8"), ("10.0.0.1/8",)):
        with pytest.raises(ValueError, match="reach_out"):
            ServeOptions(reach_out=wrong)


def test_nobody_reads_what_it_prints_and_it_serves_on(tmp_path):
    """Seen: everything stopped after 218 commands, and SIGTERM was ignored."""
    read_end, write_end = os.pipe()
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--json", "--device", "name=alice"],
        stdout=write_end,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(write_end)
    try:
        first = b""
        while not first.endswith(b"\n"):
            first += os.read(read_end, 1)
        served = Served(process, json.loads(first))
        sim = served.request("/v1/Sims")["sims"][0]["sid"]
        form = {"Sim": sim, "Payload": "x", "DevicePort": "4242"}
        for _ in range(400):
            assert served.request("/v1/IpCommands", form)["sid"].startswith("HG")
        assert served.end() == 0
        assert process.stderr.read() == ""
    finally:
        process.kill()
        process.communicate()
        os.close(read_end)


def test_each_device_has_its_sim_again_with_its_devices_in_another_order(tmp_path):
    """Seen: a command to the Sim of bob was delivered to alice."""
    words = ("--db", str(tmp_path / "cloud.db"))
    names = ("alice", "bob", "carol")
    found = []
    for order in (names, names[::-1], ("bob",)):
        devices = [word for name in order for word in ("--device", f"name={name}")]
        with serving(*words, *devices) as server:
            shown = server.request("/_sim/devices")["devices"]
            found.append({device["name"]: device["iccid"] for device in shown})
    assert found[0] == found[1]
    assert found[2] == {"bob": found[0]["bob"]}
