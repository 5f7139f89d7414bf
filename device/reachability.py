"""How long a command can take to reach this device, from what the network granted.

The short form for boards: seconds only. T is taken as 1.28 s, the usual DRX cycle; connecting and
one missed page are not counted. Sources: 3GPP TS 36.304 7.1 and 7.3 (DRX and eDRX), TS 23.682
4.5.7 (high latency communication), TS 24.301 5.3.11 (PSM).
"""

from .portable import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    Psm = tuple[int, int] | None

DRX_CYCLE_S = 1.28
EDRX_SHORTEST_S = 10.24
"""The shortest eDRX cycle with a paging time window; 5.12 s is only a longer DRX cycle."""


def worst_wait(edrx_s: "float | None", psm: "Psm") -> float:
    """Return the longest wait for a page in seconds, where the network keeps commands meanwhile.

    edrx_s: granted eDRX cycle, None without. psm: granted (T3324 active time, T3412 period), None
    without.
    """
    awake_s = edrx_s or DRX_CYCLE_S
    if psm is None:
        return awake_s
    asleep_s = psm[1] - psm[0]
    return asleep_s if asleep_s > awake_s else awake_s


def mean_wait(edrx_s: "float | None", psm: "Psm") -> float:
    """Return the mean wait for a page in seconds, for commands that come at any time."""
    awake_s = (edrx_s or DRX_CYCLE_S) / 2
    if psm is None or psm[1] <= 0:
        return awake_s
    active_s, period_s = psm
    if active_s >= period_s:
        return awake_s
    asleep_s = period_s - active_s
    return (active_s * awake_s + asleep_s * asleep_s / 2) / period_s


def needs_hlcom(edrx_s: "float | None", psm: "Psm") -> bool:
    """Return True when commands are lost in visited networks that do not buffer them (HLCOM)."""
    # boards compute with 24-bit floats: 10.24 is not always 10.24
    return psm is not None or (edrx_s is not None and edrx_s > EDRX_SHORTEST_S - 0.01)


def grant_warning(
    asked_edrx_s: "float | None",
    granted_edrx_s: "float | None",
    asked_psm: "Psm" = None,
    granted_psm: "Psm" = None,
) -> "str | None":
    """Return a sentence when the network granted something else than was asked, else None."""
    parts = []
    if not _same(asked_edrx_s, granted_edrx_s):
        parts.append("eDRX %s asked, %s granted" % (_cycle(asked_edrx_s), _cycle(granted_edrx_s)))
    if asked_psm != granted_psm:
        parts.append("PSM %s asked, %s granted" % (_timers(asked_psm), _timers(granted_psm)))
    if not parts:
        return None
    text = "%s: a command can take %d s instead of %d s" % (
        ", ".join(parts),
        worst_wait(granted_edrx_s, granted_psm) + 0.5,
        worst_wait(asked_edrx_s, asked_psm) + 0.5,
    )
    if needs_hlcom(granted_edrx_s, granted_psm):
        text += ", and is lost where the network has no HLCOM"
    return text


def left_on_warning(edrx_s: "float | None", psm: "Psm") -> "str | None":
    """Return a sentence about power saving that nobody asked for here, None where there is none.

    Modems keep it over a restart: an earlier program, or the vendor, switched it on.
    """
    if edrx_s is None and psm is None:
        return None
    return (
        "eDRX %s, PSM %s is on in the modem: a command can take %d s, is lost where the network"
        " has no HLCOM; edrx_s=0 and modem.set_psm(None, None) switch it off"
        % (_cycle(edrx_s), _timers(psm), worst_wait(edrx_s, psm) + 0.5)
    )


def _same(asked_s: "float | None", granted_s: "float | None") -> bool:
    if asked_s is None or granted_s is None:
        return asked_s is granted_s
    return -0.01 < asked_s - granted_s < 0.01  # boards compute with 24-bit floats


def _cycle(seconds: "float | None") -> str:
    return "off" if seconds is None else "%.2f s" % seconds


def _timers(psm: "Psm") -> str:
    return "off" if psm is None else "%d s every %d s" % psm
