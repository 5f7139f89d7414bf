"""The network or the other side closes a socket, with and without a word."""

from dataclasses import dataclass

from ip_commands.host_sim.faults.arguments import FaultError, argument
from ip_commands.host_sim.faults.catalogue import fault
from ip_commands.host_sim.faults.fault import Site
from ip_commands.host_sim.faults.state import StateFault


@fault(
    "socket_closed",
    "A socket is closed, but not by the host; what it holds stays readable where this family's "
    "documents say so.",
    "Xinyuan-LilyGO/LilyGo-T-SIM7080G issue 96 (+CADATAIND and +CASTATE: 0,0 in one burst), "
    "u-blox/ubxlib issue 76 (sockets gone without +UUSOCL), Quectel TCP/IP notes (closed until "
    "QICLOSE), ncs-serial-modem at_socket.rst (POLLHUP beside POLLIN)",
)
@dataclass(kw_only=True, eq=False)
class SocketClosed(StateFault):
    urc: bool = argument(True, "false: nothing is said")
    socket: int | None = argument(None, "which one; none: the first that is open", low=0)
    keeps_data: bool | None = argument(
        None, "what it holds can still be read; none: as this family's documents say"
    )

    def place(self, site: Site) -> None:
        super().place(site)
        if self.keeps_data and not site.fake.CLOSED_SOCKETS_KEEP_DATA:
            raise FaultError(
                f"{self.name}: a {site.fake.model} keeps nothing of a closed socket: "
                "leave keeps_data out"
            )

    def apply(self) -> str:
        fake = self.site.fake
        open_ones = fake.open_sockets()
        number = self.socket if self.socket is not None else next(iter(open_ones), None)
        if number not in open_ones or number is None:
            return "nothing: no such socket is open"
        keeps = self.keeps_data if self.keeps_data is not None else fake.CLOSED_SOCKETS_KEEP_DATA
        before, fake.muted = fake.muted, fake.muted or not self.urc
        try:
            fake.lose_socket(number, keeps)
        finally:
            fake.muted = before
        return f"socket {number} closed{'' if self.urc else ' without a URC'}"
