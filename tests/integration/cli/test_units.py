"""Every number that a command hands over says what it is measured in, and says it rightly."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from transport_model import load_model
from transport_model.units import converted

#: Commands, and whether their tables have a row per quantity, with its unit in a column.
COMMANDS = {
    ("simulate", "--points", "3"): False,
    ("steady-state",): True,
    ("scan", "--vary", "Glc_o=1,5"): False,
    ("scan", "--vary", "ouabain=0,1", "--reduce", "Na_i:final", "--reduce", "J_sglt:area",
     "--reduce", "V_m:time_to:-30"): False,
    ("control",): True,
    ("energetics",): True,
    ("experiment", "uphill"): False,
}  # fmt: skip


def told(path):
    """Return the units that a file states, by column or by the quantity of a row."""
    if path.suffix == ".json":
        content = json.loads(path.read_text(encoding="utf-8"))
        table, units = pd.DataFrame(content["rows"]), content["units"]
    elif path.suffix == ".parquet":
        table = pd.read_parquet(path)
        units = table.attrs["units"]
        table = table.reset_index()
    else:
        table = pd.read_csv(path)
        beside = path.with_name(f"{path.name}-metadata.json")
        units = {}
        if beside.exists():
            columns = json.loads(beside.read_text(encoding="utf-8"))["tableSchema"]["columns"]
            units = {c["titles"]: c["schema:unitText"] for c in columns if "schema:unitText" in c}
            assert len(columns) == table.shape[1]
    if "unit" in table:
        key = "id" if "id" in table else "quantity"
        units = dict(zip(table[key], table["unit"].fillna(""), strict=True))
    numbers = [str(name) for name in table.select_dtypes("number").columns]
    return units, numbers


def right(model, name, command):
    """Return the unit that a quantity of a command's table has."""
    if command[0] == "energetics":
        kinds = {"dG": "kJ/mol", "affinity": "kJ/mol", "J": "fmol/s", "stored": "pJ", "ATP": "1",
                 "pump": "1", "symporter": "1", "overall": "1"}  # fmt: skip
        return "pW" if name == "power_stored" else kinds.get(name.split("_")[0], "pW")
    if command[0] == "control" and name not in model.rules.index:
        return "1"
    of = {"Na_i_final": "mM", "J_sglt_area": "fmol", "V_m_time_to_-30": "s"}
    return of.get(name) or model.unit(name)


@pytest.mark.parametrize("suffix", [".csv", ".json", ".parquet"])
@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda a: "-".join(a[:1] + a[3:4]))
def test_units_are_right_in_every_file(command, tmp_path, arguments, suffix):
    path = tmp_path / f"table{suffix}"
    assert command(*arguments, "--out", path).code == 0
    model = load_model("cell")
    units, numbers = told(path)
    by_row = COMMANDS[arguments]
    for name in units if by_row else numbers:
        if name in {"point", "residual"}:
            continue
        if arguments[0] == "experiment" and name in {"Glc_i", "Glc_o", "time", "J_sglt"}:
            assert units[name] == model.unit(name)
        elif arguments[0] != "experiment":
            assert units.get(name, "") == right(model, name, arguments), name
    assert units


def test_a_power_is_a_flux_times_an_energy():
    assert converted(1, "fmol/s * kJ/mol", "pW") == pytest.approx(1)
    assert converted(1, "fmol * kJ/mol", "pJ") == pytest.approx(1)
