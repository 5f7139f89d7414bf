"""What real modules said, cut anyhow, comes out of the parser line by line, prompts included."""

import pytest

from ip_commands.modem_drivers.at_parser import LINE, PROMPT, AtParser
from tests.captures.capture import FOLDER, read

FILES = sorted(
    path for model in ("gm0*", "sara*", "lara*") for path in FOLDER.glob(f"{model}/*.txt")
)
"""Of families whose driver has no replay of its own; without payloads that need its rules."""


def _said(path) -> tuple[bytes, bytes]:
    capture = read(path)
    stream = b"".join(move.data for move in capture.moves)
    return stream, capture.head.get("prompt", "").encode()


def _expected(stream: bytes, prompt: bytes) -> list[tuple[int, bytes, None]]:
    lines = (line.strip(b"\r ") for line in stream.replace(b"\r", b"\n").split(b"\n"))
    kinds = {prompt: PROMPT} if prompt else {}
    return [(kinds.get(line, LINE), line, None) for line in lines if line]


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
@pytest.mark.parametrize("cut", [1, 7, 1000])
def test_the_parser_reads_what_the_module_said(file, cut):
    stream, prompt = _said(file)
    parser = AtParser()
    parser.expect_prompt(prompt or None)
    events = []
    for start in range(0, len(stream), cut):
        parser.feed(stream[start : start + cut])
        while event := parser.next_event():
            events.append(event)
    assert events == _expected(stream, prompt)
    assert parser.dropped_lines == parser.bad_lengths == 0


def test_there_are_captures():
    assert len(FILES) >= 3
