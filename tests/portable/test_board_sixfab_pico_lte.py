"""Sixfab Pico LTE: pins, UART, pulses, and what its STATUS pin is good for."""

# heap: 80wK, because board, driver and a scripted modem live in it

from ip_commands.boards import sixfab_pico_lte as board
from tests.portable import board_start, fake_machine


def test_making_the_modem_moves_no_pin_and_sends_nothing():
    machine = fake_machine.install()
    assert board.modem().model == "BG95"
    key, status = machine.pins[17], machine.pins[20]
    assert (key.mode, key.log) == (key.OUT, [(0, 0)])
    assert status.mode == status.IN
    uart = machine.uarts[0]
    assert (uart.baud_rate, uart.settings["tx"], uart.settings["rx"]) == (115200, 0, 1)
    assert uart.sent == b""


async def test_a_modem_that_answers_is_never_pulsed():
    machine = fake_machine.install()
    modem = board.modem()
    keyed, log = await board_start.start(modem, machine, 17, running=True, status_number=20)
    assert log == [(0, 0)]
    assert keyed.lines[0] == b"+++\x1bAT"


async def test_a_modem_that_is_off_is_asked_first_then_pulsed_once():
    machine = fake_machine.install()
    modem = board.modem()
    keyed, log = await board_start.start(modem, machine, 17, running=False, status_number=20)
    assert [level for _, level in log] == [0, 1, 0]
    assert log[1][0] > 0
    assert log[2][0] - log[1][0] == 500
    assert keyed.running


async def test_a_modem_that_runs_but_hangs_is_switched_off_and_on_again():
    machine = fake_machine.install()
    modem = board.modem()
    keyed, log = await board_start.start(
        modem, machine, 17, running=True, deaf=True, status_number=20
    )
    assert [level for _, level in log] == [0, 1, 0, 1, 0]
    assert (log[2][0] - log[1][0], log[4][0] - log[3][0]) == (1000, 500)
    assert keyed.running
