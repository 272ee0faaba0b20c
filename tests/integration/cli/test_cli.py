"""The command line: what it prints, where it writes, and how it refuses."""

from __future__ import annotations

import json
import subprocess
import sys

import pandas as pd
import pytest

from transport_model import load_model, steady_state


def run(*arguments, cwd=None):
    return subprocess.run([sys.executable, "-m", "transport_model", *map(str, arguments)],
                          capture_output=True, encoding="utf-8", cwd=cwd, check=False)  # fmt: skip


def test_help_and_models():
    assert "steady-state" in run("--help").stdout
    assert run("models").stdout.startswith("model,")


def test_steady_state_in_a_pipe_is_csv(tmp_path):
    result = run("steady-state", "--set", "Glc_o=0.5")
    assert result.returncode == 0
    (tmp_path / "state.csv").write_text(result.stdout, encoding="utf-8")
    table = pd.read_csv(tmp_path / "state.csv", index_col="id")
    expected = steady_state(load_model("cell").with_values(Glc_o=0.5))
    assert table.at["V_m", "value"] == pytest.approx(expected["V_m"], rel=1e-9)
    assert table.at["V_m", "unit"] == "mV"


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".json"])
def test_a_scan_in_every_format(tmp_path, suffix):
    target = tmp_path / f"scan{suffix}"
    result = run(
        "scan", "--vary", "Glc_o=0.1:10:3:log", "--vary", "P_Na=0.001,0.002", "--out", target
    )
    assert result.returncode == 0, result.stderr
    assert list(tmp_path.iterdir()) == [target]
    if suffix == ".json":
        content = json.loads(target.read_text("utf-8"))
        assert content["units"]["V_m"] == "mV"
        table = pd.DataFrame(content["rows"])
    else:
        table = pd.read_csv(target) if suffix == ".csv" else pd.read_parquet(target)
    assert len(table) == 6
    assert table["converged"].all()


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
    ],
)  # fmt: skip
def test_bad_input_is_one_line_and_exit_2(tmp_path, arguments):
    (tmp_path / "text.xml").write_text("hello")
    (tmp_path / "unknown.csv").write_text("Glc_o,Glucose\n1,2\n")
    (tmp_path / "wide.csv").write_text("P_Na,Glc_o\n0.001,1,3\n")
    (tmp_path / "words.csv").write_text("Glc_o\nmuch\n")
    before = sorted(tmp_path.iterdir())
    result = run(*arguments, cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("transport-model: ")
    assert "internal error" not in result.stderr
    assert result.stdout == ""
    assert sorted(tmp_path.iterdir()) == before


def test_a_reader_that_stops_early_is_no_error():
    command = f"{sys.executable} -m transport_model steady-state | head -1; exit ${{PIPESTATUS[0]}}"
    result = subprocess.run(
        ["bash", "-c", command], capture_output=True, encoding="utf-8", check=False
    )
    assert result.returncode == 0
    assert result.stdout == "id,value,unit\n"


def test_no_steady_state_is_exit_1(tmp_path):
    (tmp_path / "grow.ant").write_text("model m\n -> S; k\n k = 1; S = 0\nend\n")
    result = run("steady-state", "--model", "grow.ant", cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1


def test_doctor_finds_all_well():
    result = run("doctor")
    assert result.returncode == 0, result.stdout
    assert "cell: balances" in result.stdout
