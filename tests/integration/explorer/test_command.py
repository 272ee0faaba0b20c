"""``transport-model explore``: what it writes and what it says."""

import pytest

from transport_model import load_model, write_explorer


def test_the_command_writes_the_page_that_python_writes(command, tmp_path):
    asked = ("--model", "pump_assay", "--set", "K_o=6")
    told = command("explore", *asked, "--out", str(tmp_path / "a.html"))
    assert told.code == 0
    assert "wrote" in told.err
    write_explorer(load_model("pump_assay").with_values(K_o=6), tmp_path / "b.html")
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_what_the_page_cannot_do_is_said_by_the_command(command, tmp_path):
    (tmp_path / "m.ant").write_text("model m\n x' = -x\n x = 1\n at (x < 0.5): x = 1\nend\n")
    told = command("explore", "--model", str(tmp_path / "m.ant"), "--out", str(tmp_path / "m.html"))
    assert told.code == 0
    assert "events" in told.err
    assert "does not carry out" in (tmp_path / "m.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "out", "said"),
    [
        ("x' = factorial(x)\n x = 3", "m.html", "factorial"),
        ("x' = -x\n x = 1", "nowhere/m.html", "no folder"),
        ("x' = -x\n x = 1", "", "is a folder"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(command, tmp_path, text, out, said):
    (tmp_path / "m.ant").write_text(f"model m\n {text}\nend\n")
    told = command("explore", "--model", str(tmp_path / "m.ant"), "--out", str(tmp_path / out))
    assert told.code in {1, 2}
    assert said in told.err
    assert len(told.err.strip().splitlines()) == 1
    assert not list(tmp_path.rglob("*.html"))
