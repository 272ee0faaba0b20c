"""Numbers for people, and pages whose numbers are given when they are made."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from transport_model.analyses.provenance import record_of
from transport_model.analyses.report.chapter import Chapter, LeftOut
from transport_model.analyses.report.chapters import any_model, reference
from transport_model.analyses.report.chapters.certificate import checks_of, state_table
from transport_model.analyses.report.page import (
    MOST_ROWS,
    Page,
    in_words,
    number,
    render,
    true_minus,
)


def page_of(model, *chapters):
    return render(Page(model, "any_model", chapters, record_of(model)))


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


def test_a_text_has_true_minuses_where_numbers_are_negative():
    told = "fall = -4.5 mV, 1e-05, exp(-2 x), a-b, 5-3, 2-fold"
    assert true_minus(told) == "fall = −4.5 mV, 1e-05, exp(−2 x), a-b, 5-3, 2-fold"


@pytest.mark.parametrize(("count", "text"), [(0, "none"), (2, "two"), (3.0, "three"),
                                             (2.5, "2.5"), (7, "7"), (-1, "−1")])  # fmt: skip
def test_small_counts_are_words(count, text):
    assert in_words(count) == text


def test_a_chapter_that_is_left_out_keeps_its_number_and_says_why(cell, words):
    left = LeftOut("audit", "Audit", "nothing <b>moves</b>")
    html = page_of(cell, left, reference.parameters(cell, sourced=False))
    assert "Left out: nothing &lt;b&gt;moves&lt;/b&gt;." in html
    assert "1 Audit Left out" in words(html)
    assert "2 Parameters" in words(html)


def test_a_long_table_lies_beside_the_page(cell, words):
    long = pd.DataFrame({name: ["x"] * (MOST_ROWS + 1) for name in
                         ("check", "subject", "verdict", "conditions", "note")}
                        | {"expected": 1.0, "got": 1.0})  # fmt: skip
    chapter = Chapter("audit", "Audit", "audit", None, {"audit": long})
    text = words(page_of(cell, chapter))
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
