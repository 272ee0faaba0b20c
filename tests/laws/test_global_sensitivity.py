"""Indices of functions whose indices are known, and of SALib."""

from __future__ import annotations

from collections import Counter
from math import pi
from typing import ClassVar

import numpy as np
import pytest
from SALib.analyze import morris as salib_morris
from SALib.analyze import pawn as salib_pawn
from SALib.analyze import sobol as salib_sobol

from transport_model import (
    Normal,
    UncertainInputs,
    Uniform,
    morris_screening,
    pawn_indices,
    rank_correlations,
    sobol_indices,
)
from transport_model.analyses.studies.global_sensitivity.answers import Answered
from transport_model.analyses.studies.global_sensitivity.morris import LEVELS, Trajectories
from transport_model.analyses.studies.global_sensitivity.random_points import RandomPoints
from transport_model.analyses.studies.global_sensitivity.saltelli import (
    SCRAMBLINGS,
    SaltelliDesign,
)
from transport_model.errors import ComputationError, InputError


class FunctionAnswers:
    """A function of the inputs, a column each, as something that is computed at points."""

    outputs = ("y",)
    units: ClassVar[dict[str, str]] = {}

    def __init__(self, function):
        self.function = function
        self.points = 0

    def at(self, design, name, progress=None):
        values = self.function(*design.rows(0, len(design)).to_numpy().T)
        self.points += len(values)
        gone = Counter({"off the domain": int((~np.isfinite(values)).sum())})
        return Answered(values[:, None], +gone)


def ishigami(a, b, c):
    return np.sin(a) + 7 * np.sin(b) ** 2 + 0.1 * c**4 * np.sin(a)


_G = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0])


def g_function(*x):
    factors = [(np.abs(4 * xi - 2) + a) / (1 + a) for xi, a in zip(x, _G, strict=True)]
    return np.prod(factors, axis=0)


def linear(*x):
    return sum((number + 1) * xi for number, xi in enumerate(x))


def _ishigami_indices():
    first = [(1 + pi**4 / 50) ** 2 / 2, 49 / 8, 0.0]
    both = pi**8 * (1 / 18 - 1 / 50) / 100
    variance = sum(first) + both
    shares = np.array(first) / variance
    return shares, shares + np.array([both, 0.0, both]) / variance, both / variance


def _g_indices():
    parts = 1 / (3 * (1 + _G) ** 2)
    variance = np.prod(1 + parts) - 1
    return parts / variance, parts * np.prod(1 + parts) / (1 + parts) / variance


_LINEAR = np.array([1.0, 4.0, 9.0, 16.0]) / 30
ISHIGAMI = UncertainInputs({name: Uniform(-pi, pi) for name in "abc"})
PROBLEMS = {
    "Ishigami": (ishigami, ISHIGAMI, *_ishigami_indices()[:2]),
    "G": (g_function, UncertainInputs({f"x{i}": Uniform(0, 1) for i in range(8)}), *_g_indices()),
    "linear": (linear, UncertainInputs({n: Normal(5, 2) for n in "abcd"}), _LINEAR, _LINEAR),
}


def indices(found, index, names):
    table = found.table[found.table["index"] == index].set_index("input").loc[list(names)]
    return table[["value", "low", "high"]].to_numpy().T


@pytest.mark.parametrize("problem", PROBLEMS)
def test_sobol_indices_of_known_functions(problem):
    function, inputs, first, total = PROBLEMS[problem]
    found = sobol_indices(FunctionAnswers(function), inputs, width=0.02, budget=10**6)
    assert found.settled
    assert found.width <= 0.02
    for index, truth in (("S1", first), ("ST", total)):
        value, low, high = indices(found, index, inputs.columns)
        assert (high - low <= found.width).all()
        # Half the width holds 95 % of errors; twice that holds all of some twenty
        assert (np.abs(value - truth) <= 2 * 0.5 * (high - low)).all()
        assert np.abs(value - truth).max() > 0


def test_pairs_of_ishigamis_function():
    found = sobol_indices(FunctionAnswers(ishigami), ISHIGAMI, budget=10**5, width=0.03, pairs=True)
    truth = {"a × b": 0.0, "a × c": _ishigami_indices()[2], "b × c": 0.0}
    value, low, high = indices(found, "S2", truth)
    assert (np.abs(value - list(truth.values())) <= high - low).all()


def test_estimates_are_salibs_from_the_same_points():
    """SALib's estimators on each scrambling alone; the means of their sums are ours."""
    inputs, names = PROBLEMS["G"][1], PROBLEMS["G"][1].columns
    design = SaltelliDesign(inputs, 0, 64, 1)
    values = g_function(*design.rows(0, len(design)).to_numpy().T)
    values = values.reshape(SCRAMBLINGS, 64, -1)
    values -= values[..., [0, -1]].mean()
    sums = {"S1": [], "ST": []}
    spread = []
    for one in values:
        start, mixed, end = one[:, 0], one[:, 1:-1], one[:, -1]
        variance = np.var(np.concatenate([start, end]))
        spread.append((start**2 + end**2).mean() / 2)
        sums["S1"].append([variance * salib_sobol.first_order(start, m, end) for m in mixed.T])
        sums["ST"].append([variance * salib_sobol.total_order(start, m, end) for m in mixed.T])
    budget = len(design)
    found = sobol_indices(FunctionAnswers(g_function), inputs, budget=budget, width=1e-9)
    assert found.points == budget
    for index, terms in sums.items():
        np.testing.assert_allclose(indices(found, index, names)[0],
                                   np.mean(terms, axis=0) / np.mean(spread), rtol=1e-9)  # fmt: skip


def test_elementary_effects_are_salibs():
    found = morris_screening(FunctionAnswers(ishigami), ISHIGAMI, seed=3, budget=1024, width=1e-6)
    design = Trajectories(ISHIGAMI, 0, 256, 3)
    points = design.rows(0, len(design)).to_numpy()
    values = ishigami(*points.T)
    problem = {"num_vars": 3, "names": list("abc"), "bounds": [[-0.98 * pi, 0.98 * pi]] * 3}
    salibs = salib_morris.analyze(problem, points, values, num_levels=LEVELS)
    moved = LEVELS / 2 / (LEVELS - 1)  # SALib tells of a whole range
    for index in ("mu", "mu_star", "sigma"):
        ours, low, high = indices(found, index, "abc")
        np.testing.assert_allclose(ours, salibs[index] * moved / values.std(), atol=1e-12)
        assert ((low <= ours) & (ours <= high)).all()


def test_pawn_indices_are_salibs():
    count = 4096
    points = RandomPoints(ISHIGAMI, 0, count, 3).rows(0, count).to_numpy()
    problem = {"num_vars": 3, "names": list("abc"), "bounds": [[-pi, pi]] * 3}
    salibs = salib_pawn.analyze(problem, points, ishigami(*points.T), S=10)["median"]
    found = pawn_indices(FunctionAnswers(ishigami), ISHIGAMI, seed=3, budget=count, width=1e-6)
    ours, _, _ = indices(found, "pawn", "abc")
    np.testing.assert_allclose(ours, salibs, atol=2e-3)
    chance, _, _ = indices(found, "pawn", ["(chance)"])
    assert chance[0] < min(ours)


def test_rank_correlations_of_what_is_monotone():
    """Of a product of a power and a fall, with a tail that would spoil a plain correlation."""
    inputs = UncertainInputs({name: Uniform(0, 1) for name in "abc"})
    found = rank_correlations(FunctionAnswers(lambda a, b, c: np.exp(9 * a - 9 * b)), inputs,
                              budget=8192, width=0.02)  # fmt: skip
    value, low, high = indices(found, "rho", "abc")
    # The triangle of a difference of two even shares: 6 times its covariance, with a's own rank
    assert value[0] == pytest.approx(0.7, abs=0.02)
    assert value[1] == pytest.approx(-0.7, abs=0.02)
    assert low[2] < 0 < high[2]
    partial, _, _ = indices(found, "prcc", "abc")
    assert partial[0] > 0.95
    assert partial[1] < -0.95


@pytest.mark.parametrize("study", [sobol_indices, morris_screening, pawn_indices,
                                   rank_correlations])  # fmt: skip
def test_the_same_seed_gives_the_same_bytes_and_grown_samples_are_continued(study):
    answers = FunctionAnswers(ishigami)
    once = study(answers, ISHIGAMI, seed=5, width=0.2, budget=20_000)
    assert answers.points == once.points  # nothing is computed twice
    again = study(FunctionAnswers(ishigami), ISHIGAMI, seed=5, width=0.2, budget=20_000)
    assert once.table.equals(again.table)
    assert not once.table.equals(study(answers, ISHIGAMI, seed=6, width=0.2, budget=20_000).table)


@pytest.mark.parametrize("study", [sobol_indices, morris_screening, pawn_indices,
                                   rank_correlations])  # fmt: skip
def test_what_never_varies_owes_nothing_to_anything(study):
    found = study(FunctionAnswers(lambda a, b, c: 7.0 + 0 * a), ISHIGAMI)
    assert found.constant == ("y",)
    assert found.table.empty
    assert "never varies: y" in found.said


@pytest.mark.parametrize("study", [sobol_indices, morris_screening, pawn_indices,
                                   rank_correlations])  # fmt: skip
def test_failed_points_are_counted_and_too_many_refused_with_where_they_lie(study):
    def in_a_corner(*x):
        return np.where(np.min(x, axis=0) > 0.71 * pi, np.nan, ishigami(*x))

    def above(a, b, c):
        return np.where(b > 2.5, np.nan, ishigami(a, b, c))

    few = study(FunctionAnswers(in_a_corner), ISHIGAMI, budget=8000)
    assert 0 < few.failures.total() <= 0.01 * few.points
    assert "without an answer" in few.said
    with pytest.raises(ComputationError, match=r"have no answer .*most of all where b is [23]\.\d"):
        study(FunctionAnswers(above), ISHIGAMI)
    with pytest.raises(ComputationError, match="has an answer"):
        study(FunctionAnswers(lambda a, b, c: a * np.nan), ISHIGAMI)


@pytest.mark.parametrize("study", [sobol_indices, morris_screening, pawn_indices,
                                   rank_correlations])  # fmt: skip
def test_too_small_a_budget_and_widths_that_make_no_sense_are_refused(study):
    with pytest.raises(InputError, match="takes at least"):
        study(FunctionAnswers(ishigami), ISHIGAMI, budget=10)
    for width in (0, 1, -1, float("nan")):
        with pytest.raises(InputError, match="between 0 and 1"):
            study(FunctionAnswers(ishigami), ISHIGAMI, width=width)


def test_groups_are_told_as_one():
    inputs = UncertainInputs(ISHIGAMI.distributions, groups={"ac": ["a", "c"]})
    found = sobol_indices(FunctionAnswers(ishigami), inputs, width=0.05)
    first, _, both = _ishigami_indices()
    value = indices(found, "S1", ["ac", "b"])[0]
    assert value == pytest.approx([first[0] + both, first[1]], abs=0.04)
    assert indices(found, "ST", ["ac", "b"])[0] == pytest.approx(value, abs=0.04)
    screened = morris_screening(FunctionAnswers(ishigami), inputs)
    assert set(screened.table["input"]) == {"ac", "b"}


def test_tied_inputs_are_one_dimension():
    inputs = UncertainInputs({n: Uniform(-pi, pi) for n in "abc"}, tied={"ab": ["a", "b"]})
    points = FunctionAnswers(lambda a, b, c: a - b + c)
    found = sobol_indices(points, inputs)
    assert indices(found, "ST", ["ab", "c"])[0] == pytest.approx([0, 1], abs=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("problem", PROBLEMS)
def test_intervals_of_95_percent_hold_the_truth_so_often(problem):
    function, inputs, first, total = PROBLEMS[problem]
    repeats = 200
    hits = []
    for seed in range(repeats):
        found = sobol_indices(FunctionAnswers(function), inputs, width=1e-9, budget=90_000,
                              seed=seed)  # fmt: skip
        for index, truth in (("S1", first), ("ST", total)):
            _, low, high = indices(found, index, inputs.columns)
            hits.append((low <= truth) & (truth <= high))
    assert 0.92 <= np.mean(hits) <= 0.98
