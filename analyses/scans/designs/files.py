"""Tables and files as designs."""

from __future__ import annotations

import hashlib
import math
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from transport_model.errors import InputError

from .base import Columns, Design, check_design, extremes, joined, parts

#: Rows of which a checksum is taken at a time.
CHUNK = 65_536


class TableDesign(Design):
    """A table as a design; its index is left out.

    Raises
    ------
    InputError
        The table is empty, or holds a column twice or something else than finite numbers.
    """

    def __init__(self, table: pd.DataFrame, what: str = "the design") -> None:
        self._table = check_design(table, what).reset_index(drop=True)
        super().__init__(self._table.columns, len(self._table))

    def _made(self, start: int, stop: int) -> Columns:
        return {name: self._table[name].to_numpy()[start:stop] for name in self.columns}

    def bounds(self) -> dict[str, tuple[float, float]]:
        """Return the lowest and highest value of each column."""
        return extremes({name: self._table[name].to_numpy() for name in self.columns})

    @cached_property
    def _sha256(self) -> str:
        digest = hashlib.sha256()
        for start, stop in parts(self, CHUNK):
            digest.update(_bytes(self.rows(start, stop)))
        return digest.hexdigest()

    def description(self) -> dict[str, Any]:
        """Return the columns and a checksum of the values."""
        return _table_description(self, self._sha256)


class ParquetDesign(Design):
    """A Parquet file as a design, read by row groups; an index it holds is left out.

    The file is read once when the design is made, to check it and to take its checksum.

    Raises
    ------
    InputError
        The file is missing, is no Parquet file, is empty, or holds a column twice or something
        else than finite numbers; later on, when the file has changed.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path).resolve()
        self._what = f"'{path}'"
        if not self._path.is_file():
            raise InputError(f"no such file: {path}")
        try:
            self._stamp = self._state()
            with pq.ParquetFile(self._path) as file:
                schema = file.schema_arrow
                sizes = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
            pandas = schema.pandas_metadata or {}
            index = [name for name in pandas.get("index_columns", []) if isinstance(name, str)]
        except (pa.ArrowException, OSError, ValueError, TypeError, AttributeError) as error:
            raise self._unreadable(error) from None
        columns = [name for name in schema.names if name not in index]
        repeated = [name for name in columns if columns.count(name) > 1]
        if repeated:
            raise InputError(f"column '{repeated[0]}' occurs more than once in {self._what}")
        if not columns or not sum(sizes):
            raise InputError(f"{self._what} has no points")
        super().__init__(columns, sum(sizes))
        self._starts = [0, *np.cumsum(sizes).tolist()]
        self._check()

    def _check(self) -> None:
        digest = hashlib.sha256()
        bounds = dict.fromkeys(self.columns, (math.inf, -math.inf))
        for start, stop in parts(self, CHUNK):
            table = self.rows(start, stop)
            digest.update(_bytes(table))
            for name, (low, high) in bounds.items():
                column = table[name].to_numpy()
                bounds[name] = (min(low, float(column.min())), max(high, float(column.max())))
        self._bounds, self._sha256 = bounds, digest.hexdigest()

    def _state(self) -> tuple[int, int]:
        status = self._path.stat()
        return status.st_size, status.st_mtime_ns

    def _unreadable(self, error: Exception) -> InputError:
        reason = " ".join(str(error).split())[:200]
        return InputError(f"{self._what} is not a table that can be read: {reason}")

    def _group(self, group: int) -> pd.DataFrame:
        if self._kept is not None and self._kept[0] == group:
            return self._kept[1]
        try:
            if self._state() != self._stamp:
                raise InputError(f"{self._what} has changed since the design was made of it")
            with pq.ParquetFile(self._path) as file:
                read = file.read_row_group(group, columns=list(self.columns))
            table = read.to_pandas(ignore_metadata=True)
        except (pa.ArrowException, OSError, ValueError, TypeError) as error:
            raise self._unreadable(error) from None
        made = check_design(table, self._what, first=self._starts[group])
        self._kept = (group, made)
        return made

    def _made(self, start: int, stop: int) -> Columns:
        pieces = []
        for group, first in enumerate(self._starts[:-1]):
            low, high = max(start, first), min(stop, self._starts[group + 1])
            if low < high:
                pieces.append(self._group(group).iloc[low - first : high - first])
        return joined(pieces, self.columns)

    def bounds(self) -> dict[str, tuple[float, float]]:
        """Return the lowest and highest value of each column."""
        return dict(self._bounds)

    def description(self) -> dict[str, Any]:
        """Return the columns and a checksum of the values: that of an equal table."""
        return _table_description(self, self._sha256)


def as_design(design: pd.DataFrame | Design) -> Design:
    """Return a table as a design, and a design as it is; InputError as :class:`TableDesign`."""
    return design if isinstance(design, Design) else TableDesign(design)


def _bytes(rows: pd.DataFrame) -> bytes:
    return rows.to_numpy(dtype="<f8").tobytes(order="C")


def _table_description(design: Design, sha256: str) -> dict[str, Any]:
    columns = list(design.columns)
    return {"design": "table", "points": len(design), "columns": columns, "sha256": sha256}
