"""A modem that answers AT in PSM, and keeps its sockets: the client says when it sleeps.

nRF91 (AT goes on in PSM: Nordic's AT commands reference, +CPSMS) and Sequans' while its host holds
RTS active (QuickSpot/walter-arduino, light sleep).
"""

import pytest

MODELS = ("gm02sp", "nrf9160", "nrf9151")
ASLEEP = "the radio sleeps in PSM: until something is sent, or for 3584 s at most"
LATE_MS = 3000
"""A hint is looked at after 2 s: more comes in its wake."""


async def listening(supersim, model, profile="psm"):
    """Return a device, its client, and a list of what it said: (ms, state, reason, radio's)."""
    device = await supersim.add_device(model, profile)
    client = await device.listen(4242)
    said = []
    client.on_state(lambda state, why: said.append((supersim.now_ms, state, why, device.ue.state)))
    return device, client, said


async def radio_states(supersim, device, minutes):
    """Run, and return when the radio entered and left PSM: (ms, whether it sleeps)."""
    edges = []
    asleep = device.ue.state == "PSM"
    for _ in range(minutes * 60):
        await supersim.run_for(seconds=1)
        if (device.ue.state == "PSM") != asleep:
            asleep = not asleep
            edges.append((supersim.now_ms, asleep))
    return edges


@pytest.mark.parametrize("model", MODELS)
async def test_its_state_follows_the_radios(supersim, model):
    device, client, said = await listening(supersim, model)
    edges = await radio_states(supersim, device, 130)
    assert [asleep for _, asleep in edges] == [True, False, True, False, True]
    assert [state for _, state, _, _ in said] == [
        "SLEEPING" if asleep else "SERVING" for _, asleep in edges
    ]
    for (at_ms, asleep), (told_ms, _, why, _) in zip(edges, said, strict=True):
        assert -1000 <= told_ms - at_ms < LATE_MS
        if asleep:
            assert why == "ModemAsleep: " + ASLEEP + "; next: ask in 300 s"
    assert client.reopened == 0
    assert client.health()["seconds"]["SLEEPING"] > 2 * 3500


@pytest.mark.parametrize("model", MODELS)
async def test_sending_wakes_it_without_a_new_socket(supersim, model):
    device, client, said = await listening(supersim, model)
    await supersim.run_for(minutes=10)
    assert client.state == "SLEEPING"
    client.wake()  # nothing but an uplink does (TS 23.682 section 4.5.4)
    await supersim.run_for(minutes=1)
    assert client.state == "SLEEPING"
    began_ms = supersim.now_ms
    await client.wait_ready(1000)
    await client.send(b"up")
    assert supersim.now_ms - began_ms < 5000
    await supersim.run_for(seconds=4)
    assert (client.state, device.ue.state) == ("SERVING", "connected")
    command = await supersim.send_command(device, "hello", 4242)
    await supersim.run_for(seconds=5)
    assert [handled.payload for handled in device.commands_handled] == [b"hello"]
    assert command.delivered
    await supersim.run_for(minutes=1)
    assert (client.state, device.ue.state) == ("SLEEPING", "PSM")
    assert [state for _, state, _, _ in said] == ["SLEEPING", "SERVING", "SLEEPING"]
    assert client.reopened == 0


@pytest.mark.parametrize("model", MODELS)
async def test_a_connection_that_was_not_told_is_asked_for(supersim, model):
    """+CSCON is lost: the check every five minutes finds out."""
    device, client, said = await listening(supersim, model)
    device.fake.muted = True
    await supersim.run_for(minutes=6)
    assert client.state == "SLEEPING"
    device.fake.muted = False
    await supersim.run_for(minutes=1)
    assert len(said) == 1


@pytest.mark.parametrize("profile", ["cat-m1", "cat-m1-edrx-hlcom"])
@pytest.mark.parametrize("model", MODELS)
async def test_without_psm_nobody_asks_for_the_radio_connection(supersim, model, profile):
    device, client, said = await listening(supersim, model, profile)
    ran = []
    device.fake.before_command = lambda call: ran.append(call.name)
    for _ in range(5):
        await supersim.run_for(minutes=10)
        await client.send(b"up")
    assert (client.state, said) == ("SERVING", [])
    assert "+CSCON" not in ran
    assert ran.count("+CEREG") <= 11


async def test_firmware_without_cscon_serves_as_before(supersim):
    device = await supersim.add_device("gm02sp", "psm")
    commands = type(device.fake).COMMANDS
    device.fake.COMMANDS = {name: commands[name] for name in commands if name != "+CSCON"}
    client = await device.listen(4242)
    await supersim.run_for(minutes=70)
    assert (client.state, client.reopened) == ("SERVING", 0)
