from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pandas as pd
import pytest

from transport_model import load_model
from transport_model.analyses.report.report import write_report


@pytest.fixture(scope="module")
def folder(cell, tmp_path_factory):
    target = tmp_path_factory.mktemp("reports") / "report"
    write_report(cell, target)
    return target


def test_the_page_stands_alone(folder):
    page = (folder / "report.html").read_text("utf-8")

    class Links(HTMLParser):
        def __init__(self):
            super().__init__()
            self.found = []

        def handle_starttag(self, tag, attrs):
            values = dict(attrs)
            for name in ("src", "href", "xlink:href"):
                if name in values and not str(values[name]).startswith("#"):
                    self.found.append(str(values[name]))

    links = Links()
    links.feed(page)
    assert links.found == []
    assert page.count("<svg") == page.count("<figure>") > 5
    assert "<math" in page
    assert "all of which hold" in page
    assert "nan" not in re.sub(r"<[^>]*>", " ", page).lower().split()


def test_every_figure_has_its_data(folder):
    page = (folder / "report.html").read_text("utf-8")
    named = set(re.findall(r"data/(\w+)\.csv", page))
    present = {path.stem for path in (folder / "data").glob("*.csv")}
    assert named <= present
    for path in (folder / "data").glob("*.csv"):
        assert len(pd.read_csv(path)) > 0


def test_the_model_and_its_provenance_lie_beside(cell, folder):
    provenance = json.loads((folder / "provenance.json").read_text())
    copy = load_model(folder / "cell.xml")
    assert copy.hash == cell.hash == provenance["model_sha256"]
    assert provenance["versions"]["libroadrunner"]
    assert isinstance(provenance["seed"], int)
    assert provenance["tolerances"]["steady_state_imbalance"] <= 1e-9


def test_nothing_else_is_left_in_the_folder(folder):
    assert {p.name for p in folder.iterdir()} == {
        "report.html",
        "data",
        "cell.xml",
        "provenance.json",
    }
