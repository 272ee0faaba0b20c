"""No label of a figure is clipped, overprinted or upon data; the checks themselves can fail."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from figure_boxes import clipped, faults, legends_on_data, overlapping, text_boxes

from transport_model import (
    energetics,
    grid,
    load_model,
    plot_coefficients,
    plot_curves,
    plot_energetics,
    plot_map,
    plot_tornado,
    run_experiment,
    simulate,
    steady_state,
)
from transport_model.analyses.figures.experiments import plot_experiment
from transport_model.analyses.figures.panels import column_labels, column_words
from transport_model.analyses.figures.scans import failure_figure, multiples_figure
from transport_model.analyses.figures.style import PAGE, new_figure, styled
from transport_model.analyses.report.chapter import Search
from transport_model.analyses.report.plans import plan_of_any_model
from transport_model.columns import with_units

WORDS = "what a membrane that is leaky to sodium lets through [fmol/s]"


@styled
def empty(width=PAGE, height=2.0):
    return new_figure(width, height)


def test_text_upon_text_is_noticed_and_text_beside_it_is_not():
    figure, (axis,) = empty()
    axis.text(0.5, 0.5, "here", fontsize=8)
    axis.text(0.5, 0.5, "there", fontsize=8)
    axis.text(0.5, 0.8, "elsewhere", fontsize=8)
    assert overlapping(text_boxes(figure)) == [("here", "there")]


def test_turned_text_takes_the_room_that_it_takes():
    figure, (axis,) = empty()
    axis.set_axis_off()
    for place in (0.4, 0.46):  # their upright boxes overlap, they do not
        axis.text(place, 0.5, "a longer label", fontsize=8, rotation=45)
    assert overlapping(text_boxes(figure)) == []
    axis.text(0.41, 0.52, "upon it", fontsize=8, rotation=45)
    assert overlapping(text_boxes(figure))


def test_text_that_leaves_the_canvas_is_noticed():
    figure, (axis,) = empty()
    axis.annotate("far to the right", (1, 0.5), annotation_clip=False, fontsize=8).set_in_layout(
        False
    )
    assert clipped(figure, text_boxes(figure)) == ["far to the right"]


def test_a_legend_upon_a_curve_is_noticed_and_is_moved_off_it_when_drawn():
    figure, (axis,) = empty()
    x = np.linspace(0, 1, 50)
    axis.plot(x, x, label="rising")
    legend = axis.legend(loc="upper right")
    figure.canvas.draw()
    assert legends_on_data(figure) == ["rising"]
    text_boxes(figure)
    assert legends_on_data(figure) == []
    box = axis.get_window_extent()
    assert legend.get_window_extent().x1 <= box.x1  # there was room within


def test_a_legend_without_room_stands_beside_its_axes():
    figure, (axis,) = empty()
    x = np.linspace(0, 1, 400)
    axis.plot(x, np.sin(300 * x), label="everywhere")
    axis.legend()
    text_boxes(figure)
    assert axis.get_legend().get_window_extent().x0 >= axis.get_window_extent().x1
    assert faults(figure) == []


def test_curves_upon_one_another_are_dashed_in_turn_and_others_are_not():
    figure, (axis,) = empty()
    x = np.linspace(0, 1, 50)
    one, other, third = (axis.plot(x, y)[0] for y in (x, x + 1e-9, x**2))
    text_boxes(figure)
    assert one.get_linestyle() == other.get_linestyle() == "--"
    assert third.get_linestyle() == "-"
    start, (dash, gap) = one._unscaled_dash_pattern
    later, pattern = other._unscaled_dash_pattern
    assert dash == gap == later - start  # each shows where the other does not
    assert tuple(pattern) == (dash, gap)


def test_cells_of_a_logarithmic_map_are_of_one_size():
    table = grid(x=[0.1, 1.0, 10.0, 100.0], y=[1.0, 2.0]).assign(z=1.0)
    (axis,) = plot_map(table, "x", "y", ["z"])
    assert axis.get_xscale() == "log"
    corners = axis.collections[0].get_coordinates()[0, :, 0]
    np.testing.assert_allclose(np.diff(np.log10(corners)), 1.0)


def test_what_a_model_calls_its_quantities_stands_at_axes_and_in_legends(cell):
    course = simulate(cell, 10, 3)
    names = ["Na_i", "K_i", "V_m", "J_pump"]
    ions, potential, pump = plot_curves(course, names, labels=column_labels(cell, names))
    assert [text.get_text() for text in ions.get_legend().get_texts()] == [
        "cytosolic Na⁺", "cytosolic K⁺"]  # fmt: skip
    assert potential.get_ylabel() == "membrane potential, inside minus outside [mV]"
    assert pump.get_ylabel() == "pump cycles [fmol/s]"


def test_a_time_axis_ends_where_all_is_level_and_says_so():
    times = np.linspace(0, 7200, 721)
    course = pd.DataFrame({"x": np.exp(-times / 100)}, index=pd.Index(times, name="time"))
    (axis,) = plot_curves(with_units(course, {"time": "s", "x": "mM"}))
    assert axis.get_xlabel() == "time [min], then level to 2\u00a0h"
    assert axis.get_xlim() == (0, 6.0)  # exp(-3.5) is 3 %, after 351 s
    slow = pd.DataFrame({"x": times}, index=course.index)
    (axis,) = plot_curves(with_units(slow, {"time": "s", "x": "mM"}))
    assert axis.get_xlabel() == "time [h]"


def test_curves_that_a_linear_axis_would_hide_have_a_logarithmic_one():
    times = pd.Index(np.linspace(0, 1, 11), name="time")
    apart = pd.DataFrame({"a": 1e4, "b": 10.0, "c": 1.0}, index=times)
    assert plot_curves(apart)[0].get_yscale() == "log"
    assert plot_curves(apart[["a", "b"]])[0].get_yscale() == "linear"  # b is as good as zero
    assert plot_curves(apart.assign(c=-1.0))[0].get_yscale() == "linear"


def test_a_spike_hides_no_curve_of_either_sign():
    """Linear up to the lowest level about zero, logarithmic beyond."""
    times = pd.Index(np.linspace(0, 1, 11), name="time")
    spike = np.where(times == 0, 1e5, 20.0)
    course = pd.DataFrame({"a": spike, "b": 0.3, "c": -7.0, "zero": 0.0}, index=times)
    (axis,) = plot_curves(course)
    assert axis.get_yscale() == "symlog"
    height = axis.transAxes.inverted().transform(
        axis.transData.transform([(0.5, y) for y in (-7.0, 0.0, 0.3, 20.0, 1e5)])
    )[:, 1]  # fmt: skip
    assert (np.diff(height) > 0.05).all()
    assert faults(axis.get_figure()) == []
    assert plot_curves(course.assign(a=2.0))[0].get_yscale() == "linear"


@pytest.fixture
def scanned():
    points = grid(x=[1.0, 10.0, 100.0], y=[1.0, 2.0, 4.0], b=[1.0, 2.0])
    height = 1e4 * points["x"] * points["y"]
    table = points.assign(z=height, converged=points["y"] < 3, status="singular")
    return with_units(table, {"x": "mM", "y": "mV", "z": "fmol/s"})


LABELS = {"x": "glucose outside [mM]", "y": "voltage across [mV]", "z": WORDS, "b": "by"}


@pytest.mark.parametrize(
    "draw",
    [
        lambda t: plot_map(t[t["b"] == 1], "x", "y", ["z"], labels=LABELS),
        lambda t: plot_map(t[t["b"] == 1], "x", "y", ["z"] * 3, labels=LABELS),
        lambda t: plot_curves(t[t["b"] == 1], ["z"], x="x", by="y", labels=LABELS),
        lambda t: multiples_figure(t, "x", "y", "z", "b", LABELS),
        lambda t: failure_figure(t, "x", "y", LABELS),
    ],
)
def test_figures_of_scans_can_be_read(scanned, draw):
    drawn = draw(scanned)
    assert faults(getattr(drawn, "figure", drawn)) == []


@pytest.mark.parametrize("columns", [1, 5, 16, 40])
def test_coefficients_can_be_read(columns):
    numbers = np.random.default_rng(1).normal(size=(12, columns))
    table = pd.DataFrame(numbers, [f"flux_{n}" for n in range(12)],
                         [f"parameter_{n}" for n in range(columns)])  # fmt: skip
    assert faults(plot_coefficients(table, "response of results to parameters").figure) == []
    assert faults(plot_tornado(table, "flux_3", "response", most=40).figure) == []


def test_coefficients_are_named_in_words_of_two_lines_at_most(cell):
    """Names that two share tell nothing: such columns keep their ids."""
    flows, causes = ["J_sglt", "leak_Na_phi", "leak_K_phi"], ["P_Na", "sglt_z_carrier", "T"]
    table = pd.DataFrame(0.5, flows, causes)
    words = column_words(cell, [*flows, *causes])
    assert "leak_Na_phi" not in words
    assert words["P_Na"] == cell.quantities["P_Na"].name
    (matrix,) = plot_coefficients(table, labels=words)
    (tornado,) = plot_tornado(table, "J_sglt", labels=words)
    for ticks in (matrix.get_xticklabels(), tornado.get_yticklabels()):
        said = [text.get_text() for text in ticks]
        assert [line.split("\n")[0] for line in said] == [
            "Na⁺ permeability times area", "charges that cross the field", "temperature"
        ]  # fmt: skip
        assert max(text.count("\n") for text in said) == 1
    assert [text.get_text() for text in matrix.get_yticklabels()][1:] == flows[1:]
    for axis in (matrix, tornado):
        assert faults(axis.get_figure()) == []


def test_the_flow_of_energy_can_be_read(cell, resting):
    assert faults(plot_energetics(energetics(cell, resting)).figure) == []


def test_arms_are_named_in_words():
    axes = plot_experiment(run_experiment("potassium_outside"))
    (legend,) = axes.figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "outside K⁺ 4.5 mM", "outside K⁺ 7 mM", "outside K⁺ 10 mM"]  # fmt: skip
    assert faults(axes.figure) == []


def test_every_figure_of_the_report_of_a_model_can_be_read():
    model = load_model("oocyte")
    plan = plan_of_any_model(model, Search(steady_state(model)))
    figures = {name: f for planned in plan for name, f in planned.compute().figures.items()}
    assert len(figures) > 3
    assert {name: faults(figure) for name, figure in figures.items() if faults(figure)} == {}
