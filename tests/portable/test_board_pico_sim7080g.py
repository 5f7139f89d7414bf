"""Waveshare Pico-SIM7080G: pins, UART, and a pulse only when the modem stays silent."""

# heap: 80wK, because board, driver and a scripted modem live in it

from ip_commands.boards import pico_sim7080g as board
from ip_commands.device.errors import ModemTimeout
from tests.portable import board_start, fake_machine
from tests.portable.raises import raises


def test_making_the_modem_moves_no_pin_and_sends_nothing():
    machine = fake_machine.install()
    board.modem()
    pin = machine.pins[14]
    assert (pin.mode, pin.log) == (pin.OUT, [(0, 0)])
    uart = machine.uarts[0]
    assert (uart.baud_rate, uart.settings["tx"], uart.settings["rx"]) == (115200, 0, 1)
    assert uart.settings["rxbuf"] == 4096
    assert uart.sent == b""


def test_options_go_to_the_driver():
    fake_machine.install()
    assert board.modem().model == "SIM7080G"
    assert board.modem(model="SIM7070G").model == "SIM7070G"


async def test_a_modem_that_answers_is_never_pulsed():
    machine = fake_machine.install()
    keyed, log = await board_start.start(board.modem(), machine, 14, running=True)
    assert log == [(0, 0)]
    assert keyed.running
    assert keyed.lines[0] == b"+++\x1bAT"


async def test_a_modem_that_is_off_is_asked_first_then_pulsed_once():
    machine = fake_machine.install()
    keyed, log = await board_start.start(board.modem(), machine, 14, running=False)
    assert [level for _, level in log] == [0, 1, 0]
    assert log[1][0] > 0
    assert log[2][0] - log[1][0] == 1500
    assert keyed.running


async def test_without_a_power_key_a_silent_modem_is_an_error_and_the_pin_is_left_alone():
    machine = fake_machine.install()
    modem = board.modem(power_key=None)
    machine.uarts[0].sent = None
    with raises(ModemTimeout):
        await modem.start()
    await modem.close()
    assert 14 not in machine.pins
