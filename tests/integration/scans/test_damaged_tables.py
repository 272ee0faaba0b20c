"""Parquet files whose metadata or types are not of their columns, and arguments that are none."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from transport_model import grid, load_model, scan
from transport_model.analyses.scans.designs.files import ParquetDesign
from transport_model.analyses.tables import read_table
from transport_model.errors import InputError, ModelFileError

METADATA = [
    json.dumps({"index_columns": ["gone"], "columns": []}),
    json.dumps({"index_columns": 3, "columns": []}),
    json.dumps({"index_columns": [{"kind": "range"}], "columns": []}),
    json.dumps(["no", "object"]),
    json.dumps({"index_columns": [], "columns": [{"name": "k"}], "column_indexes": [{}]}),
    "no JSON",
]


@pytest.mark.parametrize("metadata", METADATA)
def test_metadata_of_other_columns_is_refused_or_ignored(tmp_path, metadata):
    path = tmp_path / "design.parquet"
    table = pa.table({"k": [1.0, 2.0]}).replace_schema_metadata({b"pandas": metadata.encode()})
    pq.write_table(table, path)
    for read in (read_table, lambda p: ParquetDesign(p).rows(0, 2)):
        try:
            values = read(path)["k"].tolist()
        except InputError:
            continue
        assert values == [1.0, 2.0]


def test_metadata_that_names_a_lost_index_is_named(tmp_path):
    path = tmp_path / "design.parquet"
    table = pa.table({"k": [1.0]}).replace_schema_metadata({b"pandas": METADATA[0].encode()})
    pq.write_table(table, path)
    with pytest.raises(InputError, match="not a table that can be read"):
        read_table(path)


@pytest.mark.parametrize(
    "column",
    [
        pa.array([[1.0]]), pa.array([{"a": 1.0}]), pa.array([None]),
        pa.array([[("a", 1.0)]], pa.map_(pa.string(), pa.float64())),
    ],
)  # fmt: skip
def test_types_that_are_no_numbers_are_refused(tmp_path, column):
    path = tmp_path / "design.parquet"
    pq.write_table(pa.table({"Na_i": column}), path)
    with pytest.raises(InputError):
        ParquetDesign(path)
    with pytest.raises(InputError):
        scan(load_model("pump_assay"), read_table(path))


@pytest.mark.parametrize("outputs", [3, "J_pump", [3], ("J_pump", 3), np.array([1.0]), object()])
def test_outputs_that_are_no_names(outputs):
    with pytest.raises(InputError):
        scan(load_model("pump_assay"), grid(Na_i=[10.0]), outputs=outputs)


@pytest.mark.parametrize("design", [3, None, {"Na_i": [1.0]}, pd.Series([1.0])])
def test_designs_that_are_no_tables(design):
    with pytest.raises(InputError, match="a design is a table"):
        scan(load_model("pump_assay"), design)


def test_names_and_starts_that_are_none():
    model = load_model("pump_assay")
    for name in (1, None, []):
        with pytest.raises(InputError, match="a text"):
            model.unit(name)
    with pytest.raises(InputError, match="values by id"):
        model.starting_from(3)


@pytest.mark.parametrize("name", ["y" * 5000, "a\0b"])
def test_names_that_no_file_can_have(name):
    with pytest.raises(ModelFileError, match=r"cannot be the name|no file of that name"):
        load_model(name)
