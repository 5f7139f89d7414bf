"""docs/reliability.md as it is written: what is broken is shown so, each promise has a test."""

import importlib

import pytest

from tests.reliability import page
from tests.reliability.client_life import Outcome
from tests.reliability.dialects import DIALECTS, NATIVE
from tests.reliability.footnotes import FOOTNOTES, MARKS
from tests.reliability.matrix import NOT_MET, Cell


def found(*cells):
    return page.Findings({(cell.row, cell.model): cell for cell in cells})


def well(row, model):
    return Cell(row, model, [Outcome(sent=2, handled=2, recovered_s=1.0, happened=1)])


def line_of(text, row):
    return next(line for line in text.splitlines() if line.startswith(f"| `{row}` |"))


@pytest.mark.parametrize(("promise", "test"), page.PROMISES)
def test_each_promise_names_a_test_that_exists(promise, test):
    file, _, name = test.partition("::")
    module = importlib.import_module(file.removesuffix(".py").replace("/", "."))
    assert callable(getattr(module, name))


@pytest.mark.parametrize(
    ("outcome", "shown"),
    [
        (Outcome(sent=2, handled=1, recovered_s=1.0), "1 s, 1 lost; nothing (`BROKEN`)"),
        (Outcome(recovered_s=None), "never; nothing (`BROKEN`)"),
        (Outcome(recovered_s=1.0, doubled=[b"x"]), "1 s, 1 doubled; nothing (`BROKEN`)"),
        (Outcome(recovered_s=1.0, ended="returned"), "1 s; nothing (`BROKEN`)"),
    ],
)
def test_a_promise_that_is_broken_is_shown_and_listed(outcome, shown):
    cells = found(Cell("reboot", "BG95", [outcome]), well("reboot", "GM02SP"))
    text = page.text(cells, 1, 1)
    assert f"| {shown} |" in line_of(text, "reboot")
    assert text.count("* BG95 reboot: ") == len(page.broken(cells)) == 1


def test_a_loss_with_a_named_reason_has_its_letter_and_the_reason():
    lost = Cell("silence", "SIM7600", [Outcome(sent=2, handled=1, recovered_s=1.0)])
    torn = Cell("overrun", "BG95", [Outcome(recovered_s=1.0, wrong=[b"x"])])
    text = page.text(found(lost, torn), 1, 1)
    assert page.broken(found(lost, torn)) == []
    assert f"1 s, 1 lost; nothing ({MARKS['push']})" in line_of(text, "silence")
    assert f"1 s, 1 wrong; nothing ({MARKS['many bytes']})" in line_of(text, "overrun")
    for key in ("push", "many bytes"):
        assert text.count(f"({MARKS[key]}) {FOOTNOTES[key]}") == 1


def test_what_cannot_be_had_and_what_never_struck_are_not_shown_as_well():
    cells = found(
        well("urc_lost", "BG95"),
        Cell("urc_lost", "nRF9160", [Outcome(recovered_s=0.0)], NOT_MET),
        Cell("urc_lost", "GM02SP", [], "it has none"),
        *(Cell("urc_lost", link, [], "no AT line") for link in NATIVE),
    )
    text = page.text(cells, 1, 1)
    fields = line_of(text, "urc_lost").split(" | ")
    shown = dict(zip(DIALECTS, fields[1:], strict=True))
    assert shown["BG95"] == "1 s; nothing"
    assert (shown["nRF9160"], shown["GM02SP"]) == ("not met", "none")
    assert "* no AT line: `urc_lost`" in text


def test_a_row_that_struck_nobody_proves_nothing():
    cells = [Cell("urc_lost", model, [], NOT_MET) for model in (*DIALECTS, *NATIVE)]
    assert page.broken(found(*cells)) == ["urc_lost: struck nobody, so nothing is known of it"]
    assert page.broken(found(*cells[:-1], well("urc_lost", "XBee"))) == []
