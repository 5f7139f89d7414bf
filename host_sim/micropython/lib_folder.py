"""The simulated board's /lib: ``ip_commands`` with what a board can hold, and nothing else.

The folder that holds ``ip_commands`` here is no board's: an installation's has every library of
this Python in it, a checkout's has the simulator below ``ip_commands``.
"""

import os
from pathlib import Path

INSTALLED = Path(__file__).parents[2]
"""``ip_commands`` itself: a wheel's folder, or a checkout's ``src/ip_commands``."""

WHOLE = ("modem_drivers",)
"""Folders of which a board can hold every file: one link each."""

FILE_BY_FILE = {"device": ("interfaces.py", "portable_cpython.py"), "boards": ()}
"""Folders with something that no board can import, and its files; subfolders are for CPython."""


def fill_lib(lib: Path) -> None:
    """Make ``lib`` and fill it with links, 25 or so: every board that starts has its own."""
    roof = lib / "ip_commands"
    roof.mkdir(parents=True)
    for name in ("__init__.py", *WHOLE):
        os.symlink(INSTALLED / name, roof / name)
    for name, left_out in FILE_BY_FILE.items():
        (roof / name).mkdir()
        for entry in os.scandir(INSTALLED / name):
            if entry.name.endswith(".py") and entry.name not in left_out:
                os.symlink(entry.path, roof / name / entry.name)
