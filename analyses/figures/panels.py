"""Panels: the axes that figures draw into, what stands beside them, and how they are kept."""

from __future__ import annotations

import io
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from transport_model import Model
from transport_model.columns import column_name, units_of
from transport_model.errors import InputError, UnknownIdError
from transport_model.files import check_target, write_file

from .fonts import can_be_set
from .style import COLUMN, PAGE, new_figure, plain, save_figure

#: Formats of figures in files, by suffix.
FORMATS = (".svg", ".pdf", ".png")
#: Dots per inch in a notebook; a picture has twice as many as its size on the page.
SCREEN = 96
#: Letters of a legend that an inch holds, what a swatch takes of them, and height of a row [inch].
_LETTERS, _SWATCH, _ROW = 16, 6, 0.16
#: Longest id that a label shows in full, and longest name in words.
_LONGEST, _WORDS = 28, 70
#: Letters of a line of a name that stands at a tick.
_LINE = 28


class Panels(tuple[Axes, ...]):
    """The axes of a figure, panel by panel. A notebook shows them as a picture."""

    __slots__ = ()

    @property
    def figure(self) -> Figure:
        """The figure that they are part of."""
        figure = self[0].get_figure(root=True)
        assert figure is not None
        return figure

    def save(self, path: str | Path) -> None:
        """Write the figure to a file; the same figure gives the same bytes.

        Parameters
        ----------
        path
            Ends in one of :data:`FORMATS`.

        Raises
        ------
        InputError
            Its suffix is another, or no file can be written there.
        """
        write_figure(self.figure, Path(path))

    def _repr_png_(self) -> tuple[bytes, dict[str, int]] | None:
        figure = self.figure
        if figure.canvas.manager is not None:  # pyplot shows what it made
            return None
        picture = io.BytesIO()
        save_figure(figure, picture, "png", dpi=2 * SCREEN)
        width, height = (round(inches * SCREEN) for inches in figure.get_size_inches())
        return picture.getvalue(), {"width": width, "height": height}


def check_figure_target(path: Path) -> None:
    """Make sure, before the work is done, that a figure can be written to `path`.

    Raises
    ------
    InputError
        Its suffix is none of :data:`FORMATS`, or no file can be written there.
    """
    if path.suffix.lower() not in FORMATS:
        raise InputError(f"a figure is SVG, PDF or PNG; end '{path}' in .svg, .pdf or .png")
    check_target(path)


def write_figure(figure: Figure, path: Path) -> None:
    """Write a figure to a file in one step; see :meth:`Panels.save`."""
    check_figure_target(path)
    write_file(path, lambda part: save_figure(figure, part, path.suffix.lower()[1:]))


def panels(ax: Axes | None, count: int, height: float, *, width: float | None = None) -> Panels:
    """Return axes to draw into: those that were handed in, or those of a new figure.

    Parameters
    ----------
    ax
        Axes of the caller's, for one panel; None for a new figure.
    count
        How many panels there are to be, at most three side by side.
    height, width
        Height of a row of panels and width of all [inch].

    Raises
    ------
    InputError
        Several panels are to go into one axes.
    """
    if ax is not None:
        if count > 1:
            raise InputError(f"one axes holds one panel, and this takes {count}: name quantities of"
                             " one unit, or leave out ax")  # fmt: skip
        return Panels([ax])
    columns = {1: 1, 2: 2, 4: 2}.get(count, 3)
    rows = -(-count // columns)
    _, axes = new_figure(width or (COLUMN if count == 1 else PAGE), height * rows, columns, rows)
    for axis in axes[count:]:
        axis.set_visible(False)
    if count > 1:
        for number, axis in enumerate(axes[:count]):
            axis.set_title(letter(number))
    return Panels(axes[:count])


def letter(number: int) -> str:
    """Return what a panel is called: a, b, …, z, aa and on."""
    first, last = divmod(number, 26)
    return (letter(first - 1) if first else "") + chr(ord("a") + last)


def title_text(number: int, text: str) -> str:
    """Return the title of a panel: its letter and what it shows, with a capital if it is a word."""
    first = text.split(" ", 1)[0]
    is_word = len(first) > 1 and first.isalpha() and first.islower()
    return f"{letter(number)}  {text[0].upper() + text[1:] if is_word else text}"


def id_text(name: object, longest: int = _LONGEST) -> str:
    """Return an id as a label shows it: as it stands, a long one shortened."""
    text = str(name)
    short = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return f" {plain(short)}" if short.startswith("_") else plain(short)  # _ hides from legends


def with_unit(label: str, unit: str) -> str:
    """Return a label with its unit behind it, where there is one."""
    return f"{label} [{plain(unit)}]" if unit not in {"", "1"} else label


def label_of(name: object, table: pd.DataFrame, labels: Mapping[str, str] | None = None) -> str:
    """Return what stands beside the axis of a column: its label, or its id and unit."""
    if labels and str(name) in labels:
        return labels[str(name)]
    return with_unit(id_text(name), units_of(table).get(str(name), ""))


def legend_below(axes: Panels) -> None:
    """Put a legend of all panels below them, in as many columns as there is room for."""
    figure = axes.figure
    handles, words = axes[0].get_legend_handles_labels()
    letters = figure.get_figwidth() * _LETTERS
    columns = max(1, min(len(words), int(letters // (max(map(len, words)) + _SWATCH))))
    figure.legend(handles, words, loc="outside lower center", ncols=columns)
    figure.set_figheight(figure.get_figheight() + _ROW * -(-len(words) // columns))


def words_text(name: object, words: Mapping[str, str] | None) -> str:
    """Return a column's name in words in two lines at most, or its id where it has none."""
    said = (words or {}).get(str(name))
    if not said:
        return id_text(name)
    return plain("\n".join(textwrap.wrap(said, _LINE, max_lines=2, placeholder="…")))


def row_height(names: Iterable[object], words: Mapping[str, str] | None, one: float) -> float:
    """Return the height of a row [inch] whose names may be of two lines, if it is `one` for one."""
    return max(one, 2 * _ROW if any("\n" in words_text(name, words) for name in names) else 0)


def column_words(model: Model, columns: Iterable[object]) -> dict[str, str]:
    """Return what columns are called in words.

    Those are left out that the model has no name for, or one that figures have no letters for or
    that two of the columns share.
    """
    words = {str(column): column_name(model, str(column)) for column in columns}
    shared = Counter(words.values())
    return {name: said for name, said in words.items()
            if said and shared[said] == 1 and can_be_set(said)}  # fmt: skip


def column_labels(model: Model, columns: Iterable[object]) -> dict[str, str]:
    """Return what stands beside the axes of columns: their names in words, with units."""
    return {name: with_unit(id_text(said, _WORDS), model.unit(name))
            for name, said in column_words(model, columns).items()}  # fmt: skip


def checked_columns(table: pd.DataFrame, names: Sequence[str], others: Sequence[str] = ()) -> None:
    """Raise an error unless a table has rows and columns, these of numbers and others of anything.

    Raises
    ------
    UnknownIdError, InputError
        Which column is missing or holds no numbers, or that there is nothing.
    """
    if not isinstance(table, pd.DataFrame):
        raise InputError(f"a figure is drawn from a table, not {type(table).__name__}")
    if table.empty:
        raise InputError("there is nothing to draw: the table has no rows or no columns")
    kinds = {str(name): kind for name, kind in table.dtypes.items()}
    for name in (*names, *others):
        if name not in kinds:
            raise UnknownIdError.of(name, kinds, "the table")
        kind = kinds[name]
        numbers = pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)
        if name in names and not numbers:
            raise InputError(f"the column '{name}' holds no numbers; a figure needs some")
