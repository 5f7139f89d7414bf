"""Sims and Fleets through the official client: the lifecycle around IP Commands."""

import asyncio
from typing import Any
from urllib.parse import parse_qsl

import pytest
from twilio.base.exceptions import TwilioRestException

from ip_commands.host_sim.cloud.store import StoreSettings
from tests.cloud.cloud_under_test import DEVICE_IP, CloudUnderTest

NEW_ICCID = "89883070000123456789"


def code_of(call: Any, **fields: Any) -> int:
    """Call what must be refused; return the API's error code."""
    with pytest.raises(TwilioRestException) as raised:
        call(**fields)
    code: int = raised.value.code
    return code


async def test_from_registration_to_the_first_datagram(cloud: CloudUnderTest) -> None:
    api = cloud.client().supersim.v1

    def register() -> Any:
        fleet = api.fleets.create(
            network_access_profile="everywhere",
            unique_name="trackers",
            ip_commands_url=cloud.receiver.url("/trackers"),
            ip_commands_method="GET",
        )
        sim = api.sims.create(iccid=NEW_ICCID, registration_code="H3LL0W0RLD")
        assert (sim.status, sim.unique_name, sim.fleet_sid) == ("new", None, None)
        assert sim.links["sim_ip_addresses"].endswith(f"/v1/Sims/{sim.sid}/IpAddresses")
        ok = {"sim": sim.sid, "payload": "x", "device_port": 1}
        assert code_of(api.ip_commands.create, **ok) == 83400
        assert code_of(sim.update, status="ready") == 83007
        assert code_of(sim.update, fleet="nowhere") == 83006
        sim.update(unique_name="tracker-1", fleet="trackers")
        updated = api.sims("tracker-1").update(
            status="ready", callback_url=cloud.receiver.url("/updated"), callback_method="GET"
        )
        assert updated.status == "scheduled"
        return fleet, sim

    fleet, sim = await asyncio.to_thread(register)
    await asyncio.sleep(0.05)
    await cloud.settle()
    (told,) = cloud.receiver.received
    assert told.raw_path.startswith("/updated?AccountSid=")
    assert ("SimStatus", "ready") in parse_qsl(told.raw_path.partition("?")[2])
    assert fleet.network_access_profile_sid.startswith("HA")
    assert (fleet.data_enabled, fleet.data_limit, fleet.data_metering) == (True, 1000, "payg")

    ready = await asyncio.to_thread(api.sims("tracker-1").fetch)
    assert (ready.status, ready.fleet_sid) == ("ready", fleet.sid)
    assert cloud.store.receive_from_sim(NEW_ICCID, b"first", DEVICE_IP, 5000)
    await cloud.settle()
    webhook = cloud.receiver.received[1]
    assert (webhook.method, webhook.body) == ("GET", b"")
    assert ("SimUniqueName", "tracker-1") in parse_qsl(webhook.raw_path.partition("?")[2])
    active = await asyncio.to_thread(api.sims(sim.sid).fetch)
    assert active.status == "active", "ready becomes active on first use"
    addresses = await asyncio.to_thread(api.sims(sim.sid).sim_ip_addresses.list)
    assert [(item.ip_address, item.ip_address_version) for item in addresses] == [
        (DEVICE_IP, "IPv4")
    ]


async def test_a_command_makes_a_ready_sim_active(cloud: CloudUnderTest) -> None:
    cloud.sim.status = "ready"
    cloud.store.ip_commands.create(cloud.account, sim="alice", payload="x", device_port=1)
    assert cloud.sim.status == "ready"
    await cloud.settle()
    assert cloud.sim.status == "active"


async def test_what_a_sim_update_refuses() -> None:
    settings = StoreSettings(sim_update_delay_ms=60_000)
    async with CloudUnderTest(settings=settings) as cloud:
        await try_sim_updates(cloud)
        cloud.queue.run_until(cloud.queue.now_ms + 60_000)
        assert (cloud.sim.status, cloud.sim.unique_name) == ("inactive", "alice")
        assert cloud.store.receive_from_sim(cloud.sim.iccid, b"x", DEVICE_IP, 1) is None


async def try_sim_updates(cloud: CloudUnderTest) -> None:
    api = cloud.client().supersim.v1
    cloud.store.add_sim(cloud.account, NEW_ICCID, unique_name="bob", status="new")

    def try_all() -> None:
        alice, bob = api.sims("alice"), api.sims("bob")
        assert code_of(alice.update, unique_name="bob") == 83011
        assert code_of(alice.update, status="new") == 20001
        assert code_of(alice.update, status="ready") == 83010
        assert code_of(alice.update, fleet="") == 83008
        assert code_of(alice.update, account_sid="AC" + "0" * 32) == 20001
        assert code_of(alice.update, unique_name="ok", status="walking") == 20001
        assert code_of(api.sims.create, iccid=NEW_ICCID, registration_code="x") == 83003
        assert code_of(api.sims.create, iccid="123", registration_code="x") == 20001
        assert bob.update(unique_name="").unique_name is None
        assert api.sims("alice").update(status="inactive").status == "scheduled"
        assert code_of(alice.update, status="active") == 83010
        assert code_of(alice.update, fleet="elsewhere") == 83009
        ok = {"sim": "alice", "payload": "x", "device_port": 1}
        assert code_of(api.ip_commands.create, **ok) == 83400

    await asyncio.to_thread(try_all)


async def test_a_command_queued_before_its_sim_went_inactive_fails(cloud: CloudUnderTest) -> None:
    command = cloud.store.ip_commands.create(
        cloud.account, sim="alice", payload="x", device_port=1
    )
    cloud.sim.status = "inactive"
    await cloud.settle()
    assert (command.status, command.error_code) == ("failed", 83401)
    assert cloud.network.sent == []


async def test_a_new_sim_moves_to_a_subaccount(cloud: CloudUnderTest) -> None:
    child = cloud.store.create_account("child", parent=cloud.account)
    stranger = cloud.store.create_account("stranger")
    sim = cloud.store.add_sim(cloud.account, NEW_ICCID, unique_name="bob", status="new")
    api = cloud.client().supersim.v1

    def move() -> None:
        assert code_of(api.sims("alice").update, account_sid=child.sid) == 20001
        assert code_of(api.sims("bob").update, account_sid=stranger.sid) == 20001
        assert api.sims("bob").update(account_sid=child.sid).account_sid == child.sid
        assert code_of(api.sims("bob").fetch) == 20404
        assert [found.unique_name for found in api.sims.list()] == ["alice"]

    await asyncio.to_thread(move)
    moved = await asyncio.to_thread(cloud.client(child).supersim.v1.sims("bob").fetch)
    assert (moved.sid, moved.fleet_sid) == (sim.sid, None)


async def test_a_registered_card_is_nobody_elses(cloud: CloudUnderTest) -> None:
    other = cloud.store.create_account()
    sims = cloud.client(other).supersim.v1.sims

    def register() -> int:
        return code_of(sims.create, iccid="8988307000000000099", registration_code="x")

    cloud.store.add_sim(cloud.account, "8988307000000000099")
    assert await asyncio.to_thread(register) == 83002


async def test_fleets(cloud: CloudUnderTest) -> None:
    api = cloud.client().supersim.v1
    profile = "HA" + "b" * 32

    def use() -> None:
        dataless = api.fleets.create(
            network_access_profile=profile, unique_name="no data", data_enabled=False
        )
        assert dataless.data_enabled is False
        assert dataless.network_access_profile_sid == profile
        assert [f.sid for f in api.fleets.list(network_access_profile=profile)] == [dataless.sid]
        assert [f.sid for f in api.fleets.list()] == [dataless.sid, cloud.fleet.sid]
        updated = dataless.update(ip_commands_url="https://example.com/x", data_limit=5)
        assert (updated.ip_commands_url, updated.data_limit) == ("https://example.com/x", 5)
        assert updated.ip_commands_method == "POST"
        assert dataless.update(ip_commands_url="").ip_commands_url is None
        assert code_of(api.fleets.create, network_access_profile="") == 20001
        assert code_of(dataless.update, data_limit=0) == 20001
        assert code_of(dataless.update, ip_commands_method="PUT") == 20001
        assert code_of(dataless.update, ip_commands_url="nonsense") == 20001
        make = api.fleets.create
        assert code_of(make, network_access_profile="x", unique_name="no data") == 83011
        assert api.fleets("no data").fetch().sid == dataless.sid
        api.sims("alice").update(fleet="no data")
        ok = {"sim": "alice", "payload": "x", "device_port": 1}
        assert code_of(api.ip_commands.create, **ok) == 83400

    await asyncio.to_thread(use)
    assert cloud.store.receive_from_sim(cloud.sim.iccid, b"x", DEVICE_IP, 1) is None


async def test_lists_of_sims(cloud: CloudUnderTest) -> None:
    for number in range(2, 8):
        cloud.store.add_sim(cloud.account, f"898830700000000000{number}", status="new")
    sims = cloud.client().supersim.v1.sims

    def read() -> None:
        assert len(sims.list()) == 7
        assert [sim.iccid[-1] for sim in sims.list(page_size=2)] == list("7654321")
        assert [sim.sid for sim in sims.list(status="active")] == [cloud.sim.sid]
        assert [sim.sid for sim in sims.list(fleet=cloud.fleet.sid)] == [cloud.sim.sid]
        assert sims.list(fleet="unknown") == []
        assert [sim.sid for sim in sims.list(iccid=cloud.sim.iccid)] == [cloud.sim.sid]

    await asyncio.to_thread(read)
