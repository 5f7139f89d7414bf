"""Every ``--help`` fits a terminal of 80 columns and says what the word does."""

import re

import pytest

from ip_commands.boards.raspberry_pi import cli
from ip_commands.host_sim.commands import main as host_sim

MAINS = {"host-sim": host_sim.main, "ip-commands": cli.main}
COLUMNS = 80


@pytest.fixture
def say(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    monkeypatch.setenv("NO_COLOR", "1")

    def run(command: str, *words: str) -> str:
        with pytest.raises(SystemExit):
            MAINS[command](words)
        return "".join(capsys.readouterr())

    return run


def words_of(listing: str) -> list[str]:
    """Return the words that a command's own help lists."""
    return re.findall(r"^    (\w+) +\S", listing, re.MULTILINE)


def test_every_help_fits_80_columns_and_says_what_it_is_about(say) -> None:
    seen = []
    for command in MAINS:
        listing = say(command, "--help")
        for words in ([], *([word] for word in words_of(listing))):
            text = say(command, *words, "--help")
            seen.append(" ".join([command, *words]))
            for line in (*text.splitlines(), *say(command, *words, "--nope").splitlines()):
                assert len(line) <= COLUMNS, (seen[-1], line)
            usage, description, *_ = text.split("\n\n")
            assert usage.startswith(f"usage: {seen[-1]} [-h]")
            assert re.match(r"[A-Z][^\n]+ [^\n]+", description), (seen[-1], "says nothing")
            assert description.rstrip().endswith(".")
    assert {"host-sim serve", "host-sim advise", "ip-commands listen"} < set(seen)
