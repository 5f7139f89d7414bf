"""What all fake Quectel modules share beside sockets: identity, radio, options, sleep, power-off.

Sources: Quectel BG96 AT Commands Manual V2.2; public logs of real modules in
SeeedJP/WioLTEforArduino (issue 5: AT+QURCCFG, AT+QSCLK refused after RDY), jurikacs/BG770A
(QNWINFO, QCSQ) and lukejenkins/cwd (options of an EG25-G).
"""

from collections.abc import Mapping
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.settings import Setting
from ip_commands.host_sim.fake_modems.quectel.settings import COMMON_OPTIONS, MODULE_ROWS, Option
from ip_commands.host_sim.fake_modems.quectel.sockets import QuectelSockets

URC_PORTS = ("usbat", "usbmodem", "uart1", "all")


class QuectelModule(QuectelSockets):
    """A Quectel module; the series say how they boot and what else they have."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "boot-silent": "says nothing while it boots (URCs routed to USB)",
        "urcs-on-usb": "URCs come out of USB until AT+QURCCFG sends them to this UART (Wio LTE)",
        "power-down-silent": "says nothing when switched off (BG95-M3 firmware 01.204)",
        "cgpaddr-unquoted": "+CGPADDR prints the address without quotes",
        "qsclk-error": "AT+QSCLK=1 is refused at any time (real EC21: shortly after RDY)",
    }
    SETTINGS: ClassVar[tuple[Setting, ...]] = MODULE_ROWS
    TEST_FORMS: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("+QCCID", "+CCID", "+ICCID", "+QNWINFO"), ""),
        "+QCSQ": '("NOSERVICE","GSM","CAT-M1","CAT-NB1")',
        "+QLTS": "(0-2)",
        "+QURCCFG": '"urcport",("usbat","usbmodem","uart1","all")',
        "+QENG": '("servingcell","neighbourcell")',
        "+QSCLK": "(0-2)",
        "+QISWTMD": "(0-11),(0-2)",
        "+QPOWD": "(0,1)",
    }
    OPTIONS: ClassVar[Mapping[str, Option]] = COMMON_OPTIONS
    """Options of +QCFG; they are stored in the module."""
    POWERED_DOWN_MS: ClassVar[tuple[int, int]] = (600, 2500)
    """From the OK of +QPOWD to POWERED DOWN; 65 s at most (BG96 AT manual 2.15)."""
    SINR: ClassVar[int] = 150
    """Of +QCSQ: 0..250 from -20 dB in 1/5 dB."""

    def make_storage(self) -> None:
        super().make_storage()
        self.qcfg = {name: option.default() for name, option in self.OPTIONS.items()}
        self.urc_port = "usbat" if "urcs-on-usb" in self.quirks else "uart1"

    def forget_session(self) -> None:
        super().forget_session()
        self.sleep_mode = 0

    def urc(self, text: str | bytes) -> None:
        """Say something unasked, where this port gets it.

        Without the quirk the fake's link stands for whichever port the host uses.
        """
        if "urcs-on-usb" not in self.quirks or self.urc_port in ("uart1", "all"):
            super().urc(text)

    def address_line(self, cid: int, address: str | None) -> str:
        if "cgpaddr-unquoted" in self.quirks:
            return f"+CGPADDR: {cid},{address or '0.0.0.0'}"
        return super().address_line(cid, address)

    # --- identity and radio ----------------------------------------------------------------------

    @at_command("+QCCID", "+CCID", "+ICCID")
    def iccid(self, call: Call) -> None:
        """20 digits; a 19-digit number is shown with the F that fills it up on the SIM."""
        only(call, Form.ACTION, Form.READ)
        self.need_sim()
        call.line(f"{call.name}: {self.radio.iccid.ljust(20, 'F')}")

    def technology(self) -> str:
        """Return <act> of +QNWINFO while registered."""
        return "FDD LTE"

    def system_mode(self) -> str:
        """Return <sysmode> of +QCSQ while registered."""
        return "LTE"

    @at_command("+QNWINFO")
    def network_information(self, call: Call) -> None:
        only(call, Form.ACTION)
        if self.registered:
            name, plmn = self.technology(), self.radio.plmn
            call.line(f'+QNWINFO: "{name}","{plmn}","LTE BAND 20",6200')
        else:
            call.line("+QNWINFO: No Service")

    @at_command("+QCSQ")
    def quectel_signal(self, call: Call) -> None:
        """<sysmode>,<rssi>,<rsrp>,<sinr>,<rsrq> (BG96 AT manual; the same order on EC25)."""
        only(call, Form.ACTION)
        rssi_dbm = self.rssi_dbm()
        if not self.registered or rssi_dbm is None:
            call.line('+QCSQ: "NOSERVICE"')
        else:
            rsrq_db = int(self.radio.rsrq_db or -20)
            powers = f"{rssi_dbm},{self.radio.rsrp_dbm},{self.SINR},{rsrq_db}"
            call.line(f'+QCSQ: "{self.system_mode()}",{powers}')

    def clock_is_local(self) -> bool:
        """+CTZU 3 alone writes local time (Quectel forum 37289)."""
        return self.settings["+CTZU"] == (3,)

    @at_command("+QLTS")
    def network_time(self, call: Call) -> None:
        """0 and the bare form: as synchronized last; 1: now, GMT; 2: now, local time."""
        only(call, Form.ACTION, Form.SET)
        mode = call.arguments.integer(0, 0, 2) if call.form is Form.SET else 0
        if self.radio.network_time_ms is None:
            call.line('+QLTS: ""')
        else:
            call.line(f'+QLTS: "20{self.clock_text(local_time=mode == 2)},0"')

    @at_command("+QSIMSTAT")
    def sim_insertion(self, call: Call) -> None:
        """<enable>, <inserted>."""
        if call.form is Form.READ:
            inserted = int(bool(self.radio.iccid))
            call.line(f"+QSIMSTAT: {self.settings.text('+QSIMSTAT')},{inserted}")
        else:
            self.setting(call)

    def cell_technology(self) -> str:
        """Return the <rat> of +QENG."""
        return "LTE"

    @at_command("+QENG")
    def cell_information(self, call: Call) -> None:
        """The serving cell; what this radio does not know is fixed (BG96 and EC25 manuals)."""
        only(call, Form.SET)
        call.arguments.no_more_than(1)
        which = call.arguments.quoted(0)
        if which not in ("servingcell", "neighbourcell"):
            raise BadArgument
        if which == "neighbourcell":
            return
        if not self.registered or self.radio.rsrp_dbm is None:
            call.line('+QENG: "servingcell","SEARCH"')
            return
        state = "CONNECT" if self.radio.rrc_connected else "NOCONN"
        plmn, cell, tac = self.radio.plmn, self.radio.cell_id, self.radio.tac
        rsrp_dbm, rsrq_db = self.radio.rsrp_dbm, int(self.radio.rsrq_db or -20)
        call.line(
            f'+QENG: "servingcell","{state}","{self.cell_technology()}","FDD",{plmn[:3]},'
            f"{plmn[3:]},{cell},350,6200,20,3,3,{tac},{rsrp_dbm},{rsrq_db},{self.rssi_dbm()},15,20"
        )

    # --- options ---------------------------------------------------------------------------------

    @at_command("+QCFG")
    def extended_configuration(self, call: Call) -> None:
        if call.form is Form.TEST:
            for name in sorted(self.qcfg):
                call.line(f'+QCFG: "{name}",{self.OPTIONS[name].listed()}')
            return
        only(call, Form.SET)
        name = call.arguments.text(0).lower()
        if name not in self.qcfg:
            raise CommandFailed
        if len(call.arguments) == 1:
            call.line(f'+QCFG: "{name}",{self.qcfg[name]}')
        else:
            text = call.text.split(",", 1)[1]
            self.qcfg[name] = self.OPTIONS[name].taken(text, self.qcfg[name])

    @at_command("+QURCCFG")
    def choose_urc_port(self, call: Call) -> None:
        """Where URCs come out; stored (assumed)."""
        only(call, Form.SET)
        if call.arguments.text(0).lower() != "urcport":
            raise BadArgument
        if len(call.arguments) == 1:
            call.line(f'+QURCCFG: "urcport","{self.urc_port}"')
            return
        port = call.arguments.text(1).lower()
        if port not in URC_PORTS:
            raise BadArgument
        self.urc_port = port

    # --- power -----------------------------------------------------------------------------------

    def refuses_sleep(self) -> bool:
        """Return whether +QSCLK=1 is an ERROR now."""
        return "qsclk-error" in self.quirks

    @at_command("+QSCLK")
    def sleep_clock(self, call: Call) -> None:
        """Kept; the UART of the fake has no DTR (BG770A: PON_TRIG) line to sleep by."""
        if call.form is Form.READ:
            call.line(f"+QSCLK: {self.sleep_mode}")
        else:
            only(call, Form.SET)
            wanted = call.arguments.integer(0, 0, 2)
            if wanted and self.refuses_sleep():
                raise CommandFailed
            self.sleep_mode = wanted

    @at_command("+QPOWD")
    def power_down(self, call: Call) -> None:
        """OK, then POWERED DOWN when done."""
        only(call, Form.ACTION, Form.SET)
        if call.form is Form.SET:
            call.arguments.integer(0, 0, 1)
        text = None if "power-down-silent" in self.quirks else "POWERED DOWN"
        self.later(20, self.shut_down, text, self.some_ms(*self.POWERED_DOWN_MS))
