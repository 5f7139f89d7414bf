"""The contract of ``device.interfaces.Modem`` over a fake: every family's driver runs every check.

``CHECKS`` is the list: async functions, named after the one behaviour that they check, that get a
fresh ``bench`` each. A bench is one UART with a driver's side and a fake modem's side::

    bench.driver(**options)   a new driver on the UART, PWRKEY wired; the bench closes it at last
    await bench.online(port)  a driver that is started and attached, and its socket on that port
    bench.inject(payload, host="100.64.0.1", port=6969, to_port=4242)   a downlink datagram, now
    bench.sent                [(payload, source port, host, port)] of the uplink, oldest first
    bench.power               "off", "booting", "on", "stopping" or "psm"
    bench.power_keys          how often PWRKEY was pulsed
    bench.switch_off(), bench.restart(), bench.enter_psm()   what happens to the modem
    bench.lose_pdp(), bench.lose_coverage(), bench.regain_coverage()   what the network does
    bench.fake                the fake modem: ``.model``, ``.power_key()``
    bench.radio               the fake's radio: deny, refuse, grant (see its attributes)
    bench.lose_urcs(bool)     what the modem says by itself does not arrive
    bench.mute(bool)          nothing passes the UART, in either direction
    bench.swallow_data(bool)  bytes the host writes at a data prompt vanish but for the first
    bench.abandon(driver)     its program ends without a word: nobody reads for it any more
    bench.type(bytes)         the host's side writes these bytes
    bench.unplug()            the stream ends
    bench.power_saving        whether the model has PSM and eDRX
    bench.asleep              whether the radio is in PSM
    bench.sender(host, port)  the source that the model's firmware tells of a datagram from there

Time is virtual; a check that needs more than an hour of it hangs. No check may leave a handler
error, a bad length or a dropped line behind (``bench`` looks), and nothing may be raised but what
``device.errors`` names.
"""

import asyncio

from device.errors import (
    InvalidValue,
    IpCommandsError,
    ModemClosed,
    ModemRestarted,
    ModemTimeout,
    NotAttached,
    NotSupported,
    PayloadTooLong,
    ReceiveTimeout,
    SendFailed,
    SocketClosed,
)
from device.portable import sleep_ms, ticks_diff, ticks_ms
from tests.portable.raises import raises

SERVICE = ("100.64.0.1", 6969)
NASTY = (
    b"\r\nOK\r\n",
    b'+QIURC: "recv",0\r\n+CADATAIND: 0\r\n',
    b"> ",
    b">",
    b"\x1a",
    b"\x1b\x00",
    b"lone \r CR",
    b'1,"2",3,\r\n\r\nERROR\r\n+CME ERROR: 3\r\n',
    b"RDY\r\n",
    b"+++ATH\r",
    b"\r" * 20,
    b"\n",
    bytes(range(256)) * 2,
)


CHECKS = []
"""Every check, in the order of this file."""


def check(function):
    CHECKS.append(function)
    return function


async def opened(bench, port=4242):
    """A driver that is online and its socket."""
    return await bench.online(port)


async def got(socket, timeout_ms=5000):
    return await socket.receive(timeout_ms)


# --- start -------------------------------------------------------------------------------------
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


@check
async def start_feeds_a_data_prompt_left_behind(bench):
    first, socket = await opened(bench)
    bench.swallow_data(True)
    sending = asyncio.create_task(socket.send_to(b"x" * 700, *SERVICE))
    await sleep_ms(500)
    bench.abandon(first)
    sending.cancel()
    bench.swallow_data(False)
    second = bench.driver()
    await second.start()
    assert bench.power_keys == 0
    await second.attach("super", 60000)
    socket = await second.open_udp(4242)
    await socket.send_to(b"works", *SERVICE)
    assert bench.sent[-1][0] == b"works"


@check
async def start_survives_a_restart_in_its_middle(bench):
    modem = bench.driver()
    starting = asyncio.create_task(modem.start())
    await sleep_ms(230)
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


# --- attach ------------------------------------------------------------------------------------
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


# --- receive -----------------------------------------------------------------------------------
@check
async def receives_from_a_sender_never_contacted_and_names_it(bench):
    _, socket = await opened(bench)
    bench.inject(b"hello", "100.64.99.7", 31000)
    assert await got(socket) == (b"hello",) + bench.sender("100.64.99.7", 31000)
    assert socket.received == 1
    assert socket.found_without_urc == 0


@check
async def receives_nasty_payloads_unchanged(bench):
    _, socket = await opened(bench)
    for payload in NASTY:
        bench.inject(payload)
        assert (await got(socket))[0] == payload


@check
async def receives_the_longest_command(bench):
    _, socket = await opened(bench)
    payload = bytes(range(256)) * 5 + b"the last twenty byte"
    assert len(payload) == 1300
    bench.inject(payload)
    assert (await got(socket))[0] == payload


@check
async def keeps_queued_datagrams_apart_and_in_order(bench):
    _, socket = await opened(bench)
    for number in range(5):
        bench.inject(b"%d\r\n" % number, port=7000 + number)
    for number in range(5):
        sender = bench.sender("100.64.0.1", 7000 + number)
        assert await got(socket) == (b"%d\r\n" % number,) + sender
    assert socket.found_without_urc == 0
    with raises(ReceiveTimeout):
        await socket.receive(1000)


@check
async def receives_what_arrives_while_it_waits(bench):
    _, socket = await opened(bench)
    for pause_ms in (0, 1, 7, 1000, 59990, 60010):
        receiving = asyncio.create_task(socket.receive(300000))
        await sleep_ms(pause_ms)
        bench.inject(b"after %d" % pause_ms)
        arrived = ticks_ms()
        assert (await receiving)[0] == b"after %d" % pause_ms
        assert ticks_diff(ticks_ms(), arrived) < 500


@check
async def receives_what_arrives_during_a_read(bench):
    _, socket = await opened(bench)
    for pause_ms in range(0, 30, 2):
        bench.inject(b"first")
        receiving = asyncio.create_task(socket.receive(5000))
        await sleep_ms(pause_ms)
        bench.inject(b"second")
        assert (await receiving)[0] == b"first"
        assert (await got(socket))[0] == b"second"


@check
async def receives_what_arrives_during_a_send(bench):
    _, socket = await opened(bench)
    for pause_ms in range(0, 40, 3):
        sending = asyncio.create_task(socket.send_to(b"up" * 50, *SERVICE))
        await sleep_ms(pause_ms)
        bench.inject(b"down")
        await sending
        assert (await got(socket))[0] == b"down"


@check
async def finds_what_the_modem_did_not_report(bench):
    _, socket = await opened(bench)
    with raises(ReceiveTimeout):
        await socket.receive(100)
    bench.lose_urcs(True)
    bench.inject(b"unreported")
    bench.inject(b"another")
    assert (await socket.receive(2 * socket.poll_ms))[0] == b"unreported"
    assert (await got(socket))[0] == b"another"
    assert socket.found_without_urc == 2
    bench.lose_urcs(False)
    bench.inject(b"reported")
    assert (await got(socket))[0] == b"reported"
    assert socket.found_without_urc == 2


@check
async def finds_what_was_not_reported_even_if_asked_in_short_turns(bench):
    _, socket = await opened(bench)
    bench.lose_urcs(True)
    with raises(ReceiveTimeout):
        await socket.receive(100)
    bench.inject(b"unreported")
    for _ in range(2 * socket.poll_ms // 1000):
        try:
            assert (await socket.receive(1000))[0] == b"unreported"
            return
        except ReceiveTimeout:
            pass
    raise AssertionError("never found")


@check
async def a_send_finds_what_was_not_reported_at_once(bench):
    _, socket = await opened(bench)
    with raises(ReceiveTimeout):
        await socket.receive(100)
    bench.lose_urcs(True)
    bench.inject(b"unreported")
    await socket.send_to(b"x", *SERVICE)
    assert (await socket.receive(1000))[0] == b"unreported"


@check
async def receive_waits_as_long_as_asked(bench):
    _, socket = await opened(bench)
    for timeout_ms in (0, 500, 100000):
        started = ticks_ms()
        with raises(ReceiveTimeout, "%d ms" % timeout_ms):
            await socket.receive(timeout_ms)
        took_ms = ticks_diff(ticks_ms(), started)
        assert timeout_ms <= took_ms < timeout_ms + 1000, took_ms


@check
async def a_cancelled_receive_loses_nothing(bench):
    _, socket = await opened(bench)
    for pause_ms in range(40):
        payload = b"number %d" % pause_ms
        bench.inject(payload)
        receiving = asyncio.create_task(socket.receive(60000))
        await sleep_ms(pause_ms)
        receiving.cancel()
        try:
            received = await receiving
        except asyncio.CancelledError:
            received = await got(socket)
        assert received[0] == payload


# --- send --------------------------------------------------------------------------------------
@check
async def sends_with_the_sockets_port_as_source(bench):
    _, socket = await opened(bench)
    await socket.send_to(b"hello", *SERVICE)
    assert bench.sent == [(b"hello", 4242, "100.64.0.1", 6969)]


@check
async def sends_nasty_payloads_unchanged(bench):
    _, socket = await opened(bench)
    for payload in NASTY:
        await socket.send_to(payload, *SERVICE)
    assert [entry[0] for entry in bench.sent] == list(NASTY)


@check
async def sends_the_longest_payload_and_refuses_one_byte_more(bench):
    _, socket = await opened(bench)
    longest = bytes([i * 7 % 256 for i in range(socket.max_payload)])
    await socket.send_to(longest, *SERVICE)
    with raises(PayloadTooLong, str(socket.max_payload)):
        await socket.send_to(longest + b"x", *SERVICE)
    assert [entry[0] for entry in bench.sent] == [longest]


@check
async def refuses_what_cannot_be_sent_before_it_says_a_word(bench):
    _, socket = await opened(bench)
    for payload, host, port in (
        (b"", "100.64.0.1", 6969),
        (b"x", "example.com", 6969),
        (b"x", '1.2.3.4",1\rAT+CFUN=0', 6969),
        (b"x", "1.2.3", 6969),
        (b"x", "1.2.3.256", 6969),
        (b"x", "100.64.0.1", 0),
        (b"x", "100.64.0.1", 65536),
    ):
        with raises(InvalidValue):
            await socket.send_to(payload, host, port)
    assert bench.sent == []


@check
async def sends_to_several_hosts_from_one_socket(bench):
    _, socket = await opened(bench)
    for number in range(1, 5):
        await socket.send_to(b"%d" % number, "100.64.0.%d" % number, 7000 + number)
    assert bench.sent == [
        (b"%d" % number, 4242, "100.64.0.%d" % number, 7000 + number) for number in range(1, 5)
    ]


@check
async def sends_of_many_tasks_arrive_once_each(bench):
    _, socket = await opened(bench)
    tasks = [
        asyncio.create_task(socket.send_to(b"%d" % number * 9, "100.64.0.1", 7000 + number))
        for number in range(6)
    ]
    for task in tasks:
        await task
    assert sorted(bench.sent) == [
        (b"%d" % number * 9, 4242, "100.64.0.1", 7000 + number) for number in range(6)
    ]


@check
async def a_cancelled_send_is_sent_whole_or_not_at_all(bench):
    _, socket = await opened(bench)
    payload = bytes(range(100, 200))
    for pause_ms in range(30):
        before = len(bench.sent)
        sending = asyncio.create_task(socket.send_to(payload, *SERVICE))
        await sleep_ms(pause_ms)
        sending.cancel()
        try:
            await sending
        except asyncio.CancelledError:
            pass
        await socket.send_to(b"next", *SERVICE)
        new = [entry[0] for entry in bench.sent[before:]]
        assert new in ([payload, b"next"], [b"next"]), (pause_ms, new)


@check
async def a_refused_send_fails_in_time_and_can_be_repeated(bench):
    _, socket = await opened(bench)
    bench.radio.blocks_uplink = True
    started = ticks_ms()
    with raises(SendFailed):
        await socket.send_to(b"x", *SERVICE)
    assert ticks_diff(ticks_ms(), started) < 30000
    bench.radio.blocks_uplink = False
    await socket.send_to(b"y", *SERVICE)
    assert bench.sent[-1][0] == b"y"


# --- sockets -----------------------------------------------------------------------------------
@check
async def two_sockets_have_their_own_ports(bench):
    modem, first = await opened(bench)
    second = await modem.open_udp(4343)
    bench.inject(b"second", to_port=4343)
    bench.inject(b"first", to_port=4242)
    assert (await got(first))[0] == b"first"
    assert (await got(second))[0] == b"second"
    await second.send_to(b"from the second", *SERVICE)
    assert bench.sent[-1][1] == 4343


@check
async def close_ends_a_receive_and_frees_the_port(bench):
    modem, socket = await opened(bench)
    receiving = asyncio.create_task(socket.receive(600000))
    await sleep_ms(1000)
    await socket.close()
    with raises(SocketClosed):
        await receiving
    await socket.close()
    with raises(SocketClosed):
        await socket.send_to(b"x", *SERVICE)
    again = await modem.open_udp(4242)
    bench.inject(b"again")
    assert (await got(again))[0] == b"again"


@check
async def sockets_are_opened_and_closed_without_end(bench):
    modem, socket = await opened(bench)
    for _ in range(20):
        await socket.close()
        socket = await modem.open_udp(4242)
    for _ in range(20):
        bench.lose_pdp()
        with raises(SocketClosed):
            await socket.receive(60000)
        await modem.attach("super", 60000)
        socket = await modem.open_udp(4242)


@check
async def open_refuses_a_port_that_is_none(bench):
    modem, _ = await opened(bench)
    for port in (0, -1, 65536, "4242"):
        with raises(InvalidValue, "port"):
            await modem.open_udp(port)


@check
async def an_old_sockets_close_does_not_touch_a_new_one(bench):
    modem, old = await opened(bench)
    bench.lose_pdp()
    with raises(SocketClosed):
        await old.receive(60000)
    await modem.attach("super", 60000)
    new = await modem.open_udp(4242)
    await old.close()
    bench.inject(b"for the new one")
    assert (await got(new))[0] == b"for the new one"


@check
async def failed_opens_use_nothing_up(bench):
    modem, socket = await opened(bench)
    await socket.close()
    bench.lose_pdp()
    await sleep_ms(1000)
    bench.radio.refuses_pdp = True
    for _ in range(15):
        with raises(NotAttached, "data connection"):
            await modem.open_udp(4242)
    bench.radio.refuses_pdp = False
    socket = await modem.open_udp(4242)
    bench.inject(b"at last")
    assert (await got(socket))[0] == b"at last"


@check
async def a_lost_data_connection_is_told_and_can_be_rebuilt(bench):
    modem, socket = await opened(bench)
    receiving = asyncio.create_task(socket.receive(600000))
    await sleep_ms(1000)
    bench.lose_pdp()
    with raises(SocketClosed):
        await receiving
    with raises(SocketClosed):
        await socket.send_to(b"x", *SERVICE)
    await socket.close()
    await modem.attach("super", 60000)
    again = await modem.open_udp(4242)
    bench.inject(b"rebuilt")
    assert (await got(again))[0] == b"rebuilt"


# --- what goes wrong ---------------------------------------------------------------------------
@check
async def a_restart_is_told_and_start_repairs_it(bench):
    modem, socket = await opened(bench)
    receiving = asyncio.create_task(socket.receive(600000))
    await sleep_ms(1000)
    bench.restart()
    with raises(IpCommandsError) as caught:
        await receiving
    assert isinstance(caught.error, (ModemRestarted, SocketClosed, ModemTimeout)), caught.error
    await modem.start()
    await modem.attach("super", 60000)
    again = await modem.open_udp(4242)
    bench.inject(b"repaired")
    assert (await got(again))[0] == b"repaired"


@check
async def a_modem_that_goes_down_is_told(bench):
    modem, socket = await opened(bench)
    receiving = asyncio.create_task(socket.receive(600000))
    await sleep_ms(1000)
    bench.fake.power_key()
    started = ticks_ms()
    with raises(ModemRestarted, "start"):
        await receiving
    assert ticks_diff(ticks_ms(), started) < 70000
    with raises(ModemRestarted, "start"):
        await modem.open_udp(4242)
    await modem.start()
    await modem.attach("super", 60000)


@check
async def a_silent_modem_is_a_time_out_and_nothing_is_lost(bench):
    _, socket = await opened(bench)
    with raises(ReceiveTimeout):
        await socket.receive(100)
    bench.mute(True)
    started = ticks_ms()
    with raises(ModemTimeout):
        await socket.send_to(b"x", *SERVICE)
    assert ticks_diff(ticks_ms(), started) < 60000
    bench.inject(b"meanwhile")
    bench.mute(False)
    assert (await socket.receive(120000))[0] == b"meanwhile"
    await socket.send_to(b"y", *SERVICE)
    assert bench.sent[-1][0] == b"y"


@check
async def payload_that_gets_lost_on_the_uart_does_not_wedge_the_modem(bench):
    _, socket = await opened(bench)
    bench.swallow_data(True)
    with raises(IpCommandsError):
        await socket.send_to(b"x" * 300, *SERVICE)
    bench.swallow_data(False)
    await socket.send_to(b"afterwards", *SERVICE)
    assert bench.sent[-1][0] == b"afterwards"


@check
async def an_unplugged_cable_ends_everything(bench):
    modem, socket = await opened(bench)
    receiving = asyncio.create_task(socket.receive(600000))
    await sleep_ms(1000)
    bench.unplug()
    started = ticks_ms()
    with raises(ModemClosed):
        await receiving
    assert ticks_diff(ticks_ms(), started) < 1000
    with raises(ModemClosed):
        await socket.send_to(b"x", *SERVICE)
    with raises(ModemClosed):
        await modem.read_signal()
    await socket.close()
    await modem.close()


# --- power saving ------------------------------------------------------------------------------
@check
async def edrx_is_granted_refused_and_switched_off(bench):
    modem, _ = await opened(bench)
    if not bench.power_saving:
        with raises(NotSupported, modem.model):
            await modem.set_edrx(81.92)
        return
    assert await modem.set_edrx(81.92) == 81.92
    assert await modem.set_edrx(40.96) == 40.96
    bench.radio.edrx = ("0011", "0001")
    assert await modem.set_edrx(81.92) == 40.96
    bench.radio.edrx = None
    assert await modem.set_edrx(20.48) is None
    assert await modem.set_edrx(None) is None
    with raises(InvalidValue):
        await modem.set_edrx(1000000.0)


@check
async def psm_is_granted_refused_and_switched_off(bench):
    modem, _ = await opened(bench)
    if not bench.power_saving:
        with raises(NotSupported, modem.model):
            await modem.set_psm(20, 3600)
        return
    assert await modem.set_psm(20, 3600) == (20, 3600)
    assert await modem.set_psm(30, 7200) == (30, 7200)
    bench.radio.psm = ("00000110", "00000101")  # T3412 1 h, T3324 10 s
    assert await modem.set_psm(20, 7200) == (10, 3600)
    bench.radio.psm = None
    assert await modem.set_psm(40, 7200) is None
    assert await modem.set_psm(None, None) is None


# --- information -------------------------------------------------------------------------------
@check
async def tells_who_it_is(bench):
    modem, _ = await opened(bench)
    identity = await modem.read_identity()
    assert identity.imei == bench.radio.imei
    assert identity.iccid == bench.radio.iccid
    assert bench.fake.model[:6] in identity.model
    assert identity.firmware


@check
async def tells_the_signal_in_dbm(bench):
    modem, _ = await opened(bench)
    signal = await modem.read_signal()
    assert abs(signal.rsrp_dbm - bench.radio.rsrp_dbm) <= 1
    assert abs(signal.rsrq_db - bench.radio.rsrq_db) <= 1
    assert -113 <= signal.rssi_dbm <= -51
    bench.lose_coverage()
    assert await modem.read_signal() == (None, None, None)


@check
async def tells_the_networks_time(bench):
    modem, _ = await opened(bench)
    gps_to_unix_s = 315964800
    expected = bench.radio.network_time_ms / 1000 + gps_to_unix_s
    assert abs(await modem.read_time() - expected) <= 2


# --- the end -----------------------------------------------------------------------------------
@check
async def power_off_detaches_and_ends_sockets(bench):
    modem, socket = await opened(bench)
    await modem.power_off()
    assert bench.power == "off"
    assert bench.radio.registration == 0
    with raises(IpCommandsError):
        await socket.receive(100)
    with raises(ModemRestarted, "start"):
        await modem.attach("super", 60000)
    started = ticks_ms()
    await socket.close()
    assert ticks_diff(ticks_ms(), started) < 100
    await modem.start()
    assert bench.power == "on"
    await modem.attach("super", 60000)


@check
async def close_leaves_the_modem_as_it_is(bench):
    modem, _ = await opened(bench)
    await modem.close()
    await modem.close()
    assert bench.power == "on"
    assert bench.radio.ip_address
