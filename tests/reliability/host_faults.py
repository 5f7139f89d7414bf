"""What the host does wrong by itself: handlers that hang or raise, a full flash, no memory."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.reliability.client_life import ClientLife
from tests.reliability.life import Life

End = Callable[[], None]
FLASH_FULL = OSError(28, "ENOSPC")


@dataclass(frozen=True)
class HostFault:
    """One of them; ``begin`` makes it happen and returns what ends it."""

    name: str
    sentence: str
    begin: Callable[[Any], End]
    client: dict[str, Any] = field(default_factory=dict)
    """Options of the client."""
    needs_driver: bool = False
    """It is one of the driver's parser."""


def _handler(handle: Callable[[Any], Any]) -> Callable[[Any], End]:
    def begin(life: ClientLife) -> End:
        life.handle = handle

        def end() -> None:
            life.handle = lambda command: None

        return end

    return begin


async def _slow(command: Any) -> None:
    await asyncio.sleep(25)


async def _endless(command: Any) -> None:
    await asyncio.Event().wait()


async def _stubborn(command: Any) -> None:
    """Catch everything, also its own cancellation, until half a day has passed."""
    for _ in range(4):
        try:
            await asyncio.sleep(10_000)
        except:  # noqa: E722  the fault that is meant
            pass


def _raises(error: BaseException) -> Callable[[Any], Any]:
    def handle(_: Any) -> None:
        raise error

    return handle


def _deaf_reporter(life: ClientLife) -> End:
    """on_error hangs, and the handler gives it something to report."""
    life.handle = _raises(ValueError("of the handler"))

    async def hang(error: BaseException) -> None:
        await asyncio.Event().wait()

    life.hear = hang

    def end() -> None:
        life.handle = life.hear = lambda what: None

    return end


def _raising_reporter(life: ClientLife) -> End:
    life.handle = _raises(ValueError("of the handler"))
    life.hear = _raises(RuntimeError("of on_error"))

    def end() -> None:
        life.handle = life.hear = lambda what: None

    return end


class FullFlash:
    """A log that raises while ``full``."""

    full = False

    def __call__(self, line: str) -> None:
        if self.full:
            raise FLASH_FULL


def _log_raises(life: ClientLife) -> End:
    log = life.client._log
    assert isinstance(log, FullFlash)
    log.full = True

    def end() -> None:
        log.full = False

    return end


def _no_memory(life: Life) -> End:
    """Each third event that the parser hands over finds no memory for its bytes."""
    parser = life.driver.at.parser
    hand_over = parser.next_event
    calls = 0

    def next_event() -> Any:
        nonlocal calls
        calls += 1
        if calls % 3 == 0:
            raise MemoryError("memory allocation failed")
        return hand_over()

    parser.next_event = next_event

    def end() -> None:
        del parser.next_event

    return end


HOST_FAULTS = (
    HostFault("handler_slow", "The handler takes 25 s for each command.", _handler(_slow)),
    HostFault(
        "handler_hangs",
        "The handler never returns; the client has handler_timeout_ms=10000.",
        _handler(_endless),
        {"handler_timeout_ms": 10_000},
    ),
    HostFault(
        "handler_stubborn",
        "The handler catches its own cancellation; handler_timeout_ms=10000.",
        _handler(_stubborn),
        {"handler_timeout_ms": 10_000},
    ),
    HostFault(
        "handler_raises", "The handler raises.", _handler(_raises(ValueError("of the handler")))
    ),
    HostFault(
        "handler_no_memory", "The handler raises MemoryError.", _handler(_raises(MemoryError()))
    ),
    HostFault("on_error_hangs", "The handler raises and on_error never returns.", _deaf_reporter),
    HostFault("on_error_raises", "The handler raises, and on_error too.", _raising_reporter),
    HostFault(
        "log_raises", "The log raises OSError: the flash is full.", _log_raises, {"log": FullFlash}
    ),
    HostFault(
        "memory_exhausted",
        "Each third line of the modem finds no memory.",
        _no_memory,
        needs_driver=True,
    ),
)


def options_of(fault: HostFault) -> dict[str, Any]:
    """Return the client's options, with a log of its own."""
    return {
        key: value() if isinstance(value, type) else value for key, value in fault.client.items()
    }
