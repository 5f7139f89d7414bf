"""Sockets that come and go, and what goes wrong. Part of ``check_modem``."""

import asyncio

from ip_commands.device.errors import (
    InvalidValue,
    IpCommandsError,
    ModemClosed,
    ModemError,
    ModemRestarted,
    ModemTimeout,
    NotAttached,
    ReceiveTimeout,
    SocketClosed,
)
from ip_commands.device.portable import sleep_ms, ticks_diff, ticks_ms
from tests.contracts.modem_checks import SERVICE, check, got, opened
from tests.portable.raises import raises


# --- sockets -------------------------------------------------------------------------------------
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


# --- what goes wrong -----------------------------------------------------------------------------
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
    with raises(ModemError) as caught:
        await receiving
    # a line says so, or silence does; where to find it again is not this check's business
    assert isinstance(caught.error, (ModemRestarted, ModemTimeout)), caught.error
    assert ticks_diff(ticks_ms(), started) < 90000
    await modem.start()
    await modem.attach("super", 60000)


@check
async def a_silent_modem_is_a_time_out_and_nothing_is_lost(bench):
    _, socket = await opened(bench)
    with raises(ReceiveTimeout):
        await socket.receive(100)
    bench.mute(True)
    started = ticks_ms()
    with raises(IpCommandsError, "no "):  # no answer, or no result: whether it was asked is told
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
