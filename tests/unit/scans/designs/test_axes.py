"""Axes have their ends and steps in the model's units, and bad ones are refused."""

from __future__ import annotations

import numpy as np
import pytest

from transport_model.analyses.scans.designs.axes import in_unit, linear, logarithmic, relative
from transport_model.errors import InputError


def test_axes_have_both_ends_and_even_steps():
    assert linear(0.5, 2.5, 5) == pytest.approx([0.5, 1, 1.5, 2, 2.5], rel=1e-15)
    assert logarithmic(0.01, 100, 5) == pytest.approx([0.01, 0.1, 1, 10, 100], rel=1e-14)
    assert linear(3, 3, 1).tolist() == [3]


def test_a_relative_axis_multiplies_the_models_value(cell):
    value = cell.quantities["P_Na"].value
    assert relative(cell, "P_Na", 0.5, 2, 4) == pytest.approx(value * np.linspace(0.5, 2, 4))
    halves = relative(cell.with_values(P_Na=1.0), "P_Na", 0.25, 4, 5, log=True)
    assert halves == pytest.approx([0.25, 0.5, 1, 2, 4], rel=1e-14)


def test_units_are_converted_to_the_models(cell):
    assert in_unit(cell, "Na_o", [0.1, 0.15], "mol/L") == pytest.approx([100, 150])
    assert in_unit(cell, "T", (20, 37), "degC") == pytest.approx([293.15, 310.15])
    assert in_unit(cell, "Na_o", iter([1.0]), "mM").tolist() == [1.0]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda cell: linear(2, 1, 5), "rise from low to high"),
        (lambda cell: linear(float("nan"), 1, 5), "rise from low to high"),
        (lambda cell: linear(-1e308, 1e308, 5), "rise from low to high"),
        (lambda cell: linear(1, 2, 0), "1 to"),
        (lambda cell: linear(1, 2, 1), "different values"),
        (lambda cell: linear(1, 1, 2), "different values"),
        (lambda cell: logarithmic(0, 1, 5), "no logarithm"),
        (lambda cell: relative(cell, "ouabain", 0.5, 2, 3), "'ouabain' is 0"),
        (lambda cell: relative(cell, "PNa", 0.5, 2, 3), "did you mean 'P_Na'"),
        (lambda cell: relative(cell, "V_m", 0.5, 2, 3), "V_m"),
        (lambda cell: relative(cell, "P_Na", -1, 2, 3, log=True), "no logarithm"),
        (lambda cell: in_unit(cell, "Na_o", [1], "mV"), "does not convert"),
        (lambda cell: in_unit(cell, "Na_o", [1], "zorkmid"), "not a unit"),
        (lambda cell: in_unit(cell, "Natrium", [1], "mM"), "Natrium"),
    ],
)
def test_axes_that_cannot_be_are_refused(cell, make, message):
    with pytest.raises(InputError, match=message) as error:
        make(cell)
    assert "\n" not in str(error.value)
