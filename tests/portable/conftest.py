"""CPython side of the portable tests: virtual time, and each file once more on MicroPython."""

import asyncio
import re
import subprocess
from pathlib import Path

import pytest

from tests.portable import micropython_tools as tools

HERE = Path(__file__).parent
DEFAULT_HEAP = "64wK"
LONGEST_RUN_S = 60
SHIPPED = ("device", "modem_drivers", "boards", "tests/portable", "tests/contracts")
_complaints: dict[str, list[str]] = {}
_not_tried: list[str] = []


class MicropythonFailed(Exception):
    """The interpreter's own report, shown as it is."""


class MicropythonFile(pytest.File):
    """A portable test file, to be run as a whole on the MicroPython binary."""

    def collect(self):
        if tools.missing():
            _not_tried.append(self.path.name)
            return
        yield MicropythonItem.from_parent(self, name="on_micropython")


class MicropythonItem(pytest.Item):
    """One run of one file in a fresh interpreter with the heap of a board."""

    def runtest(self):
        build = Path(self.config.cache.mkdir("micropython"))
        if "build" not in _complaints:
            _complaints["build"] = tools.compile_changed(SHIPPED, build)
        head = "\n".join(self.path.read_text().splitlines()[:30])
        asked = re.search(r"^# heap: (\d+wK)\b", head, re.MULTILINE)
        heap = asked.group(1) if asked else DEFAULT_HEAP
        command = [
            tools.find("micropython"),
            *("-X", f"heapsize={heap}"),
            str(HERE / "run_micropython.py"),
            self.path.stem,
            str(build),
        ]
        try:
            done = subprocess.run(
                command,
                cwd=tools.ROOT,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=LONGEST_RUN_S,
            )
            code, output = done.returncode, done.stdout
        except subprocess.TimeoutExpired as hung:
            code, output = f"none after {LONGEST_RUN_S} s", hung.stdout or b""
        report = output.decode(errors="replace")
        if code == 0:
            self.add_report_section("call", f"MicroPython, heap {heap}", report)
        else:
            raise MicropythonFailed(
                "\n".join([f"heap {heap}, exit code {code}", report, *_complaints["build"]])
            )

    def repr_failure(self, excinfo, style=None):
        if isinstance(excinfo.value, MicropythonFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self):
        return self.path, None, f"{self.path.name} on MicroPython"


def pytest_collect_file(file_path, parent):
    if file_path.parent == HERE and file_path.match("test_*.py"):
        return MicropythonFile.from_parent(parent, path=file_path)
    return None


def pytest_terminal_summary(terminalreporter):
    if not _not_tried:
        return
    terminalreporter.section("NOT TRIED ON MICROPYTHON", sep="!", red=True, bold=True)
    terminalreporter.write_line(
        f"{len(_not_tried)} portable test files ran on CPython only: this machine has no "
        f"{' and no '.join(tools.missing())}.\nTo try them: {tools.INSTALL_HINT}\n"
        f"Files: {' '.join(_not_tried)}",
        red=True,
    )


def pytest_asyncio_loop_factories(config, item):
    from ip_commands.host_sim.time.virtual_time import VirtualTimeLoop

    return {"virtual": VirtualTimeLoop}


@pytest.fixture(autouse=True)
def _project_root_is_working_directory(monkeypatch):
    monkeypatch.chdir(tools.ROOT)


@pytest.fixture(autouse=True)
def _no_task_left_behind(request):
    """Fail an async test that ends with tasks of its own still running."""
    test = getattr(request.node, "obj", None)
    if not asyncio.iscoroutinefunction(test):
        yield
        return

    async def check(*arguments):
        await test(*arguments)
        for _ in range(5):  # let what the test cancelled unwind
            await asyncio.sleep(0)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, f"the test left tasks behind: {left}"

    request.node.obj = check
    yield
    request.node.obj = test
