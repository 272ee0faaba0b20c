"""Measured points are read with their conditions and units, or refused by file and line."""

from __future__ import annotations

import pytest

from transport_model.analyses.studies.measurements import (
    read_measurement,
    read_measurements,
    shipped_measurements,
)
from transport_model.errors import InputError

GOOD = """# title: activation
# source: somebody 1999
# model: pump_assay
# conditions: V_m = 0 mV, Na_o = 0.15 mol/L, T = 37 degC
# normalised: K_o = 5 mM
# tolerance: 0.05
K_o [mM],turnover [relative]
1,0.5
5,1.0
"""


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "m.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_units_are_converted_to_the_models(write):
    item = read_measurement(write(GOOD.replace("K_o [mM]", "K_o [uM]").replace("K_o = 5 mM",
                            "K_o = 5 uM").replace("\n1,", "\n1e3,").replace("\n5,", "\n5e3,")
                            .replace("5 uM", "5 mM")))  # fmt: skip
    assert item.points["K_o"].tolist() == [1.0, 5.0]
    assert item.conditions == pytest.approx({"V_m": 0.0, "Na_o": 150.0, "T": 310.15})
    assert item.reference == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("# title: activation\n", "", None, "title"),
        ("# title", "# titel", 1, "titel"),
        ("# source: somebody 1999\n", "", None, "'# source: …' or '# reference: …'"),
        ("source: somebody", "reference: Pan2018", 2, "did you mean 'Pan2019'"),
        ("pump_assay", "pump_essay", 3, "pump_essay"),
        ("V_m = 0 mV", "V_m = 0 mM", 4, "does not convert"),
        ("V_m = 0 mV", "V_m = 0", 4, "unit is missing"),
        ("V_m = 0 mV", "V_m = zero mV", 4, "not a number"),
        ("V_m = 0 mV", "Vm = 0 mV", 4, "did you mean 'V_m'"),
        ("Na_o = 0.15", "Na_o = -0.15", 4, "zero or more"),
        ("Na_o = 0.15", "V_m = 0.15", 4, "twice"),
        ("Na_o = 0.15", "K_o = 0.15", 4, "column"),
        ("K_o = 5 mM", "K_o = 4 mM", 5, "no point"),
        ("K_o = 5 mM", "K_o = 5 mM, pH = 7", 5, "one value"),
        ("V_m = 0 mV", "V_m = 0 1/0", 4, "not a unit"),
        ("1,0.5", "1" * 140_000 + ",0.5", 8, "not a row"),
        ("K_o [mM]", "K" * 140_000 + " [mM]", 7, "not a row"),
        ("tolerance: 0.05", "tolerance: wide", 6, "not a number"),
        ("K_o [mM],turnover [relative]", "K_o [mM]", 7, "column is missing"),
        ("K_o [mM]", "K_o", 7, "id [unit]"),
        ("K_o [mM]", "K_o [mV]", 7, "does not convert"),
        ("K_o [mM]", "K_o [zorkmid]", 7, "not a unit"),
        ("turnover", "turnovers", 7, "turnovers"),
        ("1,0.5", "one,0.5", 8, "not a number"),
        ("1,0.5", "1,nan", 8, "finite"),
        ("1,0.5", "-1,0.5", 8, "zero or more"),
        ("1,0.5", "1", 8, "1 values for 2 columns"),
        ("1,0.5", "5,0.5", 9, "same point as line 8"),
        ("1,0.5\n", "", None, "two points"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_line(write, old, new, line, message):
    assert old in GOOD
    path = write(GOOD.replace(old, new, 1))
    with pytest.raises(InputError) as error:
        read_measurement(path)
    assert message in str(error.value)
    assert str(path) in str(error.value)
    if line:
        assert f"line {line}" in str(error.value)


def test_folders_without_measurements(tmp_path):
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(InputError, match=str(folder)):
            read_measurements(folder)


def test_a_source_may_be_words_or_keys(write):
    assert read_measurement(write(GOOD)).cited == ""
    keyed = GOOD.replace("source: somebody 1999", "reference: Pan2019; Bielen1991")
    item = read_measurement(write(keyed))
    assert (item.source, item.cited) == ("", "Pan2019; Bielen1991")


def test_every_shipped_measurement_has_a_title_and_keys():
    items = shipped_measurements()
    assert len(items) >= 4
    assert all(item.cited and item.title for item in items)
