"""The command line ``host-sim``: ``demo`` and ``serve``."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence

from host_sim.cloud.sqlite_store import UnusableDatabase

Run = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``host-sim``; return its exit status (2: a word or value that it does not know)."""
    parser = argparse.ArgumentParser(
        prog="host-sim",
        description="Super SIM IP Commands without hardware: cloud, LTE network and modems.",
    )
    words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    _add_demo(words)
    _add_serve(words)
    options = parser.parse_args(arguments)
    run: Run = options.run
    try:
        return run(options)
    except (ValueError, OSError, UnusableDatabase) as refusal:
        print(f"host-sim {options.word}: {refusal}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _add_demo(words: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    demo = words.add_parser("demo", help="IP Commands to sleeping devices and their fate")
    demo.add_argument("--modem", action="append", metavar="NAME", help="e.g. bg95 (repeatable)")
    demo.add_argument(
        "--profile", action="append", metavar="NAME", help="e.g. cat-m1-edrx (repeatable)"
    )
    demo.add_argument("--seed", type=int, default=1, help="another seed, another run (default 1)")
    demo.add_argument("--json", action="store_true", help="one JSON object per command")
    demo.set_defaults(run=_demo)


def _demo(options: argparse.Namespace) -> int:
    from rich.console import Console

    from host_sim.demo import DEMO_MODELS, DEMO_PROFILES, Fate, run_demo
    from host_sim.demo_view import print_demo
    from host_sim.super_sim import SuperSim
    from host_sim.virtual_time import run

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
    serve = words.add_parser(
        "serve",
        help="the API, the network and fake modems, in real time",
        description="Runs until Ctrl-C. TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN decide the "
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
    add("--config", metavar="FILE.toml", help="the same words as settings, and [[device]] tables")
    add(
        "--device",
        action="append",
        metavar="name=alice,modem=bg95,profile=cat-m1,uart=pty:PATH",
        help="a device; uart is pty:PATH or tcp:PORT (repeatable)",
    )
    add("--json", action="store_true", default=None, help="one JSON object per event")
    serve.set_defaults(run=_serve)


def _serve(options: argparse.Namespace) -> int:
    from host_sim.serve import serve
    from host_sim.serve_options import read_options

    return serve(read_options(options, os.environ))
