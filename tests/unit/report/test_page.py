"""Numbers for people, and pages whose numbers are given when they are made."""

from __future__ import annotations

import math
import re

import pandas as pd
import pytest

from transport_model import load_model, steady_state
from transport_model.analyses.provenance import record_of
from transport_model.analyses.report.chapter import Chapter, LeftOut
from transport_model.analyses.report.chapters import any_model, cell, reference
from transport_model.analyses.report.chapters.certificate import checks_of, state_table
from transport_model.analyses.report.page import (
    MOST_ROWS,
    Page,
    in_words,
    number,
    render,
)


def words(html: str) -> str:
    """Return what is written on a page, figures left out."""
    without = re.sub(r"<(svg|style|math).*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", without).split())


def page_of(model, *chapters, template="any_model"):
    return Page(model, template, chapters, record_of(model))


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (-67.25, "−67.25"), (1234.5678, "1235"), (-1.5e-7, "−1.5 × 10⁻⁷"),
     (1e-9, "10⁻⁹"), (-1e-9, "−10⁻⁹"), (2e12, "2 × 10¹²"), (math.nan, "–"), (math.inf, "–"),
     (None, "–")],
)  # fmt: skip
def test_numbers_are_set_as_in_print(value, text):
    assert number(value) == text


def test_numbers_have_as_many_digits_as_asked_for():
    assert number(math.pi, 2) == "3.1"
    assert number(-math.pi, 6) == "−3.14159"


@pytest.mark.parametrize(("count", "text"), [(0, "none"), (2, "two"), (3.0, "three"),
                                             (2.5, "2.5"), (7, "7"), (-1, "−1")])  # fmt: skip
def test_small_counts_are_words(count, text):
    assert in_words(count) == text


@pytest.fixture(scope="module", params=["cell", "cell_sglt2"])
def shown(request):
    """The first chapters of a cell, and what a page of them says."""
    model = load_model(request.param)
    state = steady_state(model)
    chapters = (
        cell.resting_cell(model, state),
        cell.gradients(model, state),
        cell.uptake_map(model, state),
        reference.parameters(model, sourced=True),
    )
    return model, chapters, words(render(page_of(model, *chapters, template="cell")))


def test_prose_says_what_the_facts_are(shown):
    model, (rest, gradients, uptake, _), text = shown
    assert "moves three Na⁺ out and two K⁺ in for every ATP" in text
    often, carried = {"cell": ("twice", "two"), "cell_sglt2": ("once", "one")}[model.name]
    assert f"available {often} in each symport cycle of {carried} Na⁺" in text
    assert f"{number(gradients.facts.static_head, 2)}-fold" in text
    assert f"for {uptake.facts.points} steady states" in text
    assert f"Of {rest.facts.random.points} parameter sets" in text
    assert rest.facts.state["V_m"] < 0
    assert f"−{-rest.facts.state['V_m']:.4g} mV membrane potential" in text


def test_figures_and_sections_are_numbered_in_their_order(shown):
    model, chapters, text = shown
    drawn = [name for chapter in chapters for name in chapter.figures]
    assert re.findall(r"Figure (\d+)\.", text) == [str(n + 1) for n in range(len(drawn))]
    for place, chapter in enumerate(chapters, 1):
        assert f" {place} {chapter.title} " in text
    assert "ranges in section 4 ," in text
    turned = words(render(page_of(model, *chapters[::-1], template="cell")))
    assert "ranges in section 1 ," in turned
    assert "Figure 1. Steady states against lumen glucose" in turned


def test_a_chapter_that_is_left_out_keeps_its_number_and_says_why(cell):
    left = LeftOut("audit", "Audit", "nothing <b>moves</b>")
    html = render(page_of(cell, left, reference.parameters(cell, sourced=False)))
    assert "Left out: nothing &lt;b&gt;moves&lt;/b&gt;." in html
    assert "1 Audit Left out" in words(html)
    assert "2 Parameters" in words(html)


def test_a_long_table_lies_beside_the_page(cell):
    long = pd.DataFrame({name: ["x"] * (MOST_ROWS + 1) for name in
                         ("check", "subject", "verdict", "conditions", "note")}
                        | {"expected": 1.0, "got": 1.0})  # fmt: skip
    chapter = Chapter("audit", "Audit", "audit", None, {"audit": long})
    text = words(render(page_of(cell, chapter)))
    assert "More than a page holds: data/audit.csv" in text


def test_the_certificate_says_what_was_found(cell, resting):
    checks = {check.name: check for check in checks_of(resting)}
    assert checks["status"].found == "ok"
    assert checks["stability"].found == "stable"
    assert float(checks["largest relative imbalance"].found) <= 1e-9
    current, unit = checks["net current"].found.split()
    assert unit == "pA"
    amperes = resting.net_current * 1e-15 * 96485.33212
    assert float(current) == pytest.approx(amperes * 1e12, rel=0.06)
    slowest = -1 / resting.certificate.eigenvalues.real.max()
    assert checks["stability"].meaning == f"slowest time constant {slowest:.4g} s"


def test_a_state_is_told_with_names_and_units(cell, resting):
    table = state_table(cell, resting)
    assert table.at["V_m", "unit"] == "mV"
    assert table.at["V_m", "value"] == resting["V_m"]
    assert table.at["n_Na_i", "name"] == "amount of Na_i"
    assert table.at["pump_cycle", "name"] == cell.reactions.at["pump_cycle", "name"]


def test_what_cannot_be_computed_is_a_reason():
    def impossible():
        raise RecursionError

    found = any_model.attempt("equations", "Equations", impossible)
    assert found == LeftOut("equations", "Equations", "its formulas are nested too deep")
