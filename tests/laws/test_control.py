from __future__ import annotations

import libsbml
import numpy as np
import pytest

from transport_model import Model, load_model, steady_state
from transport_model.analyses.studies.control import (
    _blocked,
    control_coefficients,
    response_coefficients,
    sensitivities,
)

#: The parameter that scales each step, as an oracle for its control.
SCALES = {"pump_cycle": "J_pump_max", "leak_Na_flow": "P_Na", "leak_K_flow": "P_K",
          "leak_Cl_flow": "P_Cl", "glut_flow": "J_glut_max"}  # fmt: skip


@pytest.fixture(scope="module")
def analysis(cell):
    return control_coefficients(cell)


def test_theorems(analysis):
    assert analysis.summation < 1e-9
    assert analysis.connectivity < 1e-9


@pytest.mark.parametrize(("step", "parameter"), SCALES.items())
def test_control_is_what_a_small_change_does(cell, analysis, step, parameter):
    """Central differences of certified states, extrapolated once (Richardson)."""
    value = cell.quantities[parameter].value

    def slope(h):
        up = steady_state(cell.with_values(**{parameter: value * (1 + h)})).values
        down = steady_state(cell.with_values(**{parameter: value * (1 - h)})).values
        return (up - down) / (2 * h)

    change = (4 * slope(1e-3) - slope(2e-3)) / 3
    base = analysis.state.values
    for name in ("Na_i", "K_i", "Cl_i", "Glc_i"):
        assert analysis.concentration.at[name, step] == pytest.approx(
            change[name] / base[name], abs=1e-5
        )
    assert analysis.potential.at["V_m", step] == pytest.approx(change["V_m"], abs=1e-4)
    for flux in ("pump_cycle", "leak_Na_flow", "sglt_cycle"):
        assert analysis.flux.at[flux, step] == pytest.approx(change[flux] / base[flux], abs=1e-5)


@pytest.mark.parametrize(
    "parameter", ["P_Na", "n_X", "z_X", "T", "C_m", "Na_o", "Glc_o", "J_pump_max", "sglt_k12", "pH"]
)
def test_sensitivities_are_slopes_of_certified_states(cell, parameter):
    """Through conserved sums too: the impermeant charge acts on nothing else."""
    exact = sensitivities(cell, [parameter])[parameter]
    value = cell.quantities[parameter].value

    def slope(h):
        up = steady_state(cell.with_values(**{parameter: value * (1 + h)})).values
        down = steady_state(cell.with_values(**{parameter: value * (1 - h)})).values
        return (up - down) / (2 * h * value)

    change = (4 * slope(1e-3) - slope(2e-3)) / 3
    state = steady_state(cell).values
    for name in ("Na_i", "K_i", "Cl_i", "Glc_i", "V_m", "cytosol", "n_K_i", "J_sglt", "dG_Na"):
        error = abs(exact[name] - change[name]) * abs(value / state[name])
        assert error < 1e-7 + 1e-5 * abs(exact[name] * value / state[name]), name


def test_response_coefficients_are_scaled_sensitivities(cell, resting):
    table = response_coefficients(cell, ["P_Na", "n_X"])
    exact = sensitivities(cell, ["P_Na", "n_X"])
    expected = exact.at["Na_i", "n_X"] * cell.quantities["n_X"].value / resting["Na_i"]
    assert table.at["Na_i", "n_X"] == pytest.approx(expected, rel=1e-12)
    assert np.isnan(table.at["J_leak_Cl", "P_Na"])


def test_theorems_are_not_claimed_where_nothing_flows(tmp_path):
    (tmp_path / "m.ant").write_text("model m\n A -> B; A\n B -> ; B\n A = 1; B = 1\nend\n")
    analysis = control_coefficients(load_model(tmp_path / "m.ant"))
    assert analysis.flux.isna().all(axis=None)
    assert np.isnan(analysis.summation)


def test_elasticities_are_logarithmic_slopes(cell, analysis, resting):
    """Glucose exit against its own law, d ln J / d ln Glc_i at constant volume."""
    glc, blood, k = resting["Glc_i"], 5.0, 17.0
    expected = glc / (glc - blood) - glc / (k + glc)
    assert analysis.elasticities.at["glut_flow", "amount(Glc_i)"] == pytest.approx(
        expected, rel=1e-9
    )


def at_fixed_volume(cell, volume):
    """The cell in a box: COPASI analyses control only where volumes are constant."""
    document = libsbml.readSBMLFromString(cell.sbml)
    model = document.getModel()
    model.removeRuleByVariable("cytosol")
    model.getCompartment("cytosol").setSize(volume)
    model.getCompartment("cytosol").setConstant(True)
    model.removeReaction("osmosis_flow")
    model.getSpecies("water_i").setBoundaryCondition(True)
    return Model("box", libsbml.writeSBMLToString(document))


def test_control_agrees_with_copasi(cell, resting):
    basico = pytest.importorskip("basico")
    box = at_fixed_volume(cell, resting["cytosol"])
    ours = control_coefficients(box)
    model = basico.load_model_from_string(box.sbml)
    try:
        basico.run_mca(model=model)
        fluxes = basico.get_flux_control_coefficients(scaled=True, model=model)
        levels = basico.get_concentration_control_coefficients(scaled=True, model=model)
    finally:
        basico.remove_datamodel(model)
    labels = {f"({name})": reaction for reaction, name in box.reactions["name"].items()}
    labels |= {box.quantities[s].name: s for s in ("Na_i", "K_i", "Cl_i", "Glc_i")}
    fluxes = fluxes.rename(index=labels, columns=labels)
    levels.index = levels.index.str.strip("[]")
    levels = levels.rename(index=labels, columns=labels)
    moving = ["pump_cycle", "leak_Na_flow", "leak_K_flow", "sglt_cycle", "sglt_slip", "glut_flow"]
    theirs = fluxes.loc[moving, moving].astype(float)
    assert np.allclose(theirs, ours.flux.loc[moving, moving], atol=1e-5)
    species = ["Na_i", "K_i", "Cl_i", "Glc_i"]
    theirs = levels.loc[species, moving].astype(float)
    assert np.allclose(theirs, ours.concentration.loc[species, moving], atol=1e-5)


def test_a_flux_that_nothing_else_balances_is_none():
    """In a chain of which one step stands still, no other step can flow at rest."""
    chain = np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0]])
    assert not _blocked(chain).any()
    for still in range(3):
        assert _blocked(np.delete(chain, still, axis=1)).all()
    branched = np.array([[1.0, -1.0, -1.0]])
    assert not _blocked(branched[:, :2]).any()
