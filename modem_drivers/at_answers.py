"""Read the answers that every modem gives: fields, registration, signal, clock. Pure functions.

Sources: 3GPP TS 27.007 sections 8.5 (+CSQ), 8.15 (+CCLK), 8.69 (+CESQ), 10.1.22 (+CEREG);
TS 24.301 section 9.9.3.9 (EMM causes).
"""

from collections import namedtuple

from ..device.portable import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from typing import Any

    from ..device.interfaces import Identity as Identity
    from ..device.interfaces import Signal as Signal

    # <stat>, <AcT>, EMM cause, T3324 bits, T3412 extended bits
    Registration = tuple[int, int | None, int | None, str, str]

Identity = namedtuple("Identity", ("imei", "iccid", "model", "firmware"))  # type: ignore[no-redef]
Signal = namedtuple("Signal", ("rssi_dbm", "rsrp_dbm", "rsrq_db"))  # type: ignore[no-redef]

REGISTERED = (1, 5, 9, 10)

# One text per table: pairs in tuples would take three times the RAM.
_STATES = (
    "0 not registered, not searching;2 searching;3 registration denied;4 out of coverage;"
    "6 SMS only;7 SMS only, roaming;8 emergency calls only;11 emergency services only;"
    "90 SIM failure"
)
_EMM_CAUSES = (
    "2 IMSI unknown in HSS;3 illegal UE;5 IMEI not accepted;6 illegal ME;"
    "7 EPS services not allowed;8 EPS and non-EPS services not allowed;"
    "11 PLMN not allowed;12 tracking area not allowed;"
    "13 roaming not allowed in this tracking area;14 EPS services not allowed in this PLMN;"
    "15 no suitable cells in tracking area;17 network failure;19 ESM failure;22 congestion"
)


def meaning_of(number: "int | None", table: str) -> str:
    """Return what a number means by a table ``"1 one;2 two"``; "unknown" where it is not in it."""
    for entry in table.split(";"):
        key, _, text = entry.partition(" ")
        if key == str(number):
            return text
    return "unknown"


def registration_text(stat: int, cause: "int | None" = None) -> str:
    """Return the meaning of a +CEREG <stat> that is no registration, and of the EMM cause."""
    text = "%s (+CEREG <stat> %d)" % (meaning_of(stat, _STATES), stat)
    if cause is not None:
        text += ", EMM cause %d: %s" % (cause, meaning_of(cause, _EMM_CAUSES))
    return text


def text_of(line: bytes) -> str:
    """Return bytes as text, whatever they are (bytes beyond ASCII as escapes)."""
    return repr(bytes(line))[2:-1]


def fields_of(line: bytes) -> "list[str]":
    """Split an answer at its commas, not at those within quotes; blanks and quotes go."""
    fields = []
    field = ""
    quoted = False
    for piece in text_of(line).split('"'):
        if quoted:
            field += piece
        else:
            cells = piece.split(",")
            field += cells[0].strip()
            for cell in cells[1:]:
                fields.append(field)
                field = cell.strip()
        quoted = not quoted
    fields.append(field)
    return fields


def number_of(text: "str | bytes") -> "int | None":
    """Return a decimal field as int, None when it is none. A sign may be."""
    if not isinstance(text, str):
        text = text_of(text)
    digits = text[1:] if text[:1] == "-" else text
    if 0 < len(digits) < 10 and digits.isdigit():
        return int(text)
    return None


def registration_of(line: bytes) -> "Registration | None":
    """Read what follows ``+CEREG:``, in a URC or in the answer to ``+CEREG?``; None: garbled.

    Firmwares differ: <n> in front (answers, some URCs), unquoted hex, a field like <rac> before or
    behind the cell, one comma more or less before the timers. Therefore: a second field of one or
    two bare digits is <stat>; the timers are the last two quoted strings of 8 bits; <AcT> has one
    or two bare digits and nothing behind it, or cause type and cause.
    """
    fields = text_of(line).replace(" ", "").split(",")
    first = 1 if len(fields) > 1 and fields[1].isdigit() and len(fields[1]) <= 2 else 0
    stat = number_of(fields[first])
    if stat is None:
        return None
    rest = fields[first + 1 :]
    active_bits = period_bits = ""
    if len(rest) >= 4 and _is_timer(rest[-1]) and _is_timer(rest[-2]):
        active_bits, period_bits = rest[-2].strip('"'), rest[-1].strip('"')
        rest = rest[:-2]
    rest = rest[2:]  # TAC, cell; some print one more before <AcT>
    while rest and rest[0] and (len(rest[0]) > 2 or number_of(rest[0]) is None):
        rest = rest[1:]
    if len(rest) in (2, 4) and rest[0] and number_of(rest[1]) is not None:
        rest = rest[1:]
    act = number_of(rest[0]) if rest else None
    causes = list(filter(str.isdigit, rest[1:]))
    cause = None
    if len(causes) >= 2 and causes[-2] == "0":  # <cause_type> 0: an EMM cause
        cause = number_of(causes[-1])
    return stat, act, cause, active_bits, period_bits


def _is_timer(field: str) -> bool:
    return len(field) == 10 and field[0] == field[9] == '"' and not field[1:9].strip("01")


def looks_like(text: str, least: int = 0, most: int = 0) -> bool:
    """Tell whether a text is a number of so many digits, hexadecimal; least 0: a name, a revision.

    These begin with a letter or a digit and hold a digit. What modems print by themselves begins
    with a mark, has a blank behind a colon, or is words alone (``DST: 1``, ``SMS DONE``).
    """
    if least:
        return least <= len(text) <= most and not text.strip("0123456789ABCDEFabcdef")
    if "/" < text[:1] != "^" and ": " not in text:
        for letter in text:
            if letter.isdigit():
                return True
    return False


def level_of(value: "int | None", most: int, step: "Any", lowest: int) -> "Any":
    """Return the dBm or dB of a field 0..most of +CSQ or +CESQ; None: not known (99, 255).

    step: dB from one value to the next; lowest: what 0 stands for (the lower end of its step).
    """
    return value * step + lowest if value is not None and 0 <= value <= most else None


def unix_time_of(clock: str, is_utc: bool = False) -> "int | None":
    """Return seconds since 1970-01-01 UTC of +CCLK's ``yy/MM/dd,hh:mm:ss+zz``; None: not set yet.

    zz: quarters of an hour that local time is ahead of UTC; is_utc: the time before it is UTC all
    the same. Modems without network time show 1970, 1980 or 2004: years before 2020 are no time.
    """
    sign = -1 if "-" in clock else 1
    local, _, zone = clock.replace('"', "").replace(" ", "").replace("-", "+").partition("+")
    parts = local.replace(",", "/").replace(":", "/").split("/")
    parts.append("0" if is_utc or not zone else zone.split(",")[0])  # +QLTS: a flag follows
    numbers: "list[Any]" = list(map(number_of, parts))
    if len(numbers) != 7 or None in numbers:
        return None
    year, month, day, hour, minute, second, quarters = numbers
    year = year % 100  # some firmwares print four digits
    if not (20 <= year < 70 and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    # days since 1970-01-01 with the year beginning in March (the leap day comes last)
    if month < 3:
        year -= 1
        month += 12
    days = 365 * year + year // 4 + (153 * (month - 3) + 2) // 5 + day - 1 + 11017
    seconds: int = ((days * 24 + hour) * 60 + minute - sign * 15 * quarters) * 60 + second
    return seconds
