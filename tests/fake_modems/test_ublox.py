"""Fake u-blox modules on socket, profile and power commands, in right and wrong states."""

import pytest

from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio
from ip_commands.host_sim.fake_modems.ublox.models import UBLOX_MODELS
from tests.fake_modems.bench import Bench

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
NASTY = b'\r\nOK\r\n+UUSORF: 0,9\r\n@\x00\x1a\x1b"\r'
PEER = '"100.64.0.1",6969'
R5 = "sara-r510s"


async def ready(bench: Bench) -> None:
    """Attach and do what the model's sockets need."""
    await bench.attach()
    need = bench.fake.variant.sockets_need
    if need == "forced":
        assert await bench.ask("AT+CGACT=1,1") == OK
    elif need == "mapped":
        assert await bench.ask_all("AT+UPSD=0,0,0", "AT+UPSD=0,100,1", "AT+UPSDA=0,3") == OK * 3
        assert await bench.hear(2) == b'\r\n+UUPSDA: 0,"100.64.17.23"\r\n'


async def bound(bench: Bench, port: int = 4242) -> None:
    """Open socket 0 on a port, able to hear strangers."""
    await ready(bench)
    assert (await bench.ask(f"AT+USOCR=17,{port}")).startswith(b"\r\n+USOCR: 0")
    if bench.fake.variant.needs_listen:
        assert await bench.ask(f"AT+USOLI=0,{port}") == OK


def answer(payload: bytes, host: str = "100.64.0.1", port: int = 6969) -> bytes:
    return b'\r\n+USORF: 0,"%s",%d,%d,"' % (host.encode(), port, len(payload)) + payload + b'"\r\n'


@pytest.mark.parametrize("model", sorted(UBLOX_MODELS))
async def test_every_model_hears_a_stranger_and_replies_from_the_same_port(model):
    async with Bench(model) as bench:
        await bound(bench)
        bench.radio.inject_datagram(NASTY, "100.64.0.77", 5000)
        urc = bench.fake.variant.data_urc.encode()
        assert await bench.hear(1) == b"\r\n%s: 0,%d\r\n" % (urc, len(NASTY))
        said = await bench.ask("AT+USORF=0,1024")
        assert said.removeprefix(b"\r\n\r\n+"[:2]).lstrip(b"\r\n") == (
            answer(NASTY, "100.64.0.77", 5000).lstrip(b"\r\n") + OK
        )
        assert await bench.ask(f'AT+USOST=0,"100.64.0.77",5000,{len(NASTY)}') == b"\r\n@"
        assert await bench.type(NASTY, 1) == b"\r\n+USOST: 0,%d\r\n" % len(NASTY) + OK
        assert list(bench.radio.uplink) == [(NASTY, 4242, "100.64.0.77", 5000)]


async def test_1300_bytes_come_in_two_reads_with_the_address_in_both():
    payload = bytes(range(256)) * 5 + bytes(20)
    async with Bench(R5) as bench:
        await bound(bench)
        bench.radio.inject_datagram(payload)
        bench.radio.inject_datagram(b"next")
        assert await bench.hear(1) == b"\r\n+UUSORD: 0,1300\r\n"
        said = await bench.ask("AT+USORF=0,1024") + await bench.hear(1)
        assert said == answer(payload[:1024]) + OK + b"\r\n+UUSORD: 0,276\r\n"
        said = await bench.ask("AT+USORF=0,1024") + await bench.hear(1)
        assert said == answer(payload[1024:]) + OK + b"\r\n+UUSORD: 0,4\r\n"
        assert await bench.ask("AT+USORF=0,0") == b"\r\n+USORF: 0,4\r\n" + OK
        assert await bench.ask("AT+USORF=0,1024") == answer(b"next") + OK
        assert await bench.hear(1) == b""


async def test_the_rest_of_a_datagram_can_be_dropped_instead():
    async with Bench(R5, quirks=["rest-dropped"]) as bench:
        await bound(bench)
        bench.radio.inject_datagram(bytes(1300))
        await bench.hear(1)
        said = await bench.ask("AT+USORF=0,1024") + await bench.hear(1)
        assert said == answer(bytes(1024)) + OK
        assert await bench.ask("AT+USORF=0,0") == b"\r\n+USORF: 0,0\r\n" + OK


async def test_one_announcement_until_read_then_the_total_of_what_waits():
    async with Bench("sara-r422") as bench:
        await bound(bench)
        for payload in (b"one", b"three", b"sixsix"):
            bench.radio.inject_datagram(payload)
        assert await bench.hear(1) == b"\r\n+UUSORF: 0,3\r\n"
        said = await bench.ask("AT+USORF=0,1024") + await bench.hear(1)
        assert said == answer(b"one") + OK + b"\r\n+UUSORF: 0,11\r\n"


async def test_some_firmware_announces_every_datagram():
    async with Bench(R5, quirks=["every-datagram-announced", "uusorf"]) as bench:
        await bound(bench)
        bench.radio.inject_datagram(b"12")
        bench.radio.inject_datagram(b"345")
        assert await bench.hear(1) == b"\r\n+UUSORF: 0,2\r\n\r\n+UUSORF: 0,5\r\n"


@pytest.mark.parametrize(
    ("model", "quirks", "said"),
    [
        ("sara-r410m", [], b'\r\n+USORF: 0,""\r\n' + OK),
        ("sara-r410m", ["empty-zero"], b"\r\n+USORF: 0,0\r\n" + OK),
        (R5, [], b"\r\n+USORF: 0,0\r\n" + OK),
        (R5, ["empty-string"], b'\r\n+USORF: 0,""\r\n' + OK),
        ("lara-r6", ["empty-error"], b"\r\n+CME ERROR: 3\r\n"),
    ],
)
async def test_nothing_to_read(model, quirks, said):
    async with Bench(model, quirks=quirks) as bench:
        await bound(bench)
        await bench.ask("AT+CMEE=1")
        assert await bench.ask("AT+USORF=0,1024") == said


async def test_hex_mode_counts_bytes_and_shows_digits():
    async with Bench(R5) as bench:
        await bound(bench)
        await bench.ask("AT+UDCONF=1,1")
        assert await bench.ask("AT+UDCONF=1") == b"\r\n+UDCONF: 1,1\r\n" + OK
        bench.radio.inject_datagram(b"\x00\xabz" + bytes(510))
        await bench.hear(1)
        assert await bench.ask("AT+USORF=0,513") == ERROR
        said = await bench.ask("AT+USORF=0,512") + await bench.hear(1)
        digits = b"00AB7A" + b"00" * 509
        line = b'\r\n+USORF: 0,"100.64.0.1",6969,512,"' + digits + b'"\r\n'
        assert said == line + OK + b"\r\n+UUSORD: 0,1\r\n"
        said = await bench.ask(f'AT+USOST=0,{PEER},3,"00aB1a"') + await bench.hear(1)
        assert said == b"\r\n+USOST: 0,3\r\n" + OK
        assert await bench.ask(f'AT+USOST=0,{PEER},3,"00aB1"') == ERROR
        assert await bench.ask(f'AT+USOST=0,{PEER},3,"00aB1x"') == ERROR
        said = await bench.ask(f'AT+USOST=0,{PEER},513,"{"00" * 513}"')
        assert said == ERROR
        assert await bench.ask(f"AT+USOST=0,{PEER},2") == b"\r\n@"
        assert (await bench.type(b"\x0d\x0a", 1)).endswith(OK)
        assert [sent[0] for sent in bench.radio.uplink] == [b"\x00\xab\x1a", b"\r\n"]


async def test_the_prompt_may_want_hex_digits_too():
    async with Bench("sara-r410m", quirks=["hex-at-prompt"]) as bench:
        await bound(bench)
        await bench.ask("AT+UDCONF=1,1")
        assert await bench.ask(f"AT+USOST=0,{PEER},2") == b"\r\n@"
        assert await bench.type(b"0d", 1) == b""
        assert (await bench.type(b"0A", 1)).endswith(OK)
        assert bench.radio.uplink[0][0] == b"\r\n"


async def test_text_form_and_limits_of_a_send():
    async with Bench(R5) as bench:
        await bound(bench)
        said = await bench.ask(f'AT+USOST=0,{PEER},5,"h;,lo"') + await bench.hear(1)
        assert said == b"\r\n+USOST: 0,5\r\n" + OK
        for wrong in (f"0,{PEER},1025", f"0,{PEER},0", f'0,{PEER},4,"hello"', f"3,{PEER},4"):
            assert await bench.ask(f"AT+USOST={wrong}") == ERROR
        assert await bench.ask('AT+USOST=0,"example.com",6969,4') == ERROR
        assert await bench.ask(f"AT+USOST=0,{PEER},1024") == b"\r\n@"
        everything = bytes(range(256)) * 4
        await bench.type(everything[:1000], 30)  # there is no time-out
        await bench.type(everything[1000:], 0.012)
        said = await bench.type(b"AT\r", 1)  # dropped: the send still runs
        assert said == b"\r\n+USOST: 0,1024\r\n" + OK
        assert bench.radio.uplink[1][0] == everything
        assert await bench.ask("AT+USOCTL=0,2") == b"\r\n+USOCTL: 0,2,1029\r\n" + OK


async def test_bytes_right_after_the_prompt_can_be_lost():
    async with Bench(R5, quirks=["deaf-after-prompt"]) as bench:
        await bound(bench)
        await bench.link.host.write(f"AT+USOST=0,{PEER},4\r".encode())
        assert await bench.hear(0.030) == b"\r\n@"
        assert await bench.type(b"lost", 0.2) == b""
        assert (await bench.type(b"good", 1)).endswith(OK)
        assert bench.radio.uplink[0][0] == b"good"


async def test_r410m_hears_nobody_before_it_listened_or_sent():
    async with Bench("sara-r410m") as bench:
        await ready(bench)
        assert await bench.ask("AT+USOCR=17,4242") == b"\r\n+USOCR: 0\r\n" + OK
        bench.radio.inject_datagram(b"too early")
        assert await bench.hear(1) == b""
        assert bench.fake.datagrams_undeliverable == 1
        assert await bench.ask(f"AT+USOST=0,{PEER},1") == b"\r\n@"
        await bench.type(b"x", 1)
        bench.radio.inject_datagram(b"reply")
        assert await bench.hear(1) == b"\r\n+UUSORF: 0,5\r\n"


@pytest.mark.parametrize(
    ("quirk", "answers"),
    [
        ("usocr-port-ignored", [b"\r\n+USOCR: 0\r\n" + OK, OK]),
        ("usoli-refused", [b"\r\n+USOCR: 0\r\n" + OK, ERROR]),
    ],
)
async def test_a_port_is_bound_by_one_of_two_commands(quirk, answers):
    async with Bench("sara-r410m", quirks=[quirk]) as bench:
        await ready(bench)
        assert [await bench.ask("AT+USOCR=17,4242"), await bench.ask("AT+USOLI=0,4242")] == answers
        bench.radio.inject_datagram(b"hello")
        assert await bench.hear(1) == b"\r\n+UUSORF: 0,5\r\n"


async def test_a_refused_local_port_leaves_usoli():
    async with Bench("lara-r6", quirks=["usocr-port-refused"]) as bench:
        await ready(bench)
        assert await bench.ask("AT+USOCR=17,4242") == ERROR
        assert await bench.ask_all("AT+USOCR=17", "AT+USOLI=0,4242") == (
            b"\r\n+USOCR: 0\r\n" + OK + OK
        )
        bench.radio.inject_datagram(b"hello")
        assert await bench.hear(1) == b"\r\n+UUSORF: 0,5\r\n"


@pytest.mark.parametrize(
    ("model", "quirks", "said"),
    [
        (R5, [], b"+USOCR: 0,12000"),
        (R5, ["usocr-plain"], b"+USOCR: 0"),
        ("sara-r422", [], b"+USOCR: 0,12000"),
        ("sara-r412m", [], b"+USOCR: 0"),
        ("sara-r412m", ["usocr-shows-port"], b"+USOCR: 0,12000"),
    ],
)
async def test_usocr_may_show_the_local_port(model, quirks, said):
    async with Bench(model, quirks=quirks) as bench:
        await ready(bench)
        assert await bench.ask("AT+USOCR=17,12000") == b"\r\n" + said + b"\r\n" + OK


async def test_seven_sockets_and_a_port_belongs_to_one():
    async with Bench("sara-r410m") as bench:
        await bound(bench, 4000)
        await bench.ask("AT+CMEE=2")
        assert await bench.ask("AT+USOCR=17,4000") == ERROR
        assert await bench.ask("AT+USOER") == b"\r\n+USOER: 98\r\n" + OK
        for number in range(1, 7):
            assert await bench.ask("AT+USOCR=17") == b"\r\n+USOCR: %d\r\n" % number + OK
        assert await bench.ask("AT+USOCR=17") == b"\r\n+CME ERROR: Operation not allowed\r\n"
        assert await bench.ask("AT+USOCL=3") == OK
        assert await bench.ask("AT+USOCL=3") == b"\r\n+CME ERROR: Operation not allowed\r\n"
        assert await bench.ask("AT+USOCR=17") == b"\r\n+USOCR: 3\r\n" + OK
        assert await bench.ask("AT+USOCL=3,1") + await bench.hear(1) == OK + b"\r\n+UUSOCL: 3\r\n"


@pytest.mark.parametrize("cmee", [0, 1, 2])
async def test_a_closed_socket_is_refused_as_cmee_wants(cmee):
    said = [ERROR, b"\r\n+CME ERROR: 3\r\n", b"\r\n+CME ERROR: operation not allowed\r\n"][cmee]
    async with Bench(R5) as bench:
        await bench.ask(f"AT+CMEE={cmee}")
        for command in (f"AT+USOST=0,{PEER},5", "AT+USORF=0,5", "AT+USOCL=0", "AT+USOCTL=0,0"):
            assert await bench.ask(command) == said
    async with Bench(R5, quirks=["plain-socket-errors"]) as bench:
        await bench.ask(f"AT+CMEE={cmee}")
        assert await bench.ask("AT+USOCL=0") == ERROR


async def test_r5_has_no_sockets_before_its_profile():
    async with Bench(R5) as bench:
        await bench.attach()
        await bench.ask("AT+CMEE=1")
        assert await bench.ask("AT+UPSND=0,8") == b"\r\n+UPSND: 0,8,0\r\n" + OK
        assert await bench.ask("AT+USOCR=17,4242") == b"\r\n+CME ERROR: 3\r\n"
        await bench.ask("AT+UPSDA=0,3")
        assert await bench.hear(2) == b"\r\n+UUPSDA: 1\r\n", "no context is mapped"
        await ready(bench)
        assert await bench.ask("AT+UPSND=0,0") == b'\r\n+UPSND: 0,0,"100.64.17.23"\r\n' + OK
        assert await bench.ask("AT+UPSDA=0,3") == b"\r\n+CME ERROR: 3\r\n"
        assert (await bench.ask("AT+USOCR=17,4242")).endswith(OK)
        assert await bench.ask("AT+UPSDA=0,4") == OK
        assert await bench.ask("AT+USORF=0,0") == b"\r\n+CME ERROR: 3\r\n"


async def test_r422_wants_its_context_activated():
    async with Bench("sara-r422") as bench:
        await bench.attach()
        assert await bench.ask("AT+CGACT?") == b"\r\n+CGACT: 1,0\r\n" + OK
        await bench.ask("AT+USOCR=17,4242")
        assert await bench.ask(f"AT+USOST=0,{PEER},5") == ERROR
        assert await bench.ask("AT+USOER") == b"\r\n+USOER: 100\r\n" + OK
        await ready(bench)
        assert await bench.ask("AT+CGACT?") == b"\r\n+CGACT: 1,1\r\n" + OK
        assert await bench.ask(f"AT+USOST=0,{PEER},5") == b"\r\n@"


@pytest.mark.parametrize(
    ("model", "quirks", "said"),
    [
        ("sara-r410m", [], b"\r\n+UUSOCL: 0\r\n"),
        (R5, [], b"\r\n+UUPSDD: 0\r\n\r\n+UUSOCL: 0\r\n"),
        (R5, ["uupsdd-only"], b"\r\n+UUPSDD: 0\r\n"),
    ],
)
async def test_sockets_die_with_the_connection(model, quirks, said):
    async with Bench(model, quirks=quirks) as bench:
        await bound(bench)
        bench.radio.lose_pdp()
        assert await bench.hear(1) == said
        assert await bench.ask("AT+USORF=0,0") == ERROR


async def test_the_connection_can_die_at_the_prompt():
    async with Bench("sara-r410m") as bench:
        await bound(bench)
        assert await bench.ask(f"AT+USOST=0,{PEER},2") == b"\r\n@"
        bench.radio.lose_pdp()
        said = await bench.type(b"hi", 1)
        assert sorted(said.split(b"\r\n")) == sorted(
            (b"\r\n+UUSOCL: 0\r\n" + ERROR).split(b"\r\n")
        )
        assert len(bench.radio.uplink) == 0


async def test_a_connected_socket_hears_its_peer_only():
    async with Bench("lara-r6") as bench:
        await bound(bench)
        assert await bench.ask(f"AT+USOCO=0,{PEER}") == OK
        bench.radio.inject_datagram(b"stranger", "100.64.0.2")
        bench.radio.inject_datagram(b"peer")
        assert await bench.hear(1) == b"\r\n+UUSORF: 0,4\r\n"
        assert await bench.ask("AT+USORD=0,1024") == b'\r\n+USORD: 0,4,"peer"\r\n' + OK
        assert await bench.ask(f"AT+USOST=0,{PEER},1") == ERROR
        assert await bench.ask("AT+USOWR=0,3") == b"\r\n@"
        assert await bench.type(b"abc", 1) == b"\r\n+USOWR: 0,3\r\n" + OK
        assert list(bench.radio.uplink) == [(b"abc", 4242, "100.64.0.1", 6969)]


async def test_stray_line_ends_before_socket_answers():
    async with Bench("sara-r410m", quirks=["stray-crlf"], seed=3) as bench:
        said = {await bench.ask("AT+USOCTL=0,0") for _ in range(20)}
        clean = b"\r\n+USOCTL: 0,0,0\r\n" + OK
        assert said == {clean, b"\r\n" + clean}


# --- registration, power -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "quirks", "urc", "read"),
    [
        ("sara-r410m", [], True, True),
        ("lara-r6", [], False, True),
        ("sara-r422", [], False, False),
        ("sara-r422", ["cereg-surplus"], True, True),
        (R5, ["cereg-plain"], False, False),
    ],
)
async def test_cereg_of_level_4_may_have_a_surplus_field(model, quirks, urc, read):
    act = 8 if model.startswith("sara-r4") else 7
    async with Bench(model, quirks=quirks) as bench:
        await bench.ask("AT+CEREG=4")
        said = await bench.hear(3)
        surplus = b'"0",' if urc else b""
        assert said == b'\r\n+CEREG: 5,"2B67",%s"1A2D003",%d\r\n' % (surplus, act)
        surplus = b'"0",' if read else b""
        line = b'\r\n+CEREG: 4,5,"2B67",%s"1A2D003",%d\r\n' % (surplus, act)
        assert await bench.ask("AT+CEREG?") == line + OK


async def test_r4_forms_of_psm_edrx_and_address():
    async with Bench("sara-r410m") as bench:
        await bench.attach()
        assert await bench.ask("AT+CEDRXS?") == b"\r\n+CEDRXS:\r\n" + OK
        await bench.ask_all('AT+CPSMS=1,,,"01100000","00000000"', 'AT+CEDRXS=1,4,"0111"')
        await bench.hear(1)
        assert await bench.ask("AT+CPSMS?") == b'\r\n+CPSMS:1,,,"01100000","00000000"\r\n' + OK
        assert await bench.ask("AT+CEDRXS?") == b'\r\n+CEDRXS: 4,"0111","0011"\r\n' + OK
        said = await bench.ask("AT+CEDRXRDP")
        assert said == b'\r\n+CEDRXRDP: 4,"0111","0111","0011"\r\n' + OK
        said = await bench.ask("AT+UCPSMS?")
        assert said == b'\r\n+UCPSMS: 1,,,"01100000","00000000",1\r\n' + OK
        assert await bench.ask("AT+CGPADDR=1") == b"\r\n+CGPADDR: 1,100.64.17.23\r\n" + OK
        await bench.ask("AT+CEDRXS=3")
    async with Bench(R5) as bench:
        assert await bench.ask("AT+CEDRXS?") == b'\r\n+CEDRXS: 4,"0000"\r\n' + OK


async def test_psm_may_want_a_restart_first():
    async with Bench("sara-r410m", quirks=["psm-after-reboot"]) as bench:
        await bench.attach()
        assert await bench.ask('AT+CPSMS=1,,,"01100000","00000001"') == OK
        await bench.hear(5)
        assert bench.radio.granted_psm is None
        assert await bench.ask("AT+CFUN=15") == OK
        await bench.hear(15)
        assert bench.radio.granted_psm == ("01100000", "00000001")


@pytest.mark.parametrize(("model", "fun", "wrong"), [("sara-r410m", 15, 16), (R5, 16, 15)])
async def test_the_restart_command_differs(model, fun, wrong):
    async with Bench(model) as bench:
        assert await bench.ask(f"AT+CFUN={wrong}") == ERROR
        assert await bench.ask(f"AT+CFUN={fun}") == OK
        await bench.hear(10)
        assert bench.fake.boots == 2


async def test_r5_says_nothing_after_a_boot_before_the_first_at():
    async with Bench(R5, powered=False) as bench:
        bench.fake.power_key()
        assert await bench.type(b"AT\r", 5) == b""
        await bench.hear(5)
        bench.fake.registration_mode["+CEREG"] = 1
        bench.radio.lose_coverage()
        assert await bench.hear(1) == b""
        assert await bench.type(b"AT\r", 1) == b"AT\r" + OK
        bench.radio.regain_coverage()
        assert await bench.hear(2) == b"\r\n+CEREG: 5\r\n"


async def test_power_off_takes_its_time_and_says_nothing_more():
    async with Bench("sara-r410m") as bench:
        await bench.attach()
        assert await bench.ask("AT+CPWROFF") == OK
        assert await bench.hear(10) == b""
        assert not bench.fake.powered
        assert bench.radio.registration == 0


async def test_an_idle_uart_eats_what_wakes_it():
    async with Bench("sara-r410m") as bench:
        assert await bench.ask("AT+UPSV=1") == ERROR
        assert await bench.ask("AT+UPSV=4") == OK
        assert await bench.type(b"AT\r", 5) == OK
        await bench.hear(2)
        assert await bench.type(b"AT\r", 1) == b""
        assert await bench.type(b"AT\r", 1) == OK


async def test_deep_sleep_of_r5_needs_upsv_and_an_idle_uart():
    async with Bench(R5) as bench:
        await bound(bench)
        await bench.ask("AT+UPSMR=1")
        bench.radio.enter_psm()
        assert await bench.hear(60) == b"\r\n+UUPSMR: 1\r\n"
        assert bench.fake.powered
        assert await bench.ask("AT+UPSV=1,1000") == OK
        await bench.hear(4)
        assert bench.fake.powered
        bench.radio.leave_psm()
        assert await bench.hear(1) == b"\r\n+UUPSMR: 0\r\n"
        assert await bench.ask("AT+UPSV?") == b"\r\n+UPSV: 1,1000,1\r\n" + OK
        bench.radio.enter_psm()
        assert await bench.hear(4) == b"\r\n+UUPSMR: 1\r\n"
        assert await bench.ask("AT") == OK  # the clock of the UART starts anew
        await bench.hear(4)
        assert bench.fake.powered
        await bench.hear(1)
        assert not bench.fake.powered
        assert await bench.type(b"AT\r", 1) == b""
        bench.fake.power_key()
        assert await bench.type(b"AT\r", 6.5) == b""
        assert await bench.type(b"ATE0\r", 1) == b"ATE0\r" + OK
        assert bench.radio.registration == 5, "the radio stayed registered"
        assert await bench.ask("AT+USORF=0,0") == ERROR, "sockets were in RAM"


async def test_a_send_wakes_a_dozing_radio():
    async with Bench("sara-r410m") as bench:
        await bound(bench)
        bench.radio.enter_psm()
        assert await bench.ask(f"AT+USOST=0,{PEER},2") == b"\r\n@"
        assert (await bench.type(b"hi", 1)).endswith(OK)
        assert not bench.radio.asleep
        await bench.hear(20)
        assert bench.fake.powered


async def test_rat_and_profile_change_with_the_radio_off_only():
    async with Bench(R5, radio=BenchRadio(attach_ms=100)) as bench:
        assert await bench.ask("AT+URAT=7") == ERROR
        assert await bench.ask_all("AT+CFUN=0", "AT+URAT=7", "AT+UMNOPROF=100") == OK * 3
        assert await bench.ask("AT+URAT?") == b"\r\n+URAT: 7\r\n" + OK
