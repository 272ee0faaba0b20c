"""Numbers for people, and pages whose numbers are given when they are made."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from transport_model import load_model
from transport_model.analyses.provenance import record_of
from transport_model.analyses.report.chapter import Chapter, LeftOut
from transport_model.analyses.report.chapters import reference
from transport_model.analyses.report.chapters.any_model import Audited
from transport_model.analyses.report.chapters.certificate import checks_of, state_table
from transport_model.analyses.report.editions import Edition
from transport_model.analyses.report.page import Page
from transport_model.analyses.report.render import LONG, MOST_ROWS, render
from transport_model.analyses.report.typography import in_print, in_words, number, page_in_print


def page_of(model, *chapters, edition=Edition.PAPER):
    return render(Page(model, "any_model", edition, chapters, record_of(model)))


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (-67.25, "−67.25"), (1234.5678, "1235"), (-1.5e-7, "−1.5\u00a0×\u00a010⁻⁷"),
     (1e-9, "10⁻⁹"), (-1e-9, "−10⁻⁹"), (2e12, "2\u00a0×\u00a010¹²"), (math.nan, "–"),
     (math.inf, "–"), (None, "–")],
)  # fmt: skip
def test_numbers_are_set_as_in_print(value, text):
    assert number(value) == text


def test_numbers_have_as_many_digits_as_asked_for():
    assert number(math.pi, 2) == "3.1"
    assert number(-math.pi, 6) == "−3.14159"
    assert number(99.6, 2) == "100"  # not 10²
    assert number(5321, 2) == "5.3\u00a0×\u00a010³"


def test_a_text_has_its_numbers_as_in_print():
    """Minuses before what is negative, raised powers, no line's end before a unit."""
    told = "fall = -4.5 mV, 1e-05, 2.5e+03 s, exp(-2 x), a-b, 5-3, 2-fold, 3 mice, 12 %, 4 h"
    printed = "fall = −4.5~mV, 10⁻⁵, 2.5~×~10³~s, exp(−2 x), a-b, 5-3, 2-fold, 3 mice, 12~%, 4~h"
    assert in_print(told) == printed.replace("~", "\u00a0")


def test_code_and_drawings_are_not_print():
    page = '<p title="-1">at -1</p><code>x = -1e-3</code><svg><text>-2</text></svg>'
    assert page_in_print(page) == page.replace("at -1", "at −1")


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
    chapter = Chapter("audit", "Audit", "audit", Audited("found"), {"audit": long})
    text = words(page_of(cell, chapter))
    assert "More than a page holds: Data: audit.csv" in text
    folded = Chapter("audit", "Audit", "audit", Audited("found"), {"audit": long[: LONG + 1]})
    assert "<details><summary>" in page_of(cell, folded)
    assert '<details open="open"><summary>' in page_of(cell, folded, edition=Edition.FULL)


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
    assert table.at["n_Na_i", "name"] == "amount of cytosolic Na⁺"
    assert table.at["pump_cycle", "name"] == cell.reactions.at["pump_cycle", "name"]


def test_what_a_rate_rule_moves_is_no_parameter_and_what_is_held_is_one(tmp_path):
    path = tmp_path / "held.ant"
    path.write_text("model held\n  compartment c = 1; species $A in c = 1, $B in c, $C in c = 3\n"
                    "  k = 2; B = 2*k; A' = -k*A\nend", encoding="utf-8")  # fmt: skip
    listed = reference.parameters(load_model(path), sourced=False).tables["parameters"].index
    assert {"k", "C"} <= set(listed)
    assert "A" not in listed
