"""The chapter on cells of two faces: what it draws and says comes from the model."""

from __future__ import annotations

import pytest

from transport_model import load_model, steady_state
from transport_model.analyses.report.chapters.across import (
    across_the_membrane,
    arrows_of,
    is_polarised,
)


@pytest.fixture(scope="module")
def cell():
    return load_model("pt_s1")


def test_a_cell_of_one_membrane_is_none_of_two_faces(cell):
    assert is_polarised(cell)
    assert not is_polarised(load_model("cell"))


def test_arrows_point_where_the_fluxes_go(cell):
    """Sodium and glucose enter from the lumen; the pump lets sodium out to the blood."""
    state = steady_state(cell)
    arrows = {arrow.words: arrow for arrow in arrows_of(cell, state)}
    symport, pump = arrows["Na⁺-glucose symport (SGLT2)"], arrows["Na⁺/K⁺ pump cycle"]
    assert (symport.face, symport.to_blood) == ("luminal", True)
    assert (pump.face, pump.to_blood) == ("basolateral", True)
    leak = arrows["luminal K⁺ leak"]
    assert (leak.face, leak.to_blood) == ("luminal", state["J_leak_K_a"] > 0)
    assert {arrow.face for arrow in arrows.values()} == {"luminal", "basolateral", "between"}
    backwards = cell.with_values(Glc_a=0.001)
    arrows = {arrow.words: arrow for arrow in arrows_of(backwards, steady_state(backwards))}
    assert not arrows["Na⁺-glucose symport (SGLT2)"].to_blood


def test_the_chapter_states_what_the_cell_does(cell):
    chapter = across_the_membrane(cell, lambda step: None)
    state = steady_state(cell)
    assert chapter.facts.potentials == (state["V_a"], state["V_b"], state["V_te"])
    assert chapter.facts.uptake == pytest.approx(state["J_sglt"])
    table = chapter.tables["nephron"]
    assert chapter.facts.reabsorbed == pytest.approx(1 - table["left_Glc"].iloc[-1], rel=1e-12)
    assert set(chapter.figures) == {"polarised_cell", "nephron", "titration"}
