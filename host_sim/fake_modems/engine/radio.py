"""The border between a fake modem and the cellular side.

A fake modem speaks AT to a host and uses a ``Radio``; it does not care whether that radio is a UE
in the LTE network model (``ip_commands.host_sim.lte``) or a bench supply with a fixed behaviour
(``bench_radio``). Times belong to the radio; a fake modem only adds the times of its own
firmware.
"""

from typing import NamedTuple, Protocol, runtime_checkable

from ip_commands.host_sim.fake_modems.engine.ip import IpStack

MORE_WILL_COME, NO_MORE_DATA, ONE_RESPONSE = 0, 1, 2
"""Release assistance, what follows a datagram (TS 24.301 9.9.4.25): no information, nothing in
either direction, one datagram to the device and nothing after it."""


class RadioListener(Protocol):
    """What the cellular side tells the modem; called at the simulated instant, must not block."""

    def bearer_apn(self) -> str | None:
        """Return the APN of the default bearer that the attach asks for; None: it asks for none.

        The bearer comes with the attach (TS 23.401 5.3.2.1): ``pdp_changed`` is called first,
        then ``registration_changed``.
        """
        ...

    def registration_changed(self) -> None:
        """``Radio.registration`` has a new value, or there is a new refusal while it stays."""
        ...

    def pdp_changed(self, active: bool) -> None:
        """The data connection came up (after ``activate_pdp``) or was lost."""
        ...

    def rrc_changed(self, connected: bool) -> None:
        """The radio connection was set up or released."""
        ...

    def datagram_arrived(
        self, payload: bytes, source_host: str, source_port: int, destination_port: int
    ) -> None:
        """A downlink UDP datagram reached the modem."""
        ...

    def power_saving_granted(self) -> None:
        """``granted_edrx`` or ``granted_psm`` has a new value (attach or TAU accepted)."""
        ...

    def psm_changed(self, asleep: bool) -> None:
        """The UE entered power saving mode (True), or left it (False)."""
        ...


class Radio(Protocol):
    """What a fake modem can ask of the cellular side. Bits are strings such as ``"0101"``."""

    imsi: str
    iccid: str
    imei: str
    listener: RadioListener | None

    @property
    def registration(self) -> int:
        """<stat> of TS 27.007 +CEREG: 0 off, 1 home, 2 searching, 3 denied, 5 roaming."""
        ...

    @property
    def access_technology(self) -> int:
        """<AcT> of TS 27.007: 7 E-UTRAN, 9 NB-IoT."""
        ...

    @property
    def is_cat_m1(self) -> bool:
        """True on LTE-M, which several vendors number or name differently from LTE."""
        ...

    @property
    def tac(self) -> str:
        """Tracking area code, four hex digits."""
        ...

    @property
    def cell_id(self) -> str:
        """E-UTRAN cell identity, up to seven hex digits."""
        ...

    @property
    def plmn(self) -> str:
        """Serving network, MCC and MNC digits."""
        ...

    @property
    def rsrp_dbm(self) -> int | None: ...

    @property
    def rsrq_db(self) -> float | None: ...

    @property
    def ip_address(self) -> str | None:
        """The device's address while the data connection is active, else None."""
        ...

    @property
    def rrc_connected(self) -> bool: ...

    @property
    def granted_edrx(self) -> tuple[str, str, str] | None:
        """(requested cycle bits, granted cycle bits, PTW bits), None when eDRX is not in use."""
        ...

    @property
    def granted_psm(self) -> tuple[str, str] | None:
        """(T3412 extended bits, T3324 bits) as granted, None when PSM is not in use."""
        ...

    @property
    def network_time_ms(self) -> int | None:
        """NITZ time: milliseconds since 1980-01-06 UTC, None before registration."""
        ...

    @property
    def ip(self) -> IpStack:
        """The modem's own IP stack, beside the UDP below."""
        ...

    def switch_on(self) -> None:
        """Radio on (CFUN=1): search, attach; ``registration_changed`` follows."""
        ...

    def switch_off(self) -> None:
        """Radio off (CFUN=0 or 4, power-off): detach at once."""
        ...

    def lose_power(self) -> None:
        """The supply failed or the modem crashed: gone without telling the network."""
        ...

    def activate_pdp(self, apn: str) -> None:
        """Ask for the data connection; ``pdp_changed`` follows, with True or False."""
        ...

    def deactivate_pdp(self) -> None: ...

    def send_udp(
        self,
        payload: bytes,
        source_port: int,
        host: str,
        port: int,
        release_assistance: int | None = None,
    ) -> bool:
        """Send an uplink datagram; False when there is no data connection.

        release_assistance: what the host says of what follows; None: it says nothing.
        """
        ...

    def assist_release(self) -> None:
        """Say that nothing will follow what was sent already."""
        ...

    def request_edrx(self, cycle_bits: str | None) -> None:
        """Ask for an eDRX cycle (None: none) with a TAU; ``power_saving_granted`` follows."""
        ...

    def request_psm(self, t3412_bits: str | None, t3324_bits: str | None) -> None:
        """Ask for PSM (None: none) with a TAU; ``power_saving_granted`` follows."""
        ...

    def wake(self) -> None:
        """Leave PSM because the host wants something (PWRKEY): TAU, ``psm_changed(False)``."""
        ...


@runtime_checkable
class TellsRejectCause(Protocol):
    """A radio that can be refused by the network and knows why; not every radio does."""

    @property
    def reject_cause(self) -> int | None:
        """EMM cause (TS 24.301 9.9.3.9) while ``registration`` is 3, else None."""
        ...


@runtime_checkable
class TellsTimeZone(Protocol):
    """A radio whose network tells a time zone (NITZ, TS 24.301 8.2.13); not every radio does."""

    @property
    def zone_quarters(self) -> int:
        """Quarters of an hour east of UTC."""
        ...


class NetworkRefusal(Protocol):
    """A network's no."""

    @property
    def layer(self) -> str:
        """``EMM``: to an attach, or a detach; ``ESM``: to a data connection, or its end."""
        ...

    @property
    def cause(self) -> int:
        """TS 24.301 9.9.3.9 for EMM, 9.9.4.4 for ESM."""
        ...


class Refused(NamedTuple):
    """A ``NetworkRefusal`` of a radio that has no network behind it."""

    layer: str
    cause: int


@runtime_checkable
class TellsLastRefusal(Protocol):
    """A radio that remembers what the network last said no to; not every radio does."""

    @property
    def last_refusal(self) -> NetworkRefusal | None:
        """The last one, the same object until the next one, also when all is well again; None:
        none since the radio was off."""
        ...
