"""Other people's engines read the shipped SBML and get the same numbers."""

from __future__ import annotations

import numpy as np
import pytest
import roadrunner

from transport_model import evaluate, simulate, steady_state
from transport_model.catalogue import models_folder

COLUMNS = ["Na_i", "K_i", "Cl_i", "Glc_i", "charge", "water_i"]


@pytest.fixture
def copasi(cell):
    basico = pytest.importorskip("basico")
    model = basico.load_model(str(models_folder() / "cell.xml"))
    yield basico, model
    basico.remove_datamodel(model)


@pytest.fixture(scope="module")
def disturbed(cell):
    """An hour that moves everything: the lumen is emptied, Na⁺ leaks more."""
    return cell.with_values(Glc_o=0.05, P_Na=2e-3)


def test_copasi_agrees_on_an_hour(copasi, disturbed):
    basico, model = copasi
    basico.set_species("lumen glucose", initial_concentration=0.05, model=model)
    basico.set_parameters("Na⁺ permeability times area", initial_value=2e-3, model=model)
    theirs = basico.run_time_course(0, 3600, 60, model=model, use_sbml_id=True, r_tol=1e-11,
                                    a_tol=1e-14)  # fmt: skip
    ours = simulate(disturbed, 3600, 61)
    for name in COLUMNS:
        scale = 1 if name not in ("charge", "water_i") else None
        mine = ours[name].to_numpy()
        other = theirs[name].to_numpy()
        if scale is None:
            other = other * mine[0] / other[0]  # amount species come as concentrations
        assert np.allclose(other, mine, rtol=1e-6), name


def test_copasi_finds_the_same_steady_state(copasi, cell, resting):
    basico, model = copasi
    assert basico.run_steadystate(model=model) == 1
    for name in ("Na_i", "K_i", "Cl_i", "Glc_i"):
        label = cell.quantities[name].name
        found = basico.get_species(label, exact=True, model=model)["concentration"].iloc[0]
        assert found == pytest.approx(resting[name], rel=1e-8)


def test_tellurium_agrees(cell, disturbed):
    tellurium = pytest.importorskip("tellurium")
    runner = tellurium.loadSBMLModel(str(models_folder() / "cell.xml"))
    runner["[Glc_o]"], runner["P_Na"] = 0.05, 2e-3
    runner.integrator.relative_tolerance = 1e-10
    runner.integrator.absolute_tolerance = 1e-14
    runner.timeCourseSelections = ["time", *(f"[{n}]" for n in COLUMNS[:4]), "V_m"]
    theirs = np.array(runner.simulate(0, 3600, 61))
    ours = simulate(disturbed, 3600, 61)[[*COLUMNS[:4], "V_m"]]
    assert np.allclose(theirs[:, 1:], ours, rtol=1e-6)


def test_evaluate_agrees_with_libroadrunner(disturbed):
    """Every rule and rate, read through SymPy, against the engine that integrated them."""
    course = simulate(disturbed, 3600, 25)
    table = evaluate(disturbed, course)
    assert set(table.columns) == set(course.columns)
    # net fluxes that cancel are compared on the scale of what cancels
    loose = {"J_water": 1e-4, "osmosis_flow": 1e-4, "J_leak_Cl": 1e-9, "leak_Cl_flow": 1e-9,
             "dG_Cl": 1e-9, "dG_leak_Cl": 1e-9, "dG_water": 1e-12}  # fmt: skip
    for name in course:
        assert np.allclose(table[name], course[name], rtol=1e-9, atol=loose.get(name, 1e-12)), name


def test_steady_state_equals_libroadrunners_own(cell, resting):
    from transport_model.simulation.runner import Runner

    runner = Runner(cell.sbml)
    runner.engine.conservedMoietyAnalysis = True
    runner.restart(cell)
    # Events that do nothing but stop the integrator where a comparison changes
    allowed = roadrunner.Config.ALLOW_EVENTS_IN_STEADY_STATE_CALCULATIONS
    roadrunner.Config.setValue(allowed, True)
    try:
        runner.engine.steadyState()
    finally:
        roadrunner.Config.setValue(allowed, False)
    for name in ("Na_i", "K_i", "Cl_i", "Glc_i"):
        assert runner.engine[f"[{name}]"] == pytest.approx(resting[name], rel=1e-8)
    assert steady_state(cell)["V_m"] == pytest.approx(runner.engine["V_m"], rel=1e-8)
