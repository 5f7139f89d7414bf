"""Whatever is typed: a fake never raises, never hangs and never grows."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ip_commands.host_sim import fake_modems
from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio
from ip_commands.host_sim.fake_modems.engine.responder import INPUT_LIMIT_BYTES, LINE_LIMIT_BYTES
from ip_commands.host_sim.time.virtual_time import VirtualTimeLoop
from ip_commands.host_sim.uart.link import UartLink, random_cut

PIECES = [
    b"AT", b"at", b"A/", b"\r", b"\n", b"\r\n", b"\b", b";", b"=", b"?", b"=?", b'"', b",", b"0",
    b"1", b"4242", b"99999999999", b"E1", b"V0", b"&F", b"+CEREG", b"+CFUN", b"+COPS=?\r",
    b'AT+QIOPEN=1,0,"UDP SERVICE","127.0.0.1",0,4242,0\r', b"AT+QIACT=1\r", b"AT+QIRD=0\r",
    b'AT+QISEND=0,5,"100.64.0.1",1\r', b"AT+QISEND=1\r", b"AT+CNACT=0,1\r", b"AT+CARECV=0,5\r",
    b"AT+UPSD=0,100,1\r", b"AT+UPSDA=0,3\r", b"AT+USOCR=17,4242\r", b"AT+USORF=0,5\r",
    b'AT+USOST=0,"100.64.0.1",1,9\r', b"AT+CFUN=1\r", b"AT+SQNSLUDP=1,1,4242\r",
    b"AT+SQNSRECV=1,5\r", b"AT+SQNSSENDEXT=1,9\r\n",
    b"AT+CIICR\r", b'AT+CIPSTART="UDP","1.2.3.4",5\r', b"AT+CIPSEND=9\r", b"AT+CIPSEND\r",
    b"AT+CIPRXGET=1\r", b"AT+CIPRXGET=2,5\r", b"AT+CIPSHUT\r", b"AT+NETOPEN\r", b"AT+NETCLOSE\r",
    b'AT+CIPOPEN=0,"UDP",,,4242\r', b'AT+CIPSEND=0,9,"1.2.3.4",5\r',
    b'AT+CIPSEND=0,,"1.2.3.4",5\r',
    b'AT+CASERVER=0,0,"UDP",4242\r', b"AT+CASEND=0,9\r", b"\x00", b"\x1a", b"\x1b", b"\xff",
]  # fmt: skip


async def _said(link: UartLink) -> bytes:
    said = b""
    while link.host.unread_bytes:
        said += await link.host.read(65536)
    return said


async def _live_through(model: str, typed: list[bytes], seed: int) -> None:
    failures = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: failures.append(context))
    link = UartLink(cut=random_cut(seed, 40))
    radio = BenchRadio(attach_ms=100)
    fake = fake_modems.create(model, radio, seed=seed)
    fake.connect(link.modem)
    for data in typed:
        await link.host.write(data)
        radio.inject_datagram(b"surprise")
        await asyncio.sleep(0.005)
        assert len(fake.at._input) <= INPUT_LIMIT_BYTES
        assert len(fake.at._line) <= LINE_LIMIT_BYTES
    await asyncio.sleep(200)
    # a fixed payload may still be wanted; then the modem must answer again
    await link.host.write(b"\r" * 2000)
    await asyncio.sleep(200)
    fake.power_on()
    await asyncio.sleep(60)
    await _said(link)
    await link.host.write(b"\rATQ0V1\r")
    await asyncio.sleep(2)
    await link.host.write(b"AT\r")
    await asyncio.sleep(2)
    assert (await _said(link)).endswith(b"\r\nOK\r\n")
    assert not failures, failures


@pytest.mark.parametrize(
    "model", ["bg95", "sim7080g", "sim7000g", "a7670", "sara-r410m", "sara-r510s", "gm02s"]
)
def test_any_typing_is_survived(model):
    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=30)), max_size=40),
           st.integers(0, 1000))  # fmt: skip
    def survives(typed: list[bytes], seed: int) -> None:
        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            runner.run(_live_through(model, typed, seed))

    survives()


async def test_a_megabyte_of_commands_at_once_is_bounded():
    link = UartLink()
    fake = fake_modems.create("bg95", BenchRadio())
    fake.connect(link.modem)
    await link.host.write(b"AT\r" * 350_000)
    await asyncio.sleep(0.001)
    assert len(fake.at._input) <= INPUT_LIMIT_BYTES
    assert fake.at.input_lost > 1_000_000
    await asyncio.sleep(60)
    await link.host.write(b"\rATE0\r")
    await asyncio.sleep(1)
    assert (await link.host.read(1 << 20)).endswith(b"ATE0\r\r\nOK\r\n")
