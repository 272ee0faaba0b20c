"""What is nearly gone and grows again is followed by its own size: the law of prey and predator.

Of x' = x - x*y and y' = x*y - y, x - ln(x) + y - ln(y) stays as it was, however few are left; and
what is left of an infection that falls with exp(-t), and rises with exp(t) later, is known.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from transport_model import Course, load_model, scan, simulate

PREDATION = "x = {x}; y = 1; x' = x - x*y; y' = x*y - y"
#: How few are left of either, at least: exp(-27.6) and less.
STARTS = (30.0, 45.0)


def model_of(tmp_path, text):
    path = tmp_path / "model.ant"
    path.write_text(f"model m\n {text}\nend\n")
    return load_model(path)


def constant(row):
    return row["x"] - np.log(row["x"]) + row["y"] - np.log(row["y"])


@pytest.mark.parametrize("points", [2, 11, 400])
@pytest.mark.parametrize("x", STARTS)
def test_prey_and_predators_keep_their_constant_of_motion(tmp_path, x, points):
    course = simulate(model_of(tmp_path, PREDATION.format(x=x)), 300, points)
    found = constant(course)
    assert course[["x", "y"]].to_numpy().min() < 1e-3 or points < 400
    assert np.abs(found / found.iloc[0] - 1).max() < 1e-6


@pytest.mark.parametrize("engine", ["kernel", "roadrunner"])
def test_both_engines_keep_it(tmp_path, engine):
    model = model_of(tmp_path, PREDATION.format(x=30))
    design = pd.DataFrame({"x": [1.5, *STARTS]})
    course = Course(300, 11, ["x:final", "y:final"])
    found = scan(model, design, course=course, engine=engine)
    assert found["converged"].all()
    ends = pd.DataFrame({name: found[f"{name}_final"] for name in ("x", "y")})
    start = design["x"] - np.log(design["x"]) + 1
    assert np.abs(constant(ends) / start - 1).max() < 1e-6


@pytest.mark.parametrize("species", ["species I = 1; ", "I = 1; "])
@pytest.mark.parametrize("points", [2, 5, 300])
def test_an_infection_that_comes_back_is_as_large_as_what_was_left_of_it(tmp_path, species, points):
    move = "I -> ; (1 - time/30)*I" if "species" in species else "I' = (time/30 - 1)*I"
    course = simulate(model_of(tmp_path, species + move), 60, points)
    times = course.index.to_numpy()
    assert course["I"].to_numpy() == pytest.approx(np.exp(times**2 / 60 - times), rel=1e-6)


def test_what_is_only_rounding_is_not_followed(tmp_path):
    """A difference of two that are equal, which integration leaves at some 1e-17."""
    text = "species A = 1, B = 1, C = 0; A -> C; A - B; B -> ; 0*B; C -> ; C"
    course = simulate(model_of(tmp_path, text), 1e4, 11)
    assert course["C"].abs().max() < 1e-12
