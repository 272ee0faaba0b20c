"""The style of every figure, and the one place that turns a figure into SVG."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, ParamSpec, TypeVar

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType

P = ParamSpec("P")
Drawn = TypeVar("Drawn")

#: Okabe & Ito's palette, told apart by every kind of colour vision.
BLUE, ORANGE, GREEN, RED, PURPLE, SKY, YELLOW, GREY = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#6B6B6B",
)  # fmt: skip
ION = {"Na": BLUE, "K": ORANGE, "Cl": GREEN, "Glc": RED}
LABEL = {"Na": "Na⁺", "K": "K⁺", "Cl": "Cl⁻", "Glc": "glucose"}

#: Curves of a panel, in their order.
COLOURS = (BLUE, RED, GREEN, ORANGE, PURPLE, SKY, "black", GREY)

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

#: What would make two files of one figure differ: dates, and who wrote them.
_NAMELESS: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "png": {"Software": None},
}


def new_figure(
    width: float, height: float, columns: int = 1, rows: int = 1
) -> tuple[Figure, Sequence[Axes]]:
    """Return an empty figure of the given size [inch] and its axes, row by row."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasSVG(figure)
    axes = figure.subplots(rows, columns, squeeze=False)
    return figure, list(axes.flat)


def styled(draw: Callable[P, Drawn]) -> Callable[P, Drawn]:
    """Draw under this project's style without touching the user's."""

    @functools.wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Drawn:
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


def save_figure(figure: Figure, file: Path | BinaryIO, form: str, dpi: int = 300) -> None:
    """Write a figure as ``svg``, ``png`` or ``pdf``; the same figure gives the same bytes.

    Parameters
    ----------
    figure
        What is drawn.
    file
        Where; a path's suffix is of no matter.
    form
        ``svg``, ``png`` or ``pdf``.
    dpi
        Dots per inch of a PNG, and of what is a picture within the others.
    """
    with mpl.rc_context(_STYLE):
        figure.savefig(file, format=form, dpi=dpi, metadata=_NAMELESS[form])


def plain(text: str) -> str:
    """Return a text that Matplotlib writes as it stands: its dollars begin no mathematics."""
    return text.replace("$", r"\$")
