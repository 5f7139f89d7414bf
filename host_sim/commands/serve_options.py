"""What ``host-sim serve`` is told: command line, TOML file and environment, checked and merged."""

import argparse
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import IPv4Network
from typing import Any, get_args, get_origin

from ip_commands.host_sim import fake_modems
from ip_commands.host_sim.cloud import fields as cloud_fields
from ip_commands.host_sim.cloud.error_codes import ApiError
from ip_commands.host_sim.commands.serve_faults import FaultOption, parse_fault_option
from ip_commands.host_sim.commands.serve_networks import (
    NetworkOptions,
    all_networks,
    make_network,
    parse_network,
    read_random,
    read_route,
)
from ip_commands.host_sim.lte import PROFILES, Profile
from ip_commands.host_sim.lte.search_patterns import search_pattern
from ip_commands.host_sim.lte.sim_networks import ACCESSES
from ip_commands.host_sim.world.networks import NamedNetworks

_NOT_FROM_A_FILE = frozenset({"name", "paging"})
"""Parameters of a profile that are no plain values, or somebody else's word."""


@dataclass(frozen=True)
class DeviceOptions:
    """One ``--device``; ``uart`` is ``pty:PATH``, ``tcp:PORT`` or None for in-memory.

    iccid: of its Super SIM; None: that of the stored one of its name, or a new one.
    networks: names of those that reach it, instead of the profile's; roam: its way among them,
    ``SECONDS:NAMES`` or ``random:LEAST-MOST``. network: single parameters of the profile, and
    sim_lists, from the file only.
    """

    name: str
    modem: str = "bg95"
    profile: str = "cat-m1"
    uart: str | None = None
    iccid: str | None = None
    quirks: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    accesses: tuple[str, ...] = ()
    roam: tuple[str, ...] = ()
    search_pattern: str | None = None
    sim_lists: dict[str, Any] = field(default_factory=dict)
    network: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.modem.lower() not in fake_modems.MODELS:
            known = ", ".join(sorted(fake_modems.MODELS))
            raise ValueError(f"device {self.name}: no modem {self.modem!r}; there are: {known}")
        if self.profile not in PROFILES:
            raise ValueError(
                f"device {self.name}: no profile {self.profile!r}; "
                f"there are: {', '.join(PROFILES)}"
            )
        try:
            _check_parameters(PROFILES[self.profile], self.network)
        except (TypeError, ValueError) as error:
            raise ValueError(f"device {self.name}: network: {error}") from None
        try:
            if self.search_pattern is not None:
                search_pattern(self.search_pattern)
            if read_random(self.roam) is None:
                read_route(self.roam, self.networks)
        except ValueError as error:
            raise ValueError(f"device {self.name}: {error}") from None
        for access in self.accesses:
            if access not in ACCESSES:
                raise ValueError(
                    f"device {self.name}: no access {access!r}; there are: {', '.join(ACCESSES)}"
                )
        if self.roam and not self.networks:
            raise ValueError(f"device {self.name}: to roam it needs networks=hlcom+no-hlcom")
        if self.uart is not None:
            kind, _, place = self.uart.partition(":")
            if kind not in ("pty", "tcp") or (kind == "tcp" and not _is_port(place)):
                raise ValueError(
                    f"device {self.name}: uart {self.uart!r} is neither pty:PATH nor tcp:PORT"
                )

    def check_networks(self, networks: NamedNetworks) -> None:
        """Raise ValueError for a network that there is not."""
        try:
            networks.named(self.networks)
            networks.sim_lists("90128", self.sim_lists)
        except (TypeError, ValueError) as error:
            raise ValueError(f"device {self.name}: {error}") from None


@dataclass(frozen=True)
class ServeOptions:
    """Everything ``serve`` needs; each field is a word of the command line and of the file."""

    host: str = "127.0.0.1"
    port: int = 8420
    db: str | None = None
    speed: float = 1.0
    seed: int = 0
    flavour: str = "twilio"
    webhook_url: str | None = None
    allow_host: tuple[str, ...] = ()
    reach_out: tuple[str, ...] = ()
    json: bool = False
    fault: tuple[str, ...] = ()
    devices: tuple[DeviceOptions, ...] = ()
    networks: tuple[NetworkOptions, ...] = ()
    account_sid: str | None = None
    auth_token: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise ValueError(f"port {self.port}: a number from 0 (any free one) to 65535")
        if not 0 < self.speed < math.inf:
            raise ValueError(f"speed {self.speed}: a number above 0; 1 is real time")
        if self.flavour not in ("twilio", "kore"):
            raise ValueError(f"flavour {self.flavour!r}: twilio or kore")
        try:
            cloud_fields.callback_url("webhook_url", self.webhook_url)
        except ApiError as error:
            raise ValueError(f"webhook_url {self.webhook_url!r}: {error}") from None
        for network in self.reach_out:
            if network != "none" or len(self.reach_out) > 1:
                try:
                    IPv4Network(network)
                except ValueError as error:
                    raise ValueError(f"reach_out {network!r}: {error}, nor alone 'none'") from None
        names = [device.name for device in self.devices]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two devices are called {name!r}: give each a name of its own")
        networks = all_networks(self.networks)
        for device in self.devices:
            device.check_networks(networks)
        for text in self.fault:
            parse_fault_option(text, names)

    @property
    def faults(self) -> tuple[FaultOption, ...]:
        """Each ``fault``, read."""
        names = [device.name for device in self.devices]
        return tuple(parse_fault_option(text, names) for text in self.fault)

    @property
    def credentials_given(self) -> bool:
        """True when the environment decided the account: then nothing is printed."""
        return self.auth_token is not None

    def super_sim_arguments(self) -> dict[str, Any]:
        """Return the keyword arguments for ``SuperSim``."""
        return {
            "seed": self.seed,
            "host": self.host,
            "port": self.port,
            "db": self.db,
            "flavour": self.flavour,
            "webhook_url": self.webhook_url,
            "allowed_hosts": self.allow_host,
            "reach_out": self.reach_out != ("none",),
            "reach_networks": () if self.reach_out == ("none",) else self.reach_out,
            "account_sid": self.account_sid,
            "auth_token": self.auth_token,
            "start": None,
        }


def _check_parameters(profile: Profile, changes: Mapping[str, Any]) -> None:
    """Raise TypeError or ValueError, naming it, for a parameter that a profile cannot have."""
    for name in changes:
        if name in _NOT_FROM_A_FILE:
            raise ValueError(f"{name} cannot be set in a file")
    profile.with_changes(**changes)


def _is_port(text: str) -> bool:
    return text.isdecimal() and len(text) <= 5 and int(text) <= 65535


KINDS: dict[type, tuple[str, tuple[type, ...]]] = {
    str: ("a text", (str,)),
    bool: ("true or false", (bool,)),
    int: ("a whole number", (int,)),
    float: ("a number", (int, float)),
    tuple: ("a list of texts", (list,)),
    dict: ("a table", (dict,)),
}
"""What a setting's type is called, and what TOML makes of it."""


def check_kinds(values: Mapping[str, Any], options: type) -> None:
    """Raise ValueError for a name that no field of a dataclass has, or another kind of value."""
    own_tables = ("devices",) if options is DeviceOptions else ("devices", "networks")
    known = {item.name: item.type for item in fields(options) if item.name not in own_tables}
    for name, value in values.items():
        if name not in known:
            raise ValueError(f"no setting {name!r}; known: {sorted(known)}")
        kind = _kind_of(known[name])
        words, types = KINDS[kind]
        if (
            not isinstance(value, types)
            or (isinstance(value, bool) and kind is not bool)
            or (isinstance(value, list) and not all(isinstance(item, str) for item in value))
        ):
            raise ValueError(f"{name} is {value!r}, it has to be {words}")


def _kind_of(annotation: Any) -> type:
    origin: type | None = get_origin(annotation)
    if origin is tuple or origin is dict:
        return origin
    kind: type = (*get_args(annotation), annotation)[0]  # of ``str | None``
    return kind


def read_file(path: str) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    """Return settings, devices and networks of a TOML file. Raises ValueError, OSError."""
    with open(path, "rb") as file:
        try:
            values = tomllib.load(file)
            devices = _tables(values, "device")
            networks = _tables(values, "network")
            check_kinds(values, ServeOptions)
            for device in devices:
                check_kinds(device, DeviceOptions)
            for network in networks:
                check_kinds(network, NetworkOptions)
        except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError are such, too
            raise ValueError(f"{path}: {error}") from None
    return values, devices, networks


def _tables(values: dict[str, Any], word: str) -> list[dict[str, Any]]:
    tables = values.pop(word, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ValueError(f"each {word} is a table of its own: [[{word}]]")
    return tables


def parse_device(text: str) -> dict[str, Any]:
    """Read ``name=alice,modem=bg95,...``; lists are separated by ``+``. Raises ValueError."""
    values: dict[str, Any] = {}
    known = [item for item in fields(DeviceOptions) if item.name not in ("network", "sim_lists")]
    lists = [item.name for item in known if get_origin(item.type) is tuple]
    for part in text.split(","):
        key, equals, value = part.partition("=")
        if not equals or key not in [item.name for item in known]:
            words = ", ".join(f"{item.name}=" for item in known)
            raise ValueError(f"--device {text!r}: {part!r} is none of {words}")
        values[key] = tuple(value.split("+")) if key in lists else value
    return values


def read_options(options: argparse.Namespace, environment: Mapping[str, str]) -> ServeOptions:
    """Merge: the command line goes before the file, the file before the defaults.

    Raises ValueError naming the word and what it may be; OSError for an unreadable file.
    """
    values: dict[str, Any] = {}
    devices: list[dict[str, Any]] = []
    networks: list[dict[str, Any]] = []
    if options.config is not None:
        values, devices, networks = read_file(options.config)
    for item in fields(ServeOptions):
        given = getattr(options, item.name, None)
        if given is not None:
            values[item.name] = given
    devices += [parse_device(text) for text in options.device or ()]
    networks += [parse_network(text) for text in getattr(options, "network", None) or ()]
    values["networks"] = tuple(make_network(network) for network in networks)
    values["devices"] = tuple(make_device(number, device) for number, device in enumerate(devices))
    for word in ("allow_host", "reach_out", "fault"):
        values[word] = tuple(values.get(word, ()))
    values.setdefault("account_sid", environment.get("TWILIO_ACCOUNT_SID") or None)
    values.setdefault("auth_token", environment.get("TWILIO_AUTH_TOKEN") or None)
    return ServeOptions(**values)


def make_device(number: int, values: Mapping[str, Any]) -> DeviceOptions:
    """Return a device's options; unnamed ones are ``device-1``, ``device-2``, ..."""
    arguments = {"name": f"device-{number + 1}", **values}
    for word in ("quirks", "networks", "accesses", "roam"):
        arguments[word] = tuple(arguments.get(word, ()))
    arguments["network"] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in arguments.get("network", {}).items()
    }
    return DeviceOptions(**arguments)
