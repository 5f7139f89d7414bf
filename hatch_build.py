"""Before an editable installation: the links of src/ip_commands are put in order.

A source archive has none, and git writes small text files where it may not make any; without them
pip would install a package in which nothing can be imported. ``make checkout`` does the same.
"""

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HALVES = ("device", "modem_drivers", "boards", "host_sim")


class LinksInTheirPlace(BuildHookInterface):  # type: ignore[type-arg]
    """Named in pyproject.toml, ``tool.hatch.build.targets.wheel.hooks.custom``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before each wheel; only ``editable`` ones need links."""
        if version == "editable":
            try:
                put_links(Path(self.root))
            except LinkRefused as refused:
                self.app.abort(str(refused))


class LinkRefused(Exception):
    """A link cannot be made; the message says what to do."""


def put_links(checkout: Path) -> None:
    """Make each link that is not there, or is something else. Raises LinkRefused."""
    for half in HALVES:
        link = checkout / "src" / "ip_commands" / half
        shown = f"src/ip_commands/{half}"
        if link.is_symlink() and link.is_dir():
            continue
        if link.is_dir():
            raise LinkRefused(
                f"{shown} is a copy and has to be a link to {half}/: remove it and try again"
            )
        try:
            link.unlink(missing_ok=True)
            os.symlink(f"../../{half}", link, target_is_directory=True)
        except OSError as error:
            raise LinkRefused(
                f"{shown} cannot become a link to {half}/ ({error.strerror}): use a file system "
                "that has links (on Windows: in Developer Mode) and run `make checkout`, or "
                "install without --editable"
            ) from error
