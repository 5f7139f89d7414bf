"""Paging occasions and windows against a frame-by-frame reading of TS 36.304 7.1 to 7.3."""

import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ip_commands.host_sim.lte import edrx, paging
from ip_commands.host_sim.lte.paging import NB_FRACTIONS, PagingConfig
from ip_commands.host_sim.lte.time_base import HYPERFRAME_MS

FAST = settings(max_examples=60, deadline=None)

IMSIS = st.integers(0, 10**15 - 1).map(lambda number: f"{number:015d}")
M_TMSIS = st.integers(0, 2**32 - 1)
TABLES = {
    ("fdd", False): ((9,), (4, 9), (0, 4, 5, 9)),
    ("fdd", True): ((5,), (5, 5), (5, 5, 5, 5)),
    ("tdd", False): ((0,), (0, 5), (0, 1, 5, 6)),
    ("tdd", True): ((1,), (1, 6), (1, 1, 6, 6)),
}


@st.composite
def configurations(draw: st.DrawFn) -> PagingConfig:
    channel = draw(st.sampled_from(["pdcch", "mpdcch", "npdcch"]))
    cycle = draw(st.sampled_from([128, 256] if channel == "npdcch" else [32, 64, 128, 256]))
    names = {"pdcch": 8, "mpdcch": 8, "npdcch": 10}[channel]
    return PagingConfig(
        channel,
        cycle,
        draw(st.sampled_from(list(NB_FRACTIONS)[:names])),
        draw(st.sampled_from([1.4, 3, 5, 10, 20])),
        "fdd" if channel == "npdcch" else draw(st.sampled_from(["fdd", "tdd"])),
        draw(st.integers(1, 16)) if channel == "mpdcch" else 1,
    )


def listens(asf: int, imsi: str, config: PagingConfig) -> bool:
    """Read the standard literally: is this sub-frame the UE's paging occasion?"""
    t = config.default_cycle_frames
    nb = NB_FRACTIONS[config.nb] * t
    n = min(t, nb)
    ns = max(1, nb / t)
    modulus = {"pdcch": 1024, "npdcch": 4096, "mpdcch": 16384}[config.channel]
    ue_id = int(imsi) % modulus
    sfn = asf // 10 % 1024
    if sfn % t != t // n * (ue_id % n):
        return False
    i_s = ue_id // n % ns
    narrow = config.channel == "mpdcch" and config.bandwidth_mhz <= 3
    rows = TABLES[config.duplex, narrow]
    return asf % 10 == rows[{1: 0, 2: 1, 4: 2}[int(ns)]][int(i_s)]


@FAST
@given(configurations(), IMSIS, st.integers(0, 10**13))
def test_next_drx_occasion_is_the_first_sub_frame_that_listens(
    config: PagingConfig, imsi: str, now: int
) -> None:
    where = paging.occasion(imsi, config)
    asf = now
    while not listens(asf, imsi, config):
        asf += 1
    assert paging.next_occasion(where, now) == asf
    assert paging.count_occasions(where, now, asf) == 0
    assert paging.count_occasions(where, now, asf + 1) == 1
    assert asf - now < config.default_cycle_frames * 10


def in_window(asf: int, m_tmsi: int, channel: str, cycle_hyperframes: int, ptw_ms: int) -> bool:
    """Read the standard literally: walk back by frames to a window start that reaches ``asf``."""
    octets = m_tmsi.to_bytes(4, "big")
    swapped = bytes(int(f"{octet:08b}"[::-1], 2) for octet in octets)
    hashed = int(f"{zlib.crc32(swapped):032b}"[::-1], 2)
    identity = hashed >> (20 if channel == "npdcch" else 22)
    frame = asf // 10
    for back in range(ptw_ms // 10):
        hsfn, sfn = (frame - back) // 1024 % 1024, (frame - back) % 1024
        opens = hsfn % cycle_hyperframes == identity % cycle_hyperframes
        if opens and sfn == 256 * (identity // cycle_hyperframes % 4):
            return True
    return False


@FAST
@given(
    st.sampled_from([1, 2, 4, 6, 8, 10, 12, 14, 16]),
    st.integers(1, 16),
    configurations().filter(lambda config: config.channel != "npdcch"),
    IMSIS,
    M_TMSIS,
    st.one_of(st.integers(0, 10**13), st.integers(1000 * 10240, 1030 * 10240)),
)
def test_next_occasion_in_edrx_is_the_first_that_listens_in_a_window(
    cycle: int, ptw_steps: int, config: PagingConfig, imsi: str, m_tmsi: int, now: int
) -> None:
    ptw_ms = min(ptw_steps * 1280, cycle * HYPERFRAME_MS)
    windows = edrx.plan(m_tmsi, config.channel, cycle * HYPERFRAME_MS, ptw_ms)
    where = paging.occasion(imsi, config)
    found = edrx.next_occasion(windows, where, now)
    asf = paging.next_occasion(where, now)
    give_up = now + (cycle + 20) * HYPERFRAME_MS
    while asf < give_up and not in_window(asf, m_tmsi, config.channel, cycle, ptw_ms):
        asf += where.cycle_frames * 10  # occasions were compared sub-frame by sub-frame above
    assert found == (asf if asf < give_up else None)
    assert (edrx.window_at(windows, now) is not None) == in_window(
        now, m_tmsi, config.channel, cycle, ptw_ms
    )


@FAST
@given(
    st.sampled_from([2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]),
    st.integers(1, 16),
    M_TMSIS,
    st.integers(0, 10**13),
)
def test_nb_iot_windows(cycle: int, ptw_steps: int, m_tmsi: int, now: int) -> None:
    ptw_ms = min(ptw_steps * 2560, cycle * HYPERFRAME_MS)
    windows = edrx.plan(m_tmsi, "npdcch", cycle * HYPERFRAME_MS, ptw_ms)
    window = edrx.next_window(windows, now)
    assert now < window.start_asf <= now + cycle * HYPERFRAME_MS
    assert window.end_asf - window.start_asf == ptw_ms
    for asf, inside in (
        (window.start_asf - 1, ptw_ms == cycle * HYPERFRAME_MS),
        (window.start_asf, True),
        (window.end_asf - 1, True),
    ):
        assert in_window(asf, m_tmsi, "npdcch", cycle, ptw_ms) == inside


@FAST
@given(M_TMSIS)
def test_hashed_identity_is_bzip2s_crc(m_tmsi: int) -> None:
    octets = m_tmsi.to_bytes(4, "big")
    swapped = bytes(int(f"{octet:08b}"[::-1], 2) for octet in octets)
    assert edrx.hashed_id(m_tmsi) == int(f"{zlib.crc32(swapped):032b}"[::-1], 2)


@FAST
@given(
    st.sampled_from([1, 6, 8, 10, 12, 14, 32, 256]),
    st.data(),
    st.integers(0, 3 * 1024 * HYPERFRAME_MS),
    st.integers(0, 400 * HYPERFRAME_MS),
)
def test_windows_are_counted_without_stepping(
    cycle: int, data: st.DataObject, start: int, length: int
) -> None:
    residue = data.draw(st.integers(0, cycle - 1))
    i_edrx = data.draw(st.integers(0, 3))
    windows = edrx.WindowPlan(0, 0, cycle, residue, i_edrx, 256 * i_edrx, 128)
    end = start + length
    starts = [
        at
        for hyperframe in range(start // HYPERFRAME_MS - 1, end // HYPERFRAME_MS + 1)
        if hyperframe % 1024 % cycle == residue
        and start <= (at := hyperframe * HYPERFRAME_MS + i_edrx * 2560) < end
    ]
    assert edrx.count_windows(windows, start, end) == len(starts)
    assert [
        window.start_asf
        for window in edrx.windows_between(windows, start, end)
        if window.start_asf >= start
    ] == starts


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        (PagingConfig("mpdcch", 32, "T/256"), "fractional"),
        (PagingConfig("pdcch", 128, "T/64"), "does not exist"),
        (PagingConfig("pdcch", 512), "default paging cycle 512"),
        (PagingConfig("npdcch", 256, "T", 10, "tdd"), "not modelled"),
        (PagingConfig("pbch"), "pdcch, mpdcch or npdcch"),
        (PagingConfig("mpdcch", 128, "T/3"), "one of"),
        (PagingConfig("mpdcch", 128, "T", 10, "fdd", 17), "1..16"),
        (PagingConfig("mpdcch", 128, "T", 10, "fdd", 1.5), "1..16"),  # type: ignore[arg-type]
        (PagingConfig("mpdcch", 128, "T", 10, "half"), "fdd or tdd"),
        (PagingConfig("mpdcch", 128, "T", 0), "1.4, 3, 5, 10, 15 or 20"),
        (PagingConfig("pdcch", 128, "T", float("nan")), "1.4, 3, 5, 10, 15 or 20"),
    ],
)
def test_impossible_cells_are_refused(config: PagingConfig, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        paging.occasion("901280000000001", config)


@pytest.mark.parametrize(
    ("channel", "cycle_ms", "ptw_ms", "reason"),
    [
        ("mpdcch", 5120, 1280, "T = 512"),
        ("mpdcch", 10240, 11520, "does not fit"),
        ("mpdcch", 30720, 1280, "no eDRX cycle of 30.72 s"),
        ("npdcch", 61440, 2560, "no eDRX cycle of 61.44 s in mode nb"),
        ("npdcch", 81920, 1280, "1..16 times 2.56 s"),
        ("mpdcch", 81920, 21760, "1..16 times 1.28 s"),
        ("mpdcch", 81920, 0, "1..16"),
    ],
)
def test_impossible_windows_are_refused(
    channel: str, cycle_ms: int, ptw_ms: int, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        edrx.plan(1, channel, cycle_ms, ptw_ms)


@pytest.mark.parametrize("imsi", ["31026012345678x", "1234567890123456", "-1"])
def test_a_wrong_imsi_is_refused(imsi: str) -> None:
    with pytest.raises(ValueError, match="decimal digits"):
        paging.ue_id(imsi, "mpdcch")


def test_no_imsi_means_identity_zero() -> None:
    assert paging.ue_id("", "mpdcch") == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda: edrx.plan(1, "pbch", 81920, 5120),
        lambda: edrx.ue_id_h(1, "pbch"),
        lambda: edrx.mode_of("nb"),
    ],
)
def test_a_wrong_channel_is_refused(call: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="pdcch, mpdcch or npdcch is needed"):
        call()


@pytest.mark.parametrize("cycles", [(100, None, False), (0, 128, False), (128, -1, False)])
def test_a_wrong_drx_cycle_is_refused(cycles: tuple[int, int | None, bool]) -> None:
    with pytest.raises(ValueError, match="32, 64, 128, 256, 512, 1024 exist"):
        paging.drx_cycle_frames(*cycles)


@pytest.mark.parametrize(("cycle", "residue"), [(0, 0), (6, 6), (6, -1), (2048, 0)])
def test_a_wrong_residue_is_refused(cycle: int, residue: int) -> None:
    with pytest.raises(ValueError, match="residue from 0"):
        edrx.gap_at_wrap_hyperframes(cycle, residue)
