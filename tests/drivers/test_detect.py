"""``detect`` finds the driver of every fake model, in every state that a modem can be left in."""

import asyncio

import pytest

from ip_commands.device.errors import ModemClosed, ModemTimeout, NotSupported
from ip_commands.host_sim import fake_modems
from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio
from ip_commands.host_sim.uart.link import UartLink
from ip_commands.modem_drivers import models
from ip_commands.modem_drivers.detect import detect, model_named

FAMILY_OF = {name: family[0] for family in models._FAMILIES for name in family[2]}
# Names that only the simulator has, for firmwares of one module.
SOLD_AS = {
    model: next((name for name in models.NAMES if model.startswith(name.lower())), None)
    for model in fake_modems.MODELS
}
KNOWN = sorted(model for model, name in SOLD_AS.items() if name)
ONE_OF_EACH = sorted({FAMILY_OF[SOLD_AS[model]]: model for model in KNOWN}.values())


class Bench:
    def __init__(self, model, quirks=(), powered=True, **uart):
        self.link = UartLink(**uart)
        self.radio = BenchRadio()
        self.fake = fake_modems.create(model, self.radio, quirks, powered=powered)
        self.fake.connect(self.link.modem)
        self.pulses = 0

    async def power_key(self):
        self.pulses += 1
        self.fake.power_key()


async def works(modem, model):
    """The right class, the right row of its table, and an untouched stream under it."""
    name = SOLD_AS[model]
    assert type(modem).__module__ == f"ip_commands.modem_drivers.{FAMILY_OF[name]}"
    row = next(row for row in type(modem).MODELS if row[0] == name)
    named = next(row for row in type(modem).MODELS if row[0] == modem.model)
    # modules of one series call themselves by their own name
    assert modem.model == name or named[1:] == row[1:], (modem.model, name)
    await modem.start()
    identity = await modem.read_identity()
    assert model_named(identity.model.encode()) == modem.model
    await modem.close()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert not left, left


def test_every_family_that_has_a_driver_and_a_fake_is_tried():
    assert {"quectel", "simcom_ca"} <= {FAMILY_OF[SOLD_AS[model]] for model in KNOWN}


@pytest.mark.parametrize("model", KNOWN)
async def test_a_running_modem_is_asked(model):
    bench = Bench(model)
    await works(await detect(bench.link.host), model)


@pytest.mark.parametrize("uart", [{"cut": 1}, {"baud": 9600}], ids=["single bytes", "9600 baud"])
@pytest.mark.parametrize("model", ONE_OF_EACH)
async def test_bytes_cut_anyhow(model, uart):
    bench = Bench(model, **uart)
    await works(await detect(bench.link.host), model)


@pytest.mark.parametrize(
    ("model", "quirk"),
    [
        (model, quirk)
        for model in ONE_OF_EACH
        for quirk in sorted(fake_modems.MODELS[model].QUIRKS)
    ],
)
async def test_every_quirk(model, quirk):
    bench = Bench(model, (quirk,))
    await works(await detect(bench.link.host), model)


@pytest.mark.parametrize("typed", [b"AT+CGDC", b"garbage\x00\xff", b"ATE0\r", b"ATE1\r", b"A"])
@pytest.mark.parametrize("model", ONE_OF_EACH)
async def test_what_was_typed_before_does_no_harm(model, typed):
    bench = Bench(model)
    await bench.link.host.write(typed)
    await asyncio.sleep(1)
    await works(await detect(bench.link.host), model)


@pytest.mark.parametrize("model", [m for m in ONE_OF_EACH if not m.startswith("nrf")])
async def test_a_modem_that_answers_in_digits_or_not_at_all(model):
    for setting in (b"ATV0\r", b"ATQ1\r"):
        bench = Bench(model)
        await bench.link.host.write(setting)
        await asyncio.sleep(1)
        await works(await detect(bench.link.host), model)


@pytest.mark.parametrize("model", ONE_OF_EACH)
async def test_a_modem_that_boots_meanwhile(model):
    bench = Bench(model, powered=False)
    bench.fake.power_key()
    await works(await detect(bench.link.host), model)


@pytest.mark.parametrize("model", ONE_OF_EACH)
async def test_a_modem_that_is_off_is_switched_on_where_that_can_be_done(model):
    bench = Bench(model, powered=False)
    modem = await detect(bench.link.host, power_key=bench.power_key)
    assert bench.pulses == 1
    await works(modem, model)
    assert bench.pulses == 1


@pytest.mark.parametrize("model", ONE_OF_EACH)
async def test_a_silent_modem_is_a_time_out(model):
    bench = Bench(model, powered=False)
    started_s = asyncio.get_running_loop().time()
    with pytest.raises(ModemTimeout):
        await detect(bench.link.host)
    assert asyncio.get_running_loop().time() - started_s < 30
    assert await bench.link.host.read(1) == b""  # closed
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_an_unplugged_modem_is_told():
    bench = Bench("bg95", powered=False)
    asyncio.get_running_loop().call_later(1, bench.link.host.end)
    with pytest.raises(ModemClosed):
        await detect(bench.link.host)


async def test_a_modem_without_driver_is_named(monkeypatch):
    bench = Bench("bg95")
    bench.fake.facts = type(bench.fake.facts)("Acme", "AC-1", "AC1R01")
    with pytest.raises(NotSupported) as caught:
        await detect(bench.link.host)
    for word in ("'Acme'", "'AC-1'", "BG95", "SIM7080G"):
        assert word in str(caught.value)


async def test_options_reach_the_driver():
    lines = []
    bench = Bench("bg95")
    modem = await detect(bench.link.host, poll_ms=1234, log=lines.append)
    assert modem.poll_ms == 1234
    assert "> AT+CGMM" in lines
    await modem.close()


async def test_a_wrong_option_closes_the_stream():
    bench = Bench("bg95")
    with pytest.raises(TypeError):
        await detect(bench.link.host, colour="red")
    assert await bench.link.host.read(1) == b""


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (b"BG95-M3", "BG95"),
        (b"BG96", "BG96"),
        (b"BG77", "BG77"),
        (b"BG770A-GL", "BG770A"),
        (b"Revision: BG770AGLAAR01A03", "BG770A"),
        (b"EC25", "EC25"),
        (b"EG25", "EG25-G"),
        (b"EG915U", None),
        (b"EC200U", None),
        (b"SIMCOM_SIM7080", "SIM7080G"),
        (b"SIM7070 R1951", "SIM7070G"),
        (b'+CGMM: "SIM7090G"', "SIM7090G"),
        (b"SARA-R410M-02B", "SARA-R410M"),
        (b"Model: SARA-R412M-02B-01", "SARA-R412M"),
        (b"SARA-R500S-00B", "SARA-R500S"),
        (b"SARA-R520M10-00B", "SARA-R5"),
        (b"LARA-R6401D-00B", "LARA-R6"),
        (b"nRF9160-SICA", "nRF9160"),
        (b"ME910C1-WW", "ME910C1"),
        (b"#CGMM: ME310G1-WW", "ME310G1"),
        (b"my BG95", "BG95"),
        (b"SUBG95", None),
        (b"332", None),
        (b"Quectel", None),
        (b"\xff\xfeBG95", None),
        (b"", None),
    ],
)
def test_names_out_of_answers(line, name):
    assert model_named(line) == name


def test_every_name_of_a_driver_is_recognised_as_itself():
    for name in models.NAMES:
        assert model_named(name.encode()) == name
