"""Reports of models that nobody here wrote."""

from __future__ import annotations

import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from transport_model import explore, load_model, steady_state
from transport_model.analyses.report import report
from transport_model.analyses.report.chapter import Search
from transport_model.analyses.report.report import write_report
from transport_model.analyses.report.workshop import attempt
from transport_model.errors import SteadyStateError, TransportModelError

FOLDER = os.environ.get("SBML_SEMANTIC_CASES")
#: A spread of the suite: every twentieth case.
CASES = sorted(Path(FOLDER).glob("*/model.xml"))[::20] if FOLDER else []

CHAIN = """<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2"><model id="m">
<notes><p xmlns="http://www.w3.org/1999/xhtml">{notes}</p></notes>
<listOfCompartments><compartment id="c" size="1" constant="true" name="{name}"/>
</listOfCompartments><listOfSpecies>
<species id="_S" name="{name}" compartment="c" initialConcentration="1" boundaryCondition="false"
 hasOnlySubstanceUnits="false" constant="false"/></listOfSpecies><listOfParameters>
<parameter id="k" name="{name}" value="2" constant="true"/>
<parameter id="v" name="{name}" value="3" constant="true"/></listOfParameters>
<listOfReactions><reaction id="make" name="{name}" reversible="false"><listOfProducts>
<speciesReference species="_S" constant="true" stoichiometry="1"/></listOfProducts><kineticLaw>
<math xmlns="http://www.w3.org/1998/Math/MathML"><ci>v</ci></math></kineticLaw></reaction>
<reaction id="use" name="{name}" reversible="false"><listOfReactants>
<speciesReference species="_S" constant="true" stoichiometry="1"/></listOfReactants><kineticLaw>
<math xmlns="http://www.w3.org/1998/Math/MathML"><apply><times/><ci>k</ci><ci>_S</ci></apply></math>
</kineticLaw></reaction></listOfReactions></model></sbml>"""


class Page(HTMLParser):
    """Tags and attributes that could act, and whether every tag is closed."""

    def __init__(self, text):
        super().__init__()
        self.open, self.acting = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag in {"script", "img", "iframe", "object", "embed", "link", "base", "form"}:
            self.acting.append(tag)
        for name, value in attrs:
            local = str(value or "")
            known = re.match(
                r"#|(data|figures|models|tables)/[\w.%-]+$|\w+\.json$|https://(doi|github)", local
            )
            refers = name in {"href", "src", "xlink:href"} and not known
            if name.startswith("on") or refers:
                self.acting.append((tag, name, value))
        if tag not in {"meta", "br", "mspace"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.open:
            while self.open.pop() != tag:
                pass


@pytest.fixture(autouse=True)
def here(monkeypatch):
    """Chapters are computed in this process; what theirs are for has tests of its own."""

    def found(model):
        try:
            return Search(steady_state(model))
        except SteadyStateError as error:
            return Search(None, str(error).rstrip("."), error.period)
        except TransportModelError as error:
            return Search(None, str(error).rstrip("."))

    monkeypatch.setattr(report, "compute", lambda plan, say: [attempt(one) for one in plan])
    monkeypatch.setattr(report, "search", found)


def report_of(model, folder):
    text = write_report(model, folder).read_text("utf-8")
    page = Page(text)
    assert page.acting == ["script"]  # the page's own, which opens folded tables for printing
    assert page.open == []
    named = set(re.findall(r"data/(\w+)\.csv", text))
    assert named <= {path.stem for path in (folder / "data").glob("*.csv")}
    assert "nan" not in re.sub(r"<[^>]*>", " ", text).lower().split()
    assert json.loads((folder / "provenance.json").read_text("utf-8"))["model_sha256"] == model.hash
    drawn = re.findall(r"<b>Figure (\d+)\.</b>", text)
    assert drawn == [str(n + 1) for n in range(text.count("<svg"))]
    for chapter in ("model", "state", "courses", "control", "sensitivity", "audit", "equations",
                    "parameters", "provenance"):  # fmt: skip
        assert f'<section id="{chapter}"' in text
    return text


def left_out(text):
    return re.findall(r"Left out: ([^<]*)", text)


def antimony(tmp_path, text):
    path = tmp_path / "theirs.ant"
    path.write_text(text)
    return load_model(path)


def test_an_oocyte_has_every_chapter(tmp_path):
    model = load_model("oocyte")
    text = report_of(model, tmp_path / "report")
    assert left_out(text) == []
    assert text.count("<svg") == text.count("<figure ") == 6
    found = pd.read_csv(tmp_path / "report" / "data" / "steady_state.csv", index_col="id")
    for name, value in steady_state(model).values.items():
        assert found.at[name, "value"] == pytest.approx(value, rel=1e-12)


def test_control_and_responses_are_those_of_the_chain(tmp_path):
    """v → S → kS: uptake has all control, and S answers to v by 1 and to k by -1."""
    path = tmp_path / "chain.xml"
    path.write_text(CHAIN.format(name="", notes=""))
    report_of(load_model(path), tmp_path / "report")
    data = tmp_path / "report" / "data"
    flux = pd.read_csv(data / "flux_control.csv", index_col="flux")
    assert flux.loc["use"].to_dict() == pytest.approx({"make": 1.0, "use": 0.0})
    response = pd.read_csv(data / "responses.csv", index_col="result").loc["_S"]
    assert (response["v"], response["k"]) == pytest.approx((1.0, -1.0))
    course = pd.read_csv(data / "course.csv", index_col=0)["_S"]
    assert course.iloc[-1] == pytest.approx(1.5, rel=0.01)


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", r"$\frac{", r"$\notacommand$", "{{7*7}}", "{% for %}", "$$",
     "</svg><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "a'\"><b onload=x>",
     "=cmd|' /C calc'!A0", "]]><script/>", "ΔG 糖 \u202e"],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:Glyph")  # of which our typeface has none
def test_names_that_carry_script_are_text(tmp_path, name):
    escaped = name.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    escaped = escaped.replace(">", "&gt;")
    path = tmp_path / "theirs.xml"
    path.write_text(CHAIN.format(name=escaped, notes=escaped), encoding="utf-8")
    model = load_model(path)
    assert model.species.at["_S", "name"] == name
    text = report_of(model, tmp_path / "report")
    assert text.count("<script") == 1
    assert left_out(text) == []
    if "{{" in name:
        assert "{{7*7}}" in text
    table = (tmp_path / "report" / "data" / "species.csv").read_text("utf-8")
    assert ("'=cmd" in table) == name.startswith("=")


def test_the_models_own_name_is_text_too(tmp_path):
    path = tmp_path / "<b onclick=x>$a$.xml"
    path.write_text(CHAIN.format(name="", notes=""))
    report_of(load_model(path), tmp_path / "report")


def test_a_model_without_reactions(tmp_path):
    model = antimony(tmp_path, "model m\n x = 2; x' = 1 - x*k; k = 0.5\nend")
    text = report_of(model, tmp_path / "report")
    reasons = left_out(text)
    assert "nothing to control" in " ".join(reasons)
    assert "<math" in text
    assert "<svg" in text


def test_a_model_with_events(tmp_path):
    model = antimony(
        tmp_path,
        "model m\n S -> ; k*S\n k = 0.1; S = 1\n at time > 5: S = 1\nend",
    )
    text = report_of(model, tmp_path / "report")
    assert sum("has events" in reason for reason in left_out(text)) == 3
    assert "<dt>events</dt><dd>1</dd>" in text
    course = pd.read_csv(tmp_path / "report" / "data" / "course.csv", index_col=0)
    assert course.index[-1] == pytest.approx(65)  # six time constants after the event


def test_a_model_without_a_steady_state(tmp_path):
    model = antimony(tmp_path, "model m\n -> S; k\n k = 1; S = 0\nend")
    text = report_of(model, tmp_path / "report")
    assert "no certified steady state" in " ".join(left_out(text))
    assert "<svg" in text


def test_an_empty_model_is_said_to_be_empty(tmp_path):
    text = report_of(antimony(tmp_path, "model m\n k = 1\nend"), tmp_path / "report")
    assert "nothing in the model moves" in text
    assert "<svg" not in text


def test_our_sources_are_not_theirs(tmp_path):
    model = antimony(tmp_path, "model m\n S -> ; P_Na*S\n P_Na = 0.1; S = 1\nend")
    report_of(model, tmp_path / "report")
    assert "source" not in pd.read_csv(tmp_path / "report" / "data" / "parameters.csv")


@pytest.mark.slow
@pytest.mark.skipif(not CASES, reason="SBML_SEMANTIC_CASES is not set")
def test_cases_of_the_semantic_suite(tmp_path):
    assert len(CASES) >= 5
    for case in CASES:
        report_of(load_model(case), tmp_path / case.parent.name)


def test_the_explorer_lies_beside_if_it_is_asked_for(tmp_path):
    model = antimony(tmp_path, "model m\n -> S; k\n S -> ; S\n k = 1; S = 0\nend")
    page = write_report(model, tmp_path / "report", chapters=["model"], explorer=True)
    assert '<a href="explorer.html">' in page.read_text("utf-8")
    assert (tmp_path / "report" / "explorer.html").read_text("utf-8") == explore(model).html
    plain = write_report(model, tmp_path / "plain", chapters=["model"])
    assert "explorer.html" not in plain.read_text("utf-8")
    assert not (tmp_path / "plain" / "explorer.html").exists()
