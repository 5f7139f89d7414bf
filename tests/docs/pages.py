"""README, CONTRIBUTING and docs/*.md taken apart: code blocks, tables, links, prose.

Read as CommonMark, so that no way of writing a block goes unseen (fences of both kinds, inside
lists, indented code).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "CONTRIBUTING.md", *sorted(f"docs/{p.name}" for p in ROOT.glob("docs/*.md")))

_EXCUSE = re.compile(r"<!--\s*not run:\s*(.*?)\s*-->", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One code block; ``excuse``: the reason in ``<!-- not run: reason -->`` before it, or ""."""

    page: str
    line: int
    language: str
    text: str
    excuse: str = ""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def parse(text: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(text)


@cache
def tokens(page: str) -> list[Token]:
    return parse((ROOT / page).read_text())


def blocks_of(page: str, parsed: list[Token]) -> list[Block]:
    """Return the code blocks; the language of an untagged or indented one is ""."""
    found = []
    excuse = ""
    for token in parsed:
        if token.type == "html_block":
            match = _EXCUSE.search(token.content)
            excuse = " ".join(match[1].split()) if match else ""
        elif token.type in ("fence", "code_block"):
            assert token.map is not None
            language = (token.info.split() or [""])[0]
            found.append(Block(page, token.map[0] + 1, language, token.content, excuse))
            excuse = ""
        elif token.nesting >= 0:
            excuse = ""
    return found


def all_blocks() -> list[Block]:
    return [block for page in PAGES for block in blocks_of(page, tokens(page))]


def blocks(page: str, language: str) -> list[Block]:
    """Return a page's blocks of one language that are to be run."""
    return [b for b in blocks_of(page, tokens(page)) if b.language == language and not b.excuse]


def tables(page: str) -> list[list[list[str]]]:
    """Return a page's tables: rows of cells, each as it is written; the first row is the head."""
    found: list[list[list[str]]] = []
    in_cell = False
    for token in tokens(page):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type == "inline" and in_cell:
            found[-1][-1].append(token.content)
        in_cell = token.type in ("th_open", "td_open")
    return found


def table(page: str, *head: str) -> list[list[str]]:
    """Return the rows of the page's table whose head begins with these cells."""
    for rows in tables(page):
        if rows[0][: len(head)] == list(head):
            return rows[1:]
    raise AssertionError(f"{page} has no table that begins with {head}")


def inline(page: str, *kinds: str) -> Iterator[Token]:
    """Yield the page's inline tokens of these kinds: "text", "code_inline", "link_open", ..."""
    for token in tokens(page):
        for child in token.children or ():
            if child.type in kinds:
                yield child


def code_spans(text: str) -> list[str]:
    """Return what stands between backticks in a table's cell."""
    return re.findall(r"`([^`]+)`", text)
