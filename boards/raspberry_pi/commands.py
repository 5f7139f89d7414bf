"""What the command line does once its arguments are read."""

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from ip_commands.boards.raspberry_pi.serial_stream import is_usb, open_serial
from ip_commands.device import IpCommandClient
from ip_commands.device.errors import (
    DatagramLost,
    InvalidValue,
    IpCommandsError,
    ModemTimeout,
    PayloadTooLong,
)
from ip_commands.device.ip_command import MAX_PAYLOAD_BYTES, IpCommand, check_port, parse_network
from ip_commands.modem_drivers import models
from ip_commands.modem_drivers.detect import detect
from ip_commands.modem_drivers.modem import AtModem

if TYPE_CHECKING:
    from ip_commands.device.interfaces import ByteStream, Log

CLOSE_LIMIT_S = 15.0
"""A modem may take 10 s to close a socket (Quectel's AT+QICLOSE); then the port is let go."""

_LONGEST_WAIT_MS = 5 * 86_400_000
_UNSENT = "stopped before the payload was sent"


class Stopped(IpCommandsError):
    """Told to end before anything was done."""


async def listen(options: argparse.Namespace, stop: asyncio.Event) -> int:
    """Print every IP Command until ``stop`` is set; return the exit code.

    What fails on the way is tried again and told on standard error. Raises InvalidValue for a
    wrong option, IpCommandsError when the port does not open or the modem is unplugged.
    """
    reply = None if options.reply is None else checked(options.reply.encode())

    async def show(command: IpCommand) -> None:
        try:
            print(describe(command), flush=True)
        except BrokenPipeError:  # `listen | head`: whoever read the lines has seen enough
            stop.set()
            return
        if reply is not None:
            await client.send(reply)

    try:
        async with _running(options, stop, show) as (client, stopped):
            await _either(client.wait_ready(_LONGEST_WAIT_MS), stopped)
            if not stop.is_set():
                _say(f"listening on UDP port {options.port}, Ctrl-C ends")
            await stopped
    except Stopped:
        pass
    return 0


async def send(options: argparse.Namespace, payload: bytes, stop: asyncio.Event) -> int:
    """Send one payload to the IP Commands service; return the exit code once the modem has it.

    Raises InvalidValue for a wrong option, IpCommandsError when it could not be sent in time.
    """
    checked(payload)
    if not 0 < options.timeout <= _LONGEST_WAIT_MS / 1000:
        raise InvalidValue(f"--timeout is a time above 0 s, not {options.timeout:g}")

    def show(command: IpCommand) -> None:
        _say(f"arrived meanwhile: {describe(command)}")

    async with _running(options, stop, show) as (client, stopped):
        timeout_ms = int(options.timeout * 1000)
        await _either(client.send(payload, timeout_ms=timeout_ms), stopped)
        if client.sent == 0:
            raise Stopped(_UNSENT)
    return 0


def describe(command: IpCommand) -> str:
    """Return one line: local time, source, "text" or "hex", payload.

    Text is shown as it is when all of it can be printed in one line, anything else as hex digits.
    """
    host, port = command.source
    source = f"{host}:{port}" if host else "unknown"
    when = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    try:
        text = command.payload.decode()
    except UnicodeDecodeError:
        text = "\n"
    if text.isprintable():
        return f"{when} {source} text {text}"
    return f"{when} {source} hex {command.payload.hex()}"


@asynccontextmanager
async def _running(
    options: argparse.Namespace,
    stop: asyncio.Event,
    handler: Callable[[IpCommand], Any],
) -> AsyncIterator[tuple[IpCommandClient, "asyncio.Task[None]"]]:
    """A client at work on the named port, and a task that ends with ``stop``, or fails with it."""
    check_port(options.port)
    accept_from = options.accept_from
    if accept_from is not None:
        parse_network(accept_from)
    log = _say if options.verbose else None
    stream = open_serial(options.uart, options.baud, options.rtscts)
    try:
        if options.modem is None:
            modem = await _detected(stream, options, stop, log)
        else:
            modem = models.create(options.modem, stream, log=log, usb=is_usb(options.uart))
    except BaseException:
        await stream.close()
        raise
    client = IpCommandClient(modem, options.port, options.apn, accept_from, log)
    client.on_command(handler)
    client.on_error(_warn)
    running = asyncio.create_task(client.run())
    stopped = asyncio.create_task(_until_stopped(running, stop))
    try:
        yield client, stopped
    finally:
        try:
            async with asyncio.timeout(CLOSE_LIMIT_S):
                await client.close()
        except TimeoutError:
            _say("warning: the modem did not close its socket in time")
        finally:
            for task in (stopped, running):
                task.cancel()
            await asyncio.gather(stopped, running, return_exceptions=True)
            await modem.close()


async def _detected(
    stream: "ByteStream", options: argparse.Namespace, stop: asyncio.Event, log: "Log | None"
) -> AtModem:
    """Ask the modem on the port what it is, and tell. Raises Stopped, IpCommandsError."""
    asking = asyncio.create_task(detect(stream, log=log, usb=is_usb(options.uart)))
    stopping = asyncio.create_task(stop.wait())
    limit_s = getattr(options, "timeout", None)
    try:
        await asyncio.wait({asking, stopping}, timeout=limit_s, return_when="FIRST_COMPLETED")
        if stop.is_set() and not asking.done():
            raise Stopped(_UNSENT)
        modem = await asking if asking.done() else None
    except ModemTimeout:
        modem = None
    finally:
        for task in (asking, stopping):
            task.cancel()
        await asyncio.gather(asking, stopping, return_exceptions=True)
    if modem is None:
        raise IpCommandsError(
            f"{options.uart}: no modem answers: check port, --baud and power, or name the modem "
            "with --modem to wait for it"
        )
    _say(f"the modem is a {modem.model}")
    return modem


async def _until_stopped(running: "asyncio.Task[None]", stop: asyncio.Event) -> None:
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not stop.is_set():
            await running  # raises what ended it
            raise IpCommandsError("the modem's connection ended")
    finally:
        stopping.cancel()


async def _either(awaitable: Awaitable[Any], stopped: "asyncio.Task[None]") -> None:
    """Await something, but no longer than until ``stopped``; raise what made either fail."""
    task = asyncio.ensure_future(awaitable)
    try:
        await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
        else:
            await stopped
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def checked(payload: bytes) -> bytes:
    """Return the payload if a datagram can carry it. Raises PayloadTooLong, InvalidValue."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise PayloadTooLong(len(payload), MAX_PAYLOAD_BYTES)
    if not payload:
        raise InvalidValue("the payload is empty: give some text, --hex digits or standard input")
    return payload


def _warn(command: IpCommand | None, error: BaseException) -> None:
    what = "; will be tried again" if command is None else "; the reply was not sent"
    if isinstance(error, DatagramLost | PayloadTooLong):
        what = ""  # nothing is left to be tried
    _say(f"warning: {' '.join(str(error).split())}{what}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
