"""Functions of SBML as its standard and MathML define them, on every engine."""

from __future__ import annotations

import math

import libsbml
import numpy as np
import pandas as pd
import pytest

from transport_model import evaluate, grid, load_model, scan, simulate
from transport_model.errors import SimulationError

NAN = math.nan
X = (-2.5, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0)
#: What formulas are at each of `X`; NaN where they have no finite value.
TRUTH = {
    "rem(x, 2)": (-0.5, -1, -0.5, 0, 0.5, 1, 1),
    "rem(x, -2)": (-0.5, -1, -0.5, 0, 0.5, 1, 1),
    "rem(1, max(x, 0))": (NAN, NAN, NAN, NAN, 0, 0, 1),
    "quotient(x, 2)": (-1, 0, 0, 0, 0, 0, 1),
    "quotient(2, x)": (0, -2, -4, NAN, 4, 2, 0),
    "quotient(6e12*x, 3)": (-5e12, -2e12, -1e12, 0, 1e12, 2e12, 6e12),
    "factorial(x)": (NAN, NAN, NAN, 1, NAN, 1, 6),
    "factorial(171*x)/factorial(170*x)": (NAN, NAN, NAN, 1, NAN, NAN, NAN),
    "floor(-x)": (2, 1, 0, 0, -1, -1, -3),
    "ln(x)": (NAN, NAN, NAN, NAN, -math.log(2), 0, math.log(3)),
    "log(2, x)": (NAN, NAN, NAN, NAN, -1, 0, math.log2(3)),
    "root(3, x)": (NAN, NAN, NAN, 0, 0.5 ** (1 / 3), 1, 3 ** (1 / 3)),
    "(-8)^(x/3)": (NAN, NAN, NAN, 1, NAN, NAN, -8),
    "0^x": (NAN, NAN, NAN, 1, 0, 0, 0),
    "arccosh(x)": (NAN, NAN, NAN, NAN, NAN, 0, math.acosh(3)),
    "arcsech(x)": (NAN, NAN, NAN, NAN, math.acosh(2), 0, NAN),
    "arccoth(x)": (math.atanh(-0.4), NAN, NAN, NAN, NAN, NAN, math.atanh(1 / 3)),
    "arccot(x)": (-math.atan(0.4), -math.pi / 4, -math.atan(2), math.pi / 2, math.atan(2),
                  math.pi / 4, math.atan(1 / 3)),
    "max(ln(x), 1)": (NAN, NAN, NAN, 1, 1, 1, math.log(3)),
    "min(1, sqrt(x), x + 5)": (NAN, NAN, NAN, 0, math.sqrt(0.5), 1, 1),
    "piecewise(ln(x), x > 0, -1)": (-1, -1, -1, -1, -math.log(2), 0, math.log(3)),
    "piecewise(1, x > 1)": (NAN, NAN, NAN, NAN, NAN, NAN, 1),
    "piecewise(1, ln(x) > 0, 2)": (2, 2, 2, 2, 2, 2, 1),
    "piecewise(1, ln(x) < 0, 2)": (2, 2, 2, 1, 1, 2, 2),
    "piecewise(1, ln(x) == 0, 2)": (2, 2, 2, 2, 2, 1, 2),
    "piecewise(1, ln(x) != 0, 2)": (1, 1, 1, 1, 1, 2, 1),
    "piecewise(1, lt(-1, x, 1), 0)": (0, 0, 1, 1, 1, 0, 0),
    "piecewise(1, xor(x > -2, x > 0, x > 2), 0)": (0, 1, 1, 1, 0, 0, 1),
    "piecewise(1, implies(x > 0, x > 1), 0)": (1, 1, 1, 1, 0, 0, 1),
    "piecewise(1, and(), 0) + 2*piecewise(1, or(), 0)": (1,) * 7,
    "plus() + 10*times() + max(x)*0": (10,) * 7,
    # Truth values as numbers, and numbers as truth values
    "true": (1,) * 7,
    "x > 0": (0, 0, 0, 0, 1, 1, 1),
    "(x > 0) + 2*(x > 1)": (0, 0, 0, 0, 1, 1, 3),
    "not(x)": (0, 0, 0, 1, 0, 0, 0),
    "piecewise(1, x && x < 2, 0)": (1, 1, 1, 0, 1, 1, 0),
    "piecewise(x > 0, x < 2, 5)": (0, 0, 0, 0, 1, 1, 5),
    "piecewise(x > 0, x < 2, x > 4)": (0, 0, 0, 0, 1, 1, 0),
    "avogadro/1e23": (6.02214179,) * 7,
}  # fmt: skip


def model_of(folder, formula):
    """Return a model in which `y` is a formula of the parameter `x`, beside something at rest."""
    document = libsbml.SBMLDocument(3, 2)
    model = document.createModel()
    model.setId("functions")
    for name, value in {"x": 3.0, "y": None, "s": 1.0}.items():
        parameter = model.createParameter()
        parameter.setId(name)
        parameter.setConstant(name == "x")
        if value is not None:
            parameter.setValue(value)
    for rule, name, text in (
        (model.createAssignmentRule(), "y", formula), (model.createRateRule(), "s", "1 - s")
    ):  # fmt: skip
        rule.setVariable(name)
        rule.setMath(libsbml.parseL3Formula(text))
    path = folder / "functions.xml"
    path.write_text(libsbml.writeSBMLToString(document))
    return load_model(path)


def simulated(model, x):
    try:
        return simulate(model.with_values(x=x), 1, 2)["y"].iloc[-1]
    except SimulationError:  # says which column has no value
        return NAN


@pytest.mark.parametrize("formula", TRUTH)
def test_a_function_is_what_its_definition_says(tmp_path, formula):
    model = model_of(tmp_path, formula)
    found = {"libRoadRunner": [simulated(model, x) for x in X]}
    if "factorial" not in formula:  # which has no derivative
        table = evaluate(model, pd.DataFrame({"x": X, "s": 1.0}))
        found["NumPy"] = table["y"] if "y" in table else [model.quantities["y"].value] * len(X)
        found["kernel"] = scan(model, grid(x=X), engine="kernel")["y"]
    for engine, values in found.items():
        finite = np.where(np.isfinite(np.asarray(values, dtype=float)), values, NAN)
        np.testing.assert_allclose(finite, TRUTH[formula], rtol=1e-12, err_msg=engine)
