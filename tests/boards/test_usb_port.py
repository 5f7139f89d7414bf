"""A USB port is known by its name, and the modem is told to print its URCs there."""

import pytest

from ip_commands.boards.raspberry_pi.serial_stream import is_usb


@pytest.mark.parametrize(
    ("target", "usb"),
    [("ttyUSB2", True), ("ttyACM0", True), ("ttyS0", False), ("ttyAMA0", False), ("3", False)],
)
def test_the_name_behind_a_link_counts(tmp_path, target, usb):
    (tmp_path / target).touch()
    link = tmp_path / "usb-Quectel-if02-port0"
    link.symlink_to(tmp_path / target)
    assert is_usb(str(link)) is usb
    assert is_usb(str(tmp_path / target)) is usb


@pytest.mark.parametrize(
    ("options", "port"),
    [({}, "uart1"), ({"usb": True}, "usbat"), ({"usb": True, "urc_port": "usbmodem"}, "usbmodem")],
)
async def test_a_quectel_modem_is_told_where_its_urcs_go(supersim, options, port):
    device = await supersim.add_device("bg95")
    said = []
    driver = device.driver(log=said.append, **options)
    await driver.start()
    assert [line for line in said if "urcport" in line and line[0] == ">"] == [
        f'> AT+QURCCFG="urcport","{port}"'
    ]
    await driver.close()
