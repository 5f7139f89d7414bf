"""Every exchange of the captures agrees with the fakes, or says why it does not."""

import pytest

from ip_commands.host_sim.fake_modems import MODELS
from tests.captures import agreement
from tests.captures.agreement import (
    COLUMNS,
    FLOORS,
    PAGE,
    Figures,
    fell,
    figures,
    floors,
    page,
    played,
)
from tests.captures.capture import (
    DIFFERS,
    EQUAL,
    FOLDER,
    KINDS,
    REASONS,
    SHAPE,
    Piece,
    compare,
    files,
    read,
)

RUN = "run python -m tests.captures.agreement"
NO_FAKE = {"sara-g450"}


@pytest.mark.parametrize("path", files(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_capture_says_where_it_comes_from(path):
    head = read(path).head
    for key in ("model", "firmware", "source", "kind", "bytes"):
        assert head.get(key), f"no line # {key}: ..."
    assert head["kind"] in KINDS
    assert head["bytes"] in ("shown", "lines")
    assert path.parent.name in MODELS or path.parent.name in NO_FAKE
    assert all(move.is_exchange for move in read(path).moves if move.reason)


@pytest.mark.parametrize(
    "capture", played(), ids=lambda each: f"{each[0].model}/{each[0].path.stem}"
)
def test_what_differs_says_why(capture):
    for each in capture[1]:
        place = f"{capture[0].path.relative_to(FOLDER)}:{each.move.line}"
        if each.outcome == DIFFERS:
            said = f"{place}: the module said {each.move.data!r}, the fake {each.said!r}"
            assert each.move.reason in REASONS, said
            assert each.move.explanation, f"{place}: a reason has a colon and words behind it"
        else:
            assert not each.move.reason, f"{place} agrees by now: {RUN}"


@pytest.mark.parametrize("path", files(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_states_and_results_are_no_values_that_vary(path):
    for move in read(path).moves:
        for before, piece in zip([Piece(b""), *move.said], move.said, strict=False):
            if piece.varies:
                assert not before.data.endswith((b"REG: ", b"REG: 0,", b"ERROR: ", b"CPIN: "))
                assert piece.data not in (b"OK", b"ERROR", b"SEND OK", b"NO CARRIER")


def test_the_floor_only_rises():
    now = figures()
    assert not fell(floors(), now), "; ".join(fell(floors(), now))
    rows = {model: each.row() for model, each in now.items()}
    assert rows == floors(), f"the figures are not those of {FLOORS.name}: {RUN}"


def test_the_page_shows_the_figures():
    assert PAGE.read_text(encoding="utf-8") == page(figures()), RUN


def _figures(equal, shape, differs):
    each = Figures()
    each.outcomes.update({EQUAL: equal, SHAPE: shape, DIFFERS: differs})
    return each


@pytest.mark.parametrize(
    ("now", "sentences"),
    [
        ((5, 2, 1), 0),
        ((6, 1, 1), 0),  # more is equal
        ((4, 3, 1), 1),  # what was equal has only the shape
        ((5, 1, 2), 1),
        ((4, 2, 2), 2),
        ((5, 2, 9), 0),  # new captures that differ
    ],
)
def test_a_number_that_falls_is_told(now, sentences):
    assert len(fell({"bg96": (8, 5, 2, 1)}, {"bg96": _figures(*now)})) == sentences


def test_a_model_whose_captures_are_gone_is_told():
    assert fell({"bg96": (8, 5, 2, 1)}, {}) != []


def test_a_lower_floor_is_not_written(tmp_path, monkeypatch):
    higher = tmp_path / "floors.csv"
    higher.write_text(",".join(COLUMNS) + "\nbg96,900,900,0,0\n", encoding="utf-8")
    monkeypatch.setattr(agreement, "FLOORS", higher)
    before = PAGE.read_text(encoding="utf-8")
    assert agreement.write() == 1
    assert "900,900" in higher.read_text(encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == before


SIGNAL = [Piece(b"\r\n+CSQ: "), Piece(b"28", True), Piece(b",0\r\n")]
TAC = [Piece(b'\r\n+CEREG: 2,1,"'), Piece(b"1234", True), Piece(b'"\r\n')]
ADDRESS = [Piece(b"\r\n"), Piece(b"10.1.2.3", True), Piece(b"\r\n")]


@pytest.mark.parametrize(
    ("pieces", "said", "shown", "outcome"),
    [
        (SIGNAL, b"\r\n+CSQ: 28,0\r\n", True, EQUAL),
        (SIGNAL, b"\r\n+CSQ: 9,0\r\n", True, SHAPE),
        (SIGNAL, b"\r\n+CSQ: 28,99\r\n", True, DIFFERS),  # does not vary
        (SIGNAL, b"\r\n+CSQ: ,0\r\n", True, DIFFERS),
        (SIGNAL, b"\r\n+CSQ: nan,0\r\n", True, DIFFERS),  # another kind
        (SIGNAL, b"\r\n\r\n+CSQ: 28,0\r\n", True, DIFFERS),
        (SIGNAL, b"+CSQ: 28,0\r\n", False, EQUAL),
        (SIGNAL, b"+CSQ: 28,0\r\n\r\nOK\r\n", False, DIFFERS),
        (TAC, b'\r\n+CEREG: 2,1,"2B67"\r\n', True, SHAPE),
        (TAC, b'\r\n+CEREG: 2,1,""\r\n', True, DIFFERS),
        (ADDRESS, b"\r\n100.64.17.23\r\n", True, SHAPE),
        (ADDRESS, b"\r\n100.64.17\r\n", True, DIFFERS),
        (ADDRESS, b"\r\n::1\r\n", True, DIFFERS),
        (ADDRESS, b"\r\n0.0.0.0\r\n", True, DIFFERS),  # no address
        (ADDRESS, b"\r\n0.64.17.23\r\n", True, SHAPE),
    ],
)
def test_equal_and_shape_are_exact(pieces, said, shown, outcome):
    assert compare(pieces, said, shown) == outcome


def test_a_line_that_is_not_of_the_form_is_named(tmp_path):
    wrong = tmp_path / "wrong.txt"
    for text, sentence in (("< OK\n", "nothing happened before"), ("<OK\n", "a line begins with")):
        wrong.write_text("# model: x\n" + text, encoding="utf-8")
        read.cache_clear()
        with pytest.raises(ValueError, match=sentence) as caught:
            read(wrong)
        assert "wrong.txt:2" in str(caught.value)
