"""Where the model sources lie."""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def models_folder() -> Path:
    """Return the folder of model sources: in the wheel, or beside the package in a checkout."""
    packaged = resources.files("transport_model") / "models"
    if packaged.is_dir():
        return Path(str(packaged))
    return Path(__file__).resolve().parent.parent / "models"
