"""Equations as a report prints them, held against the model that they are read from."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
import sympy as sp

from transport_model import load_model
from transport_model.analyses.report.equations import SymbolPrinter, printed_equations
from transport_model.analyses.report.pdf import to_typst
from transport_model.analyses.report.symbols import Symbol, of_amount, symbols_of
from transport_model.mathematics.equation_list import equation_list
from transport_model.mathematics.symbols import symbol

CYCLE = """model cycle
  compartment c = 1; species A in c, B in c, C in c, X in c
  A = 1; B = 1; C = 1; X = 1; k = 1; u := 2*k + k*X; w := 2*k + k*X
  join: 2 A + B => 3 C; k*A*B*u
  part: C => A; k*C*w
  lose: A => ; r
  r := k*A
end"""
#: How much of each species a reaction makes, by hand.
MADE = {"A": {"join": -2, "part": 1, "r": -1}, "B": {"join": -1}, "C": {"join": 3, "part": -1}}


@pytest.fixture
def cycle(tmp_path):
    path = tmp_path / "cycle.ant"
    path.write_text(CYCLE)
    return load_model(path)


def text_of(mathml):
    return " ".join(re.sub(r"<[^>]*>", " ", mathml).split())


def test_balances_say_what_reactions_do(cycle):
    """A rate that is but a quantity's other name goes by that name: r, not v of lose."""
    balances = printed_equations(cycle)[0]
    assert balances.heading == "Balances"
    by_name = {equation.words: equation for equation in balances.equations}
    for species, made in MADE.items():
        left, _, right = text_of(by_name[species].mathml).partition("=")
        assert left.split() == ["d", "n", species, "d", "t"]
        terms = re.findall(r"([−+]?)\s*(\d*)\s*(?:v )?(join|part|r)\b", right)
        read = {name: (-1 if sign == "−" else 1) * int(n or 1) for sign, n, name in terms}
        assert read == made


def test_an_equation_does_not_say_its_heading_again(tmp_path):
    path = tmp_path / "named.ant"
    path.write_text('model named\n  A = 1; k = 1; lose: A => ; k*A; lose is "loss of A"\nend')
    (rate,) = [p for p in printed_equations(load_model(path)) if p.heading == "Loss of A"]
    assert [equation.words for equation in rate.equations] == [""]


def test_one_expression_is_printed_once_and_everything_is_defined(cycle):
    equations = [e for part in printed_equations(cycle) for e in part.equations]
    assert [e.number for e in equations] == list(range(1, len(equations) + 1))
    shared = [e for e in equations if "u; w" in e.words]
    assert len(shared) == 1
    assert text_of(shared[0].mathml).startswith("u = w =")
    lefts = {name for e in equations for name in e.spoken.rpartition(" = ")[0].split(" = ")}
    assert {"u", "w", "r", "join", "part"} <= lefts
    assert "lose" not in lefts


@pytest.mark.parametrize("name", ["cell", "oocyte", "epithelium"])
def test_every_equation_of_a_model_is_there(name):
    model = load_model(name)
    printed = [e for part in printed_equations(model) for e in part.equations]
    names = [left for e in printed for left in e.spoken.partition(" = ")[0].split(" = ")]
    trivial = {e.id for e in equation_list(model) if getattr(e.right, "is_Symbol", False)}
    assert set(names) <= {e.id for e in equation_list(model)}
    missing = {e.id for e in equation_list(model)} - {
        left for e in printed for left in e.spoken.split(" = ")
    }
    assert missing <= trivial


def test_what_a_rate_needs_stands_before_it():
    parts = printed_equations(load_model("cell"))
    order = [e.spoken.split(" = ")[0] for part in parts for e in part.equations]
    place = {name: n for n, name in enumerate(order) if n >= 6}  # behind the balances
    for needed, user in [("u", "leak_Na_phi"), ("leak_Na_phi", "J_leak_Na"), ("V_m", "u"),
                         ("pump_q", "J_pump"), ("sglt_h2", "J_sglt")]:  # fmt: skip
        assert place[needed] < place[user]


def test_symbols_are_those_of_print():
    symbols = {name: str(symbol) for name, symbol in symbols_of(load_model("cell")).items()}
    assert symbols["Na_i"] == "[Na⁺]_i"
    assert symbols["V_m"] == "V_m"
    assert symbols["J_pump"] == "J_pump"
    assert symbols["sglt_k12"] == "k_12,sglt"
    assert symbols["leak_Na_phi"] == "φ_leak Na"
    assert symbols["dG_Na_chem"] == "ΔG_Na,chem"
    assert symbols["mV_per_V"] == "mV per V"


@pytest.mark.parametrize("name", ["cell", "cell_pan2019", "epithelium", "pump_assay", "oocyte"])
def test_no_two_ids_look_alike(name):
    symbols = symbols_of(load_model(name))
    assert len(set(map(str, symbols.values()))) == len(symbols)


def test_an_amount_has_a_symbol_of_its_own():
    assert str(of_amount(Symbol("Na⁺", ("i",), in_brackets=True), "Na_i")) == "n_Na⁺,i"
    assert str(of_amount(Symbol("charge", ()), "charge")) == "n_charge"


def test_exponents_that_are_sums_are_written_out(cycle):
    write = SymbolPrinter(cycle)
    k, a = symbol("k"), symbol("A")
    assert text_of(write.formula(sp.exp(-k))).split()[0] == "e"
    assert text_of(write.formula(sp.exp(k + a))).split()[0] == "exp"


def test_typst_is_given_every_formula():
    """Each ends up as mathematics, with no character of it read as Typst's own."""
    for part in printed_equations(load_model("cell")):
        for equation in part.equations:
            assert ET.fromstring(equation.mathml) is not None
            html = f"<html><head><title>t</title></head><body>{equation.mathml}</body></html>"
            text = to_typst(html, "2026-01-01T00:00:00+00:00")
            assert "$display(" in text
            assert text.count("(") == text.count(")")


def test_ratios_of_large_numbers_are_decimals():
    write = SymbolPrinter(load_model("cell"))
    x = symbol("x")
    for number, text in (
        (sp.Rational(166112956810631, 10**16), "0.0166112956810631 x"),
        (sp.Rational(602, 1) * 10**21, "6.02 × 10 23 x"),
        (sp.Rational(1, 10**18), "10 −18 x"),
        (sp.Integer(96485), "96485 x"),
        (sp.Rational(1, 3), "x 3"),
    ):
        assert text_of(write.formula(number * x)) == text
