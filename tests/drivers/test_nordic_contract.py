"""The nRF91 driver keeps the modem contract, over fakes of both firmware lines."""

import pytest

from device.errors import NotSupported
from host_sim import fake_modems
from tests.contracts.check_modem import SERVICE
from tests.drivers.modem_bench import CUTS, ModemBench, run_all

# what no nRF91 does; what it does instead is tested below
NOT_AN_NRF91S = {
    "start_wakes_a_modem_from_psm",  # its UART stays awake in PSM: only traffic ends it
}
# Serial LTE Modem says #XDATAMODE: 0 also when the network has refused the datagram
NOT_TOLD = {"a_refused_send_fails_in_time_and_can_be_repeated"}
# without #XAPOLL nothing is reported by itself: the driver asks every 400 ms, whatever is lost
ASKED = {
    "finds_what_the_modem_did_not_report",
    "finds_what_was_not_reported_even_if_asked_in_short_turns",
}
# (fake, what its firmware makes impossible)
FIRMWARE = (
    ("nrf9151", NOT_AN_NRF91S),
    ("nrf9161", NOT_AN_NRF91S),
    ("nrf9131", NOT_AN_NRF91S),
    ("nrf9160", NOT_AN_NRF91S | NOT_TOLD | ASKED),
    ("nrf9160-slm-2.5", NOT_AN_NRF91S | NOT_TOLD | ASKED),
    ("nrf9151-sm-0.1", NOT_AN_NRF91S | NOT_TOLD | ASKED),
)


@pytest.mark.parametrize(
    ("fake", "without", "cut"),
    [
        (fake, without, cut)
        for fake, without in FIRMWARE
        for cut in (CUTS if fake in ("nrf9151", "nrf9160") else ("whole",))
    ],
)
async def test_contract(fake, without, cut):
    await run_all(fake, cut, without=without)


@pytest.mark.parametrize(
    ("fake", "without", "quirk"),
    [
        (fake, without, quirk)
        for fake, without in FIRMWARE
        if fake in ("nrf9151", "nrf9160")
        for quirk in sorted(fake_modems.MODELS[fake].QUIRKS)
    ],
)
async def test_contract_with_a_quirk(fake, without, quirk):
    options = {"line_end": b"\r"} if quirk == "line-end-cr" else {}
    await run_all(fake, "7-byte pieces", (quirk,), without=without, **options)


@pytest.mark.parametrize(("fake", "without"), FIRMWARE)
async def test_psm_leaves_the_uart_awake_and_ends_with_traffic(fake, without):
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
