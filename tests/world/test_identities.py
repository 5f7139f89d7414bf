"""Which Super SIM a device has: by its name, also after a restart; which IMEI its modem has."""

import pytest

from ip_commands.host_sim.time.virtual_time import run
from ip_commands.host_sim.world.identities import with_check_digit
from ip_commands.host_sim.world.super_sim import SuperSim

OWN = with_check_digit("8988307000000777777")


def started(tmp_path, **more):
    return SuperSim(db=str(tmp_path / "cloud.db"), **more)


async def iccids(supersim, *names, **chosen):
    devices = [
        await supersim.add_device(name=name, powered=False, iccid=chosen.get(name))
        for name in names
    ]
    return {device.name: device.sim.iccid for device in devices}


async def test_a_device_has_its_super_sim_again_whatever_the_order(tmp_path):
    """Seen: by its place in the list a command to the Sim of bob was delivered to alice."""
    async with started(tmp_path) as supersim:
        first = await iccids(supersim, "alice", "bob", "carol")
    assert len(set(first.values())) == 3
    async with started(tmp_path) as supersim:
        assert await iccids(supersim, "carol", "bob", "alice") == first
    async with started(tmp_path) as supersim:
        assert await iccids(supersim, "bob") == {"bob": first["bob"]}
        dave = (await iccids(supersim, "dave"))["dave"]
        assert dave not in first.values()


def test_a_command_goes_to_the_device_of_its_sim_after_a_restart(tmp_path):
    async def live():
        async with started(tmp_path) as supersim:
            await iccids(supersim, "alice", "bob")
            sid = supersim.devices[1].sim.sid
        async with started(tmp_path) as supersim:
            for name in ("bob", "alice"):
                device = await supersim.add_device(name=name)
                device.ue.connect()
            await supersim.run_for(minutes=1)
            bob = supersim.devices[0]
            assert bob.sim.sid == sid
            command = await supersim.send_command(bob, "for bob")
            await supersim.run_for(minutes=1)
            assert command.datagram.ue_name == "bob"

    run(live())


async def test_an_iccid_can_be_given(tmp_path):
    async with started(tmp_path) as supersim:
        assert await iccids(supersim, "alice", alice=OWN) == {"alice": OWN}
    async with started(tmp_path) as supersim:
        assert await iccids(supersim, "alice", alice=OWN) == {"alice": OWN}


@pytest.mark.parametrize(
    ("name", "iccid", "said"),
    [
        ("alice", OWN, "its Super SIM in the store has ICCID 8988307"),
        ("dave", "alice's", "is that of Super SIM alice"),
        ("alice", "89883070000000000", "the last of them a check digit"),
        ("alice", OWN[:-1] + str((int(OWN[-1]) + 1) % 10), "the last of them a check digit"),
        ("alice", "1" + OWN[1:], "89, then digits"),
    ],
)
async def test_a_contradiction_is_said(tmp_path, name, iccid, said):
    async with started(tmp_path) as supersim:
        first = await iccids(supersim, "alice")
    async with started(tmp_path) as supersim:
        with pytest.raises(ValueError, match=said):
            await iccids(supersim, name, **{name: first.get(iccid[:5], iccid)})
        assert supersim.devices == []


async def test_two_devices_cannot_have_one_name_or_one_sim():
    async with SuperSim() as supersim:
        await iccids(supersim, "alice")
        with pytest.raises(ValueError, match="device 'alice' already"):
            await iccids(supersim, "alice")
        with pytest.raises(ValueError, match="is that of Super SIM alice"):
            await iccids(supersim, "bob", bob=supersim.devices[0].sim.iccid)


async def test_each_modem_has_an_imei_of_its_own_the_same_in_each_run():
    seen = []
    for names in (("alice", "bob", "carol"), ("carol", "alice", "bob")):
        async with SuperSim() as supersim:
            await iccids(supersim, *names)
            seen.append({device.name: device.ue.imei for device in supersim.devices})
    assert seen[0] == seen[1]
    imeis = set(seen[0].values())
    assert len(imeis) == 3
    assert all(with_check_digit(imei[:-1]) == imei and len(imei) == 15 for imei in imeis)


async def test_imeis_that_would_be_alike_are_told_apart(monkeypatch):
    monkeypatch.setattr("ip_commands.host_sim.world.identities._SERIALS", 2)
    async with SuperSim() as supersim:
        await iccids(supersim, "alice", "bob")
        assert len({device.ue.imei for device in supersim.devices}) == 2
