"""Interactive figures hold the curves of the others."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

from transport_model import grid, interactive, plot_curves
from transport_model.columns import with_units
from transport_model.errors import InputError


@pytest.fixture
def scanned():
    table = grid(x=[1.0, 10.0, 100.0], y=[1.0, 2.0])
    table = table.assign(z=table["x"] * table["y"], u=table["x"])
    return with_units(table, {"x": "mM", "y": "mV", "z": "fmol/s", "u": "$1$<b>"})


def test_curves_are_those_of_the_other_figures(scanned):
    pytest.importorskip("plotly", reason="needs the extra 'interactive'")
    found = interactive(scanned, ["z", "u"], x="x", by="y")
    drawn = [
        line for axis in plot_curves(scanned, ["z", "u"], x="x", by="y") for line in axis.lines
    ]
    assert len(found.data) == len(drawn) == 4
    for trace, line in zip(found.data, drawn, strict=True):
        np.testing.assert_allclose(np.column_stack([trace.x, trace.y]), line.get_xydata())
        assert trace.line.color == line.get_color()
    assert [trace.name for trace in found.data if trace.showlegend] == ["y = 1", "y = 2"]
    assert found.layout.xaxis.type == "log"
    assert found.layout.xaxis2.title.text == "x [mM]"
    assert found.layout.yaxis.title.text == "z [fmol/s]"
    assert found.layout.yaxis2.title.text == "u [&#36;1&#36;&lt;b>]"


def test_a_course_has_a_readable_time():
    pytest.importorskip("plotly", reason="needs the extra 'interactive'")
    course = pd.DataFrame({"a": [1.0, 2.0]}, index=pd.Index([0.0, 7200.0], name="time"))
    found = interactive(with_units(course, {"time": "s", "a": "mM"}))
    assert found.layout.xaxis.title.text == "time [h]"
    np.testing.assert_allclose(found.data[0].x, [0, 2])


def test_what_would_tell_nothing_is_refused(scanned):
    pytest.importorskip("plotly", reason="needs the extra 'interactive'")
    with pytest.raises(InputError, match="a curve needs two points"):
        interactive(scanned.head(1), ["z"], x="x")


def test_without_plotly_the_message_says_what_to_install(scanned, monkeypatch):
    for name in ("plotly", "plotly.graph_objects", "plotly.subplots"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(InputError, match=r"pip install 'transport-model\[interactive\]'"):
        interactive(scanned)
