"""What a page of a cell says: facts in its sentences, numbers in their order."""

from __future__ import annotations

import re

import pytest

from transport_model import load_model, steady_state
from transport_model.analyses.provenance import record_of
from transport_model.analyses.report.chapters import cell, reference
from transport_model.analyses.report.page import Page, number, render


def page_of(model, *chapters):
    return render(Page(model, "cell", chapters, record_of(model)))


@pytest.fixture(scope="module", params=["cell", pytest.param("cell_sglt2", marks=pytest.mark.slow)])
def shown(request, words):
    """The first chapters of a cell, and what a page of them says."""
    model = load_model(request.param)
    state = steady_state(model)
    chapters = (
        cell.resting_cell(model, state),
        cell.gradients(model, state),
        cell.uptake_map(model, state),
        reference.parameters(model, sourced=True),
    )
    return model, chapters, words(page_of(model, *chapters))


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


def test_figures_and_sections_are_numbered_in_their_order(shown, words):
    model, chapters, text = shown
    drawn = [name for chapter in chapters for name in chapter.figures]
    assert re.findall(r"Figure (\d+)\.", text) == [str(n + 1) for n in range(len(drawn))]
    for place, chapter in enumerate(chapters, 1):
        assert f" {place} {chapter.title} " in text
    assert "ranges in section 4 ," in text
    turned = words(page_of(model, *chapters[::-1]))
    assert "ranges in section 1 ," in turned
    assert "Figure 1. Steady states against lumen glucose" in turned
