"""The idle scenarios once more, with the device program on the real MicroPython interpreter.

The board files and the program are those that are flashed; API, network and modem are simulated,
and the interpreter's clock moves in step with theirs.
"""

import pytest

from ip_commands.host_sim.lte import edrx
from ip_commands.host_sim.micropython import MicroPythonBoard
from tests.end_to_end.test_micropython import BOARDS, DEVICE_PROGRAM
from tests.micropython.micropython_boards import NEEDS_MICROPYTHON

pytestmark = NEEDS_MICROPYTHON


@pytest.mark.parametrize(("board", "model", "key", "status"), BOARDS)
@pytest.mark.parametrize("profile", ["lte", "cat-m1", "cat-m1-edrx-hlcom", "cat-m1-edrx"])
async def test_a_command_and_its_answer(supersim, board, model, key, status, profile):
    device = await supersim.add_device(model, profile, powered=False)
    program = MicroPythonBoard(DEVICE_PROGRAM.format(board=board), baud=115200)
    program.wire(device.fake, key, status)
    async with program:
        await supersim.run_for(minutes=5)
        await device.fall_asleep()
        command = await supersim.send_command(device, "hello", port=4242)
        if profile == "cat-m1-edrx":
            await supersim.run_for(hours=1)
            assert command.lost
            assert supersim.webhooks == []
            assert all("eDRX 81.92 s" in line for line in program.stdout.lines)
            return
        if profile == "cat-m1-edrx-hlcom":  # the modem came with it switched on
            assert "eDRX 81.92 s" in await program.read_line()
        assert await program.read_line() == "b'hello' ('100.64.0.1', 6969)"
        await supersim.run_for(minutes=1)
        assert command.delivered
        assert [hook.payload for hook in supersim.webhooks] == [b"hello"]
        if profile == "cat-m1-edrx-hlcom":
            paged_ms = command.first_ms("paged")
            assert edrx.window_at(device.ue.windows, paged_ms) is not None
            assert command.first_ms("buffered") < paged_ms
