"""The folder that is sent to BioModels."""

from __future__ import annotations

import importlib.util
import re
import zipfile
from pathlib import Path

import pytest

from transport_model import load_model, steady_state
from transport_model.models_folder import models_folder


@pytest.fixture(scope="module")
def biomodels():
    spec = importlib.util.spec_from_file_location("biomodels", models_folder() / "biomodels.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_folder_holds_what_curators_ask_for(biomodels, tmp_path):
    text = biomodels.submission("pump_assay", tmp_path / "sent").read_text("utf-8")
    model = load_model(tmp_path / "sent" / "pump_assay.xml")
    state = steady_state(model)
    rows = re.findall(r"^\| `(\w+)` \| (\S+) \| ", text, re.MULTILINE)
    assert "pump_cycle" in dict(rows)
    for name, value in rows:
        assert float(value) == pytest.approx(state[name], rel=1e-5)
    for name in re.findall(r"`([\w/.]+\.(?:xml|sedml|omex))`", text):
        assert (tmp_path / "sent" / name).is_file()
    with zipfile.ZipFile(tmp_path / "sent" / "pump_assay.omex") as archive:
        assert "manifest.xml" in archive.namelist()


def test_a_file_of_which_libsbml_says_something_is_refused(biomodels, monkeypatch, tmp_path):
    sbml = load_model("pump_assay").sbml
    assert not biomodels.complaints(sbml)
    assert biomodels.complaints(sbml.replace("</model>", "<listOfCompartments/></model>"))
    monkeypatch.setattr(biomodels, "complaints", lambda text: ["units differ"])
    with pytest.raises(RuntimeError, match="libSBML says of pump_assay: units differ"):
        biomodels.submission("pump_assay", tmp_path / "sent")
    assert not Path(tmp_path / "sent").exists()
