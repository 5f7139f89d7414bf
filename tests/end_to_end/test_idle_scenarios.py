"""The three idle scenarios of the service's documents, and their counter-case, end to end.

Docs "IPCommand Resource", "If the device is sleeping": API, network, fake modem, AT driver,
handler, and back to the webhook.
"""

import pytest

from ip_commands.host_sim.lte import edrx, paging

MODEMS = ("bg95", "sim7080g")


async def a_sleeping_device(supersim, modem, profile):
    device = await supersim.add_device(modem=modem, profile=profile)
    await device.listen(port=4242, reply=lambda payload: b"done: " + payload)
    await supersim.run_for(minutes=5)
    await device.fall_asleep()
    return device


@pytest.mark.parametrize("modem", MODEMS)
@pytest.mark.parametrize("profile", ["lte", "cat-m1"])
async def test_a_device_without_edrx_is_paged_and_answers(supersim, modem, profile):
    device = await a_sleeping_device(supersim, modem, profile)
    sent_at_ms = supersim.now_ms
    command = await supersim.send_command(device, "hello", port=4242)
    await supersim.run_for(seconds=30)

    assert command.status == "sent"
    assert [handled.payload for handled in device.commands_handled] == [b"hello"]
    assert [hook.payload for hook in supersim.webhooks] == [b"done: hello"]
    paged_ms = command.first_ms("paged")
    assert paged_ms == paging.next_occasion(device.ue.where, command.record.updated_ms)
    # one DRX cycle of 1.28 s for the page, under a second for the radio connection, unless a page
    # was missed and repeated after T3413
    if command.first_ms("missed") is None:
        assert command.delivered_at_ms - sent_at_ms < 1280 + 50 + 1200


@pytest.mark.parametrize("modem", MODEMS)
async def test_with_hlcom_a_command_waits_for_the_paging_window(supersim, modem):
    device = await a_sleeping_device(supersim, modem, "cat-m1-edrx-hlcom")
    command = await supersim.send_command(device, "hello", port=4242)
    await supersim.run_for(seconds=1)
    assert command.status == "sent"
    assert not command.delivered
    window = edrx.next_window(device.ue.windows, command.record.updated_ms)

    await supersim.run_for(minutes=2)
    assert [handled.payload for handled in device.commands_handled] == [b"hello"]
    assert [hook.payload for hook in supersim.webhooks] == [b"done: hello"]
    assert command.first_ms("buffered") == command.record.updated_ms
    assert window.start_asf <= command.first_ms("paged") < window.end_asf
    assert command.delivered_at_ms > window.start_asf


@pytest.mark.parametrize("modem", MODEMS)
async def test_without_hlcom_a_command_in_edrx_sleep_is_lost_though_sent(supersim, modem):
    device = await a_sleeping_device(supersim, modem, "cat-m1-edrx")
    command = await supersim.send_command(device, "hello", port=4242)
    await supersim.run_for(hours=2)

    assert command.status == "sent"
    assert command.lost
    assert device.commands_handled == []
    assert supersim.webhooks == []
    assert "HLCOM" in command.explain()


@pytest.mark.parametrize("modem", MODEMS)
async def test_a_command_to_a_device_that_is_not_attached_fails_with_83401(supersim, modem):
    device = await supersim.add_device(modem=modem, profile="cat-m1", powered=False)
    command = await supersim.send_command(
        device, "hello", port=4242, CallbackUrl=supersim.receiver.url
    )
    await supersim.run_for(seconds=5)

    assert command.status == "failed"
    assert [hook.parameters["ErrorCode"] for hook in supersim.webhooks] == ["83401"]
    assert "not attached" in command.explain()
