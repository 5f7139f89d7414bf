"""The three dialects of SIMCom modules: CA, CIP and CIPOPEN commands.

Sources: those that ``host_sim/fake_modems/simcom`` names; network time lines from logs of real
modules (botletics/SIM7000-LTE-Shield, vshymanskyy/TinyGSM issues 471, 682 and 739).
"""

from ip_commands.host_sim.faults.dialects.dialect import Dialect

_NOISE = {"sms": ('+CMTI: "SM",4',), "ring": ("RING",)}
_NITZ = ("DST: 1", '*PSUTTZ: 26/11/30,12:57:04","+12",0')

SIMCOM_CA = Dialect(
    "simcom-ca",
    {
        "read": ("AT+CARECV=",),
        "send": ("AT+CASEND",),
        "open": ("AT+CASERVER", "AT+CAOPEN"),
        "close": ("AT+CACLOSE",),
        "context": ("AT+CNACT", "AT+CNCFG"),
        "psm": ("AT+CPSMRDP", "AT+CPSMSTATUS"),
        "sim": ("AT+CCID",),
    },
    (
        r"\+CARECV: (?P<address>\d+\.\d+\.\d+\.\d+),(?P<port>\d+),(?P<length>\d+),",
        r"\+CARECV: (?P<length>\d+),",
        r'\+CAURC: "recv",(?P<id>\d+),(?P<length>\d+)'
        r"(?:,(?P<address>[\d.]+),(?P<port>\d+))?\r\n",
    ),
    (
        r"\+CADATAIND: (?P<id>\d+)",
        r"\+CANEW: (?P<id>\d+),\d+,(?P<address>[\d.]+),(?P<port>\d+)",
        r"\+CASTATE: (?P<id>\d+),",
        r"\+CASERVER: (?P<id>\d+),",
        r"\+CAOPEN: (?P<id>\d+),",
    ),
    _NOISE
    | {
        "time": _NITZ,
        "data": ("+CADATAIND: 0",),
        "closed": ("+CASTATE: 0,0",),
        "context": ("+APP PDP: 0,DEACTIVE",),
        "boot": ("RDY", "+CFUN: 1", "+CPIN: READY", "SMS Ready"),
    },
    ("+CPIN: NOT READY",),
    ("+CPIN: READY",),
)

SIMCOM_CIP = Dialect(
    "simcom-cip",
    {
        "read": ("AT+CIPRXGET=2", "AT+CIPRXGET=3"),
        "send": ("AT+CIPSEND",),
        "open": ("AT+CIPSTART",),
        "close": ("AT+CIPCLOSE",),
        "context": ("AT+CSTT", "AT+CIICR", "AT+CIFSR", "AT+CIPSHUT", "AT+CNACT", "AT+SAPBR"),
        "psm": ("AT+CPSMSTATUS",),
        "sim": ("AT+CCID",),
    },
    (
        r"\+CIPRXGET: [23],(?:(?P<id>\d+),)?(?P<length>\d+),\d+"
        r"(?:,(?P<address>[\d.]+):(?P<port>\d+))?\r\n",
        r"RECV FROM: ?(?P<address>[\d.]+): ?(?P<port>\d+)\r\n(?:\r\n)?"
        r"\+IPD,(?P<length>\d+)(?:,UDP)?:",
        r"\+IPD,(?P<length>\d+)(?:,UDP)?:",
        r"\+RECEIVE,(?P<id>\d+),(?P<length>\d+)(?:,(?P<address>[\d.]+):(?P<port>\d+))?:?\r\n",
    ),
    (
        r"\+CIPRXGET: 1(?:,(?P<id>\d+))?(?:,(?P<address>[\d.]+):(?P<port>\d+))?\r\n",
        r"\+CIPRXGET: 4,(?:(?P<id>\d+),)?(?P<length>\d+)",
        r"(?P<id>\d), C",
    ),
    _NOISE
    | {
        "time": _NITZ,
        "data": ("+CIPRXGET: 1",),
        "closed": ("CLOSED",),
        "context": ("+PDP: DEACT",),
        "boot": ("RDY", "+CFUN: 1", "+CPIN: READY", "SMS Ready"),
    },
    ("+CPIN: NOT READY",),
    ("+CPIN: READY",),
    sent=b"\r\nSEND OK\r\n",
)

SIMCOM_CIPOPEN = Dialect(
    "simcom-cipopen",
    {
        "read": ("AT+CIPRXGET=2", "AT+CIPRXGET=3"),
        "send": ("AT+CIPSEND",),
        "open": ("AT+CIPOPEN",),
        "close": ("AT+CIPCLOSE",),
        "context": ("AT+NETOPEN", "AT+NETCLOSE", "AT+IPADDR", "AT+CSOCKSETPN"),
        "sim": ("AT+CICCID", "AT+CCID"),
    },
    (
        r"\+CIPRXGETIP:(?P<address>[\d.]+):(?P<port>\d+)\r\n"
        r"\+CIPRXGET: [23],(?P<id>\d+),(?P<length>\d+),\d+\r\n",
        r"\+CIPRXGET: [23],(?P<id>\d+),(?P<length>\d+),\d+\r\n",
        r"RECV FROM:(?P<address>[\d.]+):(?P<port>\d+)\r\n\+IPD(?P<length>\d+)\r\n",
        r"RECV FROM:(?P<address>[\d.]+):(?P<port>\d+)\r\n"
        r"\+RECEIVE,(?P<id>\d+),(?P<length>\d+):?\r\n",
        r"\+IPD(?P<length>\d+)\r\n",
        r"\+RECEIVE,(?P<id>\d+),(?P<length>\d+):?\r\n",
    ),
    (
        r"\+CIPRXGET: 1,(?P<id>\d+)",
        r"\+CIPRXGET: 4,(?P<id>\d+),(?P<length>\d+)",
        r"\+CIPSEND: (?P<id>\d+),(?P<length>\d+),",
        r"\+IPCLOSE: (?P<id>\d+),",
        r"\+CIPOPEN: (?P<id>\d+),",
    ),
    _NOISE
    | {
        "time": ("+NITZ: 1", "+CTZV: 44"),
        "data": ("+CIPRXGET: 1,0",),
        "closed": ("+IPCLOSE: 0,1",),
        "context": ("+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY",),
        "boot": ("RDY", "+CPIN: READY", "SMS DONE", "PB DONE"),
    },
    ("+CPIN: NOT READY",),
    ("+CPIN: READY",),
)
