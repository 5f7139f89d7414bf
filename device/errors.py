"""Every error that ``device`` and ``modem_drivers`` raise, sorted by what the caller can do.

Nothing derives from OSError or TimeoutError: the two Pythons disagree about those. MicroPython has
no exception chaining, so the message itself holds the command and the cause.
"""


class IpCommandsError(Exception):
    """Base class: catch it to catch everything this library raises on purpose."""

    plan = ""
    """What the client does about it, and when: added to the message where the client reports."""

    def __str__(self) -> str:
        return (self.args[0] if self.args else "") + self.plan


class InvalidValue(IpCommandsError):
    """An argument that can never work: correct the call."""


class PayloadTooLong(InvalidValue):
    """More bytes than one datagram may carry; nothing was sent, or what came was not handled."""

    def __init__(self, size_bytes: int, limit_bytes: int) -> None:
        super().__init__(
            "payload has %d bytes, at most %d fit: send it in parts" % (size_bytes, limit_bytes)
        )


class PayloadNotText(IpCommandsError):
    """The payload is not UTF-8: use ``command.payload`` (bytes) instead of ``command.text()``."""


class ReceiveTimeout(IpCommandsError):
    """No datagram came in time: receive again, or do something else."""


class SendFailed(IpCommandsError):
    """The modem or the IP stack did not take the datagram: it was not sent; try again later."""


class SocketClosed(IpCommandsError):
    """The socket is gone (closed, or lost with its data connection): open a new one."""


class SendUncertain(IpCommandsError):
    """The modem took the bytes and never said what became of them: sending again may send twice.

    Ask the other side, number your messages, or send again where twice does no harm.
    """


class DatagramLost(IpCommandsError):
    """Received datagrams are gone: damaged on the way from the modem, or too many at once."""


class HandlerTimeout(IpCommandsError):
    """The program's own handler took longer than it may and was given up."""


class NotAttached(IpCommandsError):
    """No network registration or no data connection in time; the message holds the last reason."""


class NotSupported(IpCommandsError):
    """This modem or board cannot do that."""


class ModemError(IpCommandsError):
    """Base class of everything that goes wrong between host and modem."""


class CommandError(ModemError):
    """The modem refused a command; ``code`` is the number of ``+CME ERROR: n``, else None."""

    def __init__(self, command: str, result: str) -> None:
        super().__init__("AT%s -> %s" % (command, result))
        self.command = command
        self.result = result
        number = result.split(":")[-1].strip()
        self.code = int(number) if number.isdigit() else None


class ModemTimeout(ModemError):
    """No final result in time: the modem may be asleep, off, or wired wrongly."""

    def __init__(self, command: str, timeout_ms: int) -> None:
        super().__init__("AT%s -> no answer in %d ms" % (command, timeout_ms))


class UnexpectedAnswer(ModemError):
    """The modem answered, but not in a form this driver knows; the message holds the line."""

    def __init__(self, command: str, line: "str | bytes") -> None:
        super().__init__("AT%s -> cannot read the answer %r" % (command, line))


class ModemRestarted(ModemError):
    """The modem booted by itself: everything set up before is lost; start it again."""


class ModemAsleep(ModemError):
    """The modem sleeps in PSM and cannot be reached: sending, or ``client.wake()``, wakes it."""


class ModemClosed(ModemError):
    """The stream to the modem ended for good: open a new stream and make a new modem object."""
