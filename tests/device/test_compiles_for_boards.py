"""Every file that ships to a board compiles with MicroPython's compiler."""

import pytest

from tests.portable import micropython_tools as tools

SHIPPED = tools.shipped_sources("device", "modem_drivers", "boards")


@pytest.mark.parametrize("source", SHIPPED, ids=str)
def test_compiles(source, tmp_path):
    assert tools.find("mpy-cross"), f"no mpy-cross: {tools.INSTALL_HINT}"
    target = tmp_path / "out.mpy"
    assert tools.compile_one(source, target) == ""
    assert target.read_bytes()[:2] == b"M\x06", "not bytecode of MicroPython 1.19 or newer"


def test_a_complaint_names_the_file(tmp_path, monkeypatch):
    (tmp_path / "bad.py").write_text("match x:\n    case 1: pass\n")
    monkeypatch.setattr(tools, "ROOT", tmp_path)
    complaint = tools.compile_one(tools.Path("bad.py"), tmp_path / "bad.mpy")
    assert "bad.py" in complaint
    assert "SyntaxError" in complaint
    assert not (tmp_path / "bad.mpy").exists()
