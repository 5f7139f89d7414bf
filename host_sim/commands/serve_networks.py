"""Visited networks for ``host-sim serve``: ``--network``, and a device's way among them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from ip_commands.host_sim.lte.visited_network import read_outages
from ip_commands.host_sim.world.networks import NamedNetworks
from ip_commands.host_sim.world.simulated_device import SimulatedDevice

AT_RANDOM = "random"

_OWN_WORDS = ("name", "like", "plmn", "outages", "equivalent")


@dataclass(frozen=True)
class NetworkOptions:
    """One ``--network``: a network like another, with what differs.

    outages: ``FROM-UNTIL`` in seconds. parameters: of its cells' profile, from the file only.
    """

    name: str
    like: str = "no-hlcom"
    plmn: str | None = None
    outages: tuple[str, ...] = ()
    equivalent: tuple[str, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)

    def add_to(self, networks: NamedNetworks) -> None:
        """Add it. Raises ValueError naming it."""
        own = [one for one in self.parameters if one in ("paging", *_OWN_WORDS)]
        if own:
            raise ValueError(f"network {self.name}: {own[0]} is no parameter of its cells here")
        try:
            networks.add(
                self.name,
                self.like,
                plmn=self.plmn,
                outages=read_outages("+".join(self.outages)),
                equivalent=self.equivalent,
                **self.parameters,
            )
        except (TypeError, ValueError) as error:
            raise ValueError(f"network {self.name}: {error}") from None


def parse_network(text: str) -> dict[str, Any]:
    """Read ``name=mine,like=hlcom,...``; lists are separated by ``+``. Raises ValueError."""
    values: dict[str, Any] = {}
    lists = ("outages", "equivalent")
    known = [item.name for item in fields(NetworkOptions) if item.name != "parameters"]
    for part in text.split(","):
        key, equals, value = part.partition("=")
        if not equals or key not in known:
            raise ValueError(
                f"--network {text!r}: {part!r} is none of {', '.join(f'{one}=' for one in known)}"
            )
        values[key] = tuple(value.split("+")) if key in lists else value
    return values


def make_network(values: Mapping[str, Any]) -> NetworkOptions:
    """Return a network's options. Raises ValueError for one without a name."""
    if "name" not in values:
        raise ValueError("a network needs a name: name=mine,like=hlcom")
    arguments: dict[str, Any] = {
        key: tuple(one) if isinstance(one, list) else one for key, one in values.items()
    }
    arguments["parameters"] = {
        key: tuple(one) if isinstance(one, list) else one
        for key, one in arguments.get("parameters", {}).items()
    }
    return NetworkOptions(**arguments)


def all_networks(options: Iterable[NetworkOptions]) -> NamedNetworks:
    """Return the ready-made networks and these. Raises ValueError."""
    networks = NamedNetworks()
    for one in options:
        one.add_to(networks)
    return networks


def read_route(texts: Iterable[str], networks: Iterable[str]) -> list[tuple[float, list[str]]]:
    """Read ``3600:hlcom+slow``, seconds from the beginning and names. Raises ValueError."""
    route = []
    known = list(networks)
    for text in texts:
        after, colon, names = text.partition(":")
        try:
            after_s = float(after)
        except ValueError:
            after_s = -1.0
        if not colon or not 0 <= after_s < 10**10:
            raise ValueError(f"roam {text!r}: write SECONDS:NETWORK+NETWORK")
        route.append((after_s, names.split("+") if names else []))
        for name in route[-1][1]:
            if name not in known:
                raise ValueError(f"roam {text!r}: it has {', '.join(known) or 'no networks'}")
    return route


def read_random(texts: tuple[str, ...]) -> tuple[float, float] | None:
    """Read ``random:600-7200``, seconds; None where a way is something else. Raises ValueError."""
    if len(texts) != 1 or not texts[0].startswith(f"{AT_RANDOM}:"):
        return None
    least, _, most = texts[0].partition(":")[2].partition("-")
    try:
        times_s = float(least), float(most)
    except ValueError:
        times_s = 0.0, 0.0
    if not 0 < times_s[0] <= times_s[1] < 10**10:
        raise ValueError(f"roam {texts[0]!r}: write random:LEAST-MOST, seconds above 0 in order")
    return times_s


def begin_to_roam(device: SimulatedDevice, texts: tuple[str, ...]) -> None:
    """Set a device on its way; () is none."""
    at_random = read_random(texts)
    if at_random is not None:
        device.roam_at_random(*at_random)
    elif texts:
        device.roam_along(read_route(texts, device.networks))
