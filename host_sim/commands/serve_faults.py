"""``host-sim serve --fault``: mischief from the start, for the devices named or for all."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ip_commands.host_sim.faults import FaultError, parse_fault
from ip_commands.host_sim.world.simulated_device import SimulatedDevice

_DEVICES = re.compile(r",device=([^,]*)")
"""No fault takes an argument of that name."""


@dataclass(frozen=True)
class FaultOption:
    """One ``--fault``: ``name=answer_lost,to=read,nth=2,device=alice+bob``."""

    text: str
    """As it was given."""
    name: str
    arguments: dict[str, Any]
    devices: tuple[str, ...]
    """Their names; () for all."""


def parse_fault_option(text: str, known_devices: Iterable[str]) -> FaultOption:
    """Read one; raises ValueError with the faults, arguments or devices that there are."""
    known = tuple(known_devices)
    named = tuple(name for part in _DEVICES.findall(text) for name in part.split("+"))
    if not known:
        raise ValueError(f"fault {text!r}: no device is there to have it; add --device")
    for device in named:
        if device not in known:
            raise ValueError(
                f"fault {text!r}: no device {device!r}; there are: {', '.join(known)}"
            )
    try:
        name, arguments = parse_fault(_DEVICES.sub("", text))
    except FaultError as error:
        raise ValueError(f"fault {text!r}: {error}") from None
    return FaultOption(text, name, arguments, named)


def inject(option: FaultOption, devices: Iterable[SimulatedDevice]) -> None:
    """Begin it with each device that it is for. Raises ValueError for one that cannot have it."""
    for device in devices:
        if not option.devices or device.name in option.devices:
            try:
                device.faults.inject(option.name, **option.arguments)
            except FaultError as error:
                raise ValueError(f"fault {option.text!r}, {device.name}: {error}") from None
