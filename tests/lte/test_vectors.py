"""Every published or derived pair of input and expected output, against the pure functions."""

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from ip_commands.host_sim.lte import core, edrx, edrx_codes, epc_timer, paging, psm, time_base
from ip_commands.host_sim.lte.buffering import DownlinkBuffer
from ip_commands.host_sim.lte.datagram import DOWN, Datagram
from ip_commands.host_sim.lte.paging import PagingConfig
from ip_commands.host_sim.lte.time_base import FRAME_MS, HYPERFRAME_MS

FILE = Path(__file__).parent.parent / "data" / "lte_vectors.json"
VECTORS = json.loads(FILE.read_text())["vectors"]
Given = dict[str, Any]


def configuration(given: Given) -> PagingConfig:
    edrx_512 = given["T"] == 512 and given["channel"] != "npdcch"
    return PagingConfig(
        given["channel"],
        256 if edrx_512 else given["T"],
        given["nB"],
        given.get("bw_mhz", 10),
        given.get("duplex", "fdd"),
        given.get("Nn", 1),
    )


def occasion_of(given: Given) -> paging.Occasion:
    edrx_512 = given["T"] == 512 and given["channel"] != "npdcch"
    return paging.occasion(given["imsi"], configuration(given), edrx_512=edrx_512)


def windows_of(given: Given) -> edrx.WindowPlan:
    return edrx.plan(
        int(given["m_tmsi"], 16),
        given["channel"],
        given["edrx_hyperframes"] * HYPERFRAME_MS,
        given["ptw_frames"] * FRAME_MS,
    )


def cedrxp_parse(given: Given) -> Given:
    """Only the codes are the network's business; the line is taken apart here."""
    fields = [part.strip().strip('"') for part in given["line"].split(":")[1].split(",")]
    if fields[0] == "0":
        return {"mode": "none", "edrx_s": 0, "ptw_s": 0}
    if fields[0] not in "45":
        return {"error": True}
    mode = {"4": "wb", "5": "nb"}[fields[0]]
    return {
        "mode": {"wb": "lte-m", "nb": "nb-iot"}[mode],
        "edrx_s": edrx_codes.decode_edrx(fields[2], mode) / 1000,
        "ptw_s": edrx_codes.decode_ptw(fields[3], mode) / 1000,
    }


def edrx_value(given: Given) -> Given:
    ms = edrx_codes.decode_edrx(given["bits"], given["mode"])
    return {"seconds": ms / 1000, "hyperframes": Fraction(ms, HYPERFRAME_MS)}


def ptw_value(given: Given) -> Given:
    ms = edrx_codes.decode_ptw(given["bits"], given["mode"])
    return {"seconds": ms / 1000, "radio_frames": ms // FRAME_MS}


def psm_decode(given: Given) -> Given:
    try:
        active_s = psm.decode_t3324(given["active_time"])
        period_s = psm.decode_t3412(given["tau_ext"])
    except ValueError:
        return {"error": True}
    return {
        "active_s": -1 if active_s is None else active_s,
        "tau_s": -1 if period_s is None else period_s,
    }


def psm_encode(given: Given) -> Given:
    found: Given = {}
    for name, encode, seconds in (
        ("tau_ext", psm.encode_t3412, given["tau_s"]),
        ("active_time", psm.encode_t3324, given["active_s"]),
    ):
        try:
            found[name] = encode(seconds)
        except ValueError:
            found[name] = None
            found["error"] = True
    return found


def exact(encode: Callable[..., str]) -> Callable[[Given], Given]:
    def run(given: Given) -> Given:
        try:
            bits = encode(given["seconds"], rounding="exact")
        except ValueError:
            return {"error": True}
        return {"unit": int(bits[:3], 2), "value": int(bits[3:], 2)}

    return run


def epc_timer_encode(given: Given) -> Given:
    return {"octet": f"0x{epc_timer.encode_exact(given['seconds']):02x}"}


def epc_timer_decode(given: Given) -> Given:
    seconds = epc_timer.decode(int(given["octet"], 16))
    return {"seconds": "infinite" if seconds == epc_timer.INFINITE else seconds}


def epc_timer_ceil(given: Given) -> Given:
    return {"decoded_seconds": epc_timer.round_up(given["seconds"])}


def drx_po(given: Given) -> Given:
    where = occasion_of(given)
    found = {
        "ue_id": where.ue_id,
        "T": where.cycle_frames,
        "nB": where.nb_frames,
        "N": where.n,
        "Ns": where.ns,
        "pf_sfn_mod_T": where.frame,
        "i_s": where.i_s,
        "po_subframe": where.subframe,
    }
    if where.narrowband is not None:
        found["pnb_index0"] = where.narrowband
    return found


def drx_t(given: Given) -> Given:
    return {
        "T": paging.drx_cycle_frames(
            given["default_cycle_rf"], given["ue_specific_rf"], given["edrx_5_12s"]
        )
    }


def hashed_id(given: Given) -> Given:
    m_tmsi = int(given["m_tmsi"], 16)
    return {
        "hashed_id": f"0x{edrx.hashed_id(m_tmsi):08X}",
        "ue_id_h_mpdcch": edrx.ue_id_h(m_tmsi, "mpdcch"),
        "ue_id_h_npdcch": edrx.ue_id_h(m_tmsi, "npdcch"),
    }


def edrx_ptw(given: Given) -> Given:
    mode = edrx.mode_of(given["channel"])
    cycle_ms = edrx_codes.decode_edrx(given["edrx_bits"], mode)
    ptw_ms = edrx_codes.decode_ptw(given["ptw_bits"], mode)
    assert cycle_ms == given["edrx_hyperframes"] * HYPERFRAME_MS
    windows = edrx.plan(int(given["m_tmsi"], 16), given["channel"], cycle_ms, ptw_ms)
    return {
        "hashed_id": f"0x{windows.hashed_id:08X}",
        "ue_id_h": windows.ue_id_h,
        "ph_hsfn_mod_cycle": windows.residue,
        "i_edrx": windows.i_edrx,
        "ptw_start_sfn": windows.start_sfn,
        "ptw_end_sfn": windows.end_sfn,
        "ptw_frames": windows.ptw_frames,
    }


def edrx_next_po(given: Given) -> Given:
    windows, where, now = windows_of(given), occasion_of(given), given["now_subframe"]
    at = edrx.next_occasion(windows, where, now)
    assert at is not None
    window = edrx.window_at(windows, at)
    assert window is not None
    air = time_base.air_time(at)
    return {
        "now_in_ptw": edrx.window_at(windows, now) is not None,
        "ptw_start_frame": window.start_asf // FRAME_MS,
        "po_subframe_abs": at,
        "po_hsfn": air.hsfn,
        "po_sfn": air.sfn,
        "po_subframe": air.subframe,
        "wait_ms": at - now,
        "pos_in_that_ptw": paging.count_occasions(where, *window),
    }


def ptw_po_count(given: Given) -> Given:
    windows, where = windows_of(given), occasion_of(given)
    count = edrx.occasions_per_window(windows, where)
    assert (edrx.next_occasion(windows, where, 0) is None) == (count == 0)
    return {"ptw_start_sfn": windows.start_sfn, "pos_in_ptw": count}


def hsfn_wrap_gap(given: Given) -> Given:
    cycle, residue = given["edrx_hyperframes"], given["ph_residue"]
    windows = edrx.WindowPlan(0, residue, cycle, residue, 0, 0, 128)
    wrap = 1024 * HYPERFRAME_MS
    last = edrx.last_start(windows, wrap - 1)
    first = edrx.next_window(windows, wrap - 1).start_asf
    gap = edrx.gap_at_wrap_hyperframes(cycle, residue)
    assert first - last == gap * HYPERFRAME_MS
    return {
        "last_hsfn_before_wrap": time_base.air_time(last).hsfn,
        "first_hsfn_after_wrap": time_base.air_time(first).hsfn,
        "gap_hyperframes": gap,
        "gap_seconds": gap * HYPERFRAME_MS / 1000,
    }


def hsfn_clock(given: Given) -> Given:
    return time_base.air_time(given["ms_since_epoch"])._asdict()


def mt_decision(given: Given) -> Given:
    now, where = given["now_subframe"], occasion_of(given)
    in_windows = "m_tmsi" in given
    windows = windows_of(given) if in_windows else None
    view = core.view_of_idle(windows, now, None, now + 1)
    action = core.decide(view, "with HLCOM" in given["profile"]).action
    found: Given = {"action": action}
    if action == core.DROP:
        return found
    at = edrx.next_occasion(windows, where, now) if windows else paging.next_occasion(where, now)
    assert at is not None
    found |= {"page_po_asf": at, "wait_ms": at - now}
    if action == core.BUFFER:
        assert windows is not None
        found["ptw_start_arf"] = edrx.next_window(windows, now).start_asf // FRAME_MS
        found["min_dl_buffering_duration_s"] = epc_timer.round_up((at - now) / 1000)
    return found


def hlcom_buffer(given: Given) -> Given:
    buffer = DownlinkBuffer()
    outcomes: list[Given] = [{} for _ in given["arrivals_s"]]

    def end(result: str, at_s: int) -> None:
        for datagram in buffer.take_all():
            outcomes[datagram.number] = {"result": result, "at": at_s}

    def expire(now_s: int) -> None:
        if buffer.is_expired(now_s):
            assert buffer.expires_at_ms is not None
            end("expired", buffer.expires_at_ms)

    steps = [(at_s, 1, index) for index, at_s in enumerate(given["arrivals_s"])]
    steps += [(at_s, 0, -1) for at_s in given["ue_connected_at_s"]]
    for at_s, is_arrival, index in sorted(steps):
        expire(at_s)
        if not is_arrival:
            end("delivered", at_s)
            continue
        if buffer.expires_at_ms is None:
            buffer.open(given["capacity_packets"], at_s + given["dl_buffering_duration_s"])
        datagram = Datagram("ue", index, DOWN, b"", ("", 0), ("", 0), at_s)
        if not buffer.offer(datagram):
            outcomes[index] = {"result": "overflow", "at": at_s}
    expire(10**9)
    return {"datagrams": outcomes}


RUN: dict[str, Callable[[Given], Given]] = {
    "cedrxp_parse": cedrxp_parse,
    "edrx_value": edrx_value,
    "ptw_value": ptw_value,
    "psm_decode": psm_decode,
    "psm_encode": psm_encode,
    "gprs_timer_exact_encode": exact(psm.encode_t3324),
    "gprs_timer3_exact_encode": exact(psm.encode_t3412),
    "epc_timer_encode": epc_timer_encode,
    "epc_timer_decode": epc_timer_decode,
    "epc_timer_ceil": epc_timer_ceil,
    "drx_po": drx_po,
    "drx_T": drx_t,
    "hashed_id": hashed_id,
    "edrx_ptw": edrx_ptw,
    "edrx_next_po": edrx_next_po,
    "ptw_po_count": ptw_po_count,
    "hsfn_wrap_gap": hsfn_wrap_gap,
    "hsfn_clock": hsfn_clock,
    "mt_decision": mt_decision,
    "hlcom_buffer": hlcom_buffer,
}


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["id"] for vector in VECTORS])
def test_vector(vector: Given) -> None:
    assert RUN[vector["category"]](vector["input"]) == vector["expected"], vector["source"]


def test_every_category_has_vectors() -> None:
    assert {vector["category"] for vector in VECTORS} == set(RUN)
    assert len(VECTORS) >= 195
