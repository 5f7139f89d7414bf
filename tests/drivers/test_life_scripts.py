"""What drivers say at start, at boot and at the end, byte for byte; the modem is a script."""

import asyncio

from ip_commands.device.errors import (
    InvalidValue,
    ModemAsleep,
    ModemClosed,
    ModemRestarted,
    ModemTimeout,
    SocketClosed,
)
from ip_commands.device.portable import sleep_ms, ticks_diff, ticks_ms
from ip_commands.modem_drivers import models
from ip_commands.modem_drivers.quectel import QuectelModem
from tests.drivers.scripted_drivers import bg95, sim7080, started
from tests.portable.at_script import play
from tests.portable.bg95_script import BG95_START
from tests.portable.raises import raises


async def test_a_modem_that_boots_by_itself_gets_no_pulse():
    pulses = []

    async def power_key():
        pulses.append(1)

    async def use(modem):
        with raises(ModemTimeout):
            await modem.start()

    class Deaf(QuectelModem):
        MODELS = (("BG95", True, 3000),)

        async def is_awake(self, filler_bytes=0):
            await sleep_ms(2500)
            if filler_bytes:
                self._boot_seen.set()
            return False

    await play("", lambda s: Deaf(s, power_key=power_key), use)
    assert pulses == []


async def test_a_pulse_that_switched_the_modem_off_is_followed_by_another():
    pulses = []
    state = []

    class Fake(QuectelModem):
        async def is_awake(self, filler_bytes=0):
            await sleep_ms(2500)
            return len(pulses) == 2

        async def _set_up(self):
            state.append("set up")

    async def use(modem):
        async def power_key():
            pulses.append(ticks_ms())
            if len(pulses) == 1:
                modem._on_life(b"POWERED DOWN")

        modem._power_key = power_key
        await modem.start()

    await play("", Fake, use)
    assert state == ["set up"]
    assert 2500 <= ticks_diff(pulses[1], pulses[0]) < 5000


async def test_a_restart_during_a_command_needs_a_new_start():
    async def use(modem):
        with raises(ModemRestarted, "CSQ"):
            await modem.read_signal()
        with raises(ModemRestarted, "start"):
            await modem.attach("super", 1000)

    await play("> AT+CSQ\n< RDY", started(bg95), use)


async def test_late_boot_lines_are_expected_after_a_start_and_a_restart_later():
    script = r"""
        > AT+CSQ
        < APP RDY
        < +CSQ: 31,99
        < OK
        > AT+CESQ
        < ERROR
        > AT+QCSQ
        < +QCSQ: "NOSERVICE"
        < OK
        ~ 70000
        > AT+CSQ
        < APP RDY
    """

    async def use(modem):
        assert await modem.read_signal() == (-51, None, None)
        await sleep_ms(71000)
        with raises(ModemRestarted):
            await modem.read_signal()

    await play(script, started(bg95), use)


async def test_power_off_of_a_firmware_that_says_nothing():
    async def use(modem):
        began = ticks_ms()
        await modem.power_off()
        return ticks_diff(ticks_ms(), began)

    # silent after 5 s, and given its time to finish
    silent_ms = QuectelModem.SILENT_OFF_MS
    took_ms = await play("> AT+QPOWD\n< OK\n> AT", started(bg95), use)
    assert silent_ms + 5000 <= took_ms < silent_ms + 7000
    script = "> AT+QPOWD\n< OK\n~ 2000\n< POWERED DOWN"
    assert 2000 <= await play(script, started(bg95), use) < 2200
    script = "> AT+CPOWD=1\n~ 1000\n< NORMAL POWER DOWN"
    assert 1000 <= await play(script, started(sim7080), use) < 1200


async def test_commands_of_the_boards_own():
    async def use(modem):
        await modem._set_up()

    script = BG95_START[BG95_START.index("> ATE0") :].replace("> AT+QISTATE", "{own}> AT+QISTATE")
    script = script.replace("{own}", '> AT+QCFG="nwscanseq",02\n< OK\n')
    await play(script, started(lambda s: bg95(s, setup=('+QCFG="nwscanseq",02',))), use)


async def test_a_command_refused_while_the_modem_boots_is_repeated():
    async def use(modem):
        began = ticks_ms()
        await modem._insist("+CMEE=1")
        assert ticks_diff(ticks_ms(), began) >= 2000
        with raises(Exception, "AT+X -> ERROR"):
            await modem._insist("+X")

    script = "> AT+CMEE=1\n< ERROR\n> AT+CMEE=1\n< +CME ERROR: 14\n> AT+CMEE=1\n< OK\n"
    await play(script + "> AT+X\n< ERROR\n" * 6, started(bg95), use)


async def test_models_are_created_by_name():
    class NoStream:
        pass

    for name in models.NAMES:
        for spelling in (name, name.lower()):
            driver = models.create(spelling, NoStream())
            assert driver.model == name
    assert models.create("sim7080", NoStream()).model == "SIM7080G"
    assert models.create("bg95", NoStream(), poll_ms=5).poll_ms == 5
    with raises(InvalidValue, "'nokia'", "BG95"):
        models.create("nokia", NoStream())
    with raises(InvalidValue, "BG95"):
        QuectelModem(NoStream(), "SIM7080G")


async def test_close_before_start():
    async def use(modem):
        await asyncio.sleep(0)

    await play("", bg95, use)


async def test_a_modem_that_is_not_there_says_why():
    async def use(modem):
        for line, error, word in (
            (b"PSM POWER DOWN", ModemAsleep, "PSM"),
            (b"POWERED DOWN", ModemRestarted, "went down"),
            (b"RDY", ModemRestarted, "booted"),
        ):
            modem._ready = True
            modem.at.stream.peer.put(b"\r\n" + line + b"\r\n")
            await sleep_ms(10)
            for ask in (lambda: modem.open_udp(4242), lambda: modem.attach("super", 1000)):
                with raises(error, word):
                    await ask()
        modem._lose_sockets(SocketClosed, "switched off by the program")
        with raises(ModemRestarted, "start()"):
            await modem.open_udp(4242)
        await modem.close()
        with raises(ModemClosed):
            await modem.open_udp(4242)

    await play("", started(bg95), use)
