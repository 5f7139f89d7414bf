"""``host-sim timeline`` draws what the run did."""

import pytest

from ip_commands.host_sim.commands.main import main

pytest.importorskip("matplotlib")


def test_it_writes_both_pictures_and_says_where(tmp_path, capsys):
    stem = tmp_path / "run"
    words = ["timeline", "--minutes", "4", "--every", "60", "--output", str(stem)]
    assert main([*words, "--profile", "cat-m1-edrx-hlcom", "--profile", "cat-m1-edrx"]) == 0
    assert capsys.readouterr().out.split() == [f"{stem}.svg", f"{stem}.png"]
    svg = (tmp_path / "run.svg").read_text()
    for words in ("cat-m1-edrx-hlcom", "paging time window", "lost", "a command every 60 s"):
        assert words in svg
    assert (tmp_path / "run.png").read_bytes().startswith(b"\x89PNG")


def test_the_same_seed_draws_the_same_picture(tmp_path):
    pictures = []
    for name in ("a", "b"):
        main(["timeline", "--minutes", "2", "--output", str(tmp_path / name), "--profile", "lte"])
        pictures.append((tmp_path / f"{name}.svg").read_text())
    assert pictures[0] == pictures[1]


@pytest.mark.parametrize("words", [["--profile", "6g"], ["--minutes", "0"], ["--modem", "x"]])
def test_what_cannot_be_drawn_is_refused(words, tmp_path, capsys):
    assert main(["timeline", "--output", str(tmp_path / "x"), *words]) == 2
    assert "host-sim timeline:" in capsys.readouterr().err
