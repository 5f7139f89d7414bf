"""The CIP and CIPOPEN drivers on both Pythons: push with senders, a buffered read, a send."""

# heap: 136wK, because the scripts and the tests' own code are in it besides the driver

from ip_commands.device.errors import NotAttached, ReceiveTimeout, SocketClosed
from ip_commands.modem_drivers.simcom_cip import SimcomCipModem
from ip_commands.modem_drivers.simcom_cipopen import SimcomCipopenModem
from tests.portable.at_script import play
from tests.portable.raises import raises

SERVICE = ("100.64.0.1", 6969)
START = ">| +++\\x1bAT\\r\n< OK\n> ATE0\n< OK\n> AT+CMEE=1\n< OK\n"
CIP_START = START + "".join(
    ["> AT+%s\n< OK\n" % text for text in ("CIPSPRT=1", "CIPQSEND=0", "CLTS=1", "CPSMSTATUS=1")]
)
CIP_START += "> AT+CIPSHUT\n< SHUT OK\n> AT+CEREG=4\n< OK\n"
STATE = "> AT+CIPSTATUS\n< OK\n< STATE: "
CIP_UP = STATE + "IP INITIAL\n> AT+CIPSHUT\n< SHUT OK\n"
for _text in ("CIPMUX=0", "CIPMODE=0", "CIPHEAD=1", "CIPSRIP=1", "CIPRXGET={asked}"):
    CIP_UP += "> AT+%s\n< OK\n" % _text
CIP_UP += '> AT+CSTT="super"\n< OK\n> AT+CIICR\n< OK\n> AT+CIFSR;E0\n< 10.0.0.1\n< OK\n'
CIP_OPEN = '> AT+CLPORT="UDP",4242\n< OK\n> AT+CIPUDPMODE=1\n< OK\n'
CIP_OPEN += '> AT+CIPSTART="UDP","100.64.0.1","6969"\n< OK\n< CONNECT OK\n'
CIP_OPEN += "> AT+CIPSEND?\n< +CIPSEND: 1460\n< OK\n"
PAYLOAD = bytes(range(256)) * 5 + b"\r\nOK\r\n> +IPD,9:\x00\x1a\r"


def hexed(payload):
    return "".join(["\\x%02x" % byte for byte in payload])


async def cip(script, use, push, cut_bytes):
    async def opened(modem):
        await modem.start()
        with raises(NotAttached, "attach"):
            await modem.open_udp(4242)
        modem._apn = "super"  # as attach() leaves it
        await use(await modem.open_udp(4242))
        assert modem.at.handler_errors == 0

    said = CIP_START + STATE + "IP INITIAL\n" + CIP_UP + CIP_OPEN + script
    values = (("asked", "0" if push else "1"),)
    await play(said, lambda s: SimcomCipModem(s, push=push), opened, cut_bytes, values)


async def test_cip_pushes_sends_and_tells_the_end():
    script = "< RECV FROM: 100.64.0.1: 6969\n<| \\r\\n+IPD,%d:%s\n" % (
        len(PAYLOAD),
        hexed(PAYLOAD),
    )
    script += '> AT+CIPUDPMODE=2,"100.64.0.2",7\n< OK\n> AT+CIPSEND=3\n<| \\r\\n\\x3e\\x20\n'
    script += '>| \\x00\\x1a"\n< SEND OK\n~ 100\n< +PDP: DEACT\n'

    async def use(socket):
        assert await socket.receive(5000) == (PAYLOAD,) + SERVICE
        await socket.send_to(b'\x00\x1a"', "100.64.0.2", 7)
        with raises(SocketClosed, "DEACT"):
            await socket.receive(5000)

    for cut_bytes in (0, 1):
        await cip(script, use, True, cut_bytes)


async def test_cip_is_asked():
    script = "> AT+CIPRXGET=2,1460\n<| \\r\\n+CIPRXGET: 2,4,0,100.64.0.1:6969\\r\\n>\\r\\nK"
    script += "\\r\\nOK\\r\\n\n> AT+CIPRXGET=2,1460\n< +CIPRXGET: 2,0,0\n< OK\n"

    async def use(socket):
        assert await socket.receive(5000) == (b">\r\nK",) + SERVICE
        with raises(ReceiveTimeout):
            await socket.receive(500)

    await cip(script, use, False, 0)


NET = "> AT+NETOPEN?\n< +NETOPEN: %d\n< OK\n"
CIPOPEN = START + "> AT+CSOCKSETPN=1\n< OK\n> AT+CTZU=1\n< OK\n" + NET % 0
CIPOPEN += "> AT+CEREG=2\n< OK\n" + NET % 0 + "> AT+CIPCCFG=10,0,0,1,1,0,500{by_package}\n< OK\n"
CIPOPEN += "> AT+CIPHEAD=1\n< OK\n> AT+CIPSRIP=1\n< OK\n> AT+CIPRXGET={mode}\n< OK\n"
CIPOPEN += "> AT+NETOPEN\n< OK\n< +NETOPEN: 0\n"
CIPOPEN += '> AT+CIPOPEN=0,"UDP",,,4242\n< +CIPOPEN: 0,0\n< OK\n'
SENT = '> AT+CIPSEND=0,2,"100.64.0.1",6969\n<| \\r\\n\\x3e\n>| hi\n< OK\n< +CIPSEND: 0,2,2\n'


async def cipopen(script, use, model, cut_bytes):
    asked = model == "A7670"

    async def opened(modem):
        await modem.start()
        await use(await modem.open_udp(4242))
        assert modem.at.handler_errors == 0

    values = (("by_package", ",1" if asked else ""), ("mode", "5" if asked else "0"))
    await play(CIPOPEN + script, lambda s: SimcomCipopenModem(s, model), opened, cut_bytes, values)


async def test_cipopen_pushes_and_sends():
    script = "< RECV FROM:100.64.0.1:6969\n<| \\r\\n+RECEIVE,0,%d\\r\\n%s\n" % (
        len(PAYLOAD),
        hexed(PAYLOAD),
    )

    async def use(socket):
        assert await socket.receive(5000) == (PAYLOAD,) + SERVICE
        await socket.send_to(b"hi", *SERVICE)

    for cut_bytes in (0, 1):
        await cipopen(script + SENT, use, "SIM7600", cut_bytes)


async def test_cipopen_is_asked_and_told_that_a_socket_is_gone():
    script = "> AT+CIPRXGET=2,0,1500\n< +CIPRXGETIP:100.64.0.1:6969\n"
    script += "<| \\r\\n+CIPRXGET: 2,0,4,0\\r\\nOK\\r\\n\\r\\n\\r\\nOK\\r\\n\n"
    script += "> AT+CIPRXGET=2,0,1500\n< +IP ERROR: No data\n< ERROR\n" + SENT
    script += "> AT+CIPRXGET=2,0,1500\n< +IP ERROR: No data\n< ERROR\n~ 100\n< +IPCLOSE: 0,1\n"
    script += "> AT+CIPRXGET=2,0,1500\n< +IP ERROR: No data\n< ERROR\n"  # what it may still hold

    async def use(socket):
        assert await socket.receive(5000) == (b"OK\r\n",) + SERVICE
        with raises(ReceiveTimeout):
            await socket.receive(500)
        await socket.send_to(b"hi", *SERVICE)
        with raises(SocketClosed):
            await socket.receive(5000)

    await cipopen(script, use, "A7670", 7)
