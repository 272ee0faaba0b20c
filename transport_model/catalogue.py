"""The models that ship with the package, and what is known of their parameters."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

import pandas as pd

from transport_model.errors import ModelFileError

#: Columns of ``parameters.csv``: one row a parameter, values in the unit of the same row.
PROVENANCE_COLUMNS = ["id", "value", "unit", "source", "low", "high", "note"]


def models_folder() -> Path:
    """Return the folder of model sources: in the wheel, or beside the package in a checkout."""
    packaged = resources.files("transport_model") / "models"
    if packaged.is_dir():
        return Path(str(packaged))
    return Path(__file__).resolve().parent.parent / "models"


def shipped_models() -> list[str]:
    """Return the names that :func:`transport_model.load_model` knows."""
    return sorted(path.stem for path in models_folder().glob("*.xml"))


def model_path(name_or_path: str | Path) -> Path:
    """Return the file of a shipped model's name, or the path itself.

    Raises
    ------
    ModelFileError
        Neither a shipped name nor an existing file.
    """
    text = str(name_or_path)
    if not text.strip():
        raise ModelFileError(f"no model is named (there are: {', '.join(shipped_models())})")
    if text in shipped_models():
        return models_folder() / f"{text}.xml"
    path = Path(text)
    if path.exists() or path.suffix:
        return path
    raise ModelFileError(
        f"no shipped model '{text}' (there are: {', '.join(shipped_models())})"
        " and no file of that name"
    )


@cache
def provenance() -> pd.DataFrame:
    """Return the provenance of the shipped models' parameters, indexed by id.

    Columns are :data:`PROVENANCE_COLUMNS`: value, unit, source, the range that scans and the
    property tests draw from (low, high; empty for constants), and a note.
    """
    return pd.read_csv(models_folder() / "parameters.csv").set_index("id")
