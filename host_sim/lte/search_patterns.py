"""How modems look for a network that they do not find: patterns of searches and pauses, by name.

A search over all bands and access technologies takes a roaming SIM 30 s to 10 min (Twilio and BICS
guides, firmware that gives up after 600 s, "wait 3 minutes before you change anything"); only the
range is public, so lengths are log-uniform in it, 190 s on average. A cell that was the last one
is found in 1 to 3 s.
"""

from random import Random
from typing import NamedTuple


class SearchPattern(NamedTuple):
    """One module's; seconds. Another is made by ``_replace``."""

    name: str
    pauses_s: tuple[tuple[float, int], ...]
    """(length, how many times) of the sleeps between searches; the last goes on for ever, a length
    of 0 means none."""
    source: str
    first_search_s: tuple[float, float] = (30, 600)
    """Least and most of the first search, without a pause in it."""
    search_s: tuple[float, float] = (30, 120)
    """Least and most of each further one. Engineering default."""
    return_s: tuple[float, float] = (1, 3)
    """From a known cell's return, or from waking, until the UE camps on it. Typical."""

    def pause_ms(self, number: int) -> int:
        """Return how long pause ``number``, from 0, lasts."""
        for length_s, times in self.pauses_s:
            if number < times:
                return int(length_s * 1000)
            number -= times
        return int(self.pauses_s[-1][0] * 1000)

    def search_ms(self, number: int, random: Random) -> int:
        """Draw how long search ``number``, from 0, takes when it finds no known cell."""
        least, most = self.search_s if number else self.first_search_s
        return int(least * 1000 * (most / least) ** random.random())

    def return_ms(self, random: Random) -> int:
        """Draw how long it takes to camp on a known cell."""
        least, most = self.return_s
        return int(1000 * (least + (most - least) * random.random()))


SEARCH_PATTERNS: dict[str, SearchPattern] = {
    pattern.name: pattern
    for pattern in (
        SearchPattern(
            "nrf9160",
            ((60, 1), (90, 1), (300, 1)),
            "Nordic DevZone 102522: minutes of search, then sleeps of about 60, 90, 300 s",
        ),
        SearchPattern(
            "nrf91-low-power",
            ((60, 1), (120, 1), (3600, 1)),
            "Nordic nRF91 AT commands, %PERIODICSEARCHCONF: the example of a table pattern",
        ),
        SearchPattern(
            "sara-r42",
            ((30, 10), (45, 10), (60, 1)),
            "u-blox SARA-R42 application note UBX-20050829 R02, 7.1.1.1",
        ),
        SearchPattern("continuous", ((0, 1),), "never rests: a worst case, no module's"),
    )
}
"""By name."""

DEFAULT_PATTERN = "nrf9160"
"""For every module whose own is not public: SIMCom, Quectel, Sequans, Telit."""


def search_pattern(name: str) -> SearchPattern:
    """Return a pattern. Raises ValueError naming those that there are."""
    if name not in SEARCH_PATTERNS:
        raise ValueError(f"no search pattern {name!r}; there are: {', '.join(SEARCH_PATTERNS)}")
    return SEARCH_PATTERNS[name]
