"""SuperSim's own promises: names, numbers, independence, what is refused."""

import pytest

from ip_commands.host_sim.lte.energy import CurrentProfile
from ip_commands.host_sim.time.virtual_time import run
from ip_commands.host_sim.world.identities import with_check_digit
from ip_commands.host_sim.world.super_sim import SuperSim

OWN = CurrentProfile("ten", 3.7, 10e3, 10e3, 0, 0, 10, 10, 10, 10, "made up")


def test_the_check_digit_of_a_known_number():
    assert with_check_digit("7992739871") == "79927398713"  # the example of Luhn's patent


async def test_every_device_gets_a_sim_and_a_name_of_its_own(supersim):
    devices = [await supersim.add_device() for _ in range(3)]
    assert [device.name for device in devices] == ["device-1", "device-2", "device-3"]
    assert len({device.sim.iccid for device in devices}) == 3
    assert all(len(device.sim.iccid) == 20 for device in devices)


@pytest.mark.parametrize(
    "arguments", [{"modem": "bg1"}, {"profile": "6g"}, {"quirks": ["flies"]}, {"page_miss": 2}]
)
async def test_what_does_not_exist_is_refused_by_name(supersim, arguments):
    with pytest.raises(ValueError, match=r"bg1|6g|flies|page_miss"):
        await supersim.add_device(**arguments)


def test_adding_a_device_changes_nobody_elses_run():
    async def trail(others):
        async with SuperSim(seed=3) as supersim:
            alice = await supersim.add_device("bg95", "cat-m1-edrx-hlcom", name="alice")
            await alice.listen(4242)
            await supersim.run_for(minutes=5)
            for number in range(others):
                await supersim.add_device("sim7080g", "cat-m1", name=f"other-{number}")
            command = await supersim.send_command(alice, "x", 4242)
            await supersim.run_for(minutes=3)
            return [(step.at_ms, step.event, step.rule) for step in command.trail]

    assert run(trail(0)) == run(trail(2))


async def test_a_datagram_elsewhere_is_no_ip_command(supersim):
    device = await supersim.add_device("bg95", "cat-m1")
    driver = device.driver()
    await driver.start()
    await driver.attach("super", 120_000)
    socket = await driver.open_udp(4242)
    await socket.send_to(b"dns?", "8.8.8.8", 53)
    await socket.send_to(b"command", "100.64.0.1", 1)
    await supersim.run_for(seconds=10)
    assert [hook.payload for hook in supersim.webhooks] == [b"command"]
    await driver.close()


async def test_the_receiver_keeps_the_newest_webhooks_only(supersim, monkeypatch):
    monkeypatch.setattr("ip_commands.host_sim.world.webhook_receiver.MAX_WEBHOOKS_KEPT", 3)
    device = await supersim.add_device("bg95", "lte")
    client = await device.listen(4242)
    for number in range(5):
        await client.send(b"%d" % number)
        await supersim.run_for(seconds=5)
    assert [hook.payload for hook in supersim.webhooks] == [b"2", b"3", b"4"]


async def test_a_device_draws_what_its_modem_draws(supersim):
    known = await supersim.add_device("bg96", "cat-m1")
    unknown = await supersim.add_device("bg95", "cat-m1")
    own = await supersim.add_device("bg95", "cat-m1", currents=OWN)
    for device in supersim.devices:
        device.ue.connect()
    await supersim.run_for(hours=1)
    assert known.ue.ledger.currents.name == "BG96 Cat-M1 (TAU, search as nRF9160 Cat-M1)"
    assert unknown.ue.ledger.currents.name == "bg95: as nRF9160 Cat-M1"
    assert own.ue.ledger.mah_per_day == pytest.approx(240, rel=0.02)
    assert known.ue.ledger.mah_by_cause["drx"] > 1.5 * unknown.ue.ledger.mah_by_cause["drx"]
