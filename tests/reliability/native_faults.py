"""What only an IP stack can do wrong, beside the faults of the catalogue."""

import errno
from collections.abc import Callable
from dataclasses import dataclass

from tests.reliability.native_life import NativeLife

End = Callable[[], None]


@dataclass(frozen=True)
class NativeFault:
    """One of them; ``begin`` makes it happen and returns what ends it."""

    name: str
    sentence: str
    begin: Callable[[NativeLife], End]


def _cannot_send(error: int) -> Callable[[NativeLife], End]:
    def begin(life: NativeLife) -> End:
        life.stack.send_error = error

        def end() -> None:
            life.stack.send_error = None
            life.outcome.happened = 1

        return end

    return begin


def _gives_up_sockets(life: NativeLife) -> End:
    life.outcome.happened = life.stack.give_up_sockets()
    return lambda: None


NATIVE_FAULTS = (
    NativeFault(
        "send_unreachable", "Sending ends with EHOSTUNREACH.", _cannot_send(errno.EHOSTUNREACH)
    ),
    NativeFault("send_buffer_full", "Sending ends with EAGAIN.", _cannot_send(errno.EAGAIN)),
    NativeFault(
        "stack_gives_up",
        "The IP stack tears its socket down: receiving ends with ENOTCONN.",
        _gives_up_sockets,
    ),
)
