"""Answers that every modem gives, in the forms that real firmwares print them."""

from ip_commands.modem_drivers.at_answers import (
    REGISTERED,
    fields_of,
    level_of,
    looks_like,
    number_of,
    registration_of,
    registration_text,
    text_of,
    unix_time_of,
)

# what follows "+CEREG:" -> stat, AcT, EMM cause, T3324 bits, T3412 bits
REGISTRATIONS = (
    (b" 1", (1, None, None, "", "")),
    (b"5", (5, None, None, "", "")),
    (b" 0,3", (3, None, None, "", "")),
    (b" 2,1", (1, None, None, "", "")),
    # Nordic: stat 90, UICC failure
    (b" 90", (90, None, None, "", "")),
    # u-blox SARA-R410M (Particle AN004): URC and answer of level 2
    (b' 1,"D0B","C45C010",8', (1, 8, None, "", "")),
    (b' 2,1,"D0B","C45C010",8', (1, 8, None, "", "")),
    # Nordic nRF9160 (Conexio Stratus): reject cause, PSM timers in a URC
    (b' 2,"412D","03392510",7,0,11', (2, 7, 11, "", "")),
    (
        b' 5,"A2EB","0051F115",7,,,"11100000","11100000"',
        (5, 7, None, "11100000", "11100000"),
    ),
    # SIM7080 low power note: answer and URC of level 4
    (
        b' 4,1,"5B57","195071B",9,,,"00000000","01100000"',
        (1, 9, None, "00000000", "01100000"),
    ),
    (b' 1,"5B57","195071B",9,,,"00000001","01011111"', (1, 9, None, "00000001", "01011111")),
    # SIM7080 AT manual: an empty <rac> between <tac> and <ci>
    (
        b' 4,1,"5B57","","195071B",9,,,"00000001","01011111"',
        (1, 9, None, "00000001", "01011111"),
    ),
    # u-blox SARA-R5 (UBX-20009652): one quoted field more
    (
        b' 4,1,"1","0","1",7,,,"00100010","10111110"',
        (1, 7, None, "00100010", "10111110"),
    ),
    # LARA-R6: registered, nothing else known
    (b' 4,5,,,,,,,"00000000","01100000"', (5, None, None, "00000000", "01100000")),
    # BG96: empty <rac> behind <AcT>, cause fields with and without content
    (
        b' 4,1,"2B67","1A2D003",8,,,,"00000101","00000110"',
        (1, 8, None, "00000101", "00000110"),
    ),
    (b' 4,3,"2B67","1A2D003",8,,0,15', (3, 8, 15, "", "")),
    # denied without a location; cause type 1 is the vendor's own, no EMM cause
    (b" 3,,,,0,11", (3, None, 11, "", "")),
    (b' 3,"2B67","1A2D003",7,1,200', (3, 7, None, "", "")),
    # an unquoted <rac>, before the cell or behind it (as LARA-R6 and BG96 print it in quotes)
    (b" 2,1,2B67,FF,1A2D003,7", (1, 7, None, "", "")),
    (b" 2,1,2B67,00,1A2D003,7", (1, 7, None, "", "")),
    (b' 2,1,"2B67","1A2D003",FF,7', (1, 7, None, "", "")),
    (b' 2,1,"2B67","1A2D003",00,9', (1, 9, None, "", "")),
    (b' 1,"2B67","1A2D003",0F,7,0,11', (1, 7, 11, "", "")),
    (b' 1,"2B67","1A2D003",00,7,0,11', (1, 7, 11, "", "")),
    (b" 4,1,1,0,1,7", (1, 7, None, "", "")),
    (
        b' 4,1,2B67,00,1A2D003,8,,,"00000101","00000110"',
        (1, 8, None, "00000101", "00000110"),
    ),
    # CSFB not preferred (linux-mobile-broadband/ModemManager, src/tests/test-modem-helpers.c)
    (b" 0,10", (10, None, None, "", "")),
    (b' 2,9,"2B67","1A2D003",7', (9, 7, None, "", "")),
    # garbled
    (b' 1,"2B67","1A2D003",7,,,"00"00101","00000110"', (1, 7, None, "", "")),
    (b"", None),
    (b" ,", None),
    (b" x,1", (1, None, None, "", "")),
    (b' "2B67"', None),
    (b" \xff\x00", None),
)


def test_registrations():
    for line, expected in REGISTRATIONS:
        assert registration_of(line) == expected, (line, registration_of(line))


def test_registration_in_words():
    assert "denied" in registration_text(3)
    assert registration_text(3, 15).endswith("EMM cause 15: no suitable cells in tracking area")
    assert "unknown" in registration_text(77, 99)


def test_every_state_of_27007_has_a_name():
    # TS 27.007 section 10.1.22; only 1, 5, 9 and 10 carry data
    for stat in range(12):
        assert (stat in REGISTERED) == (stat in (1, 5, 9, 10))
        assert stat in REGISTERED or "unknown" not in registration_text(stat), stat


def test_what_looks_like_an_answer():
    for imei in ("864475040000017", "8644750400000170", "35265610036787", "A100000000000F"):
        assert looks_like(imei, 14, 16), imei
    for iccid in ("8988307000000000001F", "89883070000005378124", "898600A1191890123456"):
        assert looks_like(iccid, 18, 22), iccid
        assert not looks_like(iccid, 14, 16)
    for name in ("BG95-M3", "SARA-R410M-02B", "nRF9160-SICA", "M0B.800004", "1951B03SIM7080"):
        assert looks_like(name, 0, 0), name
    assert looks_like("L0.0.00.00.05.06 [Feb 03 2018 13:00:41]", 0, 0)
    assert looks_like("30.00.004-B012-P0F.010100", 0, 0)
    for noise in (
        "",
        "DST: 1",
        '*PSUTTZ: 26/11/30,12:57:04","+12",0',
        "+CTZV: 12,0",
        '+CMTI: "SM",4',
        "+CPIN:READY",
        "#NITZ: 26/11/30,12:57:04+12",
        "%CSCON: 1",
        "^MODE: 17",
        "SMS DONE",
        "RING",
        "Call Ready",
        "APP RDY",
    ):
        for least, most in ((0, 0), (14, 16), (18, 22)):
            assert not looks_like(noise, least, most), noise


def test_fields():
    assert fields_of(b' 1,"a,b" ,, "",2 ') == ["1", "a,b", "", "", "2"]
    assert fields_of(b"") == [""]
    assert fields_of(b'"unbalanced,1') == ["unbalanced,1"]
    assert fields_of(b"\xff,1") == ["\\xff", "1"]
    assert text_of(b"a'b\x00") == "a'b\\x00"


def test_numbers():
    for text, expected in (
        ("0", 0),
        ("-85", -85),
        ("007", 7),
        ("", None),
        ("-", None),
        ("1.5", None),
        ("x", None),
        ("9" * 30, None),
    ):
        assert number_of(text) == expected, text


def test_signal_is_dbm():
    # TS 27.007: section 8.5 for +CSQ, 8.69 for +CESQ
    for most, step, lowest, highest in (
        (31, 2, -113, -51),
        (97, 1, -141, -44),
        (34, 0.5, -20, -3),
    ):
        assert level_of(0, most, step, lowest) == lowest
        assert level_of(most, most, step, lowest) == highest
        for unknown in (most + 1, 99, 255, -1, None):
            assert level_of(unknown, most, step, lowest) is None
    assert level_of(19, 34, 0.5, -20) == -10.5


def test_clocks():
    for text, expected in (
        # computed with GNU date -u -d '... UTC' +%s
        ("21/01/27,07:30:39+36", 1611700239),
        ("24/02/29,23:59:59+00", 1709251199),
        ("24/03/01,00:00:00+00", 1709251200),
        ("2026/12/31,00:00:00-20", 1798693200),
        ("26/01/01,00:00:11", 1767225611),
        # not set yet
        ("80/01/06,00:00:05+00", None),
        ("70/01/01,00:00:05+00", None),
        ("04/01/01,00:00:05+00", None),
        ("", None),
        ("26/13/01,00:00:00+00", None),
        ("26/01/01", None),
        ("garbage,+", None),
    ):
        assert unix_time_of(text) == expected, (text, unix_time_of(text))


def test_clocks_that_are_utc_beside_a_zone():
    for text, expected in (
        # arduino-libraries/MKRNB issue 28 (its year was 2019): 10:11:41 is UTC already
        (' "26/10/23,10:11:41+44"', 1792750301),
        # Quectel's +QLTS=1: four digits, the zone and summer time behind
        (' "2026/10/23,10:11:41+32,0"', 1792750301),
        (' "2026/10/23,10:11:41-20,1"', 1792750301),
        (' ""', None),
        ('"80/01/06,00:00:05+00"', None),
    ):
        assert unix_time_of(text, True) == expected, text
    assert unix_time_of(' "26/10/23,21:11:41+44"') == 1792750301
