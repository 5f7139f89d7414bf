"""What a SIM7000 or SIM800 says on CIP commands, as scripts, and a driver led through it."""

import asyncio

from ip_commands.modem_drivers import models
from tests.portable.at_script import play

SERVICE = ("100.64.0.1", 6969)

START = """
    >| +++\\x1bAT\\r
    < OK
    > ATE0
    < OK
    > AT+CMEE=1
    < OK
    > AT+CIPSPRT=1
    < OK
    > AT+CIPQSEND=0
    < OK
    > AT+CLTS=1
    < OK
    > AT+CPSMSTATUS=1
    < OK
    > AT+CIPSHUT
    < SHUT OK
    > AT+CEREG=4
    < OK
"""
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
    < +CEREG: 4,5,"2b67","1a2d003",7,,,"00000000","00000000"
    < OK
"""
UP = """
    > AT+CIPSTATUS
    < OK
    < STATE: IP INITIAL
    > AT+CIPSHUT
    < SHUT OK
    > AT+CIPMUX={multi}
    < OK
    > AT+CIPMODE=0
    < OK
    > AT+CIPHEAD=1
    < OK
    > AT+CIPSRIP=1
    < OK
    > AT+CIPRXGET={manual}
    < OK
    > AT+CSTT="super"
    < OK
    > AT+CIICR
    < DST: 0
    < *PSUTTZ: 19/06/26,06:04:03","+32",0
    < OK
    > AT+CIFSR;E0
    < 10.78.245.128
    < OK
"""
READY = """
    > AT+CIPSTATUS
    < OK
    < STATE: IP STATUS
"""
OPEN = """
    > AT+CLPORT="UDP",4242
    < OK
    > AT+CIPUDPMODE=1
    < OK
    > AT+CIPSTART="UDP","100.64.0.1","6969"
    < OK
    < CONNECT OK
    > AT+CIPSEND?
    < +CIPSEND: 1460
    < OK
"""
OPEN_SECOND = """
    > AT+CIPCLOSE=0
    < ERROR
    > AT+CLPORT=0,"UDP",4242
    < OK
    > AT+CIPUDPMODE=0,1
    < OK
    > AT+CIPSTART=0,"UDP","100.64.0.1","6969"
    < OK
    < 0, CONNECT OK
    > AT+CIPSEND?
    < +CIPSEND: 0,1460
    < +CIPSEND: 1,0
    < OK
"""
EMPTY = "> AT+CIPRXGET=2,1460\n< +CIPRXGET: 2,0,0\n< OK\n"


async def converse(script, use, cut_bytes=0, model="SIM7000G", **options):
    """Play a script behind START and ATTACH; ``use(modem)`` gets an attached modem."""
    values = (
        ("multi", str(int(options.get("connections", 1) > 1))),
        ("manual", str(int(not options.get("push", True)))),
    )

    async def attached(modem):
        await modem.start()
        await modem.attach("super", 60000)
        result = await use(modem)
        assert modem.at.handler_errors == 0
        assert modem.at.parser.bad_lengths == modem.at.parser.dropped_lines == 0
        return result

    async with asyncio.timeout(3600):
        return await play(
            START + ATTACH + UP + script,
            lambda stream: models.create(model, stream, **options),
            attached,
            cut_bytes,
            values,
        )
