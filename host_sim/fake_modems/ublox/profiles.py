"""What u-blox sockets stand on: PSD profiles, contexts, and settings of the radio.

Sources: UBX-20009652 R02 and UBX-20032566 R05 (UPSD, UPSDA, UPSND, UUPSDA, UUPSDD on SARA-R5),
u-blox/ubxlib u_cell_net.c (CGACT forced on SARA-R422, URAT and UMNOPROF with the radio off),
ARMmbed/mbed-os issue 7679 (SARA-R410M has no UPSND).
"""

from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, CommandFailed, Form
from ip_commands.host_sim.fake_modems.ublox.models import ATTACH, MAPPED
from ip_commands.host_sim.fake_modems.ublox.power import UbloxPower

_UPSD_TAGS = (0, 1, 2, 3, 4, 5, 6, 7, 100)


class UbloxProfiles(UbloxPower):
    """UPSD, UPSDA, UPSND, CGACT, URAT, UMNOPROF and other settings."""

    TEST_FORMS: ClassVar[dict[str, str]] = {
        "+UPSD": "(0),(0-7,100)",
        "+UPSDA": "(0),(0,3,4)",
        "+UPSND": "(0),(0,8)",
        "+UBANDMASK": "(0,1),(1-18446744073709551615),(1-18446744073709551615)",
    }
    QUIRKS: ClassVar[dict[str, str]] = {
        "uupsdd-only": "a lost profile is announced by +UUPSDD alone, without +UUSOCL",
    }

    def make_storage(self) -> None:
        super().make_storage()
        self.band_masks = {0: ["526494"], 1: ["526494"]}
        """+UBANDMASK: one or two masks of bands for LTE-M (0) and NB-IoT (1)."""
        self.upsd: dict[int, str] = {0: "0", 100: "0"}

    def forget_session(self) -> None:
        super().forget_session()
        self.profile_active = False
        self.context_forced = False

    def drop_sockets(self, announce: bool) -> None:
        """All sockets die with the connection."""

    def data_ready(self) -> bool:
        """Return True when sockets can be used."""
        if self.radio.ip_address is None:
            return False
        if self.variant.sockets_need == ATTACH:
            return True
        if self.variant.sockets_need == MAPPED:
            return self.profile_active
        return self.context_forced

    def pdp_lost(self) -> None:
        super().pdp_lost()
        had_profile, self.profile_active = self.profile_active, False
        self.context_forced = False
        if had_profile:
            self.urc("+UUPSDD: 0")
        self.drop_sockets(announce=not (had_profile and "uupsdd-only" in self.quirks))

    def _need_profiles(self) -> None:
        if not self.variant.has_profiles:
            raise CommandFailed

    @at_command("+UPSD")
    def configure_profile(self, call: Call) -> None:
        self._need_profiles()
        only(call, Form.SET)
        call.arguments.integer(0, 0, 0)
        tag = call.arguments.integer(1, 0, 100)
        if tag not in _UPSD_TAGS:
            raise BadArgument
        if len(call.arguments) == 2:
            call.line(f"+UPSD: 0,{tag},{self.upsd.get(tag, '')}")
            return
        if self.profile_active:
            raise CommandFailed(3)
        if tag == 100:
            call.arguments.integer(2, 0, self.MAX_CID)
        self.upsd[tag] = call.text.split(",", 2)[2][:100]

    @at_command("+UPSDA")
    def act_on_profile(self, call: Call) -> None:
        """OK at once; ``+UUPSDA: <result>[,"<ip>"]`` tells how an activation went."""
        self._need_profiles()
        only(call, Form.SET)
        call.arguments.integer(0, 0, 0)
        action = call.arguments.integer(1, 0, 4)
        if action == 0:
            self.upsd = {0: "0", 100: "0"}
        elif action == 3:
            if self.profile_active:
                raise CommandFailed(3)
            self.later(self.some_ms(100, 800), self._activate_profile)
        elif action == 4:
            if not self.profile_active:
                raise CommandFailed(3)
            self.profile_active = False
            self.drop_sockets(announce=False)
        else:
            raise BadArgument

    def _activate_profile(self) -> None:
        cid = int(self.upsd.get(100, "0"))
        if not self.registered or cid not in self.contexts:
            self._profile_result(False)
        else:
            self.activate(cid, self._profile_result)

    def _profile_result(self, active: bool) -> None:
        self.profile_active = active
        self.urc(f'+UUPSDA: 0,"{self.radio.ip_address}"' if active else "+UUPSDA: 1")

    @at_command("+UPSND")
    def profile_status(self, call: Call) -> None:
        self._need_profiles()
        only(call, Form.SET)
        call.arguments.integer(0, 0, 0)
        parameter = call.arguments.integer(1, 0, 8)
        if parameter == 8:
            call.line(f"+UPSND: 0,8,{int(self.profile_active)}")
        elif parameter == 0 and self.profile_active:
            call.line(f'+UPSND: 0,0,"{self.radio.ip_address}"')
        else:
            raise CommandFailed(3)

    @at_command("+CGACT")
    def activate_context(self, call: Call) -> None:
        """SARA-R422 shows its context as inactive until the host activates it."""
        if call.form is Form.READ and self.variant.sockets_need not in (ATTACH, MAPPED):
            for cid in sorted(self.contexts):
                active = self.data_ready() if cid == self.DEFAULT_CID else self.address_of(cid)
                call.line(f"+CGACT: {cid},{int(bool(active))}")
            return
        super().activate_context(call)
        if call.form is Form.SET and call.arguments.integer(1, 0, 99, 1) == self.DEFAULT_CID:
            self.context_forced = call.arguments.integer(0, 0, 1) == 1

    def needs_radio_off(self, call: Call) -> None:
        """Refuse while the radio is on (ubxlib sends AT+CFUN=0 first)."""
        if self.functionality == 1:
            raise CommandFailed(3)

    @at_command("+UBANDMASK")
    def choose_bands(self, call: Call) -> None:
        if call.form is Form.READ:
            shown = (f"{rat},{','.join(masks)}" for rat, masks in self.band_masks.items())
            call.line(f"+UBANDMASK: {','.join(shown)}")
            return
        only(call, Form.SET)
        a = call.arguments
        a.no_more_than(3)
        rat, masks = a.integer(0, 0, 1), [a.text(index) for index in range(1, max(2, len(a)))]
        for mask in masks:
            if not mask.isdecimal() or not 0 < int(mask) < 2**64:
                raise BadArgument
        self.needs_radio_off(call)
        self.band_masks[rat] = masks
