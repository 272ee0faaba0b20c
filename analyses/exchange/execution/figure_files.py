"""Figures of plots as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

#: What would make two files of one figure differ.
_DATES: dict[str, dict[str, Any]] = {
    ".svg": {"Date": None, "Creator": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    ".png": {"Software": None},
}


def write_figure(figure: Figure, path: Path) -> None:
    """Write a figure in the format of the file's suffix."""
    figure.savefig(path, metadata=_DATES[path.suffix], dpi=300)
