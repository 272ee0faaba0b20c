"""Figures draw what they are given: points, bars, colours, and labels with units."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from transport_model import load_model
from transport_model.analyses.figures import transporters
from transport_model.analyses.figures.style import new_figure, styled, to_svg
from transport_model.analyses.studies.measurements import (
    deviation,
    shipped_measurements,
    smooth_curves,
)


def xydata(axis):
    return [line.get_xydata() for line in axis.lines]


@pytest.fixture(scope="module")
def assays():
    pump = load_model("pump_assay")
    return [
        transporters.AssayCurves(item, smooth_curves(item, pump), deviation(item, pump))
        for item in shipped_measurements()
    ]


def test_the_pumps_panels_hold_what_was_measured(assays):
    figure = transporters.pump_figure(assays)
    for axis, assay in zip(figure.axes, assays, strict=False):
        item = assay.measurement
        circles = [line.get_xydata() for line in axis.lines if line.get_marker() == "o"]
        curves = [line.get_xydata() for line in axis.lines if line.get_marker() != "o"]
        columns = [item.varied, item.measured]
        for drawn, table in ((circles, item.points), (curves, assay.curves)):
            expected = table.sort_values(columns)[columns].to_numpy(float)
            together = np.vstack(drawn)
            np.testing.assert_allclose(together[np.lexsort(together.T[::-1])], expected)
        assert f"RMS {assay.deviation:.2g}" in axis.get_legend().get_title().get_text()


def test_the_symporters_panels_hold_their_tables():
    currents = pd.DataFrame({"V_m": [-50.0, 0.0] * 2, "Glc_o": [1.0, 1.0, 5.0, 5.0],
                             "I_sglt": [-1.0, -0.5, -3.0, -2.0]})  # fmt: skip
    halves = {"human": pd.DataFrame({"K_half": [0.3, 0.6]}, index=[-50.0, 0.0])}
    charge = pd.DataFrame({"V_m": [-50.0, 0.0], "Q_sglt": [1.0, 2.0], "boltzmann": [1.1, 1.9]})
    heads = pd.DataFrame({"slip": [0.0, 0.1], "SGLT1": [900.0, 9.0], "SGLT2": [30.0, 3.0]})
    shape = pd.Series({"V_half": -39.6, "z": 1.0, "Q_max": 1.0})
    measured = pd.DataFrame({"V_m": [-30.0, -50.0, -10.0], "K_half": [0.46, 2.0, 1.0],
                             "tolerance": [0.1, 0.4, 0.2],
                             "source": ["rat", "human", "rat"]})  # fmt: skip
    figure = transporters.symporter_figure(currents, halves, charge, shape, heads, measured)
    a, b, c, d = figure.axes
    np.testing.assert_array_equal(xydata(a)[0], [[-50, -1], [0, -0.5]])
    np.testing.assert_array_equal(xydata(a)[1], [[-50, -3], [0, -2]])
    np.testing.assert_array_equal(xydata(b)[0], [[-50, 0.3], [0, 0.6]])
    np.testing.assert_array_equal(xydata(b)[1], [[-50, 2]])
    np.testing.assert_array_equal(xydata(b)[2], [[-30, 0.46], [-10, 1]])
    labels = [text.get_text() for text in b.get_legend().get_texts()]
    assert labels == ["human", "human", "rat"]
    np.testing.assert_array_equal(xydata(c)[0], [[-50, 1.1], [0, 1.9]])
    np.testing.assert_array_equal(xydata(c)[1], [[-50, 1], [0, 2]])
    assert c.get_legend().get_title().get_text() == "V½ −40 mV, z 1.00"
    np.testing.assert_array_equal(xydata(d)[0], [[0, 900], [0.1, 9]])
    np.testing.assert_array_equal(xydata(d)[1], [[0, 30], [0.1, 3]])
    assert a.get_ylabel() == "current [pA], inward negative"
    assert b.get_ylabel() == "half-saturating glucose [mM]"


def test_the_users_own_style_is_left_alone():
    before = {**mpl.rcParams, "backend": mpl.get_backend()}

    @styled
    def draw():
        return new_figure(2, 1)[0]

    figure = draw()
    assert to_svg(figure, "a", "b") == to_svg(figure, "a", "b")
    assert to_svg(draw(), "a", "b").startswith("<svg")
    assert dict(mpl.rcParams) == before
