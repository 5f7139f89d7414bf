# mypy: ignore-errors
"""Runs on MicroPython: prepares the simulated board, then executes the user's program.

``micropython boot.py [uart=HOST:PORT] [clock=HOST:PORT ticks=N] [path=FOLDER ...] PROGRAM ...``.
Without ``clock`` time is real. ``path`` stands where a board has /lib.
"""

import sys


def _address(text):
    host, port = text.split(":")
    return host, int(port)


def prepare(arguments):
    """Set clock, ``machine`` and ``sys.path``; return the program and its arguments."""
    settings = {"path": []}
    while arguments and "=" in arguments[0]:
        name, value = arguments.pop(0).split("=", 1)
        if name == "path":
            settings["path"].append(value)
        else:
            settings[name] = value
    clock = None
    if "clock" in settings:
        import lock_step

        # before anything else is imported: `from time import ticks_ms` binds for good
        clock = lock_step.install(_address(settings["clock"]), int(settings["ticks"]))
    if "uart" in settings:
        import simulated_machine

        simulated_machine.install(_address(settings["uart"]), clock)
    # a board's: where main.py lies, frozen modules, /lib (MicroPython, py/runtime.c: mp_init, and
    # the ports' main.c)
    sys.path[:] = [arguments[0].rsplit("/", 1)[0], ".frozen"] + settings["path"]
    sys.argv[:] = arguments
    return arguments[0]


if __name__ == "__main__":
    execfile(prepare(sys.argv[1:]))  # noqa: F821  a MicroPython built-in
