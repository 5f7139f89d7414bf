"""What a socket sends. Part of ``check_modem``."""

import asyncio

from ip_commands.device.errors import InvalidValue, PayloadTooLong, SendFailed
from ip_commands.device.portable import sleep_ms, ticks_diff, ticks_ms
from tests.contracts.modem_checks import NASTY, SERVICE, check, opened
from tests.portable.raises import raises


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
