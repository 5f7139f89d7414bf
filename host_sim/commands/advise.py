"""``host-sim advise``: what settings mean for commands and for a battery, without a run."""

import argparse
import json
import shutil
import textwrap
from dataclasses import asdict

from ip_commands.host_sim.commands.currents_option import describe_currents, read_currents
from ip_commands.host_sim.lte import PROFILES
from ip_commands.host_sim.lte.advice import Settings, advise
from ip_commands.host_sim.lte.advice_text import format_advice


def add_advise(words: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the word to the command line."""
    does = "how late a command comes, whether it can be lost, what idling costs"
    word = words.add_parser("advise", help=does, description=f"{does[0].upper()}{does[1:]}.")
    add = word.add_argument
    add("--edrx", type=float, metavar="S", help="granted eDRX cycle, e.g. 81.92 (default: none)")
    add("--ptw", type=float, metavar="S", help="paging time window, e.g. 5.12")
    add("--drx", type=float, metavar="S", help="DRX cycle (default: the profile's, 1.28)")
    add("--psm", metavar="ACTIVE,PERIOD", help="granted T3324 and T3412 in seconds, e.g. 16,3600")
    add("--hlcom", action="store_true", help="the visited network buffers (HLCOM)")
    add("--profile", default="cat-m1", metavar="NAME", help="where the rest is from")
    add("--commands", type=float, default=0, metavar="N", help="commands a day (default 0)")
    add("--battery", type=float, metavar="MAH", help="say how long a battery lasts")
    add(
        "--currents",
        metavar="NAME",
        help="what the modem draws: its model, e.g. bg96; or a JSON or TOML file of your own "
        "figures; 'help' lists the tables and tells what goes into a file",
    )
    add("--json", action="store_true", help="one JSON object")
    word.set_defaults(run=_advise)


def _advise(options: argparse.Namespace) -> int:
    width = shutil.get_terminal_size().columns
    if options.currents == "help":
        for line in describe_currents():
            print(textwrap.fill(line, width, subsequent_indent="  "))
        return 0
    settings = read_settings(options)
    advice = advise(settings)
    if options.json:
        found = asdict(advice) | {"currents_source": settings.currents.source}
        if options.battery is not None:
            found["battery_days"] = advice.battery_days(options.battery)
        print(json.dumps(found))
        return 0
    for line in format_advice(settings, advice, options.battery).splitlines():
        print(textwrap.fill(line, width, subsequent_indent=" " * 21))
    return 0


def read_settings(options: argparse.Namespace) -> Settings:
    """Return what the options say. Raises ValueError, OSError."""
    if options.profile not in PROFILES:
        raise ValueError(f"no profile {options.profile!r}; there are: {', '.join(PROFILES)}")
    active_s, period_s = parse_psm(options.psm) if options.psm is not None else (None, None)
    settings = Settings(
        edrx_s=options.edrx,
        ptw_s=options.ptw,
        drx_s=options.drx,
        psm_active_s=active_s,
        psm_period_s=period_s,
        hlcom=options.hlcom,
        commands_per_day=options.commands,
        profile=PROFILES[options.profile],
        module=read_currents(options.currents),
    )
    return settings


def parse_psm(text: str) -> tuple[int, int]:
    """Read ``ACTIVE,PERIOD`` in whole seconds. Raises ValueError."""
    active, comma, period = text.partition(",")
    if not comma or not active.isdigit() or not period.isdigit():
        raise ValueError(f"--psm {text!r}: write the two timers in seconds, e.g. 16,3600")
    return int(active), int(period)
