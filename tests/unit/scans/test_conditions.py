"""Conditions in words choose the rows that the same condition in pandas does, or are refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from transport_model.analyses.scans.large.conditions import read_condition
from transport_model.errors import InputError, UnknownIdError

UNITS = {"Na_i": "mM", "K_i": "mM", "V_m": "mV", "V_m:time_to:-30": "s"}
TABLE = pd.DataFrame({
    "row": range(6),
    "Na_i": [5.0, 10.0, 15.0, 20.0, np.nan, 25.0],
    "K_i": [140.0, 5.0, 15.0, 120.0, np.nan, 30.0],
    "V_m": [-70.0, -60.0, -0.05, 0.0, np.nan, 10.0],
    "lambda": [1.0, 1.0, 2.0, 2.0, 3.0, 3.0],
    "V_m:time_to:-30": [60.0, 30.0, 1.0, 2.0, np.nan, 90.0],
    "converged": [True, True, True, True, False, True],
    "status": ["ok", "ok", "ok", "ok", "not stable", "ok"],
})  # fmt: skip
ARROW = pa.Table.from_pandas(TABLE, preserve_index=False)


def chosen(text: str) -> list[int]:
    condition = read_condition(text, ARROW.schema, lambda name: UNITS.get(name, ""), "the scan")
    return ds.dataset(ARROW).to_table(columns=["row"], filter=condition)["row"].to_pylist()


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("Na_i > 10", [2, 3, 5]),
        ("Na_i > 10 and status == 'ok'", [2, 3, 5]),
        ('status != "ok"', [4]),
        ("not converged", [4]),
        ("converged and not (Na_i < 12 or Na_i >= 20)", [2]),
        ("Na_i < 8 or K_i < 20 and V_m < -1", [0, 1]),  # 'and' binds more tightly
        ("(Na_i < 8 or K_i < 20) and V_m > -1", [2]),
        ("10 <= Na_i < 20", [1, 2]),
        ("20 > Na_i", [0, 1, 2]),
        ("Na_i > 0.01 mol/L", [2, 3, 5]),
        ("Na_i > 10mM and V_m > -100 µV", [2, 3, 5]),
        ("V_m == -60", [1]),
        ("V_m > -6e1 and V_m < .5", [2, 3]),
        ("V_m > −60", [2, 3, 5]),
        ("Na_i > K_i", [1]),
        ("lambda in [1, 3]", [0, 1, 4, 5]),
        ("lambda not in (1, 3)", [2, 3]),
        ("Na_i in [0.005 mol/L, 25 mM]", [0, 5]),
        ("status in ['not stable']", [4]),
        ("`V_m:time_to:-30` >= 1 min", [0, 5]),
        ("row < 2", [0, 1]),
        ("NOT converged OR Na_i == 5", [0, 4]),
    ],
)
def test_rows_that_a_condition_chooses(text, rows):
    assert chosen(text) == rows


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"), ("Na_i", "nothing"), ("Na_i >", "ends too early"),
        ("> 3", "where a column"), ("Na_i = 3", "write '=='"), ("Na_i > 3 & K_i > 1", "'and'"),
        ("Na_i > 3 K_i", "unit"), ("Na_i > 3 converged", "unit"), ("converged K_i > 1", "goes on"),
        ("(Na_i > 3", "lacks a ')'"), ("Na_i > 3)", "goes on with ')'"), ("Na_i > 3 mV", "mM"),
        ("Na_i > 'ok'", "takes a number"), ("status > 'a'", "only be equal"),
        ("status == 1", "text in quotes"), ("converged == 1", "alone"), ("3 < 4", "neither"),
        ("Na_i > V_m", "differ in unit (mM and mV)"), ("Na_i == status", "only be equal"),
        ("Na_i in 3", "without a list"), ("Na_i in [3", "without its"), ("3 in [3]", "a column"),
        ("Na_i not 3", "without 'in'"), ("Na_i in []", "where a column or a value"),
        ("lambda > 1 mM", "gives no unit"), ("Na_i + 1 > 3", "be read"),
        ("~converged", "'not'"),
        ("__import__('os').system('true')", "be read"), ("Na_i.real > 1", "be read"),
        ("(" * 60 + "converged" + ")" * 60, "nested"), ("not " * 400 + "converged", "nested"),
        ("Na_i > 1 or " * 400 + "converged", "2,000 characters"), ("Na_i > nan", "nan"),
        ("status == 'ok", "be read"), ("Na_i > 1; 2", "unit"), ("`Na_i > 1", "be read"),
    ],
)  # fmt: skip
def test_what_is_no_condition_is_refused_in_one_line(text, words):
    with pytest.raises(InputError) as error:
        chosen(text)
    assert words in str(error.value)
    assert len(str(error.value)) <= 300
    assert "\n" not in str(error.value)


def test_a_column_that_is_not_there_names_the_nearest():
    with pytest.raises(UnknownIdError, match="did you mean 'Na_i'"):
        chosen("Nai > 10")
