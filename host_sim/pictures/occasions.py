"""The picture of a device's next paging occasions: all of them, and the first few from close by.

Needs matplotlib (the extra ``plot``).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ip_commands.host_sim.extras import require
from ip_commands.host_sim.lte.edrx import Window
from ip_commands.host_sim.lte.time_base import air_time, duration, utc

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WINDOW = "#a9c6e8"
_OCCASION = "#c62828"
_CLOSE_BY = 5
"""Occasions that the lower axis shows, each with its frame."""


def draw_occasions(
    from_ms: int, at_ms: Sequence[int], windows: Sequence[Window | None], offset_ms: int = 0
) -> "Figure":
    """Return the picture of occasions ``at_ms`` as seen from ``from_ms``.

    windows: the paging time window of each, None without eDRX. offset_ms: how far the cell's
    frame counters are ahead. Raises ValueError without an occasion, MissingExtra without
    matplotlib.
    """
    require("matplotlib")
    from matplotlib.figure import Figure

    if not at_ms:
        raise ValueError("nothing to draw: no window ever holds an occasion")
    figure = Figure(figsize=(12, 4.2), layout="constrained")
    above, below = figure.subplots(2)
    begin = f"{utc(from_ms):%Y-%m-%d %H:%M:%S}"
    above.set_title(f"Paging occasions from {begin} UTC", loc="left")
    _draw(above, from_ms, (from_ms, at_ms[-1]), at_ms, windows)
    above.legend(
        loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, borderaxespad=0.2
    )
    close, first = at_ms[:_CLOSE_BY], windows[0]
    span = (close[0], close[-1])
    if first is not None:
        close = [at for at in close if at < first.end_asf]
        span = first
    _draw(below, from_ms, span, close, [first])
    for at in close:
        on_air = air_time(at + offset_ms)
        below.annotate(
            f"H-SFN {on_air.hsfn}\nSFN {on_air.sfn}.{on_air.subframe}",
            ((at - from_ms) / 1000, 1),
            ha="center",
            va="bottom",
            fontsize=8,
        )
    below.set_title(f"the first {len(close)}" if len(close) > 1 else "the first", loc="left")
    below.set_ylim(0, 1.6)
    below.set_xlabel("seconds from then")
    return figure


def _draw(
    axes: "Axes",
    from_ms: int,
    span: "tuple[int, int] | Window",
    at_ms: Sequence[int],
    windows: Sequence[Window | None],
) -> None:
    begin, end = ((at - from_ms) / 1000 for at in span)
    spare = max((end - begin) * 0.05, 0.5)
    labelled = False
    for window in dict.fromkeys(windows):
        if window is not None:
            opens, closes = ((at - from_ms) / 1000 for at in window)
            label = "paging time window of " + duration(window.end_asf - window.start_asf)
            axes.axvspan(opens, closes, color=_WINDOW, label=None if labelled else label)
            labelled = True
    times = [(at - from_ms) / 1000 for at in at_ms]
    axes.vlines(times, 0, 1, color=_OCCASION, linewidth=1.2, label="paging occasion")
    axes.set_xlim(begin - spare, end + spare)
    axes.set_ylim(0, 1.15)
    axes.set_yticks([])
    axes.spines[["left", "right", "top"]].set_visible(False)
