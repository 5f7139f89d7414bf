"""What a host sees when the network says no: each family in each situation.

The rows are those of the vendors' documents: levels of +CEREG (TS 27.007 10.1.22), error numbers
(9.2.2), +CGEV (10.1.19), and each vendor's own lines.
"""

from dataclasses import dataclass, field

import pytest

from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio
from tests.fake_modems.bench import Bench

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"

EPS_NOT_ALLOWED, NETWORK_FAILURE = 8, 17
NOT_SUBSCRIBED, REACTIVATION_REQUESTED = 33, 39
WORDS = {
    8: "GPRS services and non-GPRS services not allowed",
    17: "Network failure",
    33: "Requested service option not subscribed",
}


@dataclass
class Family:
    """A model, how its host gets a socket, and what it says of a refusal."""

    model: str
    opening: tuple[str, ...]
    """Commands from registered to an open socket."""
    activation: str
    """The one of them that fails when the data connection is refused; "": none does."""
    refused: str
    """Its answer then."""
    lost: str
    """What it says when the network ends the data connection."""
    level: int | None
    """Of +CEREG, that tells a cause; None: it has none."""
    report: dict[int, str] | None = None
    """+CEER by cause, 0: none; None: there is no such command."""
    others: dict[str, str] = field(default_factory=dict)
    """Its own commands about a refused attach, and the answer with cause 8."""
    registration: str = "+CEREG"
    bearer_ended: str = "NW PDN DEACT 1"


QUECTEL = (
    'AT+QICSGP=1,1,"super","","",0',
    "AT+QIACT=1",
    'AT+QIOPEN=1,0,"UDP SERVICE","127.0.0.1",0,4242,0',
)
CIP = ('AT+CSTT="super"', "AT+CIICR", "AT+CIFSR", 'AT+CIPSTART="UDP","100.64.0.1","6969"')
CIPOPEN = ("AT+NETOPEN", 'AT+CIPOPEN=0,"UDP",,,4242')
SARA_R5 = ("AT+UPSD=0,100,1", "AT+UPSDA=0,3", "AT+USOCR=17,4242")
TELIT = ("AT#SCFG=1,1,300,0,600,50", "AT#SGACT=1,1", "AT#SLUDP=1,1,4242")

QIACT = "ERROR"
CIICR = "+CME ERROR: 148|+PDP: DEACT"
CLOSED = "+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY"
CONSTANTS = {
    0: "No cause information available",
    8: "EMM_CAUSE_GPRS_SERVICES_AND_NON_GPRS_SERVICES_NOT_ALLOWED",
    17: "EMM_CAUSE_NETWORK_FAILURE",
    33: "ESM_CAUSE_REQUESTED_SERVICE_OPTION_NOT_SUBSCRIBED",
}
IN_WORDS = {0: "No cause information available", **WORDS}
IN_TELITS_WORDS = {0: "Normal, unspecified", **WORDS}
CALLS_ALONE = dict.fromkeys((0, 8, 17, 33), "No cause")

FAMILIES = [
    Family("bg95", QUECTEL, "AT+QIACT=1", QIACT, '+QIURC: "pdpdeact",1', None),
    Family("bg96", QUECTEL, "AT+QIACT=1", QIACT, '+QIURC: "pdpdeact",1', None),
    Family("bg770a", QUECTEL, "AT+QIACT=1", QIACT, '+QIURC: "pdpdeact",1', None),
    Family("eg25-g", QUECTEL, "AT+QIACT=1", QIACT, '+QIURC: "pdpdeact",1', None, IN_WORDS),
    Family(
        *("sim7080g", ("AT+CNACT=0,1", 'AT+CASERVER=0,0,"UDP",4242')),
        *("AT+CNACT=0,1", "OK|+APP PDP: 0,DEACTIVE", "+APP PDP: 0,DEACTIVE|+CASTATE: 0,0", None),
    ),
    Family("sim7000g", CIP, "AT+CIICR", CIICR, "+PDP: DEACT", None),
    Family(
        *("sim800", CIP, "AT+CIICR", CIICR, "+PDP: DEACT", None, CALLS_ALONE),
        registration="+CGREG",
        bearer_ended='NW DEACT "IP","100.64.17.23",1',
    ),
    Family("sim7600", CIPOPEN, "AT+NETOPEN", "OK|+NETOPEN: 1", CLOSED, None, IN_WORDS),
    Family("a7670", CIPOPEN, "AT+NETOPEN", "OK|+NETOPEN: 1", CLOSED, None, IN_WORDS),
    Family("sim7670g", CIPOPEN, "AT+NETOPEN", "OK|+NETOPEN: 1", CLOSED, None, CONSTANTS),
    Family("sara-r410m", ("AT+USOCR=17,4242",), "", "", "+UUSOCL: 0", 3, IN_WORDS),
    Family(
        *("sara-r422", ("AT+CGACT=1,1", "AT+USOCR=17,4242"), "AT+CGACT=1,1", "+CME ERROR: 133"),
        *("+UUSOCL: 0", 3, IN_WORDS),
    ),
    Family(
        *("sara-r510s", SARA_R5, "AT+UPSDA=0,3", "OK|+UUPSDA: 1", "+UUPSDD: 0|+UUSOCL: 0"),
        *(5, IN_WORDS),
    ),
    Family("lara-r6", ("AT+USOCR=17,4242",), "", "", "+UUSOCL: 0", 5, IN_WORDS),
    Family("gm01q", ("AT+SQNSLUDP=1,1,4242",), "", "", "+SQNSH: 1", 5),
    Family("gm02sp", ("AT+SQNSLUDP=1,1,4242",), "", "", "+SQNSH: 1", 5),
    Family(
        *("nrf9160", ("AT#XUDPSVR=1,4242",), "", "", '#XUDPSVR: -115,"stopped"', 5),
        bearer_ended="NW PDN DEACT 0",
    ),
    Family(
        *("nrf9151", ("AT#XSOCKET=1,2,0", "AT#XBIND=0,4242", "AT#XAPOLL=0,1,1"), "", ""),
        *("#XAPOLL: 0,32", 5),
        bearer_ended="NW PDN DEACT 0",
    ),
    Family(
        *("me310g1", TELIT, "AT#SGACT=1,1", "+CME ERROR: 555", "NO CARRIER", 5, IN_TELITS_WORDS),
        {"AT#CEERNET": "#CEERNET: 8"},
    ),
    Family(
        *("le910", TELIT, "AT#SGACT=1,1", "+CME ERROR: 555", "NO CARRIER", None),
        *(IN_TELITS_WORDS, {"AT#CEERNET": "#CEERNET: 8"}),
    ),
]
each_family = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.model)


def lines(said: bytes) -> str:
    """Return the lines of an answer between bars."""
    return "|".join(line for line in said.decode().split("\r\n") if line)


async def switch_on(bench: Bench) -> None:
    if bench.fake.functionality != 1:
        assert (await bench.ask("AT+CFUN=1")).endswith(OK)


async def with_a_socket(bench: Bench, family: Family) -> None:
    await bench.attach()
    for command in family.opening:
        said = await bench.ask(command) + await bench.hear(2)
        assert b"ERROR" not in said, (command, said)
    assert await bench.ask_all("AT+CGEREP=1", f"AT{family.registration}=1") == OK * 2


async def check_report(bench: Bench, family: Family, cause: int) -> None:
    if family.report is None:
        assert await bench.ask("AT+CEER") in (ERROR, b"\r\n+CME ERROR: 4\r\n")  # not supported
    else:
        expected = b"\r\n+CEER: %s\r\n\r\nOK\r\n" % family.report[cause].encode()
        assert await bench.ask("AT+CEER") == expected


@each_family
@pytest.mark.parametrize(("cause", "stat"), [(EPS_NOT_ALLOWED, 3), (NETWORK_FAILURE, 2)])
async def test_a_refused_attach(family, cause, stat):
    radio = BenchRadio(attach_ms=2000, denied_cause=cause)
    radio.denied_stat = stat
    name, level = family.registration, family.level
    async with Bench(family.model, radio=radio) as bench:
        tells_cause = level is not None
        assert await bench.ask(f"AT{name}={level or 2}") == OK
        if not tells_cause:
            for missing in (3, 5):
                assert b"ERROR" in await bench.ask(f"AT{name}={missing}")
        await switch_on(bench)
        said = lines(await bench.hear(5)).split("|")
        where = ',"2B67","01A2D003",7' if family.model.startswith("nrf") and stat == 2 else ",,,"
        shown = f"{stat}{where},0,{cause}" if tells_cause else str(stat)
        if stat == 3 or tells_cause:
            assert said[-1] == f"{name}: {shown}"
        else:
            assert f"{name}: 3" not in said
        assert lines(await bench.ask(f"AT{name}?")) == f"{name}: {level or 2},{shown}|OK"
        await check_report(bench, family, cause)
        for command, answer in family.others.items():
            expected = answer.replace("8", str(cause))
            assert lines(await bench.ask(command)) == f"{expected}|OK"
        assert await bench.ask("AT+CGATT?") == b"\r\n+CGATT: 0\r\n" + OK


@each_family
async def test_a_refused_data_connection(family):
    radio = BenchRadio()
    radio.refuses_pdp, radio.pdp_cause = True, NOT_SUBSCRIBED
    async with Bench(family.model, radio=radio) as bench:
        await bench.ask("AT+CMEE=1")
        await bench.attach()
        for command in family.opening if family.activation else ():
            said = await bench.ask(command) + await bench.hear(4)
            if command == family.activation:
                assert lines(said) == family.refused
                break
        cid = bench.fake.DEFAULT_CID
        assert lines(await bench.ask(f"AT+CGACT=1,{cid}")) == "+CME ERROR: 133"
        await check_report(bench, family, NOT_SUBSCRIBED)
        assert f"+CGPADDR: {cid}" in lines(await bench.ask(f"AT+CGPADDR={cid}"))
        assert b"100.64" not in await bench.ask(f"AT+CGPADDR={cid}")


@each_family
async def test_the_network_ends_the_data_connection(family):
    async with Bench(family.model) as bench:
        await with_a_socket(bench, family)
        bench.radio.lose_pdp(REACTIVATION_REQUESTED)
        said = lines(await bench.hear(2))
        assert said == f"{family.lost}|+CGEV: {family.bearer_ended}"
        assert bench.radio.registration == 5


@each_family
async def test_the_last_context_of_lte_cannot_be_ended(family):
    """TS 27.007 10.1.10; a GSM module's context can."""
    async with Bench(family.model) as bench:
        await with_a_socket(bench, family)
        await bench.ask("AT+CMEE=1")
        said = lines(await bench.ask(f"AT+CGACT=0,{bench.fake.DEFAULT_CID}"))
        assert (said == "+CME ERROR: 171") == (family.model != "sim800")
        assert (bench.radio.ip_address is None) == (family.model == "sim800")


@each_family
async def test_the_host_ends_the_data_connection(family):
    async with Bench(family.model, quirks=["last-context-ends"]) as bench:
        await with_a_socket(bench, family)
        cid = bench.fake.DEFAULT_CID
        said = lines(await bench.ask(f"AT+CGACT=0,{cid}") + await bench.hear(2))
        assert said == f"{family.lost}|+CGEV: {family.bearer_ended.replace('NW', 'ME')}|OK"


@each_family
async def test_the_network_detaches_the_device(family):
    async with Bench(family.model) as bench:
        await with_a_socket(bench, family)
        bench.radio.detach(EPS_NOT_ALLOWED)
        said = lines(await bench.hear(2))
        assert said == f"{family.lost}|{family.registration}: 3|+CGEV: NW DETACH"
        await check_report(bench, family, EPS_NOT_ALLOWED)


@each_family
async def test_the_host_switches_the_radio_off(family):
    async with Bench(family.model) as bench:
        await with_a_socket(bench, family)
        said = lines(await bench.ask("AT+CFUN=4") + await bench.hear(2))
        assert f"{family.registration}: 0" in said
        assert said.endswith("|+CGEV: ME DETACH")
        if family.model != "sim7600":  # which then says that it is detached
            await check_report(bench, family, 0)


@each_family
async def test_lost_coverage_is_no_refusal(family):
    """The UE searches as after one, and an old refusal is not the reason."""
    radio = BenchRadio(denied_cause=NETWORK_FAILURE)
    radio.denied_stat = 2
    async with Bench(family.model, radio=radio) as bench:
        await switch_on(bench)
        await bench.hear(2)
        radio.denied_cause = None
        radio.regain_coverage()
        await with_a_socket(bench, family)
        assert await bench.ask(f"AT{family.registration}={family.level or 2}") == OK
        radio.lose_coverage()
        said = lines(await bench.hear(2))
        assert "+CGEV" not in said
        assert said.endswith(f"{family.registration}: 2")
        radio.regain_coverage()
        said = lines(await bench.hear(2))
        assert f"{family.registration}: 5," in said
        assert ("+CGEV: ME PDN ACT" in said) == (family.model != "sim800")
        assert "NW" not in said


@pytest.mark.parametrize(("mode", "told"), [(0, ""), (8, "EMM"), (16, "ESM"), (24, "EMM ESM")])
async def test_an_nrf91_reports_network_errors_as_subscribed(mode, told):
    """Real lines of nRF9160 logs: ``+CNEC_ESM: 50,0`` and ``+CNEC_ESM: 36,1``."""
    async with Bench("nrf9160") as bench:
        assert await bench.ask(f"AT+CNEC={mode}") == OK
        assert await bench.ask("AT+CNEC?") == b"\r\n+CNEC: %d\r\n" % mode + OK
        await switch_on(bench)
        await bench.hear(2)
        bench.radio.lose_pdp(36)
        assert lines(await bench.hear(1)) == ("+CNEC_ESM: 36,0" if "ESM" in told else "")
        bench.radio.lose_coverage()  # which tells nothing anew
        bench.radio.regain_coverage()
        assert await bench.hear(2) == b""
        bench.radio.detach(15)
        assert lines(await bench.hear(1)) == ("+CNEC_EMM: 15" if "EMM" in told else "")
        for wrong in ("7", "32", "x"):
            assert await bench.ask(f"AT+CNEC={wrong}") == ERROR


async def test_a_sim7600_out_of_the_network_says_so():
    async with Bench("sim7600") as bench:
        assert await bench.ask("AT+CFUN=4") == OK
        assert lines(await bench.ask("AT+CEER")) == "+CEER: EMM detached|OK"


async def test_a_sim800_reports_calls_as_words_or_numbers():
    async with Bench("sim800") as bench:
        assert lines(await bench.ask("AT+CEER=?")) == "+CEER: (0,1)|OK"
        assert await bench.ask("AT+CEER=1") == OK
        assert lines(await bench.ask("AT+CEER?")) == "+CEER: 1|OK"
        assert lines(await bench.ask("AT+CEER")) == "+CEER: Cause:0|OK"


async def test_an_early_sara_r410m_has_no_level_above_3():
    async with Bench("sara-r410m", quirks=["cereg-0-3"]) as bench:
        assert lines(await bench.ask("AT+CEREG=?")) == "+CEREG: (0-3)|OK"
        assert await bench.ask_all("AT+CEREG=3", "AT+CEREG=4") == OK + ERROR


@pytest.mark.parametrize(
    ("cause", "number"),
    [(8, 177), (26, 126), (27, 127), (29, 129), (33, 133), (34, 134), (38, 148), (50, 148),
     (54, 148), (65, 178), (66, 179)],
)  # fmt: skip
async def test_the_error_number_of_a_refused_context(cause, number):
    radio = BenchRadio()
    radio.refuses_pdp, radio.pdp_cause = True, cause
    async with Bench("gm02sp", radio=radio) as bench:
        await bench.ask("AT+CMEE=1")
        await bench.attach()
        assert lines(await bench.ask("AT+CGACT=1,1")) == f"+CME ERROR: {number}"


@pytest.mark.parametrize(
    ("commands", "answers"),
    [
        (("AT+CGEREP?",), "+CGEREP: 0,0|OK"),
        (("AT+CGEREP=?",), "+CGEREP: (0,1,2),(0)|OK"),
        (("AT+CGEREP=2,1", "AT+CGEREP?"), "OK|+CGEREP: 2,0|OK"),
        (("AT+CGEREP=1", "AT+CGEREP", "AT+CGEREP?"), "OK|OK|+CGEREP: 0,0|OK"),
        (("AT+CGEREP=3",), "ERROR"),
        (("AT+CGEREP=1,2",), "ERROR"),
    ],
)
async def test_packet_events_are_subscribed_to(commands, answers):
    async with Bench("bg95") as bench:
        assert lines(await bench.ask_all(*commands)) == answers
