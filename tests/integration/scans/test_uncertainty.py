"""Uncertainty carried through steady states, courses and experiments."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from transport_model import (
    Course,
    LogNormal,
    LogUniform,
    Normal,
    UncertainInputs,
    Uniform,
    claim_probabilities,
    known_ranges,
    load_model,
    measured_experiment,
    propagate_uncertainty,
    read_protocol,
    run_experiment,
    scan,
    scan_answers,
    simulate,
    sobol_indices,
    uncertainty_bands,
)
from transport_model.analyses.experiments.protocols import protocol_path
from transport_model.errors import ComputationError, InputError, UnknownIdError

#: Made and decays: at rest A = k/d, from 0 it is k/d (1 - exp(-d t)).
POOL = "model pool\n -> A; k\n A -> ; d*A\n A = 0; k = 2; d = 0.5\n twice := 2*A\nend\n"


@pytest.fixture
def pool(tmp_path):
    (tmp_path / "pool.ant").write_text(POOL)
    return load_model(tmp_path / "pool.ant")


def test_quantiles_of_a_lognormal_ratio(pool):
    """The logarithm of k/d is normal, its variance the sum of both."""
    inputs = UncertainInputs({"k": LogNormal(2, 1.5), "d": LogNormal(0.5, 1.2)})
    found = propagate_uncertainty(scan_answers(pool, ["A"]), inputs, points=2000,
                                  conditions=["A > 4", "A > 0"])  # fmt: skip
    spread = np.hypot(np.log(1.5), np.log(1.2))
    for row in found.quantiles.itertuples():
        truth = 4 * np.exp(spread * stats.norm.ppf(row.quantile))
        # 2 % more than the interval of 95 %, which fails one time in twenty
        assert 0.98 * row.low < truth < 1.02 * row.high
        assert row.low < row.value < row.high
    half, always = found.probabilities.itertuples()
    assert half.low < 0.5 < half.high
    assert (always.probability, always.high) == (1.0, 1.0)
    assert always.low == pytest.approx(2000 / (2000 + stats.norm.ppf(0.975) ** 2))  # Wilson's
    assert found.samples["A"].to_numpy() == pytest.approx(found.samples["k"] / found.samples["d"])


def test_a_table_of_draws_is_taken_as_it_is(pool):
    draws = pd.DataFrame({"k": [1.0, 2.0, 3.0], "d": [1.0, 1.0, 2.0]})
    found = propagate_uncertainty(scan_answers(pool, ["A"]), draws)
    assert found.samples["A"].tolist() == pytest.approx([1, 2, 1.5])
    assert found.quantiles["low"].isna().any()  # three points bound no outer quantile


def test_bands_of_a_rise_that_is_known(pool):
    inputs = UncertainInputs({"k": Uniform(1, 3)})
    table = uncertainty_bands(pool, inputs, end=4, points=5, outputs=["A"], draws=300)
    wide = table.pivot(index="time", columns="quantile", values="value")
    share = (1 - np.exp(-0.5 * wide.index.to_numpy())) / 0.5
    middle = wide[0.5].to_numpy() / np.where(share > 0, share, 1)
    assert wide.loc[0.0].tolist() == [0] * wide.shape[1]
    assert middle[1:] == pytest.approx([middle[1]] * 4, rel=1e-6)  # one draw is the median always
    assert middle[1] == pytest.approx(2, abs=0.2)
    assert (wide[0.025].iloc[1:] < wide[0.975].iloc[1:]).all()


def test_a_study_in_a_folder_goes_on_where_it_stopped(pool, tmp_path):
    inputs = UncertainInputs({"k": Uniform(1, 3), "d": Uniform(0.4, 0.6)})
    whole = sobol_indices(scan_answers(pool, ["A", "twice"]), inputs, budget=3_000, width=0.01)
    answers = scan_answers(pool, ["A", "twice"], folder=tmp_path / "kept")
    stages = []

    def stop_at_the_third(done):
        stages.append(done)
        if sum(stages) >= 1500:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sobol_indices(answers, inputs, budget=3_000, width=0.01, progress=stop_at_the_third)
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "kept").rglob("part-*")}
    assert kept
    again = sobol_indices(answers, inputs, budget=3_000, width=0.01)
    assert all(path.stat().st_mtime_ns == time for path, time in kept.items())
    assert again.table.equals(whole.table)
    with pytest.raises(InputError):  # of another study
        sobol_indices(answers, UncertainInputs({"k": Uniform(1, 3)}), budget=3_000)


def test_indices_of_a_course(pool):
    """Of A at 1e-3, which is k t: all of its variance is k's."""
    course = Course(1e-3, 2, ["A:final"])
    inputs = UncertainInputs({"k": Uniform(1, 3), "d": Uniform(0.4, 0.6)})
    found = sobol_indices(scan_answers(pool, course=course), inputs, budget=3_000)
    total = found.matrix("ST")["A_final"]
    assert total["k"] == pytest.approx(1, abs=0.02)
    assert total["d"] == pytest.approx(0, abs=1e-6)


PROTOCOL = """\
title: Fed twice as fast
claim: Twice the supply makes twice as much, and more than five.
model: pool.ant
duration: 40
arms:
  control:
  fed:
    changes:
      - {at: 0, set: {k: x2}}
measures:
  before: {arm: control, of: A, take: final}
  after: {arm: fed, of: A, take: final}
checks:
  - {effect: after/before, within: [1.99, 2.01], meaning: twice as much}
  - {that: after > 5, meaning: more than five}
"""


@pytest.fixture
def fed(pool, tmp_path):
    (tmp_path / "fed.yaml").write_text(PROTOCOL)
    return tmp_path / "fed.yaml"


def test_how_likely_claims_hold(pool, fed, tmp_path):
    """After the change A = 2 k/d: above 5 where k > 1.25."""
    inputs = UncertainInputs({"k": LogUniform(1, 4)})
    told = []
    table = claim_probabilities([fed], pool, inputs, points=60, folder=tmp_path / "kept",
                                progress=lambda name, done: told.append((name, done)))  # fmt: skip
    twice, above, both = (row for _, row in table.iterrows())
    assert (twice["probability"], twice["same_sign"]) == (1.0, 1.0)
    assert [twice[name] for name in ("effect", "median", "from", "to")] == pytest.approx(
        [2] * 4, rel=1e-6
    )
    truth = np.log(4 / 1.25) / np.log(4)
    assert above["low"] < truth < above["high"]
    assert both["probability"] == above["probability"]
    assert sum(done for _, done in told) == 60
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "kept").iterdir()}
    assert len(kept) == 4
    again = claim_probabilities([fed], pool, inputs, points=60, folder=tmp_path / "kept")
    assert again.equals(table)
    assert kept == {path: path.stat().st_mtime_ns for path in (tmp_path / "kept").iterdir()}


def test_measures_of_an_experiment_are_outputs_of_a_study(pool, fed):
    inputs = UncertainInputs({"k": Uniform(1, 3)})
    answers = measured_experiment(fed, pool)
    assert answers.outputs == ("before", "after")
    found = propagate_uncertainty(answers, inputs, points=20)
    assert found.samples["after"].to_numpy() == pytest.approx(4 * found.samples["k"], rel=1e-6)
    spread = propagate_uncertainty(measured_experiment(fed, pool, workers=2), inputs, points=20)
    assert spread.samples.equals(found.samples)


def test_a_measured_experiment_at_the_models_values_is_the_experiment(cell):
    own = run_experiment("uphill")
    draws = pd.DataFrame({"P_Na": [cell.quantities["P_Na"].value] * 2})
    found = propagate_uncertainty(measured_experiment("uphill", cell), draws)
    for row in own.measures.itertuples():
        assert found.samples[row.name].tolist() == pytest.approx([row.value] * 2, rel=1e-9)
    assert read_protocol(protocol_path("uphill")).checks


def test_uptake_of_the_cell_spreads_as_a_scan_of_its_points_does(cell):
    inputs = known_ranges(cell)
    found = propagate_uncertainty(scan_answers(cell, ["J_sglt"]), inputs, points=50)
    again = scan(cell, found.samples[list(inputs.columns)], engine="roadrunner",
                 outputs=["J_sglt"])  # fmt: skip
    assert found.samples["J_sglt"].to_numpy() == pytest.approx(again["J_sglt"].to_numpy())


def test_bands_start_at_the_models_own_course(cell):
    narrow = UncertainInputs({"P_Na": Normal(cell.quantities["P_Na"].value, 1e-12)})
    table = uncertainty_bands(cell, narrow, end=600, points=4, outputs=["V_m"], draws=3)
    course = simulate(cell, 600, 4)["V_m"]
    middle = table[table["quantile"] == 0.5].set_index("time")["value"]
    assert middle.to_numpy() == pytest.approx(course.to_numpy(), rel=1e-6)


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda m, i: propagate_uncertainty(scan_answers(m, ["A"]), i, points=1), InputError,
         "at least two points"),
        (lambda m, i: propagate_uncertainty(scan_answers(m, ["A"]), i, conditions=["A"]),
         InputError, "is no condition"),
        (lambda m, i: propagate_uncertainty(scan_answers(m, ["A"]), i, conditions=["B > 1"]),
         UnknownIdError, "no quantity 'B'"),
        (lambda m, i: propagate_uncertainty(scan_answers(m, ["B"]), i, points=3),
         UnknownIdError, "no quantity 'B'"),
        (lambda m, i: scan_answers(m, "A"), InputError, "a list of names"),
        (lambda m, i: scan_answers(m, []), InputError, "needs an output"),
        (lambda m, i: claim_probabilities(["nowhere"], m, i), InputError, "no experiment"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(pool, call, error, said):
    with pytest.raises(error, match=said):
        call(pool, UncertainInputs({"k": Uniform(1, 3)}))


def test_a_study_all_of_whose_points_fail_says_why(pool):
    inputs = UncertainInputs({"d": Uniform(-2, -1)})
    with pytest.raises(ComputationError, match="none of 20 points has an answer"):
        propagate_uncertainty(scan_answers(pool, ["A"]), inputs, points=20)
