"""Numbers and texts of ``+CME ERROR`` (3GPP TS 27.007 9.2), and those of a network's refusal.

Numbers of refusals: TS 27.007 9.2.2.1 and 9.2.2.2, by the cause numbers of TS 24.301 9.9.3.9 (EMM)
and 9.9.4.4 (ESM).
"""

CME_TEXTS: dict[int, str] = {
    0: "phone failure",
    1: "no connection to phone",
    2: "phone-adaptor link reserved",
    3: "operation not allowed",
    4: "operation not supported",
    5: "PH-SIM PIN required",
    6: "PH-FSIM PIN required",
    7: "PH-FSIM PUK required",
    10: "SIM not inserted",
    11: "SIM PIN required",
    12: "SIM PUK required",
    13: "SIM failure",
    14: "SIM busy",
    15: "SIM wrong",
    16: "incorrect password",
    17: "SIM PIN2 required",
    18: "SIM PUK2 required",
    20: "memory full",
    21: "invalid index",
    22: "not found",
    23: "memory failure",
    24: "text string too long",
    25: "invalid characters in text string",
    26: "dial string too long",
    27: "invalid characters in dial string",
    30: "no network service",
    31: "network timeout",
    32: "network not allowed - emergency calls only",
    40: "network personalization PIN required",
    41: "network personalization PUK required",
    42: "network subset personalization PIN required",
    43: "network subset personalization PUK required",
    44: "service provider personalization PIN required",
    45: "service provider personalization PUK required",
    46: "corporate personalization PIN required",
    47: "corporate personalization PUK required",
    48: "hidden key required",
    49: "EAP method not supported",
    50: "incorrect parameters",
    51: "command implemented but currently disabled",
    52: "command aborted by user",
    53: "not attached to network due to MT functionality restrictions",
    54: "modem not allowed - MT restricted to emergency calls only",
    55: "operation not allowed because of MT functionality restrictions",
    56: "fixed dial number only allowed - called number is not a fixed dial number",
    57: "temporarily out of service due to other MT usage",
    58: "language/alphabet not supported",
    59: "unexpected data value",
    60: "system failure",
    61: "data missing",
    62: "call barred",
    63: "message waiting indication subscription failure",
    100: "unknown",
    102: "IMSI unknown in HSS",
    103: "illegal MS",
    104: "IMSI unknown in VLR",
    105: "IMEI not accepted",
    106: "illegal ME",
    107: "GPRS services not allowed",
    108: "GPRS services and non-GPRS services not allowed",
    109: "MS identity cannot be derived by the network",
    110: "implicitly detached",
    111: "PLMN not allowed",
    112: "location area not allowed",
    113: "roaming not allowed in this location area",
    114: "GPRS services not allowed in this PLMN",
    115: "no suitable cells in location area",
    116: "MSC temporarily not reachable",
    117: "network failure",
    118: "CS domain not available",
    119: "ESM failure",
    122: "congestion",
    126: "insufficient resources",
    127: "missing or unknown APN",
    128: "unknown PDP address or PDP type",
    129: "user authentication failed",
    130: "activation rejected by GGSN, Serving GW or PDN GW",
    131: "activation rejected, unspecified",
    132: "service option not supported",
    133: "requested service option not subscribed",
    134: "service option temporarily out of order",
    148: "unspecified GPRS error",
    149: "PDP authentication failure",
    150: "invalid mobile class",
    171: "last PDN disconnection not allowed",
    177: "operator determined barring",
    178: "maximum number of bearers reached",
    179: "requested APN not supported in current RAT and PLMN combination",
}


def cme_text(code: int) -> str:
    """Return the words of an error number; ``unknown`` (27.007: 100) where it has none."""
    return CME_TEXTS.get(code, CME_TEXTS[100])


_UNSPECIFIED = 148
_ESM_NUMBERS = {8: 177, 49: 171, 65: 178, 66: 179} | {
    cause: 100 + cause for cause in range(26, 35)
}


def emm_number(cause: int) -> int:
    """Return the error number of a refused attach: 100 more than its EMM cause."""
    return 100 + cause if cause < 26 and 100 + cause in CME_TEXTS else _UNSPECIFIED


def esm_number(cause: int) -> int:
    """Return the error number of a refused data connection; 148: there is none of its own."""
    return _ESM_NUMBERS.get(cause, _UNSPECIFIED)


def refusal_text(layer: str, cause: int) -> str:
    """Return the words of a refusal; ``layer`` is ``EMM`` or ``ESM``."""
    return cme_text(emm_number(cause) if layer == "EMM" else esm_number(cause))
