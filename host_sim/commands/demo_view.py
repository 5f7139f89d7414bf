"""The demo's table and stories, for a terminal of 80 columns and more."""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ip_commands.host_sim.commands.demo import Fate


def seconds(ms: int | None) -> str:
    """Return milliseconds as seconds, a dash for never."""
    return "-" if ms is None else f"{ms / 1000:.2f}"


def print_demo(fates: Sequence[Fate], console: Console, seed: int, simulated_s: float) -> None:
    """Print the table, then one short story per command."""
    console.print(
        f"One IP Command to each of {len(fates)} sleeping devices; seed {seed}, "
        f"{simulated_s / 60:.0f} simulated minutes.\n"
        "Columns: seconds after its creation through the API; hook: the webhook.\n"
    )
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("modem")
    table.add_column("profile")
    table.add_column("status")
    for title in ("sent", "buffer", "paged", "deliv.", "answer", "hook"):
        table.add_column(title, justify="right", no_wrap=True)
    for fate in fates:
        lost = fate.delivered_ms is None
        times = (
            fate.sent_ms,
            fate.buffered_ms,
            fate.paged_ms,
            fate.delivered_ms,
            fate.answered_ms,
            fate.webhook_ms,
        )
        cells = [Text(seconds(ms)) for ms in times]
        if lost:
            cells[3] = Text("lost", style="bold red")
        table.add_row(fate.modem, fate.profile, fate.status, *cells, style="" if lost else "green")
    console.print(table)
    console.print()
    for fate in fates:
        console.print(Text(fate.story), end="\n\n")
    lost_count = sum(fate.delivered_ms is None for fate in fates)
    console.print(f"{len(fates) - lost_count} of {len(fates)} commands were delivered.")
    if lost_count:
        console.print(
            f"{lost_count} were lost in the visited network, although the API says sent."
        )
