"""A fresh folder as a user has it, and pytest run in it, in a process of its own."""

import os
import signal
import subprocess
import sys
import textwrap
import xml.etree.ElementTree
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

LONGEST_RUN_S = 120
# plugins that these tests do not need and that take longer to load than pytest itself
SLOW_PLUGINS = ("schemathesis", "hypothesispytest", "xdist", "xdist.looponfail")


@dataclass
class Report:
    """What a run of pytest said."""

    code: int
    output: str
    tests: dict[str, str]
    """By the test's name: "passed", or the message of its failure or error."""

    @property
    def passed(self) -> set[str]:
        return {name for name, said in self.tests.items() if said == "passed"}


class FreshFolder:
    """Nothing in it but what a test writes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, **files: str) -> None:
        """Write files: ``test_it="..."`` is test_it.py, ``pytest_ini`` pytest.ini."""
        for name, text in files.items():
            name = "pytest.ini" if name == "pytest_ini" else f"{name}.py"
            (self.path / name).write_text(textwrap.dedent(text))

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """Start pytest; ``finish`` it."""
        without = [part for name in SLOW_PLUGINS for part in ("-p", f"no:{name}")]
        clean = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
        fixed = ("-q", "-p", "no:cacheprovider", "--junitxml=report.xml")
        return subprocess.Popen(
            [sys.executable, "-m", "pytest", *fixed, *without, *arguments],
            cwd=self.path,
            env=clean | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
        )

    def finish(self, process: "subprocess.Popen[str]") -> Report:
        """Wait for a run to end by itself."""
        try:
            output, _ = process.communicate(timeout=LONGEST_RUN_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            pytest.fail(f"pytest did not end within {LONGEST_RUN_S} s:\n{output}")
        return Report(process.returncode, output, self._read_report())

    def pytest(self, *arguments: str, **environment: str) -> Report:
        """Run pytest to its end."""
        return self.finish(self.start(*arguments, **environment))

    def _read_report(self) -> dict[str, str]:
        tests: dict[str, str] = {}
        report = self.path / "report.xml"
        if not report.exists():
            return tests
        for case in xml.etree.ElementTree.parse(report).iter("testcase"):
            said = [f"{each.get('message')}\n{each.text}" for each in case if each.get("message")]
            # a test that failed at its teardown comes in one or two entries, one that was
            # interrupted without a name
            name = case.get("name", "")
            before = tests.get(name, "passed")
            tests[name] = "\n".join([*([] if before == "passed" else [before]), *said]) or before
        report.unlink()
        return tests


@pytest.fixture
def fresh(tmp_path: Path) -> FreshFolder:
    return FreshFolder(tmp_path)


@pytest.fixture
def readme_test() -> Callable[[], str]:
    """Return the test that README.md shows."""

    def read() -> str:
        text = (Path(__file__).parents[2] / "README.md").read_text()
        blocks = [part.split("```")[0] for part in text.split("```python\n")[1:]]
        (block,) = (block for block in blocks if "def test_" in block)
        return block

    return read
