"""What an nRF91 tells the network of what follows a datagram: %RAI, %XRAI, %REL14FEAT.

Sources: nRF9160 and nRF91x1 AT commands reference (docs.nordicsemi.com): %RAI (in an nRF9160 the
access stratum's needs %REL14FEAT, the control plane's does not), %XRAI (NB-IoT alone, until a new
value is given; not together with %RAI), %REL14FEAT (before +CFUN=1; +CME ERROR: 518). That an
nRF91x1 has neither of the older two is assumed. Socket options: nrfconnect/sdk-zephyr pull 1893
and the Serial LTE Modem's documentation: SO_RAI 61 with a value, before it 50 to 54 without.
"""

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.radio import (
    MORE_WILL_COME,
    NO_MORE_DATA,
    ONE_RESPONSE,
)
from ip_commands.host_sim.fake_modems.nordic.native import NordicNative

NOT_IN_ACTIVE_STATE = 518

SO_RAI = 61
NO_DATA, LAST, ONE_RESP, ONGOING, WAIT_MORE = 1, 2, 3, 4, 5
"""Values of SO_RAI: nothing more at all; of the next send: the last, one answer is wanted, more to
send, more to receive."""

OLD_OPTIONS = {50: NO_DATA, 51: LAST, 52: ONE_RESP, 53: ONGOING, 54: WAIT_MORE}
"""Options that older firmware has instead of SO_RAI and its values."""

FOLLOWS_NEXT_SEND = {
    LAST: NO_MORE_DATA,
    ONE_RESP: ONE_RESPONSE,
    ONGOING: MORE_WILL_COME,
    WAIT_MORE: MORE_WILL_COME,
}

_XRAI = {3: ONE_RESPONSE, 4: NO_MORE_DATA}


class NordicReleaseAssistance(NordicNative):
    """Whether what a socket says reaches the network."""

    def make_storage(self) -> None:
        super().make_storage()
        self.rai_mode = 0
        self.xrai = 0
        self.release_14 = [0, 0, 0, 0, 0]
        """MAC inactivity, AS-RAI, NB dual HARQ, NB transport blocks, RSRQ measurements."""

    def _need_nrf9160(self) -> None:
        if not self.facts.name.startswith("nRF9160"):
            raise CommandFailed

    @at_command("%RAI")
    def assistance_support(self, call: Call) -> None:
        """Notifications of mode 2 (nRF91x1) would tell of cells; none come here."""
        highest = 1 if self.facts.name.startswith("nRF9160") else 2
        if call.form is Form.READ:
            call.line(f"%RAI: {self.rai_mode}")
        elif call.form is Form.TEST:
            call.line(f"%RAI: ({','.join(str(mode) for mode in range(highest + 1))})")
        else:
            only(call, Form.SET)
            call.arguments.no_more_than(1)
            self.rai_mode = call.arguments.integer(0, 0, highest)

    @at_command("%XRAI")
    def control_plane_assistance(self, call: Call) -> None:
        self._need_nrf9160()
        if call.form is Form.READ:
            call.line(f"%XRAI: {self.xrai}")
            return
        only(call, Form.SET, Form.ACTION)
        wanted = 0 if call.form is Form.ACTION else call.arguments.integer(0, 0, 4)
        if wanted not in (0, 3, 4):
            raise BadArgument
        self.xrai = wanted

    @at_command("%REL14FEAT")
    def release_14_features(self, call: Call) -> None:
        self._need_nrf9160()
        if call.form is Form.READ:
            call.line(f"%REL14FEAT: {','.join(str(value) for value in self.release_14)}")
            return
        only(call, Form.SET)
        call.arguments.no_more_than(5)
        values = [call.arguments.integer(n, 0, 1) for n in range(5)]
        if self.functionality in (1, 21):
            raise CommandFailed(NOT_IN_ACTIVE_STATE)
        self.release_14 = values

    def told_network(self, said: int | None) -> int | None:
        """Return what of a socket's word goes out with a datagram; None: nothing."""
        in_nb_iot = self.radio.access_technology == 9
        if self.rai_mode:
            needs_release_14 = not in_nb_iot and self.facts.name.startswith("nRF9160")
            return said if not needs_release_14 or self.release_14[1] else None
        return _XRAI.get(self.xrai) if in_nb_iot else None

    def value_of_option(self, name: int, value: int) -> int | None:
        """Return the SO_RAI value that an option stands for; None: it is another option."""
        if self.variant.rai_option == SO_RAI and name == SO_RAI:
            if value not in (NO_DATA, *FOLLOWS_NEXT_SEND):
                raise CommandFailed
            return value
        return OLD_OPTIONS.get(name) if self.variant.rai_option == min(OLD_OPTIONS) else None
