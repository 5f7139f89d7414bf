"""Reported: answers without prefix that took any line, and clocks that show UTC beside a zone."""

import pytest

from ip_commands.modem_drivers import models
from tests.drivers.reported import asked, tell

IMEI = "866000000000017"
ICCID = "89883070000005378124"

# vshymanskyy/TinyGSM issue 682 (a SIM7000G on the road: "DST: 1" was taken for the IMSI five times
# in an hour) and issue 739 (SMS DONE inside ATI); lines that other modems print at any moment, as
# their AT manuals have them.
NETWORK_TIME = ("+CTZV: 12,0", '*PSUTTZ: 26/11/30,12:57:04","+12",0', "DST: 1")
QUECTEL = ("+QIND: SMS DONE", "+QIND: PB DONE", "+QUSIM: 1", "+CPIN: READY", "APP RDY")
NOISE = {
    "SIM7080G": (*NETWORK_TIME, '+CMTI: "SM",4', "SMS Ready"),
    "SIM7000G": (*NETWORK_TIME, '+CMTI: "SM",4', "SMS Ready", "Call Ready"),
    "SIM800": (*NETWORK_TIME, "RING", "Call Ready"),
    "SIM7600": ("+NITZ: 1", "+CTZV: 12,0", '+CMTI: "SM",4', "SMS DONE", "PB DONE"),
    "A7670": ("+NITZ: 1", "+CTZV: 12,0", '+CMTI: "SM",4', "SMS DONE", "PB DONE"),
    "EC25": QUECTEL,
    "BG95": QUECTEL,
    "SARA-R410M": ("+UUPSDA: 0", '+CMTI: "SM",4', "+CTZV: 44", "+CREG: 5"),
    "ME310G1": ("#NITZ: 26/11/30,12:57:04", "+CTZV: 12", "+CGREG: 5", "NO CARRIER"),
    "GM02SP": ("+CTZV: 4", '+CMTI: "SM",4', "+SQNSRING: 1,5"),
    "nRF9160": ("%CESQ: 54,2,16,2", '%XTIME: "80","62113021754080","01"', "+CSCON: 1"),
}
NAMES = {
    # how the model and its firmware call themselves: AT manuals, and logs that detect.py names
    "SIM7080G": ("SIMCOM_SIM7080", "Revision:1951B03SIM7080"),
    "SIM7000G": ("SIMCOM_SIM7000G", "Revision:1529B07SIM7000G"),
    "SIM800": ("SIMCOM_SIM800L", "Revision:1418B05SIM800L24"),
    "SIM7600": ("SIMCOM_SIM7600E-H", "+CGMR: LE20B04SIM7600M22"),
    "A7670": ("A7670E-LASE", "+CGMR: A011B07A7670M7"),
    "EC25": ("EC25", "EC25EFAR06A06M4G"),
    "BG95": ("BG95-M3", "BG95M3LAR02A04"),
    "SARA-R410M": ("SARA-R410M-02B", "L0.0.00.00.05.06 [Feb 03 2018 13:00:41]"),
    "ME310G1": ("ME310G1-WW", "M0F.603001"),
    "GM02SP": ("GM02SP", "UE8.2.1.1"),
    "nRF9160": ("nRF9160-SICA", "mfw_nrf9160_1.3.5"),
}


def driver_of(model):
    return type(models.create(model, None))


def questions(model):
    """Return (command, answer) of each of the four questions of ``read_identity``."""
    command, prefix = driver_of(model).ICCID
    number = ICCID if prefix is None else f"{prefix.decode()} {ICCID}"
    name, firmware = NAMES[model]
    return (
        ("+CGSN", IMEI),
        (command, number),
        ("+CGMM", name),
        ("+CGMR", firmware),
    )


def plain(firmware):
    return firmware.partition("Revision:")[2] or firmware.partition("+CGMR: ")[2] or firmware


@pytest.mark.parametrize("model", NOISE)
async def test_what_is_printed_in_front_of_an_answer_is_not_the_answer(model):
    for line in NOISE[model]:
        script = "".join(asked(text, line, answer) for text, answer in questions(model))
        identity = await tell(model, script, lambda modem: modem.read_identity())
        name, firmware = NAMES[model]
        assert identity == (IMEI, ICCID, name, plain(firmware)), line


@pytest.mark.parametrize("model", NOISE)
async def test_what_is_printed_instead_of_an_answer_is_none(model):
    for line in NOISE[model]:
        script = "".join(asked(text, line) for text, _ in questions(model))
        if model == "GM02SP":  # other firmware answers to a command without question mark
            script = script.replace("> AT+CGMM", asked("+SQNCCID", line) + "> AT+CGMM")
        identity = await tell(model, script, lambda modem: modem.read_identity())
        assert identity == ("", "", "", ""), line


async def test_lines_before_and_behind_and_in_quotes():
    script = (
        asked("+CGSN", "+CPIN: READY", f'+CGSN: "{IMEI}"', "+QIND: PB DONE")
        + asked("+QCCID", f'+QCCID: "{ICCID[:-1]}F"')
        + asked("+CGMM", "RING", '"BG95-M3"', "RING")
        + asked("+CGMR", "+QUSIM: 1", "Revision: BG95M3LAR02A04")
    )
    identity = await tell("BG95", script, lambda modem: modem.read_identity())
    assert identity == (IMEI, ICCID[:-1], "BG95-M3", "BG95M3LAR02A04")


# --- the clock ---------------------------------------------------------------------------------
# arduino-libraries/MKRNB issue 28 (a SARA-R410M at Telstra, 21:11 local; its year was 2019)
ZONED = '+CCLK: "26/10/23,10:11:41+44"'
AT_10_11_41 = 1792750301  # date -u -d 2026-10-23T10:11:41Z +%s


async def read_time(modem):
    return await modem.read_time()


async def read_utc(modem):
    modem.clock_is_utc = True
    return await modem.read_time()


@pytest.mark.parametrize("model", ["SARA-R410M", "SIM7080G", "SIM7600", "ME310G1", "GM02SP"])
async def test_a_clock_is_local_time_unless_it_is_said_to_be_utc(model):
    script = asked("+CCLK?", ZONED)
    eleven_hours = 11 * 3600
    assert await tell(model, script, read_time) == AT_10_11_41 - eleven_hours
    assert await tell(model, script, read_utc) == AT_10_11_41


@pytest.mark.parametrize("model", ["EC25", "BG95", "BG96"])
async def test_quectel_is_asked_for_gmt_whose_zone_stands_beside(model):
    """Quectel: +CTZU=1 leaves +CCLK in GMT, only 3 makes it local (forum topic 37289)."""
    script = asked("+QLTS=1", '+QLTS: "2026/10/23,10:11:41+44,1"')
    assert await tell(model, script, read_time) == AT_10_11_41


async def test_quectel_without_network_time_has_none():
    assert await tell("EC25", asked("+QLTS=1", '+QLTS: ""'), read_time) is None


async def test_quectel_firmware_that_does_not_know_the_question_tells_no_time():
    assert await tell("BG95", "> AT+QLTS=1\n< ERROR\n", read_time) is None
