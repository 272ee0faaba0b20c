"""What running an archive writes: tables, HDF5 as BioSimulators lay it out, plots, the log."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from sedml_texts import (
    PARAMETER,
    SPECIES,
    archive,
    course,
    document,
    generator,
    model,
    plot,
    repeated,
    report,
    sbml,
    set_value,
    task,
    vector,
)

from transport_model import ResultFiles, load_model, run_archive, simulate
from transport_model.analyses.cli import app
from transport_model.analyses.exchange.archive import About, text_member, write_archive
from transport_model.errors import InputError

S, V = SPECIES.format("S"), PARAMETER.format("v")
TEXT = document(
    model(), course(),
    task() + repeated("scan", "r", vector("r", 0.2, 0.4, 0.6), set_value(V, "r")),
    generator("time", "time") + generator("S", S) + generator("t_scan", "time", "scan")
    + generator("S_scan", S, "scan"),
    report("time", "S") + report("t_scan", "S_scan", key="all") + report("S", "S_scan", key="mixed")
    + plot("time", "S") + plot("t_scan", "S_scan", key="lines", log="true"),
)  # fmt: skip


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("theirs")
    members = {"exp/run.sedml": TEXT, "exp/model.xml": sbml(folder)}
    return archive(folder / "theirs.omex", members, master="exp/run.sedml")


def _rows(path, separator=","):
    """Read a table as biosimulators_utils does: a row per data set, its label first."""
    return pd.read_csv(path, index_col=0, header=None, sep=separator).T.reset_index(drop=True)


def test_tables_hold_a_row_per_data_set(theirs, tmp_path):
    run = run_archive(theirs, tmp_path / "out")
    folder = tmp_path / "out" / "exp" / "run.sedml"
    assert {path.name for path in folder.iterdir()} == {
        "report1.csv", "all.csv", "mixed.csv", "plot1.csv", "plot1.pdf", "lines.csv", "lines.pdf",
    }  # fmt: skip
    assert (folder / "report1.csv").read_text().startswith("time,0.0,0.5,1.0,")
    wanted = run.reports["exp/run.sedml/report1"]
    pd.testing.assert_frame_equal(_rows(folder / "report1.csv"), wanted, check_names=False)
    pd.testing.assert_frame_equal(_rows(folder / "plot1.csv")[["time", "S"]], wanted,
                                  check_names=False)  # fmt: skip
    scanned = _rows(folder / "all.csv")
    assert list(scanned.columns) == ["iteration", "subtask", "point", "t_scan", "S_scan"]
    assert list(scanned["iteration"]) == sorted([0, 1, 2] * 21)
    own = run.reports["exp/run.sedml/all"]["S_scan"]
    np.testing.assert_allclose(scanned["S_scan"], own, rtol=1e-14)


def test_labels_stand_as_they_are_but_for_what_a_spreadsheet_would_run(theirs, tmp_path):
    sets = "".join(
        f'<dataSet id="d{n}" label="{label}" dataReference="{data}"/>'
        for n, (label, data) in enumerate([("S", "time"), ("S", "S"), ("=1+1", "S"), ("a,b", "S")])
    )
    text = document(model(), course(), task(), generator("time", "time") + generator("S", S),
                    f'<report id="r"><listOfDataSets>{sets}</listOfDataSets></report>')  # fmt: skip
    path = archive(tmp_path / "a.omex", {"run.sedml": text, "model.xml": sbml(tmp_path)})
    files = ResultFiles(reports=("csv", "tsv"))
    (table,) = run_archive(path, tmp_path / "out", files=files).reports.values()
    assert list(table.columns) == ["d0", "d1", "d2", "d3"]  # in Python names are needed
    for kind, separator in (("csv", ","), ("tsv", "\t")):
        rows = _rows(tmp_path / "out" / "run.sedml" / f"r.{kind}", separator)
        assert list(rows.columns) == ["S", "S", "'=1+1", "a,b"]
        np.testing.assert_allclose(rows.to_numpy(), table.to_numpy(), rtol=1e-14)


def test_hdf5_is_laid_out_as_biosimulators_do(theirs, tmp_path):
    h5py = pytest.importorskip("h5py")
    run = run_archive(theirs, tmp_path / "out", files=ResultFiles(reports=("h5",)))
    with h5py.File(tmp_path / "out" / "reports.h5") as file:
        written = file["exp/run.sedml/report1"]
        assert written.attrs["_type"] == "SedReport"
        assert written.attrs["uri"] == "exp/run.sedml/report1"
        assert written.attrs["sedmlId"] == "report1"
        assert list(written.attrs["sedmlDataSetIds"]) == ["set_time", "set_S"]
        assert list(written.attrs["sedmlDataSetLabels"]) == ["time", "S"]
        assert list(written.attrs["sedmlDataSetShapes"]) == ["21", "21"]
        assert list(written.attrs["sedmlDataSetDataTypes"]) == ["float64", "float64"]
        np.testing.assert_array_equal(written[1], run.reports["exp/run.sedml/report1"]["S"])
        assert file["exp/run.sedml/all"].shape == (2, 3, 1, 21)
        mixed = file["exp/run.sedml/mixed"]
        assert list(mixed.attrs["sedmlDataSetShapes"]) == ["21", "3,1,21"]
        np.testing.assert_array_equal(mixed[0][:, 0, 0], written[1])
        assert np.isnan(mixed[0][:, 0, 1]).all()
        assert file["exp/run.sedml/lines"].attrs["_type"] == "SedPlot2D"
        for name in ("exp", "exp/run.sedml"):
            assert file[name].attrs["uri"] == file[name].attrs["combineArchiveLocation"] == name


def test_hdf5_without_its_library_is_refused_before_anything_is_run(theirs, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    with pytest.raises(InputError, match="need h5py; install it"):
        run_archive(theirs, tmp_path / "out", files=ResultFiles(reports=("h5",)))
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["log.yml"]


def test_plots_show_their_curves(theirs):
    figures = run_archive(theirs).figures
    (axes,) = figures["exp/run.sedml/lines"].axes
    assert axes.get_yscale() == "log"
    assert axes.get_xlabel() == "t_scan"
    assert len(axes.lines) == 3
    (axes,) = figures["exp/run.sedml/plot1"].axes
    own = simulate(load_model(theirs), 10, 21)["S"]
    np.testing.assert_allclose(axes.lines[0].get_ydata(), own, rtol=1e-8)


def test_the_log_says_what_became_of_every_part(theirs, tmp_path):
    run_archive(theirs, tmp_path / "out")
    log = yaml.safe_load((tmp_path / "out" / "log.yml").read_text())
    assert log["status"] == "SUCCEEDED"
    assert log["exception"] is None
    (document_log,) = log["sedDocuments"]
    assert document_log["location"] == "exp/run.sedml"
    assert [(t["id"], t["status"], t["algorithm"]) for t in document_log["tasks"]] == [
        ("task1", "SUCCEEDED", "KISAO_0000019"), ("scan", "SUCCEEDED", None)]  # fmt: skip
    outputs = {output["id"]: output for output in document_log["outputs"]}
    assert list(outputs) == ["report1", "all", "mixed", "plot1", "lines"]
    assert outputs["report1"]["dataSets"] == [
        {"id": name, "status": "SUCCEEDED"} for name in ("set_time", "set_S")
    ]
    assert outputs["plot1"]["curves"] == [{"id": "c_plot1_S", "status": "SUCCEEDED"}]


def _written(folder):
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


def test_bundles_hold_tables_and_plots(theirs, tmp_path):
    names = {"exp/run.sedml/" + name for name in ("report1", "all", "mixed", "plot1", "lines")}
    tables = {f"{name}.csv" for name in names}
    plots = {"exp/run.sedml/lines.svg", "exp/run.sedml/plot1.svg"}
    around = {"plots.zip", "reports.zip", "log.yml"}
    for loose, beside in ((True, tables | plots), (False, set())):
        out = tmp_path / str(loose)
        run_archive(theirs, out, files=ResultFiles(plots=["svg"], bundled=True, loose=loose))
        assert _written(out) == around | beside
        for name, held in (("plots.zip", plots), ("reports.zip", tables)):
            with zipfile.ZipFile(out / name) as bundle:
                assert set(bundle.namelist()) == held
        assert (out / "exp").exists() is loose


def test_files_lie_where_they_are_asked_for(theirs, tmp_path):
    pytest.importorskip("h5py")
    files = ResultFiles(reports=["h5", "csv"], plots=(), plot_data=False, loose=False, bundled=True,
                        hdf5="data/all.h5", report_bundle="data/tables.zip", log="")  # fmt: skip
    run_archive(theirs, tmp_path / "out", files=files)
    assert _written(tmp_path / "out") == {"data/all.h5", "data/tables.zip"}
    with zipfile.ZipFile(tmp_path / "out" / "data" / "tables.zip") as bundle:
        assert len(bundle.namelist()) == 3  # no data of plots


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"reports": ["xls"]}, "reports are written as csv, tsv, h5, not 'xls'"),
        ({"plots": ["gif"]}, "plots are written as pdf, svg, png, not 'gif'"),
        ({"loose": False}, "have to be bundled"),
        ({"log": "../log.yml"}, "'../log.yml' is no path within"),
        ({"hdf5": "/tmp/a.h5"}, "'/tmp/a.h5' is no path within"),
        ({"report_bundle": ""}, "'' is no path within"),
        ({"plot_bundle": "reports.zip"}, "the same path"),
    ],
)
def test_files_that_cannot_be_are_refused(how, words):
    with pytest.raises(InputError, match=re.escape(words)):
        ResultFiles(**how)


def test_what_this_package_writes_it_runs(tmp_path):
    sedml = pytest.importorskip("transport_model.analyses.exchange.simulations.sedml")
    pytest.importorskip("libsedml")
    (tmp_path / "own.xml").write_text(sbml(tmp_path))
    own = load_model(tmp_path / "own.xml")
    text = sedml.course_sedml(own, "own.xml", 8.0, 33, ["S", "P", "total"], title="An uptake")
    about = About("An uptake", "A test.", ("Somebody",), dt.date(2020, 1, 1))
    members = [text_member("course.sedml", text, master=True), text_member("own.xml", own.sbml)]
    write_archive(members, tmp_path / "own.omex", about)
    run = run_archive(tmp_path / "own.omex")
    (table,) = run.reports.values()
    wanted = simulate(own, 8.0, 33)
    np.testing.assert_array_equal(table["time"], wanted.index)
    for name in ("S", "P", "total"):
        np.testing.assert_allclose(table[name], wanted[name], rtol=1e-9)
    assert len(run.figures) == 3


def _command(monkeypatch, capsys, *words):
    monkeypatch.setattr("sys.argv", ["transport-model", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        app.main()
    return ended.value.code, capsys.readouterr().err


@pytest.mark.parametrize("words", [("run", 0, "--out", 1), ("run", "-i", 0, "-o", 1, "-q")])
def test_the_command_takes_both_forms(words, theirs, tmp_path, monkeypatch, capsys):
    given = [{0: theirs, 1: tmp_path / "out"}.get(word, word) for word in words]
    code, said = _command(monkeypatch, capsys, *given)
    assert code == 0
    assert ("3 reports, 2 plots and log.yml" in said) is ("-q" not in words)
    assert (tmp_path / "out" / "log.yml").exists()


ENVIRONMENTS = [
    ({"REPORT_FORMATS": "tsv", "VIZ_FORMATS": "png, SVG"}, {".tsv", ".png", ".svg", ".yml"}),
    ({"REPORT_FORMATS": "", "VIZ_FORMATS": ""}, {".yml"}),
    ({"BUNDLE_OUTPUTS": "1"}, {".csv", ".pdf", ".zip", ".yml"}),
    ({"KEEP_INDIVIDUAL_OUTPUTS": "0", "REPORTS_PATH": "r.tables"}, {".tables", ".zip", ".yml"}),
    ({"LOG_PATH": "what.log", "VIZ_FORMATS": ""}, {".csv", ".log"}),
    ({"LOG_PATH": "", "VIZ_FORMATS": ""}, {".csv"}),
]


@pytest.mark.parametrize(("variables", "suffixes"), ENVIRONMENTS)
def test_the_environment_says_what_is_written(
    variables, suffixes, theirs, tmp_path, monkeypatch, capsys
):
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    code, said = _command(monkeypatch, capsys, "run", theirs, "--out", tmp_path / "out")
    assert code == 0
    assert {Path(name).suffix for name in _written(tmp_path / "out")} == suffixes
    log = variables.get("LOG_PATH", "log.yml")
    assert said.endswith(f"3 reports, 2 plots{f' and {log}' if log else ''}\n")


def test_data_of_plots_are_left_out_on_request(theirs, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SAVE_PLOT_DATA", "0")
    _command(monkeypatch, capsys, "run", theirs, "--out", tmp_path / "out")
    tables = {Path(name).name for name in _written(tmp_path / "out") if name.endswith(".csv")}
    assert tables == {"report1.csv", "all.csv", "mixed.csv"}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("KEEP_INDIVIDUAL_OUTPUTS", "no", "KEEP_INDIVIDUAL_OUTPUTS is 0 or 1, not 'no'"),
        ("REPORT_FORMATS", "h5,xlsx", "not 'xlsx'"),
        ("ALGORITHM_SUBSTITUTION_POLICY", "some", "is one of NONE, "),
        ("LOG_PATH", "/etc/log.yml", "is no path within"),
    ],
)
def test_variables_that_say_nothing_are_refused(name, text, said, theirs, tmp_path, monkeypatch,
                                                capsys):  # fmt: skip
    monkeypatch.setenv(name, text)
    code, told = _command(monkeypatch, capsys, "run", theirs, "--out", tmp_path / "out")
    assert code == 2
    assert said in told
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("policy", "algorithm", "code"),
    [("NONE", "KISAO:0000088", 2), ("SAME_MATH", "KISAO:0000088", 2), ("none", "KISAO:0000019", 0),
     ("SIMILAR_APPROXIMATIONS", "KISAO:0000088", 0), ("ANY", "KISAO:0000088", 0)],
)  # fmt: skip
def test_another_algorithm_only_where_the_policy_allows_it(
    policy, algorithm, code, tmp_path, monkeypatch, capsys
):
    text = document(model(), course(algorithm=algorithm), task(), generator("S", S), report("S"))
    path = archive(tmp_path / "a.omex", {"run.sedml": text, "model.xml": sbml(tmp_path)})
    monkeypatch.setenv("ALGORITHM_SUBSTITUTION_POLICY", policy)
    ended, said = _command(monkeypatch, capsys, "run", path, "--out", tmp_path / "out")
    assert ended == code
    assert ("LSODA (KISAO:0000088), which another algorithm" in said) is (code == 2)


def test_interrupted_it_leaves_nothing(theirs, tmp_path):
    """Ctrl-C in the midst of a task: status 130, one line, and no folder, whole or half."""
    wait = ("import os, signal, sys; import transport_model.analyses.exchange.execution.tasks as t;"
            " signal.signal(signal.SIGINT, signal.default_int_handler);"
            " t.Tasks.run = lambda *a: os.kill(os.getpid(), signal.SIGINT);"
            " from transport_model.analyses.cli.app import main; main()")  # fmt: skip
    words = ["run", str(theirs), "--out", str(tmp_path / "out")]
    ended = subprocess.run([sys.executable, "-c", wait, *words], capture_output=True, text=True,
                           check=False)  # fmt: skip
    assert ended.returncode == 130
    assert ended.stderr.splitlines() == ["transport-model: interrupted"]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "run was given no archive"),
        (("a.omex", "-i", "b.omex"), "run was given two archives"),
        (("a.omex",), "run needs a folder"),
        (("none.omex", "--out", "a/b"), "there is no folder 'a'"),
    ],
)
def test_what_the_command_lacks_is_said(words, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code, told = _command(monkeypatch, capsys, "run", *words)
    assert code == 2
    assert said in told
    assert not list(tmp_path.iterdir())


def _refused_log(monkeypatch, capsys, path, out):
    code, said = _command(monkeypatch, capsys, "run", "-i", path, "-o", out)
    assert [file.name for file in out.iterdir()] == ["log.yml"]
    return code, said, yaml.safe_load((out / "log.yml").read_text())


def test_a_log_says_why_nothing_was_run(tmp_path, monkeypatch, capsys):
    code, said, log = _refused_log(monkeypatch, capsys, tmp_path / "none.omex", tmp_path / "out")
    message = f"no such file: {tmp_path / 'none.omex'}"
    assert (code, said) == (2, f"transport-model: {message}\n")
    assert log["exception"] == {"type": "ModelFileError", "message": message}
    assert log["duration"] >= 0
    assert (log["status"], log["sedDocuments"], log["skipReason"]) == ("FAILED", [], None)


def test_a_log_says_what_nobody_thought_of(theirs, tmp_path, monkeypatch, capsys):
    def broken(*_):
        raise ZeroDivisionError("never seen before")

    monkeypatch.setattr("transport_model.analyses.exchange.execution.run.read_document", broken)
    code, _, log = _refused_log(monkeypatch, capsys, theirs, tmp_path / "out")
    assert code == 1
    assert log["exception"] == {"type": "ZeroDivisionError", "message": "never seen before"}


def test_a_run_that_is_refused_leaves_what_was_there_but_its_log(theirs, tmp_path):
    run_archive(theirs, tmp_path / "out")
    before = _written(tmp_path / "out")
    with pytest.raises(InputError, match="no such file"):
        run_archive(tmp_path / "none.omex", tmp_path / "out")
    assert _written(tmp_path / "out") == before
    assert yaml.safe_load((tmp_path / "out" / "log.yml").read_text())["status"] == "FAILED"


def test_a_task_that_fails_ends_the_command_with_1_and_leaves_the_rest(
    tmp_path, monkeypatch, capsys
):
    text = document(
        model() + model("m2"),
        course() + '<steadyState id="rest"><algorithm kisaoID="KISAO:0000407"/></steadyState>',
        task() + task("grown", "m2", "rest"),
        generator("S", S) + generator("G", S, "grown"),
        report("S") + report("G", key="never"),
    )
    grows = "model grows\n compartment c = 1; species S in c = 1; k = 1; -> S; c*k;\nend\n"
    path = archive(tmp_path / "a.omex", {"run.sedml": text, "model.xml": sbml(tmp_path, grows)})
    code, said = _command(monkeypatch, capsys, "run", path, "--out", tmp_path / "out")
    assert code == 1
    assert "task 'grown'" in said
    assert (tmp_path / "out" / "run.sedml" / "report1.csv").exists()
    assert not (tmp_path / "out" / "run.sedml" / "never.csv").exists()
    log = yaml.safe_load((tmp_path / "out" / "log.yml").read_text())
    assert log["status"] == "FAILED"
    assert log["exception"]["type"] == "ComputationError"
    assert "task 'grown'" in log["exception"]["message"]
