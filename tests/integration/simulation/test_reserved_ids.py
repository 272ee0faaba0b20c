"""A model may use every id that this package would give itself."""

from __future__ import annotations

import libsbml
import numpy as np
import pytest

from transport_model import Model, Ramp, Step, grid, load_model, scan, simulate, steady_state
from transport_model.analyses.exchange.simulations.arm_sbml import arm_sbml
from transport_model.analyses.exchange.verification.questions import template_of
from transport_model.units import unit_id

#: A → B → A at rates of their own; beside them the ids that the package adds to other models.
MODEL = """
model taken
  compartment V = 2;
  species A in V = 3, B in V = 1;
  {more}
  n_A: A -> B; {forth}*V*A;
  back: B -> A; {back}*V*B;
end
"""
PLAIN = MODEL.format(more="k = 0.2; m = 0.1;", forth="k", back="m")
TAKEN = MODEL.format(
    more="start_of_A = 0.2; start_of_A_ = 7; given_start_of_A = 0.1; slope_of_start_of_A = 8;"
    " change_1 = 3; species start_of_B in V = 4; start_of_start_of_B = 1; start_of_V = 5;",
    forth="start_of_A",
    back="given_start_of_A",
)


@pytest.fixture
def models(tmp_path):
    for name, text in (("plain", PLAIN), ("taken", TAKEN)):
        (tmp_path / f"{name}.ant").write_text(text)
    return load_model(tmp_path / "plain.ant"), load_model(tmp_path / "taken.ant")


@pytest.mark.parametrize("ramped", [False, True])
def test_courses_are_those_of_other_ids(models, ramped):
    courses = []
    for model, rate in zip(models, ("k", "start_of_A"), strict=True):
        inputs = [Ramp(rate, 2, 4, 0.9), Step(6, {"A": 1})] if ramped else []
        courses.append(simulate(model.with_values(A=5, V=3), 10, 11, inputs=inputs))
    plain, taken = courses
    for name in ("A", "B", "n_A", "n_B", "back"):
        assert np.allclose(plain[name], taken[name], rtol=1e-8), name
    assert plain["A"].iloc[0] == 5
    assert plain["n_A"].iloc[0] == pytest.approx(0.2 * 3 * 5)  # the reaction, no amount
    assert (taken["start_of_B"] == 4).all()


@pytest.mark.parametrize("engine", ["roadrunner", "kernel"])
def test_scans_are_those_of_other_ids(models, engine):
    plain, taken = models
    state = steady_state(plain)
    assert state["A"] == pytest.approx(4 / 3, rel=1e-9)
    assert steady_state(taken)["A"] == pytest.approx(state["A"], rel=1e-12)
    ours = scan(plain, grid(A=[1, 5], k=[0.2, 0.4]), engine=engine)
    table = scan(taken, grid(A=[1, 5], start_of_A=[0.2, 0.4]), engine=engine)
    assert list(table["start_of_A"]) == [0.2, 0.4, 0.2, 0.4]
    assert list(table["start_of_A__"]) == list(ours["start_of_A"]) == [1, 1, 5, 5]
    assert np.allclose(table["A"], ours["A"], rtol=1e-12)
    assert table["A"].iloc[3] == pytest.approx(6 * 0.1 / 0.5, rel=1e-9)
    assert taken.unit("start_of_A__") == taken.unit("A")
    assert table.columns.is_unique


def test_exports_give_other_ids_too(models):
    _, taken = models
    inputs = [Ramp("start_of_A", 2, 4, 0.9), Step(6, {"A": 1})]
    arm = Model("arm", arm_sbml(taken, inputs))
    assert {"slope_of_start_of_A", "slope_of_start_of_A_", "change_1"} <= set(arm.quantities)
    ours, theirs = simulate(taken, 10, 11, inputs=inputs), simulate(arm, 10, 11)
    # where nothing jumps, a course with inputs and a model with events have the same times
    for time in (1.0, 3.0, 5.0, 8.0, 10.0):
        assert theirs.loc[time, "A"] == pytest.approx(ours.loc[time, "A"], rel=1e-7)
    template = Model("template", template_of(taken, ["A", "start_of_A"]))
    assert template.quantities["start_of_A__"].value == 3
    assert template.quantities["A"].computed == "initial assignment"
    changed = template.with_values(start_of_A__=5)
    assert simulate(changed, 1, 2)["A"].iloc[0] == 5


def test_a_unit_is_found_by_what_it_says_and_added_beside_another_of_its_name():
    document = libsbml.SBMLDocument(3, 2)  # kept: with it goes the model
    model = document.createModel()
    units = []
    for scale in (-3, -6, -3):
        unit = libsbml.UnitDefinition(3, 2)
        part = unit.createUnit()
        part.initDefaults()
        part.setKind(libsbml.UNIT_KIND_MOLE)
        part.setScale(scale)
        units.append(unit)
    assert [unit_id(model, unit, "amount") for unit in units] == ["amount", "amount_", "amount"]
    assert model.getNumUnitDefinitions() == 2
