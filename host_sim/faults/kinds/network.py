"""What the network does: contexts lost, registration, rejects, outages, addresses, time, eDRX."""

from dataclasses import dataclass
from typing import ClassVar

from ip_commands.host_sim.faults.arguments import FaultError, argument
from ip_commands.host_sim.faults.catalogue import fault
from ip_commands.host_sim.faults.fault import Site
from ip_commands.host_sim.faults.radio_tap import RadioTap
from ip_commands.host_sim.faults.state import StateFault

LOST_DATA_CONNECTIONS = (
    "users of SIM7000 (hourly) and particle-iot/device-os issue 800 (daily): the network ends the "
    "data connection, each time with a new address"
)


@dataclass(kw_only=True, eq=False)
class NetworkFault(StateFault):
    """Uses the tap between the fake and its radio."""

    @property
    def radio(self) -> RadioTap:
        """The tap; the first use puts it there."""
        return self.site.radio()


@dataclass(kw_only=True, eq=False)
class LastingNetworkFault(NetworkFault):
    LASTS: ClassVar[bool] = True


@fault(
    "context_lost",
    "The network deactivates the data connection; sockets die as this family's do.",
    LOST_DATA_CONNECTIONS
    + "; u-blox/ubxlib issue 76 (a SARA-R422 whose sockets go without a URC)",
)
@dataclass(kw_only=True, eq=False)
class ContextLost(NetworkFault):
    urc: bool = argument(True, "false: the modem knows it and says nothing")

    def apply(self) -> str:
        self.radio.quietly(self.radio.deactivate_pdp, quiet=not self.urc)
        return "context lost" if self.urc else "context lost without a URC"


@fault(
    "context_forgotten",
    "The network has no data connection any more and the modem does not know: all looks well, "
    "nothing goes out or comes in.",
    "TS 24.301 5.6.1.5 (implicit detach is heard of at the next service request); "
    "vshymanskyy/TinyGSM issue 829 (an address is shown and nothing works)",
)
@dataclass(kw_only=True, eq=False)
class ContextForgotten(LastingNetworkFault):
    def apply(self) -> str:
        self.radio.forgotten = True
        return "context forgotten by the network"

    def undo(self) -> None:
        self.radio.forgotten = False


@fault(
    "registration_shown",
    "The modem shows this <stat> of +CEREG, +CREG and +CGREG, true or not; data still flows.",
    "ArduPilot/ardupilot pull 32670 (0 and 3 over night), ModemManager's tests (9, 10), Nordic "
    "AT reference (90); 3GPP TS 27.007 10.1.22",
)
@dataclass(kw_only=True, eq=False)
class RegistrationShown(LastingNetworkFault):
    STATES: ClassVar[tuple[int, ...]] = (*range(12), 90)

    stat: int = argument(0, "<stat>: 0 to 11, and Nordic's 90", low=0, high=90)
    urc: bool = argument(True, "false: only who asks sees it")

    def place(self, site: Site) -> None:
        super().place(site)
        if self.stat not in self.STATES:
            raise FaultError(f"{self.name}: stat is 0 to 11 or 90, not {self.stat}")

    def apply(self) -> str:
        self.radio.shown_registration = self.stat
        self.radio.quietly(self.radio.registration_changed, quiet=not self.urc)
        return f"shows <stat> {self.stat}"

    def undo(self) -> None:
        self.radio.shown_registration = None
        self.radio.quietly(self.radio.registration_changed, quiet=not self.urc)


@fault(
    "attach_rejected",
    "The network detaches the device and rejects every attach with this EMM cause; after 3, 6, 7 "
    "and 8 only a switch-off makes the modem try again, also when the network would accept.",
    "ArduPilot/ardupilot pull 32670, Xinyuan-LilyGO/LilyGo-Modem-Series issue 474, "
    "openvehicles/Open-Vehicle-Monitoring-System-3 issue 144; 3GPP TS 24.301 5.5.1.2.5",
)
@dataclass(kw_only=True, eq=False)
class AttachRejected(LastingNetworkFault):
    cause: int = argument(8, "EMM cause of TS 24.301 9.9.3.9", low=2, high=111)

    def apply(self) -> str:
        self.radio.reject(self.cause)
        return f"rejected with cause {self.cause}"

    def undo(self) -> None:
        self.radio.accept()


@fault(
    "outage",
    "There is no network, and then there is again; give for_ms, a minute to three hours.",
    "3GPP TS 36.331 5.3.11 (radio link failure); returns after minutes in bifravst issue 10, "
    "u-blox/ubxlib issue 25, openwrt/packages issue 11862",
)
@dataclass(kw_only=True, eq=False)
class Outage(LastingNetworkFault):
    def place(self, site: Site) -> None:
        super().place(site)
        if not self.radio.can_lose_coverage:
            raise FaultError(f"{self.name}: this modem's radio has no coverage to lose")

    def apply(self) -> str:
        self.radio.lose_coverage()
        return "no network"

    def undo(self) -> None:
        self.radio.regain_coverage()


@fault(
    "new_address",
    "The network detaches the device and lets it attach again: it gets another IP address.",
    LOST_DATA_CONNECTIONS + "; 3GPP TS 23.401 5.3.8",
)
@dataclass(kw_only=True, eq=False)
class NewAddress(NetworkFault):
    address: str = argument("100.64.99.7", "shown by a radio without a network of its own")
    urc: bool = argument(True, "false: nothing is said about the loss")

    def apply(self) -> str:
        before = self.radio.ip_address
        self.radio.quietly(lambda: self.radio.attach_anew(self.address), quiet=not self.urc)
        return f"address {before} given up"


@fault(
    "clock_jump",
    "The network's time, and with it +CCLK, is so much off.",
    "arduino-libraries/MKRNB issue 28 (eleven hours), forums.quectel.com 37289",
)
@dataclass(kw_only=True, eq=False)
class ClockJump(LastingNetworkFault):
    by_ms: int = argument(11 * 3_600_000, "how much later (or, negative, earlier)")

    def apply(self) -> str:
        self.radio.clock_offset_ms += self.by_ms
        return f"clock {self.by_ms:+} ms"

    def undo(self) -> None:
        self.radio.clock_offset_ms -= self.by_ms


@fault(
    "edrx_granted",
    "The network grants another eDRX cycle than the one asked for, or none.",
    "users' logs of a SIM7080 (asked 0111, got 0010), u-blox/ubxlib issue 201, Nordic DevZone "
    "87451 (other values in every network)",
)
@dataclass(kw_only=True, eq=False)
class EdrxGranted(LastingNetworkFault):
    cycle: str = argument("0010", 'the four bits that are granted; "none": eDRX is not granted')

    def place(self, site: Site) -> None:
        super().place(site)
        if self.cycle != "none" and (len(self.cycle) != 4 or set(self.cycle) - {"0", "1"}):
            raise FaultError(f'{self.name}: cycle is four bits or "none", not {self.cycle!r}')

    def apply(self) -> str:
        self.radio.grant_edrx("" if self.cycle == "none" else self.cycle)
        return f"grants {self.cycle}"

    def undo(self) -> None:
        self.radio.grant_edrx(None)
