"""Figures of scans draw what the table holds, failures included."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from transport_model.analyses.report.figures import scans as scan_figures
from transport_model.analyses.scans.designs.designs import grid

LABELS = {"x": "across [mM]", "y": "upwards [mV]", "z": "height [1]", "b": "by [1]"}


@pytest.fixture
def table():
    points = grid(x=[1.0, 10.0, 100.0], y=[1.0, 2.0, 3.0, 4.0], b=[1.0, 2.0])
    height = points["x"] * points["y"] + points["b"]
    failed = points["y"] > 3.5
    status = pd.Series("ok", index=points.index).mask(failed, "singular")
    return points.assign(z=height.mask(failed), converged=~failed, status=status)


def drawn(svg: str) -> list[str]:
    """Return what is written in a figure: Matplotlib notes each text beside its glyphs."""
    return re.findall(r"<!-- (.*?) -->", svg)


def test_lines_have_one_legend_entry_a_value(table):
    texts = drawn(scan_figures.line_figure(table, "x", ["z"], "b", LABELS))
    assert {"across [mM]", "height [1]", "by [1]", "1", "2"} <= set(texts)


@pytest.mark.parametrize("contours", [False, True])
def test_maps_name_both_axes_and_the_height(table, contours):
    one = table[table["b"] == 1.0]
    svg = scan_figures.heat_figure(one, "x", "y", ["z"], LABELS, contours=contours)
    assert {"across [mM]", "upwards [mV]", "height [1]"} <= set(drawn(svg))


def test_small_multiples_draw_a_map_a_value(table):
    texts = drawn(scan_figures.multiples_figure(table, "x", "y", "z", "b", LABELS))
    assert {"b = 1", "b = 2"} <= set(texts)


def test_the_failure_map_counts_each_status(table):
    texts = drawn(scan_figures.failure_figure(table, "x", "y", LABELS))
    assert {"ok (18)", "singular (6)"} <= set(texts)
