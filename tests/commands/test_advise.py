"""``host-sim advise`` on the terminal."""

import pytest

from ip_commands.host_sim.commands.main import main
from ip_commands.host_sim.lte.advice import Settings, advise


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
