"""The signal of a device over HTTP, under ``/_sim``: what it is, and what it does from now on.

| method path | what it does |
|---|---|
| GET /_sim/devices/{name}/radio | RSRP and CE level, and the network's thresholds |
| POST /_sim/devices/{name}/radio (form: RsrpDbm) | be constant |
| ... (form: Trace, RepeatAfterS) | do as ``0:-95,60:-120`` says: seconds from now and dBm |
| ... (form: MeanDbm, SigmaDb, CorrelationS) | vary slowly, at random |
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from aiohttp import web

from ip_commands.host_sim.lte.rsrp import Constant, Rsrp, Shadowing, Trace
from ip_commands.host_sim.web.fault_controls import FindDevice
from ip_commands.host_sim.web.forms import refusal

if TYPE_CHECKING:
    from ip_commands.host_sim.world.simulated_device import SimulatedDevice

_KINDS: dict[str, tuple[str, ...]] = {
    "RsrpDbm": (),
    "Trace": ("RepeatAfterS",),
    "MeanDbm": ("SigmaDb", "CorrelationS"),
}
"""The field that decides, and those that may come with it."""


def radio_routes(device_of: FindDevice) -> list[web.RouteDef]:
    """Return the routes; ``device_of`` finds the device that a request names, or refuses."""

    async def fetch(request: web.Request) -> web.Response:
        return web.json_response(describe_radio(device_of(request)))

    async def change(request: web.Request) -> web.Response:
        device = device_of(request)
        form = {key: str(value) for key, value in (await request.post()).items()}
        device.radio.use(read_form(form))
        return web.json_response(describe_radio(device))

    radio = "/_sim/devices/{name}/radio"
    return [web.get(radio, fetch), web.post(radio, change)]


def describe_radio(device: "SimulatedDevice") -> dict[str, Any]:
    """Return a device's radio as plain JSON values."""
    profile = device.ue.profile
    return {
        "rsrp_dbm": device.radio.rsrp_dbm,
        "ce_level": device.radio.ce_level,
        "in_coverage": device.ue.in_coverage,
        "thresholds_dbm": list(profile.coverage.thresholds_dbm),
        "floor_dbm": profile.coverage.floor_dbm,
    }


def read_form(form: Mapping[str, str]) -> Rsrp:
    """Return what a form means. Raises ApiError that says what can be had."""
    kinds = [kind for kind in _KINDS if kind in form]
    if len(kinds) != 1:
        raise refusal(" or ".join(_KINDS), "one of them is needed")
    kind = kinds[0]
    for name in form:
        if name != kind and name not in _KINDS[kind]:
            known = ", ".join((kind, *_KINDS[kind]))
            raise refusal(name, f"with {kind} there are: {known}")
    makers: dict[str, Callable[[Mapping[str, str]], Rsrp]] = {
        "RsrpDbm": lambda given: Constant(_number(given, "RsrpDbm", None)),
        "Trace": _trace,
        "MeanDbm": lambda given: Shadowing(
            _number(given, "MeanDbm", None),
            _number(given, "SigmaDb", 8.0),
            _number(given, "CorrelationS", 60.0),
        ),
    }
    try:
        return makers[kind](form)
    except ValueError as error:
        raise refusal(kind, str(error)) from None


def _trace(form: Mapping[str, str]) -> Trace:
    points = []
    for point in form["Trace"].split(","):
        seconds, _, rsrp_dbm = point.partition(":")
        try:
            points.append((float(seconds), float(rsrp_dbm)))
        except ValueError:
            raise refusal("Trace", f"{point!r}: write it as 0:-95,60:-120") from None
    repeat_after_s = _number(form, "RepeatAfterS", None) if "RepeatAfterS" in form else None
    return Trace(points, repeat_after_s)


def _number(form: Mapping[str, str], name: str, default: float | None) -> float:
    text = form.get(name)
    if text is None and default is not None:
        return default
    try:
        return float(text or "")
    except ValueError:
        raise refusal(name, f"{text!r} is not a number") from None
