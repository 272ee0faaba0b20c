"""The command line refuses what is wrong in one line, and nothing is written."""

from __future__ import annotations

import errno

import pytest

from transport_model.analyses.cli import solving
from transport_model.analyses.cli.app import app


def test_every_command_explains_itself(command):
    names = [registered.name for registered in app.registered_commands]
    whole = command("--help")
    assert whole.code == 0
    for name in names:
        assert name in whole.out
        told = command(name, "--help")
        assert (told.code, told.err) == (0, "")
        assert told.out.startswith("Usage:")
    assert command().out == whole.out


def test_the_model_option_names_every_kind_of_file(command):
    text = " ".join(command("steady-state", "--help").out.split())
    assert "A shipped model, or an SBML, Antimony, CellML or COMBINE file." in text


@pytest.mark.parametrize(
    "arguments",
    [
        ("bogus",), ("steady-state", "--bogus"), ("report",), ("simulate", "--end", "soon"),
        ("steady-state", "--set", "PNa=1"), ("steady-state", "--set", "P_Na=-1"),
        ("steady-state", "--set", "P_Na=nan"), ("steady-state", "--set", "P_Na"),
        ("steady-state", "--model", "nowhere.xml"), ("steady-state", "--model", "text.xml"),
        ("scan",), ("scan", "--design", "unknown.csv"), ("scan", "--design", "words.csv"),
        ("scan", "--vary", "Glc_o=3:1"), ("scan", "--sample", "0"),
        ("simulate", "--out", "course.xlsx"), ("simulate", "--out", "nowhere/course.csv"),
        ("report", "--out", "text.xml"), ("simulate", "--set", "Na_i=300"),
        ("scan", "--design", "wide.csv"), ("scan", "--vary", "Glc_o=1", "--vary", "Glc_o=2"),
        ("steady-state", "--set", "P_Na=1", "--set", "P_Na=2"), ("report", "--set", "n_SGLT=0",
        "--out", "r"), ("scan", "--sample", "5", "--seed", "-1"), ("steady-state", "--model", ""),
        ("simulate", "--points", "100000000000"), ("scan", "--vary", "Glc_o=1:2:999999999999"),
        ("scan", "--sample", "5", "--workers", "2"), ("scan", "--sample", "5", "--out", "new/",
        "--workers", "0"), ("scan", "--sample", "5", "--out", "new/", "--workers", "2", "--cluster",
        "tcp://a"), ("scan-info", "nowhere"), ("scan-figure", "d", "--kind", "line", "--x", "K_o",
        "--out", "a.png"), ("scan-figure", "d", "--kind", "line", "--x", "K_o", "--out", "n/a.svg"),
        ("experiment", "upphill"), ("experiment", "--plot", "a.svg"), ("experiment", "uphill",
        "--plot", "a.bmp"), ("experiment", "uphill", "--plot", "n/a.svg"), ("export", "--out",
        "cell.doc"), ("export", "--out", "text.xml/"), ("export", "--out", "e/", "--format", "x"),
        ("verify", "--engine", "nobody"), ("verify", "--out", "text.xml"),
        ("calibrate", "--write", "nowhere"), ("sensitivity", "--parameter", "PNa"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line_and_exit_2(command, tmp_path, monkeypatch, arguments):
    (tmp_path / "text.xml").write_text("hello")
    (tmp_path / "unknown.csv").write_text("Glc_o,Glucose\n1,2\n")
    (tmp_path / "wide.csv").write_text("P_Na,Glc_o\n0.001,1,3\n")
    (tmp_path / "words.csv").write_text("Glc_o\nmuch\n")
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    result = command(*arguments)
    assert result.code == 2
    assert result.err.count("\n") == 1
    assert result.err.startswith("transport-model: ")
    assert "internal error" not in result.err
    assert result.out == ""
    assert sorted(tmp_path.iterdir()) == before


def test_no_steady_state_is_exit_1(command, tmp_path):
    (tmp_path / "grow.ant").write_text("model m\n -> S; k\n k = 1; S = 0\nend\n")
    result = command("steady-state", "--model", tmp_path / "grow.ant")
    assert result.code == 1
    assert result.err.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (MemoryError(), 1, "not enough memory for that many points"),
        (OSError(errno.ENOSPC, "No space left"), 1, "cannot write the result: No space left"),
        (ZeroDivisionError("by\nzero"), 1, "internal error, ZeroDivisionError: by zero (TRANS"),
    ],
)
def test_the_last_door_lets_one_line_through(command, monkeypatch, error, code, words):
    def fail(*_):
        raise error

    monkeypatch.setattr(solving, "load", fail)
    result = command("steady-state")
    assert (result.code, result.out) == (code, "")
    assert result.err.startswith(f"transport-model: {words}")
    assert result.err.count("\n") == 1


def test_a_developer_sees_the_traceback(command, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(solving, "load", fail)
    monkeypatch.setenv("TRANSPORT_MODEL_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        command("steady-state")
