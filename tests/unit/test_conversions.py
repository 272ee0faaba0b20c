"""Tables for other libraries hold the same numbers, with their units."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pint
import pytest

from transport_model import grid, to_pint, to_xarray
from transport_model.columns import with_units
from transport_model.errors import InputError, UnknownIdError


@pytest.fixture
def course():
    table = pd.DataFrame({"V_m": [-67.0, -50.0], "J": [1.0, 2.0], "status": ["ok", "ok"]},
                         index=pd.Index([0.0, 3600.0], name="time"))  # fmt: skip
    return with_units(table, {"time": "s", "V_m": "mV", "J": "1/(mM·s)"})


@pytest.fixture
def scanned():
    table = grid(x=[1.0, 2.0, 3.0], y=[10.0, 20.0])
    table = table.assign(z=table["x"] * table["y"], converged=True)
    return with_units(table, {"x": "mM", "y": "mV", "z": "fmol/s"})


def test_columns_are_quantities_of_the_registry_that_pint_itself_uses(course):
    found = to_pint(course)
    assert set(found) == {"time", "V_m", "J"}
    np.testing.assert_allclose(found["V_m"].to("V").magnitude, [-0.067, -0.05])
    assert found["time"][1].to("h").magnitude == pytest.approx(1)
    total = found["V_m"][0] + pint.Quantity(7, "mV")
    assert total.to("mV").magnitude == pytest.approx(-60)
    assert found["J"].check("[length]**3/[substance]/[time]")


def test_what_pint_does_not_know_is_named(course):
    course.attrs["units"]["J"] = "furlongish"
    with pytest.raises(InputError, match="pint knows no unit 'furlongish'"):
        to_pint(course)


def test_a_course_is_an_array_over_time(course):
    pytest.importorskip("xarray", reason="needs the extra 'xarray'")
    data = to_xarray(course)
    assert data["V_m"].dims == ("time",)
    assert data["time"].attrs["units"] == "s"
    assert data["V_m"].attrs["units"] == "mV"
    assert float(data["V_m"].sel(time=3600.0)) == -50.0


def test_a_scan_has_a_dimension_for_each_quantity_that_varies(scanned):
    pytest.importorskip("xarray", reason="needs the extra 'xarray'")
    data = to_xarray(scanned.sample(frac=1, random_state=1), ["x", "y"])
    assert dict(data.sizes) == {"x": 3, "y": 2}
    np.testing.assert_allclose(data["z"], np.outer([1, 2, 3], [10, 20]))
    assert data["z"].attrs["units"] == "fmol/s"
    assert data["x"].attrs["units"] == "mM"


@pytest.mark.parametrize(
    ("change", "dims", "message"),
    [
        (lambda t: t.iloc[1:], ["x", "y"], "no grid of x, y: 3 × 2 values, 5 rows"),
        (lambda t: t, ["x"], "no grid of x: 3 values, 6 rows; name everything that varies"),
        (lambda t: t, "x", "dims is a list"),
        (lambda t: t["z"], None, "needs a table, not Series"),
        (lambda t: t.set_axis([0] * 6), None, "holds some values twice"),
    ],
)
def test_what_is_no_grid_is_refused(scanned, change, dims, message):
    pytest.importorskip("xarray", reason="needs the extra 'xarray'")
    with pytest.raises(InputError, match=message):
        to_xarray(change(scanned), dims)


def test_a_dimension_that_is_not_there_names_the_nearest(scanned):
    pytest.importorskip("xarray", reason="needs the extra 'xarray'")
    with pytest.raises(UnknownIdError, match="did you mean 'x'"):
        to_xarray(scanned, ["X"])


def test_without_xarray_the_message_says_what_to_install(scanned, monkeypatch):
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(InputError, match=r"pip install 'transport-model\[xarray\]'"):
        to_xarray(scanned, ["x", "y"])
