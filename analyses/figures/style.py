"""The style of every figure, and the places that turn a figure into SVG and files.

The style itself is ``journal.mplstyle`` beside this module, which others use as
``plt.style.use("transport_model.analyses.figures.journal")``.
"""

from __future__ import annotations

import functools
import io
import re
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Any, BinaryIO, ParamSpec, TypeVar

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .fitting import fit

P = ParamSpec("P")
Drawn = TypeVar("Drawn")

#: Okabe & Ito's palette, told apart by every kind of colour vision.
BLUE, ORANGE, GREEN, RED, PURPLE, SKY, YELLOW, GREY = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#6B6B6B",
)  # fmt: skip
ION = {"Na": BLUE, "K": ORANGE, "Cl": GREEN, "Glc": RED, "HCO3": PURPLE}
LABEL = {"Na": "Na⁺", "K": "K⁺", "Cl": "Cl⁻", "Glc": "glucose", "HCO3": "HCO₃⁻"}

#: Curves of a panel, in their order.
COLOURS = (BLUE, RED, GREEN, ORANGE, PURPLE, SKY, "black", GREY)

#: Widths of a figure [inch]: one column of a journal, and two.
COLUMN, PAGE = 85 / 25.4, 180 / 25.4
#: Sizes of type [point]: that of labels, and that of ticks, legends and numbers within a panel.
TYPE, SMALL = 8, 7

_STYLE = mpl.rc_params_from_file(
    Path(__file__).with_name("journal.mplstyle"), use_default_template=False
)

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
    FigureCanvasAgg(figure)  # its letters are measured at the dots per inch of its axes
    axes = figure.subplots(rows, columns, squeeze=False)
    return figure, list(axes.flat)


def styled(draw: Callable[P, Drawn]) -> Callable[P, Drawn]:
    """Draw under this project's style without touching the user's."""

    @functools.wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Drawn:
        with mpl.rc_context(_STYLE):
            return draw(*args, **kwargs)

    return drawn


def to_svg(figure: Figure, name: str, description: str) -> str:
    """Return a figure as an SVG element to stand in a page with others.

    The same figure gives the same text.

    Parameters
    ----------
    figure
        What is drawn.
    name
        What the ids of its elements begin with, so that a page has none twice; its own is
        ``NAME-drawing``.
    description
        What stands for it where it cannot be seen; see :func:`.describe`.
    """
    buffer = io.BytesIO()
    save_figure(figure, buffer, "svg")
    text = buffer.getvalue().decode("utf-8")
    text = re.sub(r"\s*<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    # Within tags alone: a label may hold anything. Matplotlib's rule for all elements, *{…}, would
    # hold for the whole page
    text = re.sub(r"<[^>]+>", lambda tag: _prefixed(tag[0], name), text)
    text = text.replace(">*{", f">#{name}-drawing *{{", 1)
    label = f'id="{name}-drawing" role="img" aria-label="{escape(description)}"'
    return text.replace("<svg ", f"<svg {label} ", 1)


def _prefixed(tag: str, name: str) -> str:
    return re.sub(r"""(\sid="|href="\#|url\(\#)""", rf"\g<1>{name}-", tag)


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
    with mpl.rc_context(_STYLE):  # ticks are made, and ids hashed, when a figure is drawn
        fit(figure)
        figure.savefig(file, format=form, dpi=dpi, metadata=_NAMELESS[form])


@styled
def settle(figure: Figure) -> None:
    """Give everything in a finished figure its place for good, so that it is worked out once."""
    fit(figure)
    figure.set_layout_engine("none")


def plain(text: str) -> str:
    """Return a text that Matplotlib writes as it stands: its dollars begin no mathematics."""
    return text.replace("$", r"\$")
