"""Reported: a modem whose memory holds eDRX or PSM, and a client that says SERVING and is deaf.

particle-iot/device-os pull 1762 (modems come with eDRX on, for every access technology) and pull
2317 (a SARA-R410 goes into PSM and eDRX by itself after +UMNOPROF).
"""

import pytest

MODELS = ("bg95", "sim7080g", "sara-r410m", "gm02sp", "nrf9151", "me310g1")
POLLING = "nrf9160"  # its firmware is asked for data every 400 ms: one test is enough
COMMANDS = 6
GAP_MIN = 7  # and never in a paging window of 81.92 s


async def after_an_earlier_program(supersim, model, profile, prepare=None):
    """Return a device whose modem keeps what an earlier program asked of it."""
    device = await supersim.add_device(model, profile)
    driver = device.driver()
    await driver.start()
    await driver.attach("super", 60000)
    if prepare:
        await prepare(driver)
    driver.at._reader.cancel()  # it is gone, without a word
    await supersim.run_for(seconds=20)
    return device


async def served(supersim, device, gap_min=GAP_MIN, **options):
    """Return the client, its log, and how many of six commands reached it."""
    said = []
    client = await device.listen(4242, log=said.append, **options)
    before = len(device.commands_handled)
    for number in range(COMMANDS):
        await supersim.run_for(minutes=gap_min)
        await supersim.send_command(device, f"command {number}", 4242)
    await supersim.run_for(minutes=gap_min)
    return client, said, len(device.commands_handled) - before


def sentences(said):
    return [line for line in said if "is on in the modem" in line]


@pytest.mark.parametrize("asked", [True, False], ids=["asked for before", "as it came"])
@pytest.mark.parametrize("model", MODELS)
async def test_edrx_that_nobody_asked_for_is_told_in_one_sentence(supersim, model, asked):
    async def ask(driver):
        assert await driver.set_edrx(81.92) == 81.92

    device = await after_an_earlier_program(supersim, model, "cat-m1-edrx", ask if asked else None)
    client, said, reached = await served(supersim, device)
    assert reached == 0  # the network drops them, and nobody can change that
    (sentence,) = sentences(said)
    for words in ("eDRX 81.92 s", "PSM off", "no HLCOM", "edrx_s=0"):
        assert words in sentence
    assert client.state == "SERVING"


@pytest.mark.parametrize("model", [*MODELS, POLLING])
async def test_a_client_that_switches_edrx_off_gets_every_command(supersim, model):
    async def ask(driver):
        assert await driver.set_edrx(81.92) == 81.92

    device = await after_an_earlier_program(supersim, model, "cat-m1-edrx", ask)
    client, said, reached = await served(supersim, device, 2, edrx_s=0)
    assert reached == COMMANDS
    assert not sentences(said)
    assert client.granted_edrx_s is None
    assert client.reopened == 0


@pytest.mark.parametrize("model", MODELS)
async def test_psm_that_nobody_asked_for_is_told_and_not_taken_for_a_crash(supersim, model):
    async def ask(driver):
        assert await driver.set_psm(10, 3600) == (10, 3600)

    device = await after_an_earlier_program(supersim, model, "psm", ask)
    client, said, _ = await served(supersim, device)
    assert sentences(said)
    for words in ("PSM 10 s every 3600 s", "no HLCOM", "modem.set_psm(None, None)"):
        assert words in sentences(said)[0]
    states = [line for line in said if "->" in line]
    assert client.state in ("SLEEPING", "SERVING", "STARTING")
    assert "PSM" in client.reason or client.state == "SERVING", states
    await supersim.run_for(hours=2)
    assert client.reopened <= 3, states  # with the modem's own update, once an hour


@pytest.mark.parametrize("model", MODELS)
async def test_nothing_is_said_where_nothing_is_on(supersim, model):
    device = await after_an_earlier_program(supersim, model, "cat-m1")
    _, said, reached = await served(supersim, device)
    assert not sentences(said)
    assert reached == COMMANDS
