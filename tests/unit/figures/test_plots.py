"""Figures for everybody draw what the tables hold, and refuse what would tell nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

from transport_model import (
    Panels,
    energetics,
    grid,
    plot_coefficients,
    plot_curves,
    plot_energetics,
    plot_experiment,
    plot_map,
    run_experiment,
)
from transport_model.analyses.figures.style import to_svg
from transport_model.columns import with_units
from transport_model.errors import InputError, UnknownIdError


@pytest.fixture
def course():
    times = pd.Index([0.0, 3600.0, 14400.0], name="time")
    table = pd.DataFrame({"_A": [1.0, 2.0, 3.0], "B": [0.0, 0.5, 0.25], "$V$": [-1.0, -2.0, -4.0]},
                         index=times)  # fmt: skip
    return with_units(table, {"time": "s", "_A": "mM", "B": "mM", "$V$": "mV"})


@pytest.fixture
def scanned():
    """Height x y on a grid; nothing where y > 3.5."""
    points = grid(x=[1.0, 10.0, 100.0], y=[1.0, 2.0, 4.0])
    failed = points["y"] > 3.5
    table = points.assign(z=(points["x"] * points["y"]).mask(failed), converged=~failed)
    return with_units(table, {"x": "mM", "y": "mV", "z": "fmol/s"})


def coefficients(**columns):
    return pd.DataFrame(columns, index=["J_a", "J_b"])


def drawn(axis):
    return [line.get_xydata() for line in axis.lines]


def test_a_course_is_drawn_against_a_readable_time_a_panel_per_unit(course):
    left, right = plot_curves(course)
    assert [axis.get_xlabel() for axis in (left, right)] == ["time [h]"] * 2
    assert [axis.get_ylabel() for axis in (left, right)] == ["[mM]", r"\$V\$ [mV]"]
    for axis, names in ((left, ["_A", "B"]), (right, ["$V$"])):
        for line, name in zip(drawn(axis), names, strict=True):
            np.testing.assert_allclose(line, np.column_stack([[0, 1, 4], course[name]]))
    assert [text.get_text().strip() for text in left.get_legend().get_texts()] == ["_A", "B"]
    assert right.get_legend() is None


def test_what_is_named_is_drawn_and_nothing_else(course):
    (axis,) = plot_curves(course, ["B"])
    assert axis.get_ylabel() == "B [mM]"
    assert len(axis.lines) == 1


def test_a_legend_of_many_curves_stands_beside_its_panel(course):
    many = pd.DataFrame({f"s{number}": course["B"] for number in range(9)})
    (axis,) = plot_curves(many)
    (few,) = plot_curves(many[["s0", "s1"]])
    axis.figure.canvas.draw()
    few.figure.canvas.draw()
    assert axis.get_legend().get_window_extent().x0 >= axis.get_window_extent().x1
    assert few.get_legend().get_window_extent().x1 <= few.get_window_extent().x1 + 1


def test_a_scan_is_drawn_against_what_varies_with_gaps(scanned):
    one = scanned[scanned["x"] == 10.0]
    (axis,) = plot_curves(one, ["z"], x="y")
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("y [mV]", "z [fmol/s]")
    np.testing.assert_allclose(drawn(axis)[0], [(1, 10), (2, 20), (4, np.nan)])


def test_a_curve_for_every_value_in_the_order_of_x(scanned):
    shuffled = scanned.iloc[::-1]
    (axis,) = plot_curves(shuffled, ["z"], x="x", by="y")
    assert axis.get_xscale() == "log"
    for line, y in zip(drawn(axis), [1, 2], strict=False):
        np.testing.assert_allclose(line, [(x, x * y) for x in (1, 10, 100)])
    legend = axis.get_legend()
    assert legend.get_title().get_text() == "y [mV]"
    assert [text.get_text() for text in legend.get_texts()] == ["1", "2", "4"]


def test_a_map_has_x_across_and_y_upwards_and_grey_where_nothing_is(scanned):
    axes = plot_map(scanned, "x", "y", ["z"])
    (axis,) = axes
    (mesh,) = axis.collections
    expected = [[1, 10, 100], [2, 20, 200], [np.nan] * 3]
    np.testing.assert_allclose(np.ma.filled(mesh.get_array().astype(float), np.nan), expected)
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("x [mM]", "y [mV]")
    assert axes.figure.axes[-1].get_ylabel() == "z [fmol/s]"


def test_coefficients_have_results_down_and_steps_across():
    table = coefficients(x=[1.0, np.nan], y=[-0.5, 0.0], z=[0.25, 1.0])
    (axis,) = plot_coefficients(table, "who moves whom")
    (mesh,) = axis.collections
    np.testing.assert_array_equal(np.ma.filled(mesh.get_array(), np.nan), table)
    assert mesh.get_clim() == (-1, 1)
    assert axis.yaxis_inverted()
    assert [label.get_text() for label in axis.get_yticklabels()] == ["J_a", "J_b"]
    assert [label.get_text() for label in axis.get_xticklabels()] == ["x", "y", "z"]
    told = {text.get_position(): text.get_text() for text in axis.texts}
    assert told == {(0, 0): "1.00", (1, 0): "−0.50", (2, 0): "0.25", (1, 1): "0", (2, 1): "1.00"}


@pytest.mark.parametrize("rows", [1, 2])
def test_coefficients_with_a_unit_are_coloured_up_to_the_largest(rows):
    (axis,) = plot_coefficients(coefficients(x=[-16.5, 2.0]).head(rows), unit="mV")
    (mesh,) = axis.collections
    assert mesh.get_clim() == (-16.5, 16.5)
    axis.figure.canvas.draw()
    red, green, blue, _ = mesh.get_facecolors()[0]
    assert red > green > blue  # orange, and a single row is coloured too
    assert axis.figure.axes[-1].get_xlabel() == "coefficient [mV]"


def test_text_of_others_is_never_mathematics():
    table = pd.DataFrame([[1.0]], index=[r"$\notacommand$"], columns=[r"\$x$"])
    svg = to_svg(plot_coefficients(table, "title").figure, "a", "b")
    assert r"$\notacommand$" in svg
    assert r"\$x$" in svg


def test_the_flow_of_energy_starts_from_atp(cell, resting):
    account = energetics(cell, resting)
    (axis,) = plot_energetics(account)
    told = [text.get_text() for text in axis.texts]
    assert f"ATP\n{account['power_ATP'].iloc[0]:.3g} pW" in told
    assert f"heat of the pump, {account['dissipation_pump'].iloc[0]:.3g} pW" in told


def test_an_experiment_is_drawn_whole_or_in_part():
    experiment = run_experiment("pump_stopped")
    watched = [watched.column for watched in experiment.protocol.watched]
    assert len(plot_experiment(experiment)) == len(watched) > 1
    (axis,) = plot_experiment(experiment, watched[:1])
    arms = [arm.name for arm in experiment.protocol.arms]
    assert [line.get_label() for line in axis.lines[-len(arms) :]] == arms
    with pytest.raises(UnknownIdError, match=f"did you mean '{watched[0]}'"):
        plot_experiment(experiment, [f"{watched[0]}x"])


def test_axes_of_ones_own_are_drawn_into(course, scanned):
    figure = Figure()
    first, second, third = figure.subplots(1, 3)
    assert plot_curves(course, ["B"], ax=first) == (first,)
    assert plot_map(scanned, "x", "y", ["z"], ax=second) == (second,)
    assert plot_coefficients(coefficients(x=[1.0, 0.5]), ax=third) == (third,)
    assert first.lines
    assert second.collections
    assert third.collections
    with pytest.raises(InputError, match="one axes holds one panel, and this takes 2"):
        plot_curves(course, ax=first)


@pytest.mark.parametrize("suffix", [".svg", ".pdf", ".png", ".PNG"])
def test_a_file_has_the_same_bytes_twice(course, tmp_path, suffix):
    paths = [tmp_path / f"{name}{suffix}" for name in "ab"]
    for path in paths:
        plot_curves(course).save(path)
    one, other = (path.read_bytes() for path in paths)
    assert one == other
    magic = {".svg": b"<?xml", ".pdf": b"%PDF", ".png": b"\x89PNG"}
    assert one.startswith(magic[suffix.lower()])
    assert sorted(tmp_path.iterdir()) == paths


def test_what_cannot_be_written_is_refused_and_leaves_nothing(course, tmp_path):
    axes = plot_curves(course)
    for path, why in {
        tmp_path / "a.bmp": r"end '.*a\.bmp' in \.svg, \.pdf or \.png",
        tmp_path / "nowhere" / "a.svg": "there is no folder",
        tmp_path: "end '",
    }.items():
        with pytest.raises(InputError, match=why):
            axes.save(path)
    assert list(tmp_path.iterdir()) == []


def test_a_notebook_shows_a_picture_unless_pyplot_does(course):
    data, size = plot_curves(course)._repr_png_()
    assert data.startswith(b"\x89PNG")
    width = int.from_bytes(data[16:20], "big")
    assert width == 2 * size["width"]
    figure, axis = pyplot.subplots()
    try:
        assert plot_curves(course, ["B"], ax=axis)._repr_png_() is None
        assert Panels([axis]).figure is figure
    finally:
        pyplot.close(figure)


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda c, s: plot_curves(c.iloc[:1]), "a curve needs two points or more"),
        (lambda c, s: plot_curves(c.iloc[:0]), "nothing to draw"),
        (lambda c, s: plot_curves(c["B"]), "drawn from a table, not Series"),
        (lambda c, s: plot_curves(c, "B"), "quantities is a list"),
        (lambda c, s: plot_curves(c, ["b"]), "no quantity 'b' in the table; did you mean 'B'"),
        (lambda c, s: plot_curves(s, ["converged"], x="x"), "holds no numbers"),
        (lambda c, s: plot_curves(pd.DataFrame({f"s{n}": c["B"] for n in range(20)})),
         "20 quantities are too many"),
        (lambda c, s: plot_map(s.head(1), "x", "y", ["z"]), "a map needs two values"),
        (lambda c, s: plot_map(pd.concat([s, s]), "x", "y", ["z"]), "several points have the same"),
        (lambda c, s: plot_map(s, "x", "y", []), "quantities is a list"),
        (lambda c, s: plot_coefficients(pd.DataFrame()), "nothing to draw"),
        (lambda c, s: plot_coefficients(pd.DataFrame(np.ones((2, 50)))), "at most 60 rows and 40"),
        (lambda c, s: plot_energetics(s), "one state's energies are drawn, not 9"),
        (lambda c, s: plot_energetics(s.head(1)), "the table has no 'power_pump_Na'"),
    ],
)  # fmt: skip
def test_what_would_tell_nothing_is_refused_in_a_line(course, scanned, draw, message):
    with pytest.raises(InputError, match=message) as error:
        draw(course, scanned)
    assert "\n" not in str(error.value)
