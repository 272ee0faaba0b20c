"""One style for all figures, their text as text, and their words for those who cannot see them."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from matplotlib import pyplot

from transport_model.analyses.figures.describe import LONGEST, describe
from transport_model.analyses.figures.fonts import can_be_set, embedded_font
from transport_model.analyses.figures.style import (
    COLOURS,
    PAGE,
    new_figure,
    save_figure,
    styled,
    to_svg,
)


@styled
def panel(label="Na⁺ [mM]", x=(0.0, 1.0, 2.0), y=(1.0, 5.0, 2.0)):
    figure, (axis,) = new_figure(PAGE / 2, 2.0)
    axis.plot(x, y, marker="o", label="pump")
    axis.set(xlabel="time [h]", ylabel=label)
    axis.set_title("a  Ions")
    return figure


def test_anybody_can_use_the_style_by_its_name():
    with pyplot.style.context("transport_model.analyses.figures.journal"):
        cycle = pyplot.rcParams["axes.prop_cycle"].by_key()["color"]
        size = pyplot.rcParams["figure.figsize"]
        assert pyplot.rcParams["svg.fonttype"] == "none"
        assert pyplot.rcParams["pdf.fonttype"] == 42
    names = {"black": "#000000"}
    assert [c.lower() for c in cycle] == [names.get(c, c).lower() for c in COLOURS]
    assert size[0] == pytest.approx(85 / 25.4, abs=1e-3)


def test_many_figures_stand_in_one_page_without_an_id_twice():
    page = to_svg(panel(), "one", "x") + to_svg(panel(), "two", "x")
    ids = re.findall(r'\sid="([^"]*)"', page)
    assert len(ids) == len(set(ids)) > 20
    used = re.findall(r"""(?:href="|url\()\#([^")]*)""", page)
    assert used
    assert set(used) <= set(ids)
    # Matplotlib's rule for all elements holds within each figure
    assert re.findall(r"[^<>]*\*{", page) == ["#one-drawing *{", "#two-drawing *{"]


def test_a_label_that_looks_like_an_id_stays_as_it_is():
    assert 'look id="a" url(#b)' in to_svg(panel('look id="a" url(#b)'), "one", "x")


def test_a_figure_in_a_page_is_a_picture_with_a_description():
    svg = to_svg(panel(), "one", 'less < "more"')
    assert 'role="img" aria-label="less &lt; &quot;more&quot;"' in svg
    assert ">Na⁺ [mM]</text>" in svg


def test_the_typeface_of_a_page_holds_the_letters_of_its_figures_and_no_others():
    svg = to_svg(panel("ΔG⁺ [mM]"), "one", "x")
    css = embedded_font([svg])
    assert css == embedded_font([svg])
    (data,) = re.findall(r"base64,([^\"]*)", css)
    font = TTFont(io.BytesIO(base64.b64decode(data)))
    assert font.flavor == "woff"
    letters = {chr(code) for code in font.getBestCmap()}
    assert letters == set("ΔG⁺ [mM]time [h]a  Ions") | set("0123456789.") & letters
    assert embedded_font([]) == ""


def test_a_pdf_has_its_typeface_with_it():
    file = io.BytesIO()
    save_figure(panel(), file, "pdf")
    assert b"/TrueType" in file.getvalue() or b"/CIDFontType2" in file.getvalue()
    assert b"/Type3" not in file.getvalue()


def test_a_label_is_broken_by_the_height_of_its_axis_and_not_before():
    words = "the sum of what flows in and of what flows out again [fmol/s]"
    figure = panel(words)
    save_figure(figure, io.BytesIO(), "svg")
    (axis,) = figure.axes
    assert axis.get_ylabel().count("\n") >= 1
    assert axis.get_ylabel().replace("\n", " ") == words
    assert axis.yaxis.label.get_window_extent().height <= axis.get_window_extent().height
    assert axis.get_xlabel() == "time [h]"
    figure.set_size_inches(PAGE, 6.0)
    save_figure(figure, io.BytesIO(), "svg")
    assert axis.get_ylabel() == words


def test_a_figure_in_words_says_what_is_drawn_against_what_and_the_numbers():
    told = describe(panel())
    assert told == "a Ions, Na⁺ [mM] against time [h]: pump from 1 to 2, at most 5."
    flat = describe(panel(y=(3.0, 3.0, 3.0)))
    assert "pump steady at 3" in flat


def test_bars_points_and_maps_are_told_with_their_values():
    figure, (a, b, c) = new_figure(PAGE, 2.0, 3)
    a.barh([0, 1], [0.5, -2.0])
    a.set_yticks([0, 1], ["pump", "leak"])
    b.scatter([1.0, 2.0], [0, 1], label="inside")
    b.set_yticks([0, 1], ["Na⁺", "K⁺"])
    c.pcolormesh([0, 1], [0, 1], np.array([[1.0, 2.0], [np.nan, 4.0]]), shading="nearest")
    told = describe(figure)
    assert "pump 0.5, leak −2" in told
    assert "inside: Na⁺ 1, K⁺ 2" in told
    assert "in colour from 1 to 4" in told


def test_words_for_a_full_figure_are_few():
    figure, axes = new_figure(PAGE, 6.0, 3, 4)
    for axis in axes:
        for number in range(16):
            axis.plot([0, 1], [number, 2 * number], label=f"curve {number}")
        axis.set(xlabel="a fairly long label [mM]", ylabel="another fairly long label [mM]")
    assert 100 < len(describe(figure)) <= LONGEST


@pytest.mark.parametrize(("name", "able"), [("ΔG of Na⁺ → cell", True), ("糖", False),
                                            ("turned \u202e about", False)])  # fmt: skip
def test_a_name_that_the_typeface_has_no_letters_for_is_not_drawn(name, able):
    assert can_be_set(name) is able
