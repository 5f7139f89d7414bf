"""docs/modems.md tells what the code does today."""

from docs import make_modem_tables as tables
from ip_commands.host_sim import fake_modems
from ip_commands.modem_drivers import models
from tests.drivers.limits import ONE_SOCKET


def test_the_first_table_and_the_remarks_are_up_to_date():
    written = tables.TARGET.read_text()
    assert tables.abilities() in written, "run: python -m docs.make_modem_tables"


def test_every_model_has_a_line_and_what_it_cannot_do_is_not_hidden():
    text = tables.abilities()
    for name in models.NAMES:
        assert f"\n| {name} | " in text
    rows = dict(line[2:].split(" | ", 1) for line in text.split("\n") if line.startswith("| "))
    columns = [name for name in tables.COLUMNS if name != "model"]
    ec25 = dict(zip(columns, rows["EC25"].rstrip(" |").split(" | "), strict=True))
    assert ec25["PSM and eDRX"] == "no"
    r4 = dict(zip(columns, rows["SARA-R410M"].rstrip(" |").split(" | "), strict=True))
    assert r4["longest payload"] == "1024 bytes"


def test_every_family_with_a_fake_has_a_column():
    families = {
        family
        for family, name in tables.known_models()
        if name.lower() in fake_modems.MODELS and name in tables.tried_models()
    }
    assert families == {
        family for family, name in tables.known_models() if name.lower() in fake_modems.MODELS
    }


def test_a_broken_behaviour_is_called_so(capsys):
    async def broken(bench):
        await bench.online(4242)
        raise AssertionError("broken")

    async def asks_for_power_saving(bench):
        assert bench.power_saving in (True, False)

    assert tables.outcome(broken, "BG95") == "**FAIL**"
    assert "broken" in capsys.readouterr().err
    assert tables.outcome(asks_for_power_saving, "BG95") == "pass"
    assert "FAIL" not in tables.TARGET.read_text()
    assert tables.outcome(asks_for_power_saving, "LE910") == "n/a"


def test_what_a_model_cannot_do_is_no_failure_unless_it_can(capsys):
    async def two_sockets_have_their_own_ports(bench):
        modem, _ = await bench.online(4242)
        if not works:
            await modem.open_udp(4243)

    works = False
    assert tables.outcome(two_sockets_have_their_own_ports, "SIM800") == "cannot"
    works = True
    assert tables.outcome(two_sockets_have_their_own_ports, "SIM800") == "**FAIL**"
    assert "it can" in capsys.readouterr().err
    assert tables.outcome(two_sockets_have_their_own_ports, "BG95") == "pass"
    said = tables.reasons(["BG95", "SIM800"])
    assert f"- SIM800: {ONE_SOCKET.reason}.\n" in said
    assert "BG95" not in said
    for reason in tables.reasons(tables.tried_models()).strip().split("\n")[2:]:
        assert reason in tables.TARGET.read_text()
