"""What the pages' tables say of boards, ports and modems, the code says too."""

import importlib
import inspect
import re
from functools import cache
from pathlib import PurePath
from typing import Any

from ip_commands.boards import raspberry_pi
from ip_commands.boards.raspberry_pi import usb_ports
from ip_commands.device.ip_command import MAX_PAYLOAD_BYTES
from ip_commands.modem_drivers import models
from tests import import_graph
from tests.docs import pages
from tests.docs.pages import ROOT, code_spans, table
from tests.docs.printed_calls import check_expression


def test_the_pins_of_the_boards() -> None:
    for row in table("docs/boards.md", "board", "module"):
        board = importlib.import_module(code_spans(row[1])[0])
        assert callable(board.modem)
        if board.__name__.endswith("raspberry_pi"):
            continue
        _, _, model, uart, power_key, status = row
        assert uart == f"{board.UART_ID} (GP{board.TX_PIN}, GP{board.RX_PIN})"
        times = [f"{board.POWER_ON_MS / 1000:g} s"]
        if hasattr(board, "POWER_OFF_MS"):
            times = [f"{times[0]} on", f"{board.POWER_OFF_MS / 1000:g} s off"]
        assert power_key == f"GP{board.POWER_KEY_PIN} HIGH, {', '.join(times)}"
        shown = f"GP{board.STATUS_PIN}, LOW = on" if hasattr(board, "STATUS_PIN") else "none"
        assert status == shown
        assert any(model.startswith(name) for name in models.NAMES)


module_imports = cache(import_graph.module_imports)


def files_needed(module: str, room: str) -> set[str]:
    """Return the files of a room that a module imports, around all corners."""
    graph = module_imports()
    seen: set[str] = set()
    left = {f"{import_graph.ROOF}.{room}.{module}"}
    while left:
        seen |= left
        left = {other for one in left for other in graph[one]} - seen
    inside = [name.split(".") for name in seen if name.startswith(f"{import_graph.ROOF}.{room}.")]
    return {f"{parts[-1]}.py" for parts in inside} - {f"{module}.py"}


def test_what_a_board_may_leave_out() -> None:
    """What each family and board imports is among the files that docs/boards.md names."""
    text = (ROOT / "docs/boards.md").read_text()
    sentence = text[text.index("To save flash") :].split("\n\n")[0]
    named = [span for span in code_spans(sentence) if span.endswith(".py")]
    for room, modules in (
        ("modem_drivers", [family for family, _, _ in models._FAMILIES]),
        ("boards", ["pico_sim7080g", "sixfab_pico_lte"]),
    ):
        for module in modules:
            own = f"{module.split('_')[0]}_*.py"
            for file in files_needed(module, room):
                told = any(PurePath(file).match(pattern) for pattern in (*named, own))
                assert told, f"{module}.py needs {room}/{file}, which boards.md does not name"


def test_the_boards_with_sockets_of_their_own() -> None:
    for file, _, needs in table("docs/boards.md", "file", "for"):
        assert (ROOT / code_spans(file)[0]).is_file()
        for span in code_spans(needs):
            called = re.match(r"modem\((\w+)", span)
            if called:
                name = code_spans(file)[0].removesuffix(".py").replace("/", ".")
                board = importlib.import_module(f"ip_commands.{name}")
                assert called[1] in inspect.signature(board.modem).parameters


def test_the_raspberry_pis_arguments_and_ports() -> None:
    signature = next(
        span.content
        for span in pages.inline("docs/raspberry-pi.md", "code_inline")
        if span.content.startswith("board.modem(uart")
    )
    check_expression(signature, {"board": raspberry_pi})
    rows = table("docs/raspberry-pi.md", "modem", "USB id")
    shown = []
    for modems, ids, interfaces in rows:
        vendor, products = ids.split(":")
        numbers = tuple(int(text, 16) for text in re.findall(r"if(\w\w)", interfaces))
        shown.append((modems, vendor, tuple(products.split(", ")), numbers))
    assert tuple(shown) == usb_ports.AT_INTERFACES


def test_the_messages_of_a_port_that_does_not_open() -> None:
    folder = ROOT / "boards/raspberry_pi"
    source = " ".join(path.read_text() for path in folder.glob("*.py"))
    for messages, _, _ in table("docs/raspberry-pi.md", "message", "cause"):
        for message in messages.split(", "):
            assert message in source, f"nothing says {message!r}"


def driver_named(module: str) -> list[Any]:
    """Return a driver of each model of a family."""
    names = next(names for family, _, names in models._FAMILIES if family == module)
    return [models.create(name, object()) for name in names]  # type: ignore[arg-type]


def test_the_families_of_the_readme() -> None:
    rows = table("README.md", "family", "models")
    families = [code_spans(row[0]) for row in rows]
    assert [name for (name,) in families[:-1]] == [family for family, _, _ in models._FAMILIES]
    for (name,), (_, told, _, longest) in zip(families[:-1], rows[:-1], strict=True):
        drivers = driver_named(name)
        limit = min(MAX_PAYLOAD_BYTES, *(driver.MAX_PAYLOAD for driver in drivers))
        assert longest == f"{limit} bytes"
        for driver in drivers:
            short = driver.model.removeprefix("SARA-").removesuffix("G").rstrip("-")
            series = re.sub(r"(R5|SIM7000|SIM767).*", r"\1", short)
            assert series in told, f"{name}: {driver.model} is not in README's table"


def test_the_options_of_every_model_can_be_given() -> None:
    """docs/modems.md's column of options: the driver takes each, and none stands twice.

    Whether one is missing, tests/drivers/test_modem_tables.py tells.
    """
    column = pages.tables("docs/modems.md")[0][0].index("options of its own")
    for row in table("docs/modems.md", "model", "driver"):
        shown = code_spans(row[column])
        assert len(set(shown)) == len(shown), row[0]
        kinds = type(models.create(row[0], object())).__mro__  # type: ignore[arg-type]
        signatures = [inspect.signature(kind.__init__).parameters for kind in kinds]
        for name in shown:
            default = next(known[name].default for known in signatures if name in known)
            models.create(row[0], object(), **{name: default})  # type: ignore[arg-type]


def test_the_longest_payload() -> None:
    assert f"a payload of up to {MAX_PAYLOAD_BYTES} bytes" in (ROOT / "README.md").read_text()
