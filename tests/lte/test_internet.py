"""A device and the internet: TCP, names and pings over its radio connection."""

from typing import Any

import pytest

from ip_commands.host_sim.lte import states
from ip_commands.host_sim.lte.internet import Connection
from ip_commands.host_sim.lte.tcp import REFUSED, RESET, UNANSWERED
from tests.lte.network_bench import Bench


class Host:
    """Whoever uses the modem's stack."""

    def __init__(self) -> None:
        self.connected = False
        self.received = bytearray()
        self.closed: list[str] = []

    def tcp_connected(self) -> None:
        self.connected = True

    def tcp_received(self, data: bytes) -> None:
        self.received += data

    def tcp_acknowledged(self) -> None:
        pass

    def tcp_closed(self, why: str) -> None:
        self.closed.append(why)


def echo_bench(profile: str = "cat-m1", **overrides: Any) -> tuple[Bench, list[Connection]]:
    """A device that is online, and an echo server at 198.18.0.1:7."""
    bench = Bench(profile, **overrides).idle()
    connections: list[Connection] = []
    bench.network.internet.serve(
        "echo.example",
        7,
        lambda connection, data: connection.send(data),
        on_connected=connections.append,
    )
    return bench, connections


def connected(bench: Bench) -> tuple[Host, Any]:
    host = Host()
    end = bench.ue.ip.connect_tcp("198.18.0.1", 7, 0, host)
    bench.run(seconds=5)
    assert host.connected
    return host, end


def test_bytes_reach_a_server_and_come_back() -> None:
    bench, connections = echo_bench()
    host, end = connected(bench)
    assert connections[0].device == "device-1"
    end.send(b"hello")
    bench.run(seconds=2)
    assert host.received == b"hello"
    assert bench.uplinks == [], "it is not the host's UDP"
    end.close()
    bench.run(seconds=2)
    assert bench.network.internet._connections == {}
    assert bench.ue.ip._connections == {}


def test_it_takes_the_radios_time_and_the_internets() -> None:
    bench, _ = echo_bench()
    host, end = connected(bench)
    bench.run(minutes=1)
    assert bench.ue.state in states.IDLE
    end.send(b"hello")
    bench.run(ms=180)
    assert not host.received, "140 ms of radio and 40 ms beyond, after the service request"
    bench.run(seconds=1)
    assert host.received == b"hello"


def test_its_bytes_are_counted() -> None:
    bench, _ = echo_bench()
    session = bench.ue.context.session
    assert session is not None
    up, down = session.up_bytes, session.down_bytes
    _, end = connected(bench)
    assert (session.up_bytes - up, session.down_bytes - down) == (80, 40), "SYN, SYN ACK, ACK"
    end.send(bytes(1000))
    bench.run(seconds=2)
    assert session.down_bytes - down == 40 + 1040
    assert session.up_bytes - up == 80 + 1040 + 40


def test_a_sleeping_device_is_paged_for_a_segment() -> None:
    bench, connections = echo_bench("cat-m1-edrx-hlcom")
    host, _ = connected(bench)
    bench.run(minutes=2)
    assert bench.ue.state in states.IDLE
    connections[0].send(b"wake up")
    bench.run(ms=200)
    assert not host.received
    bench.run(minutes=2)
    assert host.received == b"wake up"
    assert connections[0].unacknowledged_bytes == 0


def test_a_lossy_radio_is_a_slow_one() -> None:
    bench, _ = echo_bench(datagram_loss=0.2)
    host = Host()
    end = bench.ue.ip.connect_tcp("198.18.0.1", 7, 0, host)
    data = bytes(range(250)) * 20
    end.send(data)
    bench.run(minutes=20)
    assert bytes(host.received) == data


def test_a_device_out_of_coverage_sends_it_later() -> None:
    bench, _ = echo_bench()
    host, end = connected(bench)
    bench.ue.lose_coverage()
    end.send(b"later")
    bench.run(seconds=20)
    assert not host.received
    bench.ue.find_coverage()
    bench.run(minutes=2)
    assert host.received == b"later"


def test_no_such_port_and_no_such_host() -> None:
    bench, _ = echo_bench()
    refused, lost = Host(), Host()
    bench.ue.ip.connect_tcp("198.18.0.1", 8, 0, refused)
    bench.ue.ip.connect_tcp("198.18.9.9", 7, 0, lost)
    bench.run(seconds=5)
    assert refused.closed == [REFUSED]
    assert lost.closed == []
    bench.run(minutes=3)
    assert lost.closed == [UNANSWERED]


def test_a_server_that_closes_or_stops() -> None:
    bench, connections = echo_bench()
    first, _ = connected(bench)
    connections[0].close()
    bench.run(seconds=2)
    assert first.closed == ["peer closed"]
    second, _ = connected(bench)
    connections[1].abort()
    bench.run(seconds=2)
    assert second.closed == [RESET]
    bench.network.internet.stop_serving("echo.example", 7)
    third = Host()
    bench.ue.ip.connect_tcp("198.18.0.1", 7, 0, third)
    bench.run(seconds=2)
    assert third.closed == [REFUSED]


def test_a_connection_does_not_outlive_its_address() -> None:
    bench, connections = echo_bench()
    gone: list[str] = []
    connections_before = len(connections)
    host, end = connected(bench)
    connections[0].on_closed = gone.append
    bench.network.home.end_session(bench.ue, "a test")
    bench.run(minutes=1)
    assert bench.ue.ip_address is not None, "it has a new one"
    connections[0].send(b"to the old address")
    end.send(b"from the old address")
    bench.run(minutes=20)
    assert not host.received
    assert host.closed == [UNANSWERED]
    assert gone == [UNANSWERED]
    assert connections_before == 0


def test_names() -> None:
    bench, _ = echo_bench()
    found: list[Any] = []
    for name in ("Echo.Example", "nowhere.example", "192.0.2.7"):
        bench.ue.ip.resolve(name, found.append)
        bench.run(seconds=1)
    assert found == [("198.18.0.1",), (), ("192.0.2.7",)]
    bench.network.internet.answers_names = False
    bench.ue.ip.resolve("echo.example", found.append)
    bench.run(seconds=9)
    assert len(found) == 3
    bench.run(seconds=2)
    assert found[3] is None


def test_a_lost_question_is_asked_again() -> None:
    bench, _ = echo_bench()
    found: list[Any] = []
    bench.network.internet.answers_names = False
    bench.ue.ip.resolve("echo.example", found.append)
    bench.run(seconds=4)
    bench.network.internet.answers_names = True
    bench.run(seconds=2)
    assert found == [("198.18.0.1",)]


def test_pings() -> None:
    bench, _ = echo_bench()
    bench.network.internet.add_host("far.example", rtt_ms=400)
    bench.network.internet.add_host("mute.example", ping=False)
    times: list[Any] = []
    for address in ("198.18.0.1", "198.18.0.1", "198.18.0.2", "198.18.0.3", "192.0.2.7"):
        bench.ue.ip.ping(address, 32, 4000, times.append)
        bench.run(seconds=5)
    with_service_request_ms, near_ms, far_ms = times[:3]
    assert 180 <= near_ms < 200
    assert with_service_request_ms > near_ms + 300
    assert far_ms - near_ms == 360
    assert times[3:] == [None, None]


def test_without_a_data_connection_nobody_answers() -> None:
    bench = Bench()
    host = Host()
    times: list[Any] = []
    bench.network.internet.serve("echo.example", 7, lambda connection, data: None)
    bench.ue.ip.connect_tcp("198.18.0.1", 7, 0, host)
    bench.ue.ip.ping("198.18.0.1", 32, 4000, times.append)
    bench.ue.ip.resolve("198.18.0.1", times.append)
    bench.run(ms=1)
    assert times == [None]
    bench.run(minutes=3)
    assert host.closed == [UNANSWERED]
    assert times == [None, None]


def test_a_network_that_lost_the_bearer() -> None:
    bench, _ = echo_bench()
    host, end = connected(bench)
    bench.ue.ip.cut_off = True
    end.send(b"into nothing")
    bench.run(minutes=20)
    assert host.closed == [UNANSWERED]


def test_what_a_test_may_not_ask() -> None:
    internet = Bench().network.internet
    with pytest.raises(ValueError, match="no IPv4 address"):
        internet.add_host("a.example", "1.2.3")
    with pytest.raises(ValueError, match="no name"):
        internet.add_host("a b")
    with pytest.raises(ValueError, match="1 to 65535"):
        internet.serve("a.example", 0, lambda connection, data: None)
    with pytest.raises(ValueError, match="nobody serves"):
        internet.stop_serving("a.example", 7)
    with pytest.raises(ValueError, match="no host"):
        internet.remove_host("a.example")
