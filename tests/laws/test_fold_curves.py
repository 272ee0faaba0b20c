"""Curves of folds in two parameters, against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
import textbook_branches as books
from textbook_branches import special

from transport_model import continue_steady_state, fold_curve, load_model


@pytest.fixture
def build(tmp_path):
    def build(text):
        (tmp_path / "m.ant").write_text(f"model tested\n {text}\nend\n", encoding="utf-8")
        return load_model(tmp_path / "m.ant")

    return build


def test_two_folds_meet_in_the_cusp(build):
    """27 r² = 4 h³."""
    branch = continue_steady_state(build(books.CUSP), "r", -1, 1)
    curve = fold_curve(branch, "h", -1, 3)
    assert list(curve.points["kind"]) == ["end", "cusp", "end"]
    (row,) = [row for _, row in curve.points[curve.points["kind"] == "cusp"].iterrows()]
    assert [row["r"], row["h"], row["x"]] == pytest.approx([0, 0, 0], abs=1e-8)
    table = curve.table
    np.testing.assert_allclose(27 * table["r"] ** 2, 4 * table["h"] ** 3, rtol=1e-10, atol=1e-12)
    assert (np.diff(table["arclength"]) > 0).all()
    assert table["error"].max() < 1e-8


def test_fold_curve_of_ab_through_cusp_and_double_zero(build):
    """A cusp at p₂ = 4(1 + p₃), u₁ = 1/2; two zero eigenvalues where the trace vanishes as well."""
    branch = continue_steady_state(build(books.AB), "p1", 0, 0.4)
    both = [fold_curve(branch, "p2", 4, 20, point=label)
            for label in special(branch, "fold").index]  # fmt: skip
    for curve in both:
        found = curve.points.set_index("kind")
        cusp, double = found.loc["cusp"], found.loc["Bogdanov–Takens"]
        assert [cusp[n] for n in ("p2", "u1", "p1")] == pytest.approx([12, 0.5, math.exp(-2)],
                                                                      rel=1e-8)  # fmt: skip
        assert [double[n] for n in ("p2", "u1", "p1")] == pytest.approx(
            [13.5, 1 / 3, math.exp(-1.5) / 2], rel=1e-8
        )
        u = curve.table["u1"]
        np.testing.assert_allclose(u * (1 - u), 3 / curve.table["p2"], rtol=1e-9)


def test_folds_of_a_pool_in_its_total_and_a_rate(build):
    """The curve's own balance and its slope, and the cusp of Schlögl at a = b = X = 1."""
    branch = continue_steady_state(build(books.SCHLOEGL), "b", 0, 2)
    curve = fold_curve(branch, "a", 0.9, 2)
    (row,) = [row for _, row in curve.points[curve.points["kind"] == "cusp"].iterrows()]
    assert [row[n] for n in "abX"] == pytest.approx([1, 1, 1], rel=1e-8)
    pool = fold_curve(continue_steady_state(build(books.POOL), "A", 0.1, 10), "k0", 1e-3, 1,
                      scale="log")  # fmt: skip
    b, k0 = pool.table["B"], pool.table["k0"]
    hill = b**3 / (0.2 + b**3)
    steep = 0.6 * b**2 / (0.2 + b**3) ** 2
    slope = 1 + 0.5 / (k0 + hill) - 0.5 * b * steep / (k0 + hill) ** 2
    np.testing.assert_allclose(slope, 0, atol=1e-8)
    np.testing.assert_allclose(pool.table["A"] + b, pool.table["start_of_A"], rtol=1e-12)
