"""How long a command can take to reach this device, from what the network granted.

The short form for boards: seconds only. T is taken as 1.28 s, the usual DRX cycle; connecting and
one missed page are not counted. Sources: 3GPP TS 36.304 7.1 and 7.3 (DRX and eDRX), TS 23.682
4.5.7 (high latency communication), TS 24.301 5.3.11 (PSM).
"""

from .portable import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    Psm = tuple[int, int] | None

_DRX_CYCLE_S = const(1.28)
_EDRX_SHORTEST_S = const(10.24)
"""The shortest eDRX cycle with a paging time window; 5.12 s is only a longer DRX cycle."""


def worst_wait(edrx_s: "float | None", psm: "Psm") -> float:
    """Return the longest wait for a page in seconds, where the network keeps commands meanwhile.

    edrx_s: granted eDRX cycle, None without. psm: granted (T3324 active time, T3412 period), None
    without. Cycles that do not divide 1024 hyperframes have a longer gap where H-SFN wraps, every
    2 h 55 min (TS 36.304 7.3).
    """
    awake_s = edrx_s or _DRX_CYCLE_S
    hyperframes = int(awake_s / _EDRX_SHORTEST_S + 0.5)
    if hyperframes:
        awake_s += 1024 % hyperframes * _EDRX_SHORTEST_S
    if psm is None:
        return awake_s
    asleep_s = psm[1] - psm[0]
    return asleep_s if asleep_s > awake_s else awake_s


def needs_hlcom(edrx_s: "float | None", psm: "Psm") -> bool:
    """Return True when commands are lost in visited networks that do not buffer them (HLCOM)."""
    # boards compute with 24-bit floats: 10.24 is not always 10.24
    return psm is not None or (edrx_s or 0) > _EDRX_SHORTEST_S - 0.01


def grant_warning(asked_s: "float | None", granted_s: "float | None") -> "str | None":
    """Return a sentence when another eDRX cycle was granted than asked for, else None."""
    # boards compute with 24-bit floats
    if -0.01 < (asked_s or 0) - (granted_s or 0) < 0.01:
        return None
    text = "eDRX %s asked, %s granted" % (_shown("%.2f s", asked_s), _shown("%.2f s", granted_s))
    instead = " instead of %d s" % (worst_wait(asked_s, None) + 0.5)
    return _with_cost(text, granted_s, None, instead)


def left_on_warning(edrx_s: "float | None", psm: "Psm") -> "str | None":
    """Return a sentence about power saving that nobody asked for here, None where there is none.

    Modems keep it over a restart: an earlier program, or the vendor, switched it on.
    """
    if edrx_s is None and psm is None:
        return None
    on = _shown("%.2f s", edrx_s), _shown("%d s every %d s", psm)
    text = "eDRX %s, PSM %s is on in the modem" % on
    off = "; edrx_s=0 and modem.set_psm(None, None) switch it off"
    return _with_cost(text, edrx_s, psm, "") + off


def _shown(form: str, value: "float | Psm") -> str:
    return "off" if value is None else form % value


def _with_cost(text: str, edrx_s: "float | None", psm: "Psm", instead: str) -> str:
    text += ": a command can take %d s%s" % (worst_wait(edrx_s, psm) + 0.5, instead)
    if needs_hlcom(edrx_s, psm):
        text += ", and is lost where the network has no HLCOM"
    return text
