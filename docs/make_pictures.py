"""Make the timeline pictures of docs/pictures: one for each network profile, and one of a day.

    python docs/make_pictures.py [FOLDER]

Everything shown comes from a simulation run; the same code gives the same pictures.
"""

import sys
from contextlib import suppress
from pathlib import Path
from random import Random

from ip_commands.host_sim.lte import PROFILES, Network, NotAttached, Ue
from ip_commands.host_sim.lte.time_base import from_utc, utc
from ip_commands.host_sim.pictures.timeline import draw_timeline, save_timeline
from ip_commands.host_sim.time.event_queue import EventQueue

START_MS = from_utc(utc(0).replace(year=2026, month=1, day=1, hour=8))
HERE = Path(__file__).resolve().parent

# profile: title, what is shown (seconds), when commands come (seconds from its beginning)
SCENES = {
    "lte": ("Regular LTE: paged in DRX", 60, (8, 12, 40)),
    "cat-m1": ("Cat-M1 without eDRX: paged in DRX, like regular LTE", 60, (8, 12, 40)),
    "cat-m1-edrx-hlcom": (
        "Cat-M1 in eDRX 81.92 s, HLCOM: buffered until the next paging time window",
        300,
        (20, 45, 130, 230),
    ),
    "cat-m1-edrx": (
        "Cat-M1 in eDRX 81.92 s, no HLCOM: lost outside the paging time window",
        300,
        (20, 45, 95, 230),
    ),
    "psm": (
        "PSM (1 h, active time 16 s), no HLCOM: lost while it sleeps, paged after its TAU",
        9000,
        (600, 3565, 4000, 6500),
    ),
    "nb-iot": ("NB-IoT in eDRX 81.92 s, HLCOM", 300, (20, 45, 130, 230)),
}


def idle_device(network: Network, queue: EventQueue, profile: str) -> Ue:
    """Return a device that has attached and fallen idle."""
    number = len(network.ues) + 1
    ue = network.add_ue(profile, f"90128{number:010d}", f"8988307{number:012d}", profile)
    ue.connect()
    return ue


def send(network: Network, ue: Ue, payload: bytes) -> None:
    """Send, also to a device that is not there: no datagram then, and nothing in the picture."""
    with suppress(NotAttached):
        network.send_downlink(ue.iccid, payload, 4242)


def draw_profile(profile: str, folder: Path) -> None:
    """Draw one profile: some commands, and the device's answer to the last."""
    title, length_s, commands_s = SCENES[profile]
    queue = EventQueue(START_MS)
    network = Network(queue, seed=11)
    history = network.keep_history()
    ue = idle_device(network, queue, profile)
    from_ms = START_MS + 60_000
    for number, at_s in enumerate(commands_s):
        queue.at(from_ms + at_s * 1000, send, network, ue, b"command %d" % number)
    last_ms = from_ms + commands_s[-1] * 1000 + length_s * 80
    queue.at(last_ms, ue.send_udp, b"answer", 4242, "100.64.0.1", 6969)
    queue.run_until(from_ms + length_s * 1000)
    figure = draw_timeline(history, from_ms, queue.now_ms, title)
    for path in save_timeline(figure, folder / profile):
        print(path.name)


def draw_day(folder: Path) -> None:
    """Draw a day of every profile: a command about every half hour, two hours without coverage."""
    queue = EventQueue(START_MS)
    network = Network(queue, seed=11)
    history = network.keep_history()
    random = Random(5)
    for profile in PROFILES:
        ue = idle_device(network, queue, profile)
        for half_hour in range(47):
            at_ms = START_MS + half_hour * 1_800_000 + 60_000 + random.randrange(1_500_000)
            queue.at(at_ms, send, network, ue, b"command")
        queue.at(START_MS + 10 * 3_600_000, ue.lose_coverage)
        queue.at(START_MS + 12 * 3_600_000, ue.find_coverage)
    queue.run_until(START_MS + 24 * 3_600_000)
    title = "A day: a command about every half hour, no coverage from 18:00 to 20:00"
    for path in save_timeline(
        draw_timeline(history, START_MS, queue.now_ms, title), folder / "a-day"
    ):
        print(path.name)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "pictures"
    for profile in SCENES:
        draw_profile(profile, folder)
    draw_day(folder)


if __name__ == "__main__":
    main()
