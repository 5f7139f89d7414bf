"""Simulated milliseconds to the API's dates and back."""

import time
from datetime import UTC, datetime
from functools import lru_cache

EPOCH_UNIX_S = int(datetime(1980, 1, 6, tzinfo=UTC).timestamp())
"""1980-01-06T00:00:00Z, the origin of hyper frame numbers (TS 36.331), in Unix time."""


@lru_cache(maxsize=1024)
def _text_of_second(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(EPOCH_UNIX_S + second))


def date_text(at_ms: int) -> str:
    """Return ``YYYY-MM-DDTHH:MM:SSZ``: whole seconds, the only form the clients parse."""
    return _text_of_second(at_ms // 1000)
