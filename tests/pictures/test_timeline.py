"""Timeline pictures: what is in them, the same bytes again, and refusals that say what to do."""

import sys
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from ip_commands.host_sim.extras import MissingExtra
from ip_commands.host_sim.lte import Network
from ip_commands.host_sim.lte.history import History
from ip_commands.host_sim.pictures.timeline import draw_timeline, save_timeline
from ip_commands.host_sim.time.event_queue import EventQueue

START_MS = 1_451_260_800_000


def run(hours: float, *profiles: str) -> tuple[History, int]:
    """Return what happened to devices that got a command every ten minutes."""
    queue = EventQueue(START_MS)
    network = Network(queue, seed=2)
    history = network.keep_history()
    for profile in profiles:
        network.add_ue(profile, "901280000000001", profile, profile).connect()
    end_ms = START_MS + int(hours * 3_600_000)
    while queue.now_ms < end_ms:
        queue.run_until(min(queue.now_ms + 600_000, end_ms))
        for ue in network.ues.values():
            network.send_downlink(ue.iccid, b"x", 1)
            ue.send_udp(b"y", 1, "100.64.0.1", 6969)
    return history, end_ms


def markers(figure: Figure, marker: str) -> int:
    """Count the points drawn with a marker."""
    (axes,) = figure.axes
    return sum(len(line.get_xdata()) for line in axes.lines if line.get_marker() == marker)


@pytest.mark.parametrize("hours", [0.5, 24])
def test_every_datagram_of_the_span_is_drawn_with_its_outcome(hours: float) -> None:
    history, end_ms = run(hours, "cat-m1-edrx-hlcom", "cat-m1-edrx")
    figure = draw_timeline(history, START_MS, end_ms)
    fates = [(each.direction, each.outcome) for each in history.datagrams]
    assert markers(figure, "v") == fates.count(("downlink", "delivered")) > 0
    assert markers(figure, "^") == fates.count(("uplink", "delivered")) > 0
    assert markers(figure, "x") == fates.count(("downlink", "dropped"))
    assert markers(figure, "|") == len(fates)
    pages = sum(entry[1] == "paged" for each in history.datagrams for entry in each.notes)
    assert markers(figure, ".") == pages


def test_a_minute_shows_occasions_and_a_day_says_that_it_does_not() -> None:
    history, end_ms = run(24, "cat-m1")
    day = draw_timeline(history, START_MS, end_ms, "a day")
    assert "an occasion every 1.28 s: not drawn" in {text.get_text() for text in day.axes[0].texts}
    minute = draw_timeline(history, START_MS + 120_000, START_MS + 180_000, "a minute")
    assert not minute.axes[0].texts
    ticks = max(len(each.get_paths()) for each in minute.axes[0].collections)
    assert ticks in (46, 47)  # 60 s of T = 1.28 s


def test_files_are_the_same_for_the_same_run(tmp_path: Path) -> None:
    history, end_ms = run(0.5, "psm")
    contents = []
    for name in ("one", "two"):
        figure = draw_timeline(history, START_MS, end_ms, "PSM")
        paths = save_timeline(figure, tmp_path / "new" / name)
        assert [path.suffix for path in paths] == [".svg", ".png"]
        contents.append([path.read_bytes() for path in paths])
    assert contents[0] == contents[1]
    text = contents[0][0].decode()
    for words in (">psm<", ">PSM<", ">2026-01-01, UTC (simulated)<", ">from the device<"):
        assert words in text
    assert contents[0][1].startswith(b"\x89PNG")


def test_refusals() -> None:
    history, end_ms = run(0.1, "lte")
    with pytest.raises(ValueError, match="nothing lies between"):
        draw_timeline(history, end_ms, end_ms)
    with pytest.raises(ValueError, match="no device 'nobody'; there are: lte"):
        draw_timeline(history, START_MS, end_ms, names=["nobody"])


def test_without_matplotlib_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtra, match="the extra 'plot' brings it: pip install "):
        draw_timeline(History(), 0, 1)
