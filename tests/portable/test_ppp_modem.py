"""Any modem that dials PPP: what is said before it dials, what helps it, and when the link goes.

Situations of public reports name them; the modem's lines are theirs, numbers are invented.
"""

# heap: 112wK, because a client, a driver's core and the fake board are in it at once

import asyncio

from ip_commands.boards import ppp_modem
from ip_commands.device import IpCommandClient
from ip_commands.device.errors import InvalidValue, NotAttached, SocketClosed
from ip_commands.device.portable import sleep_ms, ticks_diff, ticks_ms
from tests.portable.dialled_modem import OK, REGISTERED, DialledModem, Ppp, install_ppp
from tests.portable.raises import raises

SEARCHING = b"\r\n+CEREG: 0,2\r\n" + OK
IDLE = b"\r\n+CEREG: 2,0\r\n" + OK


async def attached(modem, timeout_ms=180000, **options):
    """Return the network, dialled, and how long that took."""
    install_ppp()
    network = ppp_modem.modem(modem.make_uart, **options)
    began = ticks_ms()
    await network.attach("super", timeout_ms)
    assert modem.said[-1] == b"ATD*99***1#"
    assert Ppp.made[-1].calls == ["connect"]
    return network, ticks_diff(ticks_ms(), began)


async def test_it_is_dialled_after_registration():
    modem = DialledModem({b"AT+CEREG?": [SEARCHING, SEARCHING, REGISTERED]})
    await attached(modem)
    assert modem.said.count(b"AT+CEREG?") == 3
    assert b"AT+CFUN=4" not in modem.said


async def test_another_apn_is_set_with_the_radio_off():
    modem = DialledModem({b"AT+CGDCONT?": b'\r\n+CGDCONT: 1,"IP","other"\r\n' + OK})
    await attached(modem)
    assert b'AT+CGDCONT=1,"IP","super"' in modem.said


async def test_a_speed_behind_connect_is_no_refusal():
    await attached(DialledModem({b"ATD*99***1#": b"\r\nCONNECT 150000000\r\n"}))


async def test_no_carrier_is_not_attached_and_says_so():
    modem = DialledModem({b"ATD*99***1#": b"\r\nNO CARRIER\r\n"})
    with raises(NotAttached, "does not dial", "NO CARRIER"):
        await attached(modem)
    assert not modem.uarts[-1].open


async def test_an_apn_that_cannot_be_one_is_refused_before_anything_is_dialled():
    for apn in ("", "a" * 101, 'su"per', "super\n", "s\x00", "s\u00fcper"):
        modem = DialledModem()
        install_ppp()
        with raises(InvalidValue, "APN"):
            await ppp_modem.modem(modem.make_uart).attach(apn, 60000)
        assert not [line for line in modem.said if line.startswith((b"AT+CGDCONT=", b"ATD"))]


async def test_a_registration_urc_in_front_of_the_answer():
    """github.com/FreeRTOS/FreeRTOS-Cellular-Interface/issues/89: +CEREG=1 was stored."""
    modem = DialledModem({b"AT+CEREG?": b"\r\n+CEREG: 2\r\n\r\n+CEREG: 1,5\r\n" + OK})
    await attached(modem)
    assert modem.said.count(b"AT+CEREG?") == 1


async def test_a_modem_that_is_registered_in_cgreg_only():
    """github.com/ARMmbed/mbed-os-example-cellular/issues/218: a BG96 on 2G."""
    answers = {
        b"AT+CEREG?": b"\r\n+CEREG: 0,0\r\n" + OK,
        b"AT+CGREG?": b'\r\n+CGREG: 2,1,"1A2B","1A2B3C4",2\r\n' + OK,
    }
    _, took_ms = await attached(DialledModem(answers))
    assert took_ms < 5000


async def test_a_board_that_was_reset_finds_its_modem_in_data_mode():
    """github.com/espressif/esp-idf/issues/6005, mongoose-os-libs/pppos issue 1."""
    modem = DialledModem(mode="data")
    _, took_ms = await attached(modem)
    assert took_ms < 7000


async def test_a_board_that_was_reset_finds_its_modem_in_the_multiplexer():
    """github.com/espressif/arduino-esp32/issues/10237."""
    await attached(DialledModem(mode="cmux"))


async def test_what_an_earlier_program_left_is_undone():
    """github.com/particle-iot/device-os/pull/2177: +COPS: 2; ModularSensors issue 228: +CGATT."""
    asked = [IDLE, IDLE, IDLE, REGISTERED]
    modem = DialledModem({b"AT+CEREG?": list(asked), b"AT+COPS?": b"\r\n+COPS: 2\r\n" + OK})
    await attached(modem)
    assert modem.said.count(b"AT+COPS=0") == 1
    modem = DialledModem({b"AT+CEREG?": list(asked), b"AT+CGATT?": b"\r\n+CGATT: 0\r\n" + OK})
    await attached(modem)
    assert modem.said.count(b"AT+CGATT=1") == 1


async def test_the_reason_is_told_when_it_never_registers():
    modem = DialledModem({b"AT+CEREG?": b"\r\n+CEREG: 5,3,,,,0,15\r\n" + OK})
    install_ppp()
    with raises(NotAttached, "denied", "cause 15"):
        await ppp_modem.modem(modem.make_uart).attach("super", 180000)


async def test_after_a_restart_of_the_radio_the_modem_registers_anew():
    modem = DialledModem()
    network, _ = await attached(modem)
    modem.said.clear()
    await network.restart_radio()
    assert Ppp.made[0].calls == ["connect", "disconnect"]
    modem.mode = "command"  # the call has ended
    for restarts in (1, 0):
        await network.attach("super", 180000)
        assert modem.said.count(b"AT+CFUN=4") == modem.said.count(b"AT+CFUN=1") == restarts
        modem.said.clear()
        Ppp.made[-1].drop()
        modem.mode = "command"


async def test_a_power_key_is_pressed_where_the_modem_stays_silent():
    modem = DialledModem(mode="off")
    pulses = []

    async def power_key():
        pulses.append(1)
        modem.mode = "command"

    await attached(modem, power_key=power_key)
    assert pulses == [1]


async def test_a_uart_that_fails_is_opened_again_by_the_next_attempt():
    modem = DialledModem()
    modem.broken = True
    install_ppp()
    network = ppp_modem.modem(modem.make_uart)
    with raises(NotAttached, "dialling failed"):
        await network.attach("super", 180000)
    modem.broken = False
    await network.attach("super", 180000)


async def test_a_lost_link_is_told_and_dialled_again():
    modem = DialledModem()
    network, _ = await attached(modem)
    await network.check_link()
    await network.attach("super", 180000)  # it is up: nothing is dialled
    assert len(Ppp.made) == 1
    Ppp.made[0].drop()
    modem.mode = "command"
    with raises(SocketClosed, "PPP has ended"):
        await network.check_link()
    await network.attach("super", 180000)
    assert Ppp.made[0].calls == ["connect", "disconnect"]
    assert len(Ppp.made) == 2
    await network.check_link()


async def test_a_modem_that_went_without_a_word_is_missed_by_its_carrier():
    modem = DialledModem()
    network, _ = await attached(modem, carrier=lambda: modem.mode == "data")
    await network.check_link()
    assert modem.peer.asked == 0
    modem.mode = "command"  # it restarted
    assert Ppp.made[0].isconnected()
    with raises(SocketClosed, "the modem has no carrier"):
        await network.check_link()
    await network.attach("super", 180000)
    assert len(Ppp.made) == 2
    await network.check_link()


async def test_a_modem_that_went_without_a_word_is_missed_because_it_does_not_reply():
    """PPP stays up on the board's side: the firmware does not ask the modem."""
    for echo in (False, True):  # what a restarted modem does with what is typed
        modem = DialledModem()
        modem.echo = echo
        network, _ = await attached(modem)
        began = ticks_ms()
        for _ in range(10):
            await network.check_link()
        assert ticks_diff(ticks_ms(), began) < 10000  # it replies at once
        assert (modem.peer.asked, modem.peer.bad) == (11, 0)
        modem.mode = "command"  # it restarted
        assert Ppp.made[0].isconnected()
        with raises(SocketClosed, "the modem does not reply"):
            await network.check_link()
        await network.attach("super", 180000)
        assert len(Ppp.made) == 2
        await network.check_link()


async def test_a_reply_that_is_lost_now_and_then_ends_nothing():
    modem = DialledModem()
    network, _ = await attached(modem)
    for lost in (1, 4):
        modem.replies = False
        checking = asyncio.create_task(network.check_link())
        await sleep_ms(2000 * lost - 100)
        modem.replies = True
        await checking
    modem.replies = False
    with raises(SocketClosed, "does not reply"):
        await network.check_link()


async def test_a_modem_that_never_replies_is_not_taken_for_one_that_went():
    modem = DialledModem()
    modem.replies = False
    network, _ = await attached(modem)
    asked = modem.peer.asked
    assert asked
    for _ in range(3):
        await network.check_link()
    assert modem.peer.asked == asked


async def test_a_client_serves_again_after_its_link_was_lost():
    modem = DialledModem()
    install_ppp()
    client = IpCommandClient(ppp_modem.modem(modem.make_uart), 0x1F46, log=lambda line: None)
    client.on_command(lambda command: None)
    client.on_error(lambda command, error: None)
    task = asyncio.create_task(client.run())
    await client.wait_ready(60000)
    Ppp.made[0].drop()
    modem.mode = "data"  # and nobody has told the modem
    await sleep_ms(600000)
    assert client.state == "SERVING"
    assert client.reopened == 1
    assert "PPP has ended" in client.reason
    assert modem.said.count(b"ATD*99***1#") == 2
    await client.close()
    await task
