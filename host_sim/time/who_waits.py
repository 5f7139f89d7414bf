"""Who waits where in a run, read from the frames of its tasks.

"The caller" is whoever uses this package: code outside of it and of Python's own library.
"""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

TASKS_NAMED = 20

_OURS = str(Path(__file__).parents[2]) + os.sep
_LIBRARY = os.path.dirname(os.__file__) + os.sep

_VALUES = (int, float, str, bytes, type(None))
_GROWING = (list, dict, set, bytearray)


def describe_wait(task: "asyncio.Task[Any]") -> str:
    """Return one line that names a task and the innermost line of its code where it waits."""
    places = [
        f"{frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_qualname}"
        for frame in _frames(task)
    ]
    where = ", called from ".join(reversed(places)) or "where it starts"
    return f"task {task.get_name()!r} waits at {where}"


def explain(what: str, loop: asyncio.AbstractEventLoop, advice: str = "") -> str:
    """Return a message: what is wrong, what to do, who waits where (the caller's tasks first)."""
    tasks = sorted(
        (not of_the_caller(task), describe_wait(task)) for task in asyncio.all_tasks(loop)
    )
    lines = [what, *([advice] if advice else []), *(text for _, text in tasks[:TASKS_NAMED])]
    if len(tasks) > TASKS_NAMED:
        lines.append(f"and {len(tasks) - TASKS_NAMED} more tasks")
    return "\n  ".join(lines)


def of_the_caller(task: "asyncio.Task[Any]") -> bool:
    """Tell whether a task is somewhere in the caller's code."""
    return any(_is_callers(frame.f_code.co_filename) for frame in _frames(task))


def calls_the_caller(callback: Callable[..., Any] | None) -> bool:
    """Tell whether a callback is the caller's code."""
    code = getattr(getattr(callback, "__func__", callback), "__code__", None)
    return code is not None and _is_callers(code.co_filename)


def place(task: "asyncio.Task[Any]") -> tuple[Any, ...]:
    """Return where in the caller's code a task is, and what its variables hold there.

    Equal places: as far as can be seen from outside, the task has come no further.
    """
    return tuple(
        (frame.f_code, frame.f_lineno, *map(_shape, frame.f_locals.items()))
        for frame in _frames(task)
        if _is_callers(frame.f_code.co_filename)
    )


def cut_after_caller(traceback: TracebackType | None) -> None:
    """Let a traceback end at the caller's own last line, not in the library below it."""
    last = None
    while traceback is not None:
        if _is_callers(traceback.tb_frame.f_code.co_filename):
            last = traceback
        traceback = traceback.tb_next
    if last is not None:
        last.tb_next = None


def _frames(task: "asyncio.Task[Any]") -> Iterator[FrameType]:
    """Yield the frames of a task that waits, the outermost first."""
    awaited: Any = task.get_coro()
    while awaited is not None:
        for prefix in ("cr", "gi", "ag"):
            frame = getattr(awaited, f"{prefix}_frame", None)
            if frame is not None:
                yield frame
                awaited = getattr(awaited, "gi_yieldfrom" if prefix == "gi" else f"{prefix}_await")
                break
        else:
            break


def _is_callers(file: str) -> bool:
    if file.startswith((_OURS, "<frozen ")):
        return False
    return not file.startswith(_LIBRARY) or "-packages" in file[len(_LIBRARY) :]


def _shape(variable: tuple[str, Any]) -> tuple[Any, ...]:
    name, value = variable
    if isinstance(value, _VALUES):
        return name, value
    return name, id(value), len(value) if isinstance(value, _GROWING) else None
