"""Tubules, nephrons and titrations that cannot be, each refused in one line."""

from __future__ import annotations

import pandas as pd
import pytest

from transport_model import (
    Part,
    Tubule,
    load_model,
    segments_needed,
    titration,
    tubule,
    tubule_convergence,
)
from transport_model.errors import ComputationError, InputError, UnknownIdError


@pytest.fixture(scope="module")
def segment():
    return load_model("segment")


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("SNGFR", 0, "SNGFR of a tubule is a positive number, not 0"),
        ("SNGFR", -1, "SNGFR of a tubule is a positive number, not -1"),
        ("cells", 0, "cells of a tubule is a positive number"),
        ("SNGFR", "fast", "'SNGFR' must be a finite number"),
        ("Q_in", 1, "'Q_in' follows from what flows into the tubule; set 'SNGFR'"),
        ("S2.Q_in", 1, "'S2.Q_in' follows from what flows into the tubule; set 'SNGFR'"),
        ("S2.Na_in", 1, "'S2.Na_in' follows from what flows into the tubule; set 'Na_in'"),
        ("nSGLT2", 1, "no quantity 'nSGLT2' in the tubule of model 'segment'; did you mean"),
        ("SGFR", 1, "no quantity 'SGFR' in the tubule of model 'segment'; did you mean 'SNGFR'"),
        ("S4.n_SGLT2", 1, r"no quantity 'S4.n_SGLT2' in the tubule; did you mean 'S\d.n_SGLT2'"),
        ("S1.nSGLT2", 1, "no quantity 'S1.nSGLT2' in .*; did you mean 'S1.n_SGLT2'"),
        ("Glc_b", -1, r"'Glc_b' \(blood glucose\) must be zero or more, not -1 mM"),
        ("V_te", 1, r"'V_te' is computed by the model"),
    ],
)
def test_what_a_design_cannot_set_is_named(segment, column, value, message):
    with pytest.raises(InputError, match=message):
        tubule(segment, pd.DataFrame({column: [value]}))


def test_a_filtrate_is_electroneutral(segment):
    """A charge that nothing balances would be carried along and keep the lumen from drying."""
    value = segment.parameters.value
    for more in (-3.0, 3.0):
        charged = pd.DataFrame({"Na_in": [value["Na_in"]] * 2, "X_in": value["X_in"]})
        charged.loc[1, "Na_in"] += more - value["X_in"]
        charged.loc[1, "X_in"] = 0.0
        with pytest.raises(InputError, match=rf"filtrate of row 2 is not .* = {more:g} mM, and"):
            tubule(segment, charged)
    tubule(segment, pd.DataFrame({"X_in": [value["X_in"] + 20]}), segments=3)  # mannitol


@pytest.mark.parametrize("segments", [0, 2, -3, 20.0, "20", True])
def test_a_tubule_has_a_segment_for_each_of_its_parts(segment, segments):
    with pytest.raises(InputError, match=r"at least 3 segments, .*\(S1, S2, S3\), not"):
        tubule(segment, segments=segments)


def test_other_models_are_no_segment(segment):
    with pytest.raises(InputError, match=r"'pt_s1' is no stretch of a tubule, .*'Q_in'"):
        tubule(load_model("pt_s1"))
    with pytest.raises(InputError, match="'Q_in' follows"):
        tubule(segment.with_values(Q_in=1))
    with pytest.raises(InputError, match="a design is a table"):
        tubule(segment, {"Glc_b": 5})
    with pytest.raises(InputError, match="the design has no points"):
        tubule(segment, pd.DataFrame({"Glc_b": []}))
    with pytest.raises(UnknownIdError, match="no quantity 'Naa' in the results of 'segment'"):
        tubule(segment, outputs=["Naa"])
    with pytest.raises(InputError, match="outputs is a list of columns' names, not 'Na_a'"):
        tubule(segment, outputs="Na_a")


@pytest.mark.parametrize(
    "given",
    [{"SNGFR": 0}, {"cells": float("nan")}, {"nephrons": "many"}, {"parts": ()},
     {"parts": (Part("S1", 0.5),)}, {"parts": (Part("S1", 0.5), Part("S2", 0.5), Part("S3", 1))},
     {"parts": (Part("S1", 0.5), Part("S1", 1))}, {"parts": (Part("1st", 1),)}],
)  # fmt: skip
def test_a_tubule_that_cannot_be_is_refused(given):
    with pytest.raises(InputError, match="of a tubule"):
        Tubule(**given)


def test_a_part_sets_what_the_model_has(segment):
    odd = Tubule(parts=(Part("all", 1.0, {"nSGLT2": 1.0}),))
    with pytest.raises(UnknownIdError, match=r"no quantity 'nSGLT2' .* did you mean 'n_SGLT2'"):
        tubule(segment, geometry=odd)


def test_segments_go_to_parts_by_their_length():
    thirds = Tubule(parts=(Part("S1", 0.4), Part("S2", 0.8), Part("S3", 1.0)))

    def counts(number):
        names = [part.name for part, _, _ in thirds.layout(number)]
        return [names.count(name) for name in ("S1", "S2", "S3")]

    assert counts(3) == [1, 1, 1]
    assert counts(10) == [4, 4, 2]
    assert counts(7) in ([3, 3, 1], [3, 2, 2], [2, 3, 2])
    for number in (3, 4, 7, 11, 40, 81):
        layout = Tubule().layout(number)
        assert len(layout) == number
        assert sum(share for _, share, _ in layout) == pytest.approx(1, abs=1e-12)
        assert layout[-1][2] == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("glucose", [[5], [5, 5], [6, 5], [0, 5], ["low", "high"], 5, [5, None]])
def test_glucose_of_a_titration_rises(segment, glucose):
    with pytest.raises(InputError, match="glucose"):
        titration(segment, glucose=glucose)


def test_a_titration_changes_glucose_itself(segment):
    with pytest.raises(InputError, match="'Glc_b' is what a titration changes"):
        titration(segment, pd.DataFrame({"Glc_b": [5]}))
    with pytest.raises(InputError, match="'Glc_b' is what a titration changes"):
        titration(segment.with_values(Glc_b=6))
    with pytest.raises(InputError, match="lies between 0 and 1, not 2"):
        titration(segment, share=2)


def test_numbers_of_segments_double(segment):
    for wrong in ((10, 20), (10, 20, 30), ()):
        with pytest.raises(InputError, match="each twice the one before"):
            tubule_convergence(segment, segments=wrong)
    for wrong in (0, -1, float("nan"), "small"):
        with pytest.raises(InputError, match="a tolerance is a positive number"):
            segments_needed(segment, wrong)


def test_what_cannot_be_extrapolated_is_no_number(segment):
    value = segment.parameters.value
    dry = pd.DataFrame({"SNGFR": [15.0], "X_in": 0.0, "Na_in": value["Na_in"] - value["X_in"]})
    with pytest.raises(ComputationError, match=r"nephron 0 has a segment .*: dry"):
        segments_needed(segment, 0.01, dry)
