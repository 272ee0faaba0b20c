"""The report as a browser sets it: its labels, its width on a phone, what it links to."""

from __future__ import annotations

import re

import numpy as np
import pytest
from browser import asked_of
from figure_boxes import Box, overlapping

from transport_model import load_model
from transport_model.analyses.report.report import write_report

pytestmark = pytest.mark.browser

#: Text of every figure with the corners of its lines, and the frame of the figure.
LABELS = """[...document.querySelectorAll("figure svg")].map(svg => ({
  name: svg.id, frame: (r => [r.left, r.top, r.right, r.bottom])(svg.getBoundingClientRect()),
  font: [...svg.querySelectorAll("text")].slice(0, 1).map(t => getComputedStyle(t).fontFamily)[0],
  texts: [...svg.querySelectorAll("text")].filter(t => t.textContent.trim()).map(t => {
    const b = t.getBBox(), m = t.getScreenCTM();
    return [t.textContent, [[b.x, b.y], [b.x + b.width, b.y], [b.x + b.width, b.y + b.height],
      [b.x, b.y + b.height]].map(([x, y]) => [m.a * x + m.c * y + m.e, m.b * x + m.d * y + m.f])];
  })}))"""
#: Share of the height of a line of type that is blank above and below its letters.
BLANK = 0.18
WIDTHS = """(d => [d.scrollWidth, d.clientWidth])(document.documentElement)"""


@pytest.fixture(scope="module", params=["cell", "epithelium", "pump_assay"])
def report(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser") / request.param
    return write_report(load_model(request.param), folder)


def letters(corners) -> np.ndarray:
    """Return a line's corners without the blank above and below its letters."""
    bottom, top = np.array(corners, dtype=float)[[0, 1]], np.array(corners, dtype=float)[[3, 2]]
    a, b = bottom + BLANK * (top - bottom), top - BLANK * (top - bottom)
    return np.array([a[0], a[1], b[1], b[0]])


def test_no_label_of_a_figure_is_clipped_or_overprinted(report, tmp_path):
    figures = asked_of(report, LABELS, width=1200, scratch=tmp_path)
    assert len(figures) >= 4
    assert sum(len(figure["texts"]) for figure in figures) > 100  # text is text
    found = {}
    for figure in figures:
        boxes = [Box(text, letters(corners)) for text, corners in figure["texts"]]
        left, top, right, bottom = figure["frame"]
        out = [box.text for box in boxes
               if (box.corners < [left - 1, top - 1]).any()
               or (box.corners > [right + 1, bottom + 1]).any()]  # fmt: skip
        if out or overlapping(boxes):
            found[figure["name"]] = (out, overlapping(boxes))
    assert found == {}


def test_no_page_is_wider_than_a_phone(report, tmp_path):
    needed, given = asked_of(report, WIDTHS, width=400, scratch=tmp_path)
    assert given == 400
    assert needed <= given


def test_every_link_leads_somewhere_and_every_file_is_there(report):
    text = report.read_text("utf-8")
    ids = re.findall(r'\sid="([^"]*)"', text)
    assert len(ids) == len(set(ids))
    links = re.findall(r'\shref="([^"]*)"', text)
    assert {link[1:] for link in links if link.startswith("#")} <= set(ids)
    files = {link for link in links if not re.match(r"#|https?:|data:|mailto:", link)}
    files |= set(re.findall(r"<code>(data/[^<]*)</code>", text))
    assert files
    # Where files are named together, a star stands for what differs
    assert [name for name in files if not list(report.parent.glob(name))] == []
