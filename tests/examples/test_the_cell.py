"""The numbers that README and docs give of the cell are those that it has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from transport_model import control_coefficients, load_model, steady_state

ROOT = Path(__file__).parents[2]


def as_printed(text):
    """Return a number and half of its last digit."""
    decimals = len(text.partition(".")[2])
    return float(text.replace("−", "-")), 0.5 * 10**-decimals


@pytest.mark.parametrize(("column", "parameters"), [(1, None), (2, "saturated")])
def test_the_page_on_the_cell_has_its_numbers(column, parameters):
    cell = load_model("cell", parameters=parameters)
    state = steady_state(cell)
    control = control_coefficients(cell).flux.loc["sglt_cycle"]
    text = (ROOT / "docs" / "the_cell.md").read_text("utf-8")
    rows = re.findall(r"^\| ([^|]+) \| ([−\d.]+) \| ([−\d.]+) \|$", text, re.M)
    assert len(rows) == 11
    for row in rows:
        step = row[0].removeprefix("control of uptake: ")
        got = state[row[0].split(" [")[0]] if step == row[0] else control[step]
        expected, half = as_printed(row[column])
        assert got == pytest.approx(expected, abs=1.01 * half), row[0]


def test_the_readme_has_the_resting_cell():
    state = steady_state(load_model("cell"))
    text = " ".join((ROOT / "README.md").read_text("utf-8").split())
    told = re.search(
        r"`cell` rests at (\S+) mV with (\S+) mM Na⁺, (\S+) mM K⁺, (\S+) mM Cl⁻ and (\S+) mM",
        text,
    )
    assert told is not None
    for name, number in zip(("V_m", "Na_i", "K_i", "Cl_i", "Glc_i"), told.groups(), strict=True):
        expected, half = as_printed(number)
        assert state[name] == pytest.approx(expected, abs=1.01 * half), name
