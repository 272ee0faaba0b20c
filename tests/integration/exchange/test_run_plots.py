"""Plots of SED-ML: which curve is on which axis, in which order, and how it is named."""

from __future__ import annotations

import numpy as np
import pytest
from sedml_texts import (
    PARAMETER,
    SPECIES,
    archive,
    course,
    document,
    generator,
    model,
    repeated,
    sbml,
    set_value,
    steady,
    task,
    vector,
)

from transport_model import run_archive

AXES = (
    '<xAxis id="x" type="{}" name="time [s]"/><yAxis id="y" type="linear" name="left side"/>'
    '<rightYAxis id="r" type="{}" name="right side"/>'
)
CURVES = (
    '<listOfCurves><curve id="two" order="2" xDataReference="t" yDataReference="S" name="second"/>'
    '<curve id="one" order="1" xDataReference="t" yDataReference="P" yAxis="right"/></listOfCurves>'
)


@pytest.fixture
def drawn(tmp_path):
    """A function that returns the only plot of a document as a figure."""

    def draw(inner, tasks="", of="task1", simulation=None):
        data = generator("t", "time", of) + generator("S", SPECIES.format("S"), of)
        data += generator("P", SPECIES.format("P"), of)
        text = document(model(), simulation or course(), task() + tasks, data,
                        f'<plot2D id="p" name="A plot">{inner}</plot2D>', version=4)  # fmt: skip
        members = {"run.sedml": text, "model.xml": sbml(tmp_path)}
        (figure,) = run_archive(archive(tmp_path / "a.omex", members)).figures.values()
        return figure

    return draw


@pytest.mark.parametrize(("x", "right"), [("linear", "log10"), ("log10", "linear")])
def test_curves_lie_on_their_axes_in_their_order(drawn, x, right):
    left_axes, right_axes = drawn(AXES.format(x, right) + CURVES).axes
    scale = {"linear": "linear", "log10": "log"}
    assert (left_axes.get_xscale(), left_axes.get_yscale()) == (scale[x], "linear")
    assert right_axes.get_yscale() == scale[right]
    assert (left_axes.get_xlabel(), left_axes.get_ylabel()) == ("time [s]", "left side")
    assert right_axes.get_ylabel() == "right side"
    assert left_axes.lines[0].get_ydata()[0] == 3  # S starts at 3, P at 0
    assert right_axes.lines[0].get_ydata()[0] == 0
    assert left_axes.get_title("left") == "A plot"
    colours = [axes.lines[0].get_color() for axes in (right_axes, left_axes)]
    (alone,) = drawn(CURVES.replace("yAxis", "notes")).axes
    assert [line.get_ydata()[0] for line in alone.lines] == [0, 3]  # by their order
    assert [line.get_color() for line in alone.lines] == colours
    assert [text.get_text() for text in alone.get_legend().get_texts()] == ["P", "second"]


def test_a_scan_is_a_line_for_each_iteration_named_once(drawn):
    change = set_value(PARAMETER.format("k"), "r")
    scan = repeated("scan", "r", vector("r", 0.2, 0.4, 0.6), change)
    (axes,) = drawn(CURVES.replace("yAxis", "notes"), scan, "scan").axes
    assert len(axes.lines) == 6
    assert len({line.get_color() for line in axes.lines}) == 2
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["P", "second"]


def test_steady_states_of_a_scan_are_one_line(drawn):
    change = set_value(PARAMETER.format("k"), "r")
    scan = repeated("scan", "r", vector("r", 0.2, 0.4, 0.6), change)
    inner = '<listOfCurves><curve id="c" xDataReference="S" yDataReference="P"/></listOfCurves>'
    (axes,) = drawn(inner, scan, "scan", steady()).axes
    (line,) = axes.lines
    assert len(line.get_xdata()) == 3
    # The flow through S is v/(1 + K) = 0.4/1.5, whatever k: k S = feed, loss P = feed
    np.testing.assert_allclose(line.get_xdata(), 0.4 / 1.5 / np.array([0.2, 0.4, 0.6]), rtol=1e-8)
    np.testing.assert_allclose(line.get_ydata(), 0.4 / 1.5 / 0.05, rtol=1e-8)
