"""Values beyond the known ranges: each is told of once, with the range and where it is from."""

from __future__ import annotations

import warnings

import pytest

from transport_model import grid, plan_scan, ranges, run_experiment, scan
from transport_model.catalogue import provenance
from transport_model.errors import RangeWarning
from transport_model.model import Model, load_model


@pytest.fixture(autouse=True)
def nothing_said_yet(monkeypatch):
    monkeypatch.setattr(ranges, "_warned", set())


def test_a_value_beyond_its_range_is_warned_of_once(cell):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        cell.with_values(pH=20.0, Na_o=130.0)
        cell.with_values(pH=20.0)
        cell.with_values(pH=1.0, T=310.0)
    (warning,) = told
    assert str(warning.message) == (
        "pH = 20 is outside 6.9 to 7.5, its range in parameters.csv (choice: typical of cytosol)"
    )
    assert warning.filename == __file__


def test_celsius_is_recognised(cell):
    with pytest.warns(RangeWarning, match=r"37 K is outside 290 to 315 K.*37 degC', 310.15 K\?"):
        cell.with_values(T=37.0)
    with pytest.warns(RangeWarning, match="Na_o") as told:
        cell.with_values(Na_o=37.0)
    assert "degC" not in str(told[0].message)


def test_every_range_of_the_table_has_its_warning():
    names = ("cell", "cell_sglt2_pan2019", "oocyte", "pump_assay", "pt_s3", "segment")
    models = [load_model(name) for name in names]
    rows = {(model, id_): row for model in models
            for id_, row in provenance(model.name).dropna(subset=["low", "high"]).iterrows()
            if id_ in model.quantities}  # fmt: skip
    assert len(rows) > 200
    for (model, name), row in rows.items():
        for value in (row["low"], row["high"]):
            assert ranges.remarks(model.name, {name: (value, value)}, model.unit) == {}
        beyond = 1.5 * row["high"] - 0.5 * row["low"] + 1e-9
        text = ranges.remarks(model.name, {name: (beyond, beyond)}, model.unit)[str(name)]
        assert f"{row['low']:g} to {row['high']:g}" in text
        assert "its range in parameters.csv (" in text
        assert len(text) <= 300


def test_models_that_do_not_ship_what_is_switched_off_and_the_package_are_not_warned(cell):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Model("theirs", cell.sbml).with_values(pH=20.0)
        load_model("cell", parameters="saturated")
        cell.with_values(n_SGLT=0.0, sglt_k25=0.0)  # switched off
        run_experiment("failing_ATP")


@pytest.mark.parametrize("look", [scan, plan_scan])
def test_a_design_beyond_a_range_is_warned_of_once_a_quantity(cell, look):
    design = grid(pH=[7.2, 9.0, 10.0], Na_o=[139.0, 140.0], K_o=[1.0, 4.5])
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for _ in range(2):
            look(cell, design, outputs=["RT"])
    assert [str(warning.message) for warning in told] == [
        "pH = 7.2 to 10 goes beyond 6.9 to 7.5, its range in parameters.csv"
        " (choice: typical of cytosol)",
        "K_o = 1 to 4.5 mM goes beyond 2.5 to 8 mM, its range in parameters.csv (choice:"
        " physiological saline)",
    ]
    assert {warning.filename for warning in told} == {__file__}
