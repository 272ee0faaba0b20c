"""The chapter on cells of two faces: what it draws and says comes from the model."""

from __future__ import annotations

import pytest

from transport_model import load_model, steady_state
from transport_model.analyses.figures.models import draw_model
from transport_model.analyses.report.chapters.across import (
    across_the_membrane,
    is_polarised,
)


@pytest.fixture(scope="module")
def cell():
    return load_model("pt_s1")


def test_a_cell_of_one_membrane_is_none_of_two_faces(cell):
    assert is_polarised(cell)
    assert not is_polarised(load_model("cell"))


def test_the_chapter_states_what_the_cell_does(cell):
    chapter = across_the_membrane(cell)
    state = steady_state(cell)
    assert chapter.facts.potentials == (state["V_a"], state["V_b"], state["V_te"])
    assert chapter.facts.uptake == pytest.approx(state["J_sglt"])
    table = chapter.tables["nephron"]
    assert chapter.facts.reabsorbed == pytest.approx(1 - table["left_Glc"].iloc[-1], rel=1e-12)
    assert chapter.facts.drawn == draw_model(cell, state).caption
    drawn = {text.get_text() for text in chapter.figures["polarised_cell"].axes[0].texts}
    assert {"3 Na⁺", "2 K⁺", "3 HCO₃⁻", f"{state['J_pump']:#.3g} fmol/s"} <= drawn
    assert set(chapter.figures) == {"polarised_cell", "nephron", "titration"}
