"""Fake Telit modules on context, socket, firewall and power commands, in all states."""

import pytest

from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio
from ip_commands.host_sim.fake_modems.telit.module import TELIT_MODELS
from tests.fake_modems.bench import Bench

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
NASTY = b'\r\nOK\r\nSRING: 1,9\r\n> \x00\x1a\x1b"\r'
ALL = '"0.0.0.0","0.0.0.0"'


def cme(code: int) -> bytes:
    return b"\r\n+CME ERROR: %d\r\n" % code


async def active(bench: Bench) -> None:
    """Attach and activate context 1, with numbers in errors."""
    await bench.attach()
    said = await bench.ask_all("AT+CMEE=1", "AT#SGACT=1,1")
    assert said == OK + b"\r\n#SGACT: 100.64.17.23\r\n" + OK


async def listening(bench: Bench, ring_mode: int = 1) -> None:
    """Listen on port 4242 with connection 1, for everyone and for ever."""
    await active(bench)
    said = await bench.ask_all(
        "AT#SCFG=1,1,1500,0,600,50",
        f"AT#SCFGEXT=1,{ring_mode},0,0,0,0",
        f"AT#FRWL=1,{ALL}",
        "AT#SLUDP=1,1,4242",
    )
    assert said == OK * 4


async def accepted(bench: Bench, ring_mode: int = 1) -> None:
    """Listen, take one byte from the service."""
    await listening(bench, ring_mode)
    bench.radio.inject_datagram(b"x")
    assert await bench.hear(1) == ring(bench, "1")
    await bench.ask("AT#SA=1,1")
    await bench.hear(1)
    if ring_mode < 2:
        assert (await bench.ask("AT#SRECV=1,1500,1")).startswith(b"\r\n#SRECV: ")


def ring(bench: Bench, text: str) -> bytes:
    name = "+SRING : " if bench.fake.model == "LE910" else "SRING: "
    return f"\r\n{name}{text}\r\n".encode()


def answer(payload: bytes, left: int = 0, host: str = "100.64.0.1", port: int = 6969) -> bytes:
    head = f"\r\n#SRECV: {host},{port},1,{len(payload)},{left}\r\n"
    return head.encode() + payload + b"\r\n" + OK


@pytest.mark.parametrize("model", sorted(TELIT_MODELS))
async def test_every_model_hears_a_stranger_and_replies_from_the_same_port(model):
    async with Bench(model) as bench:
        await listening(bench)
        assert await bench.ask("AT#SS=1") == b"\r\n#SS: 1,4,100.64.17.23,4242\r\n" + OK
        bench.radio.inject_datagram(NASTY, "100.64.0.77", 5000)
        assert await bench.hear(1) == ring(bench, "1")
        assert await bench.ask("AT#SRECV=1,1500,1") == cme(551)  # not accepted yet
        assert (await bench.ask("AT#SS=1")).startswith(b"\r\n#SS: 1,5,")
        said = await bench.ask("AT#SA=1,1") + await bench.hear(1)
        assert said == OK + ring(bench, f"1,{len(NASTY)}")
        assert await bench.ask("AT#SRECV=1,1500,1") == answer(NASTY, 0, "100.64.0.77", 5000)
        prompt = await bench.ask(f'AT#SSENDUDPEXT=1,{len(NASTY)},"100.64.0.77",5000')
        assert prompt == b"\r\n> "
        assert await bench.type(NASTY, 1) == OK
        assert list(bench.radio.uplink) == [(NASTY, 4242, "100.64.0.77", 5000)]


async def test_1300_bytes_come_in_one_read_and_leave_in_one_send():
    payload = bytes(range(256)) * 5 + bytes(20)
    async with Bench("me310g1") as bench:
        await accepted(bench)
        bench.radio.inject_datagram(payload)
        assert await bench.hear(1) == ring(bench, "1,1300")
        assert await bench.ask("AT#SRECV=1,1500,1") == answer(payload)
        await bench.ask('AT#SSENDUDPEXT=1,1300,"100.64.0.1",6969')
        assert await bench.type(payload, 1) == OK
        assert bench.radio.uplink[-1][0] == payload
        assert await bench.ask('AT#SSENDUDPEXT=1,1501,"100.64.0.1",6969') == cme(50)


async def test_with_its_source_a_datagram_ends_the_read_and_the_rest_is_told():
    async with Bench("me910c1") as bench:
        await accepted(bench)
        bench.radio.inject_datagram(b"first")
        bench.radio.inject_datagram(b"second", port=7)
        assert await bench.hear(1) == ring(bench, "1,5")
        said = await bench.ask("AT#SRECV=1,3,1") + await bench.hear(1)
        assert said == answer(b"fir", 2) + ring(bench, "1,8")
        said = await bench.ask("AT#SRECV=1,1500,1") + await bench.hear(1)
        assert said == answer(b"st") + ring(bench, "1,6")
        said = await bench.ask("AT#SRECV=1,1500,1") + await bench.hear(1)
        assert said == answer(b"second", 0, port=7)
        assert await bench.ask("AT#SRECV=1,1500,1") == cme(559)


async def test_without_its_source_datagrams_are_joined():
    async with Bench("me910c1") as bench:
        await accepted(bench)
        for payload in (b"one", b"two", b"three"):
            bench.radio.inject_datagram(payload)
        await bench.hear(1)
        said = await bench.ask("AT#SRECV=1,8") + await bench.hear(1)
        assert said == b"\r\n#SRECV: 1,8\r\nonetwoth\r\n" + OK + ring(bench, "1,3")


@pytest.mark.parametrize(
    ("quirks", "rings"),
    [([], ["1,2"]), (["sring-every-datagram"], ["1,2", "1,5"])],
)
async def test_rings_while_something_is_unread(quirks, rings):
    async with Bench("me910c1", quirks=quirks) as bench:
        await accepted(bench)
        bench.radio.inject_datagram(b"12")
        bench.radio.inject_datagram(b"345")
        assert await bench.hear(1) == b"".join(ring(bench, text) for text in rings)


async def test_some_firmware_does_not_ring_again_after_a_read():
    async with Bench("me910c1", quirks=["sring-once"]) as bench:
        await accepted(bench)
        bench.radio.inject_datagram(b"12")
        bench.radio.inject_datagram(b"345")
        await bench.hear(1)
        assert await bench.ask("AT#SRECV=1,1500,1") + await bench.hear(1) == answer(b"12")
        assert await bench.ask("AT#SI=1") == b"\r\n#SI: 1,0,3,3,0\r\n" + OK


async def test_ring_modes_2_and_3_show_64_bytes_at_a_time():
    async with Bench("me910c1") as bench:
        await accepted(bench, ring_mode=2)
        bench.radio.inject_datagram(bytes(65))
        said = await bench.hear(1)
        assert said == b"\r\nSRING: 1,64,%b\r\n\r\nSRING: 1,1,\x00\r\n" % bytes(64)
        await bench.ask("AT#SCFGEXT=1,3,0,0")
        bench.radio.inject_datagram(b"ab")
        assert await bench.hear(1) == b"\r\nSRING: 100.64.0.1,6969,1,2,0,ab\r\n"
        assert await bench.ask("AT#SRECV=1,1500,1") == cme(559)


@pytest.mark.parametrize(
    ("quirks", "commands", "hears"),
    [
        ([], [], False),
        ([], [f"AT#FRWL=1,{ALL}"], True),
        ([], ['AT#FRWL=1,"100.64.0.0","255.255.0.0"'], True),
        ([], ['AT#FRWL=1,"100.65.0.0","255.255.0.0"'], False),
        ([], [f"AT#FRWL=1,{ALL}", "AT#FRWL=2"], False),
        ([], [f"AT#FRWL=1,{ALL}", f"AT#FRWL=0,{ALL}"], False),
        (["firewall-open"], [], True),
        (["frwl-unknown"], [], True),
    ],
)
async def test_the_firewall_stands_before_listeners(quirks, commands, hears):
    async with Bench("me310g1", quirks=quirks) as bench:
        await active(bench)
        assert await bench.ask_all(*commands, "AT#SLUDP=1,1,4242") == OK * (len(commands) + 1)
        bench.radio.inject_datagram(b"x")
        assert await bench.hear(1) == (ring(bench, "1") if hears else b"")
        assert bench.fake.datagrams_undeliverable == (not hears)
        if "frwl-unknown" not in quirks:
            rules = {f"AT#FRWL=1,{ALL}": b"\r\n#FRWL: 0.0.0.0,0.0.0.0\r\n"}
            last = commands[-1] if commands else ""
            expected = rules.get(last, b"")
            assert expected + OK in await bench.ask("AT#FRWL?")


async def test_a_firmware_without_firewall_command():
    async with Bench("me310g1", quirks=["frwl-unknown"]) as bench:
        await bench.ask("AT+CMEE=1")
        assert await bench.ask(f"AT#FRWL=1,{ALL}") == ERROR


async def test_a_connection_hears_its_peer_only_and_goes_before_the_listener():
    async with Bench("me910c1") as bench:
        await listening(bench)
        await bench.ask_all("AT#SCFG=2,1,1500,0,600,50", "AT#SCFGEXT=2,1,0,0")
        said = await bench.ask('AT#SD=2,1,6969,"100.64.0.1",0,4242,1')
        assert said == OK
        bench.radio.inject_datagram(b"peer")
        assert await bench.hear(1) == ring(bench, "2,4")
        bench.radio.inject_datagram(b"other", port=1)
        assert await bench.hear(1) == ring(bench, "1")
        await bench.ask("AT#SSENDEXT=2,2")
        assert await bench.type(b"\x1a\x1b", 1) == OK
        assert list(bench.radio.uplink) == [(b"\x1a\x1b", 4242, "100.64.0.1", 6969)]
        # "any remote" is for listeners, and for accepted ones only
        assert await bench.ask('AT#SSENDUDPEXT=2,2,"100.64.0.1",6969') == cme(551)
        assert await bench.ask('AT#SSENDUDPEXT=1,2,"100.64.0.1",6969') == cme(551)
        assert await bench.ask("AT#SSENDEXT=1,2") == cme(551)


async def test_text_goes_until_ctrl_z_and_esc_gives_up():
    async with Bench("me910c1") as bench:
        await accepted(bench)
        await bench.ask('AT#SSENDUDP=1,"100.64.0.1",6969')
        assert await bench.type(b"hello\x1a", 1) == OK
        await bench.ask('AT#SSENDUDP=1,"100.64.0.1",6969')
        assert await bench.type(b"hello\x1b", 1) == OK
        assert [entry[0] for entry in bench.radio.uplink] == [b"hello"]


async def test_hex_both_ways_counts_bytes():
    async with Bench("me310g1") as bench:
        await accepted(bench)
        await bench.ask("AT#SCFGEXT=1,1,1,0,0,1")
        bench.radio.inject_datagram(b"\x00\xff")
        assert await bench.hear(1) == ring(bench, "1,2")
        said = await bench.ask("AT#SRECV=1,1500,1")
        assert said == b"\r\n#SRECV: 100.64.0.1,6969,1,2,0\r\n00FF\r\n" + OK
        await bench.ask('AT#SSENDUDPEXT=1,2,"100.64.0.1",6969')
        assert await bench.type(b"1AfE", 1) == OK
        assert bench.radio.uplink[-1][0] == b"\x1a\xfe"
        await bench.ask('AT#SSENDUDPEXT=1,2,"100.64.0.1",6969')
        assert await bench.type(b"zzzz", 1) == cme(551)


async def test_wrong_states_have_the_numbers_of_the_manual():
    async with Bench("me910c1") as bench:
        await bench.attach()
        await bench.ask("AT+CMEE=1")
        assert await bench.ask("AT#SLUDP=1,1,4242") == cme(556)
        assert await bench.ask('AT#SD=1,1,1,"10.0.0.1",0,0,1') == cme(556)
        await bench.ask("AT+CMEE=2")
        said = await bench.ask("AT#SLUDP=1,1,4242")
        assert said == b"\r\n+CME ERROR: context not opened\r\n"
        await bench.ask_all("AT+CMEE=1", "AT#SGACT=1,1")
        assert await bench.ask("AT#SGACT=1,1") == cme(553)
        assert await bench.ask("AT#SLUDP=1,1,4242") == OK
        assert await bench.ask("AT#SLUDP=1,1,4242") == cme(564)
        assert await bench.ask("AT#SLUDP=2,1,4242") == cme(560)
        assert await bench.ask("AT#SLUDP=2,0,4242") == cme(551)
        assert await bench.ask("AT#SA=1,1") == cme(551)
        assert await bench.ask('AT#SD=2,1,1,"example.com",0,0,1') == cme(558)
        assert await bench.ask('AT#SD=2,0,1,"10.0.0.1",0,0,1') == cme(562)
        assert await bench.ask("AT#SLUDP?") == b"\r\n#SLUDP: 1,4242\r\n" + OK
        assert await bench.ask("AT#SLUDP=1,0,4242") == OK
        assert await bench.ask("AT#SLUDP?") == OK


async def test_a_refused_context_is_an_error():
    radio = BenchRadio()
    radio.refuses_pdp = True
    async with Bench("me910c1", radio=radio) as bench:
        await bench.attach()
        await bench.ask("AT+CMEE=1")
        assert await bench.ask("AT#SGACT=1,1") == cme(555)
        assert await bench.ask("AT#SGACT?") == b"\r\n#SGACT: 1,0\r\n" + OK


@pytest.mark.parametrize(
    ("mode", "said"), [(0, "NO CARRIER"), (1, "NO CARRIER: 1"), (2, "NO CARRIER: 1,5")]
)
async def test_a_lost_connection_closes_sockets(mode, said):
    async with Bench("me910c1") as bench:
        await accepted(bench)
        await bench.ask(f"AT#SCFGEXT2=1,0,0,0,0,{mode}")
        bench.radio.lose_pdp()
        assert await bench.hear(1) == f"\r\n{said}\r\n".encode()
        assert await bench.ask("AT#SS=1") == b"\r\n#SS: 1,0\r\n" + OK
        assert await bench.ask("AT#SGACT?") == b"\r\n#SGACT: 1,0\r\n" + OK
        assert await bench.ask("AT#SLASTCLOSURE=1") == b"\r\n#SLASTCLOSURE: 1,5\r\n" + OK
        assert await bench.ask("AT#SLUDP=1,1,4242") == cme(556)


async def test_an_idle_connection_is_closed_and_a_mere_listener_is_not():
    async with Bench("me910c1") as bench:
        await listening(bench)
        await bench.ask("AT#SCFG=1,1,1500,90,600,50")
        assert await bench.hear(300) == b""
        bench.radio.inject_datagram(b"x")
        assert await bench.hear(1) == ring(bench, "1")
        said = await bench.ask("AT#SA=1,1") + await bench.hear(60)
        assert said == OK + ring(bench, "1,1")
        await bench.ask("AT#SRECV=1,10")
        assert await bench.hear(80) == b""
        assert await bench.hear(20) == b"\r\nNO CARRIER\r\n"
        assert await bench.ask("AT#SS=1") == b"\r\n#SS: 1,0\r\n" + OK


async def test_closing_an_accepted_listener_ends_it_or_leaves_it_listening():
    for quirks, state in (([], b"\r\n#SS: 1,0\r\n"), (["listener-survives-close"], None)):
        async with Bench("me910c1", quirks=quirks) as bench:
            await accepted(bench)
            assert await bench.ask("AT#SH=1") == OK
            said = await bench.ask("AT#SS=1")
            assert said == state + OK if state else said.startswith(b"\r\n#SS: 1,4,")


async def test_turning_an_incoming_one_away_keeps_the_listener():
    async with Bench("me910c1") as bench:
        await listening(bench)
        bench.radio.inject_datagram(b"lost")
        await bench.hear(1)
        assert await bench.ask("AT#SH=1") == OK
        bench.radio.inject_datagram(b"next")
        assert await bench.hear(1) == ring(bench, "1")


async def test_a_full_buffer_drops_the_newest():
    async with Bench("me910c1") as bench:
        await accepted(bench)
        for _ in range(17):
            bench.radio.inject_datagram(bytes(1000))
        await bench.hear(1)
        assert await bench.ask("AT#SI=1") == b"\r\n#SI: 1,0,1,16000,0\r\n" + OK
        assert bench.fake.sockets[1].buffer.dropped == 1


async def test_settings_are_read_back():
    async with Bench("me910c1") as bench:
        await bench.ask_all("AT#SCFG=2,1,500,0,100,20", "AT#SCFGEXT=2,3,1,5,0,1")
        assert b"\r\n#SCFG: 1,1,300,90,600,50\r\n#SCFG: 2,1,500,0,100,20\r\n" in (
            await bench.ask("AT#SCFG?")
        )
        assert b"#SCFGEXT: 2,3,1,5,0,1\r\n" in await bench.ask("AT#SCFGEXT?")
        for command in ("AT#SCFG=7,1,300,0,600,50", "AT#SCFG=1,1,1501,0,600,50",
                        "AT#SCFGEXT=1,4,0,0", "AT#SCFGEXT=1,1,0,0,1"):  # fmt: skip
            assert await bench.ask(command) == ERROR


async def test_a_line_of_more_than_400_characters_is_refused():
    async with Bench("le910") as bench:
        assert await bench.ask("AT" + " " * 398) == OK
        assert await bench.ask("AT" + " " * 400) == ERROR


async def test_boot_is_silent_and_the_sim_is_told_when_asked():
    async with Bench("me310g1", powered=False) as bench:
        bench.fake.power_key()
        assert await bench.type(b"AT\r", 4.9) == b""
        await bench.hear(0.2)
        assert (await bench.ask("ATE0")).endswith(OK)
        assert await bench.ask("AT#QSS=1") == OK
        assert await bench.ask("AT#QSS?") == b"\r\n#QSS: 1,1\r\n" + OK
        assert await bench.hear(3) == b"\r\n#QSS: 3\r\n"
        assert await bench.ask("AT#CCID") == b"\r\n#CCID: 89883070000000000011\r\n" + OK


async def test_power_off_reboot_and_sleep_mode():
    async with Bench("me910c1") as bench:
        await bench.attach()
        assert await bench.ask("AT+CFUN=5") == OK
        assert await bench.ask("AT#REBOOT") == OK
        assert await bench.type(b"AT\r", 5) == b""
        await bench.hear(6)
        assert (await bench.ask("ATE0")).endswith(OK)
        await bench.hear(3)
        assert await bench.ask("AT#SHDN") == OK
        assert await bench.hear(6) == b""
        assert bench.fake.power == "off"
        assert bench.radio.registration == 0


async def test_psm_takes_the_sockets():
    async with Bench("me910c1") as bench:
        await accepted(bench)
        bench.radio.enter_psm()
        assert await bench.type(b"AT\r", 1) == b""
        bench.fake.power_key()
        await bench.hear(9)
        assert (await bench.ask("ATE0")).endswith(OK)
        assert await bench.ask("AT#SS=1") == b"\r\n#SS: 1,0\r\n" + OK
        assert await bench.ask("AT#SGACT?") == b"\r\n#SGACT: 1,0\r\n" + OK
