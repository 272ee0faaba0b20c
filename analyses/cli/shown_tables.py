"""Tables in a terminal: what was asked for first, and nothing cut that tells something.

A column is a number, and then never shortened, or text, which is wrapped at words, and shortened in
its middle where a single word is too long. Columns stand in the order of their importance; those
for which there is no room are named below the table. A few rows of many columns are turned round.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

#: Blanks between columns.
GAP = 2
#: Width below which text is not squeezed, and longest word that is left whole; of the first column,
#: which says what a row is about.
NARROW, NAME = 12, 20
#: Rows up to which a table that is too wide is turned round.
FEW = 3
#: Columns or rows that a remark names.
NAMED = 8


@dataclass(frozen=True)
class View:
    """How a table is shown, where it is not whole.

    Attributes
    ----------
    first
        Columns that come first, whatever else there is.
    hidden
        Columns that are left to the file.
    most
        Rows shown, evenly spread, of a table that is a series; None shows all.
    groups
        Heading of each row, where a table of rows has parts.
    numbers
        Format of numbers.
    """

    first: Sequence[str] = ()
    hidden: Iterable[str] = ()
    most: int | None = None
    groups: Mapping[str, str] = field(default_factory=dict)
    numbers: str = ".5g"


@dataclass(frozen=True)
class Column:
    """A column with its cells as text, and the widths that it can take."""

    name: str
    unit: str
    cells: tuple[str, ...]
    is_text: bool
    is_label: bool = False

    @property
    def widest(self) -> int:
        """Width at which nothing of it is wrapped."""
        return max(map(len, (self.name, self.unit, *self.cells)))

    @property
    def narrowest(self) -> int:
        """Width at which it can still be read."""
        head = max(map(len, (*_pieces(self.name), self.unit)))
        if not self.is_text:
            return max(head, max(map(len, self.cells), default=0))
        words = max((len(word) for cell in self.cells for word in cell.split()), default=0)
        return max(min(head, NARROW), min(words, self.widest, NAME if self.is_label else NARROW))


def columns_of(table: pd.DataFrame, units: Mapping[str, str], numbers: str) -> list[Column]:
    """Return the index and the columns of a table."""
    import pandas as pd

    def column(name: str, values: Iterable[object], is_number: bool) -> Column:
        cells = tuple(cell_text(value, numbers) for value in values)
        return Column(name, units.get(name, ""), cells, not is_number)

    index = table.index
    is_number = pd.api.types.is_numeric_dtype(index.dtype)
    told = [replace(column(str(index.name or ""), index, is_number), is_label=True)]
    for position, name in enumerate(table.columns):
        values = table.iloc[:, position]
        is_number = pd.api.types.is_numeric_dtype(values.dtype)
        told.append(column(str(name), values, is_number))
    return told


def cell_text(value: object, numbers: str = ".5g") -> str:
    """Return a cell as it is shown."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, float):
        return "" if value is None else str(value)
    if math.isnan(value):
        return "–"
    text = f"{value:{numbers}}"
    return text.removeprefix("-") if float(text) == 0 else text


def fitting(columns: Sequence[Column], width: int) -> list[tuple[Column, int]]:
    """Return the columns for which a line has room, in their order, each with its width.

    The first column always stays; another for which there is no room is passed over, so that a
    narrower one behind it may still come.
    """
    chosen: list[Column] = []
    room = width
    for column in columns:
        needed = column.narrowest + (GAP if chosen else 0)
        if needed <= room or not chosen:
            chosen.append(column)
            room -= needed
    widths = [column.narrowest for column in chosen]
    # What is left goes to the names above numbers, then to the text that needs the most lines
    for place, column in enumerate(chosen):
        if not column.is_text:
            more = min(max(room, 0), column.widest - widths[place])
            widths[place] += more
            room -= more
    texts = [place for place, column in enumerate(chosen) if column.is_text]
    while room > 0 and any(chosen[place].widest > widths[place] for place in texts):
        longest = max(texts, key=lambda place: chosen[place].widest / max(widths[place], 1))
        widths[longest] += 1
        room -= 1
    return list(zip(chosen, widths, strict=True))


def show(table: pd.DataFrame, units: Mapping[str, str], view: View | None = None) -> str:
    """Print a table to standard output as wide as the terminal; return what it leaves out."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    view = view or View()
    step = 1 if view.most is None else max(1, -(-len(table) // view.most))
    rows = table.iloc[::step]
    index, *others = columns_of(rows, units, view.numbers)
    hidden = set(view.hidden)
    asked = [c for name in view.first for c in others if c.name == name]
    rest = [c for c in others if c.name not in view.first and c.name not in hidden]
    fitted = fitting([index, *asked, *rest], console.width)
    if len(fitted) <= len(asked) + len(rest) and len(rows) <= FEW:
        turned = [*asked, *rest]
        names = tuple(c.name for c in turned)
        told = [Column("", "", names, is_text=True, is_label=True)]
        for row, label in enumerate(index.cells):
            told.append(Column(label if len(rows) > 1 else "", "",
                               tuple(c.cells[row] for c in turned), is_text=False))  # fmt: skip
        told.append(Column("", "", tuple(c.unit for c in turned), is_text=True))
        fitted = fitting(told, console.width)
    lines = list(zip(*(
        [shortened(cell, width) if column.is_text else cell for cell in column.cells]
        for column, width in fitted), strict=True))  # fmt: skip
    labels = fitted[0][0].cells
    for number, (group, places) in enumerate(
        itertools.groupby(range(len(lines)), lambda place: view.groups.get(labels[place], ""))
    ):
        part = Table(box=None, header_style="bold", pad_edge=False, padding=(0, GAP, 0, 0),
                     show_header=number == 0)  # fmt: skip
        for column, width in fitted:
            head = "\n".join([*wrapped_name(column.name, width), *filter(None, [column.unit])])
            justify = "left" if column.is_text else "right"
            part.add_column(Text(head), justify=justify, width=width, overflow="fold")
        for place in places:
            part.add_row(*map(Text, lines[place]))
        if group:
            console.print(Text(group, style="italic"))
        console.print(part)
    return _left_out(len(table), len(rows), [c.name for c in (*asked, *rest)], fitted)


def _left_out(
    rows: int, shown: int, names: Sequence[str], fitted: Sequence[tuple[Column, int]]
) -> str:
    present = {column.name for column, _ in fitted} | {
        cell for column, _ in fitted[:1] for cell in column.cells
    }
    missing = [name for name in names if name not in present]
    said = []
    if shown < rows:
        said.append(f"{shown} of {rows} rows")
    if missing:
        said.append(f"without {listed(missing)}")
    return ", ".join(said)


def listed(names: Sequence[str], most: int = NAMED) -> str:
    """Return names in a row, the first of many with a count of the others."""
    if len(names) <= most + 1:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def shortened(text: str, width: int) -> str:
    """Return text whose every word fits a width: longer ones lose their middle."""
    return " ".join(middle_out(word, width) for word in text.split(" "))


def middle_out(word: str, width: int) -> str:
    """Return text no longer than a width, an ellipsis in place of its middle."""
    if len(word) <= width:
        return word
    kept = max(width - 1, 1)
    head = (kept + 1) // 2
    return f"{word[:head]}…{word[len(word) - (kept - head) :]}"


def wrapped_name(name: str, width: int) -> list[str]:
    """Return a column's name in lines of a width, broken at underscores, blanks and capitals."""
    lines = [""]
    for piece in _pieces(name):
        short = middle_out(piece, width)
        if len(lines[-1]) + len(short.rstrip()) > width and lines[-1]:
            lines.append("")
        lines[-1] += short
    return [line.rstrip() for line in lines]


def _pieces(name: str) -> list[str]:
    return re.findall(r"[^_ ]+[_ ]?|[_ ]", name) or [""]
