"""The cloud's truth is the network's: Sims switched off, moved, without data, over their limit."""

import pytest

from ip_commands.host_sim.lte import NotAttached
from ip_commands.host_sim.time.virtual_time import run
from ip_commands.host_sim.world.super_sim import SuperSim


class Told:
    """A SuperSim that keeps what the core told."""

    def __init__(self, supersim):
        self.events = []
        supersim.on_connection_event = self.events.append

    def names(self):
        return [event.event for event in self.events]

    def codes(self):
        return [event.refusal.service_code for event in self.events if event.refusal]


def in_a_supersim(body, **arguments):
    async def exchange():
        async with SuperSim(**arguments) as supersim:
            await body(supersim, Told(supersim))

    run(exchange())


async def online(supersim, profile="cat-m1", **network):
    device = await supersim.add_device("bg95", profile, **network)
    device.ue.connect()
    await supersim.run_for(seconds=60)
    assert device.ue.ip_address is not None
    return device


async def set_status(supersim, device, status):
    supersim.store.sims.update(device.sim, status=status)
    await supersim.run_for(minutes=1)
    assert device.sim.status == status


@pytest.mark.parametrize(("cause", "registration"), [(8, 3), (7, 3), (15, 3), (17, 2)])
def test_an_inactive_sim_is_not_let_in(cause, registration):
    async def check(supersim, told):
        device = await supersim.add_device("bg95", "cat-m1", barred_cause=cause)
        await set_status(supersim, device, "inactive")
        device.ue.connect()
        await supersim.run_for(seconds=8)
        assert (device.ue.registration, device.ue.ip_address) == (registration, None)
        assert told.names()[0] == "attach rejected"
        assert told.codes()[0] == 83705
        assert told.events[0].refusal.cause == cause
        with pytest.raises(NotAttached, match="its Super SIM is inactive"):
            supersim.network.send_downlink(device.sim.iccid, b"x", 1)

    in_a_supersim(check)


def test_a_new_sim_is_not_let_in_either():
    async def check(supersim, told):
        device = await supersim.add_device("bg95", "cat-m1")
        device.sim.status = "new"
        device.ue.connect()
        await supersim.run_for(seconds=10)
        assert (told.names(), told.codes()) == (["attach rejected"], [83704])

    in_a_supersim(check)


def test_a_sim_switched_off_while_attached_is_detached_and_refused():
    async def check(supersim, told):
        device = await online(supersim)
        await set_status(supersim, device, "inactive")
        assert told.names() == [
            "attach accepted",
            "session started",
            "session ended",
            "attach rejected",
        ]
        assert told.codes() == [83705]
        assert "its Super SIM is inactive" in told.events[2].reason
        assert device.ue.ip_address is None
        assert (device.ue.registration, device.ue.reject_cause) == (3, 8)
        assert not device.ue.send_udp(b"up", 4242, "100.64.0.1", 6969)
        # on again, it comes back once its radio was off
        await set_status(supersim, device, "active")
        assert device.ue.registration == 3
        device.ue.switch_off()
        device.ue.switch_on()
        await supersim.run_for(seconds=30)
        assert device.ue.ip_address is not None

    in_a_supersim(check)


def test_while_the_update_is_pending_the_old_status_counts():
    async def check(supersim, told):
        device = await online(supersim)
        supersim.store.sims.update(device.sim, status="inactive")
        assert device.sim.status == "scheduled"
        device.ue.switch_off()
        device.ue.switch_on()
        assert supersim.subscriptions.attach(device.sim.iccid, device.ue.profile) is None

    in_a_supersim(check)


@pytest.mark.parametrize("profile", ["cat-m1-edrx-hlcom", "psm"])
def test_a_sleeping_device_is_detached_at_once_and_learns_at_its_next_contact(profile):
    async def check(supersim, told):
        device = await online(supersim, profile)
        await set_status(supersim, device, "inactive")
        assert told.names()[-1] == "session ended"
        assert device.ue.registration == 5
        assert device.ue.send_udp(b"up", 4242, "100.64.0.1", 6969)
        await supersim.run_for(seconds=30)
        assert (told.names()[-1], told.codes()) == ("attach rejected", [83705])
        assert (device.ue.registration, supersim.webhooks) == (3, [])

    in_a_supersim(check)


def test_a_fleet_without_data_gives_no_data_connection():
    async def check(supersim, told):
        fleet = supersim.store.create_fleet(supersim.account, data_enabled=False)
        device = await supersim.add_device("bg95", "cat-m1")
        supersim.store.sims.update(device.sim, fleet=fleet.sid)
        device.ue.connect()
        await supersim.run_for(seconds=60)
        assert (device.ue.registration, device.ue.ip_address) == (5, None)
        assert told.names() == ["attach accepted", "session failed"]
        assert "its Fleet has no data" in told.events[1].refusal.reason
        assert device.ue.last_refusal.cause == 33

    in_a_supersim(check)


def test_moved_to_another_fleet_it_is_detached_and_comes_back_under_its_rules():
    async def check(supersim, told):
        with_data = supersim.store.create_fleet(supersim.account)
        without = supersim.store.create_fleet(supersim.account, data_enabled=False)
        device = await online(supersim)
        old = device.ue.ip_address
        supersim.store.sims.update(device.sim, fleet=with_data.sid)
        await supersim.run_for(minutes=1)
        assert device.ue.ip_address not in (None, old)
        supersim.store.sims.update(device.sim, fleet=without.sid)
        await supersim.run_for(minutes=1)
        assert (device.ue.registration, device.ue.ip_address) == (5, None)
        assert told.names()[-2:] == ["attach accepted", "session failed"]

    in_a_supersim(check)


def test_a_data_limit_ends_the_session_and_refuses_the_next_until_the_month_ends():
    async def check(supersim, told):
        fleet = supersim.store.create_fleet(supersim.account, data_limit=1)
        device = await supersim.add_device("bg95", "lte")
        supersim.store.sims.update(device.sim, fleet=fleet.sid)
        device.ue.connect()
        await supersim.run_for(seconds=30)
        iccid = device.sim.iccid
        sent = 0
        while device.ue.context.ip_address is not None:
            supersim.network.send_downlink(iccid, b"x" * 1472, 1)
            await supersim.run_for(seconds=1)
            sent += 1
        assert sent == 658  # 1520 bytes, in two fragments
        with pytest.raises(NotAttached, match="data limit"):
            supersim.network.send_downlink(iccid, b"x", 1)
        assert 1_000_000 <= supersim.subscriptions.used_bytes(iccid) < 1_003_000
        assert told.names()[-1] in ("session ended", "session failed")
        await supersim.run_for(minutes=1)
        assert device.ue.ip_address is None
        device.ue.activate_pdp("super")
        await supersim.run_for(minutes=1)
        assert device.ue.ip_address is None
        await supersim.run_for(hours=25 * 24)  # it began on 8 January
        assert supersim.subscriptions.used_bytes(iccid) == 0
        device.ue.activate_pdp("super")
        await supersim.run_for(minutes=1)
        assert device.ue.ip_address is not None

    in_a_supersim(check, start="2027-01-08T00:00:00")


def test_what_the_cloud_stored_counts_after_a_restart(tmp_path):
    db = str(tmp_path / "cloud.db")

    async def first(supersim, told):
        device = await online(supersim)
        await set_status(supersim, device, "inactive")

    async def second(supersim, told):
        device = await supersim.add_device("bg95", "cat-m1")
        assert device.sim.status == "inactive"
        device.ue.connect()
        await supersim.run_for(seconds=10)
        assert told.codes() == [83705]

    in_a_supersim(first, db=db)
    in_a_supersim(second, db=db)


def test_update_events_are_told_when_asked_for():
    async def check(supersim, told):
        supersim.network.home.update_s = 360
        await online(supersim)
        await supersim.run_for(hours=1)
        assert told.names().count("session updated") == 10

    in_a_supersim(check)


async def carry(supersim, device, datagrams):
    """Send as many datagrams of 1500 bytes as the session lives for; return how many."""
    for sent in range(datagrams):
        if device.ue.context.ip_address is None:
            return sent
        supersim.network.send_downlink(device.sim.iccid, b"x" * 1472, 1)
        await supersim.run_for(seconds=1)
    return datagrams


@pytest.mark.parametrize("update_s", [None, 60])  # what is told counts as used meanwhile
def test_a_data_limit_that_is_lowered_counts_for_a_session_that_lives(update_s):
    async def check(supersim, told):
        supersim.network.home.update_s = update_s
        fleet = supersim.store.create_fleet(supersim.account, data_limit=3)
        device = await supersim.add_device("bg95", "lte")
        other = await online(supersim, "lte")  # in another Fleet
        supersim.store.sims.update(device.sim, fleet=fleet.sid)
        device.ue.connect()
        await supersim.run_for(seconds=30)
        assert await carry(supersim, device, 100) == 100
        supersim.store.fleets.update(fleet, data_limit=1)
        assert await carry(supersim, device, 2000) == 658 - 100
        ended = [event for event in told.events if event.event == "session ended"]
        assert "the data limit is reached" in ended[-1].reason
        assert other.ue.ip_address is not None

    in_a_supersim(check)


def test_a_data_limit_below_what_was_carried_ends_the_session_at_once():
    async def check(supersim, told):
        fleet = supersim.store.create_fleet(supersim.account, data_limit=3)
        device = await supersim.add_device("bg95", "lte")
        supersim.store.sims.update(device.sim, fleet=fleet.sid)
        device.ue.connect()
        await supersim.run_for(seconds=30)
        assert await carry(supersim, device, 700) == 700
        supersim.store.fleets.update(fleet, data_limit=1)
        await supersim.run_for(seconds=1)
        assert told.names()[-2:] == ["session ended", "session failed"]
        supersim.store.fleets.update(fleet, data_limit=2)
        device.ue.switch_off()
        device.ue.switch_on()
        await supersim.run_for(minutes=1)
        assert device.ue.ip_address is not None

    in_a_supersim(check)


def test_a_data_limit_that_is_raised_lets_a_session_live_on():
    async def check(supersim, told):
        fleet = supersim.store.create_fleet(supersim.account, data_limit=1)
        device = await supersim.add_device("bg95", "lte")
        supersim.store.sims.update(device.sim, fleet=fleet.sid)
        device.ue.connect()
        await supersim.run_for(seconds=30)
        session = device.ue.context.session
        supersim.store.fleets.update(fleet, data_limit=2)
        assert await carry(supersim, device, 1300) == 1300
        assert device.ue.context.session is session

    in_a_supersim(check)
