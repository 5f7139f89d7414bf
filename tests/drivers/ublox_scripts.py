"""What the scripts of the u-blox driver have in common."""

import pytest

from ip_commands.device.errors import ReceiveTimeout
from tests.drivers import conversation

START = (
    ">| +++\\x1bAT\\r\n< OK\n> ATE0\n< OK\n> AT+CMEE=1\n< OK\n> AT+CGEREP=1\n< OK\n"
    + "".join(f"> AT+USOCTL={number},0\n< +USOCTL: {number},0,0\n< OK\n" for number in range(7))
    + "> AT+CEREG=5\n< +CME ERROR: 4\n> AT+CEREG=4\n< OK\n"
)
BINARY = "> AT+UDCONF=1,0\n< OK\n"
PSM = '> AT+CPSMS?\n< +CPSMS:0,,,"01100000","00000000"\n< OK\n'
AWAKE = PSM + "> AT+UPSV=0\n< OK\n"
R4_START = START + BINARY + AWAKE
CONTEXT = "> AT+CGACT?\n< +CGACT: 1,1\n< OK\n"
OPEN = CONTEXT + "> AT+USOCR=17,5684\n< +USOCR: 0\n< OK\n> AT+USOLI=0,5684\n< OK\n"
NOTHING = "> AT+USORF=0,1024\n< +USORF: 0,0\n< OK\n"
ALIVE = "> AT+USOCTL=0,0\n< +USOCTL: 0,0,17\n< OK\n"
LONG = bytes(range(256)) * 5 + b'\r\nOK\r\n","\r\n> @\x00\x1a\r'
assert len(LONG) == 1297


async def converse(script, use, model="SARA-R410M", **options):
    return await conversation.converse(script, use, model, **options)


async def received(modem, count=1):
    socket = await modem.open_udp(5684)
    datagrams = [await socket.receive(5000) for _ in range(count)]
    with pytest.raises(ReceiveTimeout):
        await socket.receive(500)
    return datagrams, socket


def part(payload, port=6969):
    """A script's line for a read's answer."""
    text = "".join(f"\\x{byte:02x}" for byte in payload)
    return f'<| \\r\\n+USORF: 0,"100.64.0.1",{port},{len(payload)},"{text}"\\r\\n\\r\\nOK\\r\\n\n'
