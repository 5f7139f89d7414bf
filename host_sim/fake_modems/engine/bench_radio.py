"""A Radio without a network: fixed, scriptable behaviour for contract tests and stand-alone fakes.

Runs on the running loop's timers. Everything a test wants to happen is an argument or a method.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any

from ip_commands.host_sim.fake_modems.engine.bench_ip import BenchIp
from ip_commands.host_sim.fake_modems.engine.radio import NO_MORE_DATA, RadioListener, Refused

UPLINK_LIMIT = 1000
"""Recorded uplink datagrams; older ones are forgotten."""

NITZ_START_MS = int((datetime(2026, 1, 1) - datetime(1980, 1, 6)).total_seconds() * 1000)


class BenchRadio:
    """A radio on the bench; implements ``Radio``.

    attach_ms: from ``switch_on`` to registered, with a data connection if the modem asks for one.
    pdp_ms: how long another takes. stat: 1 home, 5 roaming. denied_cause: refuse the attach with
    this EMM cause (24.301 9.9.3.9) instead; with ``denied_stat`` 2 the UE goes on searching. edrx,
    psm: what the network grants, None refuses, ``"as asked"`` grants what was asked. answer:
    called for every uplink datagram (payload, host, port), may return a payload that comes back
    from there.
    """

    def __init__(
        self,
        *,
        attach_ms: int = 800,
        pdp_ms: int = 100,
        stat: int = 5,
        denied_cause: int | None = None,
        edrx: tuple[str, str] | str | None = "as asked",
        psm: tuple[str, str] | str | None = "as asked",
        access_technology: int = 7,
        is_cat_m1: bool = True,
        rsrp_dbm: int = -95,
        answer: Callable[[bytes, str, int], bytes | None] | None = None,
    ) -> None:
        self.imsi = "310380000000001"
        self.iccid = "89883070000000000011"
        self.imei = "864475040000017"
        self.listener: RadioListener | None = None
        self.attach_ms = attach_ms
        self.pdp_ms = pdp_ms
        self.stat = stat
        self.denied_cause = denied_cause
        self.denied_stat = 3
        self.edrx = edrx
        self.psm = psm
        self.answer = answer
        self.covered = True
        self.refuses_pdp = False
        self.pdp_cause = 31
        """ESM cause (24.301 9.9.4.4) of a refused data connection: rejected, unspecified."""
        self.last_refusal: Refused | None = None
        self.blocks_uplink = False
        self.switched_on = False
        self.apn: str | None = None
        self.uplink: deque[tuple[bytes, int, str, int]] = deque(maxlen=UPLINK_LIMIT)
        """(payload, source port, host, port) of what the modem sent, oldest first."""
        self.assistance: deque[int | None] = deque(maxlen=UPLINK_LIMIT)
        """What it said of what follows each of them; 1 of its own when it said so afterwards."""
        self.ip = BenchIp(lambda: self.ip_address is not None and not self.blocks_uplink)
        """Servers, names and pings on the bench."""
        self.asleep = False
        self.registration = 0
        self.access_technology = access_technology
        self.is_cat_m1 = is_cat_m1
        self.tac = "2B67"
        self.cell_id = "1A2D003"
        self.plmn = "310410"
        self.zone_quarters = 0
        self.ip_address: str | None = None
        self.rrc_connected = False
        self.granted_edrx: tuple[str, str, str] | None = None
        self.granted_psm: tuple[str, str] | None = None
        self._rsrp_dbm = rsrp_dbm
        self._edrx_asked: str | None = None
        self._psm_asked: tuple[str, str] | None = None
        self._power_cycle = 0

    # --- what a fake modem reads -------------------------------------------------------------

    @property
    def rsrp_dbm(self) -> int | None:
        return self._rsrp_dbm if self.switched_on and self.covered else None

    @property
    def rsrq_db(self) -> float | None:
        return -10.5 if self.rsrp_dbm is not None else None

    @property
    def network_time_ms(self) -> int | None:
        if self.registration not in (1, 5):
            return None
        return NITZ_START_MS + int(asyncio.get_running_loop().time() * 1000)

    @property
    def reject_cause(self) -> int | None:
        """EMM cause of a refused attach."""
        return self.denied_cause if self.registration == 3 else None

    # --- what a fake modem asks ---------------------------------------------------------------

    def switch_on(self) -> None:
        if not self.switched_on:
            self.switched_on = True
            self._set_registration(2)
            self._after(self.attach_ms, self._attach_result)

    def switch_off(self) -> None:
        self.switched_on = self.asleep = False
        self._power_cycle += 1
        self._lose_pdp()
        self.granted_edrx = self.granted_psm = self.last_refusal = None
        self._set_registration(0)

    def lose_power(self) -> None:
        self.switch_off()

    def activate_pdp(self, apn: str) -> None:
        self.apn = apn
        self._after(self.pdp_ms, self._pdp_result)

    def deactivate_pdp(self) -> None:
        self._lose_pdp()

    def send_udp(
        self,
        payload: bytes,
        source_port: int,
        host: str,
        port: int,
        release_assistance: int | None = None,
    ) -> bool:
        if self.ip_address is None or self.blocks_uplink:
            return False
        self.uplink.append((payload, source_port, host, port))
        self.assistance.append(release_assistance)
        back = None if self.answer is None else self.answer(payload, host, port)
        if back is not None:
            self._after(50, self.inject_datagram, back, host, port, source_port)
        return True

    def assist_release(self) -> None:
        self.assistance.append(NO_MORE_DATA)

    def request_edrx(self, cycle_bits: str | None) -> None:
        self._edrx_asked = cycle_bits
        self._after(50, self._grant)

    def request_psm(self, t3412_bits: str | None, t3324_bits: str | None) -> None:
        asks = t3412_bits is not None and t3324_bits is not None
        self._psm_asked = (str(t3412_bits), str(t3324_bits)) if asks else None
        self._after(50, self._grant)

    def wake(self) -> None:
        self.leave_psm()

    # --- what a test makes happen -------------------------------------------------------------

    def inject_datagram(
        self, payload: bytes, host: str = "100.64.0.1", port: int = 6969, to_port: int = 4242
    ) -> None:
        """Let a downlink datagram arrive now; lost without a data connection or in PSM."""
        if self.ip_address is not None and not self.asleep and self.listener is not None:
            self.listener.datagram_arrived(payload, host, port, to_port)

    def lose_coverage(self) -> None:
        """Registration becomes 2 (searching); the data connection is lost with it."""
        self.covered = False
        if self.switched_on:
            self._lose_pdp()
            self._set_registration(2)

    def regain_coverage(self) -> None:
        """Attach again after ``attach_ms``."""
        self.covered = True
        if self.switched_on:
            self._after(self.attach_ms, self._attach_result)

    def lose_pdp(self, cause: int = 36) -> None:
        """The network deactivates the data connection, with an ESM cause."""
        self.last_refusal = Refused("ESM", cause)
        self._lose_pdp()

    def detach(self, cause: int) -> None:
        """The network detaches the device with an EMM cause, for good."""
        self.denied_cause = cause
        self._lose_pdp()
        self._deny()

    def set_rrc(self, connected: bool) -> None:
        """Set up or release the radio connection."""
        if self.rrc_connected != connected:
            self.rrc_connected = connected
            if self.listener is not None:
                self.listener.rrc_changed(connected)

    def enter_psm(self) -> None:
        """T3324 ran out: the UE sleeps."""
        if self.switched_on and not self.asleep:
            self.asleep = True
            if self.listener is not None:
                self.listener.psm_changed(True)

    def leave_psm(self) -> None:
        """T3412 ran out, or the host wants something."""
        if self.asleep:
            self.asleep = False
            if self.listener is not None:
                self.listener.psm_changed(False)

    # --- inside -------------------------------------------------------------------------------

    def _after(self, delay_ms: int, callback: Callable[..., None], *arguments: Any) -> None:
        cycle = self._power_cycle

        def due() -> None:
            if cycle == self._power_cycle:
                callback(*arguments)

        asyncio.get_running_loop().call_later(delay_ms / 1000, due)

    def _set_registration(self, stat: int) -> None:
        if stat != self.registration:
            self.registration = stat
            if self.listener is not None:
                self.listener.registration_changed()

    def _attach_result(self) -> None:
        if not self.covered:
            return
        if self.denied_cause is not None:
            self._deny()
            return
        apn = None if self.listener is None else self.listener.bearer_apn()
        if apn is not None and self.ip_address is None:
            self.apn = apn
            self._answer_pdp(not self.refuses_pdp)
        self._set_registration(self.stat)
        self._grant()

    def _deny(self) -> None:
        assert self.denied_cause is not None
        self.last_refusal = Refused("EMM", self.denied_cause)
        before = self.registration
        self._set_registration(self.denied_stat)
        if before == self.denied_stat and self.listener is not None:
            self.listener.registration_changed()

    def _pdp_result(self) -> None:
        self._answer_pdp(self.registration in (1, 5) and not self.refuses_pdp)

    def _answer_pdp(self, active: bool) -> None:
        if self.refuses_pdp:
            self.last_refusal = Refused("ESM", self.pdp_cause)
        self.ip_address = "100.64.17.23" if active else None
        if self.listener is not None:
            self.listener.pdp_changed(active)

    def _lose_pdp(self) -> None:
        if self.ip_address is not None:
            self.ip_address = None
            if self.listener is not None:
                self.listener.pdp_changed(False)

    def _grant(self) -> None:
        if self.registration not in (1, 5):
            return
        before = (self.granted_edrx, self.granted_psm)
        self.granted_edrx = self.granted_psm = None
        asked, granted = self._edrx_asked, self.edrx
        if asked is not None and granted is not None:
            cycle, window = (asked, "0011") if isinstance(granted, str) else granted
            self.granted_edrx = (asked, cycle, window)
        if self._psm_asked is not None and self.psm is not None:
            self.granted_psm = self._psm_asked if isinstance(self.psm, str) else self.psm
        if before != (self.granted_edrx, self.granted_psm) and self.listener is not None:
            self.listener.power_saving_granted()
