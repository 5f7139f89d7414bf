"""Every model with its own driver and fake: a command to a sleeping device, and its answer."""

import pytest

from ip_commands.device.errors import InvalidValue
from ip_commands.host_sim import fake_modems
from ip_commands.modem_drivers import models
from tests.drivers.modem_bench import HIDE_SENDER

MODELS = [name for name in models.NAMES if name.lower() in fake_modems.MODELS]
PAYLOAD = b'\r\nOK\r\n+QIURC: "recv",0\r\n> ' + bytes(range(256)) * 4


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("profile", ["cat-m1", "cat-m1-edrx-hlcom"])
async def test_a_sleeping_device_gets_its_command_and_answers(supersim, model, profile):
    device = await supersim.add_device(model, profile)
    senders = {"accept_from": None} if model in HIDE_SENDER else {}
    client = await device.listen(4242, reply=lambda payload: payload[:1000], **senders)
    await supersim.run_for(minutes=2)
    await device.fall_asleep()
    command = await supersim.send_command(device, PAYLOAD, 4242)
    await supersim.run_for(minutes=3)

    assert command.delivered, command.explain()
    assert [handled.payload for handled in device.commands_handled] == [PAYLOAD]
    assert [hook.payload for hook in supersim.webhooks] == [PAYLOAD[:1000]]
    assert client.reopened == 0


@pytest.mark.parametrize("model", HIDE_SENDER)
async def test_a_modem_that_cannot_tell_who_sent_is_refused_where_that_counts(supersim, model):
    device = await supersim.add_device(model, "cat-m1")
    with pytest.raises(InvalidValue, match="accept_from=None"):
        await device.listen(4242)
