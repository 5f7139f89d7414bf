"""One model of each dialect, and how a host brings it up, reads and sends.

What a family's lines look like is written here a second time, from the vendors' manuals, so that a
wrong table in ``host_sim.faults`` cannot agree with itself.
"""

from dataclasses import dataclass, field

import pytest

OK = b"\r\nOK\r\n"


@dataclass(frozen=True)
class Family:
    """How one model is brought up, read and sent with."""

    model: str
    open: tuple[str, ...]
    """Command lines after the attach."""
    read: str
    answer: bytes
    """To ``read`` when ``hello`` waits, with its final result."""
    send: str
    """Asks to send ``hello``."""
    prompt: bytes
    sent: bytes
    """Follows the payload."""
    final: bytes = b""
    """The final result in ``sent``, where it is not all of it."""
    notice: bytes = b""
    """Says that ``hello`` waits; b"": this dialect says nothing."""
    closed: bytes = b""
    """Says that the socket was closed by the network."""
    context_lost: bytes = b""
    """Said when the network deactivates the data connection."""
    reads_closed: bool = False
    """What a closed socket holds stays readable."""
    first_datagram: str = ""
    """Command that a first datagram must be accepted with."""
    echoes: bool = True
    boot: bytes = b""
    autobaud: bool = False
    """Nothing is said before the first AT (``fixed-baud`` is a quirk)."""
    time_noise: bytes = b""
    wrong: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)
    """Field -> (how it stands in ``answer``, what stands there when it is wrong)."""

    @property
    def said_at_boot(self) -> bytes:
        """What a host hears that types nothing."""
        return b"" if self.autobaud else self.boot


FAMILIES = (
    Family(
        "bg95",
        (
            'AT+QICSGP=1,1,"super","","",0',
            "AT+QIACT=1",
            'AT+QIOPEN=1,0,"UDP SERVICE","127.0.0.1",0,4242,0',
        ),
        "AT+QIRD=0",
        b'\r\n+QIRD: 5,"100.64.0.1",6969\r\nhello\r\n' + OK,
        'AT+QISEND=0,5,"100.64.0.1",6969',
        b"\r\n> ",
        b"\r\nSEND OK\r\n",
        notice=b'\r\n+QIURC: "recv",0\r\n',
        closed=b'\r\n+QIURC: "closed",0\r\n',
        context_lost=b'\r\n+QIURC: "pdpdeact",1\r\n',
        reads_closed=True,
        boot=b"\r\nRDY\r\n\r\nAPP RDY\r\n",
        time_noise=b"\r\n+CTZV: 44\r\n",
        wrong={
            "address": (b"100.64.0.1", b"203.0.113.9"),
            "port": (b",6969", b",9"),
            "length": (b"QIRD: 5", b"QIRD: 6"),
        },
    ),
    Family(
        "sim7080g",
        (
            "AT+CNACT=0,1",
            "AT+CASRIP=1",
            'AT+CASERVER=0,0,"UDP",4242',
            'AT+CACFG="REMOTEADDR",0,100.64.0.1,6969',
        ),
        "AT+CARECV=0,1460",
        b"\r\n+CARECV: 100.64.0.1,6969,5,hello\r\n" + OK,
        "AT+CASEND=0,5",
        b"\r\n>",
        OK,
        notice=b"\r\n+CADATAIND: 0\r\n\r\n+CANEW: 0,0,100.64.0.1,6969\r\n",
        closed=b"\r\n+CASTATE: 0,0\r\n",
        context_lost=b"\r\n+APP PDP: 0,DEACTIVE\r\n\r\n+CASTATE: 0,0\r\n",
        reads_closed=True,
        boot=b"\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n\r\nSMS Ready\r\n",
        autobaud=True,
        time_noise=b'\r\nDST: 1\r\n\r\n*PSUTTZ: 26/11/30,12:57:04","+12",0\r\n',
        wrong={
            "address": (b"100.64.0.1", b"203.0.113.9"),
            "port": (b",6969", b",9"),
            "length": (b",5,", b",6,"),
        },
    ),
    Family(
        "sim7000g",
        (
            "AT+CIPSHUT",
            "AT+CIPMUX=0",
            'AT+CSTT="super"',
            "AT+CIICR",
            "AT+CIFSR",
            'AT+CLPORT="UDP",4242',
            "AT+CIPUDPMODE=1",
            "AT+CIPSRIP=1",
            "AT+CIPRXGET=1",
            'AT+CIPSTART="UDP","100.64.0.1","6969"',
        ),
        "AT+CIPRXGET=2,1460",
        b"\r\n+CIPRXGET: 2,5,0,100.64.0.1:6969\r\nhello" + OK,
        "AT+CIPSEND=5",
        b"\r\n> ",
        b"\r\nSEND OK\r\n",
        notice=b"\r\n+CIPRXGET: 1,100.64.0.1:6969\r\n",
        closed=b"\r\nCLOSED\r\n",
        context_lost=b"\r\n+PDP: DEACT\r\n",
        boot=b"\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n\r\nSMS Ready\r\n",
        autobaud=True,
        time_noise=b'\r\nDST: 1\r\n\r\n*PSUTTZ: 26/11/30,12:57:04","+12",0\r\n',
        wrong={
            "address": (b"100.64.0.1", b"203.0.113.9"),
            "port": (b":6969", b":9"),
            "length": (b"2,5,0", b"2,6,0"),
        },
    ),
    Family(
        "sim7600",
        ("AT+CIPRXGET=1", "AT+NETOPEN", 'AT+CIPOPEN=0,"UDP",,,4242'),
        "AT+CIPRXGET=2,0,1500",
        b"\r\n+CIPRXGET: 2,0,5,0\r\nhello" + OK,
        'AT+CIPSEND=0,5,"100.64.0.1",6969',
        b"\r\n>",
        OK + b"\r\n+CIPSEND: 0,5,5\r\n",
        final=OK,
        notice=b"\r\n+CIPRXGET: 1,0\r\n",
        closed=b"\r\n+IPCLOSE: 0,1\r\n",
        context_lost=b"\r\n+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY\r\n",
        boot=b"\r\nRDY\r\n\r\n+CPIN: READY\r\n\r\nSMS DONE\r\n\r\nPB DONE\r\n",
        time_noise=b"\r\n+NITZ: 1\r\n\r\n+CTZV: 44\r\n",
        wrong={"id": (b"2,0,5", b"2,5,5"), "length": (b"2,0,5", b"2,0,6")},
    ),
    Family(
        "sara-r510s",
        ("AT+UPSD=0,0,0", "AT+UPSD=0,100,1", "AT+UPSDA=0,3", "AT+USOCR=17,4242"),
        "AT+USORF=0,1024",
        b'\r\n+USORF: 0,"100.64.0.1",6969,5,"hello"\r\n' + OK,
        'AT+USOST=0,"100.64.0.1",6969,5',
        b"\r\n@",
        b"\r\n+USOST: 0,5\r\n" + OK,
        final=OK,
        notice=b"\r\n+UUSORD: 0,5\r\n",
        closed=b"\r\n+UUSOCL: 0\r\n",
        context_lost=b"\r\n+UUPSDD: 0\r\n\r\n+UUSOCL: 0\r\n",
        time_noise=b"\r\n+CTZV: 44\r\n",
        wrong={
            "id": (b"F: 0", b"F: 5"),
            "address": (b"100.64.0.1", b"203.0.113.9"),
            "port": (b",6969", b",9"),
            "length": (b',5,"', b',6,"'),
        },
    ),
    Family(
        "gm02sp",
        (
            "AT+SQNSCFG=1,1,300,0,600,50",
            "AT+SQNSCFGEXT=1,1,0,0,0,0",
            'AT+SQNSD=1,1,6969,"100.64.0.1",0,4242,1,2',
        ),
        "AT+SQNSRECV=1,1500",
        b"\r\n+SQNSRECV: 1,5,100.64.0.1,6969\r\nhello\r\n" + OK,
        'AT+SQNSSENDEXT=1,5,0,"100.64.0.1",6969',
        b"\r\n> ",
        OK,
        notice=b"\r\n+SQNSRING: 1,5\r\n",
        closed=b"\r\n+SQNSH: 1\r\n",
        context_lost=b"\r\n+SQNSH: 1\r\n",
        boot=b"\r\n+SYSSTART\r\n",
        time_noise=b"\r\n+CTZV: 4\r\n",
        wrong={
            "id": (b": 1,", b": 5,"),
            "address": (b"100.64.0.1", b"203.0.113.9"),
            "port": (b",6969", b",9"),
            "length": (b",5,", b",6,"),
        },
    ),
    Family(
        "nrf9160",
        ("AT#XSOCKET=1,2,0", "AT#XBIND=4242"),
        "AT#XRECVFROM=1,64",
        b'\r\n#XRECVFROM: 5,"100.64.0.1",6969\r\nhello' + OK,
        'AT#XSENDTO="100.64.0.1",6969',
        OK,
        b"\r\n#XDATAMODE: 0\r\n",
        echoes=False,
        boot=b"Ready\r\n",
        time_noise=b'\r\n%XTIME: "80","62113021754080","01"\r\n',
        reads_closed=True,
        wrong={
            "address": (b"100.64.0.1", b"203.0.113.9"),
            "port": (b",6969", b",9"),
            "length": (b": 5,", b": 6,"),
        },
    ),
    Family(
        "nrf9151",
        ("AT#XSOCKET=1,2,0", "AT#XBIND=0,4242", "AT#XAPOLL=0,1,1"),
        "AT#XRECVFROM=0,0,64,1",
        b'\r\n#XRECVFROM: 0,0,5,"100.64.0.1",6969\r\nhello' + OK,
        'AT#XSENDTO=0,2,0,"100.64.0.1",6969,5',
        OK,
        b"\r\n#XDATAMODE: 0\r\n",
        notice=b"\r\n#XAPOLL: 0,1\r\n",
        closed=b"\r\n#XAPOLL: 0,16\r\n",
        context_lost=b"\r\n#XAPOLL: 0,32\r\n",
        boot=b"Ready\r\n",
        time_noise=b'\r\n%XTIME: "80","62113021754080","01"\r\n',
        reads_closed=True,
        wrong={
            "id": (b": 0,0,5", b": 5,0,5"),
            "address": (b"100.64.0.1", b"203.0.113.9"),
            "port": (b",6969", b",9"),
            "length": (b",5,", b",6,"),
        },
    ),
    Family(
        "me910c1",
        (
            "AT#SCFG=1,1,1500,0,600,50",
            "AT#SCFGEXT=1,1,0,0,0,0",
            'AT#FRWL=1,"0.0.0.0","0.0.0.0"',
            "AT#SGACT=1,1",
            "AT#SLUDP=1,1,4242",
        ),
        "AT#SRECV=1,1500,1",
        b"\r\n#SRECV: 100.64.0.1,6969,1,5,0\r\nhello\r\n" + OK,
        'AT#SSENDUDPEXT=1,5,"100.64.0.1",6969',
        b"\r\n> ",
        OK,
        notice=b"\r\nSRING: 1,5\r\n",
        closed=b"\r\nNO CARRIER\r\n",
        context_lost=b"\r\nNO CARRIER\r\n",
        time_noise=b"\r\n#NITZ: 26/11/30,12:57:04\r\n",
        first_datagram="AT#SA=1,1",
        wrong={
            "id": (b",1,5,0", b",5,5,0"),
            "address": (b"100.64.0.1", b"203.0.113.9"),
            "port": (b",6969", b",9"),
            "length": (b",5,0", b",6,0"),
        },
    ),
)
BY_MODEL = {family.model: family for family in FAMILIES}

each_family = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.model)
