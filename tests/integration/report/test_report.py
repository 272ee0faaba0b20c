from __future__ import annotations

import json
import math
import re
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from figure_boxes import faults

from transport_model import load_model
from transport_model.analyses.experiments.protocols import shipped_protocols
from transport_model.analyses.report import report
from transport_model.analyses.report.chapter import Chapter
from transport_model.analyses.report.report import page_of_cell
from transport_model.analyses.studies.validation import validate
from transport_model.references import citation, full_citation, keys_in


@pytest.fixture(scope="session")
def page(cell):
    """The page of the cell, built once."""
    return page_of_cell(cell, lambda step: None)


@pytest.fixture(scope="session")
def folder(page, tmp_path_factory):
    """The cell's report on disk; what is written is what was built."""
    target = tmp_path_factory.mktemp("reports") / "report"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report, "page_of_cell", lambda model, say: page)
        assert report.write_report(page.model, target) == target / "report.html"
    return target


def test_no_label_of_a_figure_is_clipped_overprinted_or_upon_data(page):
    figures = {name: f for chapter in page.written for name, f in chapter.figures.items()}
    assert len(figures) > 20
    assert {name: found for name, f in figures.items() if (found := faults(f))} == {}


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


def test_what_is_written_is_what_the_chapters_return(page, folder):
    assert page.tables.keys() == {path.stem for path in (folder / "data").glob("*.csv")}
    for name, table in page.tables.items():
        found = pd.read_csv(folder / "data" / f"{name}.csv")
        expected = table.reset_index() if table.index.name is not None else table
        for column in expected.select_dtypes("number"):
            np.testing.assert_allclose(found[str(column)], expected[column], rtol=1e-12)


def test_every_chapter_has_its_own_names_and_shows_every_figure(page, folder):
    assert all(isinstance(chapter, Chapter) for chapter in page.chapters)
    tables = [name for chapter in page.written for name in chapter.tables]
    figures = [name for chapter in page.written for name in chapter.figures]
    assert len(tables) == len(set(tables))
    assert len(figures) == len(set(figures))
    text = (folder / "report.html").read_text("utf-8")
    numbers = [int(n) for n in re.findall(r"<b>Figure (\d+)\.</b>", text)]
    assert numbers == list(range(1, len(figures) + 1))
    headings = re.findall(r'<h2 id="(\w+)">(\d+) ', text)
    assert headings == [(c.anchor, str(n)) for n, c in enumerate(page.chapters, 1)]
    for target in re.findall(r'href="#(\w+)"', text):
        assert f'id="{target}"' in text


def test_targets_are_counted_from_their_table(cell, page):
    facts, table = page["laws"].facts, page["laws"].tables["validation"]
    pd.testing.assert_frame_equal(table, validate(cell))
    assert facts.targets == len(table)
    counted = {kind.name: (kind.targets, kind.met) for kind in facts.kinds}
    assert counted == {
        str(kind): (len(rows), int((rows["verdict"] == "holds").sum()))
        for kind, rows in table.groupby("kind")
    }
    assert facts.of("law").met == facts.of("law").targets
    assert set(facts.missed) == set(table.loc[table["verdict"] != "holds", "target"])


def test_what_is_cited_is_printed_from_the_references(page, folder):
    text = unescape((folder / "report.html").read_text("utf-8"))
    targets = page["laws"].tables["validation"]
    tables = (page["parameters"].tables["parameters"], targets[targets["kind"] != "law"])
    keys = {key for table in tables for cell in table["reference"] for key in keys_in(cell, "")}
    assert len(keys) > 20
    for key in keys:
        assert citation(key) in text
        assert full_citation(key) in text
    assert full_citation("Wegscheider1901") in page["references"].facts


def test_static_heads_start_at_the_thermodynamic_limit(page):
    """Without slip: (Na_o/Na_i exp(-F V/RT))^n at 12/140 mM and -60 mV."""
    heads, head = page["laws"].tables["static_head"], page["laws"].facts.head
    assert (head.sodium_inside, head.sodium_outside, head.potential) == (12, 140, -60)
    thermal = 8.314462618 * page.model.quantities["T"].value / 96485.33212
    ratio = 140 / 12 * math.exp(0.060 / thermal)
    assert heads.at[0, "SGLT1"] == pytest.approx(ratio**2, rel=1e-6)
    assert heads.at[0, "SGLT2"] == pytest.approx(ratio, rel=1e-6)
    assert heads["SGLT1"].is_monotonic_decreasing


def test_the_lesson_shows_every_experiment_and_its_verdict(page, folder):
    experiments = page["lesson"].facts.experiments
    assert {item.protocol.name for item in experiments.values()} == set(shipped_protocols())
    text = unescape((folder / "report.html").read_text("utf-8"))
    for item in experiments.values():
        assert f'<i>{item.protocol.claim}</i> <b class="ok">{item.verdict}</b>' in text
    checks = page["lesson"].tables["lesson"]
    assert len(checks) == sum(len(item.checks) for item in experiments.values())
    assert checks["holds"].all()


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
