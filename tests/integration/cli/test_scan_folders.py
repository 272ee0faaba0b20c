"""Large scans on the command line: shards, estimates, conditions and figures."""

from __future__ import annotations

import io
import re
from types import SimpleNamespace

import pandas as pd
import pytest

MODEL = """model m
 k = 1; d = 2; c = 1; S = 1
 S' = k*c - d*S
 k is "rate of making"
end
"""
WORDS = ("--vary", "k=1:5:6", "--vary", "d=1:3:5", "--vary", "c=0,1", "--engine", "roadrunner",
         "--part-rows", "7")  # fmt: skip


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "m.ant"
    path.write_text(MODEL)
    return path


@pytest.fixture(scope="module")
def folder(model, tmp_path_factory):
    from transport_model import load_model
    from transport_model.analyses.scans.designs.designs import grid
    from transport_model.analyses.scans.large.run import plan_scan, run_scan

    folder = tmp_path_factory.mktemp("scans") / "scan"
    axes = {"k": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "d": [1.0, 2.0, 3.0, 4.0, 5.0], "c": [0.5, 1.0]}
    run_scan(plan_scan(load_model(model), grid(**axes), engine="roadrunner"), folder)
    return folder


def test_shards_estimate_info_and_merge(command, model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scan = ("scan", "--model", model, *WORDS, "--out", "s/")
    told = command(*scan, "--dry-run", "--shard", "2/2")
    assert told.code == 0
    assert not (tmp_path / "s").exists()
    table = pd.read_csv(io.StringIO(told.out), index_col=0)
    assert table.loc["points left", "value"] == 28
    assert table.loc["time to solve", "unit"] == "s"
    assert table.loc["memory", "unit"] == "MB"
    assert told.err.endswith("nothing was written\n")
    with monkeypatch.context() as patch:
        patch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=100))
        assert re.search(r"; the disk lacks 0\.\d+ MB\n$", command(*scan, "--dry-run").err)
    assert command(*scan, "--shard", "1/2").err == (
        "wrote s: 32 points of shard 1/2, 0 without a result\n"
    )
    assert "missing,shard 2/2 (4 of 4 parts)" in command("scan-info", "s").out
    lacking = command("scan-merge", "s")
    assert lacking.code == 1
    assert "the scan lacks 4 of 9 parts: shard 2/2 (4 of 4 parts)" in lacking.err
    command(*scan[:-1], "other/", "--shard", "2/2")
    merged = command("scan-merge", "s", "other", "--out", "whole/")
    assert merged.err == "wrote whole: 60 points, 0 without a result\n"
    assert command("scan-merge", "whole").err == "whole is whole: 60 points, 0 without a result\n"


@pytest.mark.parametrize(
    "words",
    [("--shard", "3/2", "--out", "s/"), ("--shard", "2", "--out", "s/"), ("--shard", "1/2"),
     ("--shard", "1/99", "--out", "s/"), ("--dry-run",), ("--dry-run", "--out", "s.csv")],
)  # fmt: skip
def test_shards_and_estimates_that_cannot_be(command, model, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    result = command("scan", "--model", model, *WORDS[:-2], *words)
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert not list(tmp_path.iterdir())


ONE = ("--where", "c == 1")
GOOD = {
    "line": ("line", "k", "--value", "S", "--where", "c == 1 and d == 2"),
    "lines": ("line", "k", "--value", "S", "--by", "d", *ONE),
    "lines of words": ("line", "k", "--value", "S", "--by", "status", "--where", "c==1 and d==2"),
    "row": ("line", "row", "--value", "S", "--where", "c == 1 and d == 2"),
    "results": ("line", "S", "--value", "k", "--where", "c == 1 and d == 2"),
    "heat": ("heat", "k", "--y", "d", "--value", "S", *ONE),
    "holes": ("heat", "k", "--y", "d", "--value", "S", "--where", "c == 1 and S > 0.7"),
    "contour": ("contour", "k", "--y", "d", "--value", "S", *ONE),
    "constant": ("contour", "k", "--y", "d", "--value", "c", *ONE),
    "multiples": ("multiples", "k", "--y", "d", "--value", "S", "--by", "c"),
    "failures": ("failures", "k", "--y", "d"),
}
HEADS = {".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF"}


def draw(command, folder, out, kind, x, *words):
    return command("scan-figure", folder, "--kind", kind, "--x", x, *words, "--out", out)


@pytest.mark.parametrize("name", GOOD)
def test_figures_that_can_be_drawn(command, folder, tmp_path, name):
    result = draw(command, folder, tmp_path / "f.svg", *GOOD[name])
    assert (result.code, result.err.count("\n")) == (0, 1), result.err
    assert (tmp_path / "f.svg").read_bytes().startswith(HEADS[".svg"])


@pytest.mark.parametrize("suffix", [*HEADS, ".PNG"])
def test_a_figure_in_every_format_is_the_same_each_time(command, folder, tmp_path, suffix):
    for name in ("a", "b"):
        assert draw(command, folder, tmp_path / f"{name}{suffix}", *GOOD["lines"]).code == 0
    drawn = (tmp_path / f"a{suffix}").read_bytes()
    assert drawn.startswith(HEADS[suffix.lower()])
    assert drawn == (tmp_path / f"b{suffix}").read_bytes()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("line", "k", "--value", "S"), r"differ in d, c; give --kind heat --y d or --wh"),
        (("line", "k", "--value", "S", *ONE), r"differ in d; give --by d, --kind heat --y d or"),
        (("line", "k", "--value", "S", "--by", "d"), r"differ in c; give --where \"c == "),
        (("line", "S", "--value", "k", *ONE), "differ in k, d"),
        (("heat", "k", "--y", "d", "--value", "S"), "cell .* differ in c; give --kind multiples"),
        (("heat", "k", "--y", "d", "--value", "S", "--where", "d == 1"), "two values or more"),
        (("heat", "k", "--y", "S", "--value", "d", "--where", "c == 1 and d == 1"), "no grid"),
        (("line", "status", "--value", "S"), "'status' holds text"),
        (("line", "k", "--value", "converged"), "'converged' holds yes or no"),
        (("failures", "k", "--y", "status"), "'status' holds text"),
        (("line", "k", "--value", "V"), "no quantity 'V'"),
        (("line", "k", "--value", "S", "--y", "d"), "takes --x, --value, --by, not --y"),
        (("heat", "k", "--y", "d", "--value", "S", "--by", "c"), "not --by"),
        (("failures", "k", "--y", "d", "--value", "S"), "not --value"),
        (("heat", "k", "--value", "S"), "needs --y"),
        (("multiples", "k", "--value", "S"), "needs --y and --by"),
        (("multiples", "k", "--y", "d", "--by", "c", "--value", "S", "--value", "k"),
         "one --value"),
        (("line", "k"), "needs --value"), (("pie", "k"), "no kind of figure 'pie'"),
        (("line", "k", "--value", "k"), "'k' cannot stand for two"),
        (("heat", "k", "--y", "k", "--value", "S"), "'k' cannot stand for two"),
        (("line", "k", "--value", "S", "--where", "k > 99"), "no point of the scan"),
        (("line", "k", "--value", "S", "--where", "k >"), "ends too early"),
        (("line", "k", "--value", "S", "--where", "__import__('os')"), "no quantity '__import__'"),
    ],
)  # fmt: skip
def test_figures_that_would_mislead_are_refused(command, folder, tmp_path, words, told):
    result = draw(command, folder, tmp_path / "f.svg", *words)
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert re.search(told, result.err), result.err
    assert len(result.err) <= 300 + len("transport-model: ")
    assert not list(tmp_path.iterdir())


def test_too_many_points_for_lines_name_what_would_be_right(command, folder, tmp_path, monkeypatch):
    from transport_model.analyses.cli import scan_figures

    monkeypatch.setattr(scan_figures, "MOST_POINTS", 20)
    said = draw(command, folder, tmp_path / "f.svg", "line", "k", "--value", "S").err
    assert "20 points at most, not 60; draw a line for some values with --by d, a map" in said
    assert "--kind heat --y d, or choose some with --where" in said
    said = draw(command, folder, tmp_path / "f.svg", *GOOD["lines"]).err
    assert "20 points at most, not 30; choose some with --where" in said
    monkeypatch.setattr(scan_figures, "MOST_ROWS", 59)
    assert "60 points are too many" in draw(command, folder, tmp_path / "f.svg",
                                            *GOOD["failures"]).err  # fmt: skip


def test_labels_are_names_with_units(command, tmp_path):
    folder = tmp_path / "s"
    command("scan", "--vary", "Glc_o=0.5,1,5", "--out", f"{folder}/", "--output", "V_m",
            "--engine", "roadrunner")  # fmt: skip
    from transport_model.analyses.cli.scan_figures import _label
    from transport_model.analyses.scans.large.reading import open_scan

    label = _label(open_scan(folder), "V_m")
    assert label.split()[-2:] == ["V_m", "[mV]"]
    assert "membrane potential" in label.lower()
    assert _label(open_scan(folder), "status") == "status"


def test_by_with_more_values_than_lines_says_how_many_are_drawn(command, folder, tmp_path,
                                                                monkeypatch):  # fmt: skip
    from transport_model.analyses.figures import curves

    monkeypatch.setattr(curves, "MOST_VALUES", 3)
    said = draw(command, folder, tmp_path / "f.svg", *GOOD["lines"]).err
    assert said.endswith(": 30 points, 3 of 5 values of d\n")
