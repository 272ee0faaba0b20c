"""A model may use every id that this package would give itself."""

from __future__ import annotations

import numpy as np
import pytest

from transport_model import Ramp, Step, grid, load_model, scan, simulate, steady_state

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
    " species start_of_B in V = 4; start_of_start_of_B = 1; start_of_V = 5;",
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
