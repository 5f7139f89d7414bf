"""A radio seen through a window: everything passes, both ways, as it is.

``RadioTap`` overrides what faults change.
"""

from ip_commands.host_sim.fake_modems.engine.ip import IpStack
from ip_commands.host_sim.fake_modems.engine.radio import (
    NetworkRefusal,
    Radio,
    RadioListener,
    TellsLastRefusal,
)


class RadioWindow:
    """Implements ``Radio`` towards a fake modem and ``RadioListener`` towards a radio."""

    def __init__(self, real: Radio) -> None:
        self.real = real
        self.listener: RadioListener | None = real.listener
        real.listener = self

    # --- what the fake reads -----------------------------------------------------------------

    @property
    def imsi(self) -> str:
        return self.real.imsi

    @imsi.setter
    def imsi(self, value: str) -> None:
        self.real.imsi = value

    @property
    def iccid(self) -> str:
        return self.real.iccid

    @iccid.setter
    def iccid(self, value: str) -> None:
        self.real.iccid = value

    @property
    def imei(self) -> str:
        return self.real.imei

    @imei.setter
    def imei(self, value: str) -> None:
        self.real.imei = value

    @property
    def registration(self) -> int:
        return self.real.registration

    @property
    def access_technology(self) -> int:
        return self.real.access_technology

    @property
    def is_cat_m1(self) -> bool:
        return self.real.is_cat_m1

    @property
    def tac(self) -> str:
        return self.real.tac

    @property
    def cell_id(self) -> str:
        return self.real.cell_id

    @property
    def plmn(self) -> str:
        return self.real.plmn

    @property
    def rsrp_dbm(self) -> int | None:
        return self.real.rsrp_dbm

    @property
    def rsrq_db(self) -> float | None:
        return self.real.rsrq_db

    @property
    def ip_address(self) -> str | None:
        return self.real.ip_address

    @property
    def rrc_connected(self) -> bool:
        return self.real.rrc_connected

    @property
    def granted_edrx(self) -> tuple[str, str, str] | None:
        return self.real.granted_edrx

    @property
    def granted_psm(self) -> tuple[str, str] | None:
        return self.real.granted_psm

    @property
    def network_time_ms(self) -> int | None:
        return self.real.network_time_ms

    @property
    def last_refusal(self) -> NetworkRefusal | None:
        return self.real.last_refusal if isinstance(self.real, TellsLastRefusal) else None

    @property
    def ip(self) -> IpStack:
        return self.real.ip

    # --- what the fake asks ------------------------------------------------------------------

    def switch_on(self) -> None:
        self.real.switch_on()

    def switch_off(self) -> None:
        self.real.switch_off()

    def lose_power(self) -> None:
        self.real.lose_power()

    def activate_pdp(self, apn: str) -> None:
        self.real.activate_pdp(apn)

    def deactivate_pdp(self) -> None:
        self.real.deactivate_pdp()

    def send_udp(
        self,
        payload: bytes,
        source_port: int,
        host: str,
        port: int,
        release_assistance: int | None = None,
    ) -> bool:
        return self.real.send_udp(payload, source_port, host, port, release_assistance)

    def assist_release(self) -> None:
        self.real.assist_release()

    def request_edrx(self, cycle_bits: str | None) -> None:
        self.real.request_edrx(cycle_bits)

    def request_psm(self, t3412_bits: str | None, t3324_bits: str | None) -> None:
        self.real.request_psm(t3412_bits, t3324_bits)

    def wake(self) -> None:
        self.real.wake()

    # --- what the radio tells ----------------------------------------------------------------

    def bearer_apn(self) -> str | None:
        return None if self.listener is None else self.listener.bearer_apn()

    def registration_changed(self) -> None:
        if self.listener is not None:
            self.listener.registration_changed()

    def pdp_changed(self, active: bool) -> None:
        if self.listener is not None:
            self.listener.pdp_changed(active)

    def rrc_changed(self, connected: bool) -> None:
        if self.listener is not None:
            self.listener.rrc_changed(connected)

    def datagram_arrived(
        self, payload: bytes, source_host: str, source_port: int, destination_port: int
    ) -> None:
        if self.listener is not None:
            self.listener.datagram_arrived(payload, source_host, source_port, destination_port)

    def power_saving_granted(self) -> None:
        if self.listener is not None:
            self.listener.power_saving_granted()

    def psm_changed(self, asleep: bool) -> None:
        if self.listener is not None:
            self.listener.psm_changed(asleep)
