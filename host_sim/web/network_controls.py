"""Visited networks over HTTP, under ``/_sim``.

| method path | what it does |
|---|---|
| GET /_sim/networks | every network: name, PLMN, its cells, outages |
| POST /_sim/networks (form: Name, Like, Plmn, Outages) | add one |
| POST /_sim/devices/{name}/roam (form: Networks) | take the device where these reach it |
| POST /_sim/devices/{name}/outages (form: Network, Outages) | where a network reaches it not |

``Networks`` are names, ``hlcom+no-hlcom``; empty for a dead spot. ``Outages`` are seconds,
``600-1200+3000-3600``.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from aiohttp import web

from ip_commands.host_sim.lte.visited_network import VisitedNetwork, read_outages
from ip_commands.host_sim.web.forms import joined_by_plus, needed, read_form, understood

if TYPE_CHECKING:
    from ip_commands.host_sim.world.simulated_device import SimulatedDevice
    from ip_commands.host_sim.world.super_sim import SuperSim

FindDevice = Callable[[web.Request], "SimulatedDevice"]
Describe = Callable[["SimulatedDevice"], dict[str, Any]]


def network_routes(
    supersim: "SuperSim", device_of: FindDevice, describe: Describe
) -> list[web.RouteDef]:
    """Return the routes; ``describe`` makes JSON of a device."""
    controls = NetworkControls(supersim, device_of, describe)
    return [
        web.get("/_sim/networks", controls.list_networks),
        web.post("/_sim/networks", controls.add),
        web.post("/_sim/devices/{name}/roam", controls.roam),
        web.post("/_sim/devices/{name}/outages", controls.set_outages),
    ]


class NetworkControls:
    """The handlers."""

    def __init__(self, supersim: "SuperSim", device_of: FindDevice, describe: Describe) -> None:
        self._supersim = supersim
        self._device_of = device_of
        self._describe = describe

    async def list_networks(self, _: web.Request) -> web.Response:
        networks = [describe_network(one) for one in self._supersim.networks.list()]
        return web.json_response({"networks": networks})

    async def add(self, request: web.Request) -> web.Response:
        form = await read_form(request, "Name", "Like", "Plmn", "Outages")
        networks = self._supersim.networks
        name, like = needed(form, "Name"), form.get("Like", "no-hlcom")
        outages = _outages(form.get("Outages", ""))
        understood("Like", lambda: networks[like])
        plmn = understood("Plmn", lambda: networks.new_plmn(name, form.get("Plmn")))
        made = understood("Name", lambda: networks.add(name, like, plmn=plmn, outages=outages))
        return web.json_response(describe_network(made), status=201)

    async def roam(self, request: web.Request) -> web.Response:
        device = self._device_of(request)
        form = await read_form(request, "Networks")
        text = joined_by_plus(needed(form, "Networks", ", empty for a dead spot"))
        names = text.split("+") if text else []
        self._meet("Networks", device, names)
        understood("Networks", lambda: device.roam(*names))
        return web.json_response(self._describe(device))

    async def set_outages(self, request: web.Request) -> web.Response:
        device = self._device_of(request)
        form = await read_form(request, "Network", "Outages")
        name, outages = needed(form, "Network"), _outages(needed(form, "Outages"))
        self._meet("Network", device, [name])
        understood("Network", lambda: device.set_outages(name, outages))
        return web.json_response(self._describe(device))

    def _meet(self, field: str, device: "SimulatedDevice", names: Sequence[str]) -> None:
        """Let a device meet those that it does not know, e.g. because they are new."""
        networks = self._supersim.networks
        for name in names:
            if device.networks and name not in device.networks:
                understood(field, lambda name=name: device.meet(networks[name]))  # type: ignore[misc]


def _outages(text: str) -> tuple[tuple[float, float], ...]:
    return understood("Outages", lambda: read_outages(joined_by_plus(text)))


def describe_network(network: VisitedNetwork) -> dict[str, Any]:
    """Return what a network is like, as plain JSON values."""
    return {
        "name": network.name,
        "plmn": network.plmn,
        "equivalent": network.equivalent,
        "outages_s": network.outages,
        "cells": [
            {
                "access": cell.access,
                "hlcom": cell.hlcom,
                "edrx_policy": cell.edrx_policy,
                "psm_policy": cell.psm_policy,
                "attach_reject": cell.attach_reject,
                "session_reject": cell.session_reject,
                "nat_udp_idle_s": cell.nat_udp_idle_s,
                "rsrp_dbm": cell.rsrp_dbm,
            }
            for cell in network.cells
        ],
    }
