"""What happens in a simulation, one event at a time, for people and programs that look on.

The journal reads what cloud, network and devices record anyway, after every step of the queue;
nobody has to tell it anything, and without one nothing is collected.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ip_commands.host_sim.cloud.records import DebuggerEntry
    from ip_commands.host_sim.world.command import Command
    from ip_commands.host_sim.world.super_sim import SuperSim


SAID_BY_THE_CLOUD = ("created", "sent")
"""Steps of a datagram that the command's own status has told already."""


class SimEvent(NamedTuple):
    """One thing that happened; ``at_ms`` is simulated time since 1980-01-06T00:00:00Z."""

    at_ms: int
    device: str
    event: str
    detail: str
    command_sid: str | None


class _Watched:
    """How much of a command's story was told already."""

    __slots__ = ("command", "status", "steps")

    def __init__(self, command: "Command") -> None:
        self.command = command
        self.steps = 0
        self.status = ""


class Journal:
    """Report every event of ``supersim`` to ``report``, in the order of simulated time.

    Only commands whose fate is open are watched; the others are forgotten.
    """

    def __init__(self, supersim: "SuperSim", report: Callable[[SimEvent], None]) -> None:
        self._supersim = supersim
        self._report = report
        self._watched: dict[str, _Watched] = {}
        self._device_states: dict[str, tuple[str, str]] = {}
        self._last_debugger_entry: DebuggerEntry | None = None
        supersim.on_command = self._watch
        supersim.queue.on_drained = self.poll

    def close(self) -> None:
        """Report no more."""
        self._supersim.on_command = None
        self._supersim.queue.on_drained = None

    def poll(self) -> None:
        """Report what is new since the last call."""
        events = self._of_devices()
        for sid, watched in list(self._watched.items()):
            events += self._of_command(watched)
            if watched.command.settled:
                del self._watched[sid]
        events += self._of_debugger()
        for event in sorted(events, key=lambda event: event.at_ms):
            self._report(event)

    def _watch(self, command: "Command") -> None:
        self._watched[command.sid] = _Watched(command)

    def _of_command(self, watched: _Watched) -> list[SimEvent]:
        command = watched.command
        record = command.record
        device = command.device_name
        events = []
        if record.status != watched.status:
            if not watched.status and record.status != "received":
                events.append(
                    SimEvent(record.created_ms, device, "queued", "through the API", record.sid)
                )
            if record.status != "queued":
                events.append(
                    SimEvent(
                        record.updated_ms, device, record.status, record.reason or "", record.sid
                    )
                )
            watched.status = record.status
        trail = command.trail
        for step in trail[watched.steps :]:
            if step.event in SAID_BY_THE_CLOUD:
                continue
            events.append(SimEvent(step.at_ms, device, step.event, step.rule, record.sid))
        watched.steps = len(trail)
        return events

    def _of_devices(self) -> list[SimEvent]:
        events = []
        for device in self._supersim.devices:
            state = (device.fake.power, device.ue.state)
            before = self._device_states.get(device.name)
            self._device_states[device.name] = state
            if before is None or before[0] != state[0]:
                events.append(self._device_event(device.name, f"modem {state[0]}", ""))
            if before is None or before[1] != state[1]:
                events.append(self._device_event(device.name, state[1], ""))
        return events

    def _device_event(self, name: str, event: str, detail: str) -> SimEvent:
        return SimEvent(self._supersim.now_ms, name, event, detail, None)

    def _of_debugger(self) -> list[SimEvent]:
        new = []
        for entry in reversed(self._supersim.store.debugger):
            if entry is self._last_debugger_entry:
                break
            event = f"error {entry.error_code}"
            new.append(SimEvent(entry.at_ms, "cloud", event, entry.detail, entry.resource_sid))
        if new:
            self._last_debugger_entry = self._supersim.store.debugger[-1]
        return new[::-1]
