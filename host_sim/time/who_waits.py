"""Who waits where in a run, read from the frames of its tasks.

"The caller" is whoever uses this package: code outside of it and of Python's own library.
"""

import asyncio
import contextlib
import functools
import os
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from types import FrameType, MemberDescriptorType, TracebackType
from typing import Any

TASKS_NAMED = 20

MOST_LOOKED_INTO = 100
"""Of an object's attributes, a container's elements: so many are compared."""

_OURS = str(Path(__file__).parents[2]) + os.sep
_LIBRARY = os.path.dirname(os.__file__) + os.sep

_VALUES = (int, float, complex, str, bytes, type(None))
_GROWING = (list, tuple, deque, dict, set, bytearray)


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


def calls_the_caller(callback: Any, arguments: Iterable[Any] = ()) -> bool:
    """Tell whether a callback is the caller's code, or is given some to call.

    A function, a method, an object with ``__call__``, or one of these in a ``functools.partial``.
    """
    if isinstance(callback, functools.partial):
        given = (*callback.args, *callback.keywords.values(), *arguments)
        return calls_the_caller(callback.func, given)
    return any(
        (code := _code(called)) is not None and _is_callers(code.co_filename)
        for called in (callback, *arguments)
    )


def _code(called: Any) -> Any:
    function = getattr(called, "__func__", called)
    if not hasattr(function, "__code__") and callable(called):
        function = type(called).__call__
    return getattr(function, "__code__", None)


def place(task: "asyncio.Task[Any]") -> tuple[Any, ...]:
    """Return where in the caller's code a task is, and what its variables hold there.

    Variables are those of the functions, the globals that these name, the elements of both and,
    of objects of the caller's own classes, the attributes. (Ours and Python's hold clocks.) Equal
    places: as far as can be seen from outside, the task has come no further.
    """
    return tuple(
        (frame.f_code, frame.f_lineno, _inside(frame.f_locals), _inside(_globals(frame)))
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


def _globals(frame: FrameType) -> dict[str, Any]:
    there = frame.f_globals
    return {name: there[name] for name in frame.f_code.co_names if name in there}


def _inside(variables: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple((name, *_shape(value, looks_into=True)) for name, value in variables.items())


def _shape(value: Any, looks_into: bool = False) -> tuple[Any, ...]:
    """Return what tells a value from the one it was; runs no code of the value's class."""
    if isinstance(value, _VALUES):
        return (value,)
    kind = type(value)
    size = len(value) if kind in _GROWING else None
    within: Iterable[Any] = ()
    if not looks_into:
        pass
    elif kind is dict:
        within = value.values()
    elif size is not None:
        within = value
    elif _is_of_the_caller(value if isinstance(value, type) else kind):
        within = _attributes(value)
    return id(value), size, *map(_shape, islice(within, MOST_LOOKED_INTO))


def _is_of_the_caller(kind: type) -> bool:
    file = getattr(sys.modules.get(kind.__module__), "__file__", None)
    return file is not None and _is_callers(file)


def _attributes(value: Any) -> Iterator[Any]:
    with contextlib.suppress(AttributeError):
        yield from object.__getattribute__(value, "__dict__").values()
    for kind in type(value).__mro__:
        for slot in vars(kind).values():
            if isinstance(slot, MemberDescriptorType):
                with contextlib.suppress(AttributeError):  # not yet set
                    yield slot.__get__(value)
