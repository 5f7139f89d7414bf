"""How a modem starts, and how it attaches. Part of ``check_modem``."""

import asyncio

from ip_commands.device.errors import (
    InvalidValue,
    IpCommandsError,
    ModemRestarted,
    ModemTimeout,
    NotAttached,
    SocketClosed,
)
from ip_commands.device.portable import sleep_ms, ticks_diff, ticks_ms
from tests.contracts.modem_checks import SERVICE, check, got, opened
from tests.portable.raises import raises


# --- start ---------------------------------------------------------------------------------------
@check
async def start_of_a_running_modem_needs_no_power_key(bench):
    modem = bench.driver()
    await modem.start()
    assert bench.power == "on"
    assert bench.power_keys == 0
    assert (await modem.read_identity()).imei == bench.radio.imei


@check
async def start_switches_a_modem_on(bench):
    bench.switch_off()
    modem = bench.driver()
    await modem.start()
    assert bench.power == "on"
    assert bench.power_keys == 1
    await modem.attach("super", 60000)


@check
async def start_without_power_key_of_a_silent_modem_fails_in_time(bench):
    bench.switch_off()
    modem = bench.driver(power_key=None)
    started = ticks_ms()
    with raises(ModemTimeout, "AT"):
        await modem.start()
    assert ticks_diff(ticks_ms(), started) < 60000


@check
async def start_gives_up_on_a_dead_modem(bench):
    bench.switch_off()

    async def broken_key():
        pass

    modem = bench.driver(power_key=broken_key)
    started = ticks_ms()
    with raises(ModemTimeout):
        await modem.start()
    assert ticks_diff(ticks_ms(), started) < 180000


@check
async def start_ends_half_a_command(bench):
    await bench.type(b"AT+CGDCO")
    modem = bench.driver()
    await modem.start()
    assert bench.power_keys == 0
    assert (await modem.read_identity()).imei == bench.radio.imei


@check
async def start_twice_is_harmless_and_ends_sockets(bench):
    modem, socket = await opened(bench)
    await modem.start()
    with raises(SocketClosed):
        await socket.receive(100)
    await modem.attach("super", 60000)
    again = await modem.open_udp(4242)
    bench.inject(b"hello")
    assert (await got(again))[0] == b"hello"
    assert bench.power_keys == 0


@check
async def start_takes_over_from_a_program_that_died_with_sockets_open(bench):
    first, _ = await opened(bench)
    await first.open_udp(4343)
    bench.abandon(first)
    second = bench.driver()
    await second.start()
    await second.attach("super", 60000)
    socket = await second.open_udp(4343)
    bench.inject(b"to the new one", to_port=4343)
    assert (await got(socket))[0] == b"to the new one"
    assert bench.power_keys == 0


async def _at_a_prompt(bench):
    """An earlier program's send, of which the modem got the first byte; then it died."""
    first, socket = await opened(bench)
    bench.swallow_data(True)
    sending = asyncio.create_task(socket.send_to(b"x" * 700, *SERVICE))
    await sleep_ms(2000)
    bench.abandon(first)
    sending.cancel()
    bench.swallow_data(False)
    return len(bench.sent)


async def _works(bench, modem):
    await modem.attach("super", 60000)
    socket = await modem.open_udp(4242)
    await socket.send_to(b"works", *SERVICE)
    assert bench.sent[-1][0] == b"works"


@check
async def start_sends_nothing_from_a_data_prompt_left_behind(bench):
    before = await _at_a_prompt(bench)
    modem = bench.driver()
    await modem.start()
    assert len(bench.sent) == before
    await _works(bench, modem)


@check
async def start_without_power_key_fills_a_data_prompt_left_behind(bench):
    before = await _at_a_prompt(bench)
    modem = bench.driver(power_key=None)
    await modem.start()
    assert len(bench.sent) <= before + 1
    await _works(bench, modem)


@check
async def start_survives_a_restart_in_its_middle(bench):
    modem = bench.driver()
    starting = asyncio.create_task(modem.start())
    await sleep_ms(230)
    assert not starting.done()
    bench.restart()
    await starting
    await modem.attach("super", 60000)


@check
async def start_wakes_a_modem_from_psm(bench):
    modem, socket = await opened(bench)
    if bench.power_saving:
        await modem.set_psm(20, 3600)  # some modules switch off only if the host asked for PSM
    bench.enter_psm()
    with raises(IpCommandsError):
        await socket.receive(120000)
        await socket.send_to(b"x", *SERVICE)
    await modem.start()
    assert bench.power == "on"
    await modem.attach("super", 60000)
    socket = await modem.open_udp(4242)
    if bench.asleep:  # it has not booted: only an uplink ends PSM (TS 23.682 section 4.5.4)
        await socket.send_to(b"up", *SERVICE)
    bench.inject(b"awake")
    assert (await got(socket))[0] == b"awake"


# --- attach --------------------------------------------------------------------------------------
@check
async def attach_registers_and_connects(bench):
    modem = bench.driver()
    await modem.start()
    await modem.attach("super", 60000)
    assert bench.radio.registration == 5
    assert modem.registration == 5
    assert bench.radio.ip_address
    assert bench.radio.apn == "super"


@check
async def attach_again_changes_nothing(bench):
    modem, socket = await opened(bench)
    await modem.attach("super", 60000)
    bench.inject(b"still open")
    assert (await got(socket))[0] == b"still open"


@check
async def attach_tells_why_it_was_denied(bench):
    bench.radio.denied_cause = 11
    modem = bench.driver()
    await modem.start()
    started = ticks_ms()
    with raises(NotAttached, "denied", "3"):
        await modem.attach("super", 120000)
    assert ticks_diff(ticks_ms(), started) < 60000


@check
async def attach_without_coverage_ends_in_time(bench):
    bench.lose_coverage()
    said = []
    modem = bench.driver(log=said.append)
    await modem.start()
    said.clear()
    started = ticks_ms()
    with raises(NotAttached, "CEREG"):
        await modem.attach("super", 30000)
    assert 29000 < ticks_diff(ticks_ms(), started) < 50000
    assert len([line for line in said if line.startswith("> AT")]) < 40
    bench.regain_coverage()
    await modem.attach("super", 60000)


@check
async def attach_tells_that_the_data_connection_was_refused(bench):
    bench.radio.refuses_pdp = True
    modem = bench.driver()
    await modem.start()
    with raises(NotAttached, "data connection"):
        await modem.attach("super", 60000)
    bench.radio.refuses_pdp = False
    await modem.attach("super", 60000)


@check
async def attach_refuses_an_apn_that_would_break_the_command(bench):
    modem = bench.driver()
    await modem.start()
    for apn in ("", 'su"per', "super\rAT+CFUN=0", "x" * 101):
        with raises(InvalidValue, "APN"):
            await modem.attach(apn, 60000)


@check
async def nothing_works_before_start(bench):
    modem = bench.driver()
    with raises(ModemRestarted, "start"):
        await modem.attach("super", 1000)
    with raises(ModemRestarted, "start"):
        await modem.open_udp(4242)
