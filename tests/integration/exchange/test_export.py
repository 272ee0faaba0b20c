"""The whole export: every format, one archive, nothing half-written."""

from __future__ import annotations

import zipfile

import libsbml
import pytest

from transport_model import load_model, simulate
from transport_model.analyses.exchange import export as exporting
from transport_model.analyses.exchange.export import FORMATS, export_file, export_folder
from transport_model.errors import ComputationError, InputError


@pytest.fixture(scope="module")
def hungry(cell):
    return cell.with_values(Glc_o=0.1)


@pytest.fixture(scope="module")
def folder(hungry, tmp_path_factory):
    target = tmp_path_factory.mktemp("exports") / "cell"
    written = export_folder(hungry, target)
    assert not [loss for loss in map(str, written.losses) if "the model as a whole" in loss]
    assert all(path.is_file() for path in written.files)
    return target


def test_every_format_is_there(folder):
    names = {path.name for path in folder.iterdir()}
    assert names >= {"cell.xml", "cell-l3v1.xml", "cell-l2v5.xml", "cell-l2v4.xml",
                     "cell-comp.xml", "cell.ant", "cell.cellml", "cell.md", "cell.tex",
                     "cell.omex", "petab", "figures", "experiments", "data"}  # fmt: skip
    assert not [name for name in names if name.startswith(".")]


def test_every_sbml_of_the_export_is_without_errors(folder):
    paths = sorted(folder.rglob("*.xml"))
    assert len(paths) > 40
    for path in paths:
        document = libsbml.readSBMLFromFile(str(path))
        document.checkConsistency()
        serious = [document.getError(i).getMessage() for i in range(document.getNumErrors())
                   if document.getError(i).getSeverity() >= libsbml.LIBSBML_SEV_ERROR]  # fmt: skip
        assert serious == [], path.name


def test_changed_values_come_back_with_their_provenance(hungry, folder):
    expected = simulate(hungry, 600.0, 7)["V_m"].to_numpy()
    for name in ("cell.xml", "cell-l2v4.xml", "cell-comp.xml", "cell.ant", "cell.omex"):
        model = load_model(folder / name)
        assert model.quantities["Glc_o"].value == 0.1, name
        if name != "cell.omex":  # its master is a figure's own model
            got = simulate(model, 600.0, 7)["V_m"].to_numpy()
            assert got == pytest.approx(expected, rel=1e-9), name
    assert "Glc_o" in libsbml.readSBMLFromFile(str(folder / "cell.xml")).getModel().getNotesString()


def test_the_archive_holds_what_the_folder_holds(folder):
    with zipfile.ZipFile(folder / "cell.omex") as archive:
        held = set(archive.namelist())
        lost = archive.read("README.md").decode()
    files = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()} - {"cell.omex"}
    assert files <= held
    assert "CellML 2.0: reactions" in lost


def test_two_exports_give_the_same_bytes(hungry, folder, tmp_path):
    export_file(hungry, tmp_path / "cell.omex")
    assert (tmp_path / "cell.omex").read_bytes() == (folder / "cell.omex").read_bytes()


def test_a_model_of_others_is_exported_too(tmp_path):
    source = tmp_path / "decay.ant"
    source.write_text("model decay(); species S; S = 10; S -> ; k*S; k = 0.1; end", "utf-8")
    written = export_folder(load_model(source), tmp_path / "out")
    names = {path.name for path in written.files}
    assert {"decay.xml", "decay.cellml", "decay.omex", "course.sedml"} <= names


@pytest.mark.parametrize(
    ("name", "message"),
    [("model.zip", "cannot tell the format"), ("none/model.xml", "no folder"), (".", "folder")],
)
def test_files_that_cannot_be_written(cell, tmp_path, name, message):
    with pytest.raises(InputError, match=message):
        export_file(cell, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_an_unknown_format_lists_those_that_exist(cell, tmp_path):
    with pytest.raises(InputError, match=", ".join(FORMATS)):
        export_folder(cell, tmp_path / "out", ["sbml-l9v9"])


def test_a_format_that_fails_leaves_nothing(cell, tmp_path, monkeypatch):
    def fails(model):
        raise ComputationError("it cannot")

    monkeypatch.setitem(exporting._FLAT, "latex", (".tex", fails, "LaTeX", ""))
    with pytest.raises(ComputationError, match="it cannot"):
        export_folder(cell, tmp_path / "out", ["sbml-l3v2", "latex"])
    assert not (tmp_path / "out").exists()
