"""Reports as files: HDF5 as BioSimulators lay it out, and tables."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from transport_model.errors import InputError

from ...tables import for_spreadsheets
from .data import padded, report_table
from .document import DataSet, Report


@dataclass(frozen=True, eq=False)
class FilledReport:
    """A report and the values of its data sets.

    Attributes
    ----------
    location
        The path of its SED-ML in the archive.
    kind
        ``Report``, or ``Plot2D`` for the data of a plot.
    """

    location: str
    report: Report
    arrays: Mapping[str, np.ndarray]
    kind: str = "Report"

    @property
    def uri(self) -> str:
        """Where it stands: the path of the SED-ML, then its id."""
        return f"{self.location}/{self.report.id}"


def hdf5_library() -> ModuleType:
    """Return h5py; InputError if it is not installed."""
    try:
        return importlib.import_module("h5py")
    except ImportError:
        raise InputError(
            "reports in HDF5 need h5py; install it with: pip install 'transport-model[archives]'"
        ) from None


def write_hdf5(reports: Iterable[FilledReport], path: Path) -> None:
    """Write reports into one file: a group per folder and SED-ML, a data set per report.

    The first axis of a data set runs over the columns; shorter columns are filled with NaN, and
    attributes say how long each was.
    """
    h5py: Any = hdf5_library()
    with h5py.File(path, "w", track_order=True) as file:
        for filled in reports:
            arrays = [np.atleast_1d(a) for a in filled.arrays.values()]
            depth = max(array.ndim for array in arrays)
            shape = tuple(
                max(a.shape[axis] if axis < a.ndim else 1 for a in arrays) for axis in range(depth)
            )
            stacked = np.array([padded(array, shape) for array in arrays])
            written = file.create_dataset(filled.uri, data=stacked, compression="gzip")
            sets: Sequence[DataSet] = filled.report.data_sets
            written.attrs["_type"] = f"Sed{filled.kind}"
            written.attrs["uri"] = filled.uri
            written.attrs["sedmlId"] = filled.report.id
            if filled.report.name:
                written.attrs["sedmlName"] = filled.report.name
            written.attrs["sedmlDataSetIds"] = [part.id for part in sets]
            written.attrs["sedmlDataSetNames"] = [part.name for part in sets]
            written.attrs["sedmlDataSetLabels"] = [part.label for part in sets]
            written.attrs["sedmlDataSetDataTypes"] = ["float64" for _ in sets]
            written.attrs["sedmlDataSetShapes"] = [
                ",".join(map(str, array.shape)) for array in arrays
            ]
            parts = filled.location.split("/")
            for end in range(1, len(parts) + 1):
                group = file["/".join(parts[:end])]
                group.attrs["uri"] = group.attrs["combineArchiveLocation"] = "/".join(parts[:end])


def write_rows(filled: FilledReport, path: Path, separator: str) -> None:
    """Write a report as text: a row per data set, its label first, without a header.

    Where :func:`report_table` counts iterations, subtasks and points, rows of these come first.
    """
    table = report_table(filled.report, list(filled.arrays.values()))
    table.columns = pd.Index([part.label for part in filled.report.data_sets])
    if table.index.nlevels > 1:
        table = pd.concat([table.index.to_frame(index=False), table.reset_index(drop=True)], axis=1)
    for_spreadsheets(table).T.to_csv(path, sep=separator, header=False, lineterminator="\n")
