"""Kinds and ranges of single values, each with the words for what is needed instead."""

import math
from collections.abc import Callable
from typing import Any

MOST = 1_000_000_000
"""Of anything that is counted: 31 years in seconds, which no run lasts."""

Check = Callable[[Any], str | None]
"""Returns what is needed instead of a value; None: it is right."""


def is_whole(value: object) -> bool:
    """Return whether it is a whole number; True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    """Return whether it is a number, and a finite one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return -math.inf < value < math.inf


def whole(least: int, most: int = MOST) -> Check:
    """Take whole numbers."""

    def check(value: Any) -> str | None:
        right = is_whole(value) and least <= value <= most
        return None if right else f"a whole number from {least} to {most} is needed"

    return check


def number(least: float, most: float) -> Check:
    """Take numbers."""

    def check(value: Any) -> str | None:
        right = is_number(value) and least <= value <= most
        return None if right else f"a number from {least:g} to {most:g} is needed"

    return check


def chance(value: Any) -> str | None:
    """Take probabilities."""
    return None if is_number(value) and 0 <= value <= 1 else "a probability, 0 to 1, is needed"


def chance_above_0(value: Any) -> str | None:
    """Take probabilities of something that happens at times."""
    right = is_number(value) and 0 < value <= 1
    return None if right else "a probability above 0, up to 1, is needed"


def yes_or_no(value: Any) -> str | None:
    """Take True and False."""
    return None if isinstance(value, bool) else "true or false is needed"


def one_of(words: tuple[Any, ...]) -> Check:
    """Take these alone."""

    first, last = ", ".join(map(str, words[:-1])), words[-1]

    def check(value: Any) -> str | None:
        right = any(type(value) is type(word) and value == word for word in words)
        return None if right else f"{first} or {last} is needed"

    return check


def optional(check: Check) -> Check:
    """Take None, too."""
    return lambda value: None if value is None else check(value)


def lengths(least: int) -> Check:
    """Take three lengths of time."""

    def check(value: Any) -> str | None:
        right = isinstance(value, list | tuple) and len(value) == 3
        if right and all(is_whole(one) and one >= least for one in value):
            return None if list(value) == sorted(value) else "least, most likely, most"
        return f"three whole numbers of {least} or more are needed: least, most likely, most"

    return check


def bits(length: int) -> Check:
    """Take a text of so many bits."""

    def check(value: Any) -> str | None:
        right = isinstance(value, str) and len(value) == length and not set(value) - {"0", "1"}
        return None if right else f"a text of {length} bits is needed"

    return check


def hexadecimal(most_digits: int) -> Check:
    """Take a text of up to so many digits."""

    def check(value: Any) -> str | None:
        right = isinstance(value, str) and 1 <= len(value) <= most_digits
        if right and not set(value) - set("0123456789abcdefABCDEF"):
            return None
        return f"a text of up to {most_digits} hexadecimal digits is needed"

    return check


def text(value: Any) -> str | None:
    """Take any text."""
    return None if isinstance(value, str) else "a text is needed"
