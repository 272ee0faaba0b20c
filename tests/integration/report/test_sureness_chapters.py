"""Chapters on uncertainty: their numbers against a scan and a known answer."""

from __future__ import annotations

import numpy as np
import pytest

from transport_model import load_model, scan
from transport_model.analyses.report.chapters.sureness import (
    SAMPLE,
    WITHIN,
    how_sure,
    how_sure_of_uptake,
)
from transport_model.analyses.studies.global_sensitivity.random_points import RandomPoints
from transport_model.analyses.studies.uncertain_inputs import UncertainInputs, known_ranges


@pytest.fixture(scope="module")
def chapter(cell, resting):
    return how_sure_of_uptake(cell, resting["J_sglt"], sourced=True)


def test_quantiles_of_uptake_are_those_of_a_scan(cell, chapter):
    """Of the same points, solved again, each fourth."""
    known = known_ranges(cell).distributions
    bath = {"Na_o", "K_o", "Cl_o", "Glc_o", "Glc_b", "osm_bath", "T"}
    inputs = UncertainInputs({name: item for name, item in known.items() if name not in bath})
    assert chapter.facts.inputs == len(inputs.columns)
    points = RandomPoints(inputs, 0, SAMPLE, 1).rows(0, SAMPLE).iloc[::4]
    uptake = scan(cell, points, outputs=["J_sglt"], engine="kernel")["J_sglt"]
    low, high = np.quantile(uptake, [0.05, 0.95])
    assert chapter.facts.low == pytest.approx(low, rel=0.15)
    assert chapter.facts.high == pytest.approx(high, rel=0.1)
    assert chapter.facts.low < chapter.facts.own < chapter.facts.high


def test_the_strongest_constant_moves_uptake_alone(cell, chapter):
    """From end to end of its range, the others at rest, by more than twofold."""
    name, value, low, high = chapter.facts.strongest[0]
    assert chapter.facts.words[name] == cell.quantities[name].name
    assert (name, low <= value <= high) == ("n_SGLT", True)
    known = known_ranges(cell, [name])
    points = RandomPoints(known, 0, 400, 2).rows(0, 400)
    alone = scan(cell, points, outputs=["J_sglt"], engine="kernel")["J_sglt"].to_numpy()
    assert alone[points[name].argmax()] > 2 * alone[points[name].argmin()]
    assert 0 <= chapter.facts.together < 1
    assert all(0.99 < item.low <= item.value for item in chapter.facts.probabilities)


def test_screening_of_any_model_finds_what_matters(tmp_path):
    """A rests at k/d: equal effects of both, of opposite sign; of B none."""
    text = "model m\n -> A; k\n A -> ; d*A\n -> B; e - B\n A = 1; k = 2; d = 0.5; e = 3\nend\n"
    (tmp_path / "m.ant").write_text(text)
    found = how_sure(load_model(tmp_path / "m.ant"), sourced=False)
    assert (found.facts.inputs, found.facts.factor) == (3, WITHIN)
    table = found.tables["effects"]
    of_a = table[table["output"] == "A"].pivot(index="input", columns="index", values="value")
    assert of_a.at["k", "mu"] == pytest.approx(-of_a.at["d", "mu"], rel=0.2)
    assert of_a.at["e", "mu_star"] == pytest.approx(0, abs=1e-6)
