"""What ``host-sim demo`` shows: one command to each of several sleeping devices, and its fate.

Every time in the table and the stories is read from the run: from the cloud's records, the
network's trail, the device's handler and the webhook receiver.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from ip_commands.host_sim.lte.time_base import clock

if TYPE_CHECKING:
    from ip_commands.host_sim.world.command import Command
    from ip_commands.host_sim.world.simulated_device import SimulatedDevice
    from ip_commands.host_sim.world.super_sim import SuperSim

DEMO_MODELS = ("bg95", "sim7080g")
DEMO_PROFILES = ("lte", "cat-m1", "cat-m1-edrx-hlcom", "cat-m1-edrx")
PORT = 4242
SLEEP_MINUTES = 5
"""Between listening and the command: longer than RRC inactivity timers: all are idle."""
WATCH_MINUTES = 5
"""After the command: longer than the profiles' eDRX cycle, so that what can arrive has arrived."""


@dataclass
class Fate:
    """One command's way; times are milliseconds after its creation, None for never."""

    modem: str
    profile: str
    device: str
    status: str
    created: str
    sent_ms: int | None
    buffered_ms: int | None
    paged_ms: int | None
    delivered_ms: int | None
    handled_ms: int | None
    answered_ms: int | None
    webhook_ms: int | None
    dropped_ms: int | None
    story: str

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


async def run_demo(
    supersim: "SuperSim", models: Sequence[str], profiles: Sequence[str]
) -> list[Fate]:
    """Put one device of each model in each profile to sleep, command each, and watch."""
    devices = []
    for profile in profiles:
        for model in models:
            device = await supersim.add_device(model, profile, name=f"{model}-{profile}")
            devices.append(device)
    for device in devices:
        await device.listen(PORT, reply=lambda payload: b"done: " + payload)
    await supersim.run_for(minutes=SLEEP_MINUTES)
    commands = []
    for device in devices:
        await device.fall_asleep()
        commands.append(
            (device, await supersim.send_command(device, f"hello {device.name}", PORT))
        )
    await supersim.run_for(minutes=WATCH_MINUTES)
    return [fate_of(supersim, device, command) for device, command in commands]


def fate_of(supersim: "SuperSim", device: "SimulatedDevice", command: "Command") -> Fate:
    """Collect what the run recorded about one command and its answer."""
    created = command.created_at_ms
    answer = next(
        (
            other
            for other in supersim.commands.values()
            if other.record.direction == "from_sim"
            and other.record.sim_sid == device.sim.sid
            and other.record.created_ms >= created
        ),
        None,
    )
    webhook = next(
        (hook for hook in supersim.webhooks if answer and hook.command_sid == answer.sid), None
    )
    handled = device.handled_at_ms[-1] if device.handled_at_ms else None

    def after(at_ms: int | None) -> int | None:
        return None if at_ms is None or at_ms < created else at_ms - created

    story = [f"{device.name}: {command.explain()}"]
    if handled is not None and after(handled) is not None:
        story.append(f"its handler ran {clock(handled)}")
    if answer is not None and answer.datagram is not None:
        sent_ms = answer.datagram.created_at_ms
        story.append(
            f"the answer left the modem {clock(sent_ms)} and reached the cloud "
            f"{clock(answer.created_at_ms)}"
        )
    if webhook is not None:
        story.append(f"the webhook came {clock(webhook.received_at_ms)}")
    return Fate(
        modem=device.modem,
        profile=device.profile,
        device=device.name,
        status=command.status,
        created=clock(created),
        sent_ms=after(command.record.updated_ms) if command.status == "sent" else None,
        buffered_ms=after(command.first_ms("buffered")),
        paged_ms=after(command.first_ms("paged")),
        delivered_ms=after(command.delivered_at_ms),
        handled_ms=after(handled),
        answered_ms=after(answer.created_at_ms if answer else None),
        webhook_ms=after(webhook.received_at_ms if webhook else None),
        dropped_ms=after(command.first_ms("dropped")),
        story="; ".join(story) + ".",
    )
