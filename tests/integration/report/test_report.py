from __future__ import annotations

import json
import math
import re
from dataclasses import replace
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
from transport_model.analyses.report.drawing import draw
from transport_model.analyses.report.editions import Edition, Format
from transport_model.analyses.report.folder import write_page
from transport_model.analyses.report.plans import plan_of_cell
from transport_model.analyses.report.typography import in_print
from transport_model.analyses.studies.validation import validate
from transport_model.references import keys_in, references


@pytest.fixture(scope="session")
def chapters(cell, resting):
    """The chapters of the cell, as they are computed, with figures not drawn yet."""
    return [planned.compute() for planned in plan_of_cell(cell, resting)]


@pytest.fixture(scope="session")
def page(cell, chapters):
    """The page of the cell, of those chapters."""
    drawn = [replace(c, drawn={n: draw(f, n) for n, f in c.figures.items()}) for c in chapters]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report, "compute", lambda plan, say: drawn)
        return report.build_page(cell, Edition.PAPER, None, lambda step: None)


@pytest.fixture(scope="session")
def folder(page, tmp_path_factory):
    """The cell's report on disk."""
    target = tmp_path_factory.mktemp("reports") / "report"
    assert write_page(page, target, (Format.HTML, Format.PDF)) == target / "report.html"
    return target


def test_no_label_of_a_figure_is_clipped_overprinted_or_upon_data(chapters):
    figures = {name: f for chapter in chapters for name, f in chapter.figures.items()}
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
    beside = {link for link in links.found if not link.startswith("https://doi.org/")}
    others = {link for link in beside if link.startswith("http")}
    assert others <= {entry["URL"] for entry in references().values() if "URL" in entry}
    assert [link for link in beside - others if not (folder / link).is_file()] == []
    assert page.count("<svg") == page.count("<figure ") > 20
    assert page.count("<script>") == 1  # folded tables are opened for printing
    assert "<math" in page
    assert "all of which hold" in page
    assert "nan" not in re.sub(r"<[^>]*>", " ", page).lower().split()


def test_every_figure_has_its_data(folder):
    page = (folder / "report.html").read_text("utf-8")
    present = {path.stem for path in (folder / "data").glob("*.csv")}
    captions = re.findall(
        r"<figure id=\"figure-(\w+)\".*?<figcaption>(.*?)</figcaption>", page, re.DOTALL
    )
    assert len(captions) > 20
    for name, caption in captions:
        named = set(re.findall(r"data/(\w+)\.csv", caption))
        assert named, name
        assert named <= present
        for form in ("svg", "pdf", "png"):
            assert f'href="figures/{name}.{form}"' in caption
            assert (folder / "figures" / f"{name}.{form}").stat().st_size > 1000
    for path in (folder / "data").glob("*.csv"):
        assert len(pd.read_csv(path)) > 0


def test_every_column_has_a_description_and_numbers_have_units(page, folder):
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    resources = {
        resource["path"]: resource["schema"]["fields"] for resource in package["resources"]
    }
    assert set(resources) == {f"data/{name}.csv" for name in page.tables}
    for path, fields in resources.items():
        assert [field["name"] for field in fields] == list(pd.read_csv(folder / path, nrows=0))[
            -len(fields) :
        ]
    silent = {f"{path}: {field['name']}" for path, fields in resources.items() for field in fields
              if not field.get("description")}  # fmt: skip
    assert silent == set()
    course = {field["name"]: field for field in resources["data/pump_stopped.csv"]}
    assert (course["V_m"]["unit"], course["Na_i"]["unit"], course["time"]["unit"]) == (
        "mV",
        "mM",
        "s",
    )


def test_the_pdf_has_its_fonts_and_its_pages(folder):
    data = (folder / "report.pdf").read_bytes()
    assert data.startswith(b"%PDF-")
    assert data.count(b"/FontFile") >= 3  # text, headings, formulas
    (pages,) = re.findall(rb"/Type/Pages/Count (\d+)", data)
    assert 20 < int(pages) < 60


def test_parameters_are_a_table_in_latex(page, folder):
    text = (folder / "tables" / "parameters.tex").read_text("utf-8")
    assert text.count(r"\\") > len(page.tables["parameters"])
    assert r"J\_pump\_max" in text


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
    figures = list(page.drawn)
    assert len(tables) == len(set(tables))
    assert len(figures) == len(set(figures))
    text = (folder / "report.html").read_text("utf-8")
    numbers = [int(n) for n in re.findall(r"<b>Figure (\d+)\.</b>", text)]
    assert numbers == list(range(1, len(figures) + 1))
    headings = re.findall(r'<h2 id="title-(\w+)">(\d+) ', text)
    assert headings == [(c.anchor, str(n)) for n, c in enumerate(page.chapters, 1)]
    for target in re.findall(r'href="#([\w-]+)"', text):
        assert f'id="{target}"' in text
    tables = [int(n) for n in re.findall(r"<caption><b>Table (\d+)\.</b>", text)]
    assert tables == list(range(1, len(tables) + 1))


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


def test_what_is_cited_is_in_the_list_with_its_number_and_its_doi(page, folder):
    text = unescape((folder / "report.html").read_text("utf-8"))
    tables = [t[t["kind"] != "law"] if "kind" in t else t for t in page.tables.values()]
    keys = {key for table in tables if "reference" in table
            for cell in table["reference"] for key in keys_in(cell, "")}  # fmt: skip
    assert len(keys) > 20
    assert keys <= set(page.cited)
    assert {"Somogyi2015", "Keating2020", "Goldman1943"} <= set(page.cited)
    assert list(page.cited.values()) == list(range(1, len(page.cited) + 1))
    for key, number in page.cited.items():
        assert f'<a href="#ref-{key}">{number}</a>' in text or key not in keys
        entry = references()[key]
        assert f'<li id="ref-{key}">' in text
        assert entry["title"] in text
        if "DOI" in entry:
            assert f'href="https://doi.org/{entry["DOI"]}"' in text


def test_the_abstract_and_the_discussion_say_what_was_found(page, folder, words):
    text = words((folder / "report.html").read_text("utf-8"))
    state = page["rest"].facts.state
    abstract = text[text.index("Abstract") : text.index("Contents")]
    assert f"rests at −{-state['V_m']:.3g} mV" in abstract
    missed = page["laws"].facts.missed
    assert f"it meets {page['laws'].facts.targets - len(missed)}" in abstract
    discussed = {miss.subject for miss in page["discussion"].facts.misses}
    assert set(missed) <= discussed
    assert all(miss.reason for miss in page["discussion"].facts.misses)


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
        claim = in_print(item.protocol.claim.strip())
        assert f'<i>{claim}</i> <b class="ok">{item.verdict}</b>' in text
    checks = page["lesson"].tables["lesson"]
    assert len(checks) == sum(len(item.checks) for item in experiments.values())
    assert checks["holds"].all()


def test_the_models_and_their_provenance_lie_beside(cell, page, folder):
    provenance = json.loads((folder / "provenance.json").read_text())
    assert cell.hash == provenance["model_sha256"]
    assert provenance["models"][0]["name"] == "cell"
    assert {"pump_assay", "oocyte", "cell_sglt2", "epithelium", "segment"} <= set(page.models)
    assert {one["name"] for one in provenance["models"]} == set(page.models)
    for one in provenance["models"]:
        assert load_model(folder / "models" / one["file"]).hash == one["sha256"]
    assert provenance["versions"]["libroadrunner"]
    assert isinstance(provenance["seed"], int)
    assert provenance["tolerances"]["steady_state_imbalance"] <= 1e-9
