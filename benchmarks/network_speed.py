"""How fast the network model runs: 10 000 devices in eDRX, one command an hour each.

    python benchmarks/network_speed.py [--devices 10000] [--hours 2] [--profile]

Printed next to simpy's bare timeout events, measured in the same run. Nothing is asserted.
"""

import argparse
import cProfile
import gc
import pstats
import time
from random import Random

from ip_commands.host_sim.lte import Network
from ip_commands.host_sim.time.event_queue import EventQueue

HOUR_MS = 3_600_000
START_MS = 1_451_606_400_000


def build(devices: int) -> tuple[EventQueue, Network]:
    """Return a network whose devices are attached and idle."""
    queue = EventQueue(START_MS)
    network = Network(queue, seed=1)
    for number in range(devices):
        ue = network.add_ue(
            f"device-{number}", f"90128{number:010d}", f"8988307{number:012d}", "cat-m1-edrx-hlcom"
        )
        ue.connect()
    queue.run_until(START_MS + 60_000)
    return queue, network


def load(queue: EventQueue, network: Network) -> None:
    """Have every device get one command an hour, at a time of its own."""
    random = Random(2)

    def send(iccid: str) -> None:
        network.send_downlink(iccid, b"report", 4242)
        queue.after(HOUR_MS, send, iccid)

    for ue in network.ues.values():
        queue.after(random.randrange(HOUR_MS), send, ue.iccid)


def simpy_timeouts_per_second(timeouts: int) -> float | None:
    """Return how many bare timeouts simpy handles in a second, None without simpy."""
    try:
        import simpy
    except ImportError:
        return None
    environment = simpy.Environment()
    random = Random(3)

    def device() -> "simpy.events.ProcessGenerator":
        while True:
            yield environment.timeout(random.random())

    for _ in range(1000):
        environment.process(device())
    started = time.process_time()
    for _ in range(timeouts):
        environment.step()
    return timeouts / (time.process_time() - started)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--devices", type=int, default=10_000)
    parser.add_argument("--hours", type=float, default=2)
    parser.add_argument("--profile", action="store_true", help="print where the time goes")
    chosen = parser.parse_args()

    started = time.process_time()
    queue, network = build(chosen.devices)
    built_s = time.process_time() - started
    load(queue, network)
    created_before = network.created
    events_before = queue.happened
    gc.collect()
    profiler = cProfile.Profile()
    if chosen.profile:
        profiler.enable()
    started = time.process_time()
    queue.run_until(queue.now_ms + int(chosen.hours * HOUR_MS))
    run_s = time.process_time() - started
    profiler.disable()

    commands = network.created - created_before
    days = chosen.devices * chosen.hours / 24
    print(f"{chosen.devices} devices, eDRX 81.92 s with HLCOM, one command an hour each")
    print(f"  made and attached in         {built_s:10.2f} s")
    print(f"  {chosen.hours:g} h simulated in            {run_s:10.2f} s")
    print(f"  device-days per second       {days / run_s:10.0f}")
    print(f"  commands per second          {commands / run_s:10.0f}")
    print(f"  events per second            {(queue.happened - events_before) / run_s:10.0f}")
    print(
        f"  created {network.created} = delivered {network.delivered} + dropped {network.dropped}"
        f" + waiting {network.waiting()}"
    )
    rate = simpy_timeouts_per_second(300_000)
    if rate is None:
        print("  simpy is not installed: its timeouts were not measured")
    else:
        print(f"  simpy, bare timeouts per second {rate:7.0f}")
    if chosen.profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main()
