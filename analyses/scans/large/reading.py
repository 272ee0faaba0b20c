"""A large scan read back: what it is, how far, and any of its columns and rows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from transport_model import Model, load_model
from transport_model.errors import InputError, UnknownIdError

from .conditions import read_condition
from .parts import METADATA, ROW
from .shards import missing_in_words
from .store import MANIFEST, MODEL, plan_identity, read_manifest, read_part_failures


@dataclass(frozen=True)
class ScanData:
    """A scan in a folder; nothing is loaded before it is asked for.

    Attributes
    ----------
    folder
        Where it lies. Its ``part-*.parquet`` are plain Parquet, for DuckDB and Polars too.
    manifest
        What the scan is: model, design, settings, versions.
    """

    folder: Path
    manifest: Mapping[str, Any]

    @cached_property
    def _parts(self) -> dict[Path, dict[str, int]]:
        """Whole parts and their failures."""
        identity, size = plan_identity(self.manifest), int(self.manifest["part_rows"])
        found: dict[Path, dict[str, int]] = {}
        for path in sorted(self.folder.glob("part-*.parquet")):
            digits = path.stem.removeprefix("part-")
            if not digits.isdecimal():
                continue
            number = int(digits)
            rows = min(size, int(self.manifest["rows"]) - number * size)
            failures = read_part_failures(path, identity, rows)
            if failures is not None:
                found[path] = failures
        return found

    @property
    def parts(self) -> int:
        """Number of parts of the whole scan."""
        return -(-self.rows // int(self.manifest["part_rows"]))

    @property
    def missing(self) -> str:
        """Which parts are not there or not whole, in words, by shards; empty where all are."""
        there = {int(path.stem.removeprefix("part-")) for path in self._parts}
        lacking = [part for part in range(self.parts) if part not in there]
        return missing_in_words(lacking, self.parts, [self.folder])

    @property
    def rows(self) -> int:
        """Rows of the whole design."""
        return int(self.manifest["rows"])

    def __len__(self) -> int:
        """Return how many rows are done."""
        return sum(pq.read_metadata(path).num_rows for path in self._parts)

    @property
    def failures(self) -> Counter[str]:
        """Rows without a result, by status."""
        total: Counter[str] = Counter()
        for failures in self._parts.values():
            total.update(failures)
        return total

    @property
    def complete(self) -> bool:
        """Whether every row is done."""
        return len(self) == self.rows

    @cached_property
    def dataset(self) -> ds.Dataset:
        """The whole parts as an Arrow dataset.

        Raises
        ------
        InputError
            No part is done yet.
        """
        if not self._parts:
            raise InputError(f"the scan in '{self.folder}' has no finished part yet")
        return ds.dataset([str(path) for path in self._parts], format="parquet")

    @property
    def columns(self) -> list[str]:
        """Every column: ``row``, the design, the results, the verdict."""
        return list(self.dataset.schema.names)

    @cached_property
    def model(self) -> Model:
        """The model that was scanned."""
        about = self.manifest["model"]
        return load_model(self.folder / MODEL).with_values(**about["changes"])

    def unit(self, column: str) -> str:
        """Return the unit of a column, or an empty string.

        Parameters
        ----------
        column
            One of :attr:`columns`.
        """
        return self._about.get("units", {}).get(column, "")

    @property
    def design_columns(self) -> list[str]:
        """The columns that the design gave."""
        return list(self._about.get("design", []))

    @cached_property
    def _about(self) -> dict[str, Any]:
        """What the first part says of its columns."""
        if not self._parts:
            return {}
        metadata = pq.read_schema(next(iter(self._parts))).metadata or {}
        return json.loads(metadata[METADATA])

    def filter(self, where: str) -> ds.Expression:
        """Return the filter that a condition in words stands for.

        Parameters
        ----------
        where
            Such as ``Na_i > 10 mM and status == 'ok'``; see
            :func:`~transport_model.analyses.scans.large.conditions.read_condition`.

        Raises
        ------
        UnknownIdError
            It names no column.
        InputError
            It cannot be read; or no part is done yet.
        """
        name = f"the scan in '{self.folder}'"
        return read_condition(where, self.dataset.schema, self.unit, name)

    def count(self, where: ds.Expression | str | None = None) -> int:
        """Return how many rows a filter lets through.

        Parameters
        ----------
        where
            As :meth:`to_pandas` takes it; all rows by default.

        Raises
        ------
        InputError
            No part is done yet, a part is damaged, or the condition cannot be read.
        """
        chosen = self.filter(where) if isinstance(where, str) else where
        with _explained(self.folder):
            return self.dataset.count_rows(filter=chosen)

    def to_pandas(
        self, columns: Sequence[str] | None = None, where: ds.Expression | str | None = None
    ) -> pd.DataFrame:
        """Return chosen columns of the rows that a filter lets through.

        Parameters
        ----------
        columns
            Ids; all by default.
        where
            A condition in words (:meth:`filter`), or a PyArrow expression, such as
            ``pyarrow.dataset.field("Glc_o") > 1``. Only the parts and columns that are needed are
            read.

        Returns
        -------
        pandas.DataFrame
            Indexed by ``row``, the number of each row in the design, in order.

        Raises
        ------
        UnknownIdError
            There is no such column.
        InputError
            No part is done yet, a part is damaged, or the condition cannot be read.
        """
        wanted = self.columns if columns is None else [ROW, *columns]
        for name in wanted:
            if name not in self.columns:
                raise UnknownIdError.of(name, self.columns, f"the scan in '{self.folder}'")
        chosen = self.filter(where) if isinstance(where, str) else where
        with _explained(self.folder):
            table = self.dataset.to_table(columns=list(dict.fromkeys(wanted)), filter=chosen)
        return table.to_pandas().set_index(ROW).sort_index()


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Put into words what Arrow says of a filter that does not fit, or of a damaged part."""
    try:
        yield
    except pa.ArrowNotImplementedError as error:
        raise InputError(f"that filter does not fit the scan: {error}") from None
    except (OSError, pa.ArrowInvalid) as error:
        raise InputError(f"a part of the scan in '{folder}' is damaged: {error}") from None


def open_scan(folder: Path | str) -> ScanData:
    """Open a scan that :func:`run_scan` wrote or is writing.

    Parameters
    ----------
    folder
        Where the scan is.

    Returns
    -------
    ScanData
        Its manifest and what has been solved so far.

    Raises
    ------
    InputError
        The folder holds no scan.
    """
    path = Path(folder)
    if not path.is_dir():
        raise InputError(f"no such folder: '{path}'")
    manifest = read_manifest(path)
    if not (path / MODEL).is_file():
        raise InputError(f"the scan in '{path}' has a {MANIFEST} but no {MODEL}")
    return ScanData(path, manifest)
