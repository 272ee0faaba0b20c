"""Formulas that people write, against what they say."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from transport_model.errors import InputError
from transport_model.mathematics.formulas import MAX_DEPTH, mathml_number, read_formula


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2^3 - -1*4/2 + 1e-1", 10.1),
        ("ln(exp(2)) + log10(1000) + log(2, 8) + sqrt(4) + root(3, 27)", 13.0),
        ("max(1, x, 2) - min(4, x)", 0.0),
        ("piecewise(1, x < 2, 5)", 5.0),
        ("Pi + pi + exponentiale", 10 + np.pi + np.e),
        ("abs(sin(x)^2 + cos(x)^2 - tanh(0))", 1.0),
        ("1 < x < 4 && !(x == 4) || x != x", True),
        ("time*x", 21.0),
        ("1 != x != 3", False),
        ("1 < x || (x < 1 && x < 0)", True),
        ("+".join(["x"] * 400), 1200.0),
        ("plus() + times()", 1.0),
    ],
)
def test_formulas_have_their_values(text, expected):
    formula = read_formula(text)
    given = {"x": 3.0, "Pi": 10.0, "time": 7.0}
    assert formula({name: given[name] for name in formula.names}) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x +", "not a formula"),
        ("2 mM", "not a formula"),
        ("delay(x, 1)", "not a function"),
        ("lambda(x, x)", "not a function"),
        ("foo(x)", "'foo'"),
        ("floor(x)", "'floor', which is not a function"),
        ("piecewise(1)", "a value and a condition"),
        ("min()", "lacks"),
        ("x + (x < 1)", "mixes"),
        ("x" * 2000, "longer"),
        ("-(" * (MAX_DEPTH + 2) + "x" + ")" * (MAX_DEPTH + 2), "nested"),
        ("-" * 900 + "x", "nested"),
    ],
)
def test_formulas_that_are_none(text, message):
    with pytest.raises(InputError, match=message):
        read_formula(text)


def test_a_tower_of_powers_is_infinite_at_once():
    assert read_formula("9^9^9^9")({}) == np.inf


def test_a_formula_is_evaluated_point_by_point_with_numbers_beside():
    x = np.array([-1.0, 0.0, 2.0, np.nan])
    formula = read_formula("piecewise(x/x, x > k, min(k, 3))")
    assert formula.names == ("x", "k")
    np.testing.assert_array_equal(formula({"x": x, "k": 1.0}), [1.0, 1.0, 1.0, 1.0])
    np.testing.assert_array_equal(formula({"x": x, "k": -2.0}), [1.0, np.nan, 1.0, -2.0])


def test_outside_of_all_pieces_and_domains_there_is_no_number():
    assert np.isnan(read_formula("piecewise(1, x < 0)")({"x": 1.0}))
    assert np.isnan(read_formula("ln(x)")({"x": -1.0}))
    assert read_formula("1/x")({"x": 0.0}) == np.inf


def test_ids_that_sympy_gives_a_meaning_are_ids():
    values = {"E": 2.0, "I": 3.0, "S": 5.0, "Q": 7.0}
    assert read_formula("E*I*S*Q")(values) == 210.0


@pytest.mark.parametrize(
    ("text", "value"),
    [("<cn> 1.5 </cn>", 1.5), ('<cn type="e-notation"> 2 <sep/> -3 </cn>', 2e-3),
     ('<cn type="rational"> 3 <sep/> 4 </cn>', 0.75),
     ('<cn type="rational"> 3 <sep/> 0 </cn>', np.nan)],
)  # fmt: skip
def test_numbers_of_mathml(text, value):
    np.testing.assert_equal(mathml_number(ElementTree.fromstring(text)), value)
