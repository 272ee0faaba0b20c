"""Figures that commands draw beside their tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import bad_input
from .progress import busy
from .shown_tables import listed
from .talk import note

if TYPE_CHECKING:
    import pandas as pd

    from transport_model import Model

    from ..figures.panels import Panels

PlotOption = Annotated[
    Path | None,
    typer.Option("--plot", metavar="FILE", help="Draw the result as well: .svg, .pdf or .png."),
]


def check_plot(path: Path | None) -> None:
    """Raise InputError unless a figure can be written to a path, before the work is done."""
    if path is not None:
        from ..figures.panels import check_figure_target

        check_figure_target(path)


def draw(path: Path | None, drawing: Callable[[], Panels]) -> None:
    """Draw a figure into its file, if one is wanted."""
    if path is None:
        return
    with busy("drawing"):
        drawing().save(path)
    note(f"drew {path}")


def plot_of_scan(
    design: pd.DataFrame, model: Model
) -> Callable[[pd.DataFrame, Sequence[str]], Panels]:
    """Return how a scan is drawn: as curves, or as maps over a grid of two quantities.

    Parameters
    ----------
    design
        The points to come: what a figure cannot show is refused before they are solved.
    model
        Whose points they are.

    Raises
    ------
    InputError
        Nothing is varied, or more than a figure shows.
    """
    from ..figures.curves import MOST_VALUES, plot_curves
    from ..figures.maps import plot_map
    from ..figures.panels import column_labels

    counts = {str(name): design[name].nunique() for name in design}
    varied = sorted((name for name in counts if counts[name] > 1), key=lambda n: -counts[n])
    if not varied:
        raise bad_input("--plot needs two points or more; vary a quantity, such as"
                        " --vary Glc_o=0.1:30:50:log")  # fmt: skip
    if len(varied) > 2:
        raise bad_input(f"--plot shows one or two varied quantities, not {len(varied)}"
                        f" ({listed(varied, 3)}); hold some with --set, or scan into a folder and"
                        " use scan-figure")  # fmt: skip
    x, *others = (model.start_columns.get(name, name) for name in varied)
    if not others:
        return lambda table, names: plot_curves(
            table, names, x=x, labels=column_labels(model, table)
        )
    if len(design) != counts[varied[0]] * counts[varied[1]] or design[varied].duplicated().any():
        raise bad_input(f"--plot shows two quantities on a grid; these points of {varied[0]} and"
                        f" {varied[1]} are none (give each with --vary)")  # fmt: skip
    (other,) = others
    if counts[varied[1]] <= MOST_VALUES:
        return lambda table, names: plot_curves(
            table, names, x=x, by=other, labels=column_labels(model, table)
        )
    return lambda table, names: plot_map(table, x, other, names, labels=column_labels(model, table))


def strongest(table: pd.DataFrame, most: int) -> list[str]:
    """Return the columns with the largest entries, the strongest first; none that is all zero."""
    size = table.abs().max()
    size = size[size > 0].sort_values(ascending=False, kind="stable")
    return [str(name) for name in size.index[:most]]
