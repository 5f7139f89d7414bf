"""Runs one portable test file on MicroPython: ``micropython run_micropython.py NAME FOLDER``.

NAME is a module of ``tests.portable``; FOLDER holds ``device``, ``modem_drivers`` and ``tests`` in
precompiled form. Prints a line per test; the exit code is 1 when one failed or there is none.
"""

import asyncio
import gc
import sys
import time


async def _run_to_the_end(test, finished):
    await test
    for _ in range(5):  # let what the test cancelled unwind
        await asyncio.sleep(0)
    finished.append(True)


def _run(test, clock):
    clock.restart()
    result = test()
    if result is None:
        return
    finished = []
    asyncio.run(_run_to_the_end(result, finished))
    # asyncio of some builds returns quietly when nothing can happen any more
    assert finished, "every task waits, for nothing that can still come"
    assert clock.task_that_died() is None, "a task died and nobody awaited it, see above"
    assert not clock.tasks_left(), "the test left a task behind: cancel and await it"


def main(name, folder):
    """Run every test of the module in the order of their names; return the exit code."""
    sys.path[0] = folder  # was this file's own folder: sources, not what a board holds
    from tests.portable import virtual_ticks as clock

    clock.install()
    clock.restart()
    module = getattr(__import__("tests.portable." + name).portable, name)
    tests = [test for test in sorted(dir(module)) if test.startswith("test_")]
    failed = 0
    for test in tests:
        gc.collect()
        start = time.ticks_ms()
        try:
            _run(getattr(module, test), clock)
        except Exception as error:
            failed += 1
            print("FAIL %s" % test)
            sys.print_exception(error)
            continue
        print("PASS %s (%d ms)" % (test, time.ticks_diff(time.ticks_ms(), start)))
    gc.collect()
    print(
        "%d of %d passed; %d of %d bytes of heap in use at the end"
        % (len(tests) - failed, len(tests), gc.mem_alloc(), gc.mem_alloc() + gc.mem_free())
    )
    return 0 if tests and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
