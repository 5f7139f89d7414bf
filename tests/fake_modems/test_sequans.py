"""Fake Sequans modules on socket, radio and power commands, in right and wrong states."""

import pytest

from ip_commands.host_sim.fake_modems.sequans.module import SEQUANS_MODELS
from tests.fake_modems.bench import Bench

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
EMPTY = b"\r\n+CME ERROR: 4\r\n"
NASTY = b'\r\nOK\r\n+SQNSRING: 1,9\r\n> \x00\x1a\x1b"\r'
CONFIGURE = ("AT+SQNSCFG=1,1,300,0,600,50", "AT+SQNSCFGEXT=1,1,0,0,0,0")


async def listening(bench: Bench, port: int = 4242) -> None:
    """Attach and listen on connection 1 (the same on all generations)."""
    await bench.attach()
    await bench.ask("AT+CMEE=1")
    said = await bench.ask_all(*CONFIGURE, f"AT+SQNSLUDP=1,1,{port}")
    assert said == OK * 3


async def any_remote(bench: Bench, accept: int = 2, port: int = 4242) -> None:
    """Attach and open connection 1 for datagrams from anyone."""
    await bench.attach()
    await bench.ask("AT+CMEE=1")
    dial = f'AT+SQNSD=1,1,6969,"100.64.0.1",0,{port},1,{accept}'
    assert await bench.ask_all(*CONFIGURE, dial) == OK * 3


def answer(payload: bytes, sender: bytes = b"") -> bytes:
    return b"\r\n+SQNSRECV: 1,%d" % len(payload) + sender + b"\r\n" + payload + b"\r\n" + OK


@pytest.mark.parametrize("model", sorted(SEQUANS_MODELS))
async def test_every_model_hears_a_stranger(model):
    async with Bench(model) as bench:
        await listening(bench)
        bench.radio.inject_datagram(NASTY, "100.64.0.77", 5000)
        assert await bench.hear(1) == b"\r\n+SQNSRING: 1,%d\r\n" % len(NASTY)
        assert (
            await bench.ask("AT+SQNSI=1")
            == b"\r\n+SQNSI: 1,0,%d,%d,0\r\n"
            % (
                len(NASTY),
                len(NASTY),
            )
            + OK
        )
        assert await bench.ask("AT+SQNSRECV=1,1500") == answer(NASTY)
        assert await bench.ask("AT+SQNSRECV=1,1500") == EMPTY
        said = await bench.ask("AT+SQNSS=1")
        assert said == b'\r\n+SQNSS: 1,4,"100.64.17.23",4242,"100.64.0.77",5000,1\r\n' + OK


@pytest.mark.parametrize(
    ("model", "quirks", "sender"),
    [
        ("gm02sp", [], b",100.64.0.77,5000"),
        ("gm02sp", ["recv-sender-quoted"], b',"100.64.0.77",5000'),
        ("gm02sp", ["recv-hides-sender"], b""),
        ("gm02s", [], b""),
        ("gm02s", ["recv-shows-sender"], b",100.64.0.77,5000"),
    ],
)
async def test_firmware_shows_the_sender_or_not(model, quirks, sender):
    async with Bench(model, quirks=quirks) as bench:
        await any_remote(bench)
        bench.radio.inject_datagram(b"hello", "100.64.0.77", 5000)
        assert await bench.hear(1) == b"\r\n+SQNSRING: 1,5\r\n"
        assert await bench.ask("AT+SQNSRECV=1,1500") == answer(b"hello", sender)


async def test_1300_bytes_come_and_go_in_one_piece():
    payload = bytes(range(256)) * 5 + bytes(20)
    async with Bench("gm02s") as bench:
        await any_remote(bench)
        bench.radio.inject_datagram(payload)
        bench.radio.inject_datagram(b"")
        assert await bench.hear(1) == b"\r\n+SQNSRING: 1,1300\r\n\r\n+SQNSRING: 1,0\r\n"
        assert await bench.ask("AT+SQNSRECV=1,1500") == answer(payload)
        assert await bench.ask("AT+SQNSRECV=1,1500") == answer(b"")
        assert await bench.ask("AT+SQNSSENDEXT=1,1300,0") == b"\r\n> "
        assert await bench.type(payload[:700], 1) == b""
        assert await bench.type(payload[700:], 1) == OK
        assert list(bench.radio.uplink) == [(payload, 4242, "100.64.0.1", 6969)]


async def test_every_arrival_rings_once_and_the_rest_of_a_datagram_stays():
    async with Bench("gm02s") as bench:
        await listening(bench)
        bench.radio.inject_datagram(b"12345")
        bench.radio.inject_datagram(b"678")
        assert await bench.hear(1) == b"\r\n+SQNSRING: 1,5\r\n\r\n+SQNSRING: 1,3\r\n"
        assert await bench.ask("AT+SQNSRECV=1,2") + await bench.hear(1) == answer(b"12")
        assert await bench.ask("AT+SQNSI=1") == b"\r\n+SQNSI: 1,0,8,6,0\r\n" + OK
        assert await bench.ask("AT+SQNSRECV=1,1500") == answer(b"345")
        assert await bench.ask("AT+SQNSRECV=1,1500") == answer(b"678")


async def test_the_rest_can_be_dropped_and_the_line_end_left_out():
    async with Bench("gm02s", quirks=["rest-dropped", "recv-no-line-end"]) as bench:
        await listening(bench)
        bench.radio.inject_datagram(b"12345")
        await bench.hear(1)
        said = await bench.ask("AT+SQNSRECV=1,2")
        assert said == b"\r\n+SQNSRECV: 1,2\r\n12" + OK
        assert await bench.ask("AT+SQNSRECV=1,1500") == EMPTY


@pytest.mark.parametrize(
    ("ext", "said"),
    [
        ("1,0,0,0,0,0", b"\r\n+SQNSRING: 1\r\n"),
        ("1,1,0,0,0,0", b"\r\n+SQNSRING: 1,4\r\n"),
        ("1,2,0,0,0,0", b"\r\n+SQNSRING: 1,4,\r\n\xff!\r\n"),
        ("1,2,1,0,0,0", b"\r\n+SQNSRING: 1,4,0D0AFF21\r\n"),
    ],
)
async def test_three_forms_of_the_ring(ext, said):
    async with Bench("gm01q") as bench:
        await listening(bench)
        assert await bench.ask(f"AT+SQNSCFGEXT={ext}") == OK
        bench.radio.inject_datagram(b"\r\n\xff!")
        assert await bench.hear(1) == said


async def test_a_stored_ring_mode_survives_a_reset():
    async with Bench("gm02s", quirks=["stored-data-rings"]) as bench:
        said = await bench.ask("AT+SQNSCFGEXT?")
        assert said.startswith(b"\r\n+SQNSCFGEXT: 1,2,0,0,0,0\r\n+SQNSCFGEXT: 2,2")
        await bench.ask("AT+SQNSCFGEXT=1,1,0,0")
        bench.fake.power_key()
        await bench.hear(3)
        said = await bench.ask_all("ATE0", "AT+SQNSCFGEXT?")
        assert b"\r\n+SQNSCFGEXT: 1,1,0,0,0,0\r\n+SQNSCFGEXT: 2,2" in said


async def test_hex_modes_count_bytes():
    async with Bench("gm02s") as bench:
        await any_remote(bench)
        await bench.ask("AT+SQNSCFGEXT=1,1,1,0,0,1")
        bench.radio.inject_datagram(b"\x00\xab")
        assert await bench.hear(1) == b"\r\n+SQNSRING: 1,2\r\n"
        said = await bench.ask("AT+SQNSRECV=1,1500")
        assert said.startswith(b"\r\n+SQNSRECV: 1,2\r\n00AB\r\n")
        assert await bench.ask("AT+SQNSSENDEXT=1,2") == b"\r\n> "
        assert await bench.type(b"0D0a", 1) == OK
        assert await bench.ask("AT+SQNSSENDEXT=1,1") == b"\r\n> "
        assert await bench.type(b"zz", 1) == b"\r\n+CME ERROR: 3\r\n"
        assert [sent[0] for sent in bench.radio.uplink] == [b"\r\n"]


@pytest.mark.parametrize(
    ("line_end", "sent", "left"),
    [(b"\r", b"abcd", b""), (b"\n", b"abcd", b""), (b"\r\n", b"\nabc", b"d")],
)
async def test_the_lf_of_a_crlf_becomes_payload(line_end, sent, left):
    async with Bench("gm02s") as bench:
        await any_remote(bench)
        assert await bench.type(b"AT" + line_end, 0.1) == OK
        assert await bench.type(b"AT+SQNSSENDEXT=1,4" + line_end, 0.1) == b"\r\n> "
        assert await bench.type(b"abcd", 1) == OK
        assert [sent[0] for sent in bench.radio.uplink] == [sent]
        assert await bench.type(b"AT\r", 1) == OK, "what was left over stands before AT"


async def test_line_ends_cut_apart_are_the_same_line_ends():
    async with Bench("gm02s", cut=1, baud=115200) as bench:
        await any_remote(bench)
        await bench.type(b"AT\r\nAT\r\n", 0.1)
        assert await bench.type(b"AT+SQNSSENDEXT=1,1\r\n", 0.1) == b"\r\n> " + OK
        assert await bench.type(b"x", 0.1) == b""
        assert await bench.type(b"AT\r\n", 0.1) == OK
        assert bench.radio.uplink[0][0] == b"\n"


async def test_where_a_datagram_may_go():
    async with Bench("gm02s") as bench:
        await any_remote(bench)
        for address in ('"100.64.0.9",7', "100.64.0.9,7"):
            assert await bench.ask(f"AT+SQNSSENDEXT=1,2,0,{address}") == b"\r\n> "
            assert await bench.type(b"hi", 1) == OK
            assert bench.radio.uplink[-1] == (b"hi", 4242, "100.64.0.9", 7)
        for wrong in ("1,0", "1,1501", "1,2,3", '1,2,0,"a.b",7', "2,5", "7,5"):
            assert b"+CME ERROR" in await bench.ask(f"AT+SQNSSENDEXT={wrong}")
    async with Bench("gm02s") as bench:
        await any_remote(bench, accept=1)
        assert await bench.ask('AT+SQNSSENDEXT=1,2,0,"100.64.0.9",7') == b"\r\n+CME ERROR: 3\r\n"
        assert await bench.ask("AT+SQNSSENDEXT=1,2") == b"\r\n> "
    async with Bench("gm01q") as bench:
        await listening(bench)
        assert await bench.ask("AT+SQNSSENDEXT=1,2") == b"\r\n+CME ERROR: 3\r\n"
        bench.radio.inject_datagram(b"?", "100.64.0.3", 9)
        await bench.hear(1)
        assert await bench.ask("AT+SQNSSENDEXT=1,2") == b"\r\n> "
        assert await bench.type(b"hi", 1) == OK
        assert bench.radio.uplink[-1] == (b"hi", 4242, "100.64.0.3", 9)


@pytest.mark.parametrize(
    ("quirk", "good", "bad"),
    [
        ("send-address-quoted", '"100.64.0.9"', "100.64.0.9"),
        ("send-address-plain", "100.64.0.9", '"100.64.0.9"'),
    ],
)
async def test_firmware_may_insist_on_quotes(quirk, good, bad):
    async with Bench("gm02sp", quirks=[quirk]) as bench:
        await any_remote(bench)
        assert await bench.ask(f"AT+SQNSSENDEXT=1,2,0,{bad},7") == b"\r\n+CME ERROR: 3\r\n"
        assert await bench.ask(f"AT+SQNSSENDEXT=1,2,0,{good},7") == b"\r\n> "


async def test_text_is_sent_with_ctrl_z_and_cancelled_with_esc():
    async with Bench("gm01q") as bench:
        await any_remote(bench, accept=1)
        assert await bench.ask("AT+SQNSSEND=1") == b"\r\n> "
        assert await bench.type(b"hello\x1a", 1) == OK
        assert await bench.ask("AT+SQNSSEND=1") == b"\r\n> "
        assert await bench.type(b"never\x1b", 1) == OK
        assert [sent[0] for sent in bench.radio.uplink] == [b"hello"]


async def test_a_connected_socket_hears_its_peer_only():
    async with Bench("gm01q") as bench:
        await any_remote(bench, accept=0)
        bench.radio.inject_datagram(b"stranger", "100.64.0.2")
        bench.radio.inject_datagram(b"peer")
        assert await bench.hear(1) == b"\r\n+SQNSRING: 1,4\r\n"
        assert bench.fake.datagrams_undeliverable == 1


async def test_what_cannot_be_opened():
    async with Bench("gm01q") as bench:
        assert await bench.ask("AT+SQNSLUDP=1,1,4242") == ERROR, "no data connection yet"
        await listening(bench)
        dial = 'AT+SQNSD=2,%d,6969,"100.64.0.1",0,%d,%d,%d'
        for protocol, port, command_mode, accept, said in (
            (1, 5000, 1, 2, b"\r\n+CME ERROR: 50\r\n"),  # GM01Q knows 0 and 1
            (1, 4242, 1, 1, b"\r\n+CME ERROR: 3\r\n"),
            (1, 5000, 0, 1, b"\r\nNO CARRIER\r\n"),
            (0, 5000, 1, 0, b"\r\nNO CARRIER\r\n"),
            (1, 5000, 1, 1, OK),
            (1, 5001, 1, 1, b"\r\n+CME ERROR: 3\r\n"),
        ):
            line = dial % (protocol, port, command_mode, accept)
            assert await bench.ask(line) == said, line
        assert await bench.ask("AT+SQNSLUDP=1,1,4243") == b"\r\n+CME ERROR: 3\r\n"
        assert await bench.ask("AT+SQNSLUDP=3,2,4243") == b"\r\n+CME ERROR: 3\r\n"
        said = await bench.ask("AT+SQNSS?")
        lines = said.split(b"\r\n")[1:7]
        assert lines[0].startswith(b'+SQNSS: 1,4,"100.64.17.23",4242,')
        assert lines[1] == b'+SQNSS: 2,2,"100.64.17.23",5000,"100.64.0.1",6969,1'
        assert lines[2:] == [b"+SQNSS: %d,0" % number for number in (3, 4, 5, 6)]
        assert await bench.ask_all("AT+SQNSLUDP=1,0", "AT+SQNSH=2") == OK * 2
        assert await bench.ask("AT+SQNSH=2") == EMPTY
        assert await bench.ask("AT+SQNSRECV=1,5") == EMPTY


async def test_a_quiet_socket_is_closed_after_90_s_unless_told_otherwise():
    async with Bench("gm02s") as bench:
        await bench.attach()
        assert await bench.ask("AT+SQNSLUDP=2,1,4242") == OK
        assert await bench.hear(80) == b""
        bench.radio.inject_datagram(b"x")
        assert await bench.hear(80) == b"\r\n+SQNSRING: 2\r\n"
        assert await bench.hear(20) == b"\r\n+SQNSH: 2\r\n"
        await bench.ask_all("AT+SQNSCFG=2,1,300,0,600,50", "AT+SQNSLUDP=2,1,4242")
        assert await bench.hear(100_000) == b""


async def test_sockets_die_with_the_connection():
    async with Bench("gm02s") as bench:
        await any_remote(bench)
        assert await bench.ask("AT+SQNSSENDEXT=1,2") == b"\r\n> "
        bench.radio.lose_pdp()
        said = await bench.type(b"hi", 1)
        assert said.startswith(b"\r\n+CME ERROR: 3\r\n")
        assert said.endswith(b"\r\n+SQNSH: 1\r\n")
        assert await bench.ask("AT+SQNSRECV=1,5") == EMPTY


@pytest.mark.parametrize(
    ("quirks", "said"), [([], EMPTY), (["read-after-close"], answer(b"x" * 318))]
)
async def test_a_socket_closes_between_read_and_answer(quirks, said):
    async with Bench("gm02sp", quirks=["urcs-after-result", *quirks]) as bench:
        await any_remote(bench, accept=0)
        assert await bench.ask("AT+SQNSSENDEXT=1,201,0") == b"\r\n> "
        assert await bench.type(bytes(201), 1) == OK
        bench.radio.inject_datagram(b"x" * 318)
        assert await bench.hear(1) == b"\r\n+SQNSRING: 1,318\r\n"
        await bench.link.host.write(b"AT+SQNSRECV=1,318\r")
        assert await bench.hear(0.012) == b""
        bench.radio.lose_pdp()
        assert await bench.hear(1) == said + b"\r\n+SQNSH: 1\r\n"


async def test_the_close_may_come_between_command_and_answer():
    async with Bench("gm02sp", quirks=["read-after-close"]) as bench:
        await any_remote(bench, accept=0)
        bench.radio.inject_datagram(b"x" * 318)
        await bench.hear(1)
        await bench.link.host.write(b"AT+SQNSRECV=1,318\r")
        await bench.hear(0.012)
        bench.radio.lose_pdp()
        assert await bench.hear(1) == b"\r\n+SQNSH: 1\r\n" + answer(b"x" * 318)


# --- radio, power, sleep ---------------------------------------------------------------------


async def test_the_radio_is_off_after_a_boot():
    async with Bench("gm02sp", powered=False) as bench:
        bench.fake.power_key()
        assert await bench.hear(1.2) == b""
        assert await bench.hear(0.2) == b"\r\n+SYSSTART\r\n"
        await bench.ask("ATE0")
        await bench.hear(30)
        assert await bench.ask_all("AT+CFUN?", "AT+CEREG?") == (
            b"\r\n+CFUN: 0\r\n" + OK + b"\r\n+CEREG: 0,0\r\n" + OK
        )
        await bench.ask("AT+CEREG=1")
        assert b"+CEREG: 2" in await bench.ask("AT+CFUN=1")
        assert await bench.hear(2) == b"\r\n+CEREG: 5\r\n"
        assert await bench.ask("AT+SQNMODEACTIVE?") == b"\r\n+SQNMODEACTIVE: 1\r\n" + OK


async def test_the_ok_of_cfun_may_take_8_seconds():
    async with Bench("gm02s", quirks=["slow-radio-start"]) as bench:
        assert await bench.type(b"AT+CFUN=1\rAT+CFUN?\r", 7.9) == b""
        assert await bench.hear(0.5) == OK + b"\r\n+CFUN: 1\r\n" + OK


async def test_power_saving_is_asked_for_when_the_radio_starts():
    async with Bench("gm02s") as bench:
        await bench.ask_all('AT+CPSMS=1,,,"00000100","00000101"', 'AT+SQNEDRX=2,4,"0101","0011"')
        said = await bench.ask("AT+CFUN=1") + await bench.hear(3)
        assert said == OK + b'\r\n+CEDRXP: 4,"0101","0101","0011"\r\n'
        assert bench.radio.granted_psm == ("00000100", "00000101")
        said = await bench.ask("AT+SQNEDRX?")
        assert said == b'\r\n+SQNEDRX: 2,4,"0101","0101","0011"\r\n' + OK
        said = await bench.ask("AT+SQNEDRX=?")
        assert said.startswith(b"\r\n+SQNEDRX: (0-3),(4),")
        assert await bench.ask('AT+SQNEDRX=1,4,"0101","2"') == ERROR
        assert await bench.ask("AT+SQNEDRX=0") == OK
        await bench.hear(1)
        assert bench.radio.granted_edrx is None


async def test_reset_and_shutdown_announce_themselves():
    async with Bench("gm02s") as bench:
        await listening(bench)
        said = await bench.ask("AT^RESET") + await bench.hear(3)
        assert said == OK + b"\r\n+SHUTDOWN\r\n\r\n+SYSSTART\r\n"
        await bench.ask("ATE0")
        assert await bench.ask("AT+SQNSI=1") == ERROR
        assert await bench.ask("AT+SQNSSHDN") + await bench.hear(3) == OK + b"\r\n+SHUTDOWN\r\n"
        assert await bench.type(b"AT\r", 5) == b""
        bench.fake.power_key()
        assert await bench.hear(2) == b"\r\n+SYSSTART\r\n"


async def test_the_reset_pin_restarts_a_running_modem():
    async with Bench("gm02s") as bench:
        await listening(bench)
        bench.fake.power_key()
        assert await bench.hear(2) == b"\r\n+SYSSTART\r\n"
        assert bench.radio.registration == 0


async def test_psm_leaves_the_uart_alive_and_a_send_wakes_the_radio():
    async with Bench("gm02s") as bench:
        await any_remote(bench)
        bench.radio.enter_psm()
        await bench.hear(60)
        assert await bench.ask("AT+SQNSSENDEXT=1,2") == b"\r\n> "
        assert await bench.type(b"hi", 1) == OK
        assert not bench.radio.asleep
        assert len(bench.radio.uplink) == 1


async def test_psm_may_switch_off():
    async with Bench("gm02s", quirks=["psm-switches-off"]) as bench:
        await listening(bench)
        bench.radio.enter_psm()
        assert await bench.type(b"AT\r", 1) == b""
        bench.fake.set_rts(True)
        assert await bench.hear(2) == b"\r\n+SYSSTART\r\n"
        await bench.ask("ATE0")
        assert await bench.ask_all("AT+CFUN?", "AT+CEREG?") == (
            b"\r\n+CFUN: 1\r\n" + OK + b"\r\n+CEREG: 0,5\r\n" + OK
        )
        assert await bench.ask("AT+SQNSI=1") == ERROR


async def test_while_rts_is_inactive_the_ring_line_speaks():
    async with Bench("gm02s") as bench:
        await listening(bench)
        pulses = []
        bench.fake.on_ring = lambda: pulses.append(1)
        bench.fake.set_rts(False)
        bench.radio.inject_datagram(b"1")
        bench.radio.inject_datagram(b"22")
        assert await bench.hear(60) == b""
        assert len(pulses) == bench.fake.rings == 2
        bench.fake.set_rts(True)
        assert await bench.hear(1) == b"\r\n+SQNSRING: 1,1\r\n\r\n+SQNSRING: 1,2\r\n"
        assert await bench.ask("AT+SQNSRECV=1,1500") == answer(b"1"), "sockets survive the sleep"
