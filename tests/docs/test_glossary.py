"""docs/glossary.md has every abbreviation that a page uses, each with where it is defined."""

import re

import pytest

from ip_commands.modem_drivers import models
from tests.docs import pages

GLOSSARY = "docs/glossary.md"

# An abbreviation: capitals and digits, at least two capitals, also as eDRX, H-SFN and UARTs. What
# follows a sign is a command (+CSQ), what goes on in small letters a name (SIMCom).
ABBREVIATION = re.compile(r"(?<![\w+#%&-])[a-z]?[A-Z][A-Z0-9-]*[A-Z][A-Z0-9]*(?=s?\b)")
DEFINED_IN = re.compile(
    r"TS \d\d\.\d{3}( [\dA-Z][\w.]*)?|ITU-T [A-Z]\.\d+( [\d.]+)?|RFC \d+|GSMA SGP\.\d\d"
    r'|KORE and Twilio, ".+"|the vendor\'s .+ manual|Linux, \w+\(\d\)'
)

EVERYDAY = {
    # words that whoever reads these pages knows
    *("API", "HTTP", "ID", "IP", "JSON", "OS", "REST", "TCP", "UDP", "URL", "USB"),
    *("HIGH", "LOW", "PATH", "SIGKILL", "SIGTERM"),
    # names: of files, of a licence, of GSMA's documents, of products
    *("README", "CHANGELOG", "CONTRIBUTING", "MIT", "SGP", "KORE", "HAT", "ESP32"),
    *("A7600E", "A7602E"),
    # vendors' AT commands, without their sign, as names of socket dialects and of their options
    *("CA", "CIP", "CIPOPEN", "CIPSTART", "CASERVER", "QIOPEN", "USOCR", "SQNS", "SERVICE"),
    *("ANYONE", "LISTENER", "PEER"),
}


def entries() -> list[tuple[list[str], str, str]]:
    """Return (words, meaning, where they are defined) of every line."""
    found = []
    for rows in pages.tables(GLOSSARY):
        assert rows[0] == ["word", "meaning", "defined in"]
        found += [(word.split(", "), meaning, where) for word, meaning, where in rows[1:]]
    return found


def explained() -> set[str]:
    """Return every word that the glossary explains, and every abbreviation within."""
    words = {word for words, _, _ in entries() for word in words}
    return words | {found for word in words for found in ABBREVIATION.findall(word)}


def is_name(word: str) -> bool:
    """Whether a word is a pin of a Pico, or a modem's name, its beginning or its tail."""
    if re.fullmatch(r"GP\d+", word):
        return True
    names = [name.upper() for name in models.NAMES]
    return bool(re.search(r"\d", word)) and any(
        name.startswith(word) or word.startswith(name.rstrip("G")) or name.endswith(f"-{word}")
        for name in names
    )


def abbreviations(page: str) -> set[str]:
    """Return what a page's prose abbreviates, but for the names of modems."""
    text = " ".join(token.content for token in pages.inline(page, "text"))
    return {word for word in ABBREVIATION.findall(text) if not is_name(word.upper())}


@pytest.mark.parametrize("page", pages.PAGES)
def test_every_abbreviation_of_a_page_is_explained(page: str) -> None:
    unknown = abbreviations(page) - explained() - EVERYDAY
    assert not unknown, f"{page} uses {sorted(unknown)}: add them to {GLOSSARY}"


def test_no_exception_is_left_over() -> None:
    used = set().union(*(abbreviations(page) for page in pages.PAGES))
    assert used >= EVERYDAY, f"no page uses {sorted(EVERYDAY - used)} any more"


def test_every_entry_says_what_and_where() -> None:
    for words, meaning, where in entries():
        assert meaning.endswith("."), words
        assert meaning.count(". ") <= 2, f"{words}: one or two sentences"
        for source in where.split("; "):
            assert DEFINED_IN.fullmatch(source), f"{words}: {source}"


def test_every_word_has_one_entry() -> None:
    words = [word for all_, _, _ in entries() for word in all_]
    assert sorted(words) == sorted(set(words))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("the PTWs of eDRX, NB-IoT", ["PTW", "eDRX", "NB"]),
        ("H-SFN and S-GW, CAT-M1", ["H-SFN", "S-GW", "CAT-M1"]),
        ("MicroPython, SIMCom, AT+CGMM, A, IPv6, +CSQ", ["AT"]),
    ],
)
def test_what_counts_as_an_abbreviation(text: str, found: list[str]) -> None:
    assert ABBREVIATION.findall(text) == found


@pytest.mark.parametrize(
    ("word", "name"),
    [("BG95", True), ("BG95-M3", True), ("R412M", True), ("GP14", True), ("T3412", False)],
)
def test_names_of_modems_and_pins_are_no_abbreviations(word: str, name: bool) -> None:
    assert is_name(word) == name
