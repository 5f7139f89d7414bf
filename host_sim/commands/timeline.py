"""A run drawn by ``host-sim timeline``: one device per profile, commands at a steady pace."""

from collections.abc import Sequence
from pathlib import Path

from ip_commands.host_sim.pictures.timeline import draw_timeline, save_timeline
from ip_commands.host_sim.world.super_sim import SuperSim

PORT = 4242
SETTLE_MINUTES = 3
"""Before the picture begins: attached, listening and idle again."""


async def simulate(
    modem: str,
    profiles: Sequence[str],
    length_s: float,
    every_s: float,
    seed: int,
    stem: str | Path,
) -> list[Path]:
    """Run device code on one device per profile, draw it, and return the files written.

    Raises ValueError for an unknown name, ImportError without matplotlib, OSError.
    """
    async with SuperSim(seed=seed) as supersim:
        history = supersim.network.keep_history()
        devices = [await supersim.add_device(modem, profile, name=profile) for profile in profiles]
        for device in devices:
            await device.listen(PORT, reply=b"done")
        await supersim.run_for(minutes=SETTLE_MINUTES)
        from_ms = supersim.now_ms
        end_ms = from_ms + round(length_s * 1000)
        while supersim.now_ms < end_ms:
            for device in devices:
                await supersim.send_command(device, "report", PORT)
            left_s = (end_ms - supersim.now_ms) / 1000
            await supersim.run_for(seconds=min(every_s, left_s))
        title = f"{modem}: a command every {every_s:g} s, seed {seed}"
        return save_timeline(draw_timeline(history, from_ms, end_ms, title), stem)
