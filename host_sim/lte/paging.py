"""Paging frames and paging occasions in DRX: TS 36.304 sections 7.1 and 7.2.

Pure integers. A ``PagingConfig`` is what the cell broadcasts; ``occasion`` adds one UE to it.
"""

from fractions import Fraction
from typing import NamedTuple

from ip_commands.host_sim.lte.time_base import FRAME_MS

PDCCH = "pdcch"
MPDCCH = "mpdcch"
NPDCCH = "npdcch"

EDRX_512_CYCLE = 512
"""T in frames when an eDRX cycle of 5.12 s is configured (TS 36.304 7.1)."""

_UE_ID_MODULUS = {PDCCH: 1024, NPDCCH: 4096, MPDCCH: 16384}
_NON_ANCHOR_MODULUS = 16384

CYCLES_FRAMES = {
    PDCCH: (32, 64, 128, 256),
    MPDCCH: (32, 64, 128, 256),
    NPDCCH: (128, 256, 512, 1024),
}

"""The default paging cycles that a cell can broadcast, by channel (SIB2)."""

_ANY_CYCLE = (32, 64, 128, 256, 512, 1024)

# nB as a multiple of T. PCCH-Config: 4T..T/32; nB-v1310: to T/256; NB-IoT: to T/1024 (TS 36.331).
NB_FRACTIONS = {
    "4T": Fraction(4),
    "2T": Fraction(2),
    "T": Fraction(1),
    **{f"T/{2**k}": Fraction(1, 2**k) for k in range(1, 11)},
}
_SMALLEST_NB = {PDCCH: Fraction(1, 32), MPDCCH: Fraction(1, 256), NPDCCH: Fraction(1, 1024)}

# Sub-frame of the PO by Ns, then i_s: the tables of TS 36.304 7.2.
_FDD_WIDE = {1: (9,), 2: (4, 9), 4: (0, 4, 5, 9)}
_FDD_NARROW = {1: (5,), 2: (5, 5), 4: (5, 5, 5, 5)}
_TDD_WIDE = {1: (0,), 2: (0, 5), 4: (0, 1, 5, 6)}
_TDD_NARROW = {1: (1,), 2: (1, 6), 4: (1, 1, 6, 6)}

_BANDWIDTHS_MHZ = (1.4, 3, 5, 10, 15, 20)
_NARROWEST_WIDE_MHZ = 5
"""MPDCCH paging uses the first table above 3 MHz; the next LTE bandwidth is 5 MHz."""


class PagingConfig(NamedTuple):
    """What a cell says about paging (SIB2), and on which channel its P-RNTI is sent."""

    channel: str = MPDCCH
    default_cycle_frames: int = 128
    nb: str = "T"
    bandwidth_mhz: float = 10
    duplex: str = "fdd"
    narrowbands: int = 1
    """paging-narrowBands-r13, 1..16; MPDCCH only."""
    non_anchor: bool = False
    """NB-IoT with paging on non-anchor carriers: UE_ID is IMSI mod 16384."""


class Occasion(NamedTuple):
    """When one UE listens: sub-frame ``subframe`` where SFN mod ``cycle_frames`` is ``frame``."""

    ue_id: int
    cycle_frames: int
    """T."""
    nb_frames: int
    n: int
    ns: int
    frame: int
    """PF as SFN mod T."""
    i_s: int
    subframe: int
    narrowband: int | None
    """PNB, counted from 0; None where the channel is not MPDCCH."""


def ue_id(imsi: str, channel: str, non_anchor: bool = False) -> int:
    """Return UE_ID: the IMSI's decimal value modulo 1024, 4096 or 16384 by channel (36.304 7.1).

    Raises ValueError for an unknown channel or an IMSI that is not 0..15 digits ("" = no IMSI: 0).
    """
    if channel not in _UE_ID_MODULUS:
        raise ValueError(f"channel {channel!r}: one of {', '.join(_UE_ID_MODULUS)} is needed")
    if imsi == "":
        return 0
    if not (imsi.isascii() and imsi.isdigit() and len(imsi) <= 15):
        raise ValueError(f"IMSI {imsi!r}: up to 15 decimal digits are needed")
    modulus = _NON_ANCHOR_MODULUS if non_anchor and channel == NPDCCH else _UE_ID_MODULUS[channel]
    return int(imsi) % modulus


def drx_cycle_frames(
    default_cycle_frames: int, ue_specific_frames: int | None = None, edrx_512: bool = False
) -> int:
    """Return T: 512 with an eDRX cycle of 5.12 s, else the shorter of UE's and cell's cycle.

    Raises ValueError for a cycle that no channel has.
    """
    for frames in (default_cycle_frames, ue_specific_frames):
        if frames is not None and frames not in _ANY_CYCLE:
            raise ValueError(
                f"a DRX cycle of {frames} frames: {', '.join(map(str, _ANY_CYCLE))} exist"
            )
    if edrx_512:
        return EDRX_512_CYCLE
    if ue_specific_frames is None:
        return default_cycle_frames
    return min(default_cycle_frames, ue_specific_frames)


def nb_frames(nb: str, cycle_frames: int) -> int:
    """Return nB in frames for a cycle T.

    A fraction of a frame (T/256 of T = 32) is refused: TS 36.304 then gives a fractional N, which
    networks and modems read differently.
    """
    if nb not in NB_FRACTIONS:
        raise ValueError(f"nB {nb!r}: one of {', '.join(NB_FRACTIONS)} is needed")
    frames = NB_FRACTIONS[nb] * cycle_frames
    if frames.denominator != 1:
        raise ValueError(
            f"nB = {nb} of T = {cycle_frames} frames is {frames} of a frame, so N"
            " would be fractional: take a longer cycle or a larger nB"
        )
    return int(frames)


def occasion(
    imsi: str,
    config: PagingConfig,
    ue_specific_frames: int | None = None,
    edrx_512: bool = False,
) -> Occasion:
    """Return the paging frame and occasion of one UE in one cell (TS 36.304 7.1, 7.2).

    Raises ValueError, with the reason, for a configuration that the standard does not have.
    """
    check_config(config)
    if edrx_512 and config.channel == NPDCCH:
        raise ValueError("NB-IoT has no eDRX cycle of 5.12 s: 20.48 s is its shortest")
    if ue_specific_frames is not None and ue_specific_frames not in CYCLES_FRAMES[config.channel]:
        raise ValueError(f"a UE-specific cycle of {ue_specific_frames} frames does not exist")
    cycle = drx_cycle_frames(config.default_cycle_frames, ue_specific_frames, edrx_512)
    nb = nb_frames(config.nb, cycle)
    n = min(cycle, nb)
    ns = max(1, nb // cycle)
    identity = ue_id(imsi, config.channel, config.non_anchor)
    i_s = identity // n % ns
    narrowband = None
    if config.channel == MPDCCH:
        narrowband = identity // (n * ns) % config.narrowbands
    return Occasion(
        identity,
        cycle,
        nb,
        n,
        ns,
        cycle // n * (identity % n),
        i_s,
        _subframes(config)[ns][i_s],
        narrowband,
    )


def check_config(config: PagingConfig) -> None:
    """Raise ValueError, with the reason, unless the cell could broadcast this."""
    if config.channel not in _UE_ID_MODULUS:
        raise ValueError(f"channel {config.channel!r}: pdcch, mpdcch or npdcch is needed")
    if config.duplex not in ("fdd", "tdd"):
        raise ValueError(f"duplex {config.duplex!r}: fdd or tdd is needed")
    if config.channel == NPDCCH and config.duplex == "tdd":
        raise ValueError("NB-IoT in TDD (Release 15) is not modelled: use fdd")
    if config.default_cycle_frames not in CYCLES_FRAMES[config.channel]:
        raise ValueError(
            f"default paging cycle {config.default_cycle_frames} frames:"
            f" {config.channel} has {', '.join(map(str, CYCLES_FRAMES[config.channel]))}"
        )
    if config.channel != NPDCCH and config.bandwidth_mhz not in _BANDWIDTHS_MHZ:
        raise ValueError(
            f"bandwidth {config.bandwidth_mhz} MHz: 1.4, 3, 5, 10, 15 or 20 is needed"
        )
    if config.narrowbands not in range(1, 17):
        raise ValueError(f"{config.narrowbands} paging narrowbands: 1..16 are possible")
    if config.nb not in NB_FRACTIONS:
        raise ValueError(f"nB {config.nb!r}: one of {', '.join(NB_FRACTIONS)} is needed")
    if NB_FRACTIONS[config.nb] < _SMALLEST_NB[config.channel]:
        raise ValueError(f"nB = {config.nb} does not exist on {config.channel}")


def _subframes(config: PagingConfig) -> dict[int, tuple[int, ...]]:
    narrow = config.channel == MPDCCH and config.bandwidth_mhz < _NARROWEST_WIDE_MHZ
    if config.duplex == "fdd":
        return _FDD_NARROW if narrow else _FDD_WIDE
    return _TDD_NARROW if narrow else _TDD_WIDE


def next_occasion(where: Occasion, asf: int) -> int:
    """Return the first paging occasion at or after ``asf``, as an absolute sub-frame.

    T divides 1024, so occasions never shift where SFN wraps.
    """
    cycle_ms = where.cycle_frames * FRAME_MS
    offset = where.frame * FRAME_MS + where.subframe
    return asf + (offset - asf) % cycle_ms


def count_occasions(where: Occasion, from_asf: int, to_asf: int) -> int:
    """Return how many paging occasions lie in ``from_asf <= asf < to_asf``."""
    cycle_ms = where.cycle_frames * FRAME_MS
    offset = where.frame * FRAME_MS + where.subframe
    return max(0, -(-(to_asf - offset) // cycle_ms) + (from_asf - offset) // -cycle_ms)
