"""A run under random faults, printed; ``test_determinism`` compares it between processes."""

import sys

from tests.faults.families import FAMILIES
from tests.faults.scripted_host import ScriptedHost, in_virtual_time


async def run(family, seed):
    """Return all that passed the wire, and what the faults did."""
    async with ScriptedHost(family, baud=115200) as host:
        host.inject("byte_lost", probability=0.005, seed=seed)
        host.inject("byte_flipped", probability=0.005, seed=seed)
        host.inject("answer_lost", to="read", probability=0.3, seed=seed)
        host.inject("urc_doubled", probability=0.5, seed=seed)
        host.inject("garbage", probability=0.1, seed=seed)
        host.inject("overrun", probability=0.001, seed=seed, size=16)
        host.inject("noise", every_ms=700)
        for _ in range(20):
            host.arrive()
            await host.hear(0.5)
            await host.ask(family.read)
        done = [(handle.name, list(handle.happened)) for handle in host.faults.handles]
        return list(host.link.spy.entries), done


if __name__ == "__main__":
    for each in FAMILIES:
        print(each.model, in_virtual_time(run(each, int(sys.argv[1]))))
