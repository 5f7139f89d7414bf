"""What the network ends, as the UE hears of it: now, by a page, or at its next contact.

Detach by the network, TS 24.301 5.5.2.3 and 5.6.1.5, and the page on a data connection that ended;
the part of EMM between ``emm_attach`` and ``emm``.
"""

from collections.abc import Callable

from ip_commands.host_sim.lte.emm_attach import Attaching
from ip_commands.host_sim.lte.refusals import HOME, attach_refusal
from ip_commands.host_sim.lte.states import IDLE_DRX
from ip_commands.host_sim.lte.time_base import FRAME_MS


class Detachable(Attaching):
    """One UE's EMM state, with what the network ends."""

    __slots__ = ()

    def service_is_rejected(self) -> bool:
        """Return True, and do what follows, when the network no longer knows the UE.

        TS 24.301 5.6.1.5: service reject with cause 10, implicitly detached; or 5.5.2.3: this is
        the contact in which the UE hears that it was detached.
        """
        if self._context.registered:
            if self._esm.unheard is not None:
                self._esm.follow_network()
            return False
        self._leave("service rejected, cause 10: the network had detached the device")
        return True

    # -- detached by the network ------------------------------------------------------------------
    def network_detaches(self) -> None:
        """Hear a Detach Request: now when connected, by a page when idle in DRX.

        In eDRX and PSM, or away, the UE learns nothing before its own next contact.
        """
        radio = self._radio
        if radio.connected and radio.bearer.link_is_up:
            order = self._context.detach_order
            reason = "" if order is None else order.reason
            radio.fail(f"the network detached the device: {reason}")
            self._leave("detached")
        elif self._hears_pages:
            self._page(self._order_is_unheard(), self._forget_order)
        elif not radio.is_connecting:
            self._forget_order()

    def _order_is_unheard(self) -> Callable[[], bool]:
        context, order = self._context, self._context.detach_order
        return lambda: context.detach_order is order

    def _forget_order(self) -> None:
        self._context.detach_order = None

    def reactivation_requested(self) -> None:
        """Hear, by a page when idle in DRX, that the data connection is to be asked for anew.

        TS 23.401 5.4.4.1: of what ends for that reason an idle UE is told. Of any other end, and
        in eDRX, PSM or away, it learns at its own next contact.
        """
        esm, unheard = self._esm, self._esm.unheard
        if unheard is not None and self._hears_pages:
            self._page(lambda: esm.unheard is unheard, lambda: None)

    @property
    def _hears_pages(self) -> bool:
        return self._activity.state is IDLE_DRX and self._context.windows is None

    def _page(self, is_wanted: Callable[[], bool], give_up: Callable[[], None]) -> None:
        at_ms = self._listening.next_drx_occasion(self._queue.now_ms)
        pages_left = self._camping.profile.pages - 1
        self._queue.at(at_ms, self._paged, is_wanted, give_up, pages_left)

    def _paged(
        self, is_wanted: Callable[[], bool], give_up: Callable[[], None], pages_left: int
    ) -> None:
        if not is_wanted() or self._radio.is_in_contact or self._radio.hear_page() is None:
            return
        if pages_left:
            t3413_ms = self._camping.profile.t3413(self._listening.where.cycle_frames * FRAME_MS)
            at_ms = self._listening.next_drx_occasion(self._queue.now_ms + t3413_ms)
            self._queue.at(at_ms, self._paged, is_wanted, give_up, pages_left - 1)
        else:
            give_up()

    def _leave(self, reason: str) -> None:
        """Be deregistered by the network: attach anew, or do as its Detach Request says."""
        order, self._context.detach_order = self._context.detach_order, None
        if order is not None:
            reason = f"the network detached the device: {order.reason}"
        self._radio.lose_uplink(reason)
        had_session = self._stop()
        self.registered = False
        if had_session and self._activity.listener is not None:
            self._activity.listener.pdp_changed(False)
        if not self._camping.powered or self._attach_event is not None:
            return  # the modem did something in answer
        if order is not None and order.cause is not None:
            self._rejected(attach_refusal(order.cause, order.reason, HOME))
        else:
            self.search()
