"""The core's NAT as one device's UDP meets it: which of its ports an outsider can still answer.

Every uplink datagram to the outside makes or refreshes the mapping of its source port; only those
refresh (RFC 4787 REQ-6 leaves the other direction open). Super SIM's own service stands inside:
an IP Command needs no mapping. While the mapping is known, anybody may answer to it
(endpoint-independent filtering, RFC 4787 REQ-8).
"""

SERVICE_HOST = "100.64.0.1"
"""The IP Commands service: never a device's address, and on the inside of the NAT."""

MAX_PORTS = 1024
"""Mappings of one device; with one more, the one that was idle longest is given up. Engineering
default."""


class Nat:
    """One device's mappings: port -> (number of the mapping, when it was last refreshed)."""

    __slots__ = ("_made", "_mappings")

    def __init__(self) -> None:
        self._mappings: dict[int, tuple[int, int]] = {}
        """The one refreshed last comes last."""
        self._made = 0

    def outbound(self, port: int, now_ms: int, idle_s: int) -> int:
        """Take an uplink datagram; return its mapping's number, another one after forgetting."""
        number, used_ms = self._mappings.pop(port, (0, 0))
        if number == 0 or now_ms - used_ms >= idle_s * 1000:
            self._made += 1
            number = self._made
            if len(self._mappings) >= MAX_PORTS:
                del self._mappings[next(iter(self._mappings))]
        self._mappings[port] = (number, now_ms)
        return number

    def mapping_of(self, port: int) -> int | None:
        """Return the number of the port's mapping, forgotten or not; None: it has none."""
        mapping = self._mappings.get(port)
        return None if mapping is None else mapping[0]

    def why_lost(self, port: int, number: int | None, now_ms: int, idle_s: int) -> str | None:
        """Return None when an answer to the port gets through, else what became of its mapping.

        number: the mapping that the answer was sent to; None: whichever the port has now.
        """
        known, used_ms = self._mappings.get(port, (0, 0))
        if known == 0:
            return f"it has no mapping of the device's port {port}"
        if number is not None and number != known:
            return f"the answer is for an older mapping of the device's port {port}"
        if now_ms - used_ms >= idle_s * 1000:
            silent_s = (now_ms - used_ms) / 1000
            return (
                f"nothing was sent from the device's port {port} for {silent_s:g} s, and it"
                f" remembers {idle_s} s (nat_udp_idle_s)"
            )
        return None

    def forget_all(self) -> None:
        """End every mapping: the device's address is gone."""
        self._mappings.clear()
