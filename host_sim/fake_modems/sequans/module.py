"""Fake Sequans GM01Q (Monarch) and GM02S, GM02SP (Monarch 2): models, identity, eDRX.

Sources: the public repositories QuickSpot/walter-arduino, QuickSpot/walter-micropython (pull
request 19: CEDRXS of a GM02SP byte for byte; header of SQNSRECV with the sender; walter-arduino
issue 108: a GM02SP calls an unknown command not supported, 4; of a GM02S assumed),
Azure/embedded-wireless-framework (GM01Q as RYZ014A), microchip-pic-avr-solutions/
avr-iot-cellular-arduino-library (GM02S). Revisions are examples. Sockets are in
``sequans_sockets`` and ``sequans_data``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.radio import Radio
from ip_commands.host_sim.fake_modems.generic.general import ModelFacts
from ip_commands.host_sim.fake_modems.sequans.data import SequansData


@dataclass(frozen=True)
class SequansModel:
    """How one module of the family differs."""

    facts: ModelFacts
    accept_any_remote_max: int
    """Highest <acceptAnyRemote> of SQNSD: 2 sends to anyone too."""
    shows_sender: bool
    """SQNSRECV tells the sender on any-remote sockets."""
    has_modes: bool
    """SQNMODEACTIVE exists: LTE-M and NB-IoT."""


SEQUANS_MODELS: dict[str, SequansModel] = {
    "GM01Q": SequansModel(ModelFacts("Sequans", "GM01Q", "UE5.4.0.0"), 1, False, False),
    "GM02S": SequansModel(ModelFacts("Sequans", "GM02S", "UE8.0.5.3"), 2, False, True),
    "GM02SP": SequansModel(ModelFacts("Sequans", "GM02SP", "UE8.2.1.0"), 2, True, True),
}


class Sequans(SequansData):
    """A GM01Q, GM02S or GM02SP with its quirks."""

    TEST_FORMS: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("+SQNCCID", "+CCID", "+SQNSS"), ""),
        **dict.fromkeys(("+SQNSH", "+SQNSI", "+SQNSSEND"), "(1-6)"),
        "+SQNMONI": "(0-9)",
    }
    uart_ready_ms = 1300
    sim_ready_ms = 400

    def __init__(
        self,
        model: str,
        radio: Radio,
        quirks: Sequence[str] = (),
        seed: int = 0,
        powered: bool = True,
    ) -> None:
        self.variant = SEQUANS_MODELS[model]
        self.UNKNOWN_COMMAND = 4 if self.variant.has_modes else None
        self.facts = self.variant.facts
        self.accept_any_remote_max = self.variant.accept_any_remote_max
        self.shows_sender = self.variant.shows_sender
        if not self.variant.has_modes:
            self.missing_commands = frozenset(["+SQNMODEACTIVE"])
        super().__init__(model, radio, quirks, seed, powered)

    # --- identity --------------------------------------------------------------------------------

    @at_command("I")
    def information(self, call: Call) -> None:
        call.line(self.facts.manufacturer)
        call.line(self.facts.name)
        call.line(self.facts.revision)

    @at_command("+SQNCCID")
    def sequans_iccid(self, call: Call) -> None:
        only(call, Form.READ, Form.ACTION)
        self.need_sim()
        call.line(f'+SQNCCID: "{self.radio.iccid}"')

    @at_command("+CCID")
    def iccid(self, call: Call) -> None:
        only(call, Form.READ, Form.ACTION)
        self.need_sim()
        call.line(f"+CCID: {self.radio.iccid}")

    @at_command("+SQNMODEACTIVE")
    def active_mode(self, call: Call) -> None:
        """1 LTE-M, 2 NB-IoT; a change needs a reset and is not simulated."""
        active = 2 if self.radio.access_technology == 9 else 1
        if call.form is Form.READ:
            call.line(f"+SQNMODEACTIVE: {active}")
        elif call.form is Form.TEST:
            call.line("+SQNMODEACTIVE: (1,2)")
        else:
            only(call, Form.SET)
            if call.arguments.integer(0, 1, 2) != active:
                raise CommandFailed(3)

    @at_command("+SQNMONI")
    def monitor_cells(self, call: Call) -> None:
        """The serving cell; what the radio does not know is fixed.

        Forms: public logs of a Monarch (pycom boards) and of a Monarch 2, which adds CID and band.
        """
        only(call, Form.SET, Form.ACTION)
        if call.form is Form.SET:
            call.arguments.integer(0, 0, 9)
        rsrp_dbm = self.radio.rsrp_dbm
        if not self.registered or rsrp_dbm is None:
            return
        plmn, tac, cell = self.radio.plmn, int(self.radio.tac, 16), self.radio.cell_id
        place = f"{self._operator(0)} Cc:{plmn[:3]} Nc:{plmn[3:]} RSRP:{rsrp_dbm:.2f}"
        rsrq, power = f"RSRQ:{self.radio.rsrq_db or -20:.2f}", f"PWR:{self.rssi_dbm() or 0:.2f}"
        where = f"TAC:{tac} Id:350 EARFCN:6200 {power} PAGING:128"
        if self.variant.has_modes:
            call.line(f"+SQNMONI: {place} {rsrq} {where} CID:0x{cell} BAND:20 BW:10000")
        else:
            call.line(f"+SQNMONI: {place} CINR:10.00 {rsrq} {where}")

    # --- eDRX ------------------------------------------------------------------------------------

    @at_command("+CEDRXS")
    def set_edrx(self, call: Call) -> None:
        """The test answer names the active technology only (walter-micropython)."""
        if call.form is Form.TEST:
            call.line(f'+CEDRXS: (0-3),({self.edrx_act()}),("0000"-"1111")')
        else:
            super().set_edrx(call)

    @at_command("+SQNEDRX")
    def set_edrx_with_window(self, call: Call) -> None:
        """``=<mode>,<AcT>,"<cycle>","<window>"``; the form of the read answer is unconfirmed."""
        if call.form is Form.TEST:
            bits = '("0000"-"1111")'
            call.line(f"+SQNEDRX: (0-3),({self.edrx_act()}),{bits},{bits}")
        elif call.form is Form.READ:
            granted = self.radio.granted_edrx
            mode = int(self.edrx_request is not None) + int(self.edrx_urc)
            fields = f'"{self.edrx_request or "0000"}"'
            if granted is not None:
                fields = f'"{granted[0]}","{granted[1]}","{granted[2]}"'
            call.line(f"+SQNEDRX: {mode},{self.edrx_act()},{fields}")
        else:
            only(call, Form.SET)
            arguments = call.arguments
            arguments.no_more_than(4)
            window = arguments.text(3, "0000")
            if len(window) != 4 or set(window) - {"0", "1"}:
                raise BadArgument
            super().set_edrx(call)  # the network decides on the window
