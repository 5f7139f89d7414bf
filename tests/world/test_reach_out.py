"""A device's UDP and a program's real socket: out, back, refused, bounded, given up when idle."""

import asyncio
import socket

import pytest

from ip_commands.device.errors import ReceiveTimeout
from ip_commands.host_sim.lte import Network
from ip_commands.host_sim.time.event_queue import EventQueue
from ip_commands.host_sim.time.virtual_time import run
from ip_commands.host_sim.world.reach_out import ReachOut
from ip_commands.host_sim.world.super_sim import SuperSim

SPEED = 20


class EchoServer(asyncio.DatagramProtocol):
    """Somebody's own UDP server: answers everything in capitals."""

    def __init__(self):
        self.heard = []

    def connection_made(self, transport):
        self.transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data, address):
        self.heard.append((data, address))
        self.transport.sendto(data.upper(), address)


async def beside_a_server(body):
    """Run ``body(server)``, then close the server."""
    loop = asyncio.get_running_loop()
    _, server = await loop.create_datagram_endpoint(EchoServer, local_addr=("127.0.0.1", 0))
    try:
        await body(server)
    finally:
        server.transport.close()
        await asyncio.sleep(0)


async def online(supersim, modem="bg95", port=4242):
    device = await supersim.add_device(modem, "lte")
    driver = device.driver()
    await driver.start()
    await driver.attach("super", 60_000)
    return driver, await driver.open_udp(port)


def last_uplink(device_name, supersim):
    history = supersim.network.history.datagrams
    return [d for d in history if d.direction == "uplink" and d.ue_name == device_name][-1]


@pytest.mark.parametrize("modem", ["bg95", "sim7080g"])
def test_a_program_on_this_machine_answers_a_device(modem):
    async def exchange(server):
        async with SuperSim() as supersim:
            supersim.network.keep_history()
            driver, sock = await online(supersim, modem)
            for payload in (b"hello", bytes(range(97, 123)) * 50):
                await sock.send_to(payload, "127.0.0.1", server.port)
                assert await sock.receive(30_000) == (payload.upper(), "127.0.0.1", server.port)
            assert len({address for _, address in server.heard}) == 1
            reach_out = supersim.reach_out
            assert (reach_out.sent, reach_out.came_back, reach_out.open_sockets) == (2, 2, 1)
            step = last_uplink("device-1", supersim).trail[-1]
            assert step.event == "handed out"
            assert f"127.0.0.1:{server.port}" in step.rule
            # ... and the service is still the service
            await sock.send_to(b"to the cloud", "100.64.0.1", 6969)
            await supersim.run_for(seconds=20)
            assert len(supersim.webhooks) >= 1
            assert reach_out.sent == 2
            await driver.close()

    run(beside_a_server(exchange), speed=SPEED)


def test_ports_of_devices_are_kept_apart():
    async def exchange(server):
        async with SuperSim() as supersim:
            (alice, a), (bob, b) = await asyncio.gather(online(supersim), online(supersim))
            await a.send_to(b"alice", "127.0.0.1", server.port)
            await b.send_to(b"bob", "127.0.0.1", server.port)
            assert (await a.receive(30_000))[0] == b"ALICE"
            assert (await b.receive(30_000))[0] == b"BOB"
            assert len({address for _, address in server.heard}) == 2
            await alice.close()
            await bob.close()

    run(beside_a_server(exchange), speed=SPEED)


def test_everything_else_is_refused_and_its_trail_says_so():
    async def exchange():
        async with SuperSim() as supersim:
            supersim.network.keep_history()
            driver, sock = await online(supersim)
            for host in ("192.0.2.1", "100.64.0.2", "8.8.8.8"):
                await sock.send_to(b"x", host, 53)
            with pytest.raises(ReceiveTimeout):
                await sock.receive(5000)
            assert (supersim.reach_out.refused, supersim.reach_out.open_sockets) == (3, 0)
            step = last_uplink("device-1", supersim).trail[-1]
            assert (step.event, step.rule[:7]) == ("refused", "8.8.8.8")
            await driver.close()

    run(exchange(), speed=SPEED)


@pytest.mark.parametrize("asked", [None, False, True])
def test_virtual_time_does_not_reach_out_unless_asked(asked):
    async def exchange(server):
        async with SuperSim(reach_out=asked) as supersim:
            supersim.network.keep_history()
            driver, sock = await online(supersim)
            await sock.send_to(b"x", "127.0.0.1", server.port)
            if asked:
                assert (await sock.receive(3_600_000))[0] == b"X"
            else:
                with pytest.raises(ReceiveTimeout):
                    await sock.receive(3_600_000)
                assert supersim.reach_out is None
                assert last_uplink("device-1", supersim).trail[-1].event == "refused"
            assert len(server.heard) == bool(asked)
            await driver.close()

    run(beside_a_server(exchange))


async def late_answers(server):
    async with SuperSim() as supersim:
        history = supersim.network.keep_history().datagrams
        driver, sock = await online(supersim)
        await sock.send_to(b"first", "127.0.0.1", server.port)
        assert (await sock.receive(30_000))[0] == b"FIRST"
        first = server.heard[0][1]
        await supersim.run_for(seconds=40)  # the NAT remembers 30
        server.transport.sendto(b"too late", first)
        await supersim.run_for(seconds=10)
        assert history[-1].payload == b"too late"
        assert history[-1].trail[-1].rule.startswith("the NAT had forgotten: nothing was sent")
        # the next datagram leaves through another mapping; the old one stays closed
        await sock.send_to(b"second", "127.0.0.1", server.port)
        assert (await sock.receive(30_000))[0] == b"SECOND"
        assert server.heard[1][1] != first
        server.transport.sendto(b"to the old port", first)
        await supersim.run_for(seconds=5)
        assert "the NAT had forgotten" in history[-1].trail[-1].rule
        with pytest.raises(ReceiveTimeout):
            await sock.receive(1000)
        await driver.close()


def test_the_nat_forgets_and_a_late_answer_tells_it():
    run(beside_a_server(late_answers), speed=SPEED)


def test_a_patient_nat_is_not_cut_short_by_its_socket():
    async def check(server):
        bench = Bench(idle_s=5)
        bench.send(b"x", "127.0.0.1", server.port, nat_idle_s=50)
        await bench.answered()
        await asyncio.sleep(45)
        server.transport.sendto(b"in time", server.heard[0][1])
        assert (await bench.answered())[1] == b"in time"
        await asyncio.sleep(60)
        assert bench.reach_out.open_sockets == 0
        bench.reach_out.close()

    run(beside_a_server(check), speed=100)


# --- ReachOut by itself ------------------------------------------------------------------------


class Bench:
    """A ReachOut, datagrams for it, and what came back from it."""

    def __init__(self, networks=(), **options):
        self.network = Network(EventQueue(0))
        self.ue = self.network.add_ue("alice", "901280000000001", "8988307000000000011", "lte")
        self.back = []
        self.arrived = asyncio.Event()
        self.reach_out = ReachOut(self.downlink, networks, **options)

    def downlink(self, *arguments):
        self.back.append(arguments)
        self.arrived.set()
        if arguments[1] == b"GONE":
            self.network.send_downlink("nobody", b"", 1)  # raises NotAttached

    def send(self, payload, host, port, from_port=4242, nat_idle_s=0):
        datagram = self.ue.make_datagram(
            "uplink", payload, ("100.64.7.7", from_port), (host, port)
        )
        self.reach_out.send(self.ue.iccid, datagram, host, port, 0, None, nat_idle_s)
        return datagram.trail[-1]

    async def answered(self):
        await asyncio.wait_for(self.arrived.wait(), 60)
        self.arrived.clear()
        return self.back.pop()


async def idle_mapping(server):
    bench = Bench(idle_s=20)
    bench.send(b"x", "127.0.0.1", server.port)
    await bench.answered()
    await asyncio.sleep(15)
    bench.send(b"y", "127.0.0.1", server.port)  # still in use: the same port
    await bench.answered()
    await asyncio.sleep(15)
    assert bench.reach_out.open_sockets == 1
    assert server.heard[0][1] == server.heard[1][1]
    await asyncio.sleep(10)
    assert bench.reach_out.open_sockets == 0
    server.transport.sendto(b"too late", server.heard[0][1])
    await asyncio.sleep(2)
    assert bench.back == []
    bench.send(b"z", "127.0.0.1", server.port)  # and again
    assert await bench.answered() == (
        *(bench.ue.iccid, b"Z", 4242, "127.0.0.1", server.port),
        None,
    )
    bench.reach_out.close()
    assert bench.reach_out.open_sockets == 0


def test_an_idle_mapping_is_given_up():
    run(beside_a_server(idle_mapping), speed=100)


def test_sockets_are_bounded_and_the_longest_idle_goes_first():
    async def check(server):
        bench = Bench(max_sockets=3)
        for port in (1, 2, 3, 1, 4):
            bench.send(b"x", "127.0.0.1", server.port, from_port=port)
            await bench.answered()
            assert bench.reach_out.open_sockets <= 3
        ports = {key[1] for key in bench.reach_out._mappings}
        assert ports == {1, 3, 4}
        bench.reach_out.close()

    asyncio.run(beside_a_server(check))


def test_a_network_can_be_allowed_and_a_name_cannot():
    async def check():
        bench = Bench(["192.0.2.0/24"])
        assert bench.send(b"x", "192.0.2.1", 9)[1] in ("handed out", "lost")  # no route, maybe
        assert bench.reach_out.refused == 0
        for host in ("192.0.3.1", "localhost", "", "::1", "0.0.0.0", "256.1.1.1"):
            assert bench.send(b"x", host, 9)[1] == "refused", host
        bench.reach_out.close()
        with pytest.raises(ValueError, match=r"192\.0\.2\.1/24"):
            Bench(["192.0.2.1/24"])

    asyncio.run(check())


def test_what_the_machine_does_not_send_and_whom_nobody_can_answer_is_counted():
    async def check(server):
        bench = Bench()
        assert bench.send(b"x" * 65600, "127.0.0.1", server.port)[1] == "lost"
        assert bench.send(b"x", "127.0.0.1", 0)[1] == "lost"
        assert bench.reach_out.lost == 2
        bench.send(b"gone", "127.0.0.1", server.port)
        await bench.answered()
        assert bench.reach_out.lost == 3
        bench.reach_out.close()

    asyncio.run(beside_a_server(check))


def test_only_this_machine_can_answer_through_a_loopback_socket():
    async def check(server):
        bench = Bench(["0.0.0.0/0"])
        bench.send(b"x", "127.0.0.1", server.port)
        mapping = next(iter(bench.reach_out._mappings.values()))
        assert mapping.socket.getsockname()[0] == "127.0.0.1"
        bench.reach_out.close()
        with pytest.raises(OSError, match="Bad file descriptor"):
            mapping.socket.sendto(b"", ("127.0.0.1", server.port))

    asyncio.run(beside_a_server(check))


def test_no_more_sockets_are_an_entry_in_the_trail(monkeypatch):
    async def check():
        bench = Bench()

        def none_left(*_):
            raise OSError("Too many open files")

        monkeypatch.setattr(socket, "socket", none_left)
        step = bench.send(b"x", "127.0.0.1", 9)
        assert (step.event, bench.reach_out.open_sockets) == ("lost", 0)
        assert "Too many open files" in step.rule

    asyncio.run(check())
