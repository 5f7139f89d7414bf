"""SMS as far as hosts ask about it at start: 3GPP TS 27.005.

Sections: 3.2.1 (CSMS), 3.2.2 (CPMS), 3.2.3 (CMGF), 3.2.5 (+CMS ERROR), 3.3.1 (CSCA), 3.3.2
(CSMP), 3.3.3 (CSDH), 3.4.1 (CNMI), 3.4.2 (CMGL), 3.4.3 (CMGR), 3.5.1 (CMGS), 3.5.4 (CMGD). The
storage is empty and stays so: this network carries no messages. Lists as real modules print them
(+CNMI and +CPMS in ModemManager's and gammu's tests); the service centre's number is assumed.
"""

from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.settings import (
    NVM,
    PROFILE,
    Number,
    Setting,
    Text,
)
from ip_commands.host_sim.fake_modems.generic.registration import RegistrationCommands

INVALID_INDEX, NO_NETWORK, UNKNOWN_ERROR = 321, 331, 500
"""Of +CMS ERROR (27.005 3.2.5)."""
STORAGES = ("SM", "ME", "SR")
STORAGE_PLACES = 10
_LISTED = ("ALL", "REC UNREAD", "REC READ", "STO UNSENT", "STO SENT")


class MessageCommands(RegistrationCommands):
    """27.005, with an empty storage."""

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        Setting("+CMGF", (Number(0, "0,1"),), PROFILE),
        Setting(
            "+CNMI",
            (
                *(Number(0, "0-2"), Number(0, "0-3"), Number(0, "0,2"), Number(0, "0-2")),
                Number(0, "0,1"),
            ),
            PROFILE,
        ),
        Setting(
            "+CSCA",
            (Text("+12063130004", r"\+?\d{1,20}"), Number(145, "128-255")),
            NVM,
            test="",
        ),
        Setting(
            "+CSMP",
            *(
                (
                    Number(17, "0-255"),
                    Number(167, "0-255"),
                    Number(0, "0-255"),
                    Number(0, "0-255"),
                ),
            ),
            PROFILE,
            test="",
        ),
        Setting("+CSDH", (Number(0, "0,1"),), PROFILE),
        Setting("+CGSMS", (Number(1, "0-3"),), PROFILE),
    )
    TEST_FORMS: ClassVar[dict[str, str]] = {
        "+CSMS": "(0,1)",
        "+CSCA": "",
        "+CSMP": "",
        "+CMGR": "",
        "+CMGS": "",
        "+CMGD": "(),(0-4)",
    }

    def forget_session(self) -> None:
        super().forget_session()
        self.message_service = 0
        self.message_storages = ["SM", "SM", "SM"]

    @at_command("+CSMS")
    def select_message_service(self, call: Call) -> None:
        """0 phase 2, 1 phase 2+; received, sent and broadcast messages can be done."""
        only(call, Form.SET, Form.READ)
        if call.form is Form.READ:
            call.line(f"+CSMS: {self.message_service},1,1,1")
        else:
            call.arguments.no_more_than(1)
            self.message_service = call.arguments.integer(0, 0, 1)
            call.line("+CSMS: 1,1,1")

    @at_command("+CPMS")
    def select_message_storage(self, call: Call) -> None:
        names = ",".join(f'"{name}"' for name in STORAGES)
        if call.form is Form.TEST:
            call.line(f"+CPMS: ({names}),({names}),({names})")
            return
        self.need_sim()
        if call.form is Form.READ:
            shown = (f'"{name}",0,{STORAGE_PLACES}' for name in self.message_storages)
            call.line(f"+CPMS: {','.join(shown)}")
        else:
            only(call, Form.SET)
            call.arguments.no_more_than(3)
            chosen = [call.arguments.text(n, s) for n, s in enumerate(self.message_storages)]
            if not call.arguments.given(0) or set(chosen) - set(STORAGES):
                raise BadArgument
            self.message_storages = chosen
            call.line("+CPMS: " + ",".join(3 * [f"0,{STORAGE_PLACES}"]))

    @at_command("+CMGL")
    def list_messages(self, call: Call) -> None:
        """There are none. Text mode wants words, PDU mode numbers."""
        text_mode = self.settings.number("+CMGF") == 1
        if call.form is Form.TEST:
            words = ",".join(f'"{word}"' for word in _LISTED)
            call.line(f"+CMGL: ({words})" if text_mode else "+CMGL: (0-4)")
            return
        only(call, Form.SET, Form.ACTION)
        self.need_sim()
        if call.form is Form.SET and not text_mode:
            call.arguments.integer(0, 0, 4)
        elif call.form is Form.SET and call.arguments.text(0).upper() not in _LISTED:
            raise BadArgument

    @at_command("+CMGR")
    def read_message(self, call: Call) -> None:
        only(call, Form.SET)
        self.need_sim()
        call.arguments.integer(0, 0, 255)
        raise CommandFailed(result=f"+CMS ERROR: {INVALID_INDEX}")

    @at_command("+CMGD")
    def delete_message(self, call: Call) -> None:
        """Deleting what is not there is OK, as <delflag> wants of an empty storage."""
        only(call, Form.SET)
        self.need_sim()
        call.arguments.no_more_than(2)
        flag = call.arguments.integer(1, 0, 4, 0)
        call.arguments.integer(0, 0, 255, 0 if flag else None)

    @at_command("+CMGS")
    def send_message(self, call: Call) -> None:
        """Take a message and refuse it: the network has no message service."""
        only(call, Form.SET)
        self.need_sim()
        if self.settings.number("+CMGF") == 1:
            call.arguments.text(0)
        else:
            call.arguments.integer(0, 7, 164)
        error = UNKNOWN_ERROR if self.registered else NO_NETWORK
        call.prompt(
            lambda data: self.later(self.some_ms(500, 3000), call.finish, f"+CMS ERROR: {error}"),
            length=None,
        )
