"""The command line ``ip-commands``: ``listen`` prints IP Commands, ``send`` sends one payload."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence

from ip_commands.boards.raspberry_pi import commands
from ip_commands.device.errors import InvalidValue, IpCommandsError
from ip_commands.modem_drivers import models

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130  # as shells say it: 128 and SIGINT

ACCEPT_FROM = "100.64.0.0/10"
"""The carrier's inside network, where the service sends from."""


STDIN_LIMIT_BYTES = 65536
"""More than any payload and its hex digits: an endless pipe is refused, not read for ever."""


class _ShowVersion(argparse.Action):
    """Print the version of the installed distribution and end."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib import metadata  # slow to import, and seldom asked for

        try:
            print(parser.prog, metadata.version("supersim-ip-commands"))
        except metadata.PackageNotFoundError as error:  # a copy of the files, nothing installed
            parser.error(str(error))
        parser.exit()


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of both commands."""
    parser = argparse.ArgumentParser(
        prog="ip-commands",
        description="Super SIM IP Commands over a modem on a serial port.",
    )
    parser.add_argument(
        "--version", action=_ShowVersion, nargs=0, help="print the version and end"
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="listen|send")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--uart", required=True, metavar="PATH", help="serial port of the modem")
    common.add_argument(
        "--modem",
        metavar="MODEL",
        help=f"one of {', '.join(models.NAMES)}; without it the modem is asked",
    )
    common.add_argument("--port", required=True, type=int, help="UDP port of this device")
    common.add_argument("--apn", default="super", help="access point name (%(default)s)")
    common.add_argument(
        "--baud", type=int, default=115200, help="speed of the serial port (%(default)s)"
    )
    common.add_argument("--rtscts", action="store_true", help="use hardware flow control")
    common.add_argument("--verbose", action="store_true", help="show the AT traffic on stderr")

    does = "print IP Commands as they come"
    listen = actions.add_parser("listen", parents=[common], help=does, description=_sentence(does))
    listen.add_argument(
        "--accept-from",
        default=ACCEPT_FROM,
        type=lambda text: None if text == "anyone" else text,
        metavar="NETWORK",
        help="serve only these senders; 'anyone' for all (%(default)s)",
    )
    listen.add_argument("--reply", metavar="TEXT", help="send this back after each command")

    does = "send one payload to the cloud"
    send = actions.add_parser("send", parents=[common], help=does, description=_sentence(does))
    send.add_argument("--hex", action="store_true", help="the payload is given as hex digits")
    send.add_argument(
        "--timeout", type=float, default=180.0, metavar="S", help="give up after (%(default)s s)"
    )
    send.set_defaults(accept_from=ACCEPT_FROM)
    send.add_argument(
        "payload", nargs="?", help="the text to send; without it standard input is sent"
    )
    return parser


def _sentence(does: str) -> str:
    return f"{does[0].upper()}{does[1:]}."


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code.

    0: done; 1: failed; 2: wrong command line; 130: Ctrl-C before there was anything to end well.
    """
    options = build_parser().parse_args(argv)
    try:
        if options.action == "send":
            payload = _payload(options)
            return asyncio.run(_until_signal(lambda stop: commands.send(options, payload, stop)))
        return asyncio.run(_until_signal(lambda stop: commands.listen(options, stop)))
    except InvalidValue as error:
        return _fail(str(error), EXIT_USAGE)
    except IpCommandsError as error:
        return _fail(str(error), EXIT_FAILED)
    except KeyboardInterrupt:  # before the event loop took the signal: at standard input
        return EXIT_INTERRUPTED
    finally:
        _give_up_broken_stdout()


def _give_up_broken_stdout() -> None:
    """Keep the interpreter from complaining at exit when the reader of our lines has gone."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str, code: int) -> int:
    print(f"error: {' '.join(message.split())}", file=sys.stderr)
    return code


def _payload(options: argparse.Namespace) -> bytes:
    """Return the bytes to send: the argument, or all of standard input."""
    if options.payload is None:
        data = sys.stdin.buffer.read(STDIN_LIMIT_BYTES + 1)
        if len(data) > STDIN_LIMIT_BYTES:
            raise InvalidValue("standard input holds far more than one datagram can carry")
        if not options.hex:
            return data
        text = data.decode("ascii", errors="replace")
    elif not options.hex:
        return os.fsencode(options.payload)  # the bytes as they were typed
    else:
        text = options.payload
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise InvalidValue(f"--hex needs pairs of hex digits: {error}") from None


async def _until_signal(command: Callable[[asyncio.Event], Awaitable[int]]) -> int:
    """Run a command whose event is set by Ctrl-C or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return await command(stop)
