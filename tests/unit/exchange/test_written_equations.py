"""Equations as text, read back and held against the reactions they were made from."""

from __future__ import annotations

import re

import pytest

from transport_model import load_model
from transport_model.analyses.exchange.models.latex_and_markdown import (
    latex_equations,
    markdown_equations,
)

CYCLE = """model cycle
  compartment c = 1; species A in c, B in c, C in c, X in c
  A = 1; B = 1; C = 1; X = 1; k = 1
  join: 2 A + B => 3 C; k*A*B
  part: C => A; k*C
  lose: A => ; k*A
end"""
#: How much of each species a reaction makes, by hand.
MADE = {
    "A": {"join": -2, "part": 1, "lose": -1},
    "B": {"join": -1},
    "C": {"join": 3, "part": -1},
}
TERM = re.compile(r"([-+]?)\s*(?:(\d+)\s*(?:\\,)?\s*)?v_\{\\mathrm\{(\w+)\}\}")


def balances(text: str) -> dict[str, str]:
    """Return right-hand sides by species, as they stand in a text."""
    found = re.findall(r"\\mathrm\{d\} ?n\\left\((?:\\mathrm\{)?(\w+)\}?\\right\)\}"
                       r"\{\\mathrm\{d\} t\}\s*&?=\s*([^\n$&]*)", text)  # fmt: skip
    return {name: right.strip() for name, right in found}


@pytest.mark.parametrize("write", [latex_equations, markdown_equations])
def test_balances_say_what_reactions_do(tmp_path, write):
    path = tmp_path / "cycle.ant"
    path.write_text(CYCLE)
    found = balances(write(load_model(path)))
    assert found.keys() >= MADE.keys()
    for species, made in MADE.items():
        right = found[species]
        read = {
            name: (-1 if sign == "-" else 1) * int(count or 1)
            for sign, count, name in TERM.findall(right)
        }
        assert read == made
        assert TERM.sub("", right).strip(" }") == ""  # the brace that a macro closes with
        assert not re.search(r"[-+]\s*[-+]", right)
        assert not right.startswith("+")
