"""The draft of the paper: what it cites, and that it says what is computed."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path

import pytest

from transport_model import steady_state

FOLDER = Path(__file__).parents[2] / "paper"
TEXT = (FOLDER / "paper.md").read_text("utf-8")
BODY = TEXT.split("---", 2)[2]


@pytest.fixture
def bibliography(monkeypatch):
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module("bibliography")


def test_the_bibliography_is_made_of_the_references(bibliography):
    assert (FOLDER / "paper.bib").read_text("utf-8") == bibliography.bibliography()
    assert len(bibliography.cited()) >= 15
    dois = re.findall(r"doi = \{(.*)\}", bibliography.bibliography())
    source = (FOLDER.parent / "models" / "references.json").read_text("utf-8")
    assert set(dois) <= {entry.get("DOI") for entry in json.loads(source)}


def test_it_has_the_length_and_the_parts_that_the_journal_asks_for():
    assert 750 <= len(BODY.split()) <= 1500
    headings = re.findall(r"^# (.*)$", BODY, re.MULTILINE)
    assert headings[:3] == ["Summary", "Statement of need", "State of the field"]
    assert headings[-1] == "References"


def test_its_figures_are_those_that_are_made():
    made = set(re.findall(r'drawn(?:\["| = \{")(\w+)"', (FOLDER / "figures.py").read_text("utf-8")))
    assert set(re.findall(r"\(figures/(\w+)\.pdf\)", BODY)) == made
    assert set(re.findall(r"\\label\{fig:(\w+)\}", BODY)) == made
    assert set(re.findall(r"\\autoref\{fig:(\w+)\}", BODY)) == made


def test_the_numbers_of_the_cell_are_computed(cell, resting):
    rest = re.search(r"at −([\d.]+) mV with ([\d.]+) mM sodium and ([\d.]+) mM potassium", BODY)
    told = [-float(rest[1]), float(rest[2]), float(rest[3])]
    assert told == pytest.approx([resting[n] for n in ("V_m", "Na_i", "K_i")], rel=3e-3)
    assert "glucose at eleven times the lumen" in BODY
    assert resting["Glc_i"] / cell.quantities["Glc_o"].value == pytest.approx(11, abs=0.05)
    share = float(re.search(r"sodium outside costs the cell (\d+) %", BODY)[1])
    for name in ("Na_o", "J_pump_max"):
        half = steady_state(cell.with_values(**{name: cell.quantities[name].value / 2}))
        assert 100 * (1 - half["J_sglt"] / resting["J_sglt"]) == pytest.approx(share, abs=0.5)
