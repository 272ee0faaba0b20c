"""Chapters about a cell against its stoichiometry, laws, and runs of another making."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from transport_model import load_model, simulate, steady_state
from transport_model.analyses.report.chapters import cell as chapters
from transport_model.analyses.studies.laws import at_voltage

R, F = 8.314462618e-3, 96.48533212  # kJ/(mol K), kC/mol
ROUTE = {"pump_cycle": "pump", "leak_Na_flow": "leak", "leak_K_flow": "leak",
         "leak_Cl_flow": "leak", "sglt_cycle": "symport", "sglt_slip": "slip",
         "glut_flow": "exit"}  # fmt: skip
CHARGE = {"Na": 1, "K": 1, "Cl": -1}


def side(text: str) -> dict[str, int]:
    """Read one side of a reaction's equation: 3 Na_i + 2 K_o."""
    words = [term.split() for term in text.split(" + ")]
    return {word[-1]: int(word[0]) if len(word) > 1 else 1 for word in words}


def brought_in(equation: str, species: str) -> int:
    before, after = map(side, equation.split(" ⇌ "))
    return after.get(species, 0) - before.get(species, 0)


@pytest.fixture(scope="module", params=["cell", "cell_sglt2"])
def model(request):
    return load_model(request.param)


@pytest.fixture(scope="module")
def state(model):
    return steady_state(model)


@pytest.fixture(scope="module")
def rest(model, state):
    return chapters.resting_cell(model, state)


@pytest.fixture(scope="module")
def gradients(model, state):
    return chapters.gradients(model, state)


@pytest.fixture(scope="module")
def stopped(cell, resting):
    return chapters.pump_stopped(cell, resting)


@pytest.fixture(scope="module")
def uptake(cell, resting):
    return chapters.uptake_map(cell, resting)


@pytest.fixture(scope="module")
def control(cell):
    return chapters.control_of_uptake(cell)


def test_flows_by_route_follow_the_reactions(model, state, rest):
    table = rest.tables["resting"]
    for ion in ("Na", "K", "Cl", "Glc"):
        expected = dict.fromkeys(ROUTE.values(), 0.0)
        for name, route in ROUTE.items():
            reaction = model.reactions.loc[name]
            count = brought_in(reaction["equation"], f"{ion}_i")
            expected[route] += count * state[reaction["rate"]]
        assert table.loc[ion, list(expected)].to_dict() == pytest.approx(expected, rel=1e-12)
        assert abs(sum(expected.values())) <= 1e-9 * state["J_pump"]


def test_the_pump_moves_what_its_reaction_says(model, rest):
    equation = model.reactions.at["pump_cycle", "equation"]
    assert rest.facts.pump_sodium == -brought_in(equation, "Na_i") == 3
    assert rest.facts.pump_potassium == brought_in(equation, "K_i") == 2


def test_the_resting_figure_draws_both_sides_and_the_flows(rest):
    left, right = rest.figures["resting"].axes
    table = rest.tables["resting"]
    segments = left.collections[0].get_segments()
    for row, (_, ion) in enumerate(table.iterrows()):
        np.testing.assert_allclose(segments[row], [[ion["outside"], row], [ion["inside"], row]])
    assert left.get_xlabel() == "concentration [mM]"
    assert right.get_xlabel() == "flux into the cell [fmol/s]"
    bars = {container.get_label(): container for container in right.containers}
    assert {"pump", "leak", "symport", "exit"} <= set(bars)
    for route, container in bars.items():
        np.testing.assert_allclose([bar.get_width() for bar in container], table[route])


def test_random_sets_are_counted_from_their_table(rest):
    table, facts = rest.tables["random_sets"], rest.facts.random
    assert facts.points == len(table) == 200
    assert facts.converged == table["converged"].sum() > 190
    assert facts.residual == table["residual"].max() <= 1e-9


def test_a_cell_without_gradients_is_told_from_one_that_keeps_them(cell, rest):
    assert rest.facts.keeps_gradients
    dying = cell.with_values(J_pump_max=0.02)
    assert not chapters.resting_cell(dying, steady_state(dying)).facts.keeps_gradients


def test_work_to_bring_an_ion_in_is_that_of_nernst(model, state, gradients):
    table = gradients.tables["gradient"]
    temperature = model.quantities["T"].value
    for ion, charge in CHARGE.items():
        chemical = R * temperature * math.log(state[f"{ion}_i"] / state[f"{ion}_o"])
        electrical = charge * F * state["V_m"] * 1e-3
        expected = (chemical, electrical, chemical + electrical)
        assert tuple(table.loc[ion]) == pytest.approx(expected, rel=1e-8)


def test_the_static_head_is_the_thermodynamic_one(model, state, gradients):
    count = brought_in(model.reactions.at["sglt_cycle", "equation"], "Na_i")
    assert gradients.facts.sodium == count
    driving = state["Na_o"] / state["Na_i"] * math.exp(
        -F * state["V_m"] * 1e-3 / (R * model.quantities["T"].value))  # fmt: skip
    assert gradients.facts.static_head == pytest.approx(driving**count, rel=1e-7)


def test_the_staircase_has_a_step_per_part(gradients):
    figure, table = gradients.figures["gradient"], gradients.tables["gradient"]
    assert figure.axes[0].get_ylabel() == "work to bring it in [kJ/mol]"
    for axis, (_, parts) in zip(figure.axes, table.iterrows(), strict=True):
        chemical, electrical, total = axis.patches
        assert (chemical.get_y(), chemical.get_height()) == pytest.approx((0, parts["chemical"]))
        assert (electrical.get_y(), electrical.get_height()) == pytest.approx(
            (parts["chemical"], parts["electrical"]))  # fmt: skip
        assert (total.get_y(), total.get_height()) == pytest.approx((0, parts["sum"]))


def test_energy_flows_from_atp_to_heat_and_glucose(gradients):
    flows, power = gradients.tables["energy_flow"], gradients.facts.energy["power_ATP"]
    assert flows.loc[flows["from"] == "ATP", "power_pW"].sum() == pytest.approx(power, rel=1e-8)
    ends = set(flows["to"]) - set(flows["from"])
    assert flows.loc[flows["to"].isin(ends), "power_pW"].sum() == pytest.approx(power, rel=1e-8)
    (axis,) = gradients.figures["energy_flow"].axes
    highest = max(patch.get_height() for patch in axis.patches if hasattr(patch, "get_height"))
    assert highest == pytest.approx(power, rel=1e-8)


def test_the_pump_is_stopped_for_two_hours(cell, resting, stopped):
    course = stopped.tables["pump_stopped"]
    assert (course.index[0], course.index[-1], len(course)) == (0.0, 7200.0, 721)
    assert stopped.facts.hours == 2
    alone = simulate(
        cell.starting_from(resting.values).with_values(J_pump_max=0.0), 3600, 2
    ).iloc[-1]  # fmt: skip
    for name in ("V_m", "Na_i", "K_i", "cytosol"):
        assert course.at[3600.0, name] == pytest.approx(alone[name], rel=1e-6)


def test_what_is_said_of_the_end_is_in_the_course(stopped):
    course, facts = stopped.tables["pump_stopped"], stopped.facts
    assert (facts.sodium, facts.potential) == (course["Na_i"].iloc[-1], course["V_m"].iloc[-1])
    assert facts.swelling == pytest.approx(course["cytosol"].iloc[-1] / course["cytosol"].iloc[0])
    assert facts.uptake == course["J_sglt"].iloc[-1] / course["J_sglt"].iloc[0]
    half = course["J_sglt"].iloc[0] / 2
    seconds = 60 * facts.half_minutes
    assert course.at[seconds, "J_sglt"] < half <= course.at[seconds - 10, "J_sglt"]


def test_the_first_change_stops_the_current_that_the_pump_left_behind(cell, resting, stopped):
    """Gradients have not moved yet: the leaks and the symporter carry no net charge any more."""
    inside = {name: resting[name] for name in ("Na_i", "K_i", "Cl_i", "Glc_i")}

    def current(potential: float) -> float:
        values = at_voltage(cell.with_values(J_pump_max=0.0), potential, **inside)
        reactions = cell.reactions.drop("osmosis_flow").itertuples()
        return sum(brought_in(row.equation, "charge") * values[row.rate] for row in reactions)

    assert current(resting["V_m"]) == pytest.approx(-resting["J_pump"], rel=1e-6)
    assert abs(current(resting["V_m"] + stopped.facts.first_change)) < 0.02 * resting["J_pump"]


def test_the_course_is_drawn_against_minutes_until_it_is_level(stopped):
    course = stopped.tables["pump_stopped"]
    potential, ions, uptake = stopped.figures["pump_stopped"].axes
    minutes = course.index / 60
    for line, column in zip(
        [potential.lines[0], *ions.lines, uptake.lines[-1]],
        ["V_m", "Na_i", "K_i", "Cl_i", "J_sglt"],
        strict=True,
    ):
        np.testing.assert_allclose(line.get_xydata(), np.column_stack([minutes, course[column]]))
        later = course.loc[60 * line.axes.get_xlim()[1] :, column]
        assert np.ptp(later) < 0.1 * np.ptp(course[column])
    labels = {" ".join(axis.get_xlabel().split()) for axis in (potential, ions, uptake)}
    assert labels == {"time without pump [min], then level to 2 h"}


def test_the_map_is_a_grid_of_certified_states(cell, uptake):
    table = uptake.tables["glucose_by_pump"]
    capacity = cell.quantities["J_pump_max"].value
    glucose, shares = np.unique(table["Glc_o"]), np.unique(table["J_pump_max"] / capacity)
    assert uptake.facts.points == len(table) == len(glucose) * len(shares) == 625
    assert (len(glucose), glucose[0], glucose[-1]) == (25, pytest.approx(0.2), pytest.approx(30))
    assert (len(shares), shares[0], shares[-1]) == (25, pytest.approx(0.2), pytest.approx(2))
    np.testing.assert_allclose(np.diff(np.log(glucose)), np.diff(np.log(glucose))[0])
    assert uptake.facts.failed == 0
    for index in (0, 333, 624):
        row = table.iloc[index]
        alone = steady_state(cell.with_values(Glc_o=row["Glc_o"], J_pump_max=row["J_pump_max"]))
        for name in ("J_sglt", "dG_Na", "V_m"):
            assert row[name] == pytest.approx(alone[name], rel=1e-7)


def test_the_map_is_drawn_over_its_axes(cell, uptake):
    first, second, *bars = uptake.figures["glucose_by_pump"].axes
    table = uptake.tables["glucose_by_pump"]
    for axis in (first, second):
        assert axis.get_xlabel() == "lumen glucose [mM]"
        assert axis.get_ylabel() == "pump capacity [fmol/s]"
        corners = np.vstack([p.vertices for p in axis.collections[0].get_paths() if len(p)])
        np.testing.assert_allclose(corners.min(axis=0), table[["Glc_o", "J_pump_max"]].min())
        np.testing.assert_allclose(corners.max(axis=0), table[["Glc_o", "J_pump_max"]].max())
        here = [cell.quantities["Glc_o"].value, cell.quantities["J_pump_max"].value]
        np.testing.assert_allclose(axis.lines[0].get_xydata(), [here])
    assert [bar.get_ylabel() for bar in bars] == ["fmol/s", "kJ/mol"]
    assert [" ".join(axis.get_title("left").split()) for axis in (first, second)] == [
        "a Glucose uptake", "b Na⁺ gradient"]  # fmt: skip


def test_control_of_uptake_sums_to_one_and_the_strongest_come_first(control):
    table, strongest = control.tables["control"], control.facts.strongest
    assert table["uptake"].sum() == pytest.approx(1.0, abs=1e-8)
    assert table["Na_i"].sum() == pytest.approx(0.0, abs=1e-8)
    values = [value for _, value in strongest]
    assert sorted(map(abs, values), reverse=True) == list(map(abs, values))
    assert abs(values[0]) == table["uptake"].abs().max()
    assert len(strongest) == 3
    for step, value in strongest:
        assert table.at[step, "uptake"] == value


def test_control_by_the_pump_is_the_answer_to_its_capacity(cell, resting, control):
    """The pump's rate is proportional to its capacity: by differences, not by derivatives."""
    step = 1e-3
    low, high = (
        steady_state(cell.with_values(J_pump_max=cell.quantities["J_pump_max"].value * factor))
        for factor in (1 - step, 1 + step)
    )
    pump = control.tables["control"].loc[cell.reactions.at["pump_cycle", "name"]]
    for column, name in (("uptake", "J_sglt"), ("Na_i", "Na_i")):
        answer = (math.log(high[name]) - math.log(low[name])) / (2 * step)
        assert pump[column] == pytest.approx(answer, rel=1e-4)
    assert pump["V_m"] == pytest.approx((high["V_m"] - low["V_m"]) / (2 * step), rel=1e-4)


def test_control_is_drawn_bar_by_bar(control):
    table = control.tables["control"]
    for axis, column in zip(control.figures["control"].axes, table, strict=True):
        np.testing.assert_allclose([bar.get_width() for bar in axis.patches], table[column])
    steps = [label.get_text() for label in control.figures["control"].axes[0].get_yticklabels()]
    assert steps == list(table.index)


def test_no_table_of_one_chapter_hides_one_of_another(rest, gradients, stopped, uptake, control):
    names = [n for c in (rest, gradients, stopped, uptake, control) for n in c.tables]
    assert len(names) == len(set(names))
    assert all(isinstance(c.tables[n], pd.DataFrame) for c in (rest, control) for n in c.tables)
