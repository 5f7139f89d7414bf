"""RSRP over time as such: traces, files, the random model, and what is refused."""

import math
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from ip_commands.host_sim.lte.coverage import COVERAGE, coverage_of
from ip_commands.host_sim.lte.rsrp import Constant, RsrpLike, Shadowing, Trace, read_trace, rsrp_of


def values(rsrp: RsrpLike, most: int = 100) -> list[tuple[int | None, int | None]]:
    return [tuple(sample) for sample in islice(rsrp_of(rsrp).samples(Random(1)), most)]


def test_a_trace_holds_each_value_until_the_next() -> None:
    assert values([(0, -95), (1.5, -110.4), (60, -120)]) == [
        (1500, -95),
        (58_500, -110),
        (None, -120),
    ]
    assert values([(5, -95)]) == [(5000, None), (None, -95)]  # as before until then
    assert values(-100) == values(Constant(-100)) == [(None, -100)]
    assert values(Trace([(1, -90), (2, -100)], repeat_after_s=4), 7) == [
        *((1000, None), (1000, -90), (2000, -100)) * 2,
        (1000, None),
    ]


def test_a_trace_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "drive.csv"
    file.write_text("seconds,dBm\n# on the way\n0,-95\n\n10.5, -108\n")
    assert values(file) == values(str(file)) == [(10_500, -95), (None, -108)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0,-95\n5;-100\n", "drive.csv: line 2: write seconds,dBm"),
        ("0,-95\nfive,-100\n", "line 2: write seconds,dBm"),
        ("0,-95,3\n", "line 1: write seconds,dBm"),
        ("0,-95\n1,5\n", "line 2: RSRP 5.0 dBm: -156 to -31"),
        ("0,-95\n1,nan\n", "line 2: RSRP nan dBm"),
        ("0,-95\n0,-96\n", "point 2: its time is not later"),
        ("-1,-95\n", "a time of -1.0 s"),
        ("seconds,dBm\n", "0 points"),
        ("", "0 points"),
    ],
)
def test_a_bad_file_gets_a_sentence(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "drive.csv"
    file.write_text(text)
    with pytest.raises(ValueError, match=reason):
        read_trace(file)


def test_the_random_model_has_the_distribution_and_the_correlation_it_promises() -> None:
    model = Shadowing(-100, sigma_db=6, correlation_s=50)
    samples = list(islice(model.samples(Random(7)), 200_000))
    assert {sample.length_ms for sample in samples} == {5000}
    deviations = [(sample.rsrp_dbm or 0) + 100 for sample in samples]
    count = len(deviations)
    mean = sum(deviations) / count
    sigma = math.sqrt(sum((d - mean) ** 2 for d in deviations) / count)
    assert abs(mean) < 0.3
    assert sigma == pytest.approx(6, rel=0.03)
    for lag, expected in ((10, math.exp(-1)), (20, math.exp(-2)), (100, 0.0)):  # 50, 100, 500 s
        products = [
            (a - mean) * (b - mean) for a, b in zip(deviations, deviations[lag:], strict=False)
        ]
        assert sum(products) / len(products) / sigma**2 == pytest.approx(expected, abs=0.03)


def test_the_random_model_depends_on_its_seed_alone() -> None:
    first, again, other = (
        list(islice(Shadowing(-100).samples(Random(seed)), 50)) for seed in (1, 1, 2)
    )
    assert first == again != other


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: Constant(5), "-156 to -31"),
        (lambda: Constant(True), "a number of dBm"),
        (lambda: Constant(math.nan), "-156 to -31"),
        (lambda: Trace([]), "0 points: 1 to"),
        (lambda: Trace([(0, -95), (1, -90)], repeat_after_s=1), "later than the last point"),
        (lambda: Shadowing(20), "-156 to -31"),
        (lambda: Shadowing(-100, sigma_db=-1), "sigma_db -1: 0 to 40"),
        (lambda: Shadowing(-100, correlation_s=0), "correlation_s 0: 1 to"),
        (lambda: Shadowing(-100, correlation_s=math.nan), "correlation_s nan"),
        (lambda: coverage_of("lte", (-110, -100), None), "the higher one first"),
        (lambda: coverage_of("lte", (-100, -110, -120), None), "up to two"),
        (lambda: coverage_of("lte", ("a",), None), "up to two"),
        (lambda: coverage_of("lte", None, -150), "rsrp_floor_dbm -150: -140 or more"),
        (lambda: coverage_of("lte", None, "x"), "rsrp_floor_dbm x"),
    ],
)
def test_what_cannot_be_is_refused(make, reason) -> None:
    with pytest.raises(ValueError, match=reason):
        make()


def test_the_levels_are_those_of_the_cell_that_the_thresholds_are_from() -> None:
    """rsrp-ThresholdsPrachInfoList 33, 23: -107 and -117 dBm; q-RxLevMin -70: -140 dBm."""
    cell = COVERAGE["nb-iot"]
    assert cell.thresholds_dbm == (33 - 140, 23 - 140)
    assert cell.floor_dbm == -70 * 2
    levels = {rsrp: cell.level(rsrp) for rsrp in (-106, -107, -108, -117, -118, -150)}
    assert levels == {-106: 0, -107: 0, -108: 1, -117: 1, -118: 2, -150: 2}
    assert COVERAGE["lte"].level(-150) == 0
