"""The SIM: its state, its lock, its files.

Source of the forms: 3GPP TS 27.007 5.6 (CIMI), 8.3 (CPIN), 7.4 (CLCK), 7.5 (CPWD), 8.18 (CRSM),
8.17 (CSIM); of the files: TS 31.102 4.2, TS 102 221 13.2 (EF_ICCID), 11.1.1.3 (the answer to GET
RESPONSE) and 10.2.1 (status words). That the home network is told by the IMSI, with three digits
of MNC in North America (MCC 310 to 316), is assumed; so is a SIM without a service provider name.
"""

from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import BOOTING, at_command
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, CommandFailed, Form
from ip_commands.host_sim.fake_modems.generic.v250 import V250Commands

FACILITIES = ("SC", "FD", "PN", "PU", "PP", "PC")

READ_BINARY, READ_RECORD, GET_RESPONSE, UPDATE_BINARY, UPDATE_RECORD, STATUS = (
    *(176, 178, 192, 214, 220, 242),
)
_NOT_FOUND, _NOT_SATISFIED, _DONE = "106,130", "105,130", "144,0"
"""Status words 6A82, 6982, 9000, as +CRSM prints them."""


def swapped(digits: str) -> str:
    """Return digits in the order of a SIM file: two in a byte, the first one low; F fills up."""
    even = digits + "F" * (len(digits) % 2)
    return "".join(even[at + 1] + even[at] for at in range(0, len(even), 2))


def mnc_digits(imsi: str) -> int:
    """Return how long the MNC of an IMSI is."""
    return 3 if imsi[:3] in ("310", "311", "312", "313", "314", "315", "316") else 2


def packed_plmn(imsi: str) -> str:
    """Return the home network of an IMSI as three bytes (TS 24.008 10.5.1.3)."""
    mcc, mnc = imsi[:3], imsi[3 : 3 + mnc_digits(imsi)].ljust(3, "F")
    return mcc[1] + mcc[0] + mnc[2] + mcc[2] + mnc[1] + mnc[0]


class SimCommands(V250Commands):
    """+CIMI, +CPIN, +CLCK, +CPWD, +CRSM, +CSIM."""

    TEST_FORMS: ClassVar[dict[str, str]] = {
        "+CIMI": "",
        "+CPIN": "",
        "+CLCK": f"({','.join(f'{chr(34)}{name}{chr(34)}' for name in FACILITIES)})",
        "+CPWD": '("SC",8),("P2",8)',
        "+CRSM": "",
        "+CSIM": "",
    }
    sim_ready_ms: int = 600
    """After the UART is ready; before that +CPIN? says SIM busy (real EC21: 10, 14, READY)."""

    def forget_session(self) -> None:
        super().forget_session()
        self.sim_error: int | None = 14 if self.power == BOOTING else None
        if not self.radio.iccid:
            self.sim_error = 10

    def uart_ready(self, from_psm: bool) -> None:
        super().uart_ready(from_psm)
        self.later(self.sim_ready_ms, self.sim_became_ready)

    def sim_became_ready(self) -> None:
        """The SIM is initialised."""
        if self.radio.iccid:
            self.sim_error = None

    def need_sim(self) -> None:
        """Raise what a modem answers while the SIM is not ready (27.007 9.2: 10, 14)."""
        if self.sim_error is not None:
            raise CommandFailed(self.sim_error)

    @at_command("+CIMI")
    def imsi(self, call: Call) -> None:
        only(call, Form.ACTION)
        self.need_sim()
        call.line(self.radio.imsi)

    @at_command("+CPIN")
    def pin(self, call: Call) -> None:
        only(call, Form.READ, Form.SET)
        self.need_sim()
        if call.form is Form.READ:
            call.line("+CPIN: READY")
        else:  # no PIN is wanted now (a BG770A says 3, w1ne/labwired-core)
            raise CommandFailed(3)

    @at_command("+CLCK")
    def facility_lock(self, call: Call) -> None:
        only(call, Form.SET)
        self.need_sim()
        facility, mode = call.arguments.text(0), call.arguments.integer(1, 0, 2)
        if facility not in FACILITIES:
            raise BadArgument
        if mode == 2:
            call.line("+CLCK: 0")
        elif mode == 1:
            raise CommandFailed(16)

    @at_command("+CPWD")
    def change_password(self, call: Call) -> None:
        """Nobody knows the password."""
        only(call, Form.SET)
        self.need_sim()
        if call.arguments.text(0) not in ("SC", "P2"):
            raise BadArgument
        call.arguments.quoted(1)
        call.arguments.quoted(2)
        call.arguments.no_more_than(3)
        raise CommandFailed(16)

    # --- files -----------------------------------------------------------------------------------

    def sim_files(self) -> dict[int, str]:
        """Return the elementary files by identifier, as hex digits."""
        imsi, parity = self.radio.imsi, "9" if len(self.radio.imsi) % 2 else "1"
        packed = swapped(parity + imsi)
        return {
            0x2FE2: swapped(self.radio.iccid.ljust(20, "F")),
            0x6F07: f"{len(packed) // 2:02X}{packed}",
            0x6F46: "00" + 16 * "FF",  # EF_SPN
            0x6F62: packed_plmn(imsi) + "4000",  # EF_HPLMNwAcT: E-UTRAN
            0x6FAD: f"000000{mnc_digits(imsi):02X}",  # EF_AD
        }

    @at_command("+CRSM")
    def restricted_sim_access(self, call: Call) -> None:
        """Read the SIM's files; writing is not allowed without the operator's key."""
        only(call, Form.SET)
        self.need_sim()
        a = call.arguments
        a.no_more_than(7)
        command = a.integer(0, 0, 255)
        file, p1, p2, p3 = (
            *(a.integer(1, 0, 65535, 0), a.integer(2, 0, 255, 0)),
            *(a.integer(3, 0, 255, 0), a.integer(4, 0, 255, 0)),
        )
        if command in (UPDATE_BINARY, UPDATE_RECORD):
            call.line(f"+CRSM: {_NOT_SATISFIED}")
        elif command == STATUS:
            call.line(f"+CRSM: {_DONE}")
        elif command not in (READ_BINARY, READ_RECORD, GET_RESPONSE):
            raise BadArgument
        else:
            call.line(f"+CRSM: {self._file_answer(command, file, 256 * p1 + p2, p3)}")

    def _file_answer(self, command: int, file: int, offset: int, count: int) -> str:
        content = self.sim_files().get(file)
        if content is None or command == READ_RECORD:
            return _NOT_FOUND
        size = len(content) // 2
        if command == GET_RESPONSE:
            fields = f"820241218302{file:04X}8002{size:04X}"
            return f'{_DONE},"62{len(fields) // 2:02X}{fields}"'
        if offset + count > size:
            return f"108,{max(0, size - offset)}"  # 6Cxx: so many there are
        end = offset + count if count else size
        return f'{_DONE},"{content[2 * offset : 2 * end]}"'

    @at_command("+CSIM")
    def generic_sim_access(self, call: Call) -> None:
        """Refused: what a SIM says to raw commands is not simulated."""
        only(call, Form.SET)
        self.need_sim()
        length, text = call.arguments.integer(0, 8, 520), call.arguments.text(1)
        if length != len(text) or set(text.upper()) - set("0123456789ABCDEF"):
            raise BadArgument
        raise CommandFailed(4)
