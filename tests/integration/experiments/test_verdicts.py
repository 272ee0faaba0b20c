"""Verdicts of experiments follow their numbers."""

from __future__ import annotations

import math

import pytest

from transport_model.analyses.experiments.protocols import protocol_path
from transport_model.analyses.experiments.run import run_experiment
from transport_model.analyses.verdict import Verdict

CLAIM = """
title: decay
claim: it falls
model: decay.ant
start: given
duration: 4 s
arms: {only: }
measures:
  first: {of: x, take: initial}
  last: {of: x, take: final}
  never: {of: x, take: time_to, level: 9}
checks:
  - {that: last < first/2, meaning: by more than half}
"""


def test_the_verdict_follows_the_numbers(run):
    experiment = run(CLAIM)
    assert experiment.verdict is Verdict.HOLDS
    assert experiment.checks["values"].tolist() == ["last = 1.083, first = 8"]
    assert run(CLAIM.replace("last <", "last >")).verdict is Verdict.REFUTED
    assert run(CLAIM.replace("arms: {only: }", "arms: {only: {with: {k: 0.1}}}")).verdict is (
        Verdict.REFUTED
    )


def test_a_check_of_what_has_no_value_does_not_hold(run):
    for condition in ("never > 0", "never <= 0", "!(never > 0)", "never != 0 || first > 0"):
        assert run(CLAIM.replace("last < first/2", f"'{condition}'")).verdict is Verdict.REFUTED


def test_an_effect_is_judged_by_its_window(run):
    """x falls from 8 to 8 exp(-2) in 4 s: by 86.5 %, or 6.917."""

    def judged(effect, window):
        check = f"{{effect: {effect}, within: {window}, meaning: by that, why: exp(-2)}}"
        text = CLAIM.replace("{that: last < first/2, meaning: by more than half}", check)
        experiment = run(text)
        (row,) = experiment.checks.to_dict("records")
        assert str(experiment.verdict) == ("holds" if row["holds"] else "refuted")
        return row

    exact = math.exp(-2) - 1
    inside = judged("last/first - 1", "[-87 %, -86 %]")
    assert inside["holds"]
    assert inside["effect"] == pytest.approx(100 * exact, rel=1e-6)
    assert (inside["low"], inside["high"], inside["unit"]) == (-87, -86, "%")
    assert inside["that"] == "last/first - 1: -87 to -86 %"
    assert inside["values"] == "-86.47 %, from last = 1.083, first = 8"
    assert inside["why"] == "exp(-2)"
    assert not judged("last/first - 1", "[-86 %, -85 %]")["holds"]
    assert not judged("last/first - 1", "[-88 %, -87 %]")["holds"]
    assert judged("last - first", "[-7, -6.9]")["effect"] == pytest.approx(8 * exact, rel=1e-6)
    nothing = judged("never/first", "[0 %, 100 %]")
    assert not nothing["holds"]
    assert math.isnan(nothing["effect"])


def test_a_window_in_another_unit_is_that_of_the_measure(run):
    experiment = run("""
title: units
claim: it takes a while
duration: 1 h
arms: {only: {changes: [{at: 0 s, set: {ouabain: 1 mM}}]}}
measures:
  half: {of: dG_Na, take: half_time}
  rest: {of: V_m, take: initial}
checks:
  - {effect: half, within: [1 min, 5 min]}
  - {effect: rest, within: [-0.07 V, -0.04 V]}
""")
    checks = experiment.checks
    measures = experiment.measures.set_index("name")["value"]
    assert checks["effect"].tolist() == pytest.approx(
        [measures["half"] / 60, measures["rest"] / 1000]
    )
    assert checks["holds"].all()


def test_an_inverted_model_refutes_the_claim(tmp_path):
    text = protocol_path("pump_stopped").read_text(encoding="utf-8")
    path = tmp_path / "pump_stopped.yaml"
    path.write_text(text, encoding="utf-8")
    assert run_experiment(path).verdict is Verdict.HOLDS
    # Without ouabain nothing is stopped
    path.write_text(text.replace("ouabain: 1 mM", "ouabain: 0 mM"), encoding="utf-8")
    assert run_experiment(path).verdict is Verdict.REFUTED


def test_one_check_that_fails_refutes_the_claim(run):
    both = CLAIM.replace("checks:", "checks:\n  - {that: last > first, meaning: it has grown}")
    experiment = run(both)
    assert experiment.checks["holds"].tolist() == [False, True]
    assert experiment.verdict is Verdict.REFUTED


def test_words_of_the_last_release_are_taken_with_a_note(run):
    old = CLAIM.replace("take: initial", "take: start").replace("take: final", "take: end")
    with pytest.warns(
        DeprecationWarning, match=r"trial.yaml, line \d+: .*is now '(initial|final)'"
    ):
        experiment = run(old)
    assert experiment.measures.equals(run(CLAIM).measures)
