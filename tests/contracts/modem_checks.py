"""What the checks of the modem contract share; ``check_modem`` tells what a bench is."""

SERVICE = ("100.64.0.1", 6969)
NASTY = (
    b"\r\nOK\r\n",
    b'+QIURC: "recv",0\r\n+CADATAIND: 0\r\n',
    b"> ",
    b">",
    b"\x1a",
    b"\x1b\x00",
    b"lone \r CR",
    b'1,"2",3,\r\n\r\nERROR\r\n+CME ERROR: 3\r\n',
    b"RDY\r\n",
    b"+++ATH\r",
    b"\r" * 20,
    b"\n",
    bytes(range(256)) * 2,
)


CHECKS = []
"""Every check, in the order of ``check_modem``."""


def check(function):
    """Add a check to the contract."""
    CHECKS.append(function)
    return function


async def opened(bench, port=4242):
    """A driver that is online and its socket."""
    return await bench.online(port)


async def got(socket, timeout_ms=5000):
    return await socket.receive(timeout_ms)
