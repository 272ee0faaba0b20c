"""The documentation builds without a warning, is complete, and loads nothing from the network.

Cells are not run here; ``pytest -m site`` runs them (``test_executed_site.py``).
"""

from __future__ import annotations

import html
import re
import subprocess
import sys
from pathlib import Path

import pytest
from site_links import broken_links

import transport_model
from transport_model.certificate import Status

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-d", folder / "trees",
               "-D", "nb_execution_mode=off"]  # fmt: skip
    built = subprocess.run(
        [*command, ROOT / "docs", folder / "html"], cwd=ROOT, capture_output=True, text=True
    )
    assert built.returncode == 0, built.stderr
    return folder / "html"


def test_every_link_leads_to_a_page_and_a_place_on_it(site):
    assert list(broken_links(site)) == []


def test_links_that_lead_nowhere_are_found(tmp_path):
    (tmp_path / "a.html").write_text(
        '<p id="here"><a href="#here">1</a><a href="#there">2</a><a href="b.html#c">3</a>'
        '<a href="https://example.org">4</a><img src="none.png"></p>', "utf-8")  # fmt: skip
    (tmp_path / "b.html").write_text('<p id="c"><a href="a.html#here">5</a></p>', "utf-8")
    assert list(broken_links(tmp_path)) == [("a.html", "#there"), ("a.html", "none.png")]


def test_nothing_on_a_page_comes_from_elsewhere(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 20
    for page in pages:
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r"<(?:script|img|iframe|source)\b[^>]*?\bsrc=\"([^\"]*)", text)
        loaded += re.findall(r"<link\b[^>]*?\bhref=\"([^\"]*)", text)
        assert loaded
        for address in loaded:
            assert not re.match(r"(\w+:)?//", address), (page, address)
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert not re.search(r"(url\(|@import)\s*[\"']?(https?:)?//", text), sheet


def test_every_status_comes_with_advice(site):
    text = (site / "certificate.html").read_text(encoding="utf-8")
    rows = [
        [html.unescape(re.sub(r"<[^>]+>", "", cell)) for cell in re.findall(r"<td>.*?</td>", row)]
        for row in re.findall(r"<tr\b.*?</tr>", text, re.DOTALL)
    ]
    told = {cells[0]: cells[1:] for cells in rows if cells}
    assert list(told) == [*map(str, Status), "crashed the process"]
    assert all(len(cells) == 2 and all(cells) for cells in told.values())


def test_the_reference_has_every_public_name(site):
    text = (site / "reference" / "python.html").read_text(encoding="utf-8")
    for name in transport_model.__all__:
        assert f'id="transport_model.{name}"' in text, name
