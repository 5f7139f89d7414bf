"""What ``host-sim serve`` runs: API, network and fake modems in real or scaled time, until told.

One line per event for people, JSON lines for programs.
"""

import asyncio
import json
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import IO, Any

from rich.console import Console
from rich.text import Text

from ip_commands.host_sim.commands.line_writer import LineWriter
from ip_commands.host_sim.commands.serve_faults import inject
from ip_commands.host_sim.commands.serve_networks import begin_to_roam
from ip_commands.host_sim.commands.serve_options import DeviceOptions, ServeOptions
from ip_commands.host_sim.lte.time_base import clock, utc
from ip_commands.host_sim.time.virtual_time import run
from ip_commands.host_sim.uart.ports import PtyUart, TcpUart
from ip_commands.host_sim.web.controls import control_routes
from ip_commands.host_sim.web.journal import Journal, SimEvent
from ip_commands.host_sim.world.simulated_device import SimulatedDevice
from ip_commands.host_sim.world.super_sim import SuperSim

STYLES = {
    "delivered": "green",
    "received": "green",
    "sent": "cyan",
    "dropped": "bold red",
    "expired": "bold red",
    "failed": "bold red",
    "missed": "yellow",
    "buffered": "magenta",
}


def serve(options: ServeOptions) -> int:
    """Run until SIGINT or SIGTERM; return the exit status. Raises ValueError, OSError."""
    try:
        run(_serve(options, sys.stdout), speed=options.speed)
    except socket.gaierror as error:
        raise ValueError(f"--host {options.host}: {error.strerror}") from None
    return 0


class Report:
    """What ``serve`` prints: words and events, in lines."""

    def __init__(self, output: IO[str], as_json: bool, on_gone: Callable[[], object]) -> None:
        self._line_of = json_line if as_json else text_line(output)
        self._at_ms = 0
        self._writer = LineWriter(output, self._dropped, on_gone)
        self.line = self._writer.line
        self.close = self._writer.close

    def event(self, event: SimEvent) -> None:
        """Print an event."""
        self._at_ms = event.at_ms
        self.line(self._line_of(event))

    def _dropped(self, count: int) -> str:
        detail = f"{count} older lines were not printed: nobody read them in time"
        return self._line_of(SimEvent(self._at_ms, "serve", "lines dropped", detail, None))


async def _serve(options: ServeOptions, output: IO[str]) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    # `host-sim serve | head` ends when whoever read the lines has gone
    report = Report(output, options.json, lambda: loop.call_soon_threadsafe(stopped.set))
    try:
        await _serve_until(stopped, options, report)
        if not options.json:
            report.line("closed.")
    finally:
        report.close()


async def _serve_until(stopped: asyncio.Event, options: ServeOptions, report: Report) -> None:
    async with AsyncExitStack() as stack:
        supersim = await stack.enter_async_context(
            SuperSim(routes=control_routes, **options.super_sim_arguments())
        )
        journal = Journal(supersim, report.event)
        stack.callback(journal.close)
        for network in options.networks:
            network.add_to(supersim.networks)
        for device_options in options.devices:
            device = await add_device(supersim, device_options)
            if device_options.uart is not None:
                await stack.enter_async_context(open_uart(device, device_options))
        for fault in options.faults:
            inject(fault, supersim.devices)
        announce(supersim, options, report.line)
        await stopped.wait()
        journal.poll()


async def add_device(supersim: SuperSim, options: DeviceOptions) -> SimulatedDevice:
    """Add a device, or take the stored Sim of that name after a restart."""
    chosen: dict[str, Any] = (
        {} if options.search_pattern is None else {"search_pattern": options.search_pattern}
    )
    device = await supersim.add_device(
        options.modem,
        options.profile,
        options.name,
        quirks=options.quirks,
        iccid=options.iccid,
        networks=options.networks,
        sim_lists=options.sim_lists,
        accesses=options.accesses,
        **chosen,
        **options.network,
    )
    begin_to_roam(device, options.roam)
    return device


def open_uart(device: SimulatedDevice, options: DeviceOptions) -> "PtyUart | TcpUart":
    """Move the fake modem's UART to a pty or a TCP port. Raises OSError when it is taken."""
    kind, _, place = (options.uart or "").partition(":")
    port = PtyUart(place or None) if kind == "pty" else TcpUart(int(place or 0))
    device.fake.connect(port.modem)
    device.uart_name = options.uart or ""
    return port


def announce(supersim: SuperSim, options: ServeOptions, say: Callable[[str], None]) -> None:
    """Say where the API is and how to get in."""
    account = supersim.account
    if options.json:
        start = {"event": "serving", "url": supersim.url, "account_sid": account.sid}
        if not options.credentials_given:
            start["auth_token"] = account.auth_token
        say(json.dumps(start))
        return
    say(f"API          {supersim.url}/v1   (controls under /_sim, OpenAPI at /openapi.json)")
    say(f"account SID  {account.sid}")
    shown = "as given in the environment" if options.credentials_given else account.auth_token
    say(f"auth token   {shown}")
    say(f"fleet        {supersim.fleet.sid}  webhooks to {supersim.fleet.ip_commands_url}")
    for device in supersim.devices:
        where = f"  UART {device.uart_name}" if device.uart_name else ""
        say(f"device       {device.name}: {device.modem}, {device.profile}{where}")
    for fault in options.faults:
        say(f"fault        {', '.join(fault.devices) or 'all devices'}: {fault.name}")
    say("Ctrl-C ends it.")


def json_line(event: SimEvent) -> str:
    """Return an event as a JSON object."""
    line = {
        "at": utc(event.at_ms).isoformat(),
        "device": event.device,
        "event": event.event,
        "detail": event.detail,
        "command_sid": event.command_sid,
    }
    return json.dumps(line)


def text_line(output: IO[str]) -> Callable[[SimEvent], str]:
    """Return what makes a line for people of an event; colours only when a terminal looks on."""

    def plain(event: SimEvent) -> str:
        sid = f"{event.command_sid[:8]}… " if event.command_sid else ""
        detail = f"  {event.detail}" if event.detail else ""
        return f"{clock(event.at_ms)} {event.device:<10} {sid}{event.event}{detail}"

    if not output.isatty():
        return plain
    console = Console(file=output, highlight=False, soft_wrap=True)

    def coloured(event: SimEvent) -> str:
        whole = plain(event)
        line = Text(whole)
        end = len(whole) - (len(event.detail) + 2 if event.detail else 0)
        line.stylize(STYLES.get(event.event, ""), end - len(event.event), end)
        line.stylize("dim", end)
        with console.capture() as shown:
            console.print(line, end="")
        return shown.get()

    return coloured
