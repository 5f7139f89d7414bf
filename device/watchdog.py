"""Feeds a hardware watchdog only while the client gets on: a board which does not, restarts.

wdt = machine.WDT(timeout=8000)
asyncio.create_task(feed_while_well(client, wdt.feed))

Loaded only by who imports it.
"""

from .portable import const, since_ms, sleep_ms, ticks_ms

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

    from .ip_command_client import IpCommandClient


async def feed_while_well(
    client: "IpCommandClient",
    feed: "Callable[[], object]",
    every_ms: int = 2000,
    patience_ms: int = 7200000,
) -> None:
    """Call ``feed`` every ``every_ms`` until the client has not got on for ``patience_ms``.

    It gets on with each datagram, each send, each look for datagrams that is answered after a
    minute or more of listening, however long nothing comes (eDRX), and while its modem sleeps in
    PSM, unless that woke since and nothing came of it. A failure that the client does not
    overcome, a state that it enters again and again in vain, a handler that hangs, or a client
    that nobody runs is waited for, then the feeding ends: it returns, and the watchdog bites. It
    returns at once when the client was closed. An event loop that hangs ends the feeding by
    itself.

    every_ms: less than the watchdog's own time (8388 ms at most on an RP2040). patience_ms: longer
    than what the device may be without coverage, or it restarts every time. Raises what ``feed``
    raises. Cancelled, it stops feeding.
    """
    done = got_on = -1
    slept = woke = False
    well_at = ticks_ms()
    while client.state != "CLOSED":
        finished = client.handled + client.failed
        progress = client.held + client.received + client.sent
        if progress != got_on:
            slept = woke = False
        asleep = client.state == "SLEEPING"
        slept |= asleep
        woke |= slept and not asleep
        # received but not finished: the handler runs
        if (finished != done or client.received <= finished) and (
            progress != got_on or (asleep and not woke)
        ):
            well_at = ticks_ms()
        done = finished
        got_on = progress
        if since_ms(well_at) >= patience_ms:
            return
        feed()
        await sleep_ms(every_ms)
