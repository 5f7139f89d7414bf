"""The forms of requests under /_sim: each field is known and given once, or it is refused."""

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from aiohttp import web

from ip_commands.host_sim.cloud.error_codes import ApiError

_T = TypeVar("_T")


async def read_form(request: web.Request, *fields: str) -> dict[str, str]:
    """Return the fields of a request's form. Raises ApiError for others, or one given twice."""
    form = await request.post()
    read: dict[str, str] = {}
    for name, value in form.items():
        if name not in fields:
            reason = f"the form has {', '.join(fields)}" if fields else "no form is taken here"
            raise refusal(name, reason)
        if name in read:
            raise ApiError("duplicate_parameter", parameter=name)
        if not isinstance(value, str):
            raise refusal(name, "a text is needed, no file")
        read[name] = value
    return read


def needed(form: Mapping[str, str], name: str, how: str = "") -> str:
    """Return a field that has to be there. Raises ApiError; ``how``: more about it."""
    if name not in form:
        raise refusal(name, f"it is needed{how}")
    return form[name]


def understood(name: str, read: Callable[[], _T]) -> _T:
    """Return what ``read`` makes of a field; its ValueError becomes the refusal of that field."""
    try:
        return read()
    except ValueError as error:
        raise refusal(name, str(error)) from None


def joined_by_plus(text: str) -> str:
    """Return a list as ``one+two``: a form that was not encoded has a blank for each plus."""
    return re.sub("[+ ]+", "+", text.strip("+ "))


def refusal(name: str, reason: str) -> ApiError:
    """Return the refusal of a field."""
    return ApiError("invalid_parameter", parameter=name, reason=reason)
