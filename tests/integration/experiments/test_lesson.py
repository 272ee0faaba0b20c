"""The lesson's claims: judged by the run, closed in energy, lost when the physics is changed."""

from __future__ import annotations

import libsbml
import pytest

from transport_model import load_model, simulate, steady_state
from transport_model.analyses.experiments.protocols import (
    Start,
    protocol_path,
    read_protocol,
    shipped_protocols,
)
from transport_model.analyses.experiments.run import run_experiment
from transport_model.analyses.report.simulations import LESSON
from transport_model.analyses.studies.energetics import energetics, transporters


@pytest.fixture(scope="module")
def experiments():
    return {name: run_experiment(name) for name in LESSON}


def test_the_lesson_is_every_shipped_protocol():
    assert sorted(LESSON) == sorted(shipped_protocols())


def test_every_claim_is_judged_by_its_checks(experiments):
    for name, experiment in experiments.items():
        assert len(experiment.checks) > 0, name
        assert (str(experiment.verdict) == "holds") == experiment.checks["holds"].all(), name
        assert str(experiment.verdict) == "holds", experiment.checks


def test_claims_about_how_much_the_gradient_matters_are_lost_where_the_carrier_is_saturated():
    saturated = load_model("cell", parameters="saturated")
    for name in ("pump_stopped", "potassium_outside", "low_sodium", "failing_ATP",
                 "leak_of_sodium", "phlorizin", "glucose_removed", "meal_and_fast"):  # fmt: skip
        experiment = run_experiment(read_protocol(protocol_path(name), model=saturated))
        assert str(experiment.verdict) == "refuted", name


def test_effects_are_those_of_steady_states_solved_on_their_own(experiments):
    """Long after a change a course is at the steady state of the changed cell."""
    cell = load_model("cell")
    rest = steady_state(cell)["J_sglt"]
    capacity, leak = (cell.quantities[name].value for name in ("J_pump_max", "P_Na"))
    changed = {
        ("pump_stopped", "uptake_by_half/uptake_at_rest - 1"): {"J_pump_max": capacity / 2},
        ("low_sodium", "half/normal - 1"): {"Na_o": 70.0},
        ("leak_of_sodium", "uptake_after/uptake_before - 1"): {"P_Na": 3 * leak},
        ("potassium_outside", "uptake_with_10_mM/uptake_before - 1"): {"K_o": 10, "Na_o": 134.5},
        ("phlorizin", "at_K_i/uptake - 1"): {"phlorizin": 1.4e-4},
    }
    for (name, effect), values in changed.items():
        checks = experiments[name].checks
        (found,) = checks.loc[checks["that"].str.startswith(f"{effect}: "), "effect"]
        expected = 100 * (steady_state(cell.with_values(**values))["J_sglt"] / rest - 1)
        assert found == pytest.approx(expected, rel=2e-3), name


@pytest.mark.parametrize("name", LESSON)
def test_energy_closes_along_every_arm(name):
    protocol = read_protocol(protocol_path(name))
    for arm in protocol.arms:
        start = arm.resting
        if protocol.start is Start.REST:
            start = start.starting_from(steady_state(start).values)
        model = arm.clamped(start)
        course = simulate(model, protocol.duration, protocol.points, inputs=arm.inputs)
        table = energetics(model, course)
        scale = table["power_ATP"].abs() + table["dissipation"]
        assert (table["closure"].abs() <= 1e-9 * scale).all(), arm.name
        for carrier in transporters(model):
            assert (table[f"dissipation_{carrier}"] >= -1e-12 * scale).all(), (arm.name, carrier)


def changed(tmp_path, change):
    document = libsbml.readSBMLFromString(load_model("cell").sbml)
    change(document.getModel())
    path = tmp_path / "changed.xml"
    libsbml.writeSBMLToFile(document, str(path))
    return path


def rerun(name, model):
    return run_experiment(read_protocol(protocol_path(name), model=load_model(model)))


def test_a_pump_of_one_to_one_loses_the_potential_of_mullins_and_noda(tmp_path):
    def swap(model):
        pump = model.getReaction("pump_cycle")
        pump.getProduct("K_i").setStoichiometry(3)
        pump.getReactant("K_o").setStoichiometry(3)
        pump.removeProduct("charge")

    experiment = rerun("leak_makes_potential", changed(tmp_path, swap))
    assert str(experiment.verdict) == "refuted"
    lost = experiment.checks.loc[~experiment.checks["holds"], "that"]
    assert any("mullins_noda" in that for that in lost)


def test_a_symporter_without_sodium_is_not_secondary(tmp_path):
    """Glucose alone through the carrier: stopping the symporter then spares no sodium."""

    def uncouple(model):
        cycle = model.getReaction("sglt_cycle")
        for side in (cycle.removeReactant, cycle.removeProduct):
            for name in ("Na_o", "Na_i", "charge"):
                side(name)

    experiment = rerun("secondary", changed(tmp_path, uncouple))
    assert str(experiment.verdict) == "refuted"
