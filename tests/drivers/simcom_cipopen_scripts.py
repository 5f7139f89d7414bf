"""What a SIM7600 or A76XX says on CIPOPEN commands, as scripts, and a driver led through it."""

import asyncio

from ip_commands.modem_drivers import models
from tests.portable.at_script import play

SERVICE = ("100.64.0.1", 6969)

NET_DOWN = "> AT+NETOPEN?\n< +NETOPEN: 0\n< OK\n"
NET_UP = "> AT+NETOPEN?\n< +NETOPEN: 1\n< OK\n"
HELLO = (
    ">| +++\\x1bAT\\r\n< OK\n> ATE0\n< OK\n> AT+CMEE=1\n< OK\n"
    "> AT+CSOCKSETPN=1\n< OK\n> AT+CTZU=1\n< OK\n"
)
START = HELLO + NET_DOWN + "> AT+CEREG=2\n< OK\n"
ATTACH = """
    > AT+CPIN?
    < +CPIN: READY
    < OK
    > AT+CGDCONT?
    < +CGDCONT: 1,"IP","super","0.0.0.0",0,0,0,0
    < OK
    > AT+CFUN?
    < +CFUN: 1
    < OK
    > AT+CEREG?
    < +CEREG: 2,5,"2b67","1a2d003",7
    < OK
"""
PUSHED = """
    > AT+CIPCCFG=10,0,0,1,1,0,500
    < OK
    > AT+CIPHEAD=1
    < OK
    > AT+CIPSRIP=1
    < OK
    > AT+CIPRXGET=0
    < OK
"""
BUFFERED = PUSHED.replace("500", "500,1").replace("CIPRXGET=0", "CIPRXGET=5")
NETOPEN = "> AT+NETOPEN\n< OK\n< +NETOPEN: 0\n"
OPEN = NET_UP + '> AT+CIPOPEN=0,"UDP",,,4242\n< +CIPOPEN: 0,0\n< OK\n'
NO_DATA = "> AT+CIPRXGET=2,0,1500\n< +IP ERROR: No data\n< ERROR\n"
STATES = "> AT+CIPCLOSE?\n< +CIPCLOSE: {0},0,0,0,0,0,0,0,0,0\n< OK\n"
SEND = """
    > AT+CIPSEND=0,2,"100.64.0.1",6969
    <| \\r\\n\\x3e
    >| hi
"""


async def converse(script, use, cut_bytes=0, model="SIM7600", settings=None, **options):
    """Play a script behind start and attach; ``use(modem)`` gets an attached modem."""
    if settings is None:
        settings = BUFFERED if model.startswith("A76") else PUSHED

    async def attached(modem):
        await modem.start()
        await modem.attach("super", 60000)
        result = await use(modem)
        assert modem.at.handler_errors == 0
        assert modem.at.parser.bad_lengths == modem.at.parser.dropped_lines == 0
        return result

    async with asyncio.timeout(3600):
        return await play(
            START + ATTACH + NET_DOWN + settings + NETOPEN + script,
            lambda stream: models.create(model, stream, **options),
            attached,
            cut_bytes,
        )
