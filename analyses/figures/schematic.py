"""A cell drawn: its places, its membranes, and what crosses them at rest. Lengths are in mm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ..studies.anatomy import Anatomy, Membrane, Moved, Place, Transporter
from .style import BLUE, COLUMN, GREY, PAGE, RED, SMALL, new_figure, plain, styled
from .symbols import (
    APART,
    BILAYER,
    CORNER,
    INCH,
    arrow,
    cell_body,
    colour_of,
    junction,
    thread,
    width_of,
    wrapped,
)
from .symbols import transporter as symbol

#: Sizes of letters [pt] beside :data:`.SMALL`, and distance of their lines.
WORDS, HEAD, LINE = 7.5, 8.5, 3.3
#: Most transporters that one side of a cell takes, if it has one membrane.
FEW = 3
#: Half the length of an arrow through a membrane, and the margin of the figure.
_ARROW, _MARGIN = 8.0, 1.5
#: Heights: of a row with one arrow, of what a pump has below, of what the cell has above and
#: below its rows, of a row between the cells.
_ROW, _ATP, _PAD, _SPACE = 9.0, 5.0, 6.5, 5.4
#: Where cells are joined, behind the face towards the lumen.
_JUNCTION = 8.0
_TINT = {"left": "#EEF4FA", "cell": "#FFFBF2", "right": "#FBEFEE"}


@dataclass(frozen=True)
class _Flank:
    """A side of the cell: where its membrane stands, which way is out, and its rows.

    ``room`` is for labels at the ends of arrows, ``words`` for names.
    """

    x: float
    out: int
    rows: tuple[Transporter, ...]
    room: float
    words: float

    def height(self, row: Transporter) -> float:
        """Return the height of a row."""
        lines = len(wrapped(row.name, WORDS, self.words)) + 1
        arrows = _ROW + (len(row.moved) - 1) * APART + (_ATP if row.atp else 0)
        return max(arrows, lines * LINE + 2)


@styled
def schematic(cell: Anatomy, width: float | None = None) -> Figure:
    """Draw a cell and what crosses its membranes at rest.

    Lumen or outside is on the left and blood on the right. Arrows point where substances go; the
    numbers before these are of one turn, and the flux is of turns. Where nothing flows an arrow is
    dashed.

    Parameters
    ----------
    cell
        What is drawn.
    width
        Of the figure [mm]; by default one column of a journal for a few transporters, and two for
        more.
    """
    two = cell.has_two_faces
    if width is None:
        width = INCH * (PAGE if two or len(cell.transporters) > FEW else COLUMN)
    flanks = _flanks(cell, width)
    between = [t for t in cell.transporters if t.membrane is None]
    needed = [sum(f.height(row) for row in f.rows)
              + sum(_patch(place, f) for place in _patches(cell, f)) for f in flanks]  # fmt: skip
    # What is in the cell stands between its sides, or below the only one
    block = LINE * (len(cell.cell.contents) + 1.5)
    body = (max(*needed, block) if len(flanks) > 1 else needed[0] + block) + 2 * _PAD
    head = 6.5 + LINE * max(len(_contents(place, _head(cell, flanks, width))[1:])
                            for place in _headed(cell))  # fmt: skip
    height = head + body + (_SPACE * (len(between) + 1) + 15 if two else 4.0)
    figure, (ax,) = new_figure(width / INCH, height / INCH)
    figure.set_layout_engine("none")
    ax.set_position((0, 0, 1, 1))
    ax.set_axis_off()
    ax.set(xlim=(0, width), ylim=(-height, 0))
    left, right = flanks[0].x, flanks[1].x if len(flanks) > 1 else width - 4.0
    top, bottom = -head, -head - body
    _rectangle(ax, 0, -height, width, height, "left", 0)
    if two:
        middle = (left + right) / 2
        _rectangle(ax, middle, -height, width - middle, height, "right", 0)
        # Beyond the junction the space between the cells is part of the blood's side
        _rectangle(ax, left + _JUNCTION, -height, middle, height + bottom, "right", 0)
        _between(ax, cell, between, (left, right), bottom, -height)
    cell_body(ax, left, bottom, right, top, _TINT["cell"])
    for number, flank in enumerate(flanks):
        potential = cell.membranes[number if two else 0].potential
        room = body if len(flanks) > 1 else body - block
        _rows(ax, cell, flank, top, room, potential, width)
    _inside(ax, cell, flanks, (left + right) / 2, top,
            top - body / 2 if len(flanks) > 1 else bottom + (block + _PAD) / 2)  # fmt: skip
    for number, place in enumerate(_headed(cell)):
        name, *lines = _contents(place, _head(cell, flanks, width))
        x, side = (width - _MARGIN, "right") if number else (_MARGIN, "left")
        ax.text(x, -4.0, name, ha=side, weight="bold", fontsize=HEAD)
        for n, line in enumerate(lines):
            ax.text(x, -4.2 - LINE * (n + 1), line, ha=side, fontsize=SMALL)
    return figure


def _rectangle(
    ax: Axes, x: float, y: float, width: float, height: float, tint: str, zorder: float
) -> None:
    ax.add_patch(Rectangle((x, y), width, height, color=_TINT[tint], lw=0, zorder=zorder))


def _flanks(cell: Anatomy, width: float) -> list[_Flank]:
    """Put transporters on the sides of the cell: its membranes', or both sides of the only one."""
    through = [t for t in cell.transporters if t.membrane is not None]
    widest = max(width_of(_counted(m), WORDS) for t in cell.transporters for m in t.moved)
    room = widest + 3.0
    if cell.has_two_faces:
        sides = [[t for t in through if t.membrane == number] for number in (0, 1)]
    else:
        home = cell.membranes[0].beyond[0]
        through.sort(key=lambda t: home not in _ends(t))  # those of other places come last
        sides = [through, []]
        if width > COLUMN * INCH:
            sizes = [_ROW + APART * (len(t.moved) - 1) for t in through]
            cut = next(n for n in range(1, len(sizes) + 1) if 2 * sum(sizes[:n]) >= sum(sizes))
            sides = [through[:cut], through[cut:]]
    sides = [side for side in sides if side]
    share = 0.19 if len(sides) > 1 else 0.33
    words = share * width
    out = _MARGIN + words + room + _ARROW
    places = [(out, -1), (width - out, 1)]
    return [_Flank(x, way, tuple(rows), room, words)
            for (x, way), rows in zip(places, sides, strict=False)]  # fmt: skip


def _ends(row: Transporter) -> set[str]:
    return {end for m in row.moved for end in (m.source, m.target)}


def _patches(cell: Anatomy, flank: _Flank) -> list[Place]:
    """Return the places other than the first beyond the only membrane that a flank's rows reach."""
    if cell.has_two_faces:
        return []
    others = cell.membranes[0].beyond[1:]
    reached = {end for row in flank.rows for end in _ends(row)}
    return [place for place in cell.places if place.id in others and place.id in reached]


def _patch(place: Place, flank: _Flank) -> float:
    """Return the height of the words about a place beside the membrane."""
    return 2.0 + LINE * len(_contents(place, flank.words))


def _headed(cell: Anatomy) -> list[Place]:
    """Return the places that are named at the top."""
    firsts = [membrane.beyond[0] for membrane in cell.membranes]
    return [next(p for p in cell.places if p.id == name) for name in firsts]


def _head(cell: Anatomy, flanks: Sequence[_Flank], width: float) -> float:
    """Return the room for the words about a place at the top."""
    return width - 2 * _MARGIN if not cell.has_two_faces else flanks[0].x + 8.0


def _contents(place: Place, widest: float) -> list[str]:
    """Return the name of a place, and lines that say what is in it."""
    known = [c for c in place.contents if c.value is not None]
    parts = [f"{c.substance}\u00a0{number(c.value)}" for c in known if c.value is not None]
    units = {c.unit for c in known}
    if len(units) == 1:
        text = ", ".join(parts) + f"\u00a0{known[0].unit}"
    else:
        text = ", ".join(f"{part}\u00a0{c.unit}" for part, c in zip(parts, known, strict=True))
    return [plain(place.name), *(plain(line) for line in wrapped(text, SMALL, widest))]


def _rows(
    ax: Axes, cell: Anatomy, flank: _Flank, top: float, body: float,
    potential: float | None, width: float,
) -> None:  # fmt: skip
    heights = [flank.height(row) for row in flank.rows]
    patches = {place.id: place for place in _patches(cell, flank)}
    spare = body - 2 * _PAD - sum(heights) - sum(_patch(place, flank) for place in patches.values())
    gap = spare / len(heights)
    y = top - _PAD
    _signs(ax, flank, y + 1.0, potential)
    for row, height in zip(flank.rows, heights, strict=True):
        y -= gap / 2
        for place in [patches[end] for end in sorted(_ends(row)) if end in patches]:
            top_of = y
            name, *lines = _contents(place, flank.words)
            x = flank.x + flank.out * (_ARROW + flank.room)
            side = "left" if flank.out > 0 else "right"
            ax.text(x, y - 3.8, name, ha=side, weight="bold", fontsize=HEAD)
            for n, line in enumerate(lines):
                ax.text(x, y - 4.0 - LINE * (n + 1), line, ha=side, fontsize=SMALL)
            y -= _patch(place, flank)
            edge = 0.0 if flank.out < 0 else flank.x
            _rectangle(ax, edge, y - height - gap / 2 - 1.2,
                       flank.x if flank.out < 0 else width - flank.x,
                       top_of - y + height + gap / 2 + 1.2, "right", 0.5)  # fmt: skip
            del patches[place.id]
        _row(ax, cell, flank, row, y - height / 2 + (_ATP / 2 if row.atp else 0))
        y -= height + gap / 2
        _signs(ax, flank, y, potential)


def _row(ax: Axes, cell: Anatomy, flank: _Flank, row: Transporter, y: float) -> None:
    """Draw a transporter, what it moves, and its words."""
    x, out = flank.x, flank.out
    symbol(ax, row.kind, x, y, len(row.moved))
    for n, moved in enumerate(row.moved):
        level = y + ((len(row.moved) - 1) / 2 - n) * APART
        way = out if moved.source == cell.cell.id else -out
        arrow(ax, (x - way * _ARROW, level), (x + way * _ARROW, level),
              colour_of(moved.substance), idle=row.flux == 0)  # fmt: skip
        ax.text(x - way * (_ARROW + 0.8), level, plain(_counted(moved)), fontsize=WORDS,
                va="center", ha="right" if way > 0 else "left")  # fmt: skip
    if row.atp:
        level = y - (len(row.moved) - 1) / 2 * APART - _ATP + 0.6
        thread(ax, (x - out * 1.6, y - 3.2), (x - out * 5.2, level), 0.35 * -out)
        ax.text(x - out * 5.6, level, _hydrolysis(row.atp), fontsize=SMALL, va="center",
                ha="left" if out < 0 else "right")  # fmt: skip
    words, flux = wrapped(row.name, WORDS, flank.words), flux_words(row, cell.unit)
    for n, line in enumerate([*words, flux] if flux else words):
        rise = ((len(words) - 1 + bool(flux)) / 2 - n) * LINE
        ax.text(x + out * (_ARROW + flank.room), y + rise, plain(line), va="center",
                ha="right" if out < 0 else "left", fontsize=WORDS if n < len(words) else SMALL,
                color="black" if n < len(words) else GREY)  # fmt: skip


def _signs(ax: Axes, flank: _Flank, y: float, potential: float | None) -> None:
    """Draw the charge on both faces of a membrane."""
    if not potential:
        return
    for way, positive in ((flank.out, potential < 0), (-flank.out, potential > 0)):
        ax.text(flank.x + way * (BILAYER / 2 + 2.0), y, "+" if positive else "−", ha="center",
                va="center", fontsize=WORDS, color=RED if positive else BLUE)  # fmt: skip


def _inside(
    ax: Axes, cell: Anatomy, flanks: Sequence[_Flank], x: float, top: float, y: float
) -> None:
    """Write what is in the cell, and the potentials of its membranes."""
    place = cell.cell
    known = [c for c in place.contents if c.value is not None]
    lines = [f"{c.substance} {number(c.value)} {c.unit}" for c in known if c.value is not None]
    y += len(lines) * LINE / 2
    ax.text(x, y, "cell", ha="center", va="center", weight="bold", fontsize=HEAD)
    for n, line in enumerate(lines):
        ax.text(x, y - LINE * (n + 1) - 0.6, plain(line), ha="center", va="center", fontsize=SMALL)
    if cell.has_two_faces:
        for flank, membrane in zip(flanks, cell.membranes, strict=True):
            ax.text(flank.x - flank.out * 5.0, top - 4.0, potential_words(membrane), va="center",
                    ha="left" if flank.out < 0 else "right", fontsize=WORDS,
                    weight="bold")  # fmt: skip
    else:
        ax.text(x, top - 4.0, potential_words(cell.membranes[0]), va="center", ha="center",
                fontsize=HEAD, weight="bold")  # fmt: skip


def _between(
    ax: Axes, cell: Anatomy, rows: Sequence[Transporter], edges: tuple[float, float],
    bottom: float, end: float,
) -> None:  # fmt: skip
    """Draw the space between this cell and its neighbour, and what passes through it."""
    left, right = edges
    floor = bottom - _SPACE * (len(rows) + 1) - 3.0
    cell_body(ax, left, end - 2 * CORNER, right, floor, _TINT["cell"])
    junction(ax, left + _JUNCTION, bottom - BILAYER / 2, floor + BILAYER / 2)
    middle = (left + right) / 2
    ax.text(middle, (floor + end) / 2 - 0.5, "neighbouring cell", ha="center", va="center",
            fontsize=SMALL, color=GREY)  # fmt: skip
    ax.text(middle, bottom - 4.3, "between the cells", ha="center", fontsize=WORDS)
    for n, row in enumerate(rows):
        y = bottom - 3.6 - _SPACE * (n + 1)
        (moved,) = row.moved
        way = 1 if moved.source == cell.places[0].id else -1
        reach = (right - left) / 2 + 4.0
        arrow(ax, (middle - way * reach, y), (middle + way * reach, y),
              colour_of(moved.substance), idle=row.flux == 0)  # fmt: skip
        ax.text(middle - way * (reach + 0.8), y, plain(_counted(moved)), va="center",
                ha="right" if way > 0 else "left", fontsize=WORDS)  # fmt: skip
        ax.text(middle, y + 1.4, plain(flux_words(row, cell.unit) or row.name), ha="center",
                fontsize=SMALL, color=GREY)  # fmt: skip
    if cell.across is not None:
        text = f"lumen against blood {number(cell.across)} {cell.membranes[0].unit}"
        ax.text(_MARGIN, end + 1.8, plain(text), fontsize=WORDS, weight="bold")


def _counted(moved: Moved) -> str:
    return moved.substance if moved.count == 1 else f"{moved.count:g} {moved.substance}"


def _hydrolysis(atp: float) -> str:
    count = "" if abs(atp) == 1 else f"{abs(atp):g} "
    ends = (f"{count}ATP", f"{count}ADP + {count}Pᵢ")
    return " → ".join(ends if atp > 0 else reversed(ends))


def flux_words(row: Transporter, unit: str) -> str:
    """Return what is said of a flux; nothing where it is not known."""
    if row.flux is None:
        return ""
    return f"{number(row.flux, '#.3g')} {unit}" if row.flux else "no flux"


def potential_words(membrane: Membrane) -> str:
    """Return the potential of a membrane, or nothing."""
    if membrane.potential is None:
        return ""
    return plain(f"{number(membrane.potential)} {membrane.unit}")


def number(value: float, form: str = ".3g") -> str:
    """Return a value as it is printed, to three digits."""
    if value and not 1e-4 <= abs(value) < 1e5:
        mantissa, _, power = f"{value:.2e}".partition("e")
        raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return f"{mantissa} × 10{raised}".replace("-", "−")
    shown = f"{value:{form}}".rstrip(".")
    return (f"{float(shown):g}" if "e" in shown else shown).replace("-", "−")
