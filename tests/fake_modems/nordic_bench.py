"""What the tests of the fake nRF91 modems share: sockets ready to use, and expected answers."""

from tests.fake_modems.bench import Bench

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
NASTY = b'\r\nOK\r\n#XRECVFROM: 9,"1.2.3.4",5\r\n++ \x00\x1a\x1b"\r+'
LONG = bytes(range(256)) * 5 + bytes(20)
PEER = '"100.64.0.1",6969'
SLM, SM = "nrf9160", "nrf9151"


async def online(bench: Bench) -> None:
    """Switch the modem on and attach."""
    assert await bench.ask("AT+CFUN=1") == OK
    await bench.attach()


async def slm_socket(bench: Bench) -> None:
    """Select a UDP socket on port 4242."""
    await online(bench)
    said = await bench.ask_all("AT#XSOCKET=1,2,0", "AT#XBIND=4242")
    assert said == b"\r\n#XSOCKET: 0,2,17\r\n" + OK * 2


async def sm_socket(bench: Bench, events: bool = True) -> None:
    """Open UDP socket 0 on port 4242."""
    await online(bench)
    said = await bench.ask_all("AT#XSOCKET=1,2,0", "AT#XBIND=0,4242")
    assert said == b"\r\n#XSOCKET: 0,2,17\r\n" + OK * 2
    if events:
        assert await bench.ask("AT#XAPOLL=0,1,1") == OK


def slm_answer(payload: bytes, host: str = "100.64.0.1", port: int = 6969) -> bytes:
    return f'\r\n#XRECVFROM: {len(payload)},"{host}",{port}\r\n'.encode() + payload + OK


def sm_answer(payload: bytes, port: int = 6969, mode: int = 0) -> bytes:
    shown = payload.hex().upper().encode() if mode else payload
    return f'\r\n#XRECVFROM: 0,{mode},{len(payload)},"100.64.0.1",{port}\r\n'.encode() + shown + OK
