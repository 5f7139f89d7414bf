"""What died in the background of a run: failed tasks that nobody awaited, callbacks that raised.

asyncio only logs those, a task's even later than the run that it belonged to.
"""

import asyncio
from typing import Any

from ip_commands.host_sim.time.ordered_loop import OrderedTimersLoop, is_unread

MOST_KEPT = 20
ADVICE = "where that is meant, await the task or ask for its exception()"
LOOK_AFTER = 100
"""So many failed tasks are kept before those that somebody has read meanwhile are let go."""


class UnreadErrors:
    """Keeps the first of them, from when it is made until ``raise_them()``.

    A task's error is read when somebody has awaited the task or asked for its exception.

    advice: what the error tells the caller to do.
    """

    def __init__(self, loop: OrderedTimersLoop, advice: str = ADVICE) -> None:
        self._loop = loop
        self._advice = advice
        self._failed: list[asyncio.Task[Any]] = []
        self._unread: list[tuple[str, Exception]] = []
        self._more = 0
        loop.on_failed_task = self._note_task
        loop.set_exception_handler(self._note_callback)

    def collect(self) -> None:
        """Take the errors that nobody has read so far; who reads them later comes too late."""
        for task in self._failed:
            error = task.exception() if is_unread(task) else None
            if isinstance(error, Exception):
                self.keep(f"task {task.get_name()!r}", error)
        self._failed = []

    def raise_them(self) -> None:
        """Stop watching; raise ExceptionGroup with the errors that were collected, if any."""
        self.collect()
        self._loop.on_failed_task = None
        self._loop.set_exception_handler(None)
        if self._unread:
            who = ", ".join(dict.fromkeys(name for name, _ in self._unread))
            more = f" and {self._more} more" if self._more else ""
            raise ExceptionGroup(
                f"died in the background, and nobody looked: {who}{more}; {self._advice}",
                [error for _, error in self._unread],
            )

    def _note_task(self, task: "asyncio.Task[Any]") -> None:
        if len(self._failed) >= LOOK_AFTER:
            self._failed = [failed for failed in self._failed if is_unread(failed)]
            if len(self._failed) >= LOOK_AFTER:
                self.collect()
        self._failed.append(task)  # who awaits it reads it only now

    def _note_callback(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, Exception) and "handle" in context:
            self.keep(context["message"], error)
        self._loop.default_exception_handler(context)

    def keep(self, name: str, error: Exception) -> None:
        """Keep an error that somebody else caught; ``name`` says whose it is."""
        if len(self._unread) < MOST_KEPT:
            self._unread.append((name, error))
        else:
            self._more += 1
