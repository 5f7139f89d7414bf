"""The resources of one kind and account: found by SID, listed newest first, page by page."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Generic, Protocol, TypeVar

from ip_commands.host_sim.cloud.error_codes import ApiError

DEFAULT_PAGE_SIZE = 50


class Listed(Protocol):
    sid: str
    sequence: int


R = TypeVar("R", bound=Listed)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What a client asks for: size 1 or more, number from 0, the token of an earlier answer."""

    size: int = DEFAULT_PAGE_SIZE
    number: int = 0
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """One page and the tokens of its neighbours (None: there is none)."""

    records: list[R]
    request: PageRequest
    next_token: str | None
    previous_token: str | None


# PA: what comes after (older), PB: what comes before (newer); the number is the place in time, so
# a token stays good while resources are created, and when the one it was made from expires.
_TOKEN = re.compile(r"(PA|PB)([0-9a-f]{16})")


def _token(kind: str, sequence: int) -> str:
    return f"{kind}{sequence:016x}"


def _sequence(record: Listed) -> int:
    return record.sequence


class Collection(Generic[R]):
    """Records in the order of their ``sequence``, which must grow from one to the next.

    ``index`` names a key by which records are often listed, e.g. their Sim.
    """

    def __init__(self, index: Callable[[R], str] | None = None) -> None:
        self._by_sid: dict[str, R] = {}
        self._all: list[R] = []
        self._index = index
        self._by_key: dict[str, list[R]] = {}

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[R]:
        """Iterate oldest first."""
        return iter(self._all)

    def get(self, sid: str) -> R | None:
        return self._by_sid.get(sid)

    def add(self, record: R) -> None:
        self._by_sid[record.sid] = record
        self._all.append(record)
        if self._index is not None:
            self._by_key.setdefault(self._index(record), []).append(record)

    def remove(self, record: R) -> None:
        """Take one record out, e.g. because it moves to another account."""
        del self._by_sid[record.sid]
        self._all.remove(record)
        if self._index is not None:
            self._by_key[self._index(record)].remove(record)

    def remove_while(self, is_over: Callable[[R], bool]) -> list[R]:
        """Take out and return the oldest records for as long as ``is_over`` says so."""
        count = 0
        while count < len(self._all) and is_over(self._all[count]):
            count += 1
        removed = self._all[:count]
        if removed:
            del self._all[:count]
            for record in removed:
                del self._by_sid[record.sid]
                if self._index is not None:
                    key = self._index(record)
                    of_key = self._by_key[key]
                    del of_key[0]  # the oldest of all is the oldest of its key
                    if not of_key:
                        del self._by_key[key]
        return removed

    def page(
        self,
        request: PageRequest,
        matches: Callable[[R], bool] | None = None,
        key: str | None = None,
    ) -> Page[R]:
        """Return one page, newest first, of the records that match (and have this index key).

        Raises ApiError for a token that this API never gave out.
        """
        records = self._all if key is None else self._by_key.get(key, [])
        wanted = matches or (lambda _: True)
        if request.token is None:
            found = list(islice(filter(wanted, reversed(records)), request.size))
        else:
            parsed = _TOKEN.fullmatch(request.token)
            if parsed is None:
                raise ApiError(
                    "invalid_parameter", parameter="PageToken", reason="use one from a page's meta"
                )
            place = int(parsed[2], 16)
            if parsed[1] == "PA":
                before = bisect_left(records, place, key=_sequence)
                older = (records[i] for i in range(before - 1, -1, -1))
                found = list(islice(filter(wanted, older), request.size))
            else:
                after = bisect_right(records, place, key=_sequence)
                newer = (records[i] for i in range(after, len(records)))
                found = list(islice(filter(wanted, newer), request.size))[::-1]
        return self._with_neighbours(found, request, records, wanted)

    @staticmethod
    def _with_neighbours(
        found: list[R], request: PageRequest, records: list[R], wanted: Callable[[R], bool]
    ) -> Page[R]:
        next_token = previous_token = None
        if found:
            before = bisect_left(records, found[-1].sequence, key=_sequence)
            if any(wanted(records[i]) for i in range(before - 1, -1, -1)):
                next_token = _token("PA", found[-1].sequence)
            if request.number > 0:
                previous_token = _token("PB", found[0].sequence)
        return Page(found, request, next_token, previous_token)
