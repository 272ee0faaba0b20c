"""What cannot be exported, archived or asked of an engine is refused in words."""

from __future__ import annotations

import datetime as dt
import re
import sys
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import ODEintWarning

from transport_model import Model, load_model
from transport_model.analyses.exchange.archive import About, ArchiveFile, write_archive
from transport_model.analyses.exchange.export import FORMATS, export_file
from transport_model.analyses.exchange.models import cellml
from transport_model.analyses.exchange.models.cellml import export_cellml
from transport_model.analyses.exchange.models.hierarchy import hierarchical_text
from transport_model.analyses.exchange.models.sbml import sbml_flavour
from transport_model.analyses.exchange.verification.engines import cellml_engine, myokit_engine
from transport_model.analyses.exchange.verification.engines.jobs import EngineError
from transport_model.analyses.exchange.verification.engines.ode import integrate
from transport_model.analyses.exchange.verification.questions import job_of
from transport_model.analyses.exchange.verification.verify import verify
from transport_model.catalogue import model_source, shipped_models
from transport_model.errors import ComputationError, InputError, ModelFileError

DAY = dt.date(2026, 1, 1)
ABOUT = About("A cell", "A test.", ("The authors",), DAY)
MASTER = ArchiveFile("a.sedml", b"", master=True)


@pytest.fixture
def build(tmp_path):
    def build(body: str) -> Model:
        path = tmp_path / "theirs.ant"
        path.write_text(f"model theirs()\n{body}\nend\n", encoding="utf-8")
        return load_model(path)

    return build


# Export --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "message"),
    [("sedml", "several files"), ("petab", "several files"), ("zip", ", ".join(FORMATS))],
)
def test_a_format_that_is_no_single_file(cell, tmp_path, name, message):
    with pytest.raises(InputError, match=message):
        export_file(cell, tmp_path / "cell.xml", name)
    assert not list(tmp_path.iterdir())


def test_what_myokit_cannot_say_in_cellml(build):
    pytest.importorskip("myokit")
    with pytest.raises(InputError, match="Myokit cannot write model 'theirs' as CellML"):
        export_cellml(build("species S; S = 1; S -> ; factorial(S)"))


def test_cellml_that_libcellml_finds_wrong(build, monkeypatch):
    pytest.importorskip("myokit")
    monkeypatch.setattr(cellml, "issues", lambda text: (["no such unit"], []))
    with pytest.raises(InputError, match=r"does not fit CellML 2\.0: no such unit"):
        export_cellml(build("S = 1; S' = -S"))


def test_a_missing_library_is_named_with_what_installs_it(build, monkeypatch):
    monkeypatch.setitem(sys.modules, "myokit", None)
    with pytest.raises(InputError, match=r"needs myokit: pip install '.*\[exchange\]'"):
        export_cellml(build("S = 1; S' = -S"))


@pytest.mark.parametrize(("level", "version"), [(3, 1), (2, 5), (2, 4)])
def test_rates_of_change_in_formulas_are_of_the_latest_level(build, level, version):
    with pytest.raises(InputError, match="rateOf"):
        sbml_flavour(build("T = 1; T' = -T; x := rateOf(T)"), level, version)


def test_a_model_that_only_bears_a_shipped_name_has_no_modules(build):
    theirs = replace(build("species S; S = 1; S -> ; S"), name="cell")
    text, losses = hierarchical_text(theirs)
    assert "<comp:submodel" not in text
    assert [loss.what for loss in losses] == ["submodels"]


def test_sources_are_of_shipped_models_and_import_their_parts():
    with pytest.raises(ModelFileError, match=", ".join(shipped_models())):
        model_source("cel")
    source = model_source("cell_sglt2_pan2019")
    assert "model *cell_sglt2_pan2019()" in source
    imports = re.findall(r'import "(\w+)s/(\w+)\.ant"', source)
    assert dict(imports) == {"pump": "pan2019", "symporter": "sglt2"}
    assert "symporters/" not in model_source("pump_assay_pan2019")


# Archives ------------------------------------------------------------------------------------


def test_an_archive_ends_in_omex(tmp_path):
    with pytest.raises(InputError, match=r"ends in \.omex, not 'a\.zip'"):
        write_archive([MASTER], tmp_path / "a.zip", ABOUT)
    assert not list(tmp_path.iterdir())


def test_two_files_of_one_path(tmp_path):
    with pytest.raises(InputError, match=r"hold 'b\.txt' twice"):
        write_archive([MASTER, ArchiveFile("b.txt", b"1"), ArchiveFile("b.txt", b"2")],
                      tmp_path / "a.omex", ABOUT)  # fmt: skip
    assert not list(tmp_path.iterdir())


# Engines -------------------------------------------------------------------------------------


def test_a_model_in_which_nothing_moves_is_not_verified(build):
    with pytest.raises(InputError, match="nothing moves in model 'theirs'"):
        verify(build("k = 1"), engines=["myokit"], sets=0)


def test_what_we_cannot_compute_is_not_asked_of_others(build):
    beyond = build("k = 1; x := piecewise(1, time < 0.5, 1/0); S = 1; S' = x")
    with pytest.raises(ComputationError, match="model 'theirs'"):
        verify(beyond, engines=["myokit"], sets=0, end=2.0, points=3)


def asked(model: Model):
    return job_of(model, "course", "course", model.sbml, [], ["S"], 1.0, 3)


def test_engines_without_events_say_so(build):
    model = build("S = 1; S' = -S; at S < 0.5: S = 1")
    for engine in (myokit_engine, cellml_engine):
        with pytest.raises(EngineError, match="leaves out events"):
            engine.course(asked(model))


def test_cellml_needs_something_that_moves(build):
    pytest.importorskip("myokit")
    with pytest.raises(EngineError, match="without a state"):
        cellml_engine.course(asked(build("S = 1; x := S*2")))


def test_an_import_that_keeps_no_id_is_no_answer(build):
    with pytest.raises(EngineError, match="none of the model's ids"):
        myokit_engine.columns_by_id(asked(build("S = 1; S' = -S")), {"elsewhere.T": [1.0]})


def test_an_integrator_that_gives_up_says_so():
    def explodes(time, y):
        with np.errstate(over="ignore"):
            return y**2

    times = np.linspace(0.0, 2.0, 5)
    with pytest.warns(ODEintWarning), pytest.raises(EngineError, match="LSODA"):
        integrate(explodes, np.array([1.0]), times)
    assert integrate(explodes, np.zeros(0), times).shape == (5, 0)
