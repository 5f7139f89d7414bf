"""+CGEV (TS 27.007 section 10.1.19): what it says of other contexts is no reason to look."""

import asyncio

import pytest

from tests.drivers.modem_bench import ModemBench

OTHERS = (
    "NW PDN DEACT 5",
    "ME PDN DEACT 5",
    "NW PDN ACT 5",
    "ME PDN ACT 5,0",
    "NW PDN DEACT 15",
)
HINTS = ("NW CLASS B", "NW ACT 1,5,0", "NW MODIFY 1,0,1")
LOSSES = ("NW PDN DEACT {cid}", "ME PDN DEACT {cid}", "NW DETACH", "ME DETACH")


@pytest.mark.parametrize("model", ["bg95", "sara-r510s", "me310g1", "gm02sp", "nrf9151"])
async def test_which_of_them_are_hints_and_which_losses(model):
    bench = ModemBench(model)
    driver, socket = await bench.online(4242)
    hints = []
    driver.on_hint = lambda: hints.append(1)

    async def say(event):
        del hints[:]
        bench.fake.urc("+CGEV: " + event.format(cid=driver.CONTEXT))
        await asyncio.sleep(0.5)
        return len(hints)

    for event in OTHERS:
        assert (await say(event), socket.lost) == (0, False), event
    for event in HINTS:
        assert (await say(event), socket.lost) == (1, False), event
    for event in (f"NW PDN ACT {driver.CONTEXT}", f"ME PDN ACT {driver.CONTEXT},0"):
        assert (await say(event), socket.lost) == (1, False), event
    for event in LOSSES:
        assert await say(event) == 1, event
        assert socket.lost, event
        await socket.close()
        socket = await driver.open_udp(4242)
    await bench.finish()
