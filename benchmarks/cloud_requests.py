"""Requests per second of the cloud's REST API: create and list, in memory and with SQLite.

Two processes on this machine: the server, and this one with 32 connections that each send the next
request as soon as the last is answered. Stoplight Prism, where it is installed (npm,
``benchmarks/prism``), serves the same contract in the same run. Run it: ``make benchmarks``.
"""

import asyncio
import base64
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web

from ip_commands.host_sim.cloud.http_api import make_app
from ip_commands.host_sim.cloud.sqlite_store import SqlitePersistence
from ip_commands.host_sim.cloud.store import CloudStore
from ip_commands.host_sim.time.loop_queue import LoopQueue

ROOT = Path(__file__).resolve().parents[1]
CONTRACT = ROOT / "tests" / "data" / "twilio_supersim_v1_served.json"
PRISM = ROOT / "benchmarks" / "prism" / "node_modules" / ".bin" / "prism"

ACCOUNT_SID, AUTH_TOKEN = "AC" + "ab" * 16, "token"
CONNECTIONS = 32
WARM_UP_S = 0.5
MEASURED_S = 3.0


async def serve(database: str | None) -> None:
    """Run the server until it is told to end; print its port first."""
    queue = LoopQueue(0, asyncio.get_running_loop())
    store = CloudStore(
        queue,
        lambda *_: "100.64.0.2",
        lambda request: store.webhook_finished(request),
        persistence=SqlitePersistence(database) if database is not None else None,
    )
    account = store.create_account(sid=ACCOUNT_SID, auth_token=AUTH_TOKEN)
    fleet = store.create_fleet(account)
    store.add_sim(account, "8988307000000000001", unique_name="alice", fleet=fleet)
    runner = web.AppRunner(make_app(store), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()
    await runner.cleanup()


class LoadConnection(asyncio.Protocol):
    """One keep-alive connection that repeats a request and counts good answers."""

    def __init__(self, request: bytes, expected_status: bytes) -> None:
        self._request = request
        self._expected = b"HTTP/1.1 " + expected_status
        self._received = b""
        self.answered = 0
        self.refused: bytes | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if not separator or len(body) < content_length(head):
            return
        if not head.startswith(self._expected):
            self.refused = self._received[:500]
            self.transport.close()
            return
        self.answered += 1
        self._received = b""
        self.transport.write(self._request)


def content_length(head: bytes) -> int:
    lowered = head.lower()
    start = lowered.index(b"content-length:") + len(b"content-length:")
    return int(lowered[start:].split(b"\r\n", 1)[0])


def request_bytes(method: str, path: str, form: dict[str, str] | None = None) -> bytes:
    credentials = base64.b64encode(f"{ACCOUNT_SID}:{AUTH_TOKEN}".encode()).decode()
    body = urlencode(form).encode() if form is not None else b""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {credentials}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nAccept: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


CREATE = request_bytes(
    "POST", "/v1/IpCommands", {"Sim": "alice", "Payload": "checkin", "DevicePort": "4242"}
)
LIST = request_bytes("GET", "/v1/IpCommands?PageSize=50")


async def requests_per_second(port: int, request: bytes, expected_status: bytes) -> float:
    """Load the server and return how many good answers came per second."""
    loop = asyncio.get_running_loop()
    connections = []
    for _ in range(CONNECTIONS):
        _, connection = await loop.create_connection(
            lambda: LoadConnection(request, expected_status), "127.0.0.1", port
        )
        connections.append(connection)
    await asyncio.sleep(WARM_UP_S)
    before = sum(connection.answered for connection in connections)
    started_s = time.perf_counter()
    await asyncio.sleep(MEASURED_S)
    answered = sum(connection.answered for connection in connections) - before
    taken_s = time.perf_counter() - started_s
    for connection in connections:
        connection.transport.close()
        if connection.refused is not None:
            raise SystemExit(f"the server answered {connection.refused!r}")
    return answered / taken_s


async def measure_ours(database: str | None) -> tuple[float, float]:
    """Return create and list requests per second of a server process."""
    arguments = [sys.executable, __file__, "--serve", *([database] if database else [])]
    process = await asyncio.create_subprocess_exec(
        *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    port = int(await process.stdout.readline())
    create = await requests_per_second(port, CREATE, b"201")
    listed = await requests_per_second(port, LIST, b"200")
    process.terminate()
    await process.wait()
    return create, listed


async def measure_prism(port: int = 4019) -> tuple[float, float]:
    """Return the same of Prism, which answers with canned examples."""
    node = shutil.which("node")
    assert node is not None
    process = await asyncio.create_subprocess_exec(
        *(node, str(PRISM.resolve()), "mock", "-h", "127.0.0.1", "-p", str(port), str(CONTRACT)),
        *("--verboseLevel", "silent"),
        stdout=asyncio.subprocess.DEVNULL,
    )
    for _ in range(100):
        await asyncio.sleep(0.1)
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            continue
        writer.close()
        break
    create = await requests_per_second(port, CREATE, b"201")
    listed = await requests_per_second(port, LIST, b"200")
    process.terminate()
    await process.wait()
    return create, listed


async def main() -> None:
    figures = {"in memory": await measure_ours(None)}
    with tempfile.TemporaryDirectory() as folder:
        figures["SQLite"] = await measure_ours(str(Path(folder) / "cloud.db"))
    if PRISM.exists() and shutil.which("node"):
        figures["Stoplight Prism"] = await measure_prism()
    print(f"{'requests per second':<22}{'create':>10}{'list of 50':>12}")
    for name, (create, listed) in figures.items():
        print(f"{name:<22}{create:>10.0f}{listed:>12.0f}")
    if "Stoplight Prism" in figures:
        prism = figures["Stoplight Prism"][0]
        for name in ("in memory", "SQLite"):
            print(f"create, {name}: {figures[name][0] / prism:.1f} times Prism")
    else:
        print("not compared with Stoplight Prism: npm install --prefix benchmarks/prism")


if __name__ == "__main__":
    if "--serve" in sys.argv:
        asyncio.run(serve(sys.argv[2] if len(sys.argv) > 2 else None))
    else:
        asyncio.run(main())
