"""A simulated day of 144 commands through every layer: how long it takes, and in what ratio.

One device in eDRX 81.92 s with HLCOM; every ten minutes a command through REST, network, fake
modem, driver and handler, and its answer back as a webhook. Printed next to the same number of
bare HTTP requests to the same server in the same run, so that the machine's speed cancels out.
"""

import time

import aiohttp

from ip_commands.host_sim.time.virtual_time import run
from ip_commands.host_sim.world.super_sim import SuperSim

COMMANDS = 144


async def a_day() -> tuple[float, int, int]:
    async with SuperSim(seed=1) as supersim:
        device = await supersim.add_device("bg95", "cat-m1-edrx-hlcom")
        await device.listen(4242, reply=lambda payload: payload)
        await supersim.run_for(minutes=5)
        started_s = time.perf_counter()
        for number in range(COMMANDS):
            await supersim.send_command(device, f"command {number}", 4242)
            await supersim.run_for(minutes=10)
        return (
            time.perf_counter() - started_s,
            len(device.commands_handled),
            len(supersim.webhooks),
        )


async def bare_requests() -> float:
    """Time two requests per command that the server answers without any simulation."""
    async with SuperSim(seed=1) as supersim, aiohttp.ClientSession() as session:
        started_s = time.perf_counter()
        for _ in range(2 * COMMANDS):
            async with session.get(f"{supersim.url}/healthz") as answer:
                await answer.read()
        return time.perf_counter() - started_s


def main() -> None:
    rounds = [run(a_day()) for _ in range(5)]
    best_s, handled, webhooks = min(rounds)
    bare_s = min(run(bare_requests()) for _ in range(5))
    print(f"24 simulated hours, {COMMANDS} commands: {handled} handled, {webhooks} webhooks")
    print(f"wall time, best of {len(rounds)}: {best_s:.3f} s")
    print(f"{2 * COMMANDS} bare requests to the same server: {bare_s:.3f} s")
    print(f"ratio: {best_s / bare_s:.2f}")


if __name__ == "__main__":
    main()
