"""``host-sim advise`` on the terminal."""

import json

import pytest

from ip_commands.host_sim.commands.main import main
from ip_commands.host_sim.lte.advice import Settings, advise
from ip_commands.host_sim.lte.module_currents import currents_of
from ip_commands.host_sim.lte.reference_currents import completed


def said(capsys, *words):
    assert main(["advise", *words]) == 0
    return capsys.readouterr().out


def test_it_prints_the_models_own_numbers_within_80_columns(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    advice = advise(Settings(edrx_s=81.92, ptw_s=5.12, hlcom=True))
    text = said(capsys, "--edrx", "81.92", "--ptw", "5.12", "--hlcom", "--battery", "2400")
    assert f"{advice.mah_per_day:.3g} mAh a day" in text
    assert f"{advice.battery_days(2400):.0f} days" in text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_without_hlcom_it_warns_of_losses(capsys):
    share = advise(Settings(edrx_s=81.92, ptw_s=5.12)).delivered_share
    text = said(capsys, "--edrx", "81.92", "--ptw", "5.12")
    assert f"{share:.1%} of the time" in text
    assert "still says sent" in " ".join(text.split())


def test_psm(capsys):
    assert "PSM 16 s active every 3600 s" in said(capsys, "--psm", "16,3600")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--edrx", "80"), "81.92"),
        (("--edrx", "10.24", "--ptw", "20.48"), "window"),
        (("--psm", "16"), "16,3600"),
        (("--psm", "a,b"), "16,3600"),
        (("--profile", "6g"), "cat-m1"),
        (("--drx", "1"), "1.28"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(capsys, words, reason):
    assert main(["advise", *words]) == 2
    assert reason in capsys.readouterr().err


def test_currents_of_a_module_and_whose_they_are(capsys):
    text = " ".join(said(capsys, "--currents", "bg96").split())
    assert "BG96 Cat-M1 (TAU, search as nRF9160 Cat-M1)" in text
    assert "bg95: as nRF9160 Cat-M1" in " ".join(said(capsys, "--currents", "bg95").split())
    text = " ".join(said(capsys, "--profile", "lte", "--currents", "a7670").split())
    assert "a7670: as EG25-G LTE" in text


def test_json_is_the_advice(capsys):
    words = ("--edrx", "81.92", "--ptw", "5.12", "--hlcom", "--battery", "1000")
    found = json.loads(said(capsys, *words, "--json", "--currents", "sim7000g"))
    advice = advise(Settings(edrx_s=81.92, ptw_s=5.12, hlcom=True, module=currents_of("sim7000g")))
    assert found["mean_s"] == advice.mean_s
    assert found["mah_per_day"] == advice.mah_per_day
    assert found["battery_days"] == advice.battery_days(1000)
    assert found["currents"].startswith("SIM7000 Cat-M1")
    assert "botletics" in found["currents_source"]


def test_the_help_lists_every_table_within_80_columns(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    text = said(capsys, "--currents", "help")
    for name in ("nRF9160 Cat-M1", "nRF9160 NB-IoT", "BG96 Cat-M1", "SIM7000", "EG25-G LTE"):
        assert name in text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_the_file_that_the_help_shows_is_one(capsys, tmp_path):
    lines = said(capsys, "--currents", "help").splitlines()
    begin = next(i for i, line in enumerate(lines) if line.strip().startswith("name ="))
    file = tmp_path / "shown.toml"
    file.write_text("\n".join(line for line in lines[begin:] if "=" in line or "[" in line))
    own = said(capsys, "--currents", str(file), "--json")
    assert json.loads(own)["mah_per_day"] == advise(Settings()).mah_per_day
    assert json.loads(own)["currents"] == "my board Cat-M1"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("m.toml", 'source = "bench"\n[cat-m1]\nsleep_ua = 10\noccasion_mc = 2.0\n'),
        ("m.json", '{"source": "bench", "cat-m1": {"sleep_ua": 10, "occasion_mc": 2.0}}'),
    ],
)
def test_own_measurements(capsys, tmp_path, name, text):
    file = tmp_path / name
    file.write_text(text)
    found = json.loads(said(capsys, "--currents", str(file), "--json"))
    own = completed("m", "cat-m1", "bench", {"sleep_ua": 10, "occasion_mc": 2.0})
    assert found["mah_per_day"] == advise(Settings(module=own)).mah_per_day
    assert found["currents"] == (
        "m Cat-M1 (PSM, paging, connected, TAU, search, sending as nRF9160 Cat-M1)"
    )
    # what the file does not have is the reference's, under the file's name
    other = json.loads(said(capsys, "--currents", str(file), "--json", "--profile", "lte"))
    assert other["currents"] == "m: as EG25-G LTE"


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("m.toml", "[cat-m1\n", "m.toml: "),
        ("m.json", "{", "m.json: "),
        ("m.json", "[]", "an object is needed"),
        ("m.toml", "", "no access is in it"),
        ("m.toml", "[5g]\npsm_ua = 1", "'5g' is not known: tables are called cat-m1"),
        ("m.toml", "cat-m1 = 3", "cat-m1 has to be a table"),
        ("m.toml", "[cat-m1]\n", "cat-m1 has no figure: psm_ua"),
        ("m.toml", "[cat-m1]\npsm = 1", "cat-m1: no figure 'psm'"),
        ("m.toml", '[cat-m1]\npsm_ua = "3"', "psm_ua is '3', it has to be a number"),
        ("m.toml", "[cat-m1]\npsm_ua = true", "psm_ua is True, it has to be a number"),
        ("m.toml", "[cat-m1]\npsm_ua = -3", "cat-m1: psm_ua -3.0: 0 or more"),
        ("m.toml", "name = 3\n[cat-m1]\npsm_ua = 3", "name is 3, it has to be a text"),
        ("m.toml", "[cat-m1]\npsm_ua = 1\nvolts = 0", "cat-m1: volts 0.0"),
        ("m.csv", "a", "no modem that is known"),
        ("d/m.csv", "a", "its name has to end with .json or .toml"),
        ("missing.toml", None, "No such file"),
    ],
)
def test_bad_currents_get_a_sentence(capsys, tmp_path, monkeypatch, name, text, reason):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "d").mkdir()
    if text is not None:
        (tmp_path / name).write_text(text)
    assert main(["advise", "--currents", name]) == 2
    assert reason in capsys.readouterr().err
