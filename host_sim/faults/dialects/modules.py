"""The dialects of Quectel, u-blox, Sequans and Telit modules.

Sources: those that ``host_sim/fake_modems`` names for each family; network time, SMS and ring
lines from users' logs (vshymanskyy/TinyGSM issues 471, 682, 739, arduino-libraries/MKRNB 28).
"""

from ip_commands.host_sim.faults.dialects.dialect import Dialect

_SMS, _RING = ('+CMTI: "SM",4',), ("RING",)

QUECTEL = Dialect(
    "quectel",
    {
        "read": ("AT+QIRD",),
        "send": ("AT+QISEND",),
        "open": ("AT+QIOPEN",),
        "close": ("AT+QICLOSE",),
        "context": ("AT+QIACT", "AT+QIDEACT", "AT+QICSGP"),
        "psm": ("AT+QPSMS",),
        "sim": ("AT+QCCID",),
        "clock": ("AT+QLTS",),
    },
    (
        r'\+QIRD: (?P<length>\d+)(?:,"(?P<address>[^"]*)",(?P<port>\d+))?(?:\r\n|,)(?!\d+,\d+\r)',
        r'\+QIURC: "recv",(?P<id>\d+),(?P<length>\d+),"(?P<address>[^"]*)",(?P<port>\d+)\r\n',
    ),
    (
        r'\+QIURC: "(?:recv|closed)",(?P<id>\d+)(?:,(?P<length>\d+))?',
        r"\+QIOPEN: (?P<id>\d+),",
        r'\+QISTATE: (?P<id>\d+),"[^"]*","(?P<address>[^"]*)",(?P<port>\d+)',
    ),
    {
        "time": ("+CTZV: 44",),
        "sms": _SMS,
        "ring": _RING,
        "data": ('+QIURC: "recv",0',),
        "closed": ('+QIURC: "closed",0',),
        "context": ('+QIURC: "pdpdeact",1',),
        "boot": ("RDY", "APP RDY"),
    },
    ("+CPIN: NOT READY",),
    ("+CPIN: READY",),
    sent=b"\r\nSEND OK\r\n",
)

UBLOX = Dialect(
    "ublox",
    {
        "read": ("AT+USORF", "AT+USORD"),
        "send": ("AT+USOST", "AT+USOWR"),
        "open": ("AT+USOCR", "AT+USOLI"),
        "close": ("AT+USOCL",),
        "context": ("AT+UPSD", "AT+UPSDA", "AT+UPSND"),
        "psm": ("AT+UCPSMS",),
        "sim": ("AT+CCID",),
    },
    (
        r'\+USORF: (?P<id>\d+),"(?P<address>[^"]*)",(?P<port>\d+),(?P<length>\d+),"',
        r'\+USORD: (?P<id>\d+),(?P<length>\d+),"',
    ),
    (
        r"\+UUSOR[FD]: (?P<id>\d+),(?P<length>\d+)",
        r"\+USOR[FD]: (?P<id>\d+),(?P<length>\d+)",
        r"\+UUSOCL: (?P<id>\d+)",
        r"\+USOCR: (?P<id>\d+)(?:,(?P<port>\d+))?",
        r"\+USOST: (?P<id>\d+),(?P<length>\d+)",
    ),
    {
        "time": ("+CTZV: 44",),
        "sms": _SMS,
        "ring": _RING,
        "data": ("+UUSORF: 0,5",),
        "closed": ("+UUSOCL: 0",),
        "context": ("+UUPSDD: 0",),
        "boot": (),
    },
)

SEQUANS = Dialect(
    "sequans",
    {
        "read": ("AT+SQNSRECV",),
        "send": ("AT+SQNSSEND",),
        "open": ("AT+SQNSD", "AT+SQNSLUDP"),
        "close": ("AT+SQNSH=",),
        "edrx": ("AT+SQNEDRX",),
        "sim": ("AT+SQNCCID", "AT+CCID"),
    },
    (
        r"\+SQNSRECV: (?P<id>\d+),(?P<length>\d+)"
        r'(?:,"?(?P<address>[\d.]+)"?,(?P<port>\d+))?\r\n',
        r"\+SQNSRING: (?P<id>\d+),(?P<length>\d+),",
    ),
    (
        r"\+SQNSRING: (?P<id>\d+)(?:,(?P<length>\d+))?",
        r"\+SQNSH: (?P<id>\d+)",
        r"\+SQNSI: (?P<id>\d+),\d+,\d+,(?P<length>\d+)",
        r'\+SQNSS: (?P<id>\d+),\d+,"[^"]*",(?P<port>\d+),"(?P<address>[^"]*)"',
    ),
    {
        "time": ("+CTZV: 4",),
        "sms": _SMS,
        "ring": _RING,
        "data": ("+SQNSRING: 1,5",),
        "closed": ("+SQNSH: 1",),
        "context": ("+CGEV: NW PDN DEACT 1",),
        "boot": ("+SYSSTART",),
    },
)

TELIT = Dialect(
    "telit",
    {
        "read": ("AT#SRECV",),
        "send": ("AT#SSEND",),
        "open": ("AT#SD=", "AT#SLUDP", "AT#SA="),
        "close": ("AT#SH=",),
        "context": ("AT#SGACT", "AT#CGPADDR"),
        "psm": ("AT#CPSMS",),
        "sim": ("AT#CCID",),
    },
    (
        r'#SRECV: ?"?(?P<address>[\d.]+)"?,(?P<port>\d+),(?P<id>\d+),(?P<length>\d+),\d+\r\n',
        r"#SRECV: ?(?P<id>\d+),(?P<length>\d+)\r\n",
        r'SRING ?: "?(?P<address>[\d.]+)"?,(?P<port>\d+),(?P<id>\d+),(?P<length>\d+),\d+,',
        r"SRING ?: (?P<id>\d+),(?P<length>\d+),",
    ),
    (
        r"SRING ?: (?P<id>\d+)(?:,(?P<length>\d+))?",
        r"NO CARRIER: (?P<id>\d+)",
        r"#SI: (?P<id>\d+),\d+,\d+,(?P<length>\d+)",
        r"#SS: (?P<id>\d+),\d+,[\d.]+,(?P<port>\d+)",
    ),
    {
        "time": ("#NITZ: 26/11/30,12:57:04",),
        "sms": _SMS,
        "ring": _RING,
        "data": ("SRING: 1,5",),
        "closed": ("NO CARRIER",),
        "context": ("NO CARRIER",),
        "boot": (),
    },
)
