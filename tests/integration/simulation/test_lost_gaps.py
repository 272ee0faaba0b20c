"""What divides zero by itself has no value, whoever computes it and however it could be written."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import roadrunner

from transport_model import evaluate, grid, load_model, scan
from transport_model.mathematics.equations import read_equations

GAPS = [
    "x/x", "x^2/x", "y + (x/x)^2", "x*y/x", "1/x - 1/x + y", "x^(-1)*x", "0/x", "x^n/x^n",
    "k*x/x/(1 + y)", "0*ln(x)", "ln(x) - ln(x)", "x/sqrt(x)", "y*0/(x - 2)",
    "piecewise(1, y > 5, 2)*x/x", "exp(ln(x))", "exp(2*ln(x) + y)", "exp(2*ln(x) + 1)",
    "10^log10(x)", "y*exp(ln(x)/2)", "exp(0*ln(x))", "exp(ln(x) - ln(x))",
]  # fmt: skip
#: Formulas that SymPy changes as well, which have a value wherever they had one.
WHOLE = [
    "x^0", "y/(1/x)", "(y/2)/(n/3)", "x*y/(x + y)", "(x/y)^n/(1 + (x/y)^n)", "x*(1/y + 1)",
    "ln(y/2) - ln(y)", "y/(2*(x + 3))", "piecewise(0, x == 0, x/x)", "sqrt(y)*sqrt(y)",
]  # fmt: skip


def model_of(tmp_path, formula):
    path = tmp_path / "model.ant"
    path.write_text(f"model m\n x = 2; y = 1.5; n = 2; k = 3; r := {formula}\n"
                    " z = 0; z' = r - z\nend\n")  # fmt: skip
    return load_model(path)


@pytest.mark.parametrize("formula", [*GAPS, *WHOLE])
def test_a_formula_has_values_where_libroadrunner_has_them(tmp_path, formula):
    model, places = model_of(tmp_path, formula), [-1.0, 0.0, 2.0]
    engine, theirs = roadrunner.RoadRunner(model.sbml), []
    for x in places:
        engine["x"] = x
        theirs.append(engine["r"])
    ours = evaluate(model, pd.DataFrame({"x": places}))["r"].to_numpy()
    known = np.isfinite(theirs)
    assert np.isnan(ours[~known]).all()
    assert ours[known] == pytest.approx(np.array(theirs)[known])
    assert known.all() == (formula in WHOLE)


@pytest.mark.parametrize("engine", ["kernel", "roadrunner"])
@pytest.mark.parametrize("formula", ["y*x/x", "y + 0*ln(x)"])
def test_no_state_is_certified_that_rests_on_such_a_formula(tmp_path, formula, engine):
    table = scan(model_of(tmp_path, formula), grid(x=[0.0, 2.0]), engine=engine)
    assert table["converged"].to_list() == [False, True]
    assert np.isnan(table["z"][0])
    assert table["z"][1] == pytest.approx(1.5)


def test_shipped_cells_and_sizes_of_compartments_need_no_condition(tmp_path):
    """A condition in the equations would cost a kernel its time."""
    path = tmp_path / "model.ant"
    path.write_text("model m\n compartment c = 2; species S in c = 1; S -> ; c*0.1*S/c\nend\n")
    for model in (load_model("epithelium"), load_model(path)):
        equations = read_equations(model.sbml)
        formulas = {**equations.definitions, **equations.fluxes}.values()
        assert not [text for text in map(str, formulas) if "Ne(" in text]
