"""The program as a shell starts it, and commands that take their time."""

from __future__ import annotations

import json
import subprocess
import sys

import pandas as pd
import pytest

from transport_model import load_model, steady_state


def start(*arguments, cwd=None):
    return subprocess.run([sys.executable, "-m", "transport_model", *map(str, arguments)],
                          capture_output=True, encoding="utf-8", cwd=cwd, check=False)  # fmt: skip


def test_steady_state_in_a_pipe_is_csv(tmp_path):
    result = start("steady-state", "--set", "Glc_o=5")
    assert result.returncode == 0
    (tmp_path / "state.csv").write_text(result.stdout, encoding="utf-8")
    table = pd.read_csv(tmp_path / "state.csv", index_col="id")
    expected = steady_state(load_model("cell").with_values(Glc_o=5))
    assert table.at["V_m", "value"] == pytest.approx(expected["V_m"], rel=1e-9)
    assert table.at["V_m", "unit"] == "mV"


def test_values_that_leave_no_finite_number_are_refused_by_name(tmp_path):
    result = start("simulate", "--model", "pump_assay", "--set", "pH=-400", "--points", "3",
                   "--out", tmp_path / "course.csv")  # fmt: skip
    assert (result.returncode, result.stdout) == (1, "")
    remark, refusal = result.stderr.splitlines()
    assert "pH = -400 is outside 6.9 to 7.5" in remark
    assert "'H' (and " in refusal
    assert "has no finite value at time 0" in refusal
    assert list(tmp_path.iterdir()) == []


def test_columns_to_which_the_file_itself_gives_no_number_are_named(command, tmp_path):
    (tmp_path / "own.ant").write_text("model m\n x = 0; x' = 1; k = 0; y := x/k; q = 1\nend\n")
    words = ("--model", tmp_path / "own.ant", "--end", "2", "--points", "3")
    for values in ((), ("--set", "q=2")):
        result = command("simulate", *words, *values)
        assert result.code == 0
        assert "no finite number at these values, by their own formulas: y" in result.err
    assert "no finite" not in command("simulate", *words, "--set", "k=2").err


def test_bad_input_is_one_line_and_exit_2_in_a_shell(tmp_path):
    result = start("steady-state", "--model", "nowhere.xml", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("transport-model: ")
    assert result.stderr.count("\n") == 1


def test_a_reader_that_stops_early_is_no_error():
    command = f"{sys.executable} -m transport_model steady-state | head -1; exit ${{PIPESTATUS[0]}}"
    result = subprocess.run(
        ["bash", "-c", command], capture_output=True, encoding="utf-8", check=False
    )
    assert result.returncode == 0
    assert result.stdout == "id,value,unit,name\n"


def test_models_are_listed(command):
    result = command("models")
    assert result.code == 0
    assert result.out.startswith("model,")


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".json"])
def test_a_scan_in_every_format(command, tmp_path, suffix):
    target = tmp_path / f"scan{suffix}"
    result = command(
        "scan", "--vary", "Glc_o=0.1:10:3:log", "--vary", "P_Na=0.001,0.002", "--out", target
    )
    assert result.code == 0, result.err
    beside = [tmp_path / "scan.csv-metadata.json"] if suffix == ".csv" else []
    assert sorted(tmp_path.iterdir()) == [target, *beside]
    if suffix == ".json":
        content = json.loads(target.read_text("utf-8"))
        assert content["units"]["V_m"] == "mV"
        table = pd.DataFrame(content["rows"])
    else:
        table = pd.read_csv(target) if suffix == ".csv" else pd.read_parquet(target)
    assert len(table) == 6
    assert table["converged"].all()


def test_a_large_scan_is_written_told_of_and_drawn(command, tmp_path):
    folder, figure = tmp_path / "scan", tmp_path / "scan.svg"
    words = ("scan", "--vary", "Glc_o=0.5,1,5", "--vary", "K_o=4,5", "--part-rows", "4")
    result = command(*words, "--out", f"{folder}/")
    assert result.code == 0, result.err
    assert f"wrote {folder}: 6 points, 0 without a result" in result.err
    assert "6 of them already there" in command(*words, "--out", f"{folder}/").err
    told = command("scan-info", folder).out.splitlines()
    assert {"points,6", "done,6", "complete,True", "failed,0"} <= set(told)
    drawn = command("scan-figure", folder, "--kind", "line", "--x", "Glc_o", "--value", "V_m",
                    "--by", "K_o", "--out", figure)  # fmt: skip
    assert (drawn.code, drawn.err) == (0, f"drew {figure}: 6 points\n")
    assert "<svg " in figure.read_text("utf-8")
    figure.unlink()
    for kind, axes in {
        "line": ("--x", "status", "--value", "V_m"),
        "heat": ("--x", "Glc_o", "--y", "K_o", "--value", "status"),
        "multiples": ("--x", "Glc_o", "--y", "converged", "--value", "V_m", "--by", "K_o"),
        "failures": ("--x", "Glc_o", "--y", "status"),
    }.items():
        refused = command("scan-figure", folder, "--kind", kind, *axes, "--out", figure)
        assert (refused.code, figure.exists()) == (2, False), refused.err
        assert "no numbers to be drawn" in refused.err
        assert refused.err.count("\n") == 1


@pytest.mark.slow
def test_doctor_finds_all_well(command):
    result = command("doctor")
    assert result.code == 0, result.out
    assert "cell: balances" in result.out
    assert "BAD" not in result.out
