"""The dialects of nRF91 modems with Serial LTE Modem (SLM) and Serial Modem (SM) firmware.

Sources: those that ``host_sim/fake_modems/nordic`` names.
"""

from ip_commands.host_sim.faults.dialects.dialect import Dialect

_NORDIC_URCS = {
    # the subscription of %XTIME is the host's; its form is that of Nordic's AT reference
    "time": ('%XTIME: "80","62113021754080","01"',),
    "sms": ('+CMTI: "SM",4',),
    "ring": ("RING",),
    "context": ("+CGEV: ME PDN DEACT 0",),
    "boot": ("Ready",),
}

NORDIC_SLM = Dialect(
    "nordic-slm",
    {
        "read": ("AT#XRECV",),
        "send": ("AT#XSEND", "AT#XUDPSEND"),
        "open": ("AT#XSOCKET=1", "AT#XSOCKET=2", "AT#XBIND", "AT#XUDPSVR=1"),
        "close": ("AT#XSOCKET=0", "AT#XUDPSVR=0", "AT#XCLOSE"),
        "sim": ("AT%XICCID",),
        "edrx": ("AT%XPTW",),
    },
    (
        r'#XRECVFROM: (?P<length>\d+),"(?P<address>[^"]*)",(?P<port>\d+)\r\n',
        r"#XRECV: (?P<length>\d+)\r\n",
        r'#XUDPDATA: (?P<length>\d+)(?:,"(?P<address>[^"]*)",(?P<port>\d+))?\r\n',
        r"#XUDPRECV: 1, (?P<length>\d+)\r\n",
    ),
    (
        r"#XPOLL: (?P<id>\d+),",
        r"#XSOCKET: (?P<id>\d+),",
        r"#XUDPSVR: (?P<id>\d+),",
        # data first, then the header (SDK 1.8 and before)
        r'#XRECVFROM: (?P<length>\d+)(?:,"(?P<address>[\d.]+):(?P<port>\d+)")?\r\n',
    ),
    _NORDIC_URCS | {"data": ('#XPOLL: 0,"0x0001"',), "closed": ('#XUDPSVR: -115,"stopped"',)},
    no_sim_registration=90,
    escape_guard_ms=0,
    escape_answer=b"\r\n#XDATAMODE: 0\r\n",
    sent=b"\r\n#XDATAMODE: 0\r\n",
)

NORDIC_SM = Dialect(
    "nordic-sm",
    {
        "read": ("AT#XRECV=", "AT#XRECVFROM"),
        "send": ("AT#XSEND",),
        "open": ("AT#XSOCKET=", "AT#XBIND"),
        "close": ("AT#XCLOSE",),
        "sim": ("AT%XICCID",),
        "edrx": ("AT%XPTW",),
    },
    (
        r'#XRECVFROM: (?P<id>\d+),[01],(?P<length>\d+),"(?P<address>[^"]*)",(?P<port>\d+)\r\n',
        r"#XRECV: (?P<id>\d+),[01],(?P<length>\d+)\r\n",
    ),
    (
        r"#XAPOLL: (?P<id>\d+),",
        r"#XSOCKET: (?P<id>\d+),",
        r"#XCLOSE: (?P<id>\d+),",
        r"#XSENDTO: (?P<id>\d+),\d+,(?P<length>\d+)",
    ),
    _NORDIC_URCS | {"data": ("#XAPOLL: 0,1",), "closed": ("#XAPOLL: 0,17",)},
    no_sim_registration=90,
    escape_guard_ms=0,
    escape_answer=b"\r\n#XDATAMODE: 0\r\n",
    sent=b"\r\n#XDATAMODE: 0\r\n",
)
