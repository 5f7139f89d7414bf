"""What tests let a driver do from start to datagrams, and with whom it talks."""

from ip_commands.device.errors import ReceiveTimeout
from tests.portable.raises import raises

SERVICE = ("100.64.0.1", 6969)
PAYLOAD = b'\r\nOK\r\n+QIURC: "re\x00\x1a'


async def opened(modem, port=4242):
    """Start the modem; return a socket."""
    await modem.start()
    return await modem.open_udp(port)


async def whole_life(modem):
    """Start, attach, open, receive one datagram, drain, send one, drain."""
    await modem.start()
    await modem.attach("super", 60000)
    socket = await modem.open_udp(4242)
    assert await socket.receive(5000) == (PAYLOAD,) + SERVICE
    with raises(ReceiveTimeout):
        await socket.receive(0)
    await socket.send_to(b"\x1a\r\n>", *SERVICE)
    with raises(ReceiveTimeout):
        await socket.receive(0)
    assert modem.at.handler_errors == 0
