"""``send(..., last=True)``: nothing follows. Each family tells it in its own way, or cannot."""

import pytest

from tests.contracts.check_modem import SERVICE
from tests.drivers.modem_bench import ModemBench

CAT_M1, NB_IOT = 7, 9
NO_MORE_DATA = 1


async def online(model, access=CAT_M1):
    bench = ModemBench(model, "115200 baud")
    bench.radio.access_technology = access
    _, socket = await bench.online(4242)
    return bench, socket


@pytest.mark.parametrize(
    ("model", "access"),
    [
        ("gm02sp", CAT_M1),
        ("gm01q", CAT_M1),
        ("sara-r510s", CAT_M1),
        ("nrf9151", CAT_M1),
        ("nrf9160", NB_IOT),  # in Cat-M1 it needs %REL14FEAT before its radio is on
        ("me310g1", NB_IOT),
    ],
)
async def test_what_nothing_follows_is_told_to_the_network_and_nothing_else_is(model, access):
    bench, socket = await online(model, access)
    for payload, last in ((b"one", False), (b"two", True), (b"three", False)):
        await socket.send_to(payload, *SERVICE, last)
    told = [said or 0 for said in bench.radio.assistance]
    assert [entry[0] for entry in bench.sent] == [b"one", b"two", b"three"]
    assert told == [0, NO_MORE_DATA, 0]
    await bench.finish()


@pytest.mark.parametrize("model", ["me310g1", "nrf9160", "nrf9151"])
async def test_it_is_told_again_after_the_first_datagram_came(model):
    bench, socket = await online(model, NB_IOT)
    bench.inject(b"first")
    await socket.receive(5000)
    await socket.send_to(b"answer", *SERVICE, True)
    assert bench.radio.assistance[-1] == NO_MORE_DATA
    await bench.finish()


@pytest.mark.parametrize(
    "model", ["bg95", "sim7080g", "sim7000g", "sim7600", "sara-r410m", "le910"]
)
async def test_a_modem_that_cannot_tell_sends_all_the_same(model):
    bench, socket = await online(model)
    await socket.send_to(b"one", *SERVICE, True)
    assert bench.sent[-1][0] == b"one"
    assert not bench.radio.assistance[-1]
    await bench.finish()


async def test_a_restart_forgets_what_was_said():
    bench, socket = await online("sara-r510s")
    await socket.send_to(b"one", *SERVICE, True)
    bench.restart()
    modem = socket._modem
    await modem.start()
    await modem.attach("super", 60000)
    again = await modem.open_udp(4242)
    await again.send_to(b"two", *SERVICE, False)
    await again.send_to(b"three", *SERVICE, True)
    assert [said or 0 for said in bench.radio.assistance][-2:] == [0, NO_MORE_DATA]
    await bench.finish()
