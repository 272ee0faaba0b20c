"""Equations as text, read back and held against the reactions they were made from."""

from __future__ import annotations

import re

import pytest

from transport_model import Model, load_model
from transport_model.analyses.exchange.models.latex_and_markdown import (
    latex_equation,
    latex_equations,
    latex_symbol,
    markdown_equations,
)
from transport_model.mathematics.equation_list import (
    HEADINGS,
    EquationKind,
    Term,
    equation_list,
    split_id,
)
from transport_model.mathematics.equations import read_equations
from transport_model.mathematics.state_names import amount
from transport_model.mathematics.symbols import symbol
from transport_model.reading.documents import check_sbml

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


@pytest.mark.parametrize("name", ["cell", "oocyte", "pump_assay"])
def test_every_equation_is_listed_once_and_in_order(name):
    model = load_model(name)
    read, found = read_equations(model.sbml), equation_list(model)
    kinds = [equation.kind for equation in found]
    assert kinds == sorted(kinds, key=list(HEADINGS).index)
    ids = {kind: [e.id for e in found if e.kind == kind] for kind in EquationKind}
    assert ids[EquationKind.RATE] == list(model.reaction_ids)
    assert ids[EquationKind.RULE] == list(read.rules)
    assert len(ids[EquationKind.BALANCE]) == len(read.states)
    for equation in found:
        if equation.kind == EquationKind.RATE:
            assert equation.right == read.fluxes[equation.id]
        if equation.kind == EquationKind.BALANCE and isinstance(equation.right, tuple):
            row = read.stoichiometry.row(read.states.index(amount(equation.id)))
            made = {term.reaction: term.sign * term.size for term in equation.right}
            assert made == {n: c for n, c in zip(read.fluxes, row, strict=True) if c != 0}
            assert equation.unit == "fmol/s"


FACTOR = """<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2">
<model id="m" conversionFactor="f"><listOfCompartments>
<compartment id="c" size="1" spatialDimensions="3" constant="true"/></listOfCompartments>
<listOfSpecies><species id="S" compartment="c" initialConcentration="1" boundaryCondition="false"
 hasOnlySubstanceUnits="false" constant="false"/></listOfSpecies>
<listOfParameters><parameter id="f" value="3" constant="true"/></listOfParameters>
<listOfReactions><reaction id="lose" reversible="false"><listOfReactants>
<speciesReference species="S" stoichiometry="2" constant="true"/></listOfReactants>
<kineticLaw><math xmlns="http://www.w3.org/1998/Math/MathML"><ci>S</ci></math></kineticLaw>
</reaction></listOfReactions></model></sbml>"""


def test_a_count_that_is_a_symbol_has_one_sign():
    balance = equation_list(Model("m", check_sbml(FACTOR, "m")))[0]
    (term,) = balance.right
    assert term == Term(-1, 2 * symbol("f"), "lose")
    assert latex_equation(balance).endswith(r"= - 2 f \, v_{\mathrm{lose}}")


def test_latex_has_greek_letters_and_subscripts():
    names = ("alpha_x", "dG_Na", "beta", "k_12")
    latex = [latex_symbol(name) for name in names]
    assert latex == [r"\alpha_{x}", r"\Delta G_{\mathrm{Na}}", r"\beta", "k_{12}"]


@pytest.mark.parametrize(
    ("name", "parts"),
    [("Na_i", ("Na", ("i",))), ("k_12_sglt", ("k", ("12", "sglt"))), ("_x", ("_x", ())),
     ("x__", ("x__", ())), ("T", ("T", ()))],
)  # fmt: skip
def test_ids_are_split_at_the_underscore(name, parts):
    assert split_id(name) == parts
