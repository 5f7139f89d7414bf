"""Why the network said no, in words: +CEER.

3GPP TS 27.007 8.10: the report is the manufacturer's own text about the last failed call, attach
or context, and ``No cause information available`` is what many print when there is none (logs of
Qualcomm based modules in public repositories). The words for causes are those of 27.007 9.2.2,
where no log or manual of the family shows others: assumed.
"""

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.error_numbers import refusal_text
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import Form
from ip_commands.host_sim.fake_modems.engine.radio import NetworkRefusal
from ip_commands.host_sim.fake_modems.generic.registration import RegistrationCommands


class ErrorReport(RegistrationCommands):
    """+CEER, for families that have it."""

    def no_report(self) -> str:
        """Return the report when nothing was refused."""
        return "No cause information available"

    def report_of(self, refusal: NetworkRefusal) -> str:
        """Return the report of a refusal."""
        text = refusal_text(refusal.layer, refusal.cause)
        return text[0].upper() + text[1:]

    @at_command("+CEER")
    def extended_error_report(self, call: Call) -> None:
        only(call, Form.ACTION, Form.TEST)
        if call.form is Form.ACTION:
            refusal = self.last_refusal
            report = self.no_report() if refusal is None else self.report_of(refusal)
            call.line(f"+CEER: {report}")
