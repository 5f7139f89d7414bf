"""What an IP Command is, and whom a device listens to."""

import ip_commands
from ip_commands import device
from ip_commands.device import IpCommand, PayloadNotText, SocketClosed, errors, ip_command
from ip_commands.device.errors import InvalidValue
from ip_commands.device.ip_command import (
    check_ipv4,
    check_port,
    is_inside,
    parse_ipv4,
    parse_network,
)
from tests.portable.raises import raises


def test_the_packages_give_names_when_asked():
    assert device.IpCommand is IpCommand is ip_command.IpCommand is ip_commands.IpCommand
    assert errors.SocketClosed is SocketClosed is ip_commands.SocketClosed
    assert ip_commands.device is device
    for package in (device, ip_commands):
        for name in ("NoSuchError", "no_such_module", "_private"):
            with raises(AttributeError, name):
                getattr(package, name)


def test_text():
    command = IpCommand("Prüfung ✓".encode(), ("100.64.0.1", 6969), 17)
    assert command.text() == "Prüfung ✓"
    assert command.payload == b"Pr\xc3\xbcfung \xe2\x9c\x93"
    assert command.source == ("100.64.0.1", 6969)
    assert command.received_at == 17
    assert repr(command) == "<IpCommand 12 bytes from 100.64.0.1:6969>"
    assert IpCommand(b"", ("", 0), 0).text() == ""


def test_what_is_not_text_says_so():
    for payload in (b"\xff", b"ab\xc3", bytes(range(256)), b"\x80 abc"):
        with raises(PayloadNotText, "%d bytes" % len(payload), "command.payload"):
            IpCommand(payload, ("", 0), 0).text()


def test_ports():
    for port in (1, 4242, 65535):
        check_port(port)
    for port in (0, -1, 65536, "4242", None, 1.5):
        with raises(InvalidValue, "from 1 to 65535"):
            check_port(port)


def test_addresses():
    assert parse_ipv4("100.64.0.1") == 0x64400001
    assert parse_ipv4("255.255.255.255") == 0xFFFFFFFF
    assert parse_ipv4("010.001.000.009") == 0x0A010009
    for text in (
        "",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.256",
        "1.2.3.-4",
        "1.2.3.4 ",
        "1.2.3.0004",
        "1.2.3.²",
        "::1",
        "a.b.c.d",
    ):
        assert parse_ipv4(text) is None, text
        with raises(InvalidValue, "numeric IPv4 address"):
            check_ipv4(text)
    for text in ("0.0.0.0", "100.64.0.1", "255.255.255.255"):
        check_ipv4(text)


def test_networks():
    network = parse_network("100.64.0.0/10")
    for host in ("100.64.0.0", "100.64.0.1", "100.127.255.255"):
        assert is_inside(host, network), host
    for host in ("100.63.255.255", "100.128.0.0", "10.0.0.1", "", "::1", "100.64.0.1.1"):
        assert not is_inside(host, network), host
    assert is_inside("9.9.9.9", parse_network("0.0.0.0/0"))
    assert not is_inside("", parse_network("0.0.0.0/0"))
    only = parse_network("100.64.0.1")
    assert is_inside("100.64.0.1", only)
    assert not is_inside("100.64.0.2", only)


def test_networks_that_are_none():
    for text in (
        "",
        "/10",
        "100.64.0.0/",
        "100.64.0.0/33",
        "100.64/10",
        "fd00::/8",
        "a/b",
        "1.2.3.4/-1",
    ):
        with raises(InvalidValue, "100.64.0.0/10"):
            parse_network(text)
    with raises(InvalidValue, "like 100.64.0.0/10"):
        parse_network("100.64.0.1/10")
