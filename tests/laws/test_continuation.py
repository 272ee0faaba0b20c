"""Branches against closed forms and published values."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp
import textbook_branches as books
from scipy.optimize import brentq
from textbook_branches import kinds, special

from transport_model import (
    continue_steady_state,
    crossing_branch,
    load_model,
    steady_state,
)
from transport_model.errors import SteadyStateError


@pytest.fixture
def build(tmp_path):
    def build(text):
        (tmp_path / "m.ant").write_text(f"model tested\n {text}\nend\n", encoding="utf-8")
        return load_model(tmp_path / "m.ant")

    return build


def test_folds_of_schloegl(build):
    """b = X³ - 3aX² + 3X turns where X = a ± √(a² - 1)."""
    branch = continue_steady_state(build(books.SCHLOEGL), "b", 0, 2)
    assert kinds(branch) == ["end", "fold", "fold", "end"]
    a = 1.1
    for (_, row), sign in zip(special(branch, "fold").iterrows(), (-1, 1), strict=True):
        x = a + sign * math.sqrt(a * a - 1)
        assert row["X"] == pytest.approx(x, rel=1e-8)
        assert row["b"] == pytest.approx(x**3 - 3 * a * x**2 + 3 * x, rel=1e-8)
        assert row["error"] < 1e-8
    table = branch.table
    x = table["X"]
    np.testing.assert_allclose(table["b"], x**3 - 3 * a * x**2 + 3 * x, rtol=1e-12, atol=1e-12)
    # the slope of the rate tells stability, and it changes at the folds and nowhere else
    assert (table["stable"] == (6 * a * x - 3 * x**2 - 3 < 0)).all()
    assert set(table["unstable_eigenvalues"]) == {0, 1}
    assert table["arclength"].is_monotonic_increasing
    assert table["residual"].max() <= 1e-9


def lyapunov_of(f, x, y, at):
    """The first Lyapunov coefficient of a planar field, by Guckenheimer & Holmes, eq. 3.4.11.

    With the eigenvector q of length one, and u, v along its real and imaginary parts, the radius
    follows r' = a r³; l = 4 a / ω.
    """
    jacobian = sp.Matrix(f).jacobian([x, y]).subs(at)
    omega = sp.sqrt(jacobian.det())
    q = sp.Matrix([jacobian[0, 1], sp.I * omega - jacobian[0, 0]])
    q = q / sp.sqrt((q.H * q)[0])
    basis = sp.Matrix.hstack(q.applyfunc(sp.re), -q.applyfunc(sp.im))
    u, v = sp.symbols("u v", real=True)
    moved = sp.Matrix([at[x], at[y]]) + basis * sp.Matrix([u, v])
    f, g = basis.inv() * sp.Matrix(f).subs({x: moved[0], y: moved[1]}, simultaneous=True)

    def d(function, *by):
        return sp.diff(function, *by).subs({u: 0, v: 0})

    a = (d(f, u, u, u) + d(f, u, v, v) + d(g, u, u, v) + d(g, v, v, v)) / 16
    a += (d(f, u, v) * (d(f, u, u) + d(f, v, v)) - d(g, u, v) * (d(g, u, u) + d(g, v, v))
          - d(f, u, u) * d(g, u, u) + d(f, v, v) * d(g, v, v)) / (16 * omega)  # fmt: skip
    return float(4 * a / omega)


@pytest.mark.parametrize("a", [sp.Rational(7, 10), sp.Integer(1), sp.Integer(2)])
def test_the_brusselator_oscillates_from_1_plus_a_squared(build, a):
    model = build(books.BRUSSELATOR).with_values(A=float(a))
    branch = continue_steady_state(model, "B", 0.5, 8)
    assert kinds(branch) == ["end", "Hopf", "end"]
    (row,) = [row for _, row in special(branch, "Hopf").iterrows()]
    assert row["B"] == pytest.approx(float(1 + a * a), rel=1e-8)
    assert row["frequency"] == pytest.approx(float(a), rel=1e-8)
    assert row["detail"] == "supercritical"
    x, y = sp.symbols("x y", positive=True)
    b = 1 + a * a
    field = [a - (b + 1) * x + x**2 * y, b * x - x**2 * y]
    expected = lyapunov_of(field, x, y, {x: a, y: b / a})
    assert row["lyapunov"] == pytest.approx(expected, rel=1e-4)


def test_a_cycle_that_is_born_unstable_is_subcritical(build):
    """r' = r(m + r² - r⁴): l = 2, with r² = x² + y² and the eigenvector (1, -i)/√2."""
    text = ("s := x^2 + y^2\n x' = x*(m + s - s^2) - w*y\n y' = y*(m + s - s^2) + w*x\n"
            " m = -1; w = 1; x = 0.1; y = 0")  # fmt: skip
    branch = continue_steady_state(build(text), "m", -2, 2)
    (row,) = [row for _, row in special(branch, "Hopf").iterrows()]
    assert row["m"] == pytest.approx(0, abs=1e-8)
    assert (row["detail"], row["frequency"]) == ("subcritical", pytest.approx(1, rel=1e-8))
    assert row["lyapunov"] == pytest.approx(2, rel=1e-4)


def test_lengyel_and_epstein(build):
    """A Hopf point at b = 3a/5 - 25/a."""
    branch = continue_steady_state(build(books.LENGYEL_EPSTEIN), "b", 0.5, 8)
    (value,) = special(branch, "Hopf")["b"]
    assert value == pytest.approx(3 * 10 / 5 - 25 / 10, rel=1e-8)


def test_the_repressilator(build):
    """x = α/(1 + xⁿ), and a Hopf point where n xⁿ/(1 + xⁿ) = 2."""
    branch = continue_steady_state(build(books.REPRESSILATOR), "al", 0.5, 10)
    (row,) = [row for _, row in special(branch, "Hopf").iterrows()]
    assert row["al"] == pytest.approx(3 * 2 ** (1 / 3), rel=1e-8)
    assert row["frequency"] == pytest.approx(math.sqrt(3), rel=1e-8)
    assert row["detail"] == "supercritical"


@pytest.mark.parametrize(("a", "u", "v"), [(1, 1, 1), (4, 3, 0.1)])
def test_the_pitchfork_of_a_symmetric_switch(build, a, u, v):
    """Met from the symmetric branch, and from the others, which turn there."""
    branch = continue_steady_state(build(books.TOGGLE.format(a=a, u=u, v=v)), "a", 0.5, 6)
    assert kinds(branch) == ["end", "branch point", "end"]
    (row,) = [row for _, row in special(branch, "branch point").iterrows()]
    assert [row[n] for n in "auv"] == pytest.approx([2, 1, 1], rel=1e-8)
    assert row["detail"] == "pitchfork, supercritical"
    assert branch.table["stable"].all() == (a == 4)
    other = crossing_branch(branch)
    (again,) = [row for _, row in special(other, "branch point").iterrows()]
    assert [again[n] for n in "auv"] == pytest.approx([2, 1, 1], rel=1e-8)
    assert again["detail"] == "pitchfork, supercritical"
    symmetric = np.isclose(other.table["u"], other.table["v"], rtol=1e-6).all()
    assert symmetric == (a == 4)
    assert other.table["a"].max() == 6
    assert np.allclose(other.table["u"] * other.table["v"], 1) == (a == 1)


#: Normal forms in r: rates, what the point at r = 0 is, and x² or x of what crosses there, by r.
NORMAL_FORMS = {
    "supercritical": ("r*x - x^3", "pitchfork, supercritical", lambda r, x: (x**2, r)),
    "subcritical": ("r*x + x^3 - x^5", "pitchfork, subcritical",
                    lambda r, x: ((x**2 - 0.5) ** 2, r + 0.25)),
    "transcritical": ("r*x - x^2", "transcritical", lambda r, x: (x, r)),
}  # fmt: skip


@pytest.mark.parametrize("start", [-0.5, 0.5])
@pytest.mark.parametrize("name", NORMAL_FORMS)
def test_normal_forms_are_told_apart_and_what_crosses_is_followed(build, name, start):
    """Beside a state that is always unstable, and in units of which nothing is one."""
    rate, detail, closed = NORMAL_FORMS[name]
    model = build(f"x' = 3*({rate})\n y' = y - 2\n r = {start}; x = 0; y = 2")
    branch = continue_steady_state(model, "r", -1, 1.5, start=unstable(model))
    assert kinds(branch) == ["end", "branch point", "end"]
    row = branch.points.iloc[1]
    assert row["r"] == pytest.approx(0, abs=1e-8)
    assert row["detail"] == detail
    other = crossing_branch(branch)
    (again,) = special(other, "branch point")["detail"]
    assert again == detail
    got, expected = closed(other.table["r"], other.table["x"])
    np.testing.assert_allclose(got, expected, atol=1e-9)
    assert sorted(kinds(other)) == sorted(["end", "branch point", "end"]
                                          + ["fold", "fold"] * (name == "subcritical"))  # fmt: skip


def unstable(model):
    """The unstable state that a search for a steady state names."""
    with pytest.raises(SteadyStateError) as error:
        steady_state(model)
    return error.value.states[0]


def test_what_crosses_where_a_predator_dies_out_is_the_prey_alone(build):
    branch = continue_steady_state(build(books.PREDATOR), "K", 0.2, 6)
    (detail,) = special(branch, "branch point")["detail"]
    assert detail == "transcritical"
    other = crossing_branch(branch)
    np.testing.assert_allclose(other.table["N"], other.table["K"], rtol=1e-9)
    assert (other.table["stable"] == (other.table["K"] < 2 / 3)).all()


def test_more_than_two_branches_through_a_point_are_not_told_apart(build):
    """At r = 0 four branches meet: x or y zero or not, each a pitchfork of its own."""
    model = build("x' = r*x - x^3\n y' = r*y - y^3\n r = -0.5; x = 0; y = 0")
    branch = continue_steady_state(model, "r", -1, 1)
    assert "pitchfork" not in set(branch.points["detail"])


def test_goldbeter_and_koshland(build):
    """Steep, but without a special point; every point as in their closed form."""
    branch = continue_steady_state(build(books.GOLDBETER_KOSHLAND), "k1", 0.1, 10, scale="log")
    assert kinds(branch) == ["end", "end"]
    v1, v2, j = branch.table["k1"], 1.0, 0.01
    b = v2 - v1 + v2 * j + v1 * j
    closed = 2 * v1 * j / (b + np.sqrt(b * b - 4 * (v2 - v1) * v1 * j))
    np.testing.assert_allclose(branch.table["B"], closed, rtol=1e-9)
    np.testing.assert_allclose(branch.table["A"] + branch.table["B"], 1, rtol=1e-12)


def test_a_predator_dies_out_at_a_branch_point_and_cycles_beyond_a_hopf_point(build):
    """K = N* = m/(1 - m), and K = 1 + 2 N*. The branch ends where the predator is gone."""
    branch = continue_steady_state(build(books.PREDATOR), "K", 0.2, 6)
    assert kinds(branch) == ["end", "branch point", "Hopf", "end"]
    rest = 0.4 / 0.6
    values = branch.points["K"].to_list()
    assert values[1:3] == pytest.approx([rest, 1 + 2 * rest], rel=1e-8)
    assert values[0] == pytest.approx(rest, rel=1e-6)
    assert "below zero" in branch.points["detail"].iloc[0]


def test_folds_and_hopf_point_of_auto_s_demo_ab(build):
    """u₂ = p₂u₁/(1 + p₃); folds where u₁(1 - u₁) = (1 + p₃)/p₂.

    The log of this demo that comes with AUTO-07p has p₁ = 1.05739E-01, 8.89318E-02, 1.30900E-01.
    """
    branch = continue_steady_state(build(books.AB), "p1", 0, 0.4)
    assert kinds(branch) == ["end", "fold", "fold", "Hopf", "end"]
    for (_, row), sign in zip(special(branch, "fold").iterrows(), (-1, 1), strict=True):
        u = (1 + sign * math.sqrt(1 - 4 * 3 / 14)) / 2
        assert row["u1"] == pytest.approx(u, rel=1e-8)
        assert row["p1"] == pytest.approx(u * math.exp(-14 * u / 3) / (1 - u), rel=1e-8)

    def trace(u):
        p = u * math.exp(-14 * u / 3) / (1 - u)
        rate = p * math.exp(14 * u / 3)
        return -1 - rate - 3 + 14 * p * (1 - u) * math.exp(14 * u / 3)

    u = brentq(trace, 0.8, 0.95, xtol=1e-14)
    (value,) = special(branch, "Hopf")["p1"]
    assert value == pytest.approx(u * math.exp(-14 * u / 3) / (1 - u), rel=1e-8)
    printed = [float(f"{value:.5e}") for value in branch.points["p1"].iloc[1:4]]
    assert printed == pytest.approx([1.05739e-1, 8.89318e-2, 1.30900e-1], rel=1e-5)


def morris_lecar(gca, v3, v4, phi):
    """The current that holds a voltage at rest, its slope, and the trace there."""

    def gate(v):
        return 0.5 * (1 + math.tanh((v - v3) / v4))

    def calcium(v):
        return 0.5 * (1 + math.tanh((v + 1.2) / 18))

    def current(v):
        return gca * calcium(v) * (v - 120) + 8 * gate(v) * (v + 84) + 2 * (v + 60)

    def trace(v):
        slope = gca * (calcium(v) + (v - 120) / (2 * 18 * math.cosh((v + 1.2) / 18) ** 2))
        return -(slope + 8 * gate(v) + 2) / 20 - phi * math.cosh((v - v3) / (2 * v4))

    def slope(v, h=1e-4):
        return (current(v - 2 * h) - 8 * current(v - h) + 8 * current(v + h)
                - current(v + 2 * h)) / (12 * h)  # fmt: skip

    return current, slope, trace


def test_morris_and_lecar_between_two_hopf_points(build):
    """Rinzel & Ermentrout 1998 give 93.86 and 212.02 µA/cm²."""
    branch = continue_steady_state(
        build(books.MORRIS_LECAR.format(**books.HOPF_REGIME)), "I", 0, 300
    )
    assert kinds(branch) == ["end", "Hopf", "Hopf", "end"]
    current, _, trace = morris_lecar(**books.HOPF_REGIME)
    exact = [current(brentq(trace, *at, xtol=1e-13)) for at in ((-30, -20), (0, 10))]
    found = branch.points["I"].iloc[1:3].to_list()
    assert found == pytest.approx(exact, rel=1e-8)
    assert found == pytest.approx([93.86, 212.02], abs=5e-3)
    assert branch.points["detail"].iloc[1] == "subcritical"


def test_morris_and_lecar_with_folds(build):
    text = books.MORRIS_LECAR.format(**books.HOMOCLINIC_REGIME)
    branch = continue_steady_state(build(text), "I", -50, 150)
    assert kinds(branch) == ["end", "fold", "fold", "Hopf", "end"]
    current, slope, trace = morris_lecar(**books.HOMOCLINIC_REGIME)
    exact = [current(brentq(slope, *at, xtol=1e-12)) for at in ((-35, -25), (-8, 0))]
    exact.append(current(brentq(trace, 5, 10, xtol=1e-13)))
    assert branch.points["I"].iloc[1:4].to_list() == pytest.approx(exact, rel=1e-8)
    assert exact[0] == pytest.approx(39.96, abs=5e-3)
    assert list(branch.points["kind"])[3] == "Hopf"


def test_the_total_of_a_pool_is_a_parameter_through_its_start(build):
    branch = continue_steady_state(build(books.POOL), "A", 0.1, 10)
    assert kinds(branch) == ["end", "fold", "fold", "end"]

    def total(b):
        return b + 0.5 * b / (0.01 + b**3 / (0.2 + b**3))

    def slope(b, h=1e-4):
        return (total(b - 2 * h) - 8 * total(b - h) + 8 * total(b + h) - total(b + 2 * h)) / (
            12 * h
        )

    exact = [total(brentq(slope, *at, xtol=1e-13)) for at in ((0.05, 0.2), (0.3, 1))]
    assert special(branch, "fold")["start_of_A"].to_list() == pytest.approx(exact, rel=1e-8)
    np.testing.assert_allclose(branch.table["A"] + branch.table["B"], branch.table["start_of_A"],
                               rtol=1e-12)  # fmt: skip


def test_a_fold_beside_rates_ten_million_times_as_fast(build):
    branch = continue_steady_state(build(books.STIFF), "b", 0, 0.2)
    assert kinds(branch) == ["end", "fold", "fold", "end"]

    def level(x):
        return x - 1.9 * x * x / (1 + x * x)

    def slope(x):
        return 1 - 2 * 1.9 * x / (1 + x * x) ** 2

    exact = [level(brentq(slope, *at, xtol=1e-14)) for at in ((0.1, 0.5), (0.6, 2))]
    assert special(branch, "fold")["b"].to_list() == pytest.approx(exact, rel=1e-8)


def test_a_species_that_could_come_back_does_so_at_a_branch_point(build):
    """Along N = K the predator is gone; its own row of the Jacobian vanishes at K = N*."""
    model = build(books.PREDATOR).with_values(P=0, K=0.3)
    branch = continue_steady_state(model, "K", 0.2, 2)
    assert kinds(branch) == ["end", "branch point", "end"]
    assert branch.points["K"].iloc[1] == pytest.approx(0.4 / 0.6, rel=1e-8)
    assert branch.table["P"].abs().max() < 1e-12
    assert (branch.table["stable"] == (branch.table["K"] < 2 / 3)).all()


def test_real_eigenvalues_whose_sum_is_zero_are_no_hopf_point(build):
    """Eigenvalues 1 and -(1 + p) on the way from p = -0.5 to 1: a neutral saddle at zero."""
    model = build("x' = x - x^3\n y' = -(1 + p)*y\n p = 0.5; x = 0; y = 0")
    branch = continue_steady_state(model, "p", -0.5, 1)
    assert kinds(branch) == ["end", "end"]
    assert set(branch.table["unstable_eigenvalues"]) == {1}
    assert not branch.table["stable"].any()


def test_a_closed_branch_is_followed_once(build):
    """(p - 3)² + (x - 2)² = 1, which no scan of the upper half leaves."""
    model = build("x' = 1 - (p - 3)^2 - (x - 2)^2\n p = 3; x = 2.5")
    branch = continue_steady_state(model, "p", 0, 10)
    assert kinds(branch) == ["fold", "fold", "end"]
    assert sorted(special(branch, "fold")["p"]) == pytest.approx([2, 4], rel=1e-8)
    assert "closed" in branch.points["detail"].iloc[-1]
    table = branch.table
    np.testing.assert_allclose((table["p"] - 3) ** 2 + (table["x"] - 2) ** 2, 1, rtol=1e-12)
    assert table["x"].min() < 1.01
    assert table["arclength"].iloc[-1] < 1.1 * 2 * math.pi / 2


def test_a_kink_is_passed_and_a_change_of_stability_at_one_has_no_class(build):
    """x' = p - 2x, and p + x/2 - 1 beyond x = 0.4: restored on one side, left on the other."""
    model = build("-> x; piecewise(p - x, x < 0.5, 0.5 + 3*(p - 0.5) - x)\n p = 0.1; x = 0")
    branch = continue_steady_state(model, "p", 0, 1)
    assert kinds(branch) == ["end", "end"]
    assert branch.points["x"].to_list() == pytest.approx([0, 2], abs=1e-9)
    corner = build("x' = p - x + 2*max(x - 1, 0)\n p = 0.5; x = 0")
    turned = continue_steady_state(corner, "p", 0, 2)
    assert "Hopf" not in kinds(turned)
    assert "fold" not in kinds(turned)


def test_what_grows_without_end_says_so(build):
    branch = continue_steady_state(build("-> S; v\n S -> ; S/(1 + S)\n v = 0.5"), "v", 0.1, 2)
    why = branch.points["detail"].iloc[-1]
    assert why == "'S' grows without end"
    assert 0.999 < branch.points["v"].iloc[-1] < 1
    np.testing.assert_allclose(branch.table["S"], branch.table["v"] / (1 - branch.table["v"]),
                               rtol=1e-7)  # fmt: skip


def test_a_branch_begins_where_it_is_told_to(build):
    """Around an unstable state, and at a state of another start."""
    model = build(books.BRUSSELATOR).with_values(B=3)
    with pytest.raises(SteadyStateError) as oscillating:
        steady_state(model)
    branch = continue_steady_state(model, "B", 0.5, 5)
    assert special(branch, "Hopf")["B"].to_list() == pytest.approx([2], rel=1e-8)
    again = continue_steady_state(model, "B", 0.5, 5, start=oscillating.value.states[0])
    assert again.table["B"].to_list() == branch.table["B"].to_list()
    toggle = build(books.TOGGLE.format(a=4, u=3, v=0.1))
    other = steady_state(toggle.with_values(u=0.1, v=3))
    mirrored = continue_steady_state(toggle, "a", 3, 6, start=other)
    assert (mirrored.table["v"] > mirrored.table["u"]).all()
