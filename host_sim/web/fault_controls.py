"""The rude modem over HTTP: faults of a device under ``/_sim``, for programs outside.

| method path | what it does |
|---|---|
| GET /_sim/faults | the catalogue: name, sentence, source, arguments |
| GET /_sim/devices/{name}/faults | those that were injected: active, how often they happened |
| POST /_sim/devices/{name}/faults (form: Name, To, Nth, Count, LateMs, ...) | inject one |
| DELETE /_sim/devices/{name}/faults | end all of them |
| DELETE /_sim/devices/{name}/faults/{number} | end one |

Form fields are the arguments of ``Faults.inject``, written as the API writes its own: ``late_ms``
is ``LateMs``. An unknown name, field or value is a 400 that names the known ones.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from ip_commands.host_sim.cloud.error_codes import ApiError
from ip_commands.host_sim.faults import CATALOGUE, FaultError, FaultHandle
from ip_commands.host_sim.faults.arguments import Argument
from ip_commands.host_sim.faults.catalogue import COMMON_ARGUMENTS
from ip_commands.host_sim.faults.option import read_arguments

if TYPE_CHECKING:
    from ip_commands.host_sim.world.simulated_device import SimulatedDevice

TIMES_LISTED = 20
"""The newest happenings of a fault that are listed."""

FindDevice = Callable[[web.Request], "SimulatedDevice"]


def fault_routes(device_of: FindDevice) -> list[web.RouteDef]:
    """Return the routes; ``device_of`` finds the device that a request names, or refuses."""
    controls = FaultControls(device_of)
    faults = "/_sim/devices/{name}/faults"
    return [
        web.get("/_sim/faults", controls.catalogue),
        web.get(faults, controls.list_faults),
        web.post(faults, controls.inject),
        web.delete(faults, controls.heal),
        web.delete(faults + "/{number}", controls.cancel),
    ]


class FaultControls:
    """The handlers."""

    def __init__(self, device_of: FindDevice) -> None:
        self._device_of = device_of

    async def catalogue(self, _: web.Request) -> web.Response:
        faults = [
            {
                "name": entry.name,
                "sentence": entry.sentence,
                "source": entry.source,
                "to": entry.default_to,
                "arguments": [_describe_argument(item) for item in entry.arguments],
            }
            for entry in CATALOGUE.values()
        ]
        common = [_describe_argument(item) for item in COMMON_ARGUMENTS]
        return web.json_response({"faults": faults, "common_arguments": common})

    async def list_faults(self, request: web.Request) -> web.Response:
        handles = self._device_of(request).faults.handles
        return web.json_response({"faults": [describe_fault(handle) for handle in handles]})

    async def inject(self, request: web.Request) -> web.Response:
        device = self._device_of(request)
        form = {snake(key): str(value) for key, value in (await request.post()).items()}
        name = form.pop("name", "")
        try:
            handle = device.faults.inject(name, **read_arguments(name, form))
        except FaultError as error:
            raise ApiError("invalid_parameter", parameter="Name", reason=str(error)) from None
        return web.json_response(describe_fault(handle), status=201)

    async def heal(self, request: web.Request) -> web.Response:
        faults = self._device_of(request).faults
        faults.heal()
        return web.json_response({"faults": [describe_fault(item) for item in faults.handles]})

    async def cancel(self, request: web.Request) -> web.Response:
        number = request.match_info["number"]
        for handle in self._device_of(request).faults.handles:
            if str(handle.number) == number:
                handle.cancel()
                return web.json_response(describe_fault(handle))
        raise ApiError("not_found", path=request.path)


def snake(name: str) -> str:
    """Return ``late_ms`` for ``LateMs``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def camel(name: str) -> str:
    """Return ``LateMs`` for ``late_ms``."""
    return name.title().replace("_", "")


def _describe_argument(item: Argument) -> dict[str, Any]:
    return {
        "name": camel(item.name),
        "sentence": item.sentence,
        "default": item.default,
        "wanted": item.wanted(),
    }


def describe_fault(handle: FaultHandle) -> dict[str, Any]:
    """Return an injected fault as plain JSON values."""
    newest = list(handle.happened)[-TIMES_LISTED:]
    return {
        "number": handle.number,
        "name": handle.name,
        "arguments": {camel(key): value for key, value in handle.arguments.items()},
        "active": handle.active,
        "happened": handle.happened.count,
        "newest": [{"at_ms": item.at_ms, "to": item.to, "what": item.what} for item in newest],
    }
