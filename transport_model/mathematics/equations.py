"""The one symbolic reading of a model: SBML in, SymPy out.

The certificate of a steady state, the compiled kernels, the exact derivatives and the equations
in the report all come from here.

A model is read as

    dx/dt = N v(x, p, t)           for species that reactions move (amounts)
    dx/dt = f(x, p, t)             for quantities under a rate rule

with *definitions* in between: concentrations, then assignment rules, each after what it needs.
"""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import Any, cast
from xml.etree import ElementTree

import libsbml
import sympy as sp
from sympy.core.function import AppliedUndef

from transport_model.errors import ModelFileError, UnsupportedModelError
from transport_model.kept import keep, kept
from transport_model.quantities import has_no_volume, size_of
from transport_model.reading.mathematics import (
    with_functions_expanded,
    without_nameless_spaces,
)


def symbol(name: str) -> sp.Symbol:
    """Return the symbol of a quantity; all of a model's quantities are real."""
    return sp.Symbol(name, real=True)


TIME = symbol("csymbol(time)")
#: The value that SBML L3V2, section 3.4.6, gives its csymbol; not ours to improve.
AVOGADRO = sp.Float("6.02214179e23", 17)


def amount(species: str) -> str:
    """Return the name of the state that holds a species' amount."""
    return f"amount({species})"


def species_of(state: str) -> str:
    """Return the id of the quantity that a state belongs to."""
    return state.removeprefix("amount(").removesuffix(")")


@dataclass(frozen=True)
class Equations:
    """A model's mathematics, symbol by symbol.

    Attributes
    ----------
    states
        Names of the dynamic quantities: ``amount(X)`` for species that reactions move, the bare
        id for quantities under a rate rule.
    constants
        Names of everything that is constant during a run: parameters, compartments and
        boundary species (``amount(X)`` for those in a compartment that changes its size).
    definitions
        Concentrations and assignment rules, each after all it depends on. A rule that names a
        reaction holds its kinetic law.
    rules
        Ids among the definitions that the model itself defines by an assignment rule.
    fluxes
        Kinetic laws by reaction id.
    stoichiometry
        States by reactions, amount per extent; a row under a rate rule is zero.
    rate_rules
        Right-hand sides by state, for states under a rate rule, in the order of the states.
    start
        Formulas for the starting values that are computed, each after all it depends on.
    values
        Numbers given in the file, by id; NaN where the file gives none.
    has_events
        Whether the model also has events, which have no place in this form.
    """

    states: tuple[str, ...]
    constants: tuple[str, ...]
    definitions: Mapping[str, sp.Expr]
    rules: tuple[str, ...]
    fluxes: Mapping[str, sp.Expr]
    stoichiometry: sp.ImmutableDenseMatrix
    rate_rules: Mapping[str, sp.Expr]
    start: Mapping[str, sp.Expr]
    values: Mapping[str, float]
    has_events: bool

    @cached_property
    def following_time(self) -> frozenset[str]:
        """Names of the definitions, fluxes and rate rules whose value follows the time itself."""
        found: set[str] = set()
        for name, formula in {**self.definitions, **self.fluxes}.items():
            used = formula.free_symbols
            if TIME in used or any(symbol(other) in used for other in found):
                found.add(name)
        for name, formula in self.rate_rules.items():
            used = formula.free_symbols
            if TIME in used or any(symbol(other) in used for other in found):
                found.add(f"rate({name})")
        return frozenset(found)

    @property
    def depends_on_time(self) -> bool:
        """Whether a rate names the time, so that no steady state is defined."""
        rates = {*self.fluxes, *(f"rate({name})" for name in self.rate_rules)}
        return bool(self.following_time & rates)

    @cached_property
    def has_branches(self) -> bool:
        """Whether a formula has a kink or a jump, so that its derivative holds on one side."""
        formulas = [*self.definitions.values(), *self.fluxes.values(), *self.rate_rules.values()]
        return any(
            formula.has(sp.Piecewise, sp.Min, sp.Max, sp.Abs, sp.sign, sp.floor, sp.ceiling)
            for formula in formulas
        )

    def require_no_events(self, what: str) -> None:
        """Raise UnsupportedModelError, saying that `what` is not for models with events."""
        if self.has_events:
            raise UnsupportedModelError(f"{what}: the model has events")

    def require_standing_rates(self, what: str) -> None:
        """Raise UnsupportedModelError where events act or a rate names the time, as `what`."""
        self.require_no_events(what)
        if self.depends_on_time:
            raise UnsupportedModelError(f"{what}: a rate names the time")


@lru_cache(maxsize=32)
def read_equations(sbml: str) -> Equations:
    """Read SBML L3V2 text into symbolic form, or take it from disk.

    Raises
    ------
    UnsupportedModelError
        A construct has no place in this form; the message names it.
    ModelFileError
        Rules depend on one another in a circle.
    """
    known = kept("equations", sbml)
    if known is not None:
        return pickle.loads(known)
    equations = _Reader(with_functions_expanded(sbml)).read()
    with suppress(RecursionError):  # of formulas that are nested too deep
        keep("equations", sbml, pickle.dumps(equations))
    return equations


class FormulaReader:
    """Reads formulas of a model in which function definitions have been expanded."""

    def __init__(self, model: libsbml.Model) -> None:
        from sbmlmath import SBMLMathMLParser  # half a second, and only needed of a new model

        self.model = model
        self.parser: Any = SBMLMathMLParser(
            ignore_units=True, evaluate=True, symbol_kwargs={"real": True}
        )

    def formula(self, element: Any, where: str) -> sp.Expr:
        """Return the formula of an element, which a refusal calls `where`.

        Raises
        ------
        UnsupportedModelError
            It cannot be read, or uses a function that has no place in this form.
        """
        from sbmlmath import CSymbol, RateOf, TimeSymbol

        if not element.isSetMath():
            raise UnsupportedModelError(f"{where} has no mathematics")
        text = libsbml.writeMathMLWithNamespaceToString(
            element.getMath(), libsbml.SBMLNamespaces(3, 2)
        )
        if "symbols/rateOf" in text:  # whatever it is called there
            raise UnsupportedModelError(f"{where} uses rateOf, which is not supported here")
        try:
            expression = sp.sympify(self.parser.parse_str(_divided(without_nameless_spaces(text))))
        except (NotImplementedError, ValueError, AssertionError, TypeError) as error:
            cause = " ".join(str(error).split())[:120]
            raise UnsupportedModelError(f"{where} cannot be read: {cause}") from None
        if expression is None:  # a <math> with nothing in it
            raise UnsupportedModelError(f"{where} has no mathematics")
        for csymbol in expression.atoms(CSymbol):
            is_time = isinstance(csymbol, TimeSymbol)
            expression = expression.xreplace({csymbol: TIME if is_time else AVOGADRO})
        # Without the derivative, or with another sign convention, that exactness asks for
        for kind, label in ((sp.factorial, "factorial"), (RateOf, "rateOf")):
            if expression.has(kind):
                raise UnsupportedModelError(f"{where} uses {label}, which is not supported here")
        unknown = expression.atoms(AppliedUndef)
        if unknown:
            name = min(str(function.func) for function in unknown)
            raise UnsupportedModelError(f"{where} uses {name}, which is not supported here")
        return expression


class _Reader(FormulaReader):
    def __init__(self, document: libsbml.SBMLDocument) -> None:
        model: Any = document.getModel()
        super().__init__(model)
        self._document = document  # without which the model would go
        rules = list(model.getListOfRules())
        self.assigned = {rule.getVariable(): rule for rule in rules if rule.isAssignment()}
        self.rated = {rule.getVariable(): rule for rule in rules if rule.isRate()}
        self.states: list[str] = []
        self.constants: list[str] = []
        self.definitions: dict[str, sp.Expr] = {}
        self.start: dict[str, sp.Expr] = {}
        self.values: dict[str, float] = {}
        self.laws: dict[sp.Symbol, sp.Expr] = {}

    def read(self) -> Equations:
        for compartment in self.model.getListOfCompartments():
            self._quantity(compartment, size_of(compartment))
        for parameter in self.model.getListOfParameters():
            self._quantity(parameter, parameter.getValue())
        for species in self.model.getListOfSpecies():
            self._species(species)
        laws, stoichiometry = self._reactions()
        self.laws = {symbol(name): law for name, law in _in_laws(laws).items()}
        fluxes = {name: self.laws[symbol(name)] for name in laws}
        for name, rule in self.assigned.items():
            self.definitions[name] = self._with_laws(rule, f"the rule for '{name}'")
        rate_rules = {  # in the order of the states, as their columns of the stoichiometry stand
            name: self._with_laws(self.rated[name], f"the rate rule for '{name}'")
            for name in self.states
            if name in self.rated
        }
        for assignment in self.model.getListOfInitialAssignments():
            name = assignment.getSymbol()
            self.values.pop(name, None)
            self.start[name] = self._with_laws(assignment, f"the initial assignment of '{name}'")
        definitions = _ordered(self.definitions)
        # At the start a concentration is what its species is given; its amount follows from it.
        given = {name: formula for name, formula in definitions.items() if name in self.assigned}
        return Equations(
            states=tuple(self.states),
            constants=tuple(self.constants),
            definitions=definitions,
            rules=tuple(name for name in definitions if name in self.assigned),
            fluxes=fluxes,
            stoichiometry=stoichiometry,
            rate_rules=rate_rules,
            start=_ordered({**given, **self.start}),
            values=self.values,
            has_events=self.model.getNumEvents() > 0,
        )

    def _quantity(self, element: Any, value: float) -> None:
        """File a compartment or parameter under state, constant or definition."""
        name = element.getId()
        if name in self.assigned:
            return
        (self.states if name in self.rated else self.constants).append(name)
        self.values[name] = value

    def _species(self, species: libsbml.Species) -> None:
        name = species.getId()
        home = self.model.getCompartment(species.getCompartment())
        is_amount = species.getHasOnlySubstanceUnits() or has_no_volume(home)
        size = symbol(home.getId())
        if name in self.assigned:
            return
        if species.isSetInitialAmount() and not is_amount:
            self.start[name] = sp.Float(species.getInitialAmount(), 17) / size
        elif species.isSetInitialConcentration() and is_amount:
            self.start[name] = sp.Float(species.getInitialConcentration(), 17) * size
        else:
            given = species.getInitialAmount() if is_amount else species.getInitialConcentration()
            # A species without a value starts empty, as in libRoadRunner
            is_said = species.isSetInitialAmount() or species.isSetInitialConcentration()
            self.values[name] = given if is_said else 0.0
        if name in self.rated:
            self.states.append(name)
            if not is_amount:
                self.definitions[amount(name)] = self.start[amount(name)] = symbol(name) * size
            return
        still = species.getBoundaryCondition() or species.getConstant()
        if still and (is_amount or home.getConstant()):
            self.constants.append(name)
            return
        (self.constants if still else self.states).append(amount(name))
        self.definitions[name] = symbol(amount(name)) / (1 if is_amount else size)
        self.start[amount(name)] = symbol(name) * (1 if is_amount else size)

    def _reactions(self) -> tuple[dict[str, sp.Expr], sp.ImmutableDenseMatrix]:
        reactions = list(self.model.getListOfReactions())
        matrix = sp.zeros(len(self.states), len(reactions))
        row = {state: index for index, state in enumerate(self.states)}
        fluxes = {}
        for column, reaction in enumerate(reactions):
            law, name = reaction.getKineticLaw(), reaction.getId()
            if law is None or not law.isSetMath():
                raise UnsupportedModelError(f"reaction '{name}' has no kinetic law")
            fluxes[name] = self.formula(law, f"the kinetic law of '{name}'")
            for sign, side in ((-1, reaction.getListOfReactants()),
                               (1, reaction.getListOfProducts())):  # fmt: skip
                for reference in side:
                    coefficient = sign * self._coefficient(reference)
                    state = row.get(amount(reference.getSpecies()))
                    if state is not None:
                        matrix[state, column] += coefficient
        return fluxes, sp.ImmutableDenseMatrix(matrix)

    def _coefficient(self, reference: libsbml.SpeciesReference) -> sp.Expr:
        name = reference.getId()
        value = reference.getStoichiometry() if reference.isSetStoichiometry() else float("nan")
        if name:
            self._quantity(reference, value)
            coefficient: sp.Expr = symbol(name)
        elif value.is_integer():  # 8 ms saved each
            coefficient = sp.Integer(int(value))
        else:
            coefficient = sp.nsimplify(sp.Float(value, 17), rational=True)
        species = self.model.getSpecies(reference.getSpecies())
        factor = species.getConversionFactor() or self.model.getConversionFactor()
        return coefficient * symbol(factor) if factor else coefficient

    def _with_laws(self, element: Any, where: str) -> sp.Expr:
        """Return a formula with the kinetic law in place of each reaction that it names."""
        return _replaced(self.formula(element, where), self.laws)


def _divided(text: str) -> str:
    """Return MathML with remainders and quotients spelled out by a division cut towards zero.

    As the standard has them: a remainder has the dividend's sign (SymPy's has the divisor's).
    """
    if not _DIVISION.search(text):
        return text
    root = ElementTree.fromstring(text)
    for element in root.iter():  # units, which nobody reads here, may lose their namespace below
        for name in [name for name in element.attrib if name.startswith("{")]:
            del element.attrib[name]
    for apply in reversed(list(root.iter(f"{_MATHML}apply"))):  # the inner ones first
        operator, *operands = apply
        kind = operator.tag.removeprefix(_MATHML)
        if kind not in ("rem", "quotient") or len(operands) != 2:
            continue
        ratio = _applied("divide", *operands)
        branches = ElementTree.Element(f"{_MATHML}piecewise")
        piece = ElementTree.SubElement(branches, f"{_MATHML}piece")
        zero = ElementTree.Element(f"{_MATHML}cn")
        zero.text = "0"
        piece.extend([_applied("floor", ratio), _applied("geq", ratio, zero)])
        otherwise = ElementTree.SubElement(branches, f"{_MATHML}otherwise")
        otherwise.append(_applied("ceiling", ratio))
        whole = _applied("times", operands[1], branches)
        rest = _applied("minus", operands[0], whole)
        apply[:] = list(rest if kind == "rem" else _applied("plus", branches))
    return ElementTree.tostring(root, encoding="unicode")


_MATHML = "{http://www.w3.org/1998/Math/MathML}"
_DIVISION = re.compile(r"<(?:\w+:)?(?:rem|quotient)\b")


def _applied(operator: str, *operands: ElementTree.Element) -> ElementTree.Element:
    apply = ElementTree.Element(f"{_MATHML}apply")
    apply.append(ElementTree.Element(_MATHML + operator))
    apply.extend(copy.deepcopy(operand) for operand in operands)
    return apply


def _in_laws(laws: Mapping[str, sp.Expr]) -> dict[str, sp.Expr]:
    """Put kinetic laws in place of the reactions that other kinetic laws name."""
    expanded: dict[str, sp.Expr] = {}
    for name, law in _ordered(laws).items():
        expanded[name] = _replaced(law, {symbol(used): inner for used, inner in expanded.items()})
    return expanded


def _replaced(formula: sp.Expr, parts: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr:
    # SymPy's xreplace claims any Basic; expressions for symbols leave an expression
    return cast(sp.Expr, formula.xreplace(dict(parts)))


def _ordered(formulas: Mapping[str, sp.Expr]) -> dict[str, sp.Expr]:
    """Sort formulas so that each follows all it needs; otherwise as they came."""
    graph = {
        name: sorted(
            (str(used) for used in formula.free_symbols if str(used) in formulas),
            key=list(formulas).index,
        )
        for name, formula in formulas.items()
    }
    try:
        return {name: formulas[name] for name in TopologicalSorter(graph).static_order()}
    except CycleError as error:
        circle = " → ".join(error.args[1])
        raise ModelFileError(f"these rules depend on one another in a circle: {circle}") from None
