"""What ``host-sim demo`` prints: computed in the run, aligned, and repeatable."""

import json

import pytest

from ip_commands.host_sim.commands.main import main


def demo(capsys, *words):
    assert main(["demo", *words]) == 0
    return capsys.readouterr().out


def fates(capsys, *words):
    return [json.loads(line) for line in demo(capsys, "--json", *words).splitlines()]


def test_every_scenario_and_modem_has_its_fate(capsys):
    found = {(fate["modem"], fate["profile"]): fate for fate in fates(capsys)}
    assert set(found) == {
        (modem, profile)
        for modem in ("bg95", "sim7080g")
        for profile in ("lte", "cat-m1", "cat-m1-edrx-hlcom", "cat-m1-edrx")
    }
    for (_, profile), fate in found.items():
        assert fate["status"] == "sent"
        if profile == "cat-m1-edrx":
            assert fate["delivered_ms"] is None
            assert fate["webhook_ms"] is None
            assert fate["dropped_ms"] == fate["sent_ms"]
        else:
            order = ("sent_ms", "paged_ms", "delivered_ms", "handled_ms", "answered_ms")
            times = [fate[name] for name in order]
            assert times == sorted(times)
            assert fate["webhook_ms"] >= fate["answered_ms"]
        if profile == "cat-m1-edrx-hlcom":
            assert fate["paged_ms"] > 1280


def test_a_story_is_one_sentence_that_says_nothing_twice(capsys):
    for fate in fates(capsys, "--modem", "bg95"):
        story = fate["story"]
        assert story.endswith(".")
        assert ". " not in story
        clauses = story[:-1].split("; ")
        assert len(set(clauses)) == len(clauses)
        assert story.count("outside the paging time window") <= 1
        assert story.count("paging occasion") <= 1


def test_the_same_seed_gives_the_same_run_and_another_one_another(capsys):
    words = ("--modem", "bg95", "--profile", "cat-m1")
    first = fates(capsys, *words, "--seed", "3")
    assert fates(capsys, *words, "--seed", "3") == first
    assert fates(capsys, *words, "--seed", "4") != first


def test_the_table_fits_80_columns_and_shows_the_numbers_of_the_run(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    words = ("--modem", "sim7080g", "--profile", "cat-m1-edrx-hlcom")
    (fate,) = fates(capsys, *words)
    text = demo(capsys, *words)
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 80
    for name in ("sent_ms", "paged_ms", "delivered_ms", "answered_ms"):
        assert f"{fate[name] / 1000:.2f}" in text
    assert "cat-m1-edrx-hlcom" in text


@pytest.mark.parametrize(
    "words", [("--modem", "bg9"), ("--profile", "5g"), ("--modem", "bg95", "--profile", "")]
)
def test_an_unknown_name_is_refused_with_the_known_ones(capsys, words):
    assert main(["demo", *words]) == 2
    said = capsys.readouterr().err
    assert "host-sim demo:" in said
    assert "bg95" in said or "cat-m1" in said
