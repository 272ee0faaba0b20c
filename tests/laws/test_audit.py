"""The audit as a whole: sound models pass, every reaction has a row, bad input is named."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

import pytest
from audit_vocabulary import LEAK, SIDES, broken

from transport_model import audit, load_model
from transport_model.analyses.studies.audit import AUDIT_COLUMNS
from transport_model.catalogue import shipped_models
from transport_model.errors import InputError, UnsupportedModelError

SOUND = [name for name in shipped_models() if name != "oocyte_published"]


@cache
def audited(name):
    return audit(load_model(name))


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow if n == "tubule_10" else ()) for n in SOUND]
)
def test_shipped_models_break_nothing(name):
    table = audited(name)
    assert list(table.columns) == AUDIT_COLUMNS
    assert broken(table).empty
    assert (table["verdict"] == "holds").sum() >= 3


def test_the_cell_is_checked_whole():
    table = audited("cell")
    assert (table["verdict"] == "holds").all(), table[table["verdict"] != "holds"]
    still = table[table["check"] == "equilibrium"]
    assert set(still["subject"]) == {"leak_Na_flow", "leak_K_flow", "leak_Cl_flow", "sglt_cycle",
                                     "sglt_slip", "glut_flow"}  # fmt: skip
    downhill = " + ".join(table.loc[table["check"] == "dissipation", "subject"])
    assert set(downhill.split(" + ")) == {"J_pump", "J_leak_Na", "J_leak_K", "J_leak_Cl", "J_sglt",
                                          "J_sglt_slip", "J_glut", "J_water"}  # fmt: skip
    assert {"J_pump", "J_glut", "J_water"} <= set(
        table.loc[table["check"] == "reversal", "subject"]
    )
    assert "dG_pump" in set(table.loc[table["check"] == "free energy", "subject"])


def test_every_reaction_has_a_row(build):
    body = (
        SIDES
        + """
      r1: S_o -> S_i; sin(S_o)
      r2: -> S_i; 1
      r3: A_o -> A_i; A_o - 2*A_i
      r4: A_i -> S_i; A_i
    """
    )
    table = audit(build(body))
    subjects = " ".join(table["subject"])
    assert all(re.search(rf"\b{name}\b", subjects) for name in ("r1", "r2", "r3", "r4"))
    assert not (table.loc[table["verdict"] == "not checked", "note"] == "").any()


def test_a_model_beyond_the_equations_is_a_row_not_a_traceback(build):
    table = audit(build(SIDES + "r: S_o -> S_i; factorial(S_o)\n"))
    assert table["verdict"].tolist() == ["not checked"]
    assert "factorial" in table["note"][0]


def test_bad_input_is_named(cell):
    with pytest.raises(InputError, match="at least one"):
        audit(cell, samples=0)
    with pytest.raises(InputError, match="seed"):
        audit(cell, seed=-1)


def test_a_seed_gives_one_audit(build):
    leak = build(LEAK.format(wrong=1.1))
    one, same, other = (audit(leak, samples=3, seed=seed) for seed in (5, 5, 6))
    assert one.equals(same)
    assert not one.equals(other)


FOLDER = os.environ.get("SBML_SEMANTIC_CASES")


@pytest.mark.skipif(not FOLDER, reason="SBML_SEMANTIC_CASES is not set")
def test_any_sbml_is_audited_or_refused():
    for path in sorted(Path(str(FOLDER)).glob("*/model.xml")):
        try:
            model = load_model(path)
        except UnsupportedModelError:
            continue
        table = audit(model, samples=2)
        text = " ".join(table["subject"])
        assert all(name in text for name in model.reaction_ids), path
        assert table["verdict"].isin(["holds", "broken", "no reverse", "not checked"]).all()
