"""Figures of a report as files."""

from __future__ import annotations

import io

from matplotlib.figure import Figure

from ..figures.describe import describe
from ..figures.style import save_figure, settle, to_svg
from .chapter import Drawn


def draw(figure: Figure, name: str) -> Drawn:
    """Return a figure as SVG with text that can be searched, as PDF and as PNG."""
    settle(figure)
    return Drawn(to_svg(figure, name, describe(figure)), _file(figure, "pdf"), _file(figure, "png"))


def _file(figure: Figure, form: str) -> bytes:
    buffer = io.BytesIO()
    save_figure(figure, buffer, form)
    return buffer.getvalue()
