"""The command line ``host-sim``: ``demo`` (more words are added beside it)."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence

Run = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``host-sim``; return its exit status (2: a word or value that it does not know)."""
    parser = argparse.ArgumentParser(
        prog="host-sim",
        description="Super SIM IP Commands without hardware: cloud, LTE network and modems.",
    )
    words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    _add_demo(words)
    options = parser.parse_args(arguments)
    run: Run = options.run
    try:
        return run(options)
    except ValueError as refusal:
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
