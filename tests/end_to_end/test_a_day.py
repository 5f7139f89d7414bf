"""A simulated day: 144 commands to a device in eDRX, each delivered once, in order, in time."""

from ip_commands.host_sim.lte import edrx, paging


async def test_a_day_of_commands_every_ten_minutes(supersim):
    # a page that is missed at the end of a window is repeated in the next
    device = await supersim.add_device(modem="bg95", profile="cat-m1-edrx-hlcom", hlcom_windows=2)
    await device.listen(port=4242, reply=lambda payload: b"done " + payload)
    await supersim.run_for(minutes=5)
    commands = []
    for number in range(144):
        commands.append(await supersim.send_command(device, f"command {number}", port=4242))
        await supersim.run_for(minutes=10)

    expected = [b"command %d" % number for number in range(144)]
    assert [handled.payload for handled in device.commands_handled] == expected
    assert [hook.payload for hook in supersim.webhooks] == [b"done " + text for text in expected]
    assert {command.status for command in commands} == {"sent"}
    for command in commands:
        pages = [entry.at_ms for entry in command.trail if entry.event == "paged"]
        assert pages, command.explain()
        for at_ms in pages:  # each at one of its paging occasions, inside a window
            assert paging.next_occasion(device.ue.where, at_ms) == at_ms
            assert edrx.window_at(device.ue.windows, at_ms) is not None
        assert command.delivered_at_ms > pages[-1]
