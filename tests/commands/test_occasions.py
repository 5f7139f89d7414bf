"""``host-sim occasions`` against TS 36.304 7.1 to 7.3, written down once more and searched."""

import json
import zlib
from datetime import UTC, datetime, timedelta

import pytest

from ip_commands.host_sim.commands.main import main

EPOCH = datetime(1980, 1, 6, tzinfo=UTC)
AT = "2027-01-31T12:00:00"
IMSI = "901405100000042"


def said(capsys, *words):
    assert main(["occasions", "--imsi", IMSI, "--at", AT, *words]) == 0
    return capsys.readouterr().out


def rows(capsys, *words):
    return [json.loads(line) for line in said(capsys, "--json", *words).splitlines()]


def bit_reversed(number, width):
    return int(f"{number:0{width}b}"[::-1], 2)


def hashed_id(m_tmsi):
    """CRC-32/BZIP2 by zlib's: the same polynomial, with every bit order turned."""
    octets = bytes(bit_reversed(octet, 8) for octet in m_tmsi.to_bytes(4, "big"))
    return bit_reversed(zlib.crc32(octets), 32)


def is_occasion(asf, modulus, cycle_frames, n, subframe):
    frame, sub = divmod(asf, 10)
    pf = cycle_frames // n * (int(IMSI) % modulus % n)
    return sub == subframe and frame % 1024 % cycle_frames == pf


def is_in_window(asf, m_tmsi, hyperframes, ptw_frames, bits, steps):
    frame = asf // 10
    identity = hashed_id(m_tmsi) >> (32 - bits)
    start_sfn = 256 * (identity // hyperframes % steps)
    for back in range(5):  # a window may have begun some hyperframes before
        hyperframe = frame // 1024 - back
        starts_here = hyperframe % 1024 % hyperframes == identity % hyperframes
        start = hyperframe * 1024 + start_sfn
        if starts_here and start <= frame < start + ptw_frames:
            return True
    return False


def searched(count, accepts):
    """Return the first ``count`` sub-frames from ``AT`` on that ``accepts`` takes."""
    asf = (datetime.fromisoformat(AT + "+00:00") - EPOCH) // timedelta(milliseconds=1)
    found = []
    while len(found) < count:
        if accepts(asf):
            found.append(asf)
        asf += 1
    return found


@pytest.mark.parametrize(
    ("words", "modulus", "cycle", "n", "subframe"),
    [
        ((), 16384, 128, 128, 9),
        (("--access", "lte", "--drx", "0.32"), 1024, 32, 32, 9),
        (("--nb", "T/8", "--drx", "2.56"), 16384, 256, 32, 9),
        (("--access", "nb-iot"), 4096, 256, 256, 9),
        (("--bandwidth", "1.4", "--ue-drx", "0.64"), 16384, 64, 64, 5),
        (("--edrx", "5.12"), 16384, 512, 512, 9),
    ],
)
def test_drx(capsys, words, modulus, cycle, n, subframe):
    expected = searched(5, lambda asf: is_occasion(asf, modulus, cycle, n, subframe))
    found = rows(capsys, "--count", "5", *words)
    assert [row["asf"] for row in found] == expected
    for row in found:
        asf = row["asf"]
        assert row["at"] == (EPOCH + timedelta(milliseconds=asf)).isoformat(
            timespec="milliseconds"
        )
        on_air = (row["hsfn"], row["sfn"], row["subframe"])
        assert on_air == (asf // 10240 % 1024, asf // 10 % 1024, asf % 10)
        assert row["window_opens"] is None


@pytest.mark.parametrize(
    ("words", "m_tmsi", "hyperframes", "ptw_frames", "modulus", "cycle", "bits"),
    [
        (("--edrx", "20.48", "--ptw", "2.56"), 0x12341234, 2, 256, 16384, 128, 10),
        (("--edrx", "61.44", "--ptw", "5.12"), 0xC0FFEE00, 6, 512, 16384, 128, 10),
        (("--edrx", "20.48", "--ptw", "20.48"), 0x00000001, 2, 2048, 16384, 128, 10),
        (
            ("--access", "nb-iot", "--edrx", "40.96", "--ptw", "5.12"),
            *(0xFFFFFFFF, 4, 512, 4096, 256, 12),
        ),
    ],
)
def test_edrx(capsys, words, m_tmsi, hyperframes, ptw_frames, modulus, cycle, bits):
    def accepts(asf):
        return is_occasion(asf, modulus, cycle, cycle, 9) and is_in_window(
            asf, m_tmsi, hyperframes, ptw_frames, bits, 4
        )

    found = rows(capsys, "--count", "9", "--m-tmsi", f"{m_tmsi:#x}", *words)
    assert [row["asf"] for row in found] == searched(9, accepts)
    for row in found:
        opens, closes = (
            datetime.fromisoformat(row[f"window_{word}"]) for word in ("opens", "closes")
        )
        assert (closes - opens) == timedelta(milliseconds=ptw_frames * 10)
        assert opens <= datetime.fromisoformat(row["at"]) < closes


def test_a_cell_whose_clock_is_ahead_pages_earlier(capsys):
    plain = [row["in_ms"] for row in rows(capsys)]
    ahead = [row["in_ms"] for row in rows(capsys, "--offset", "100")]
    assert ahead[0] == (plain[0] - 100) % 1280


def test_the_terminal_shows_the_steps_and_a_table_within_80_columns(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    words = ("--m-tmsi", "0x12341234", "--edrx", "81.92", "--ptw", "5.12")
    lines = said(capsys, *words).splitlines()
    assert max(map(len, lines)) <= 80
    text = " ".join(" ".join(lines).split())
    assert "Hashed ID 0x259dd322, UE_ID_H 150: windows where H-SFN mod 8 = 6" in text
    assert sum(line.startswith("-- window") for line in lines) == 3
    assert sum(line.startswith("2027-01-31") for line in lines) == 8


def test_a_window_that_never_holds_an_occasion_is_told(capsys):
    # T = 2.56 s and windows of 1.28 s: half of all devices fall between
    words = ("--m-tmsi", "0x12341234", "--edrx", "81.92", "--ptw", "1.28", "--drx", "2.56")
    told = [
        "cannot be paged" in said(capsys, *words, "--imsi", str(901405100000000 + number))
        for number in range(0, 256, 16)
    ]
    assert sorted(set(told)) == [False, True]


def test_it_draws_them(capsys, tmp_path):
    pytest.importorskip("matplotlib")
    stem = tmp_path / "next"
    words = ("--m-tmsi", "0x12341234", "--edrx", "81.92", "--ptw", "5.12")
    assert str(stem) in said(capsys, *words, "--output", str(stem)).splitlines()[-1]
    svg = (tmp_path / "next.svg").read_text()
    assert "paging time window of 5.12 s" in svg
    assert "H-SFN 854" in svg
    assert (tmp_path / "next.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--edrx", "80", "--ptw", "5.12", "--m-tmsi", "1"), "no eDRX cycle of 80 s"),
        (("--edrx", "81.92"), "--edrx needs --ptw and --m-tmsi"),
        (("--ptw", "5.12"), "--edrx, which is missing"),
        (("--edrx", "81.92", "--ptw", "5.12", "--m-tmsi", "xyz"), "0x12341234"),
        (("--edrx", "81.92", "--ptw", "5.12", "--m-tmsi", "123456789"), "32 bits"),
        (("--imsi", "12a"), "decimal digits"),
        (("--drx", "1"), "paging cycle"),
        (("--drx", "0.001"), "10 ms"),
        (("--nb", "3T"), "nB '3T'"),
        (("--count", "0"), "1 to 10000"),
        (("--at", "soon"), "2026-01-01T00:00:00"),
        (("--at", "9999-12-31T23:59:59"), "up to 9000"),
        (("--offset", "20000000"), "H-SFN wraps"),
        (("--drx", "nan"), "--drx nan"),
        (("--edrx", "inf", "--ptw", "1", "--m-tmsi", "1"), "--edrx inf"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(capsys, words, reason):
    assert main(["occasions", "--imsi", IMSI, *words]) == 2
    assert reason in capsys.readouterr().err


@pytest.mark.parametrize(
    ("ptw", "each"), [("1.28", "1 occasion each"), ("2.56", "2 occasions each")]
)
def test_occasions_are_counted_in_words_that_fit(ptw, each, capsys):
    words = ["--imsi", "90128", "--edrx", "20.48", "--m-tmsi", "1", "--ptw", ptw, "--count", "1"]
    assert main(["occasions", *words]) == 0
    assert f"with {each}." in " ".join(capsys.readouterr().out.split())
