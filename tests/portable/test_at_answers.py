"""Answers that every modem gives, in the forms that real firmwares print them."""

from ip_commands.modem_drivers.at_answers import (
    fields_of,
    number_of,
    registration_of,
    registration_text,
    rsrp_dbm,
    rsrq_db,
    rssi_dbm,
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
    # garbled
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
    assert (rssi_dbm(0), rssi_dbm(31), rssi_dbm(99), rssi_dbm(None)) == (-113, -51, None, None)
    assert (rsrp_dbm(0), rsrp_dbm(97), rsrp_dbm(255), rsrp_dbm(None)) == (-141, -44, None, None)
    assert (rsrq_db(0), rsrq_db(34), rsrq_db(255), rsrq_db(None)) == (-20, -3, None, None)
    assert rsrq_db(19) == -10.5


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
