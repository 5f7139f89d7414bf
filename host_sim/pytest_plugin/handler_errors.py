"""What the handlers of a test's clients raise.

A client survives it, as it must on a device: it counts it, tells ``on_error`` or its log, and
serves on. A test whose own check failed in there would be green. What is no ``Exception``, such
as ``pytest.fail()`` or a time-out that strikes just there, ends the test at once.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import pytest

from ip_commands.device.connection_state import PASSED_ON
from ip_commands.device.ip_command_client import IpCommandClient
from ip_commands.host_sim.time.unread_errors import UnreadErrors

DECORATORS = ("on_command", "on_error", "on_state")


class CancelledInside(Exception):
    """A handler ended because something that it awaited was cancelled."""


@contextmanager
def watched_handlers(
    unread: UnreadErrors, may_raise: tuple[type[Exception], ...]
) -> Generator[None]:
    """Keep in ``unread`` what handlers raise, of every client that is given one meanwhile."""

    def note(name: str, handler: Callable[..., Any], error: BaseException) -> None:
        if isinstance(error, PASSED_ON):
            return  # it ends the run by itself
        if isinstance(error, asyncio.CancelledError):
            task = asyncio.current_task()
            if task is None or task.cancelling():
                return  # the handler is to end; else something that it awaited was cancelled
            error = CancelledInside(*error.args)
        if not isinstance(error, Exception):
            asyncio.get_running_loop().call_soon(_raise, error)
        elif not isinstance(error, may_raise):
            unread.keep(f"{name}: {getattr(handler, '__qualname__', handler)}", error)

    def watched(name: str, handler: Callable[..., Any]) -> Callable[..., Any]:
        async def awaited(result: Any) -> Any:
            try:
                return await result
            except BaseException as error:
                note(name, handler, error)
                raise

        @functools.wraps(handler)
        def call(*arguments: Any) -> Any:
            try:
                result = handler(*arguments)
            except BaseException as error:
                note(name, handler, error)
                raise
            return awaited(result) if hasattr(result, "__await__") else result

        return call

    def watching(name: str) -> Callable[..., Any]:
        decorator = getattr(IpCommandClient, name)

        @functools.wraps(decorator)
        def decorate(client: IpCommandClient, handler: Any) -> Any:
            decorator(client, watched(name, handler) if callable(handler) else handler)
            return handler

        return decorate

    with pytest.MonkeyPatch.context() as patch:
        for name in DECORATORS:
            patch.setattr(IpCommandClient, name, watching(name))
        yield


def _raise(error: BaseException) -> None:
    raise error
