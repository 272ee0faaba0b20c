"""What a page of a cell says: facts in its sentences, numbers in their order."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from transport_model import load_model, steady_state
from transport_model.analyses.provenance import record_of
from transport_model.analyses.report.chapters import cell, reference
from transport_model.analyses.report.drawing import draw
from transport_model.analyses.report.editions import Edition
from transport_model.analyses.report.page import Page
from transport_model.analyses.report.render import render
from transport_model.analyses.report.typography import NO_BREAK, number


def page_of(model, *chapters):
    drawn = [replace(c, drawn={n: draw(f, n) for n, f in c.figures.items()}) for c in chapters]
    return render(Page(model, "cell", Edition.PAPER, tuple(drawn), record_of(model)))


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
    assert f"{number(gradients.facts.static_head, 2)}-fold".replace(NO_BREAK, " ") in text
    assert f"for {uptake.facts.points} steady states" in text
    assert f"Of {rest.facts.random.points} parameter sets" in text
    assert rest.facts.state["V_m"] < 0
    assert f"membrane potential −{-rest.facts.state['V_m']:.4g} mV" in text


def test_figures_and_sections_are_numbered_in_their_order(shown, words):
    model, chapters, text = shown
    drawn = [name for chapter in chapters for name in chapter.figures]
    assert re.findall(r"Figure (\d+)\. ", text) == [str(n + 1) for n in range(len(drawn))]
    for place, chapter in enumerate(chapters, 1):
        assert f" {place} {chapter.title} " in text
    turned = words(page_of(model, *chapters[::-1]))
    assert "Figure 1. Steady states against lumen glucose" in turned
