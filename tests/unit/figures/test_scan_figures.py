"""Figures of scans draw what the table holds, failures included."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from transport_model import plot_curves, plot_map
from transport_model.analyses.figures import scans as scan_figures
from transport_model.analyses.scans.designs.designs import grid

LABELS = {"x": "across [mM]", "y": "upwards [mV]", "z": "height [1]", "b": "by [1]"}
X, Y = [1.0, 10.0, 100.0], [1.0, 2.0, 3.0, 4.0]


@pytest.fixture
def table():
    """Height x y + b on a grid; where y > 3.5, nothing."""
    points = grid(x=X, y=Y, b=[1.0, 2.0])
    height = points["x"] * points["y"] + points["b"]
    failed = points["y"] > 3.5
    status = pd.Series("ok", index=points.index).mask(failed, "singular")
    return points.assign(z=height.mask(failed), converged=~failed, status=status)


def labels_of(axis):
    return axis.get_xlabel(), axis.get_ylabel()


def bar_label(figure):
    return figure.axes[-1].get_ylabel()


def heights(by):
    """What the map of one `by` holds: a row per y, a column per x."""
    field = np.outer(Y, X) + by
    field[np.array(Y) > 3.5] = np.nan
    return field


def mesh_of(axis):
    (mesh,) = axis.collections
    return np.ma.filled(mesh.get_array().astype(float), np.nan)


def test_a_line_holds_its_rows_in_the_order_of_x(table):
    one = table[table["y"] == 2.0].iloc[::-1]
    figure = plot_curves(one, ["z"], x="x", by="b", labels=LABELS).figure
    (axis,) = figure.axes
    assert labels_of(axis) == ("across [mM]", "height [1]")
    assert axis.get_xscale() == "log"
    for by, line in zip([1.0, 2.0], axis.lines, strict=True):
        np.testing.assert_allclose(line.get_xydata(), [(x, 2 * x + by) for x in X])
    legend = axis.get_legend()
    assert legend.get_title().get_text() == "by [1]"
    assert [text.get_text() for text in legend.get_texts()] == ["1", "2"]


def test_a_line_has_a_gap_where_a_point_failed(table):
    column = table[(table["x"] == 10.0) & (table["b"] == 1.0)]
    (axis,) = plot_curves(column, ["z"], x="y", labels=LABELS)
    (line,) = axis.lines
    np.testing.assert_allclose(line.get_ydata(), [11.0, 21.0, 31.0, np.nan])


def test_a_map_has_x_across_and_y_upwards(table):
    one = table[table["b"] == 1.0]
    figure = plot_map(one, "x", "y", ["z"], labels=LABELS).figure
    axis = figure.axes[0]
    np.testing.assert_allclose(mesh_of(axis), heights(1.0))
    assert labels_of(axis) == ("across [mM]", "upwards [mV]")
    assert bar_label(figure) == "height [1]"
    low, high = axis.get_ylim()
    assert 0 < low < high < 5


def test_contours_lie_where_the_heights_do(table):
    one = table[table["b"] == 1.0]
    figure = plot_map(one, "x", "y", ["z"], labels=LABELS, contours=True).figure
    axis = figure.axes[0]
    assert labels_of(axis) == ("across [mM]", "upwards [mV]")
    assert bar_label(figure) == "height [1]"
    corners = np.vstack([path.vertices for path in axis.collections[0].get_paths()])
    assert corners[:, 0].min() == 1.0
    assert corners[:, 0].max() == 100.0
    assert corners[:, 1].max() <= 3.0 + 1e-9


def test_small_multiples_draw_a_map_a_value_in_the_same_colours(table):
    figure = scan_figures.multiples_figure(table, "x", "y", "z", "b", LABELS)
    maps = [axis for axis in figure.axes if axis.get_title(loc="left")]
    assert [axis.get_title(loc="left") for axis in maps] == ["b = 1", "b = 2"]
    for by, axis in zip([1.0, 2.0], maps, strict=True):
        np.testing.assert_allclose(mesh_of(axis), heights(by))
        assert axis.collections[0].get_clim() == (2.0, 302.0)


def test_the_failure_map_counts_each_status(table):
    (axis,) = scan_figures.failure_figure(table, "x", "y", LABELS).axes
    assert labels_of(axis) == ("across [mM]", "upwards [mV]")
    good, failed = axis.collections
    assert (good.get_label(), failed.get_label()) == ("ok (18)", "singular (6)")
    np.testing.assert_allclose(failed.get_offsets(), table.loc[table["y"] > 3.5, ["x", "y"]])
