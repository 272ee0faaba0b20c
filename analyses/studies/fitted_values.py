"""Fitted constants written into the sources of the models, with what is known of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from transport_model.errors import InputError
from transport_model.files import write_text

from .fits import REACH, Calibration

#: Files that hold fitted values, and what the ids in them lack of their full names.
_SOURCES = {"pumps/calibrated.ant": "pump_", "pump_assay.ant": "",
            "symporters/sglt1.ant": "sglt_", "oocyte.ant": "sglt_"}  # fmt: skip
#: The six-state assay has the carrier's constants once more, under their bare names.
_TWICE = "sglt_"
_TABLE = "parameters.csv"


def check_models(folder: Path) -> None:
    """Make sure, before the work is done, that a folder holds what :func:`write_values` changes.

    Raises
    ------
    InputError
        A file is missing.
    """
    for name in (*_SOURCES, _TABLE):
        if not (folder / name).is_file():
            raise InputError(f"no such file: {folder / name}; name the project's folder of models")


def write_values(calibration: Calibration, folder: Path) -> list[Path]:
    """Write fitted values into a folder of models: the sources' numbers and their provenance.

    ``parameters.csv`` gets value, range and a sentence on the uncertainty, the Antimony sources
    the value. ``generate.py`` then makes the SBML.

    Parameters
    ----------
    calibration
        What :func:`calibrate` found.
    folder
        The project's ``models``.

    Returns
    -------
    list of pathlib.Path
        The files that were written, each in one step.

    Raises
    ------
    InputError
        A file is missing, cannot be written, or lacks a constant.
    """
    check_models(folder)
    sources = {folder / name: prefix for name, prefix in _SOURCES.items()}
    texts: dict[Path, str] = {}
    fitted = calibration.values[calibration.values["fitted"]]
    table_path = folder / _TABLE
    table = pd.read_csv(table_path, dtype=str, keep_default_na=False).set_index("id")
    for name, row in fitted.iterrows():
        _update_source(str(name), row["value"], sources, texts)
        if name not in table.index:
            raise InputError(f"{table_path} has no row '{name}'")
    for name, row in calibration.values.iterrows():
        bare = str(name).removeprefix(_TWICE)
        for place in dict.fromkeys([str(name), bare]):
            if row["fitted"]:
                table.loc[place, "value"] = repr(float(row["value"]))
            if name == "turnover_max":  # follows from the others, and has no profile
                continue
            table.at[place, "note"] = _with_uncertainty(str(table["note"][place]), row)
            if row["fitted"] and row["determined"]:
                ends = [_three_digits(row["low"]), _three_digits(row["high"])]
                table.loc[place, ["low", "high"]] = ends
    texts[table_path] = table.reset_index().to_csv(index=False, lineterminator="\n")
    for path, text in texts.items():
        write_text(path, text)
    return list(texts)


def _update_source(
    name: str, value: float, sources: Mapping[Path, str], texts: dict[Path, str]
) -> None:
    found = False
    for path, prefix in sources.items():
        if not name.startswith(prefix):
            continue
        text = texts.get(path, path.read_text(encoding="utf-8"))
        pattern = re.compile(rf"(\b{re.escape(name.removeprefix(prefix))} = )[^;\n]+")
        changed, count = pattern.subn(rf"\g<1>{value!r}", text)
        if count:
            texts[path] = changed
            found = True
    if not found:
        raise InputError(f"no Antimony source gives '{name}' a value")


_FIT_NOTE = re.compile(r"(?:; )?profile: [^;]*$")


def _three_digits(value: float) -> str:
    return f"{float(f'{value:.3g}'):g}"


def _with_uncertainty(note: str, row: pd.Series) -> str:
    if row["determined"]:
        words = f"profile: {_three_digits(row['low'])} to {_three_digits(row['high'])}"
    else:
        open_end = f"open within a factor of {REACH:g}"
        ends = [_three_digits(row[e]) if np.isfinite(row[e]) else open_end for e in ("low", "high")]
        words = f"profile: {' to '.join(dict.fromkeys(ends))}, not determined by the measurements"
    kept = _FIT_NOTE.sub("", note)
    return f"{kept}; {words}" if kept else words
