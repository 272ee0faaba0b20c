"""Tables on disk: read and written by suffix."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa

from transport_model.errors import InputError
from transport_model.files import check_target, write_file, write_text

#: Suffixes that tables can have.
SUFFIXES = (".csv", ".parquet", ".json")
#: What a cell begins with that spreadsheets execute.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def check_table_target(path: Path) -> None:
    """Make sure, before the work is done, that a table can be written to `path`.

    Raises
    ------
    InputError
        Its suffix is none of :data:`SUFFIXES`, or no file can be written there.
    """
    if path.suffix not in SUFFIXES:
        raise InputError(f"cannot tell the format of '{path}'; end it in {', '.join(SUFFIXES)}")
    check_target(path)


def write_table(
    frame: pd.DataFrame, path: Path, units: Mapping[str, str], *, index: bool = True
) -> None:
    """Write a table as CSV, Parquet or JSON, determined by the suffix.

    JSON holds ``units`` by column beside the ``rows``; Parquet holds them in the schema's pandas
    attributes; a CSV holds numbers alone, and no text that a spreadsheet would take for a formula
    (:func:`for_spreadsheets`).
    """
    check_table_target(path)

    def csv(target: Path) -> None:
        for_spreadsheets(frame).to_csv(target, index=index, lineterminator="\n")

    def parquet(target: Path) -> None:
        marked = frame.copy()
        marked.attrs = {"units": dict(units)}
        marked.to_parquet(target, index=index)

    def to_json(target: Path) -> None:
        table = frame.reset_index() if index else frame
        text = table.to_json(orient="records", double_precision=15)
        content = {"units": dict(units), "rows": json.loads(text)}
        target.write_text(
            json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8", newline="\n"
        )

    write_file(path, {".csv": csv, ".parquet": parquet, ".json": to_json}[path.suffix])


def write_units_beside(frame: pd.DataFrame, path: Path, units: Mapping[str, str]) -> None:
    """Write what the columns of a CSV file are measured in, as W3C's *CSV on the Web* says it.

    The file is ``<name>.csv-metadata.json``, where readers of that standard look for it. Nothing is
    written for other formats, which hold their units, without units, or beside a pipe or device.

    Parameters
    ----------
    frame, path
        The table and the file that it was written to.
    units
        Units by column, or by the index's name.
    """
    if path.suffix != ".csv" or not units or not path.is_file():
        return
    names = [str(name or "row") for name in (*frame.index.names, *frame.columns)]
    columns = [
        {"titles": name, **({"schema:unitText": units[name]} if units.get(name) else {})}
        for name in names
    ]
    content = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": path.name,
        "tableSchema": {"columns": columns},
    }
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    write_text(path.with_name(f"{path.name}-metadata.json"), text)


def for_spreadsheets(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table in which no text starts as a formula does: ``'=1+1`` instead of ``=1+1``.

    Cells, column names and the index are looked at; numbers stay numbers.
    """
    safe = frame.copy(deep=False)
    for position, kind in enumerate(frame.dtypes):
        if not pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_datetime64_dtype(kind):
            cells = [_inert(cell) for cell in frame.iloc[:, position]]
            safe.isetitem(position, cells)
    safe.columns = _inert_index(frame.columns)
    safe.index = _inert_index(frame.index)
    return safe


def _inert_index(index: pd.Index) -> pd.Index:
    names = [_inert(name) for name in index.names]
    if isinstance(index, pd.MultiIndex):
        return pd.MultiIndex.from_tuples(
            [tuple(_inert(value) for value in row) for row in index], names=names
        )
    if pd.api.types.is_numeric_dtype(index.dtype):
        return index.rename(names[0])
    return pd.Index([_inert(value) for value in index], name=names[0])


def _inert(value: object) -> object:
    if not isinstance(value, str):
        return value
    value = value.replace("\r\n", "\n").replace("\r", "\n")  # unquoted, it would begin a row
    if not value.startswith(FORMULA_STARTS):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value  # a number in words, as -5.2


#: What pandas and Arrow raise at files that are damaged, or whose metadata is not of their columns.
_UNREADABLE = (ValueError, OSError, pd.errors.ParserWarning, pa.ArrowException, KeyError,
               TypeError, AttributeError)  # fmt: skip


def read_table(path: Path) -> pd.DataFrame:
    """Read a design from CSV or Parquet.

    Raises
    ------
    InputError
        The file is missing, empty, or not a table.
    """
    if not path.is_file():
        raise InputError(f"no such file: {path}")
    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        if path.suffix == ".csv":
            with warnings.catch_warnings():
                # A row longer than the header would lose a value, or shift them all
                warnings.simplefilter("error", pd.errors.ParserWarning)
                return pd.read_csv(path, index_col=False)
    except _UNREADABLE as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path} is not a table that can be read: {reason}") from None
    raise InputError(f"cannot tell the format of '{path}'; a design ends in .csv or .parquet")
