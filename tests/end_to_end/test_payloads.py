"""Any payload, both ways, through every layer; and what is refused is refused early."""

import pytest

from ip_commands.device.errors import PayloadTooLong
from ip_commands.host_sim.world.api_client import ApiRefusal

NASTY = {
    "a final result": b"\r\nOK\r\n",
    "a receive URC": b'+QIURC: "recv",0\r\n',
    "another receive URC": b"\r\n+CADATAIND: 0\r\n",
    "a prompt": b"> ",
    "control bytes": b"\x00\x1a\x1b\x08",
    "a lone CR": b"\r",
    "commas and quotes": b',",",1,"',
    "every byte value": bytes(range(256)),
    "1300 bytes": bytes(range(256)) * 5 + b"\r\nOK\r\n" + b"x" * 14,
}


@pytest.mark.parametrize("modem", ["bg95", "sim7080g"])
async def test_payloads_arrive_unchanged_both_ways(supersim, modem):
    device = await supersim.add_device(modem=modem, profile="cat-m1", uart={"cut": 7})
    await device.listen(port=4242, reply=lambda payload: payload)
    for payload in NASTY.values():
        await supersim.send_command(device, payload, port=4242)
        await supersim.run_for(seconds=20)
    assert [handled.payload for handled in device.commands_handled] == list(NASTY.values())
    assert [hook.payload for hook in supersim.webhooks] == list(NASTY.values())


async def test_1301_bytes_are_refused_at_both_ends(supersim):
    device = await supersim.add_device(modem="bg95", profile="cat-m1")
    client = await device.listen(port=4242)
    with pytest.raises(PayloadTooLong):
        await client.send(bytes(1301))
    with pytest.raises(ApiRefusal) as refusal:
        await supersim.send_command(device, bytes(1301), port=4242)
    assert refusal.value.body["status"] == 400
    assert supersim.commands == {}
