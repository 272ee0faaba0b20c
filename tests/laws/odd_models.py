"""Models with every kind of quantity that a result may hold, each with values to try.

Every model is a text in Antimony, or in SBML for what Antimony cannot say, and a design: values by
id, one column at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import libsbml


@dataclass(frozen=True)
class Odd:
    """A model and what is tried with it."""

    name: str
    text: str
    tries: dict[str, list[float]]

    @property
    def suffix(self) -> str:
        return ".xml" if self.text.startswith("<?xml") else ".ant"


def antimony(name: str, text: str, **tries: list[float]) -> Odd:
    return Odd(name, f"model m_{name}\n {text}\nend\n", tries)


def sbml(name: str, *parts: str, attributes: str = "", cell: str = "", **tries: list[float]) -> Odd:
    """Return a model of one compartment `c`, of size 2 unless `cell` gives its attributes."""
    kinds: dict[str, list[str]] = {kind: [] for kind in _ORDER}
    for part in parts:
        tag = part[1:].split(maxsplit=1)[0].rstrip(">")
        kinds[_LISTS[tag]].append(part)
    body = "".join(f"<{k}>{''.join(p)}</{k}>" for k, p in kinds.items() if p)
    size = cell or 'size="2" spatialDimensions="3" constant="true"'
    head = '<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2">'
    return Odd(name, f'<?xml version="1.0"?>{head}<model id="{name}" {attributes}>'
               f'<listOfCompartments><compartment id="c" {size}/></listOfCompartments>'
               f"{body}</model></sbml>", tries)  # fmt: skip


_LISTS = {"species": "listOfSpecies", "parameter": "listOfParameters",
          "initialAssignment": "listOfInitialAssignments", "assignmentRule": "listOfRules",
          "rateRule": "listOfRules", "reaction": "listOfReactions"}  # fmt: skip
_ORDER = dict.fromkeys(_LISTS.values())


def species(name: str, start: str, *, amount=False, boundary=False, constant=False, more="") -> str:
    flags = {"hasOnlySubstanceUnits": amount, "boundaryCondition": boundary, "constant": constant}
    text = " ".join(f'{key}="{str(value).lower()}"' for key, value in flags.items())
    return f'<species id="{name}" compartment="c" {start} {text} {more}/>'


def conc(value: float) -> str:
    return f'initialConcentration="{value}"'


def held(value: float) -> str:
    return f'initialAmount="{value}"'


def parameter(name: str, value: float | None, constant: bool = True) -> str:
    given = "" if value is None else f'value="{value}"'
    return f'<parameter id="{name}" {given} constant="{str(constant).lower()}"/>'


def mathml(formula: str) -> str:
    text = libsbml.writeMathMLToString(libsbml.parseL3Formula(formula))
    return text.split("?>", 1)[1]


def initial(name: str, formula: str) -> str:
    return f'<initialAssignment symbol="{name}">{mathml(formula)}</initialAssignment>'


def rule(kind: str, name: str, formula: str) -> str:
    return f'<{kind}Rule variable="{name}">{mathml(formula)}</{kind}Rule>'


def reaction(name: str, left: str, right: str, law: str, modifiers="", local="") -> str:
    """`left` and `right` list species, or `id:species` for references with ids."""

    def references(text: str) -> str:
        found = ""
        for item in text.split():
            ident, _, what = item.rpartition(":")
            own = f'id="{ident}"' if ident else ""
            found += f'<speciesReference species="{what}" stoichiometry="1" constant="true" {own}/>'
        return found

    sides = "".join(
        f"<listOf{side}>{references(text)}</listOf{side}>"
        for side, text in (("Reactants", left), ("Products", right))
        if text
    )
    seen = "".join(f'<modifierSpeciesReference species="{m}"/>' for m in modifiers.split())
    sides += f"<listOfModifiers>{seen}</listOfModifiers>" if seen else ""
    own = "".join(f'<localParameter id="{n}" value="{v}"/>' for n, v in
                  (item.split("=") for item in local.split()))  # fmt: skip
    own = f"<listOfLocalParameters>{own}</listOfLocalParameters>" if own else ""
    return (f'<reaction id="{name}" reversible="false">{sides}<kineticLaw>{mathml(law)}{own}'
            "</kineticLaw></reaction>")  # fmt: skip


_FLOWS = "-> A; k*c\n A -> ; A*c"

MODELS = [
    antimony("boundary", "species $X = 3; A = 0; k = 1\n X -> A; k*X\n A -> ; 2*A",
             k=[1, 2], X=[3, 4]),
    antimony("boundary_in_a_cell", "compartment c = 2; species $X in c = 3; species A in c = 0\n"
             " k = 1; X -> A; c*k*X\n A -> ; 2*A*c", c=[1, 2, 5], X=[3, 4]),
    antimony("boundary_amount", "compartment c = 2; substanceOnly species $X in c = 3\n"
             " species A in c = 0; k = 1; -> A; k*X\n A -> ; 2*A*c", c=[1, 2, 5], X=[3, 4]),
    antimony("starts", "k = 2*s; s = 3; species A = 0\n -> A; k\n A -> ; A", s=[1, 3]),
    antimony("starts_of_species", "s = 2; k = 3; species A, B; A = k*s; B = 0; A -> B; k*A - B\n"
             " pt = A*2", s=[1, 3], k=[5], B=[2]),
    antimony("start_of_a_cell", "s = 2; compartment c; c = s*2; species A in c = 1\n"
             " species B in c = 0; q = 2; A -> B; c*(q*A - B)", s=[1, 3], q=[5]),
    antimony("start_of_an_amount", "compartment c = 2; substanceOnly species A in c; A = 3*q\n"
             " q = 2; species B in c; B = q; k = 2; A -> B; k*A - B*c", q=[4], k=[1], c=[3]),
    antimony("rest_of_a_sum", "species A, B; tot = 5; A = tot - B; B = 1; k = 2; A -> B; k*A - B",
             tot=[4], k=[5], B=[2]),
    antimony("impossible_start", "species A; B = -2; A = B; k = 1\n -> A; k\n A -> ; A",
             B=[2, -3], k=[1]),
    antimony("amount", "compartment c = 4; substanceOnly species A in c = 1; k = 6\n -> A; k\n"
             " A -> ; 2*A", c=[1, 2], k=[5], A=[3]),
    antimony("ruled_species", "compartment c = 3; substanceOnly species B in c; k = 1\n"
             " species A in c = 1; species D in c; B := 2*A; D := 3*A; -> A; k; A -> ; 0.5*A*c\n"
             " r := A + B + D", k=[1, 2], c=[2]),
    antimony("moving_cell", f"compartment c = 1; species A in c = 2; k = 3; c' = k - c; {_FLOWS}",
             k=[3, 2], c=[2]),
    antimony("ruled_cell", f"compartment c; k = 3; c := 2*k; species A in c = 2; {_FLOWS}",
             k=[3, 2], A=[5]),
    antimony("rate_rule", "k = 3; x' = k - x; x = 1; y := x^2", k=[3, 2], x=[4]),
    antimony("rated_species", "compartment c = 2; species A in c = 1; k = 2; A' = k - A\n"
             " species B in c = 0; -> B; c*A; B -> ; c*B", k=[2, 3], c=[1], A=[7]),
    antimony("rated_amount", "compartment c = 2; substanceOnly species A in c = 1; k = 2\n"
             " A' = k - A", k=[2, 3], c=[1], A=[7]),
    antimony("rated_boundary", "compartment c = 2; species $A in c = 1; k = 2; A' = k - A\n"
             " species B in c = 0; A -> B; c*A; B -> ; c*B", k=[2, 3], c=[1, 4], A=[9]),
    antimony("ruled_boundary", "compartment c = 2; species $A in c; k = 2; A := k*2\n"
             " species B in c = 0; A -> B; c*A; B -> ; c*B", k=[2, 3], c=[1]),
    antimony("two_cells", "compartment c = 2, d = 3; species A in c = 1, B in d = 0; k = 1\n"
             " A -> B; k*(A - B)", k=[1], c=[2, 4], d=[1], A=[5]),
    antimony("negative", "x' = k - x; k = -3; x = -1; n := x*2", k=[-3, -2], x=[-5]),
    antimony("empties", "k = 1; species A = 3, B = 0; A -> B; k*A; B -> ; 2*B", k=[1, 2]),
    antimony("modifiers", "species A = 0, E = 2, $F = 3; k = 1; -> A; k*E*F; A -> ; A",
             k=[1, 2], F=[4], E=[5]),
    antimony("constant_species", "const species E = 2; species A = 0; k = 1; -> A; k*E; A -> ; A",
             k=[1, 2], E=[3]),
    antimony("a_name_like_an_amount", "compartment c = 2; species A in c = 1; n_A = 5\n"
             " -> A; n_A; A -> ; A*c", n_A=[2]),
    antimony("clock", "species A = 0; k = 1; -> A; k; A -> ; A; t2 := 2*time; t3 := t2 + A",
             k=[1, 2]),
    antimony("kink", "species A = 0; k = 1; -> A; max(k, 0.5); A -> ; A*piecewise(1, A < 2, 3)",
             k=[1, 0.2, 8]),
    antimony("oscillates", "k = 3; x' = 1 - (k + 1)*x + x^2*y\n y' = k*x - x^2*y\n x = 1.1; y = 3",
             k=[3, 1.5]),
    antimony("grows", "k = 1; species S = 0; -> S; k; S -> ; 2*S/(1 + S)", k=[1, 3]),
    antimony("event", "species A = 0; k = 1; -> A; k; A -> ; A; at time > 3: k = 2", k=[1]),
    Odd("function", "function f(x, y)\n x/(y + x)\nend\nmodel function_of_two\n species A = 1\n"
        " k = 0.5; -> A; 0.3*k; A -> ; f(A, k)\nend\n", {"k": [1, 2]}),
    sbml("local", species("A", conc(1)), parameter("k", 2),
         reaction("J", "", "A", "k*q*c", local="k=3 q=0.5"), reaction("K", "A", "", "k*A*c"),
         k=[1, 2], c=[1]),
    sbml("amounts_that_are_held", species("X", held(6), amount=True, boundary=True),
         species("Y", held(6), boundary=True), species("Z", conc(6), amount=True, boundary=True),
         species("A", held(0)), parameter("k", 2), reaction("J", "", "A", "X + Y + Z", "X Y Z"),
         reaction("K", "A", "", "k*A*c"), k=[1], c=[1, 4], X=[2], Y=[2], Z=[2]),
    sbml("constant_under_an_assignment", species("X", held(6), boundary=True, constant=True),
         species("A", held(0)), parameter("k", 2), initial("X", "3*k"),
         reaction("J", "", "A", "X", "X"), reaction("K", "A", "", "k*A*c"), k=[1, 2], c=[1, 4]),
    sbml("values_given_late", species("A", ""), parameter("k", None), parameter("q", 2),
         reaction("J", "", "A", "k"), reaction("K", "A", "", "q*A*c"), k=[1, 2]),
    sbml("start_given_late", species("A", ""), species("B", conc(1)), parameter("q", 2),
         reaction("J", "A", "B", "q*A*c - B*c"), A=[3, 5]),
    sbml("no_dimensions", species("A", conc(1)), species("B", held(0)),
         species("D", conc(2), boundary=True), parameter("q", 2),
         reaction("J", "A", "B", "q*A*c - B*c*D", "D"), cell='size="3" constant="true"',
         q=[3, 5], c=[1, 2], D=[1]),
    sbml("no_dimension", species("A", held(2), amount=True), species("B", held(0), amount=True),
         parameter("q", 2), reaction("J", "A", "B", "q*A - B"),
         cell='spatialDimensions="0" constant="true"', q=[3, 5]),
    sbml("starts_in_a_computed_cell", species("A", ""), species("B", conc(0)), parameter("q", 2),
         initial("c", "3*q"), initial("A", "q"), reaction("J", "A", "B", "q*A*c - B*c"), q=[3, 5]),
    sbml("flux_in_a_rule", species("A", conc(1)), parameter("k", 2), parameter("y", 0, False),
         rule("assignment", "y", "2*J + k"), reaction("J", "", "A", "c*k"),
         reaction("K", "A", "", "k*A*c"), k=[1, 2]),
    sbml("rated_boundary_amount", species("X", conc(6), amount=True, boundary=True),
         species("A", held(0), amount=True), parameter("k", 2), rule("rate", "X", "k - X"),
         reaction("J", "X", "A", "X"), reaction("K", "A", "", "k*A"), k=[1, 2], c=[4], X=[9]),
    sbml("sums_as_constants", species("A", held(6)), species("B", held(1)), parameter("k", 2),
         parameter("tot", 0), initial("tot", "A + B"),
         reaction("J", "A", "B", "c*k*A - c*B*tot"), k=[1, 2], c=[1, 4], A=[9], B=[0]),
    sbml("conversion_factors", species("A", conc(1), more='conversionFactor="f"'),
         species("B", conc(0)), *(parameter(n, v) for n, v in (("k", 2), ("f", 3), ("g", 0.5))),
         reaction("J", "A", "B", "k*A*c - B*c"), attributes='conversionFactor="g"',
         k=[1], f=[5], g=[0.25], c=[1]),
    sbml("references_with_ids", species("A", conc(1)), parameter("k", 2),
         parameter("y", 0, False), initial("nA", "2*k"), rule("assignment", "y", "nA*A"),
         reaction("J", "", "nA:A", "c"), reaction("K", "A", "", "k*A*c"), k=[1, 2]),
    sbml("stoichiometry_under_a_rule", species("A", conc(1)), parameter("k", 2),
         rule("assignment", "nA", "2*k"),
         reaction("J", "", "nA:A", "c").replace('constant="true" id', 'constant="false" id'),
         reaction("K", "A", "", "k*A*c"), k=[1, 2]),
]  # fmt: skip
