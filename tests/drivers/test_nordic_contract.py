"""The nRF91 driver keeps the modem contract, over fakes of both firmware lines."""

import pytest

from ip_commands.device.errors import NotSupported
from ip_commands.host_sim import fake_modems
from tests.contracts.check_modem import SERVICE
from tests.drivers.limits import impossible
from tests.drivers.modem_bench import CUTS, ModemBench, run_all, share_of

# fakes by chip, or by chip and firmware
FIRMWARE = [
    (fake, impossible(fake))
    for fake in ("nRF9151", "nRF9161", "nRF9131", "nRF9160", "nRF9160-SLM-2.5", "nRF9151-SM-0.1")
]
BOTH_LINES = ("nRF9151", "nRF9160")


@pytest.mark.parametrize(
    ("fake", "without", "cut"),
    [
        (fake, without, cut)
        for fake, without in FIRMWARE
        for cut in (CUTS if fake in BOTH_LINES else ("whole",))
    ],
)
async def test_contract(fake, without, cut):
    await run_all(fake, cut, without=without)


@pytest.mark.parametrize(
    ("fake", "without", "quirk"),
    [
        (fake, without, quirk)
        for fake, without in FIRMWARE
        if fake in BOTH_LINES
        for quirk in sorted(fake_modems.MODELS[fake.lower()].QUIRKS)
    ],
)
async def test_contract_with_a_quirk(fake, without, quirk):
    options = {"line_end": b"\r"} if quirk == "line-end-cr" else {}
    checks = share_of(f"{fake} {quirk}")
    await run_all(fake, "7-byte pieces", (quirk,), without=without, checks=checks, **options)


@pytest.mark.parametrize("fake", [fake for fake, _ in FIRMWARE])
async def test_psm_leaves_the_uart_awake_and_ends_with_traffic(fake):
    bench = ModemBench(fake)
    modem, socket = await bench.online(4242)
    bench.enter_psm()
    assert (await modem.read_identity()).imei == bench.radio.imei
    assert bench.power == "on"
    await socket.send_to(b"awake", *SERVICE)
    bench.inject(b"now")
    assert (await socket.receive(5000))[0] == b"now"
    await bench.finish()


@pytest.mark.parametrize("fake", ["nrf9160-slm-1.8", "nrf9160-slm-1.4"])
async def test_old_firmware_is_refused_with_advice(fake):
    bench = ModemBench(fake)
    modem = bench.driver()
    await modem.start()
    await modem.attach("super", 60000)
    with pytest.raises(NotSupported, match=r"1\.9 or later"):
        await modem.open_udp(4242)
    assert (await modem.read_identity()).imei == bench.radio.imei
    await bench.finish()
