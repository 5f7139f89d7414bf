"""Runs device code on the real MicroPython interpreter against the simulator.

``MicroPythonBoard`` starts the interpreter of the desktop (``micropython``, unix port) with a
``machine`` module whose UART ends at a fake modem, in lock-step with the simulator's clock: the
same board files and the same program as on hardware, in virtual time. What runs inside the
interpreter is in ``on_board/``. May import ``fake_modems.engine`` and ``uart``; the device half is
no import, its files lie in the board's /lib.
"""

from ip_commands.host_sim.micropython.board import MicroPythonBoard, ProgramEnded
from ip_commands.host_sim.micropython.interpreter import MicroPythonMissing, find_interpreter

__all__ = ["MicroPythonBoard", "MicroPythonMissing", "ProgramEnded", "find_interpreter"]
