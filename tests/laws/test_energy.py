"""The account of energy closes: at rest, along courses, for every variant and parameter set."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import trapezoid

from transport_model import Ramp, Step, load_model, simulate, steady_state
from transport_model.analyses.figures.energy import flows_of
from transport_model.analyses.scans.designs.designs import latin_hypercube, provenance_ranges
from transport_model.analyses.scans.scan import scan
from transport_model.analyses.studies.energetics import energetics, transporters
from transport_model.catalogue import variants
from transport_model.errors import InputError

#: The last has the symporter of the second and the pump of the third.
CELLS = [
    pytest.param(name, marks=pytest.mark.slow if name == "cell_sglt2_pan2019" else ())
    for name in variants()["file"]
    if name.startswith("cell")
]
INPUTS = [Step(300.0, {"ouabain": 1.0}), Step(900.0, {"Glc_o": 25.0}), Ramp("ATP", 0.0, 900.0, 1.0)]


@pytest.fixture(scope="module", params=CELLS)
def model(request):
    return load_model(request.param)


def test_the_account_closes_at_200_steady_states(model):
    states = scan(model, latin_hypercube(200, seed=5, **provenance_ranges(model)))
    table = energetics(model, states)
    scale = table["power_ATP"].abs() + table["dissipation"]
    assert (table["closure"].abs() <= 1e-9 * scale).all()
    assert (table["power_stored"].abs() <= 1e-8 * scale).all()
    for name in transporters(model):
        assert (table[f"dissipation_{name}"] >= -1e-12 * scale).all(), name


def test_the_account_closes_along_courses(model):
    design = latin_hypercube(8, seed=6, **provenance_ranges(model))
    for row in design.to_dict("records"):
        course = simulate(model.with_values(**row), 1800, 181, inputs=INPUTS)
        table = energetics(model.with_values(**row), course)
        scale = table["power_ATP"].abs() + table["dissipation"]
        assert (table["closure"].abs() <= 1e-9 * scale).all()
        for name in transporters(model):
            assert (table[f"dissipation_{name}"] >= -1e-12 * scale).all(), name


def test_stored_energy_is_a_function_of_state_whose_gain_is_the_power_stored(model, resting):
    """The derivative of an ideal solution's free energy against the sum over reactions."""
    rested = model.starting_from(steady_state(model).values)
    course = simulate(rested, 1200, 12_001, inputs=[Step(0.0, {"ouabain": 1.0})])
    table = energetics(rested, course)
    gained = trapezoid(table["power_stored"], course.index)
    change = table["stored_energy"].iloc[-1] - table["stored_energy"].iloc[0]
    assert change == pytest.approx(gained, rel=1e-4)
    assert change < -1000


def test_parts_of_coupled_reactions_sum_to_their_dissipation(cell, resting):
    row = energetics(cell, resting).iloc[0]
    pump = row[["power_pump_ATP", "power_pump_Na", "power_pump_K"]].sum()
    assert pump == pytest.approx(row["dissipation_pump"], rel=1e-12)
    sglt = row[["power_sglt_Na", "power_sglt_Glc"]].sum()
    assert sglt == pytest.approx(row["affinity_sglt"] * row["J_sglt"], rel=1e-12)
    assert row["power_sglt_Na"] > 0 > row["power_sglt_Glc"]
    assert row["pump_efficiency"] == pytest.approx(1 - row["dissipation_pump"] / row["power_ATP"])
    assert 0 < row["symporter_efficiency"] < 1
    assert row["overall_efficiency"] < row["pump_efficiency"] * row["symporter_efficiency"]


def test_flows_leave_as_much_as_they_bring(cell):
    model = cell.with_values(Glc_b=8.0)
    flows = flows_of(energetics(model, steady_state(model)).iloc[0])
    for place in ("Na⁺ gradient", "K⁺ gradient", "glucose gradient"):
        into = sum(flow.power for flow in flows if flow.target == place)
        out = sum(flow.power for flow in flows if flow.source == place)
        assert into == pytest.approx(out, rel=1e-8), place


def test_efficiency_of_nothing_is_not_a_number(cell):
    model = cell.with_values(n_SGLT=0.0)
    row = energetics(model, steady_state(model)).iloc[0]
    assert np.isnan(row["symporter_efficiency"])


def test_a_model_without_a_pump_is_refused_by_name():
    oocyte = load_model("oocyte")
    with pytest.raises(InputError, match="'J_pump'"):
        energetics(oocyte, steady_state(oocyte))
