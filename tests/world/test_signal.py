"""What a modem reports of its signal follows the simulated radio; so does what reaches it."""

import asyncio

import pytest

from ip_commands.host_sim.lte.rsrp import Shadowing


async def ask(device, command):
    """Type a command line at the device's UART, return what was said."""
    await device.stream.write(command + b"\r\n")
    await asyncio.sleep(1)
    return await device.stream.read(10_000)


@pytest.mark.parametrize(
    ("modem", "command", "answers"),
    [
        # TS 27.007 8.69: <rsrp> 0 to 97, -141 dBm and 1 dB each; 8.5: <rssi>, 2 dB each
        ("bg95", b"AT+CESQ", (b",46\r", b",21\r")),
        ("sara-r5", b"AT+CESQ", (b",46\r", b",21\r")),
        ("bg95", b"AT+CSQ", (b"+CSQ: 19,", b"+CSQ: 6,")),
        ("bg95", b"AT+QCSQ", (b",-95,", b",-120,")),
        ("nrf9160", b"AT%XMONITOR", (b",46,", b",21,")),
    ],
)
async def test_the_modem_reports_what_it_measures(supersim, modem, command, answers):
    device = await supersim.add_device(modem, "cat-m1")
    await ask(device, b"AT+CFUN=1")
    await supersim.run_for(minutes=1)
    assert answers[0] in await ask(device, command)
    device.radio.stay(-120)
    assert answers[1] in await ask(device, command)


async def test_below_the_floor_it_reports_nothing(supersim):
    device = await supersim.add_device("bg95", "cat-m1", rsrp=-133)
    await ask(device, b"AT+CFUN=1")
    assert b"+CSQ: 99,99" in await ask(device, b"AT+CSQ")


@pytest.mark.parametrize(
    ("rsrp", "seen"),
    [
        (-111, -111),
        ([(0, -95), (30, -112)], -112),
        (Shadowing(-113, sigma_db=0), -113),
    ],
)
async def test_a_device_begins_with_its_signal(supersim, rsrp, seen):
    device = await supersim.add_device("bg95", "cat-m1", rsrp=rsrp)
    await supersim.run_for(minutes=1)
    assert device.radio.rsrp_dbm == seen


async def test_a_device_begins_with_a_trace_from_a_file(supersim, tmp_path):
    (tmp_path / "drive.csv").write_text("seconds,dBm\n0,-95\n30,-112\n")
    device = await supersim.add_device("bg95", "cat-m1", rsrp=str(tmp_path / "drive.csv"))
    await supersim.run_for(minutes=1)
    assert device.radio.rsrp_dbm == -112


@pytest.mark.parametrize("rsrp", ["no/such.csv", -500, [], [(1, -95), (0, -95)]])
async def test_a_signal_that_cannot_be_is_refused_and_no_device_made(supersim, rsrp):
    with pytest.raises((ValueError, OSError), match=r"no/such.csv|-500|0 points|point 2"):
        await supersim.add_device("bg95", "cat-m1", name="a", rsrp=rsrp)
    assert supersim.devices == []
    await supersim.add_device("bg95", "cat-m1", name="a", rsrp=-95)
