"""The u-blox driver on both Pythons: open, a datagram in parts, hex mode, a silent reboot."""

# heap: 128wK, because the scripts and the tests' own code are in it besides the driver

from ip_commands.device.errors import ModemRestarted, PayloadTooLong, ReceiveTimeout
from ip_commands.modem_drivers.ublox import UbloxModem
from tests.portable.at_script import play
from tests.portable.driver_life import SERVICE, opened
from tests.portable.raises import raises

START = ">| +++\\x1bAT\\r\n< OK\n> ATE0\n< OK\n> AT+CMEE=1\n< OK\n> AT+CGEREP=1\n< OK\n"
START += "".join(["> AT+USOCTL=%d,0\n< +CME ERROR: 3\n" % number for number in range(7)])
START += "> AT+CEREG=5\n< OK\n> AT+UDCONF=1,{hex}\n< OK\n> AT+CPSMS?\n< +CPSMS:0\n< OK\n"
START += "> AT+UPSV=0\n< OK\n> AT+CGACT?\n< +CGACT: 1,1\n< OK\n> AT+USOCR=17,4242\n"
START += "< +USOCR: 3,4242\n< OK\n> AT+USOLI=3,4242\n< +CME ERROR: 3\n"
PAYLOAD = bytes(range(256)) * 5 + b'\r\nOK\r\n> ","@\x00\x1a\r\n'


def part(payload):
    text = "".join(["\\x%02x" % byte for byte in payload])
    return '<| \\r\\n+USORF: 3,"100.64.0.1",6969,%d,"%s"\\r\\n\\r\\nOK\\r\\n\n' % (
        len(payload),
        text,
    )


async def run(script, use, hex_mode=False, cut_bytes=0):
    async def with_socket(modem):
        await use(modem, await opened(modem))
        assert modem.at.handler_errors == 0

    values = (("hex", str(int(hex_mode))),)
    await play(
        START + script, lambda s: UbloxModem(s, hex_mode=hex_mode), with_socket, cut_bytes, values
    )


async def test_a_long_datagram_comes_in_two_parts_and_goes_out_in_one_piece():
    script = "< +UUSORF: 3,%d\n> AT+USORF=3,1024\n" % len(PAYLOAD) + part(PAYLOAD[:1024])
    script += "< +UUSORF: 3,%d\n> AT+USORF=3,1024\n" % (len(PAYLOAD) - 1024)
    script += part(PAYLOAD[1024:]) + "> AT+USORF=3,1024\n< +USORF: 3,0\n< OK\n"
    script += '> AT+USOST=3,"100.64.0.1",6969,3\n<| \\r\\n@\n>| \\x00\\x0a"\n< +USOST: 3,3\n< OK\n'

    async def use(modem, socket):
        assert await socket.receive(5000) == (PAYLOAD,) + SERVICE
        with raises(ReceiveTimeout):
            await socket.receive(500)
        with raises(PayloadTooLong, "1024"):
            await socket.send_to(b"x" * 1025, *SERVICE)
        await socket.send_to(b'\x00\n"', *SERVICE)

    for cut_bytes in (0, 1):
        await run(script, use, cut_bytes=cut_bytes)


async def test_hex_mode():
    script = '> AT+USOST=3,"100.64.0.1",6969,3,"00ff22"\n< +USOST: 3,3\n< OK\n'
    script += '> AT+USORF=3,512\n< +USORF: 3,"100.64.0.1",6969,2,"0D0A"\n< OK\n'

    async def use(modem, socket):
        await socket.send_to(b'\x00\xff"', *SERVICE)
        assert await socket.receive(5000) == (b"\r\n",) + SERVICE

    await run(script, use, hex_mode=True)


async def test_a_reboot_without_a_word_is_told():
    script = "> AT+USORF=3,1024\n< ERROR\n" + "> AT+USOCTL=3,0\n< ERROR\n" * 2
    script += "> AT+CMEE?\n< +CMEE: 0\n< OK\n"

    async def use(modem, socket):
        with raises(ModemRestarted, "booted"):
            await socket.receive(5000)

    await run(script, use)
