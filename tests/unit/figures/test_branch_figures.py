"""Branches, curves of folds and tornados draw what their tables hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from transport_model import (
    continue_steady_state,
    fold_curve,
    load_model,
    plot_branch,
    plot_folds,
    plot_tornado,
)
from transport_model.errors import InputError, UnknownIdError


@pytest.fixture(scope="module")
def branch(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "cusp.ant"
    text = "x' = r + h*x - x^3\n y' = x - y\n r = -1; h = 1; x = -1; y = -1\n"
    pure = "r has dimensionless; h has dimensionless"
    path.write_text(f"model cusp\n {text} {pure}\nend\n", encoding="utf-8")
    return continue_steady_state(load_model(path), "r", -1, 1)


def lines(axis):
    """Return lines of more than marks: their styles and points."""
    return [(line.get_linestyle(), line.get_xydata()) for line in axis.lines
            if line.get_linestyle() != "None"]  # fmt: skip


def test_a_branch_is_solid_where_it_is_stable_and_changes_at_its_folds(branch):
    left, right = plot_branch(branch)
    assert [axis.get_ylabel() for axis in (left, right)] == ["x", "y"]
    assert left.get_xlabel() == "r"
    drawn = lines(left)
    assert [style for style, _ in drawn] == ["-", "--", "-"]
    folds = branch.points[branch.points["kind"] == "fold"][["r", "x"]].to_numpy()
    for (_, before), (_, after), fold in zip(drawn, drawn[1:], folds, strict=False):
        np.testing.assert_array_equal(before[-1], fold)
        np.testing.assert_array_equal(after[0], fold)
    assert sum(len(points) for _, points in drawn) == len(branch.table) + 2 * len(folds)
    (marks,) = [line for line in left.lines if line.get_linestyle() == "None"]
    np.testing.assert_array_equal(marks.get_xydata(), folds)
    told = [text.get_text() for text in right.get_legend().get_texts()]
    assert told == ["stable", "not stable", "fold"]


def test_a_branch_is_drawn_on_the_scale_on_which_it_was_followed(branch):
    (axis,) = plot_branch(branch, ["y"], labels={"r": "push", "y": "place"})
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("push", "place")
    assert axis.get_xscale() == "linear"
    logarithmic = continue_steady_state(branch.model, "h", 0.1, 10, scale="log")
    (axis,) = plot_branch(logarithmic, ["x"], ax=Figure().subplots())
    assert axis.get_xscale() == "log"


def test_folds_are_drawn_with_their_cusp(branch):
    curve = fold_curve(branch, "h", -1, 3)
    (axis,) = plot_folds(curve)
    np.testing.assert_array_equal(lines(axis)[0][1], curve.table[["r", "h"]].to_numpy())
    (marks,) = [line for line in axis.lines if line.get_linestyle() == "None"]
    np.testing.assert_allclose(marks.get_xydata(), [[0, 0]], atol=1e-8)


def test_what_is_no_branch_is_refused(branch):
    with pytest.raises(InputError, match="needs a branch"):
        plot_branch(branch.table)
    with pytest.raises(InputError, match="needs a curve of folds"):
        plot_folds(branch)
    with pytest.raises(UnknownIdError, match="no quantity 'z'"):
        plot_branch(branch, ["z"])
    with pytest.raises(InputError, match="holds no numbers"):
        plot_branch(branch, ["stable"])


@pytest.fixture
def responses():
    return pd.DataFrame({"a": [0.5, 0.0], "b": [-2.0, 0.0], "c": [0.0, 0.0], "d": [np.nan, 0.0],
                         "e": [1.0, 0.0]}, index=["J", "V"])  # fmt: skip


def test_a_tornado_has_the_strongest_above_and_nothing_that_does_nothing(responses):
    (axis,) = plot_tornado(responses, "J", "response")
    bars = sorted(axis.patches, key=lambda bar: bar.get_y())
    assert [bar.get_width() for bar in bars] == [-2.0, 1.0, 0.5]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["b", "e", "a"]
    assert axis.yaxis_inverted()
    assert [text.get_text() for text in axis.texts] == ["−2.00", "1.00", "0.50"]
    left, right = axis.get_xlim()
    assert left < -2 < 1 < right
    assert len(plot_tornado(responses, "J", most=1)[0].patches) == 1


def test_a_tornado_of_nothing_is_refused(responses):
    with pytest.raises(InputError, match="nothing in the table moves 'V'"):
        plot_tornado(responses, "V")
    with pytest.raises(UnknownIdError, match="did you mean 'J'"):
        plot_tornado(responses, "j")
    with pytest.raises(InputError, match="1 to 40 bars, not 0"):
        plot_tornado(responses, "J", most=0)
