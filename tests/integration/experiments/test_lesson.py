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
