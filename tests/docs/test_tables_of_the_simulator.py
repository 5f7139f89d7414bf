"""What the pages' tables say of the simulator, the code says too: options, routes, calls, fate."""

import importlib
import inspect
import re

import pytest

from ip_commands.boards.raspberry_pi import cli
from ip_commands.host_sim.commands import main as host_sim
from ip_commands.host_sim.lte import PROFILES
from ip_commands.host_sim.lte.search_patterns import SEARCH_PATTERNS
from ip_commands.host_sim.lte.visited_network import VISITED_NETWORKS
from ip_commands.host_sim.web.controls import control_routes
from tests.docs import pages
from tests.docs.pages import code_spans, table
from tests.docs.printed_calls import check_expression


def options_of(command, words: list[str], capsys) -> set[str]:
    """Return every option that a command line has, but for the help itself."""
    with pytest.raises(SystemExit) as ended:
        command([*words, "--help"])
    assert ended.value.code == 0
    return set(re.findall(r"(?<!\w)--[a-z][\w-]*", capsys.readouterr().out)) - {"--help"}


# --- command lines -----------------------------------------------------------------------------
def test_the_options_of_serve(capsys) -> None:
    rows = table("docs/simulator.md", "option", "what it does")
    shown = [span.split()[0] for row in rows for span in code_spans(row[0])]
    assert sorted(shown) == sorted(options_of(host_sim.main, ["serve"], capsys))


def test_every_option_that_a_page_names_exists(capsys) -> None:
    known = options_of(host_sim.main, [], capsys) | options_of(cli.main, [], capsys)
    for word in ("demo", "serve", "advise", "timeline"):
        known |= options_of(host_sim.main, [word], capsys)
    for word in ("listen", "send"):
        known |= options_of(cli.main, [word], capsys)
    foreign = {"--now", "--reload"}  # systemctl's, udevadm's
    for page in pages.PAGES:
        for span in pages.inline(page, "code_inline"):
            named = set(re.findall(r"(?<![\w-])--[a-z][\w-]*", span.content))
            assert named <= known | foreign, f"{page}: {span.content}"


# --- the simulator -----------------------------------------------------------------------------
def test_the_controls(monkeypatch) -> None:
    rows = table("docs/simulator.md", "method and path")
    shown = [
        span
        for row in rows
        for span in code_spans(row[0])
        if span.startswith(("GET", "POST", "DELETE"))
    ]
    routes = control_routes(None)  # type: ignore[arg-type]  they are listed, not called
    assert sorted(shown) == sorted(f"{route.method} {route.path}" for route in routes)


def test_the_forms_of_the_controls() -> None:
    asked: set[str] = set()
    for name in ("controls", "network_controls"):
        module = importlib.import_module(f"ip_commands.host_sim.web.{name}")
        source = inspect.getsource(module)
        for fields in re.findall(r"read_form\(request, (.+?)\)", source):
            asked |= set(re.findall(r"\"(\w+)\"", fields))
    rows = table("docs/simulator.md", "method and path")
    shown = {one for row in rows for one in re.findall(r"form `(\w+)`", row[0])}
    assert shown == asked != set()


def test_the_networks() -> None:
    rows = table("docs/simulator.md", "network", "what it is like")
    assert sorted(span for row in rows for span in code_spans(row[0])) == sorted(VISITED_NETWORKS)


def test_the_search_patterns() -> None:
    rows = table("docs/simulator.md", "pattern", "sleeps between searches")
    told = {code_spans(row[0])[0]: row[1] for row in rows}
    assert list(told) == list(SEARCH_PATTERNS)
    for name, sleeps in told.items():
        numbers = [float(number) for number in re.findall(r"(\d+) s", sleeps)]
        numbers += [3600.0] * sleeps.count("an hour")
        lengths = [length for length, _ in SEARCH_PATTERNS[name].pauses_s]
        assert numbers == [length for length in lengths if length]


def test_the_profiles() -> None:
    paragraph = next(
        token.content
        for token in pages.tokens("docs/simulator.md")
        if token.content[:6] == "`lte`,"
    )
    assert tuple(code_spans(paragraph.split(":")[0])) == tuple(PROFILES)
    pictures = {token.attrs["src"] for token in pages.inline("docs/simulator.md", "image")}
    assert pictures == {f"pictures/{name}.svg" for name in PROFILES}


async def test_the_calls_of_the_fixture(supersim) -> None:
    device = await supersim.add_device("bg95", "lte")
    await device.listen(4242, reply=b"done")
    command = await supersim.send_command(device, "hello")
    await supersim.run_for(seconds=30)
    names = {
        "supersim": supersim,
        "device": device,
        "command": command,
        "webhook": supersim.webhooks[-1],
    }
    heads = ["call", "what it does"]
    rows = [
        row for rows in pages.tables("docs/simulator.md") if rows[0] == heads for row in rows[1:]
    ]
    spans = [span for row in rows for cell in row for span in code_spans(cell)]
    shown = [span for span in spans if re.match(rf"(await )?({'|'.join(names)})\.", span)]
    assert {span.split(".")[0].removeprefix("await ") for span in shown} == set(names)
    assert "device.ue.deregister()" in shown
    for span in shown:
        check_expression(span, names)


async def test_what_becomes_of_a_command_to_a_sleeping_device(supersim) -> None:
    """README's table of scenarios, run."""
    rows = table("README.md", "scenario", "profile")
    told = {
        code_spans(profile)[0]: (code_spans(status), when) for _, profile, _, status, when in rows
    }
    assert list(told) == ["lte", "cat-m1", "cat-m1-edrx-hlcom", "cat-m1-edrx"]
    devices = {profile: await supersim.add_device("bg95", profile) for profile in told}
    for device in devices.values():
        await device.listen(4242)
    commands = {}
    for profile, device in devices.items():
        await device.fall_asleep()
        commands[profile] = await supersim.send_command(device, "hello")
    await supersim.run_for(minutes=5)
    for profile, (status, when) in told.items():
        command = commands[profile]
        assert [command.status] == status
        assert command.delivered == (when != "**never**")
        if when == "within about 2 s":
            assert command.delivered_at_ms - command.created_at_ms < 2500
    late = commands["cat-m1-edrx-hlcom"]
    assert late.delivered_at_ms - late.created_at_ms > 2500
    assert "paging time window" in late.explain() or "buffered" in late.explain()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("await here.plain(a, b=1)", "await or not"),
        ("here.plain(a, b=2)", "b=1"),
        ("here.plain(b)", "argument 1 is a"),
        ("here.plain(a, c=1)", "takes no c"),
        ("here.plain()", "needs {'a'}"),
        ("here.plain(a, **more)", r"takes no \*\*"),
        ("here.plain(*a)", "a is one"),
        ("here.gone", "no attribute 'gone'"),
    ],
)
def test_a_wrong_call_is_named(text: str, words: str) -> None:
    class Here:
        def plain(self, a, b=1): ...

    check_expression("here.plain(a, b=1)", {"here": Here()})
    with pytest.raises((AssertionError, AttributeError), match=words):
        check_expression(text, {"here": Here()})
