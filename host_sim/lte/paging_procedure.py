"""The MME's paging of one UE: when each page goes out, how often, and when it gives up.

In DRX: T3413 and a number of repetitions (TS 24.301 5.6.2.2); the eNB sends each at the UE's next
occasion. T3413 is longer than the UE's cycle (``Profile.t3413``): no two meet there. In eDRX: at
every occasion of one paging time window until answered (TS 23.682 4.5.13.3.3).
"""

from typing import Protocol

from ip_commands.host_sim.lte.buffering import DownlinkBuffer
from ip_commands.host_sim.lte.edrx import WindowPlan
from ip_commands.host_sim.lte.listening import Listening
from ip_commands.host_sim.lte.profiles import Profile
from ip_commands.host_sim.lte.rrc import IN_CONTACT, RadioConnection
from ip_commands.host_sim.lte.time_base import FRAME_MS
from ip_commands.host_sim.time.event_queue import Event, EventQueue


class PagingMme(Protocol):
    """The MME that pages: what it knows of the UE, and what it wants to hear."""

    @property
    def profile(self) -> Profile: ...

    @property
    def windows(self) -> WindowPlan | None:
        """The UE's windows as the MME has them; None: it pages in DRX."""
        ...

    def page_answered(self) -> None: ...

    def paging_failed(self, pages: int) -> None:
        """Take no answer to any of so many pages."""
        ...


class PagingProcedure:
    """One UE's; at most one runs at a time. What waits in ``buffer`` is why it is paged."""

    __slots__ = (
        "_buffer",
        "_event",
        "_from_ms",
        "_listening",
        "_mme",
        "_queue",
        "_radio",
        "pages",
        "until_ms",
    )

    def __init__(
        self,
        queue: EventQueue,
        radio: RadioConnection,
        listening: Listening,
        buffer: DownlinkBuffer,
        mme: PagingMme,
    ) -> None:
        self._queue = queue
        self._radio = radio
        self._listening = listening
        self._buffer = buffer
        self._mme = mme
        self._event: Event | None = None
        self._from_ms = 0
        self.until_ms = 0
        """When it gives up, or would have given up; 0: nothing waits for an answer any more."""
        self.pages = 0
        """Pages sent so far."""

    @property
    def is_running(self) -> bool:
        """True until it is answered, stopped or given up."""
        return self._event is not None

    def start_in_drx(self, now_ms: int) -> None:
        """Page at the next occasion; repeat with T3413."""
        self.pages = 0
        self._from_ms = now_ms
        self.until_ms = now_ms + self._mme.profile.pages * self._t3413_ms()
        self._schedule(self._listening.next_drx_occasion(now_ms))

    def start_in_window(self, from_ms: int, until_ms: int) -> None:
        """Page at every occasion of the window between the two times."""
        self.pages = 0
        self._from_ms = from_ms
        self.until_ms = until_ms
        at_ms = max(from_ms, self._queue.now_ms)
        self._schedule(self._listening.next_window_occasion(self._mme.windows, at_ms))

    def go_on(self, now_ms: int) -> None:
        """Send the next repetition after a page that was not answered."""
        windows = self._mme.windows
        if windows is not None:
            over_ms = now_ms + self._mme.profile.page_ms
            self._schedule(self._listening.next_window_occasion(windows, over_ms))
            return
        # T3413 runs from the first: the next page follows its first expiry after this one
        t3413_ms = self._t3413_ms()
        sent_ms = self._from_ms + ((now_ms - self._from_ms) // t3413_ms + 1) * t3413_ms
        if sent_ms >= self.until_ms:
            self._schedule(None)
        else:
            self._schedule(self._listening.next_drx_occasion(sent_ms))

    def _t3413_ms(self) -> int:
        return self._mme.profile.t3413(self._listening.where.cycle_frames * FRAME_MS)

    def stop(self) -> None:
        """End it: the UE is there, or nothing waits any more."""
        self.until_ms = 0
        if self._event is not None:
            self._event.cancel()
            self._event = None

    def _schedule(self, at_ms: int | None) -> None:
        if at_ms is None or at_ms >= self.until_ms:
            self._event = self._queue.at(self.until_ms, self._give_up)
        else:
            self._event = self._queue.at(at_ms, self._page)

    def _page(self) -> None:
        """Send one page, exactly at a paging occasion."""
        now = self._queue.now_ms
        self._event = None
        packets = self._buffer.packets
        why_not_heard = self._radio.hear_page(self.pages)
        if why_not_heard is IN_CONTACT:
            for datagram in packets:
                datagram.notes.append((now, "connecting", IN_CONTACT, ()))
            return  # either it gets through, or ``contact_lost`` goes on from here
        self.pages += 1
        for datagram in packets:
            datagram.notes.append((now, "paged", "paging occasion, page {0}", (self.pages,)))
        if why_not_heard is None:
            self._mme.page_answered()
            return
        for datagram in packets:
            datagram.notes.append((now, "missed", "{0}", (why_not_heard,)))
        self.go_on(now)

    def _give_up(self) -> None:
        self._event = None
        self.until_ms = 0
        self._mme.paging_failed(self.pages)
