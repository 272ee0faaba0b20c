"""The graph of values: nothing stands twice, numbers are worked out, derivatives are exact."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp

from transport_model.errors import UnsupportedModelError
from transport_model.mathematics.formula_graph import FormulaGraph
from transport_model.mathematics.graph import FUNCTIONS, LEAF, NUMBER, Graph
from transport_model.mathematics.program import Program, array_function

X, Y = sp.symbols("x y", real=True)


@pytest.fixture
def graph():
    return Graph(moving=["x"])


def value_at(graph, results, x, y=0.0):
    """Return values of a graph at a point, as NumPy computes them."""
    function = array_function(Program(graph, tuple(results)), {"given": ("x", "y")})
    with np.errstate(all="ignore"):
        return [float(each) for each in function(np.array([x, y]))]


def operations(graph, result):
    return [graph.operations[each] for each in graph.needed([result])
            if graph.operations[each] not in {NUMBER, LEAF}]  # fmt: skip


def test_what_is_made_alike_is_one(graph):
    read = FormulaGraph(graph)
    before = read.value(sp.exp(X * Y) + 1)
    size = len(graph.operations)
    assert read.value(1 + sp.exp(Y * X)) == before
    assert FormulaGraph(graph).value(sp.exp(X * Y) + 1) == before
    assert len(graph.operations) == size
    both = graph.apply("add", before, graph.apply("exp", read.value(X * Y)))
    assert operations(graph, both).count("exp") == 1


def test_operands_come_before_what_is_made_of_them(graph):
    FormulaGraph(graph).value(sp.sin(X / (Y + 3)) ** 2 - sp.Max(X, Y))
    for value, operands in enumerate(graph.operands):
        if graph.operations[value] not in {NUMBER, LEAF}:
            assert all(each < value for each in operands)


def test_numbers_are_worked_out_and_what_does_nothing_is_left_out(graph):
    x, number, apply = graph.leaf("x"), graph.number, graph.apply
    assert graph.constant(apply("add", number(2.0), number(3.0))) == 5.0
    assert graph.constant(apply("pow", number(2.0), number(0.5))) == 2.0**0.5
    assert apply("mul", number(1.0), x) == x
    assert apply("add", x, number(0.0)) == x
    assert apply("neg", apply("neg", x)) == x
    assert apply("mul", x, number(-1.0)) == apply("neg", x)
    assert graph.constant(apply("mul", x, number(0.0))) == 0.0
    assert apply("sel", graph.number(True), x, number(2.0)) == x
    assert apply("sel", graph.number(False), x, number(2.0)) == number(2.0)
    assert apply("sel", apply("lt", x, number(0.0)), x, x) == x
    holds = apply("lt", x, number(0.0))
    assert apply("and", holds, graph.number(True)) == holds
    assert graph.constant(apply("or", holds, graph.number(True))) is True
    assert graph.total([x, number(2.0), number(-2.0)]) == x


@pytest.mark.parametrize(
    ("operation", "operands", "expected"),
    [("rec", [0.0], math.inf), ("rec", [-0.0], -math.inf), ("log", [0.0], -math.inf),
     ("log", [-1.0], math.nan), ("exp", [1e3], math.inf), ("pow", [0.0, -1.0], math.inf),
     ("pow", [-2.0, 0.5], math.nan), ("sqrt", [-1.0], math.nan), ("max", [math.nan, 1.0], math.nan),
     ("min", [1.0, math.nan], math.nan), ("acosh", [0.5], math.nan)],
)  # fmt: skip
def test_numbers_without_a_value_are_those_of_floating_point(graph, operation, operands, expected):
    found = graph.constant(graph.apply(operation, *map(graph.number, operands)))
    assert found == expected or (math.isnan(found) and math.isnan(expected))


def test_zeros_with_a_sign_are_two_numbers(graph):
    assert graph.number(0.0) != graph.number(-0.0)
    assert graph.number(math.nan) == graph.number(math.nan)
    assert graph.number(1.0) != graph.number(True)


def test_what_does_not_move_is_put_together_first(graph):
    x, y, k = graph.leaf("x"), graph.leaf("y"), graph.leaf("k")
    for make, operation in ((graph.product, "mul"), (graph.total, "add")):
        value = make([y, x, k])
        assert graph.moves[value]
        still = [each for each in graph.operands[value] if not graph.moves[each]]
        assert [graph.operations[each] for each in still] == [operation]


def test_whole_and_half_powers_are_products_and_roots(graph):
    x = graph.leaf("x")
    for exponent in (-64, -7, -2, -0.5, 0, 0.5, 1, 2, 3, 5, 13, 64):
        value = graph.power(x, graph.number(exponent))
        assert "pow" not in operations(graph, value)
        assert value_at(graph, [value], 1.7)[0] == pytest.approx(1.7**exponent, rel=1e-14)
    assert operations(graph, graph.power(x, graph.number(1.5))) == ["pow"]


#: Values of x and y at which each operation is smooth.
POINTS = {"log": 1.3, "sqrt": 1.3, "asin": 0.4, "acos": 0.4, "acosh": 2.1, "atanh": 0.4, "tan": 0.7}
OF_TWO = {
    "add": X + Y, "mul": X * Y, "pow": X**Y, "rec": Y / X, "neg": -X * Y,
    "max": sp.Max(X, Y * 3), "min": sp.Min(X, Y * 3), "abs": sp.Abs(X - 4) * Y,
    "square": (X + Y) * (X + Y), "sel": sp.Piecewise((X * Y, X > Y), (Y**2, True)),
    "named": sp.exp(X * Y) / (1 + sp.exp(X * Y)), "sign": sp.sign(X - 3) * X,
    "ite": sp.Piecewise((X**3, sp.And(X > 0, sp.Not(Y > 5))), (X, True)),
    "power of itself": (X * Y) ** (X + 1.5), "secant": sp.sec(X * Y), "acot": sp.acot(X + Y),
}  # fmt: skip


def differences(formula, x, y, h=1e-6):
    """Return d/dx and d/dy by central differences of SymPy's own numbers."""

    def at(a, b):
        return sp.Float(formula.subs({X: sp.Float(a, 30), Y: sp.Float(b, 30)}).evalf(30), 30)

    return (float((at(x + h, y) - at(x - h, y)) / (2 * h)),
            float((at(x, y + h) - at(x, y - h)) / (2 * h)))  # fmt: skip


@pytest.mark.parametrize("name", [*FUNCTIONS, *OF_TWO])
def test_values_and_derivatives_of_every_operation(graph, name):
    functions = {"asin": sp.asin, "acos": sp.acos, "atan": sp.atan, "ceil": sp.ceiling}
    if name in OF_TWO:
        formula, x, y = OF_TWO[name], 1.7, 0.6
    else:
        function = functions.get(name) or getattr(sp, name)
        formula, x, y = function(X * (1 + Y / 10)), POINTS.get(name, 0.6), 0.1
    read = FormulaGraph(graph)
    value = read.value(formula)
    (slopes,) = graph.derivatives([value], [read.named("x"), read.named("y")])
    zero = graph.number(0.0)
    wanted = [value, *(slopes.get(read.named(leaf), zero) for leaf in "xy")]
    found = value_at(graph, wanted, x, y)
    exact = float(formula.subs({X: x, Y: y}).evalf(20))
    assert found[0] == pytest.approx(exact, rel=1e-14)
    assert found[1:] == pytest.approx(differences(formula, x, y), rel=1e-8, abs=1e-9)


def test_a_ratio_of_zero_to_any_power_moves_with_neither_divisor_nor_exponent(graph):
    """Outer Na⁺ of nothing, to a Hill coefficient below one: the slope by x alone is infinite."""
    read = FormulaGraph(graph)
    formula = (X / Y) ** (Y + sp.Rational(1, 10))
    value = read.value(formula)
    (slopes,) = graph.derivatives([value], [read.named("x"), read.named("y")])
    by_x, by_y = slopes[read.named("x")], slopes[read.named("y")]
    assert value_at(graph, [value, by_x, by_y], 0.0, 0.6) == [0.0, math.inf, 0.0]
    found = value_at(graph, [by_x, by_y], 1.3, 0.6)
    assert found == pytest.approx(differences(formula, 1.3, 0.6), rel=1e-8)


def test_derivatives_through_names_are_those_without(graph):
    read = FormulaGraph(graph)
    u = read.define("u", sp.exp(X) * Y)
    v = read.define("v", sp.Symbol("u") ** 2 + X)
    w = read.define("w", sp.Symbol("u") * sp.Symbol("v") - sp.log(sp.Symbol("v")))
    leaves = [read.named("x"), read.named("y")]
    straight, named = graph.derivatives([w], leaves), graph.derivatives([w, v], leaves, [u, v, w])
    for leaf in leaves:
        both = [straight[0][leaf], named[0][leaf]]
        first, second = value_at(graph, both, 0.3, 1.2)
        assert first == pytest.approx(second, rel=1e-14)
    formula = (sp.exp(X) * Y) ** 2 + X
    assert value_at(graph, [named[1][leaves[0]]], 0.3, 1.2)[0] == pytest.approx(
        float(formula.diff(X).subs({X: 0.3, Y: 1.2})), rel=1e-14
    )


def test_a_branch_that_is_not_taken_may_be_no_number(graph):
    """Neither its value nor its derivative reaches the result."""
    read = FormulaGraph(graph)
    formula = sp.Piecewise((sp.log(X) / (X - 2), X > 2.5), (Y * X, True))
    value = read.value(formula)
    (slopes,) = graph.derivatives([value], [read.named("x"), read.named("y")])
    for x in (-1.0, 0.0, 2.0):
        found = value_at(graph, [value, slopes[read.named("x")], slopes[read.named("y")]], x, 3.0)
        assert found == [3 * x, 3.0, x]
    lonely = FormulaGraph(graph).value(sp.Piecewise((1, X > 2)))  # no branch at all
    assert math.isnan(value_at(graph, [lonely], 1.0)[0])


def test_what_nothing_reaches_has_no_derivative(graph):
    read = FormulaGraph(graph)
    value = read.value(sp.floor(X) + Y - sp.ceiling(Y))
    (slopes,) = graph.derivatives([value], [read.named("x"), read.named("y")])
    assert read.named("x") not in slopes
    assert graph.constant(slopes[read.named("y")]) == 1.0


def test_conditions_are_known_for_what_they_are(graph):
    read = FormulaGraph(graph)
    assert graph.is_condition(read.value(sp.And(X > 1, sp.Or(Y < 2, sp.Not(X < Y)))))
    assert graph.is_condition(read.value(sp.ITE(X > 1, Y > 1, Y < 1)))
    assert not graph.is_condition(read.value(sp.Piecewise((X, X > 1), (Y, True))))
    for x, y in ((2.0, 1.0), (2.0, 3.0), (0.0, 1.0)):
        (found,) = value_at(graph, [read.value(sp.Xor(X > 1, Y > 2))], x, y)
        assert found == ((x > 1) != (y > 2))


def test_a_function_that_is_not_known_is_named(graph):
    with pytest.raises(UnsupportedModelError, match="'gamma'"):
        FormulaGraph(graph).value(sp.gamma(X))
