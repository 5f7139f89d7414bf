"""A firmware repository of somebody who installed the package, with names that ours also has."""

import os
import re
from pathlib import Path

from tests.import_graph import ROOT

FILES = {
    "device.py": '''\
"""The user's own device code."""


def read_celsius() -> float:
    return 23.5
''',
    "boards/__init__.py": '''\
"""The user's own boards."""

LED_PIN = 25
''',
    "tests/test_own_files.py": """\
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # where `pytest` alone does not look

import boards
import device

from ip_commands.boards import power_key
from ip_commands.device import IpCommandClient
from ip_commands.host_sim.world.super_sim import SuperSim


def test_each_import_is_the_one_that_was_meant() -> None:
    assert (boards.LED_PIN, device.read_celsius()) == (25, 23.5)
    assert power_key.__name__ == "ip_commands.boards.power_key"
    assert IpCommandClient.__module__.startswith("ip_commands.device.")


async def test_theirs_and_ours_meet(supersim: SuperSim) -> None:
    simulated = await supersim.add_device(modem="bg95", profile="cat-m1")
    client = await simulated.listen(port=4242, reply=b"%.1f" % device.read_celsius())
    command = await supersim.send_command(simulated, "measure", port=4242)
    await supersim.run_for(minutes=1)
    assert client.handled == 1
    assert supersim.webhooks[-1].payload == b"23.5"
    assert "delivered to the device" in command.explain()
""",
}


def environment() -> dict[str, str]:
    """Return this process's environment without what steers our own tests."""
    ours = ("PYTEST", "PYTHON", "MYPY")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def readme_tests() -> list[str]:
    """Return the README's code blocks that are tests with the fixture."""
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)
    return [block for block in blocks if "def test_" in block and "supersim" in block]


def lay_out(folder: Path) -> None:
    """Write the repository into a folder: the files above, and each test of the README."""
    files = dict(FILES)
    for number, block in enumerate(readme_tests(), 1):
        files[f"tests/test_readme_{number}.py"] = block
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
