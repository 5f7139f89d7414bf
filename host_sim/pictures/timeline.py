"""The picture of a run: a lane for each device with its states, windows, commands and their waits.

Needs matplotlib (the extra ``plot``). Readable for a minute and for a day:
what would be thinner than a hair is drawn as a hair, what would be a solid band is named instead.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ip_commands.host_sim.extras import require
from ip_commands.host_sim.lte import edrx, paging, states
from ip_commands.host_sim.lte.datagram import DELIVERED, DOWN, DROPPED, UP, WAITING, Datagram
from ip_commands.host_sim.lte.history import History, Lane
from ip_commands.host_sim.lte.time_base import clock, duration, utc

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {
    states.DETACHED: "#ffffff",
    states.ATTACHING: "#b48ead",
    states.CONNECTING: "#f2c14e",
    states.CONNECTED: "#f07818",
    states.IDLE_DRX: "#9fd3c7",
    states.IDLE_EDRX: "#a9c6e8",
    states.PSM: "#4a5a78",
    states.UNREACHABLE: "#e8a0a0",
    states.LIMITED: "#c9b79c",
}
_WINDOW = "#2f6fb5"
_ARRIVED = "#2e7d32"
_LOST = "#c62828"
_UPLINK = "#6a3fa0"
_STILL = "#777777"

_MOST_WINDOWS = 120
"""Windows or occasions of one lane that are drawn; with more they would only be a band."""
_HAIR = 0.0012
"""Least width of a state that must be seen, as a part of the picture's."""

_STEPS_S = (
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    10800,
    14400,
    21600,
    86400,
)


class Span(NamedTuple):
    """What is drawn, from and to in milliseconds of the queue."""

    from_ms: int
    to_ms: int

    @property
    def length_s(self) -> float:
        return (self.to_ms - self.from_ms) / 1000

    def x(self, at_ms: int) -> float:
        """Return the place of a time on the axis: seconds from the left."""
        return (at_ms - self.from_ms) / 1000


def draw_timeline(
    history: History, from_ms: int, to_ms: int, title: str = "", names: Sequence[str] = ()
) -> "Figure":
    """Return the picture of what happened between two times, one lane per device.

    names: which devices, in which order; none: all, in order of appearance. Raises ValueError for
    an empty span or an unknown device, MissingExtra without matplotlib.
    """
    require("matplotlib")
    from matplotlib.figure import Figure

    if to_ms <= from_ms:
        raise ValueError(f"nothing lies between {clock(from_ms)} and {clock(to_ms)}")
    lanes = list(names or history.lanes)
    for name in lanes:
        if name not in history.lanes:
            raise ValueError(f"no device {name!r}; there are: {', '.join(history.lanes)}")
    span = Span(from_ms, to_ms)
    figure = Figure(figsize=(12, 1.6 + 1.25 * len(lanes)), layout="constrained")
    axes = figure.subplots()
    seen: set[str] = set()
    for row, name in enumerate(reversed(lanes)):
        datagrams = [datagram for datagram in history.datagrams if datagram.ue_name == name]
        seen |= _draw_lane(axes, span, row, history.lanes[name], datagrams)
    _finish(axes, span, lanes, title)
    _legend(figure, seen)
    return figure


def save_timeline(figure: "Figure", stem: str | Path) -> list[Path]:
    """Write ``stem.svg`` and ``stem.png``, the same bytes for the same run; return the paths."""
    from matplotlib import rc_context

    stem = Path(stem)
    stem.parent.mkdir(parents=True, exist_ok=True)
    paths = [stem.with_name(stem.name + suffix) for suffix in (".svg", ".png")]
    with rc_context({"svg.hashsalt": "timeline", "svg.fonttype": "none"}):
        figure.savefig(paths[0], metadata={"Date": None})
    figure.savefig(paths[1], dpi=110, metadata={"Software": None})
    return paths


def _draw_lane(
    axes: "Axes", span: Span, row: int, lanes: list[Lane], datagrams: list[Datagram]
) -> set[str]:
    """Draw one device; return the states that can be seen."""
    ends = [*(lane.from_ms for lane in lanes[1:]), span.to_ms]
    cut = [
        (lane, max(lane.from_ms, span.from_ms), min(end, span.to_ms))
        for lane, end in zip(lanes, ends, strict=True)
        if lane.from_ms < span.to_ms and end > span.from_ms and end > lane.from_ms
    ]
    for state in sorted(states.STATES, key=_LONG.__contains__, reverse=True):
        bars = [_bar(span, begin, end, state) for lane, begin, end in cut if lane.state == state]
        if bars:
            edge = "#888888" if state == states.DETACHED else "none"
            box = (row - 0.14, 0.28)
            axes.broken_barh(bars, box, facecolors=COLOURS[state], edgecolor=edge)
    _draw_listening(axes, span, row, cut)
    _draw_datagrams(axes, span, row, [each for each in datagrams if _overlaps(span, each)])
    return {lane.state for lane, _, _ in cut}


_LONG = (
    states.DETACHED,
    states.IDLE_DRX,
    states.IDLE_EDRX,
    states.PSM,
    states.UNREACHABLE,
    states.LIMITED,
)
"""Drawn first; the others are short and go on top, at least a hair wide."""


def _bar(span: Span, begin_ms: int, end_ms: int, state: str) -> tuple[float, float]:
    width = (end_ms - begin_ms) / 1000
    if state not in _LONG:
        width = max(width, span.length_s * _HAIR)
    return span.x(begin_ms), width


def _draw_listening(axes: "Axes", span: Span, row: int, cut: list[tuple[Lane, int, int]]) -> None:
    """Draw windows as bars and occasions as ticks below the states, unless they are too many."""
    windows: list[tuple[float, float]] = []
    ticks: list[float] = []
    too_many = ""
    for lane, begin, end in cut:
        if lane.state in (states.DETACHED, states.PSM, states.UNREACHABLE, states.ATTACHING):
            continue
        plan = lane.windows
        cycle_ms = (
            lane.where.cycle_frames * 10 if plan is None else plan.cycle_hyperframes * 10_240
        )
        if span.length_s * 1000 / cycle_ms > _MOST_WINDOWS:
            what = "an occasion" if plan is None else "a window"
            too_many = f"{what} every {duration(cycle_ms)}: not drawn"
            continue
        opened = (
            [edrx.Window(begin, end)] if plan is None else edrx.windows_between(plan, begin, end)
        )
        for window in opened:
            left, right = max(begin, window.start_asf), min(end, window.end_asf)
            if plan is not None:
                windows.append((span.x(left), (right - left) / 1000))
            if lane.state in states.IDLE:
                ticks += _occasions(span, lane, left, right)
    if windows:
        axes.broken_barh(windows, (row - 0.28, 0.1), facecolors=_WINDOW, alpha=0.35)
    axes.vlines(ticks, row - 0.28, row - 0.18, colors=_WINDOW, linewidth=0.8)
    if too_many:
        place = axes.get_yaxis_transform()
        axes.text(0.003, row - 0.23, too_many, transform=place, fontsize=7, color=_WINDOW)


def _occasions(span: Span, lane: Lane, begin: int, end: int) -> list[float]:
    """Return the occasions from begin to end; the last may be the one that ended the stretch."""
    first = paging.next_occasion(lane.where, begin)
    return [span.x(at) for at in range(first, end + 1, lane.where.cycle_frames * 10)]


def _overlaps(span: Span, datagram: Datagram) -> bool:
    closed_ms = span.to_ms if datagram.closed_at_ms is None else datagram.closed_at_ms
    return datagram.created_at_ms <= span.to_ms and closed_ms >= span.from_ms


def _draw_datagrams(axes: "Axes", span: Span, row: int, datagrams: list[Datagram]) -> None:
    """Draw each wait as a line from creation to outcome, above the states; uplink a bit higher."""
    pages = [
        span.x(at_ms)
        for datagram in datagrams
        for at_ms, event, *_ in datagram.notes
        if event == "paged" and span.from_ms <= at_ms <= span.to_ms
    ]
    axes.plot(pages, [row + 0.17] * len(pages), ".", color=_WINDOW, markersize=4)
    for direction, outcome, colour, marker in _FATES:
        same = [d for d in datagrams if d.direction == direction and d.outcome == outcome]
        if not same:
            continue
        y = row + (0.26 if direction == DOWN else 0.38)
        begins = [span.x(max(d.created_at_ms, span.from_ms)) for d in same]
        closed = [d.closed_at_ms for d in same if d.closed_at_ms is not None]
        ends = [span.x(at_ms) for at_ms in closed] or [span.length_s] * len(same)
        axes.hlines([y] * len(same), begins, ends, colors=colour, linewidth=1.6)
        axes.plot(begins, [y] * len(same), "|", color=colour, markersize=7)
        if closed:
            axes.plot(ends, [y] * len(ends), marker, color=colour, ms=5, mew=1.6)


_FATES = (
    (DOWN, DELIVERED, _ARRIVED, "v"),
    (DOWN, DROPPED, _LOST, "x"),
    (DOWN, WAITING, _STILL, ""),
    (UP, DELIVERED, _UPLINK, "^"),
    (UP, DROPPED, _LOST, "x"),
    (UP, WAITING, _STILL, ""),
)
"""Direction, outcome, colour, end marker."""


def _finish(axes: "Axes", span: Span, names: Sequence[str], title: str) -> None:
    axes.set_xlim(0, span.length_s)
    axes.set_ylim(-0.4, len(names) - 0.5)
    axes.set_yticks(range(len(names)), list(reversed(names)))
    step_s = next((step for step in _STEPS_S if span.length_s / step <= 14), _STEPS_S[-1])
    first = -(-span.from_ms // (step_s * 1000)) * step_s * 1000
    places = range(first, span.to_ms + 1, step_s * 1000)
    axes.set_xticks([span.x(at) for at in places], [_label(at, step_s) for at in places])
    for row in range(1, len(names)):
        axes.axhline(row - 0.45, color="#dddddd", linewidth=0.6, zorder=0)
    axes.tick_params(axis="y", length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    days = sorted({f"{utc(at_ms):%Y-%m-%d}" for at_ms in span})
    axes.set_xlabel(f"{' to '.join(days)}, UTC (simulated)")
    if title:
        axes.set_title(title, loc="left", fontsize=11)


def _label(at_ms: int, step_s: int) -> str:
    return clock(at_ms)[: 8 if step_s < 60 else 5]


def _legend(figure: "Figure", seen: set[str]) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    keys: list[Patch | Line2D] = [
        Patch(facecolor=COLOURS[state], edgecolor="#888888", label=state)
        for state in states.STATES
        if state in seen
    ]
    keys += [
        Patch(facecolor=_WINDOW, alpha=0.35, label="paging time window"),
        Line2D([], [], color=_WINDOW, marker="|", linestyle="", label="paging occasion"),
        Line2D([], [], color=_WINDOW, marker=".", linestyle="", label="paged"),
        Line2D([], [], color=_ARRIVED, marker="v", label="command, from creation to delivery"),
        Line2D([], [], color=_LOST, marker="x", label="lost"),
        Line2D([], [], color=_UPLINK, marker="^", label="from the device"),
    ]
    figure.legend(handles=keys, loc="outside lower center", ncols=6, fontsize=8, frameon=False)
