"""The experiments on epithelia: every claim holds, and falls with what it rests on."""

from __future__ import annotations

import libsbml
import pytest

from transport_model import load_model, run_experiment
from transport_model.analyses.experiments.protocols import (
    protocol_path,
    protocols_across,
    read_protocol,
)


@pytest.mark.parametrize("name", protocols_across())
def test_every_claim_holds(name):
    result = run_experiment(name)
    assert result.checks["holds"].all(), result.checks
    assert str(result.verdict) == "holds"


def changed(tmp_path, name, change):
    document = libsbml.readSBMLFromString(load_model(name).sbml)
    change(document.getModel())
    path = tmp_path / "changed.xml"
    libsbml.writeSBMLToFile(document, str(path))
    return load_model(path)


def lost(name, model):
    experiment = run_experiment(read_protocol(protocol_path(name), model=model))
    assert str(experiment.verdict) == "refuted"
    return experiment.checks.loc[~experiment.checks["holds"], "that"].str.cat(sep="; ")


@pytest.mark.slow
def test_the_current_counts_what_the_carrier_takes_along(tmp_path):
    """A carrier of two sodium in the place of SGLT2 is found out by the short-circuit current."""

    def double(model):
        cycle = model.getReaction("sglt2_cycle")
        for reference in (cycle.getReactant("Na_a"), cycle.getReactant("charge_a"),
                          cycle.getProduct("Na_i")):  # fmt: skip
            reference.setStoichiometry(2)

    assert "current_2/glucose_2" in lost("charge_per_glucose", changed(tmp_path, "pt_s1", double))


@pytest.mark.slow
def test_without_coupling_nothing_goes_uphill(tmp_path):
    """Glucose alone through the carrier, whatever its rate law says of sodium."""

    def uncouple(model):
        model.getAssignmentRule("J_sglt2").setMath(
            libsbml.parseL3Formula(
                "n_SGLT2*sglt2_speed*sglt2_k_turn*(sglt2_b_o - sglt2_b_i)/sglt2_D"
            )
        )

    assert "across" in lost("uphill_across", changed(tmp_path, "pt_s1", uncouple))


def test_a_drug_that_binds_both_carriers_alike_is_no_gliflozin():
    alike = load_model("pt_s1").with_values(K_gliflozin_2=4e-4)
    assert "after/before" in lost("gliflozin", alike)


@pytest.mark.parametrize(
    ("name", "constant", "fallen"),
    [("phlorizin_across", "K_phlorizin_2", "after/before"),
     ("pump_stopped_across", "pump_K_ouabain", "uptake_after/uptake_before")],
)  # fmt: skip
def test_what_blocks_nothing_is_found_out(tmp_path, name, constant, fallen):
    def unbind(model):
        model.getParameter(constant).setValue(1e9)

    assert fallen in lost(name, changed(tmp_path, "pt_s1", unbind))
