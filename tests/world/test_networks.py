"""``supersim.networks``: networks by name, devices among them, steering, the cloud's view."""

import pytest

from ip_commands.host_sim import fake_modems
from ip_commands.host_sim.lte.search_patterns import SEARCH_PATTERNS
from ip_commands.host_sim.world.networks import pattern_of


async def test_hlcom_is_not_available_on_all_cellular_networks(supersim):
    """The same sleeping device: delivered in one network, lost in the next; both say ``sent``."""
    device = await supersim.add_device(
        profile="cat-m1-edrx", networks=["hlcom", "no-hlcom"], page_miss=0
    )
    await device.listen(port=4242)
    fates = {}
    for network in ("hlcom", "no-hlcom"):
        device.roam(network)
        await supersim.run_for(minutes=15)
        assert (device.profile, device.ue.registration) == (network, 5)
        await device.fall_asleep()
        command = await supersim.send_command(device, network, port=4242)
        await supersim.run_for(minutes=3)
        fates[network] = (command.status, command.delivered)
        assert ("no HLCOM" in command.explain()) == (network == "no-hlcom")
    assert fates == {"hlcom": ("sent", True), "no-hlcom": ("sent", False)}
    assert [one.text() for one in device.commands_handled] == ["hlcom"]


async def test_the_device_program_hears_of_other_windows_on_the_way(supersim):
    device = await supersim.add_device(
        modem="bg95",
        profile="cat-m1-edrx",
        networks=["hlcom", "short-edrx"],
        requested_edrx="1001",
    )
    await device.listen(port=4242)
    heard = []
    fake_heard = device.fake.power_saving_granted
    device.fake.power_saving_granted = lambda: (heard.append(device.ue.granted_edrx), fake_heard())
    await supersim.run_for(minutes=2)
    device.roam("short-edrx")
    await supersim.run_for(minutes=15)
    assert heard == [("1001", "0010", "0011")]


async def test_networks_are_added_and_listed(supersim):
    ready = len(supersim.networks.list())
    made = supersim.networks.add("mine", "hlcom", hlcom_packets=2, outages=[(600, 660)])
    other = supersim.networks.add("other", plmn="99901", equivalent=["mine"])
    assert [network.name for network in supersim.networks.list()[ready:]] == ["mine", "other"]
    assert (made.plmn, made.cells[0].hlcom_packets, other.equivalent) == ("00150", 2, ("00150",))
    device = await supersim.add_device(networks=["mine", "other"])
    device.ue.connect()
    await supersim.run_for(minutes=1)
    assert (device.networks, device.ue.plmn) == (("mine", "other"), "00150")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda networks: networks.add("hlcom"), "already a network 'hlcom'"),
        (lambda networks: networks.add("x", "y"), "no network 'y'; there are: hlcom"),
        (lambda networks: networks.add("x", plmn="00101"), "hlcom has PLMN 00101"),
        (lambda networks: networks.add("x", page_miss=2), "probability"),
        (lambda networks: networks.steer("nowhere"), "'nowhere' is no PLMN and no network"),
        (lambda networks: networks.sim_lists("90128", {"user_list": "hlcom"}), "has to be a list"),
        (lambda networks: networks.named(["hlcom", "y"]), "no network 'y'"),
        (lambda networks: networks.named("hlcom"), "networks is 'hlcom', it has to be a list"),
        (lambda networks: networks.named([5]), "no network 5; there are"),
        (lambda networks: networks.add("x", plmn=5), "PLMN 5: five or six digits"),
        (lambda networks: networks.add("x", t3346_s="x"), "t3346_s 'x': a whole number"),
        (lambda networks: networks.add("x", outages="1-2"), "outages '1-2': pairs of seconds"),
        (lambda networks: networks.add("x", outages=[5]), "outage 5: two times"),
        (lambda networks: networks.add("x", outages=[("a", 5)]), "outage .*: two times"),
        (lambda networks: networks.add("x", equivalent=[5]), "5 is no PLMN and no network"),
        (lambda networks: networks.steer("hlcom", cause=2), "cause 2.*goes on, refused or not"),
        (lambda networks: networks.steer("hlcom", cause="x"), "cause 'x': one octet"),
        (lambda networks: networks.steer("hlcom", times="x"), "steering 'x' times"),
    ],
)
async def test_what_cannot_be_is_refused_in_a_sentence(supersim, call, said):
    with pytest.raises(ValueError, match=said):
        call(supersim.networks)
    with pytest.raises(TypeError, match="a SIM has no 'friends'; it has home, user_list"):
        supersim.networks.sim_lists("90128", {"friends": []})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"networks": "hlcom"}, "networks is 'hlcom', it has to be a list"),
        ({"networks": ["hlcom"], "sim_lists": {"user_list": [5]}}, "5 is no PLMN"),
        ({"currents": "bg96"}, "currents 'bg96': currents_of"),
        ({"page_miss": "x"}, "page_miss 'x': a probability"),
        ({"attach_ms": (0, 0, 0)}, "attach_ms .*: three whole numbers of 1 or more"),
    ],
)
async def test_a_device_that_cannot_be_is_refused_in_a_sentence(supersim, given, said):
    with pytest.raises(ValueError, match=said):
        await supersim.add_device(**given)
    device = await supersim.add_device()  # and nothing is left of it
    assert device in supersim.devices


async def test_lists_of_the_sim_name_networks(supersim):
    device = await supersim.add_device(
        profile="cat-m1",
        networks=["slow", "hlcom", "no-hlcom"],
        sim_lists={"user_list": ["no-hlcom/cat-m1"], "forbidden": ["slow"], "search_every_min": 6},
    )
    device.ue.connect()
    await supersim.run_for(minutes=15)
    assert device.profile == "no-hlcom"
    assert device.ue.sim.user_list == (("00102", "cat-m1"),)
    assert device.ue.sim.forbidden == {"00111": 11}


async def test_steering_is_heard_by_the_cloud_and_leads_elsewhere(supersim):
    supersim.networks.steer("hlcom", cause=15, times=1)
    told = []
    supersim.on_connection_event = told.append
    device = await supersim.add_device(networks=["slow", "hlcom"])
    device.ue.connect()
    await supersim.run_for(minutes=15)
    assert device.profile == "hlcom"
    attaches = [(event.event, event.plmn) for event in told if "attach" in event.event]
    assert attaches == [("attach rejected", "00111"), ("attach accepted", "00101")]
    supersim.networks.steer()
    assert supersim.network.home.admission.steering is None


async def test_random_ways_depend_on_the_seed(supersim):
    device = await supersim.add_device(networks=["hlcom", "no-hlcom", "slow"])
    device.ue.connect()
    device.roam_at_random(600, 7200)
    seen = set()
    for _ in range(24):
        await supersim.run_for(hours=1)
        seen.add(device.profile)
    assert seen == {"hlcom", "no-hlcom", "slow"}


async def test_outages_and_timetables_of_one_device(supersim):
    alice = await supersim.add_device(networks=["hlcom"], search_pattern="continuous")
    bob = await supersim.add_device(networks=["hlcom"])
    for device in (alice, bob):
        device.ue.connect()
    alice.set_outages("hlcom", [(120, 240)])
    await supersim.run_for(minutes=3)
    assert (alice.ue.registration, bob.ue.registration) == (2, 5)
    bob.roam_along([(60, []), (600, ["hlcom"])])
    await supersim.run_for(minutes=2)
    assert (alice.ue.registration, bob.ue.registration) == (5, 2)


async def test_outages_of_a_network_are_the_same_for_devices_made_later(supersim):
    supersim.networks.add("mine", outages=[(600, 900)])
    alice = await supersim.add_device(networks=["mine"])
    await supersim.run_for(minutes=9)
    bob = await supersim.add_device(networks=["mine"])
    for device in (alice, bob):
        device.ue.connect()
    await supersim.run_for(minutes=2)
    assert (alice.ue.registration, bob.ue.registration) == (2, 2)
    await supersim.run_for(minutes=10)
    assert (alice.ue.registration, bob.ue.registration) == (5, 5)


def test_each_modem_has_a_search_pattern():
    patterns = {modem: pattern_of(modem) for modem in fake_modems.MODELS}
    assert set(patterns.values()) <= set(SEARCH_PATTERNS)
    assert (patterns["sara-r422"], patterns["nrf9160"]) == ("sara-r42", "nrf9160")
    assert patterns["sara-r410m"] == "nrf9160"  # not public: as the nRF9160


async def test_a_device_searches_as_its_modem_does(supersim):
    spent = {}
    for modem in ("sara-r422", "nrf9160"):
        device = await supersim.add_device(modem)
        device.ue.connect()
        await supersim.run_for(minutes=1)
        device.ue.lose_coverage()
        await supersim.run_for(hours=8)
        spent[modem] = device.ue.ledger.mah_by_cause["search"]
    assert spent["sara-r422"] > 1.3 * spent["nrf9160"]
