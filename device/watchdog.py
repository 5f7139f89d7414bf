"""Feeds a hardware watchdog only while the client gets on: a board which does not, restarts.

wdt = machine.WDT(timeout=8000)
asyncio.create_task(feed_while_well(client, wdt.feed))

Loaded only by who imports it.
"""

from .portable import const, sleep_ms, ticks_diff, ticks_ms

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

    from .ip_command_client import IpCommandClient

_WELL = ("SERVING", "SLEEPING")


async def feed_while_well(
    client: "IpCommandClient",
    feed: "Callable[[], object]",
    every_ms: int = 2000,
    patience_ms: int = 7200000,
) -> None:
    """Call ``feed`` every ``every_ms`` until the client has not got on for ``patience_ms``.

    It gets on while it listens, however long nothing comes (eDRX), while its modem sleeps in PSM,
    and while its handler returns. A failure that the client does not overcome, a handler that
    hangs, or a client that nobody runs is waited for, then the feeding ends: it returns, and the
    watchdog bites. It returns at once when the client was closed. An event loop that hangs ends
    the feeding by itself.

    every_ms: less than the watchdog's own time (8388 ms at most on an RP2040). patience_ms: longer
    than what the device may be without coverage, or it restarts every time. Raises what ``feed``
    raises. Cancelled, it stops feeding.
    """
    done = -1
    well_at = ticks_ms()
    while client.state != "CLOSED":
        finished = client.handled + client.failed
        # received but not finished: the handler runs
        if client.state in _WELL and (finished != done or client.received <= finished):
            well_at = ticks_ms()
        done = finished
        if ticks_diff(ticks_ms(), well_at) >= patience_ms:
            return
        feed()
        await sleep_ms(every_ms)
