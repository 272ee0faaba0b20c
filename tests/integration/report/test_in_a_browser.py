"""The report as a browser sets it: its labels, its width on a phone, what it links to."""

from __future__ import annotations

import re

import numpy as np
import pytest
from browser import asked_of, axe
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
#: What axe-core finds that keeps people from reading.
FINDINGS = """axe.run(document, {resultTypes: ["violations"]}).then(found =>
  found.violations.filter(rule => ["serious", "critical"].includes(rule.impact))
    .map(rule => [rule.id, rule.help, rule.nodes.slice(0, 5).map(n => n.html.slice(0, 200))]))"""
#: A model that is none of ours, with two compartments.
THEIRS = """model theirs
  compartment a = 1, b = 2; species X in a, Y in b, Z in b; X = 0.1; Y = 0.2; Z = 2.5
  make: -> X; k/(1 + Z^10); over: X -> Y; g*X; on: Y -> Z; g*Y; lose: Z ->; g*Z; k = 1; g = 0.1
end"""
WIDTHS = """(d => [d.scrollWidth, d.clientWidth])(document.documentElement)"""


@pytest.fixture(scope="module", params=["cell", "epithelium", "pump_assay", "theirs"])
def report(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    (folder / "theirs.ant").write_text(THEIRS)
    source = folder / "theirs.ant" if request.param == "theirs" else request.param
    return write_report(load_model(source), folder / request.param)


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


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [400, 1200])
def test_nothing_keeps_people_from_reading(report, tmp_path, width, dark):
    """Contrasts, names, roles, and the order of headings, as axe-core judges them."""
    library = axe()
    found = asked_of(report, FINDINGS, width=width, scratch=tmp_path, library=library, dark=dark)
    assert found == []


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
