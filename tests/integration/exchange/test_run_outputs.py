"""What running an archive writes: tables, HDF5 as BioSimulators lay it out, plots, the log."""

from __future__ import annotations

import datetime as dt
import zipfile

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

from transport_model import load_model, run_archive, simulate
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


def test_tables_hold_a_column_per_data_set(theirs, tmp_path):
    run = run_archive(theirs, tmp_path / "out")
    folder = tmp_path / "out" / "exp" / "run.sedml"
    assert {path.name for path in folder.iterdir()} == {
        "report1.csv", "all.csv", "mixed.csv", "plot1.pdf", "lines.pdf"}  # fmt: skip
    read = pd.read_csv(folder / "report1.csv")
    pd.testing.assert_frame_equal(read, run.reports["exp/run.sedml/report1"])
    scanned = pd.read_csv(folder / "all.csv")
    assert list(scanned.columns) == ["iteration", "subtask", "point", "t_scan", "S_scan"]
    assert list(scanned["iteration"].unique()) == [0, 1, 2]


def test_hdf5_is_laid_out_as_biosimulators_do(theirs, tmp_path):
    h5py = pytest.importorskip("h5py")
    run = run_archive(theirs, tmp_path / "out", report_formats=["h5"])
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
        run_archive(theirs, tmp_path / "out", report_formats=["h5"])
    assert not (tmp_path / "out").exists()


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


def test_bundles_hold_tables_and_plots(theirs, tmp_path):
    run_archive(theirs, tmp_path / "out", plot_formats=["svg"], bundle=True)
    with zipfile.ZipFile(tmp_path / "out" / "plots.zip") as bundle:
        assert bundle.namelist() == ["exp/run.sedml/lines.svg", "exp/run.sedml/plot1.svg"]
    with zipfile.ZipFile(tmp_path / "out" / "reports.zip") as bundle:
        assert "exp/run.sedml/report1.csv" in bundle.namelist()


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


def test_the_environment_says_what_is_written(theirs, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("REPORT_FORMATS", "tsv")
    monkeypatch.setenv("VIZ_FORMATS", "png, svg")
    monkeypatch.setenv("BUNDLE_OUTPUTS", "1")
    assert _command(monkeypatch, capsys, "run", theirs, "--out", tmp_path / "out")[0] == 0
    suffixes = {path.suffix for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert suffixes == {".tsv", ".png", ".svg", ".yml", ".zip"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "run was given no archive"),
        (("a.omex", "-i", "b.omex"), "run was given two archives"),
        (("a.omex",), "run needs a folder"),
        (("none.omex", "--out", "out"), "no such file: none.omex"),
    ],
)
def test_what_the_command_lacks_is_said(words, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code, told = _command(monkeypatch, capsys, "run", *words)
    assert code == 2
    assert said in told
    assert not list(tmp_path.iterdir())


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
    assert "task 'grown'" in log["exception"]["message"]
