"""What real modules said, cut anyhow, comes out of the parser line by line, prompts included."""

from pathlib import Path

import pytest

from ip_commands.modem_drivers.at_parser import LINE, PROMPT, AtParser

FILES = sorted(Path(__file__).parent.glob("*.txt"))


def _said(file: Path) -> tuple[bytes, bytes]:
    lines = file.read_text(encoding="utf-8").splitlines()
    head = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# "))
    assert head["kind"] == "real"
    assert head["source"]
    text = "".join(line[2:] for line in lines if line.startswith("<"))
    stream = text.encode("latin-1").decode("unicode_escape").encode("latin-1")
    return stream, head.get("prompt", "").encode()


def _expected(stream: bytes, prompt: bytes) -> list[tuple[int, bytes, None]]:
    lines = (line.strip(b"\r ") for line in stream.replace(b"\r", b"\n").split(b"\n"))
    kinds = {prompt: PROMPT} if prompt else {}
    return [(kinds.get(line, LINE), line, None) for line in lines if line]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
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


def test_there_are_transcripts():
    assert len(FILES) >= 3
