"""Where the text of a figure stands as it is drawn, for tests that labels can be read."""

from __future__ import annotations

import io
import itertools
import re
from dataclasses import dataclass
from html import unescape

import numpy as np
import pytest
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from transport_model.analyses.figures.style import save_figure

#: What two boxes may share, and a box may stand out, of rounding and of side bearings [pixel].
SLACK = 1.0
#: Dots per inch at which figures are looked at.
DPI = 100


@dataclass(frozen=True)
class Box:
    """A line of text and its corners [pixel], anticlockwise: shape (4, 2)."""

    text: str
    corners: np.ndarray


def text_boxes(figure: Figure) -> list[Box]:
    """Return a box for each line of text that a figure draws; boxes of turned text are turned."""
    found: list[Box] = []
    draw = RendererAgg.draw_text

    def recorded(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        width, height, descent = self.get_text_width_height_descent(s, prop, ismath)
        cosine, sine = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
        along, up = np.array([cosine, sine]), np.array([-sine, cosine])
        origin = np.array([x, self.height - y]) - descent * up
        corners = [origin, origin + width * along, origin + width * along + height * up,
                   origin + height * up]  # fmt: skip
        if s.strip():
            found.append(Box(s, np.array(corners)))
        return draw(self, gc, x, y, s, prop, angle, ismath, mtext)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RendererAgg, "draw_text", recorded)
        save_figure(figure, io.BytesIO(), "png", dpi=DPI)
    return found


def svg_texts(svg: str) -> list[str]:
    """Return the texts of an SVG in their order, those of several lines in one."""
    groups = re.findall(r'<g id="[^"]*text_\d+">(.*?)</g>', svg, re.DOTALL)
    lines = [re.findall(r"<text[^>]*>(.*?)</text>", group, re.DOTALL) for group in groups]
    return [unescape(" ".join(found)) for found in lines]


def overlapping(boxes: list[Box]) -> list[tuple[str, str]]:
    """Return the pairs of lines of text that overprint each other."""
    return [(one.text, other.text) for one, other in itertools.combinations(boxes, 2)
            if _overlap(one.corners, other.corners)]  # fmt: skip


def _overlap(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two turned rectangles overlap: no side of either parts them."""
    for corners in (one, other):
        for side in (corners[1] - corners[0], corners[3] - corners[0]):
            axis = side / (np.linalg.norm(side) or 1.0)
            (a, b), (c, d) = (((p @ axis).min(), (p @ axis).max()) for p in (one, other))
            if min(b, d) - max(a, c) <= SLACK:
                return False
    return True


def clipped(figure: Figure, boxes: list[Box]) -> list[str]:
    """Return the lines of text that leave the canvas."""
    far = figure.get_size_inches() * DPI + SLACK
    return [box.text for box in boxes if (box.corners < -SLACK).any() or (box.corners > far).any()]


def legends_on_data(figure: Figure) -> list[str]:
    """Return what legends stand on: names of curves, points, bars and bands of their axes."""
    found = []
    for axis in figure.axes:
        legend = axis.get_legend()
        if legend is None or not axis.get_visible():
            continue
        (x0, y0), (x1, y1) = legend.get_window_extent().get_points()
        for drawn in (*axis.lines, *axis.collections, *axis.patches):
            points = _places(axis, drawn)
            with np.errstate(invalid="ignore"):
                x, y = points[:, 0], points[:, 1]
                inside = (x > x0) & (x < x1) & (y > y0) & (y < y1)
            if inside.any():
                found.append(str(drawn.get_label()))
    return found


def _places(axis, drawn) -> np.ndarray:
    """Return places of what is drawn in data [pixel], close enough that none passes a legend."""
    nothing = np.empty((0, 2))
    if drawn in axis.patches:
        (x0, y0), (x1, y1) = drawn.get_window_extent().get_points()
        grid = np.meshgrid(np.linspace(x0, x1, 60), np.linspace(y0, y1, 60))
        return np.stack(grid, axis=-1).reshape(-1, 2)
    if drawn in axis.collections:
        if isinstance(drawn, PolyCollection):
            shapes = [path.vertices for path in drawn.get_paths()]
            return axis.transData.transform(np.vstack(shapes)) if shapes else nothing
        if drawn.get_offset_transform() == axis.transData:
            return axis.transData.transform(np.asarray(drawn.get_offsets(), dtype=float))
        return nothing
    if drawn.get_transform() != axis.transData:
        return nothing
    points = axis.transData.transform(drawn.get_xydata())
    if drawn.get_linestyle() == "None" or len(points) < 2:
        return points
    share = np.linspace(0, 1, 50)[:, None, None]
    return (points[:-1] * (1 - share) + points[1:] * share).reshape(-1, 2)


def faults(figure: Figure) -> list[object]:
    """Return all that is wrong with the labels of a figure: none, for one that can be printed."""
    boxes = text_boxes(figure)
    return [
        *(("overprinted", *pair) for pair in overlapping(boxes)),
        *(("clipped", text) for text in clipped(figure, boxes)),
        *(("legend on", name) for name in legends_on_data(figure)),
    ]
