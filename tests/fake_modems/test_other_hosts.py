"""What other people's AT hosts ask first: every question gets the hardware's kind of answer.

The lines are those that ModemManager, TinyGSM, Zephyr and ubxlib send while they look for a modem.
"""

import pytest

from ip_commands.host_sim import fake_modems
from ip_commands.host_sim.fake_modems.engine.fake_modem import ON
from tests.fake_modems.bench import Bench

ANSWERED = """AT
ATE0 V1 X4 &C1
AT+CMEE=1
ATI
AT+GMI
AT+CGMI
AT+GMM
AT+CGMM
AT+GMR
AT+CGMR
AT+GSN
AT+CGSN
AT+CGSN=1
AT+CIMI
AT+CCID
AT+GCAP
AT+CPIN?
AT+COPS?
AT+COPS=?
AT+COPS=0
AT+COPS=3,2
AT+CREG?
AT+CREG=2
AT+CREG=?
AT+CGREG?
AT+CGREG=2
AT+CEREG?
AT+CEREG=2
AT+CEREG=?
AT+CSQ
AT+CESQ
AT+CGDCONT=?
AT+CGDCONT?
AT+CGDCONT=1,"IP","super"
AT+CGATT?
AT+CGACT?
AT+CGPADDR
AT+CGPADDR=1
AT+CGCONTRDP=1
AT+CLCK="SC",2
AT+CMEE?
AT+CMEE=?
AT+CFUN?
AT+CFUN=?
AT+CFUN=1
AT+IFC=0,0
AT+IFC?
AT+IPR?
AT&F
ATE0
ATV1
ATX4
AT&C1
AT&D2
ATS0=0
AT+CMGF=1
AT+CMGF?
AT+CSCS="IRA"
AT+CCLK?
AT+CTZU=1
AT+CSCON=1
AT+CSCON?
AT+CEDRXS=?
AT+CEDRXS?
AT+CEDRXRDP
AT+CPSMS?
AT+CPSMS=?
AT+CSCS=?
AT+CTZU=?
AT+CNMI=?
AT+IPR=?
AT+IFC=?
AT+CMGF=?
AT+CSMS?
AT+CPMS=?
AT+CPMS?
AT+CSCA?
AT+CMGF=0
AT+CMGL=4
AT+CRSM=176,12258,0,0,10
AT+CRSM=176,28589,0,0,4
AT+CIND=?
AT+CIND?
AT+CMER=3,0,0,1
AT+CGEREP=1
AT+CBC
AT+CPAS
AT+CLAC
AT+CGAUTH=1,0
AT&V
AT&W""".splitlines()

REFUSED = ["AT%DPDNACT?", "AT*CNTI?", "AT^SYSCFG?", "AT#XSLMVER", "ATY", "ATX5", "ATS3=128"]

NOT_THERE = {
    **dict.fromkeys(("ec21", "ec25", "eg25-g", "eg91", "eg95"), ("+CEDRX", "+CPSMS")),
    "sim800": ("+CEREG", "+CESQ", "+CGCONTRDP", "+CSCON", "+CEDRX", "+CPSMS"),
    "sim7500": ("+CEDRX", "+CPSMS"),
    "sim7600": ("+CEDRX", "+CPSMS"),
    "a7670": ("+CEDRX",),
    "a7672": ("+CEDRX",),
    "sim7670g": ("+CPSMS",),
    "sim7672g": ("+CPSMS",),
}
"""What a model's manual does not have: refused as an unknown command is."""

NUMBERS_UNKNOWN = {"gm02s", "gm02sp"}
"""A command that does not exist is a numbered error too, where AT+CMEE asks for numbers."""

LEAVE_OUT = {"Q", "V", "E", "+UPSV"}
"""Commands that change whether and how everything else is answered."""
OF_V250 = sorted(model for model in fake_modems.MODELS if not model.startswith("nrf"))
"""nRF91 firmware has 3GPP commands only and boots with its radio off: see ``test_nordic``."""

SAY_NOTHING = {"+CPOWD"}
"""Commands that end in silence when they work."""


@pytest.mark.parametrize("model", OF_V250)
async def test_generic_questions_are_answered_and_unknown_ones_refused(model):
    async with Bench(model) as bench:
        await bench.attach()
        for command in ANSWERED:
            said = await bench.ask(command)
            there = not command[2:].startswith(NOT_THERE.get(model, ()) or "-")
            assert said.endswith(b"\r\nOK\r\n" if there else b"\r\nERROR\r\n"), (command, said)
        for command in REFUSED:
            assert await bench.ask(command) == b"\r\nERROR\r\n", command
        await bench.ask("AT+CMEE=2")
        number = b"\r\n+CME ERROR: operation not supported\r\n"
        for command in REFUSED:
            said = await bench.ask(command)
            if said == number and model in NUMBERS_UNKNOWN:
                continue
            assert said == b"\r\nERROR\r\n", command
        said = await bench.ask("AT+NOSUCHTHING?")
        assert said == (number if model in NUMBERS_UNKNOWN else b"\r\nERROR\r\n")


@pytest.mark.parametrize("model", OF_V250)
async def test_no_command_raises_in_any_form(model):
    async with Bench(model, echo=True) as bench:
        await bench.attach()
        await bench.ask("ATE0")
        for name in sorted(set(bench.fake.COMMANDS) - LEAVE_OUT):
            for tail in (
                "",
                "?",
                "=?",
                "=",
                "=0",
                "=1",
                '=1,"x"',
                "=,,",
                '="',
                "=1,1,1,1,1,1,1,1",
            ):
                said = await bench.ask(f"AT{name}{tail}")
                if bench.fake.at.prompting:
                    said += await bench.type(bytes(1500) + b"\x1a", 6)
                if name not in SAY_NOTHING:
                    assert said, (name, tail)
                await bench.hear(0.1)
                if bench.fake.power != ON:  # it was a command that switches off or restarts
                    await bench.hear(40)
                    bench.fake.power_on()
                    await bench.hear(40)
                    await bench.type(b"AT\rATE0\r", 1)
        await bench.hear(60)
        assert (await bench.ask("AT")).endswith(b"\r\nOK\r\n")
