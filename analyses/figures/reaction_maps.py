"""The map of any model's reactions, drawn in layers. Lengths are in mm."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle
from matplotlib.path import Path

from ..studies.reaction_map import ReactionMap, Step
from .layered import Layers, Point, layers_of
from .style import BLUE, COLUMN, GREY, PAGE, RED, SMALL, new_figure, plain, styled
from .symbols import INCH, width_of, wrapped

#: Largest size of a map, that of a page; most reactions, and how many are tried where these do not
#: fit.
WIDEST, HIGHEST, MOST = PAGE * INCH, 235.0, 60
TRIED = (45, 34, 26, 20, 15, 11, 8)
#: Uses from which on a species stands beside each of its reactions instead of in one place.
HUB = 8
#: Widest text of a box, most lines of it, their distance, and what is around them.
_WORDS, _LINES, _LINE, _AROUND = 30.0, 3, 2.9, 1.1
#: Size of a reaction's mark, distances within a layer and of layers, margin, room for headings.
_MARK, _GAPS, _MARGIN, _HEAD = 1.8, (2.2, 4.6), 2.0, 5.0
#: How far a line runs straight to the box where its head is.
_STUB = 1.5
_HEADS = {"reactant": "-", "product": "-|>,head_length=2.6,head_width=1.4",
          "modifier": "->,head_length=2,head_width=1.3",
          "inhibitor": "-[,widthB=2.2,lengthB=0"}  # fmt: skip
_TINTS = ("#EEF4FA", "#FFF8EC", "#F1F6EE", "#FBEFEE")
_LINE_COLOUR = {"reactant": "#3A3A3A", "product": "#3A3A3A", "modifier": BLUE, "inhibitor": RED}


@dataclass(frozen=True)
class _Box:
    """What stands in a place: its lines of text; none of a reaction."""

    kind: str
    lines: tuple[str, ...]
    lane: int

    @property
    def size(self) -> Point:
        if not self.lines:
            return (_MARK, _MARK)
        width = max(width_of(line, SMALL) for line in self.lines)
        return (width + 2 * _AROUND, _LINE * len(self.lines) + 2 * _AROUND - 0.6)


@dataclass(frozen=True)
class _Line:
    """A line through boxes, of which the last but one may be a number."""

    boxes: tuple[int, ...]
    role: str
    step: Step


@dataclass(frozen=True)
class _Plan:
    """Where what is on a map stands, its layers one below the other or side by side."""

    boxes: Sequence[_Box]
    lines: Sequence[_Line]
    laid: Layers
    down: bool
    gutter: float

    @property
    def size(self) -> Point:
        """Size on the page, with the names of compartments that stand beside their layers."""
        width, height = self.placed(self.laid.size)
        return (width + self.gutter, height)

    def placed(self, point: Point) -> Point:
        """Return a point of the layout as it is on the page."""
        return point if self.down else _turned(point)


@styled
def map_figure(drawn: ReactionMap) -> Figure:
    """Draw reactions as marks between the boxes of their species.

    Arrows run the way of the flux, and are the thicker the larger it is; numbers on them count what
    a reaction takes or makes. What acts on a reaction without being changed has a dashed line, with
    a bar at its end if it inhibits. Compartments are tinted. A species in very many reactions
    stands beside each. Of a map too large for a page the largest fluxes are drawn.

    Parameters
    ----------
    drawn
        The map.
    """
    first = min(len(drawn.steps), MOST)
    part = drawn.largest(first)
    plan = _planned(part)
    for most in (n for n in TRIED if n < first):
        if _fits(plan.size):
            break
        part = drawn.largest(most)
        plan = _planned(part)
    return _figure(part, plan)


def _planned(drawn: ReactionMap) -> _Plan:
    """Lay out a map down a page or across, whichever fits it and is smaller."""
    boxes, lines = _boxes(drawn)
    edges = [edge for line in lines for edge in itertools.pairwise(line.boxes)]
    lanes = [box.lane for box in boxes]
    plans = []
    for down in (True, False):
        sizes = [box.size if down else _turned(box.size) for box in boxes]
        gutter = 0.0 if down or len(drawn.compartments) < 2 else _WORDS
        plans.append(_Plan(boxes, lines, layers_of(sizes, edges, lanes, _GAPS), down, gutter))
    return min(plans, key=lambda plan: (not _fits(plan.size), plan.size[0] * plan.size[1]))


def _turned(point: Point) -> Point:
    return (point[1], point[0])


def _fits(size: Point) -> bool:
    return size[0] + 2 * _MARGIN <= WIDEST and size[1] + 2 * _MARGIN + 2 * _HEAD <= HIGHEST


def _boxes(drawn: ReactionMap) -> tuple[list[_Box], list[_Line]]:
    """Return what stands on a map, and the lines between."""
    uses = drawn.uses()
    lane_of = {name: n for n, (name, _) in enumerate(drawn.compartments)}
    lanes = {item.id: lane_of[item.compartment] for item in drawn.species}
    words = {item.id: _shortened(item.name) for item in drawn.species}
    boxes, place = [], {}
    for item in drawn.species:
        if uses[item.id] <= HUB:
            place[item.id] = len(boxes)
            boxes.append(_Box("species", words[item.id], lanes[item.id]))
    lines = []
    for step in drawn.steps:
        mark = len(boxes)
        ends = [link.species for link in step.links if link.role in {"reactant", "product"}]
        boxes.append(_Box("step", (), lanes[ends[0]] if ends else 0))
        for link in step.links:
            if link.species in place:
                end = place[link.species]
            else:
                end = len(boxes)
                boxes.append(_Box("copy", words[link.species], lanes[link.species]))
            chain = [end, mark]
            if link.count != 1 and np.isfinite(link.count):
                chain.insert(1, len(boxes))
                boxes.append(_Box("count", (f"{link.count:g}",), boxes[mark].lane))
            lines.append(_Line(tuple(chain[::-1] if link.role == "product" else chain),
                               link.role, step))  # fmt: skip
    return boxes, lines


def _shortened(name: str) -> tuple[str, ...]:
    lines = wrapped(name.replace("_", " ").strip() or name, SMALL, _WORDS)
    if len(lines) > _LINES:
        lines = [*lines[: _LINES - 1], lines[_LINES - 1][:-1] + "…"]
    return tuple(lines)


def _figure(drawn: ReactionMap, plan: _Plan) -> Figure:
    size = plan.size
    several = len(drawn.compartments) > 1
    notes = _notes(drawn)
    head = _HEAD if several and plan.down else 0.0
    width = COLUMN * INCH if size[0] + 2 * _MARGIN <= COLUMN * INCH else max(
        WIDEST, size[0] + 2 * _MARGIN)  # fmt: skip
    height = size[1] + 2 * _MARGIN + head + (_HEAD if notes else 0)
    figure, (ax,) = new_figure(width / INCH, height / INCH)
    figure.set_layout_engine("none")
    ax.set_position((0, 0, 1, 1))
    ax.set_axis_off()
    left, top = (width - size[0]) / 2 + plan.gutter, _MARGIN + head
    ax.set(xlim=(-left, width - left), ylim=(height - top, -top))
    if several:
        _lanes(ax, drawn, plan, (left, top, width))
    _lines(ax, plan)
    for box, point in zip(plan.boxes, plan.laid.points, strict=True):
        _box(ax, box, plan.placed(point))
    ax.text(width / 2 - left, size[1] + _MARGIN + 1.8, notes, ha="center", va="center",
            fontsize=SMALL, color=GREY)  # fmt: skip
    return figure


def _notes(drawn: ReactionMap) -> str:
    if not drawn.left_out:
        return ""
    what = "largest fluxes" if drawn.steps[0].flux is not None else "best connected reactions"
    return f"the {len(drawn.steps)} {what} of {len(drawn.steps) + drawn.left_out} reactions"


def _lanes(ax: Axes, drawn: ReactionMap, plan: _Plan, frame: tuple[float, float, float]) -> None:
    """Tint the compartments, and write their names where there is room for them."""
    left, top, width = frame
    for number, ((begin, end), (_, name)) in enumerate(
        zip(plan.laid.lanes, drawn.compartments, strict=True)
    ):
        tint = _TINTS[number % len(_TINTS)]
        if plan.down:
            ax.add_patch(Rectangle((begin, -top), end - begin, plan.size[1] + top + _MARGIN,
                                   color=tint, lw=0, zorder=0))  # fmt: skip
            line, *more = wrapped(name.replace("_", " "), SMALL, end - begin - 3.0, "bold")
            ax.text((begin + end) / 2, -top + 2.6, plain(line + ("…" if more else "")), ha="center",
                    va="center", fontsize=SMALL, weight="bold")  # fmt: skip
        else:
            ax.add_patch(Rectangle((-left, begin), width, end - begin, color=tint, lw=0, zorder=0))
            lines = wrapped(name.replace("_", " "), SMALL, plan.gutter - 3.0, "bold")[:_LINES]
            for n, line in enumerate(lines):
                rise = (n - (len(lines) - 1) / 2) * _LINE
                ax.text(_MARGIN - left, (begin + end) / 2 + rise, plain(line), va="center",
                        fontsize=SMALL, weight="bold")  # fmt: skip


def _box(ax: Axes, box: _Box, point: Point) -> None:
    width, height = box.size
    x, y = point
    look = {"species": ("white", "#5A5A5A"), "copy": ("#F4F4F4", "none"),
            "count": ("white", "none"), "step": ("#3A3A3A", "none")}[box.kind]  # fmt: skip
    radius = 0.3 if box.kind == "step" else 1.1
    ax.add_patch(FancyBboxPatch((x - width / 2, y - height / 2), width, height, lw=0.7, zorder=2,
                                facecolor=look[0], edgecolor=look[1],
                                boxstyle=f"round,pad=0,rounding_size={radius}"))  # fmt: skip
    for n, line in enumerate(box.lines):
        ax.text(x, y + (n - (len(box.lines) - 1) / 2) * _LINE, plain(line), ha="center",
                va="center_baseline", fontsize=SMALL, zorder=3,
                color="#555555" if box.kind == "copy" else "black")  # fmt: skip


def _lines(ax: Axes, plan: _Plan) -> None:
    laid = plan.laid
    ports = _ports(plan)
    largest = max((line.step.flux or 0.0 for line in plan.lines), default=0.0)
    number = 0
    for line in plan.lines:
        for piece, (source, target) in enumerate(itertools.pairwise(line.boxes)):
            start, end = ports[number]
            below = end[1] > laid.points[target][1]
            stub = _STUB if below else -_STUB
            points = [start, (start[0], _edge(laid, source, start)), *laid.routes[number],
                      (end[0], _edge(laid, target, end) + stub), end]  # fmt: skip
            _curve(ax, [plan.placed(point) for point in points], line, largest,
                   last=piece == len(line.boxes) - 2, down=plan.down)  # fmt: skip
            number += 1


def _edge(laid: Layers, box: int, port: Point) -> float:
    """Return where a line leaves the layer of a box on the side of its port."""
    begin, end = laid.levels[box]
    return end if port[1] > laid.points[box][1] else begin


def _ports(plan: _Plan) -> list[tuple[Point, Point]]:
    """Return where each line leaves its source and meets its target, side by side on a box."""
    laid = plan.laid
    edges = [edge for line in plan.lines for edge in itertools.pairwise(line.boxes)]
    sides: dict[tuple[int, bool], list[tuple[float, int, int]]] = {}
    for number, (source, target) in enumerate(edges):
        path = [laid.points[source], *laid.routes[number], laid.points[target]]
        for box, end, following in ((source, 0, path[1]), (target, 1, path[-2])):
            below = following[1] > laid.points[box][1]
            sides.setdefault((box, below), []).append((following[0], number, end))
    found: list[list[Point]] = [[(0.0, 0.0)] * 2 for _ in edges]
    for (box, below), meeting in sides.items():
        size = plan.placed(plan.boxes[box].size)
        apart = min(2.0, 0.7 * size[0] / len(meeting))
        x, y = laid.points[box]
        for n, (_, number, end) in enumerate(sorted(meeting)):
            offset = (n - (len(meeting) - 1) / 2) * apart
            found[number][end] = (x + offset, y + (size[1] / 2 if below else -size[1] / 2))
    return [(ends[0], ends[1]) for ends in found]


def _curve(
    ax: Axes, points: Sequence[Point], line: _Line, largest: float, *, last: bool, down: bool
) -> None:
    """Draw a line that is straight within layers and bends between them."""
    vertices, codes = [points[0]], [Path.MOVETO]
    for n, ((x0, y0), (x1, y1)) in enumerate(itertools.pairwise(points)):
        if n % 2 == 0:
            vertices.append((x1, y1))
            codes.append(Path.LINETO)
            continue
        middle = ((x0, (y0 + y1) / 2), (x1, (y0 + y1) / 2)) if down else (
            ((x0 + x1) / 2, y0), ((x0 + x1) / 2, y1))  # fmt: skip
        vertices += [*middle, (x1, y1)]
        codes += [Path.CURVE4] * 3
    acts = line.role in {"modifier", "inhibitor"}
    share = (line.step.flux or 0.0) / largest if largest > 0 and not acts else 0.0
    head = _HEADS[line.role] if last else "-"
    ax.add_patch(
        FancyArrowPatch(
            path=Path(vertices, codes), arrowstyle=head,
            mutation_scale=1, lw=0.8 + 1.4 * np.sqrt(share), facecolor=_LINE_COLOUR[line.role],
            edgecolor=_LINE_COLOUR[line.role], linestyle=(0, (2.4, 1.6)) if acts else "-",
            zorder=1, capstyle="butt",
        )
    )  # fmt: skip
