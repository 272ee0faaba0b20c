"""The style of every figure, and the one place that turns a figure into SVG."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType

P = ParamSpec("P")

#: Okabe & Ito's palette, told apart by every kind of colour vision.
BLUE, ORANGE, GREEN, RED, PURPLE, SKY, YELLOW, GREY = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#6B6B6B",
)  # fmt: skip
ION = {"Na": BLUE, "K": ORANGE, "Cl": GREEN, "Glc": RED}
LABEL = {"Na": "Na⁺", "K": "K⁺", "Cl": "Cl⁻", "Glc": "glucose"}

_STYLE: dict[RcKeyType, Any] = {
    "font.size": 9,
    "axes.labelsize": 9,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "lines.linewidth": 1.6,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "svg.hashsalt": "transport-model",
}


def new_figure(
    width: float, height: float, columns: int = 1, rows: int = 1
) -> tuple[Figure, Sequence[Axes]]:
    """Return an empty figure of the given size [inch] and its axes, row by row."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasSVG(figure)
    axes = figure.subplots(rows, columns, squeeze=False)
    return figure, list(axes.flat)


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Draw under this project's style without touching the user's."""

    @functools.wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with mpl.rc_context(_STYLE):
            return draw(*args, **kwargs)

    return drawn


def to_svg(figure: Figure) -> str:
    """Return a figure as an SVG element to stand in a page; the same figure gives the same text."""
    buffer = io.StringIO()
    with mpl.rc_context(_STYLE):  # ticks are made, and ids hashed, when a figure is drawn
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def save_figure(figure: Figure, path: Path, form: str) -> None:
    """Write a figure to a file: ``svg``, ``png`` or ``pdf``; the same figure gives the same bytes.

    Parameters
    ----------
    figure
        What is drawn.
    path
        Where; its suffix is of no matter.
    form
        ``svg``, ``png`` or ``pdf``.
    """
    dated = {"svg": {"Date": None, "Creator": None}, "pdf": {"CreationDate": None}}
    with mpl.rc_context(_STYLE):
        figure.savefig(path, format=form, dpi=300, metadata=dated.get(form))


def plain(text: str) -> str:
    """Return a text that Matplotlib writes as it stands: its dollars begin no mathematics."""
    return text.replace("$", r"\$")
