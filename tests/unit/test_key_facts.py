"""What is shown first of a steady state, of every kind of cell."""

from __future__ import annotations

import pytest

from transport_model import load_model
from transport_model.key_facts import KEY_FACTS, key_facts


@pytest.mark.parametrize(
    ("model", "first", "count"), [("cell", "V_m", 8), ("pt_s2", "V_a", 12), ("segment", "V_a", 12)]
)
def test_a_cell_shows_its_potentials_and_what_it_holds(model, first, count):
    shown = load_model(model)
    facts = key_facts(shown, reversed(list(shown.quantities)))
    assert facts[0] == first
    assert len(facts) == count
    assert set(facts) <= set(KEY_FACTS)


def test_what_is_no_cell_shows_what_moves():
    assay = load_model("oocyte")
    assert "V_a" not in key_facts(assay, list(assay.quantities))
