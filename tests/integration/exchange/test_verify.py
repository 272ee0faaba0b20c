"""Other people's engines, each in its own process, against libRoadRunner as we run it."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from transport_model import load_model, simulate
from transport_model.analyses.exchange.verification.certificate import (
    certificate,
    write_certificate,
)
from transport_model.analyses.exchange.verification.engines import (
    KNOWN_TO_BE_WRONG,
    REFEREES,
    Referee,
)
from transport_model.analyses.exchange.verification.verify import (
    TOLERANCE,
    relative_difference,
    scales,
    verify,
)
from transport_model.analyses.verdict import Verdict
from transport_model.errors import InputError

MOVING = {"Na_i", "K_i", "Cl_i", "Glc_i", "charge", "water_i", "V_m", "J_pump", "J_sglt"}

DECAY = """
model decay
  compartment cell = 2; species A in cell, B in cell
  A = 3; B = 0; k = 0.1
  J: A -> B; cell*k*A
end
"""


@pytest.fixture(scope="module")
def decay(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "decay.ant"
    path.write_text(DECAY)
    return load_model(path)


@pytest.fixture
def engine(tmp_path, monkeypatch):
    """Return a maker of engines from the source of their module."""

    def make(source: str, **settings: object) -> Referee:
        (tmp_path / "their_engine.py").write_text(source, encoding="utf-8")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        base = Referee("their", "Theirs", "their_engine", ("numpy",), ("numpy",), "pip install it")
        return replace(base, **settings)

    return make


@pytest.fixture(scope="module")
def agreement(cell):
    return verify(cell, engines=["copasi", "cellml", "myokit", "tellurium"], sets=1, seed=7)


@pytest.mark.parametrize("key", ["copasi", "cellml", "myokit", "tellurium"])
def test_an_engine_agrees_on_an_hour_and_on_random_parameters(agreement, key):
    known = next(item for item in REFEREES if item.key == key)
    if not known.available:
        pytest.skip(f"{known.title} is not installed")
    rows = agreement.table[agreement.table["engine"] == known.title]
    assert set(rows["verdict"]) == {Verdict.AGREES}
    assert rows["difference"].max() <= TOLERANCE
    for test in ("course", "set 1"):
        assert set(rows.loc[rows["test"] == test, "quantity"]) >= MOVING
    assert known.version
    assert known.version == rows["version"].iloc[0]


def test_copasi_agrees_on_the_steady_state(agreement):
    pytest.importorskip("basico")
    rows = agreement.table[agreement.table["test"] == "steady state"]
    rows = rows[rows["engine"] == "COPASI"]
    assert set(rows["quantity"]) >= MOVING
    assert rows["difference"].max() <= TOLERANCE


@pytest.mark.slow
def test_amici_agrees(cell):
    pytest.importorskip("amici")
    table = verify(cell, engines=["amici"], sets=10).engines
    assert table.loc["AMICI", "verdict"] == Verdict.AGREES
    assert table.loc["AMICI", "tests"] == 11


WRONG = """
from transport_model.analyses.exchange.verification.engines.roadrunner_engine import course as right
def course(job):
    columns = right(job)
    columns["B"] = [value * (1 + {error}) for value in columns["B"]]
    return columns
"""


def test_a_result_off_by_more_than_the_tolerance_is_called_different(decay, engine):
    theirs = engine(WRONG.format(error=3e-7))
    found = verify(decay, engines=[theirs], sets=1, end=10, points=11)
    rows = found.table.set_index(["test", "quantity"])
    assert rows.loc[("course", "B"), "verdict"] == Verdict.DIFFERS
    assert rows.loc[("course", "B"), "difference"] == pytest.approx(3e-7, rel=0.01)
    assert rows.loc[("course", "A"), "verdict"] == Verdict.AGREES
    assert found.engines.loc["Theirs", "verdict"] == Verdict.DIFFERS
    assert not found.holds


def test_a_result_off_by_less_agrees(decay, engine):
    found = verify(decay, engines=[engine(WRONG.format(error=3e-8))], sets=0, end=10, points=11)
    assert found.holds


def test_a_process_that_crashes_fails_its_own_test_alone(decay, engine):
    theirs = engine("""
import os
from transport_model.analyses.exchange.verification.engines.roadrunner_engine import course as right
def course(job):
    if job.test == "set 1":
        os.abort()
    return right(job)
""")
    rows = verify(decay, engines=[theirs], sets=2, end=10, points=11).table
    failed = rows[rows["verdict"] == Verdict.FAILED]
    assert list(failed["test"]) == ["set 1"]
    assert "SIGABRT" in failed["note"].iloc[0]
    assert set(rows.loc[rows["test"].isin(["course", "set 2"]), "verdict"]) == {Verdict.AGREES}


def test_a_process_that_hangs_is_given_up(decay, engine):
    theirs = engine("import time\ndef course(job): time.sleep(600)\n", timeout=3.0)
    row = verify(decay, engines=[theirs], sets=0, end=10, points=11).engines.loc["Theirs"]
    assert row["verdict"] == Verdict.FAILED
    assert "no answer within 3 s" in row["note"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def course(job): raise SystemError('no such thing')", "no such thing"),
        ("def course(job): return {'A': [1.0]}", "1 points instead of 11"),
        ("def course(job): return {}", "no answer for A, B"),
        (
            "def course(job): print('nonsense'); return {'A': [float('nan')] * 11}",
            "no answer for A, B",
        ),
        ("import no_such_library_at_all", "no_such_library_at_all"),
    ],
)
def test_an_engine_without_an_answer_failed(decay, engine, source, said):
    row = verify(decay, engines=[engine(source)], sets=0, end=10, points=11).engines.loc["Theirs"]
    assert said in row["note"]
    assert row["verdict"] in {Verdict.FAILED, Verdict.DIFFERS}


def test_what_is_missing_is_named_with_the_command_that_installs_it(decay, engine, tmp_path):
    theirs = engine("", imports=("no_such_library_at_all",), packages=("no-such-library",))
    found = verify(decay, engines=[theirs], sets=0, end=10, points=11)
    row = found.engines.loc["Theirs"]
    assert row["verdict"] == Verdict.NOT_INSTALLED
    assert row["note"] == "pip install it"
    assert "pip install it" in write_certificate(found, tmp_path / "out").read_text("utf-8")


def test_engines_known_to_be_wrong_are_named_with_the_reason(decay, monkeypatch, tmp_path):
    monkeypatch.setattr("transport_model.analyses.exchange.verification.verify.REFEREES", ())
    found = verify(decay, sets=0, end=10, points=11)
    assert set(found.engines.index) == set(KNOWN_TO_BE_WRONG)
    page = write_certificate(found, tmp_path).read_text("utf-8")
    assert "PySCeS" in page
    assert "re-sorts assignment rules" in page
    assert not found.holds  # nothing agreed


def test_the_certificate_escapes_what_others_wrote(decay, engine, tmp_path):
    hostile = "<script>alert('x')</script>"
    theirs = engine(f"def course(job): raise ValueError({hostile!r})", title="<b>T</b>")
    found = verify(replace(decay, name=hostile), engines=[theirs], sets=0, end=10, points=11)
    page = write_certificate(found, tmp_path).read_text("utf-8")
    assert "<script" not in page
    assert "<b>T" not in page
    assert "&lt;script&gt;" in page


def test_the_certificate_says_what_was_compared(agreement, cell, tmp_path):
    page = write_certificate(agreement, tmp_path / "new")
    assert sorted(os.listdir(page.parent)) == ["certificate.html", "certificate.json"]
    read = json.loads((page.parent / "certificate.json").read_text("utf-8"))
    assert read == json.loads(json.dumps(certificate(agreement)))
    assert read["model"] == {"name": "cell", "sha256": cell.hash, "changes": {}}
    worst = max(item["largest_difference"] for item in read["engines"])
    every = [value for row in read["quantities"] for value in row["differences"].values()]
    assert worst == max(value for value in every if value is not None)
    assert read["verdict"] == "agrees"
    assert cell.hash in page.read_text("utf-8")


def test_a_set_that_we_cannot_compute_is_left_out_and_said(decay, engine, monkeypatch):
    table = pd.DataFrame({"k": [-1e400]}, index=["set 1"])
    monkeypatch.setattr(
        "transport_model.analyses.exchange.verification.verify.random_sets", lambda *_: table
    )
    found = verify(decay, engines=[engine(WRONG.format(error=0))], sets=1, end=10, points=11)
    assert "finite" in found.skipped["set 1"]
    assert found.holds


def test_small_net_fluxes_are_measured_by_what_cancels_in_them(cell):
    course = simulate(cell, 3600, 7)
    scale = scales(cell, course)
    # chloride is at equilibrium: its net flux is small beside the flux either way
    assert scale["J_leak_Cl"] > 1e3 * course["J_leak_Cl"].abs().max()
    assert scale["Na_i"] == pytest.approx(course["Na_i"].max(), rel=1e-6)


def test_a_difference_is_relative_to_the_scale():
    ours = np.array([1.0, 2.0, np.nan])
    assert relative_difference(ours, ours, 2.0) == 0.0
    assert relative_difference(ours, np.array([1.0, 2.5, np.nan]), 2.0) == 0.25
    assert relative_difference(ours, np.array([1.0, 2.0, 3.0]), 2.0) == np.inf
    assert relative_difference(ours, np.array([1.0, np.nan, np.nan]), 2.0) == np.inf


@pytest.mark.parametrize("wrong", [{"engines": ["copassi"]}, {"sets": -1}, {"end": -1.0}])
def test_bad_input_is_refused(decay, wrong):
    with pytest.raises(InputError):
        verify(decay, **wrong)


def test_a_model_without_states_is_compared_and_not_asked_for_its_rest():
    agreement = verify(load_model("pump_assay"), engines=["roadrunner"], sets=1, end=10.0, points=3)
    assert agreement.holds
    assert agreement.skipped == {}
    assert set(agreement.table["test"]) == {"course", "set 1"}
