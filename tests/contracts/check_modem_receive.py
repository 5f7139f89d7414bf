"""What a socket receives, and when. Part of ``check_modem``."""

import asyncio

from ip_commands.device.errors import ReceiveTimeout
from ip_commands.device.portable import sleep_ms, ticks_diff, ticks_ms
from tests.contracts.modem_checks import NASTY, SERVICE, check, got, opened
from tests.portable.raises import raises


@check
async def receives_from_a_sender_never_contacted_and_names_it(bench):
    _, socket = await opened(bench)
    bench.inject(b"hello", "100.64.99.7", 31000)
    assert await got(socket) == (b"hello",) + bench.sender("100.64.99.7", 31000)
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
    for _ in range(2 * socket.poll_ms // 1000 + 1):
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
