"""Fits: which constants are open, and which go with them."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
import sympy as sp

from transport_model import load_model
from transport_model.analyses.studies.estimation.problem import Problem
from transport_model.analyses.studies.fits import Calibration, Fit


@pytest.fixture
def model(tmp_path):
    (tmp_path / "m.ant").write_text("model m\n a = 4; b = 2; c = 3; d = 1\nend\n")
    return load_model(tmp_path / "m.ant")


def calibrated(model, measured):
    """Fit a, b and c to formulas of the constants, each with what was measured and its noise."""
    parameters = pd.DataFrame.from_dict(
        {name: {"estimate": name != "d", "scale": "log", "low": value / 1e3, "high": value * 1e3,
                "nominal": value, "prior": "", "start": "", "unit": "1", "name": name}
         for name, value in {"a": 4.0, "b": 2.0, "c": 3.0, "d": 1.0}.items()}, orient="index",
    )  # fmt: skip
    observables = {f"o{n}": {"formula": sp.sympify(formula), "transformation": "lin",
                             "noise": sp.Float(noise), "distribution": "normal", "name": ""}
                   for n, (formula, _, noise) in enumerate(measured)}  # fmt: skip
    measurements = [{"observable": f"o{n}", "condition": "c1", "before": "", "time": 0.0,
                     "measurement": value, "observable_parameters": "", "noise_parameters": ""}
                    for n, (_, value, _) in enumerate(measured)]  # fmt: skip
    problem = Problem("m", model, parameters, pd.DataFrame(index=["c1"]),
                      pd.DataFrame.from_dict(observables, orient="index"),
                      pd.DataFrame(measurements))  # fmt: skip
    fit = Fit(problem, ("a", "b", "c"), ("d",))
    best = fit.best()
    values, profiles = fit.tables(best, lambda step: None)
    return Calibration(values, profiles[:0], profiles, fit.chi2(best))


def test_what_is_open_is_named_with_what_goes_with_it(model):
    """Only the ratio of a and b is measured: each is open both ways, and takes the other along."""
    found = calibrated(model, [("log(a/b)", np.log(2), 0.1), ("log(c)", np.log(3), 0.1)])
    assert list(found.values["determined"]) == [False, False, True, False]
    directions = found.open_directions()
    assert [text.partition(" ")[0] for text in directions] == ["a", "a", "b", "b"]
    assert directions[1] == "a 8 times its value, with b 8 times: chi2 rises by 0.00"
    assert re.match(r"a 0\.1[23] times its value, with b 0\.1[23] times", directions[0])  # 1/8


def test_what_is_bounded_on_one_side_is_open_on_the_other_alone(model):
    """A share a/(1 + a) of 0.99 within 0.02: any larger a will do, and no much smaller one."""
    others = [("log(b)", np.log(2), 1.0), ("log(c)", np.log(3), 1.0)]
    found = calibrated(model, [("a/(1 + a)", 0.99, 0.02), *others])
    (direction,) = found.open_directions()
    assert direction.startswith("a 8 times its value: chi2 rises by 0.")
    assert 20 < found.values["low"]["a"] < 40  # where the share is 0.97: a = 32


def test_nothing_is_open_where_all_is_measured(model):
    values = {"a": 4.0, "b": 2.0, "c": 3.0, "d": 1.0}
    found = calibrated(model, [(f"log({n})", np.log(v), 0.1) for n, v in values.items()])
    assert found.open_directions() == []
    assert found.chi2 == pytest.approx(0, abs=1e-6)
