"""One command to the same sleeping device in two networks: with HLCOM late, without it lost."""

from ip_commands.host_sim.time.virtual_time import run
from ip_commands.host_sim.world.super_sim import SuperSim


async def main() -> None:
    async with SuperSim(seed=1) as supersim:
        for profile in ("cat-m1-edrx-hlcom", "cat-m1-edrx"):
            device = await supersim.add_device("bg95", profile, name=profile)
            await device.listen(port=4242)
            await device.fall_asleep()
            command = await supersim.send_command(device, "report", port=4242)
            await supersim.run_for(minutes=3)
            print(f"{profile}: {command.status}, delivered: {command.delivered}")
            print(" ", command.explain())


if __name__ == "__main__":
    run(main())
