"""Every code block of README, CONTRIBUTING and docs/*.md runs: none can rot.

A block's language decides how: see ``RUNNERS``. One that cannot run has a comment before it,
``<!-- not run: reason -->``; pytest lists these as skipped. What is changed or left out in console
lines, and why, stands in ``terminal.py``.
"""

import argparse
import asyncio
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from ip_commands.boards.raspberry_pi.usb_ports import AT_INTERFACES
from ip_commands.host_sim.commands.serve_options import read_options
from tests.docs import pages, terminal
from tests.docs.device_programs import BOARDS, answer_on_board, answer_over_serial, board_of
from tests.docs.pages import Block
from tests.micropython.micropython_boards import MISSING

LIMIT_S = 60
# plugins that are here for this suite; a user who installs the extra `test` has none of them
NOT_A_USERS = [
    word
    for plugin in ("schemathesis", "hypothesispytest", "xdist", "timeout")
    for word in ("-p", f"no:{plugin}")
]


def readme_program(board: str) -> str:
    """Return the README's device program for another board: only its import changes."""
    program = next(b.text for b in pages.blocks("README.md", "python") if "as board" in b.text)
    imported = "from ip_commands.boards import pico_sim7080g as board"
    assert imported in program
    return program.replace(imported, board)


def check_status(command: list[str], folder: Path) -> str:
    """Run a process in a user's folder; return what it printed."""
    env = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=LIMIT_S
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def is_test_file(block: Block) -> bool:
    return re.search(r"^(?:async )?def test_", block.text, re.MULTILINE) is not None


def run_python(block: Block, folder: Path) -> None:
    """Run a block as the file that it is: device program, board, tests, or a plain script."""
    if is_test_file(block):
        run_tests([block], folder)
    elif " as board\n" in block.text:
        run_device_program(block.text, folder)
    elif re.search(r"^def modem\(", block.text, re.MULTILINE):
        (folder / "my_board.py").write_text(block.text)
        run_device_program(readme_program("import my_board as board"), folder)
    else:
        (folder / "mine.py").write_text(block.text)
        check_status([sys.executable, "mine.py"], folder)


def run_tests(files: list[Block], folder: Path) -> None:
    """Run test files as their users do: in a folder with nothing else, configured in no way."""
    count = 0
    for block in files:
        (folder / f"test_{re.sub(r'[^a-z0-9]+', '_', str(block).lower())}.py").write_text(
            block.text
        )
        count += len(re.findall(r"^(?:async )?def test_", block.text, re.MULTILINE))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *NOT_A_USERS]
    assert f"{count} passed" in check_status(command, folder)


def run_device_program(program: str, folder: Path) -> None:
    if board_of(program) not in BOARDS:
        asyncio.run(answer_over_serial(program, folder))
        return
    if MISSING:
        pytest.skip(MISSING)
    (folder / "main.py").write_text(program)
    answer_on_board(folder / "main.py")


def run_toml(block: Block, folder: Path) -> None:
    """Give a configuration to the reader of ``host-sim serve --config``: each word must count."""
    (folder / "serve.toml").write_text(block.text)
    given = argparse.Namespace(config=str(folder / "serve.toml"), device=None)
    options = read_options(given, {})
    asked = tomllib.loads(block.text)
    devices, networks = asked.pop("device", []), asked.pop("network", [])
    assert {name: getattr(options, name) for name in asked} == asked
    assert len(options.devices) == len(devices) > 0
    for device, words in zip(options.devices, devices, strict=True):
        assert {name: _as_toml(getattr(device, name)) for name in words} == words
    for network, words in zip(options.networks, networks, strict=True):
        assert {name: _as_toml(getattr(network, name)) for name in words} == words


def _as_toml(value: object) -> object:
    """Return a setting as TOML has it: it knows no tuples."""
    return list(value) if isinstance(value, tuple) else value


MERMAID_NODE = r"\w+(?:\[\".+?\"\])?"
MERMAID_LINK = r"(?:-->|-- \".+?\" -->)"
MERMAID_LINES = (
    r"flowchart (LR|TB|BT)",
    rf"{MERMAID_NODE}(?: {MERMAID_LINK} {MERMAID_NODE})*",
    r"subgraph [\w ]+",
    r"subgraph \w+\[\".+\"\]",
    r"end",
)


def run_mermaid(block: Block, folder: Path) -> None:
    """Read a picture line by line in the plain part of Mermaid that these pages use."""
    depth = 0
    for number, line in enumerate(block.text.splitlines()):
        words = line.strip()
        assert any(re.fullmatch(form, words) for form in MERMAID_LINES), f"{block}: {line}"
        assert (number == 0) == words.startswith("flowchart")
        depth += words.startswith("subgraph") - (words == "end")
        assert depth in (0, 1), f"{block}: subgraph and end do not match at: {line}"
    assert depth == 0


def run_udev(block: Block, folder: Path) -> None:
    """Read rules of udev: matches and assignments, about a modem that we know."""
    known = {(vendor, product) for _, vendor, all_, _ in AT_INTERFACES for product in all_}
    for line in block.text.splitlines():
        assert re.fullmatch(r'(?:\w+\{\w+\}==?"[^"]*"(?:, |$))+', line), line
        values = dict(re.findall(r'ATTRS\{(id\w+)\}=="(\w+)"', line))
        assert (values["idVendor"], values["idProduct"]) in known, line


RUNNERS: dict[str, Callable[[Block, Path], None]] = {
    "python": run_python,
    "toml": run_toml,
    "mermaid": run_mermaid,
    "udev": run_udev,
}
IN_A_TERMINAL = "console"
BLOCKS = pages.all_blocks()
TEST_FILES = [b for b in BLOCKS if b.language == "python" and not b.excuse and is_test_file(b)]
OTHERS = [b for b in BLOCKS if b.language != IN_A_TERMINAL and b not in TEST_FILES]


def test_the_pages_tests_pass(tmp_path: Path) -> None:
    """All of them in one run of pytest, to save time."""
    assert "README.md" in {block.page for block in TEST_FILES}
    run_tests(TEST_FILES, tmp_path)


@pytest.mark.parametrize("block", OTHERS, ids=str)
def test_a_block_runs(block: Block, tmp_path: Path) -> None:
    if block.excuse:
        pytest.skip(f"not run: {block.excuse}")
    languages = [*RUNNERS, IN_A_TERMINAL]
    assert block.language in RUNNERS, (
        f"{block}: a block in {block.language or 'no language'!r} is never run: tag it as one of "
        f"{languages}, or write <!-- not run: reason --> before it"
    )
    RUNNERS[block.language](block, tmp_path)


@pytest.mark.parametrize("page", sorted({b.page for b in BLOCKS if b.language == IN_A_TERMINAL}))
async def test_the_commands_of_a_page_do_what_it_shows(page: str, tmp_path: Path) -> None:
    async with terminal.Session(tmp_path) as session:
        for block in pages.blocks(page, IN_A_TERMINAL):
            await session.type(block)
    assert session.typed


@pytest.mark.parametrize(
    "block", [b for b in BLOCKS if b.language == IN_A_TERMINAL and b.excuse], ids=str
)
def test_a_command_is_left_out_for_a_reason(block: Block) -> None:
    assert terminal.commands_of(block)
    pytest.skip(f"not run: {block.excuse}")


async def test_what_goes_on_a_board_runs_there(tmp_path: Path) -> None:
    if MISSING:
        pytest.skip(MISSING)
    async with terminal.Session(tmp_path) as session:
        for block in pages.blocks("docs/boards.md", IN_A_TERMINAL):
            await session.type(block)
    (tmp_path / "main.py").write_text(readme_program(PICO))
    library = tmp_path / "board/lib"
    assert not (library / "ip_commands/host_sim").exists()
    await asyncio.to_thread(answer_on_board, tmp_path / "main.py", [library])


PICO = "from ip_commands.boards import pico_sim7080g as board"


# --- the net has no holes ----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "language", "excuse"),
    [
        ("```\nx\n```", "", ""),
        ("~~~ruby\nx\n~~~", "ruby", ""),
        ("words\n\n    x\n", "", ""),
        ("- item\n\n  ```python\n  x\n  ```", "python", ""),
        ("> ```sh\n> x\n> ```", "sh", ""),
        ("<!-- not run: it needs\na board -->\n```python\nx\n```", "python", "it needs a board"),
        ("<!-- not run: far away -->\n\nwords\n\n```python\nx\n```", "python", ""),
        ("<!-- a remark -->\n```python\nx\n```", "python", ""),
    ],
)
def test_every_way_of_writing_a_block_is_seen(text: str, language: str, excuse: str) -> None:
    (block,) = pages.blocks_of("page.md", pages.parse(text))
    assert (block.language, block.text.strip(), block.excuse) == (language, "x", excuse)


def test_an_untagged_block_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"page.md:1: a block in 'no language' is never run"):
        test_a_block_runs(Block("page.md", 1, "", "x"), tmp_path)


def test_a_wrong_block_of_each_language_fails(tmp_path: Path) -> None:
    wrong = {
        "python": ["import nowhere", "async def test_x(supersim):\n    assert not supersim"],
        "toml": ["speed = 'fast'", "no_such = 1", "[[device]]\nmodem = 'bg999'", "a = ["],
        "mermaid": ["flowchart LR\n  a -> b", "flowchart LR\n  subgraph x\n  a --> b", "a --> b"],
        "udev": ['ATTRS{idVendor}=="2c7c"', 'ATTRS{idVendor}=="1", ATTRS{idProduct}=="0125"'],
    }
    assert set(wrong) == set(RUNNERS)
    for language, texts in wrong.items():
        for number, text in enumerate(texts):
            folder = tmp_path / f"{language}{number}"
            folder.mkdir()
            with pytest.raises((AssertionError, ValueError, KeyError)):
                RUNNERS[language](Block("page.md", 1, language, text), folder)


@pytest.mark.parametrize(
    "text",
    [
        "$ false",
        "$ no-such-command",
        "$ make no-such-target",
        "$ echo one\ntwo",
        "$ echo one\none\ntwo",
        "$ printf 'one\\ntwo\\n'\none",
        "$ printf 'one\\n1\\n'\none\n...\ntwo",
        "output first",
    ],
)
async def test_a_wrong_command_fails(text: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        async with terminal.Session(tmp_path) as session:
            await session.type(Block("page.md", 1, "console", text))


def test_output_is_compared_in_form() -> None:
    printed = ["2027-01-31 12:00 HG5aa queued", "at 10.0.0.7", "more", "end"]
    terminal.assert_form(["1970-1-1 0:0 HG... queued", "at 1.2.3.4", "...", "end"], printed, "x")
    terminal.assert_form(["...", "end"], printed, "x")
    terminal.assert_form(["...", "at 1.1.1.1", "..."], printed, "x")
    with pytest.raises(AssertionError, match=r"shown: +at home"):
        terminal.assert_form(["...", "at home"], printed, "x")
