"""Every row of every model's settings, in all its forms; and no command without a test form."""

import re
from itertools import pairwise

import pytest

from ip_commands.host_sim import fake_modems
from ip_commands.host_sim.fake_modems.engine.settings import (
    NVM,
    PROFILE,
    Number,
    Setting,
    Text,
    Word,
)
from tests.fake_modems.bench import Bench

OK, ERROR = b"\r\nOK\r\n", b"\r\nERROR\r\n"
EXTENDED = "+#%^$*"
MODELS = sorted(fake_modems.MODELS)

TEXTS = {
    "+CSCA": ["+491710760000"],
    "+CGAUTH": ["user", "secret"],
    "$QCPDPP": ["secret", "user"],
    "+CDNSCFG": ["1.1.1.1", "9.9.9.9"],
    "+CURCCFG": ["NETWORK"],
    "+SQNHWCFG": ["uart1"],
    "+SQNBANDSEL": ["verizon", "4,13"],
    "+UAUTHREQ": ["user", "secret"],
    "+CSGT": ["READY"],
    "+UGPRF": ["server.example"],
}
"""What is written into the free texts of these rows, in their order."""
FIRST = {
    "+URAT": "AT+CFUN=4",
    "+UMNOPROF": "AT+CFUN=4",
    "%XSYSTEMMODE": "AT+CFUN=4",
    "+CTCPKA": "AT+NETOPEN",
}
"""What these rows want done before."""
READ_OTHERWISE = {
    "+CSGT": lambda values: f'+CSGT: "{values[1]}",{values[0]}',
    "+QSIMSTAT": lambda values: f"+QSIMSTAT: {values[0]},1",
    "+QCSCON": lambda values: f"+QCSCON: {values[0]},0",
    "+CNSMOD": lambda values: f"+CNSMOD: {values[0]},",
    "%XSIM": lambda values: "%XSIM: ",
    "+UCGED": lambda values: "",
}
"""Read forms that show more than what was set; the beginning of their answer."""
NO_TEST_FORM = {
    "nrf": re.compile(r"#X(?!(SOCKET|SLEEP|UDPSVR|DATACTRL|RECVCFG|APOLL|UDPSVR|UDPCLI)$)"),
    "sara-r410m": re.compile(r"\+UDOPN|\+UPING|\+UDNSRN"),
    "sara": re.compile(r"\+UDOPN"),
    "lara": re.compile(r"\+UDOPN"),
}
"""Nordic's documentation of these: "the test command is not supported". u-blox: refused in a log
of a SARA-R410M."""


def rows_of(bench: Bench) -> list[Setting]:
    """Return the rows that are extended commands of this model."""
    fake = bench.fake
    asked = {name for name in fake.COMMANDS if name[0] in EXTENDED} - fake.missing_commands
    return [row for name, row in sorted(fake.settings.rows.items()) if name in asked]


def another(field: Number | Word | Text, texts: list[str]) -> tuple[str, object]:
    """Return a value that is not the default as it is typed, and as it is kept."""
    if isinstance(field, Number):
        values = [v for low, high in field.ranges for v in {low, high} if v != field.default]
        value = min(values) if values else field.default
        return str(value), value
    if isinstance(field, Word):
        value = next(word for word in field.allowed if word != field.default)
        return f'"{value}"', value
    text = texts.pop(0)
    return f'"{text}"', text


def other_values(row: Setting) -> tuple[str, tuple[object, ...]]:
    """Return a set form's text and the values it leads to, all of them unlike the defaults."""
    texts = list(TEXTS.get(row.name, []))
    pairs = [another(field, texts) for field in row.fields]
    return ",".join(typed for typed, _ in pairs), tuple(value for _, value in pairs)


def wrong_values(row: Setting) -> list[str]:
    """Return set forms that are out of range, of the wrong kind, too long, or incomplete."""
    typed = [text.split(",")[0] for text in re.findall(r'"[^"]*"|[^,]+', other_values(row)[0])]
    wrong = ["=", "=(", "=" + ",".join([*typed, "1"]), f"={','.join(typed)},xx"]
    if row.needs and len(row.fields) > 1:
        wrong.append("=," + ",".join(typed[1:]))
    if row.needs > 1:
        wrong.append("=" + ",".join(typed[: row.needs - 1]))
    for index, field in enumerate(row.fields):
        if isinstance(field, Number):
            beyond = [high + 1 for (_, high), (low, _) in pairwise(field.ranges) if high + 1 < low]
            out = [*(str(n) for n in beyond), str(field.ranges[-1][1] + 1), "x", "-1", '"1"']
        elif isinstance(field, Word):
            out = ['"NOSUCH"', "12345"]
        else:
            out = ["12345"]
        wrong += ["=" + ",".join([*typed[:index], value]) for value in out]
    return [text for text in wrong if text != "=" or row.needs]


async def read(bench: Bench, row: Setting) -> bytes:
    """Return the answer to the read form."""
    said = await bench.ask(f"AT{row.name}?")
    assert said.endswith(OK if row.readable else ERROR) or not row.readable, (row.name, said)
    return said


async def shows(bench: Bench, row: Setting, values: tuple[object, ...]) -> bool:
    """Return whether the modem has these values, by its read form."""
    if not row.readable:
        return bench.fake.settings[row.name] == values
    otherwise = READ_OTHERWISE.get(row.name)
    text = row.read_text(values) if otherwise is None else otherwise(values)
    said = await read(bench, row)
    if otherwise is None:
        return said == f"\r\n{text}\r\n".encode() + OK
    return said.startswith(f"\r\n{text}".encode()) and bench.fake.settings[row.name] == values


async def change_all(bench: Bench) -> dict[str, tuple[object, ...]]:
    """Set every row to other values than it starts with, return them."""
    changed = {}
    for row in rows_of(bench):
        if row.name in FIRST:
            await bench.ask(FIRST[row.name])
            await bench.hear(5)
        typed, values = other_values(row)
        said = await bench.ask(f"AT{row.name}={typed}")
        assert said.endswith(OK), (row.name, typed, said)
        assert await shows(bench, row, values), (row.name, values, await read(bench, row))
        changed[row.name] = values
        if row.name in FIRST:
            await bench.ask("AT+CFUN=1")
            await bench.hear(5)
    return changed


async def boot_again(bench: Bench) -> None:
    """Cut the supply, switch on, wait until it answers, train its speed and its echo."""
    bench.fake.brown_out()
    bench.fake.power_key()
    await bench.hear(60)
    end = getattr(bench.fake, "line_end", b"\r")
    await bench.type(3 * (b"AT" + end) + b"ATE0" + end, 2)


@pytest.mark.parametrize("model", MODELS)
async def test_every_row_tests_reads_sets_and_keeps_as_it_says(model):
    async with Bench(model) as bench:
        await bench.attach()
        for row in rows_of(bench):
            said = await bench.ask(f"AT{row.name}=?")
            line = b"" if row.test == "" else f"\r\n{row.test_text()}\r\n".encode()
            assert said == line + OK, row
            assert await shows(bench, row, bench.fake.settings.factory_values(row.name)), row.name
        changed = await change_all(bench)
        await boot_again(bench)
        for row in rows_of(bench):
            kept = row.kept == NVM
            factory = bench.fake.settings.factory_values(row.name)
            assert await shows(bench, row, changed[row.name] if kept else factory), row
        if "&W" not in bench.fake.COMMANDS:
            assert all(row.kept != PROFILE or row.name == "+CGSMS" for row in rows_of(bench))
            return
        await change_all(bench)
        await bench.ask("AT&W")
        await boot_again(bench)
        for row in rows_of(bench):
            kept = row.kept in (NVM, PROFILE)
            factory = bench.fake.settings.factory_values(row.name)
            assert await shows(bench, row, changed[row.name] if kept else factory), row
        await bench.ask_all("AT&F", "ATE0")
        for row in rows_of(bench):
            factory = bench.fake.settings.factory_values(row.name)
            kept = row.kept == NVM
            assert await shows(bench, row, changed[row.name] if kept else factory), row


@pytest.mark.parametrize("model", MODELS)
async def test_what_no_row_allows_is_refused_and_changes_nothing(model):
    async with Bench(model) as bench:
        await bench.attach()
        for row in rows_of(bench):
            before = bench.fake.settings[row.name]
            for text in wrong_values(row):
                said = await bench.ask(f"AT{row.name}{text}")
                assert re.fullmatch(rb"\r\n(\+CME )?ERROR.*\r\n", said), (row.name, text)
                assert bench.fake.settings[row.name] == before, (row.name, text)


@pytest.mark.parametrize("model", MODELS)
async def test_no_command_lacks_its_test_form_or_lists_nothing(model):
    family = re.match("[a-z]+", model)[0]
    exempt = NO_TEST_FORM.get(model) or NO_TEST_FORM.get(family) or re.compile("(?!)")
    async with Bench(model) as bench:
        await bench.attach()
        for name in sorted(set(bench.fake.COMMANDS) - bench.fake.missing_commands):
            if name[0] not in EXTENDED:
                continue
            said = await bench.ask(f"AT{name}=?")
            assert said.endswith(ERROR if exempt.match(name) else OK), (name, said)
            assert not re.search(rb": *\r\n", said), (name, said)
