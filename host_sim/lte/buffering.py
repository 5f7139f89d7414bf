"""The S-GW's downlink buffer of one UE: FIFO, bounded, tail drop, with HLCOM's expiry.

TS 23.401 5.3.4.3: the MME's DL Buffering Duration gives the DL Data Buffer Expiration Time; until
then the S-GW sends no further Downlink Data Notification, at expiry it discards, on contact it
flushes in order. A full buffer drops the newcomer, as srsEPC and Open5GS do; the standards leave
it to the S-GW.
"""

import math
from collections import deque

from ip_commands.host_sim.lte import epc_timer
from ip_commands.host_sim.lte.datagram import Datagram


class DownlinkBuffer:
    """Packets waiting for one UE, and until when."""

    __slots__ = ("capacity", "expires_at_ms", "packets")

    def __init__(self) -> None:
        self.packets: deque[Datagram] = deque()
        self.capacity = 0
        self.expires_at_ms: int | None = None
        """DL Data Buffer Expiration Time; None without extended buffering, or when infinite."""

    def open(self, capacity: int, expires_at_ms: int | None = None) -> None:
        """Begin to buffer after a Downlink Data Notification."""
        self.capacity = capacity
        self.expires_at_ms = expires_at_ms

    def offer(self, datagram: Datagram) -> bool:
        """Append; return False (tail drop) when full."""
        if len(self.packets) >= self.capacity:
            return False
        self.packets.append(datagram)
        return True

    def is_expired(self, now_ms: int) -> bool:
        """True from the expiration time on: what is inside must be discarded."""
        return self.expires_at_ms is not None and now_ms >= self.expires_at_ms

    def take_all(self) -> list[Datagram]:
        """Empty it, oldest first, and forget the expiry: flush, expiry or detach."""
        packets = list(self.packets)
        self.packets.clear()
        self.expires_at_ms = None
        return packets


def missed_window_rule(hlcom: bool, windows: int) -> str:
    """Say in one sentence what becomes of a datagram whose pages in a window go unanswered."""
    if not hlcom:
        return "unanswered when its window closes, a datagram is dropped (no HLCOM)"
    paged_in = "one window" if windows == 1 else f"up to {windows} windows"
    return (
        f"a datagram is paged in {paged_in}; unanswered there, the S-GW deletes it"
        f" (hlcom_windows {windows})"
    )


def buffering_duration_s(wait_ms: int, margin_s: int, set_up_ms: int = 0) -> float:
    """Return the DL Buffering Duration for an expected wait: rounded up to an EPC timer value.

    It lasts until the radio bearers are expected to be there (TS 23.401 5.3.4.3): set_up_ms is
    what comes after the wait. A wait below 0 (a contact that is overdue) counts as none.
    ``epc_timer.INFINITE`` beyond 310 hours.
    """
    need_s = math.ceil((max(0, wait_ms) + set_up_ms) / 1000) + margin_s
    return epc_timer.INFINITE if need_s > epc_timer.LONGEST_S else epc_timer.round_up(need_s)
