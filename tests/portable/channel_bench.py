"""A channel for tests: a data rule, a boot line, and URCs that are noted in ``seen``."""

from ip_commands.modem_drivers.at_channel import AtChannel

RULES = ((b"+READ: ", b"\n", 0), (b"+PUSH: ", b"\n", 0))
seen = []


def make(stream):
    """A channel with a data rule and two URCs that are noted in ``seen``."""
    seen.clear()
    channel = AtChannel(
        stream,
        RULES,
        (
            (b"+URC: ", lambda rest, payload: seen.append(rest)),
            (b"+PUSH: ", lambda rest, payload: seen.append((rest, payload))),
            (b"+BAD", lambda rest, payload: int(rest)),
        ),
        (b"RDY",),
    )
    channel.start()
    return channel
