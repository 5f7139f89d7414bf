"""How much a board must hold: bytes of .mpy per file, and the smallest heap that does the work.

The work: connect, take ten commands of 1300 bytes, answer each with 1024 bytes (the most that
every family sends at once), close. It runs on the real MicroPython interpreter in virtual time,
from precompiled files as boards ship them, with the driver talking to the fake modem over a
simulated UART. The smallest heap is found by binary search; the unit is KiB of a 32-bit board
(``-X heapsize=<n>wK``: the interpreter here has 64-bit words and gets twice the bytes). What the
interpreter and the simulated board (its UART and clock live in the same heap) need by themselves
is in the first lines of the table.
"""

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ip_commands.host_sim.fake_modems import MODELS, create
from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio
from ip_commands.host_sim.micropython import MicroPythonBoard, ProgramEnded
from ip_commands.host_sim.time.virtual_time import VirtualTimeLoop
from ip_commands.modem_drivers import models
from tests.portable import micropython_tools as tools

FOLDERS = ("device", "modem_drivers", "boards")
COMMANDS = 10
PAYLOAD = bytes(range(256)) * 5 + bytes(20)
LARGEST_KIB = 512

NOTHING = """
import asyncio
async def main():
    await asyncio.sleep(0)
asyncio.run(main())
print("done")
"""

ECHO = f"""
async def main():
    @client.on_command
    async def handle(command):
        await client.send(command.payload[:1024])
        if client.sent == {COMMANDS}:
            await client.close()
    await client.run()
    print("done")
asyncio.run(main())
"""

WITH_DRIVER = """
import asyncio, machine, sys
from machine import UART
from ip_commands.boards.uart_stream import UartStream
from ip_commands.device import IpCommandClient
from ip_commands.modem_drivers import models
modem = models.create(sys.argv[1], UartStream(UART(0, baudrate=115200, timeout=0)))
client = IpCommandClient(modem, 4242)
print("made")
"""

WITH_SOCKETS = """
import asyncio, socket, sys
sys.path.insert(0, sys.argv[1])
from ip_commands.device import IpCommandClient
from ip_commands.device.os_udp_socket import OsNetwork
import ip_commands.device.ip_command_client as module
module.SERVICE_HOST = "127.0.0.1"
def address(port):
    return socket.getaddrinfo("127.0.0.1", port)[0][-1]
peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
peer.bind(address(6969))
client = IpCommandClient(OsNetwork(local_host="127.0.0.1"), 4243, accept_from=None)
async def feed():
    await client.wait_ready(10000)
    payload = bytes(1300)
    while True:
        peer.sendto(payload, address(4243))
        await asyncio.sleep_ms(5)
        peer.recvfrom(1400)
async def feed_quietly():
    try:
        await feed()
    except Exception as error:
        sys.print_exception(error)
feeding = []
run = client.run
async def run_fed():
    feeding.append(asyncio.create_task(feed_quietly()))
    await run()
    feeding[0].cancel()
client.run = run_fed
"""


async def works_with_modem(model: str, build: Path, heap_kib: int) -> str:
    """Do the work in a heap; return "" or what went wrong."""
    radio = BenchRadio()
    fake = create(model, radio)
    board = MicroPythonBoard(
        WITH_DRIVER + ECHO, [model], heap=f"{heap_kib}wK", module_path=[build], baud=115200
    )
    fake.connect(board.modem_end)
    try:
        async with board, asyncio.timeout(600):
            line = await board.read_line()
            if line != "made":
                return f"unexpected: {line}"
            for number in range(COMMANDS):
                while radio.ip_address is None:  # noqa: ASYNC110  virtual time
                    await asyncio.sleep(1)
                await asyncio.sleep(5)
                radio.inject_datagram(PAYLOAD)
                while len(radio.uplink) <= number:  # noqa: ASYNC110  virtual time
                    await asyncio.sleep(1)
            line = await board.read_line()
            if line != "done" or any(sent[0] != PAYLOAD[:1024] for sent in radio.uplink):
                return f"unexpected: {line}"
    except ProgramEnded as error:
        return str(error)
    except TimeoutError:
        return f"not done in 600 simulated seconds: {list(board.stderr.lines)[-3:]}"
    return ""


async def works_on_the_board(program: str, build: Path, heap_kib: int) -> str:
    """Run a program that prints "done" on the simulated board; return "" or what went wrong."""
    board = MicroPythonBoard(program, heap=f"{heap_kib}wK", module_path=[build])
    try:
        async with board, asyncio.timeout(600):
            line = await board.read_line()
            return "" if line == "done" else f"unexpected: {line}"
    except ProgramEnded as error:
        return str(error)


def works_alone(program: str, build: Path, heap_kib: int) -> str:
    """Run a program that needs no modem; return "" or what went wrong."""
    with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
        file.write(program)
        file.flush()
        interpreter = tools.find("micropython")
        assert interpreter is not None
        command = [interpreter, "-X", f"heapsize={heap_kib}wK", file.name, str(build)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if done.stdout.endswith("done\n"):
        return ""
    return (done.stderr + done.stdout).strip() or f"exit status {done.returncode}"


def smallest_heap_kib(works) -> tuple[int, str]:
    """Return the smallest heap with which ``works(heap_kib)`` returns "", or 0 and the fault."""
    fault = works(LARGEST_KIB)
    if fault:
        return 0, fault
    low, high = 1, LARGEST_KIB
    while low < high:
        middle = (low + high) // 2
        if works(middle):
            low = middle + 1
        else:
            high = middle
    return low, ""


def print_file_sizes(build: Path) -> None:
    print(f"{'file, precompiled':44}{'bytes':>8}")
    for folder in FOLDERS:
        files = sorted((build / "ip_commands" / folder).glob("*.mpy"))
        for file in files:
            print(f"{file.relative_to(build)!s:44}{file.stat().st_size:8}")
        print(f"{folder + ' together':44}{sum(file.stat().st_size for file in files):8}\n")


def print_heaps(build: Path) -> None:
    def in_virtual_time(work, argument: str):
        def works(heap_kib: int) -> str:
            with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
                return runner.run(work(argument, build, heap_kib))

        return works

    rows = [
        ("asyncio alone", lambda heap_kib: works_alone(NOTHING, build, heap_kib)),
        ("asyncio alone on the simulated board", in_virtual_time(works_on_the_board, NOTHING)),
        (
            "client over native sockets",
            lambda heap_kib: works_alone(WITH_SOCKETS + ECHO, build, heap_kib),
        ),
        *(
            (
                f"client over the {module} driver ({names[0]})",
                in_virtual_time(works_with_modem, names[0]),
            )
            for module, _, names in models._FAMILIES
            if names[0].lower() in MODELS
        ),
    ]
    print(f"{'smallest heap of a 32-bit board':44}{'KiB':>8}")
    for name, works in rows:
        heap_kib, fault = smallest_heap_kib(works)
        print(f"{name:44}{heap_kib or '?':>8}")
        if fault:
            print(f"    does not work: {fault}")


def main() -> int:
    """Print both tables; return 1 with the reason where the tools are missing."""
    if tools.missing():
        print(f"nothing measured, no {' and no '.join(tools.missing())}: {tools.INSTALL_HINT}")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        build = Path(folder)
        for complaint in tools.compile_changed(FOLDERS, build):
            print(f"does not compile: {complaint}")
        print_file_sizes(build)
        print_heaps(build)
    return 0


if __name__ == "__main__":
    sys.exit(main())
