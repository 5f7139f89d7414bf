"""Simulator controls over HTTP, under ``/_sim/`` and never under ``/v1``.

For people and tests outside the process: what the real service does not have. No authentication:
the server listens on loopback unless told otherwise. Errors are the API's JSON bodies.

| method path | what it does |
|---|---|
| GET /_sim/devices | every device: modem, profile, state, address, counters |
| GET /_sim/devices/{name} | one of them |
| POST /_sim/devices/{name}/detach, /attach | radio off and on, as flight mode does |
| POST /_sim/devices/{name}/power-key | pulse the modem's PWRKEY |
| POST /_sim/devices/{name}/profile (form: Profile) | move it to another network profile |
| GET /_sim/commands/{sid} | explanation and trail of one IP Command |
| GET /_sim/commands | explanations, newest first (query: Limit, default 50) |
| GET /_sim/debugger | the debugger log, newest first |
| POST /_sim/advance (form: Seconds) | let virtual time pass; 400 when time runs by itself |
| GET /_sim/networks, ... /_sim/devices/{name}/roam | see ``network_controls`` |
| GET /_sim/faults, ... /_sim/devices/{name}/faults | see ``fault_controls`` |
| GET, POST /_sim/devices/{name}/radio | see ``radio_controls`` |
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from ip_commands.host_sim.cloud.error_codes import ApiError
from ip_commands.host_sim.lte import PROFILES
from ip_commands.host_sim.lte.time_base import utc
from ip_commands.host_sim.time.virtual_time import VirtualTimeLoop
from ip_commands.host_sim.web.fault_controls import fault_routes
from ip_commands.host_sim.web.forms import needed, read_form, refusal
from ip_commands.host_sim.web.network_controls import network_routes
from ip_commands.host_sim.web.radio_controls import radio_routes

if TYPE_CHECKING:
    from ip_commands.host_sim.world.command import Command
    from ip_commands.host_sim.world.simulated_device import SimulatedDevice
    from ip_commands.host_sim.world.super_sim import SuperSim

MAX_LISTED = 1000
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def control_routes(supersim: "SuperSim") -> list[web.RouteDef]:
    """Return the routes for ``make_app(routes=...)``."""
    controls = Controls(supersim)
    return [
        web.get("/_sim/devices", controls.list_devices),
        web.get("/_sim/devices/{name}", controls.fetch_device),
        web.post("/_sim/devices/{name}/attach", controls.attach),
        web.post("/_sim/devices/{name}/detach", controls.detach),
        web.post("/_sim/devices/{name}/power-key", controls.power_key),
        web.post("/_sim/devices/{name}/profile", controls.move),
        web.get("/_sim/commands", controls.list_commands),
        web.get("/_sim/commands/{sid}", controls.fetch_command),
        web.get("/_sim/debugger", controls.debugger),
        web.post("/_sim/advance", controls.advance),
        *network_routes(supersim, controls._device, describe_device),
        *fault_routes(controls._device),
        *radio_routes(controls._device),
    ]


class Controls:
    """The handlers; each does one thing to or reads one thing of a ``SuperSim``."""

    def __init__(self, supersim: "SuperSim") -> None:
        self._supersim = supersim

    async def list_devices(self, _: web.Request) -> web.Response:
        devices = [describe_device(device) for device in self._supersim.devices]
        return web.json_response({"devices": devices})

    async def fetch_device(self, request: web.Request) -> web.Response:
        return web.json_response(describe_device(self._device(request)))

    async def attach(self, request: web.Request) -> web.Response:
        device = self._device(request)
        await read_form(request)
        device.ue.switch_on()
        return web.json_response(describe_device(device))

    async def detach(self, request: web.Request) -> web.Response:
        device = self._device(request)
        await read_form(request)
        device.ue.switch_off()
        return web.json_response(describe_device(device))

    async def power_key(self, request: web.Request) -> web.Response:
        device = self._device(request)
        await read_form(request)
        await device.power_key()
        return web.json_response(describe_device(device))

    async def move(self, request: web.Request) -> web.Response:
        device = self._device(request)
        name = needed(await read_form(request, "Profile"), "Profile")
        if name not in PROFILES:
            raise refusal("Profile", f"one of {', '.join(PROFILES)}")
        device.ue.move_to(PROFILES[name])
        return web.json_response(describe_device(device))

    async def list_commands(self, request: web.Request) -> web.Response:
        text = request.query.get("Limit", "50")
        if not text.isdigit() or not 1 <= int(text) <= MAX_LISTED:
            raise refusal("Limit", f"a number from 1 to {MAX_LISTED}")
        commands = self._supersim.newest_commands(int(text))
        return web.json_response({"commands": [describe_command(item) for item in commands]})

    async def fetch_command(self, request: web.Request) -> web.Response:
        sid = request.match_info["sid"]
        try:
            command = self._supersim.command(sid)
        except KeyError:
            raise ApiError("not_found", path=request.path) from None
        return web.json_response(describe_command(command))

    async def debugger(self, _: web.Request) -> web.Response:
        entries = [
            {
                "at": utc(entry.at_ms).isoformat(),
                "error_code": entry.error_code,
                "message": entry.message,
                "detail": entry.detail,
                "resource_sid": entry.resource_sid,
                "url": entry.url,
            }
            for entry in reversed(self._supersim.store.debugger)
        ]
        return web.json_response({"debugger": entries})

    async def advance(self, request: web.Request) -> web.Response:
        loop = asyncio.get_running_loop()
        text = needed(await read_form(request, "Seconds"), "Seconds")
        if not isinstance(loop, VirtualTimeLoop):
            reason = "time runs by itself here; only virtual time can be advanced"
            raise refusal("Seconds", reason)
        try:
            seconds = float(text)
        except ValueError:
            seconds = -1.0
        if not 0 <= seconds <= 366 * 86400:
            raise refusal("Seconds", "a number from 0 to 31622400")
        with loop.time_may_pass():
            await asyncio.sleep(seconds)
        return web.json_response({"now": utc(self._supersim.now_ms).isoformat()})

    def _device(self, request: web.Request) -> "SimulatedDevice":
        name = request.match_info["name"]
        for device in self._supersim.devices:
            if device.name == name:
                return device
        raise ApiError("not_found", path=request.path)


def describe_device(device: "SimulatedDevice") -> dict[str, Any]:
    """Return what a device is and how it is now, as plain JSON values."""
    ledger = device.ue.ledger
    return {
        "name": device.name,
        "sim_sid": device.sim.sid,
        "iccid": device.sim.iccid,
        "modem": device.modem,
        "power": device.fake.power,
        "profile": device.profile,
        "networks": device.networks,
        "registration": device.ue.registration,
        "plmn": device.ue.plmn,
        "state": device.ue.state,
        "ip_address": device.ue.ip_address,
        "uart": device.uart_name,
        "explanation": device.ue.explain_state(),
        "ledger": {
            "days": ledger.covered_days,
            "mah": ledger.mah_by_cause,
            "bytes": ledger.bytes_by_cause,
            "currents": ledger.currents.name,
        },
    }


def describe_command(command: "Command") -> dict[str, Any]:
    """Return a command's story, as plain JSON values."""
    return {
        "sid": command.sid,
        "direction": command.record.direction,
        "status": command.status,
        "delivered": command.delivered,
        "lost": command.lost,
        "explanation": command.explain(),
        "trail": [
            {"at": utc(step.at_ms).isoformat(), "event": step.event, "rule": step.rule}
            for step in command.trail
        ],
    }
