"""Who a device is: ICCID, IMSI and IMEI, which follow from its name, not from its place in a list.

The Sim of that name in the store comes first, so that after a restart, with devices in another
order or fewer of them, each has its own Sim again. A contradiction is an error.
"""

import hashlib
from collections.abc import Container

from ip_commands.host_sim.cloud.records import Account, Sim
from ip_commands.host_sim.cloud.sims import Sims

ICCID_PREFIX = "8988307"
"""How Super SIM ICCIDs begin; docs "Check a device has a Super SIM"."""

IMSI_PREFIX = "90128"
"""A shared MCC 901 range, as global SIMs have (ITU-T E.212)."""

TYPE_ALLOCATION_CODE = "86447504"
"""Of the modems' IMEIs (3GPP TS 23.003 6.2.1)."""

_SERIALS = 10**6


def choose_iccid(
    sims: Sims, account: Account, name: str, wanted: str | None, taken: Container[str]
) -> str:
    """Return the ICCID of a device: ``wanted``, that of the Sim of its name, or a new one.

    taken: those of devices that are there. Raises ValueError, saying who has what.
    """
    own = sims.by_name(account, name)
    if wanted is not None:
        check_iccid(wanted)
        other = sims.by_iccid(wanted)
        if own is not None and own.iccid != wanted:
            raise ValueError(
                f"device {name}: its Super SIM in the store has ICCID {own.iccid}, not {wanted}"
            )
        if other is not None and (other.account_sid != account.sid or other is not own):
            raise ValueError(f"device {name}: ICCID {wanted} is that of {_shown(other, account)}")
    iccid = wanted or (own.iccid if own is not None else _new_iccid(sims, taken))
    if iccid in taken:
        raise ValueError(f"device {name}: another device has its Super SIM, ICCID {iccid}")
    return iccid


def _shown(sim: Sim, account: Account) -> str:
    if sim.account_sid != account.sid:
        return "another account's Super SIM"
    return f"Super SIM {sim.unique_name or sim.sid}"


def _new_iccid(sims: Sims, taken: Container[str]) -> str:
    """Return the first that no Sim and no device has."""
    number = 1
    while True:
        iccid = with_check_digit(f"{ICCID_PREFIX}{number:012d}")
        if iccid not in taken and sims.by_iccid(iccid) is None:
            return iccid
        number += 1


def check_iccid(iccid: str) -> None:
    """Raise ValueError unless it can be one: 19 or 20 digits, the last a check digit."""
    digits = iccid.isascii() and iccid.isdecimal() and len(iccid) in (19, 20)
    if not digits or not iccid.startswith("89") or with_check_digit(iccid[:-1]) != iccid:
        raise ValueError(
            f"ICCID {iccid!r}: 89, then digits, 19 or 20 in all, the last of them a check digit"
        )


def imsi_of(iccid: str) -> str:
    """Return the IMSI on the card with this ICCID; spread, as paging depends on it."""
    return f"{IMSI_PREFIX}{int(iccid[7:-1]) * 7919 % 10**10:010d}"


def imei_of(name: str, taken: Container[str]) -> str:
    """Return the IMEI of a device's modem, the same in each run."""
    serial = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % _SERIALS
    while True:
        imei = with_check_digit(f"{TYPE_ALLOCATION_CODE}{serial:06d}")
        if imei not in taken:
            return imei
        serial = (serial + 1) % _SERIALS


def with_check_digit(digits: str) -> str:
    """Append the Luhn check digit that ends an ICCID or IMEI (ITU-T E.118, ISO/IEC 7812-1)."""
    doubled = (int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(digits), 1))
    total = sum(value - 9 if value > 9 else value for value in doubled)
    return f"{digits}{-total % 10}"
