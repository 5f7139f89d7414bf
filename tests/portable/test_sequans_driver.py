"""The Sequans driver on both Pythons: the kinds of sockets, senders, what ends a socket."""

# heap: 128wK, because the scripts and the tests' own code are in it besides the driver

from ip_commands.device.errors import ModemRestarted, ReceiveTimeout, SocketClosed
from ip_commands.modem_drivers.sequans import SequansModem
from tests.portable.at_script import play
from tests.portable.driver_life import opened
from tests.portable.raises import raises

START = ">| +++\\x1bAT\\r\n< OK\n> ATE0\n< OK\n> AT+CMEE=1\n< OK\n"
START += "> AT+CGEREP=1\n< ERROR\n> AT+CSCON=1\n< OK\n"
START += "> AT+SQNSS?\n< +SQNSS: 1,0\n< OK\n> AT+CEREG=5\n< OK\n"
START += "> AT+CGACT?\n< +CGACT: 1,1\n< OK\n> AT+SQNSH=1\n< ERROR\n"
START += "> AT+SQNSCFG=1,1,300,0,600,50\n< OK\n> AT+SQNSCFGEXT=1,1,0,0,0,0\n< OK\n"
ANYONE = '> AT+SQNSD=1,1,4242,"127.0.0.1",0,4242,1,2\n'
PAYLOAD = bytes(range(256)) * 5 + b"\r\nOK\r\n+SQNSH: 1\r\n\x1a\r\n"
ESCAPED = "".join(["\\x%02x" % byte for byte in PAYLOAD])


async def run(script, use, cut_bytes=0):
    async def with_socket(modem):
        await use(await opened(modem))
        assert modem.at.handler_errors == 0

    await play(START + script, SequansModem, with_socket, cut_bytes)


async def test_receives_and_sends():
    script = ANYONE + "< OK\n< +SQNSRING: 1,%d\n> AT+SQNSRECV=1,1500\n" % len(PAYLOAD)
    script += '< +SQNSRECV: 1,%d,"100.64.0.1",6969\n<| %s\\r\\n\\r\\nOK\\r\\n\n' % (
        len(PAYLOAD),
        ESCAPED,
    )
    script += "> AT+SQNSRECV=1,1500\n< +CME ERROR: 4\n"
    script += '> AT+SQNSSENDEXT=1,%d,0,"100.64.0.1",7\n<| \\r\\n> \n>| %s\n< OK\n' % (
        len(PAYLOAD),
        ESCAPED,
    )

    async def use(socket):
        assert await socket.receive(5000) == (PAYLOAD, "100.64.0.1", 6969)
        with raises(ReceiveTimeout):
            await socket.receive(500)
        await socket.send_to(PAYLOAD, "100.64.0.1", 7)

    for cut_bytes in (0, 1):
        await run(script, use, cut_bytes)


async def test_older_firmware_and_the_oldest():
    peer = ANYONE + '< ERROR\n> AT+SQNSD=1,1,6969,"100.64.0.1",0,4242,1,1\n'
    recv = "< +SQNSRING: 1\n> AT+SQNSRECV=1,1500\n< +SQNSRECV: 1,2\n<| hi\\r\\n\\r\\nOK\\r\\n\n"

    async def use(socket):
        assert await socket.receive(5000) == (b"hi", "", 0)

    await run(peer + "< OK\n" + recv, use)
    await run(peer + "< ERROR\n> AT+SQNSLUDP=1,1,4242\n< OK\n" + recv, use)


async def test_what_ends_a_socket():
    read = ANYONE + "< OK\n> AT+SQNSRECV=1,1500\n"
    for said, error in (
        ("< ERROR\n" + "> AT+SQNSS?\n< +SQNSS: 1,0\n< OK\n" * 2, SocketClosed),
        ("< +SQNSH: 1\n< ERROR\n", SocketClosed),
        ("< +SYSSTART\n", ModemRestarted),
    ):

        async def use(socket, error=error):
            with raises(error):
                await socket.receive(5000)

        await run(read + said, use)


async def test_data_that_comes_after_the_close_is_kept():
    script = ANYONE + "< OK\n> AT+SQNSRECV=1,1500\n< +SQNSH: 1\n"
    script += "< +SQNSRECV: 1,4\n<| last\\r\\n\\r\\nOK\\r\\n\n"

    async def use(socket):
        assert await socket.receive(5000) == (b"last", "", 0)
        with raises(SocketClosed):
            await socket.receive(5000)

    await run(script, use)
