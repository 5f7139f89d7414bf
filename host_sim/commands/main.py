"""The command line ``host-sim``: its words, and what they say when something is refused."""

import argparse
import errno
import json
import os
import sys
from collections.abc import Callable, Sequence

from ip_commands.host_sim.cloud.sqlite_store import UnusableDatabase
from ip_commands.host_sim.commands.advise import add_advise
from ip_commands.host_sim.commands.occasions import add_occasions
from ip_commands.host_sim.extras import DISTRIBUTION, MissingExtra, require

Run = Callable[[argparse.Namespace], int]

MOST_MINUTES = 366 * 24 * 60
LEAST_EVERY_S = 0.001
"""The network's clock counts milliseconds: with less, its time would stand still."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``host-sim``; return its exit status.

    2: a word or value that it does not know, or a library that it was installed without.
    """
    parser = argparse.ArgumentParser(
        prog="host-sim",
        description="Super SIM IP Commands without hardware: cloud, LTE network and modems.",
    )
    parser.add_argument(
        "--version", action=_ShowVersion, nargs=0, help="print the version and end"
    )
    words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    _add_demo(words)
    _add_serve(words)
    add_advise(words)
    add_occasions(words)
    _add_timeline(words)
    options = parser.parse_args(arguments)
    run: Run = options.run
    try:
        status = run(options)
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # `host-sim demo | head`: whoever read the lines has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (ValueError, OSError, UnusableDatabase, MissingExtra) as refusal:
        print(f"host-sim {options.word}: {_said_by(refusal)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _said_by(refusal: Exception) -> str:
    """Return an error's sentence; the system's with the file, without its number."""
    if not isinstance(refusal, OSError) or refusal.strerror is None:
        return str(refusal)
    file = refusal.filename2 or refusal.filename
    said = refusal.strerror if file is None else f"{file}: {refusal.strerror}"
    if refusal.errno == errno.EADDRINUSE:
        said += "; choose another port, or 0 for any free one"
    return said


class _ShowVersion(argparse.Action):
    """Print the version of the installed distribution and end."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib import metadata  # slow to import, and seldom asked for

        try:
            print(parser.prog, metadata.version(DISTRIBUTION))
        except metadata.PackageNotFoundError as error:  # a copy of the files, nothing installed
            parser.error(str(error))
        parser.exit()


def _add_word(
    words: "argparse._SubParsersAction[argparse.ArgumentParser]",
    word: str,
    does: str,
    more: str = "",
) -> argparse.ArgumentParser:
    """Add a word that says what it does in the list of words and in its own help."""
    description = f"{does[0].upper()}{does[1:]}. {more}"
    return words.add_parser(word, help=does, description=description)


def _add_demo(words: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    demo = _add_word(words, "demo", "IP Commands to sleeping devices and their fate")
    demo.add_argument("--modem", action="append", metavar="NAME", help="e.g. bg95 (repeatable)")
    demo.add_argument(
        "--profile", action="append", metavar="NAME", help="e.g. cat-m1-edrx (repeatable)"
    )
    demo.add_argument("--seed", type=int, default=1, help="another seed, another run (default 1)")
    demo.add_argument("--json", action="store_true", help="one JSON object per command")
    demo.set_defaults(run=_demo)


def _demo(options: argparse.Namespace) -> int:
    require("aiohttp", "rich")
    from rich.console import Console

    from ip_commands.host_sim.commands.demo import DEMO_MODELS, DEMO_PROFILES, Fate, run_demo
    from ip_commands.host_sim.commands.demo_view import print_demo
    from ip_commands.host_sim.time.virtual_time import run
    from ip_commands.host_sim.world.super_sim import SuperSim

    async def simulate() -> tuple[list[Fate], float]:
        async with SuperSim(seed=options.seed) as supersim:
            started_ms = supersim.now_ms
            fates = await run_demo(
                supersim, options.modem or DEMO_MODELS, options.profile or DEMO_PROFILES
            )
            return fates, (supersim.now_ms - started_ms) / 1000

    fates, simulated_s = run(simulate())
    if options.json:
        for fate in fates:
            print(json.dumps(fate.as_dict()))
    else:
        print_demo(fates, Console(highlight=False), options.seed, simulated_s)
    return 0


def _add_serve(words: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    serve = _add_word(
        words,
        "serve",
        "the API, the network and fake modems, in real time",
        "Runs until Ctrl-C. TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN decide the "
        "account when set; otherwise its credentials are printed.",
    )
    add = serve.add_argument
    add("--host", help="interface to listen on (default 127.0.0.1)")
    add("--port", type=int, help="port of the API, 0 for any free one (default 8420)")
    add("--db", metavar="FILE", help="keep everything in this SQLite file (default: memory)")
    add("--speed", type=float, help="simulated seconds per real second (default 1)")
    add("--seed", type=int, help="decides everything random (default 0)")
    add("--flavour", choices=("twilio", "kore"), help="whose API to look like (default twilio)")
    add("--webhook-url", metavar="URL", help="the Fleet's ip_commands_url (default: our own sink)")
    add(
        "--allow-host",
        action="append",
        metavar="NAME",
        help="let webhooks go to this host; otherwise to this machine only (repeatable)",
    )
    add(
        "--reach-out",
        action="append",
        metavar="NETWORK",
        help="let devices' UDP reach this network too, e.g. 192.168.1.0/24 (repeatable); without "
        "it this machine's loopback only; 'none': not even that",
    )
    add("--config", metavar="FILE.toml", help="the same words as settings, and [[device]] tables")
    add(
        "--device",
        action="append",
        metavar="KEY=VALUE,...",
        help="a device, e.g. name=alice,modem=bg95,profile=cat-m1,uart=pty:PATH (uart: pty:PATH "
        "or tcp:PORT; repeatable); among several networks: networks=hlcom+no-hlcom,"
        "roam=600:no-hlcom",
    )
    add(
        "--network",
        action="append",
        metavar="KEY=VALUE,...",
        help="a visited network like another, e.g. name=mine,like=hlcom,plmn=00150,"
        "outages=600-1200; GET /_sim/networks lists them (repeatable)",
    )
    add(
        "--fault",
        action="append",
        metavar="NAME,KEY=VALUE,...",
        help="mischief by a device's modem, e.g. answer_lost,to=read,nth=2,device=alice; without "
        "device= by all of them; GET /_sim/faults lists the names (repeatable)",
    )
    add("--json", action="store_true", default=None, help="one JSON object per event")
    serve.set_defaults(run=_serve)


def _serve(options: argparse.Namespace) -> int:
    require("aiohttp", "rich")
    from ip_commands.host_sim.commands.serve import serve
    from ip_commands.host_sim.commands.serve_options import read_options

    return serve(read_options(options, os.environ))


def _add_timeline(words: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    timeline = _add_word(
        words, "timeline", "draw a run: states, paging windows, commands and their waits"
    )
    add = timeline.add_argument
    add("--modem", default="bg95", metavar="NAME", help="of every device (default bg95)")
    add("--profile", action="append", metavar="NAME", help="a device in it (repeatable)")
    add("--minutes", type=float, default=10, metavar="M", help="length (default 10; a day: 1440)")
    add("--every", type=float, default=120, metavar="S", help="a command each S seconds (120)")
    add("--seed", type=int, default=1, help="another seed, another run (default 1)")
    add("--output", default="timeline", metavar="STEM", help="writes STEM.svg and STEM.png")
    timeline.set_defaults(run=_timeline)


def _timeline(options: argparse.Namespace) -> int:
    require("aiohttp", "matplotlib")
    from ip_commands.host_sim.commands.demo import DEMO_PROFILES
    from ip_commands.host_sim.commands.timeline import simulate
    from ip_commands.host_sim.time.virtual_time import run

    if not 0 < options.minutes <= MOST_MINUTES or not options.every >= LEAST_EVERY_S:
        raise ValueError(
            f"--minutes takes a number above 0, up to {MOST_MINUTES} (a year), --every one from "
            f"{LEAST_EVERY_S}"
        )
    for path in run(
        simulate(
            options.modem,
            options.profile or DEMO_PROFILES,
            options.minutes * 60,
            options.every,
            options.seed,
            options.output,
        )
    ):
        print(path)
    return 0
