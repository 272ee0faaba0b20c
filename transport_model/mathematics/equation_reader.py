"""The one symbolic reading of a model: SBML in, SymPy out."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any, cast

import libsbml
import sympy as sp
from sympy.logic.boolalg import Boolean

from transport_model.errors import ModelFileError, UnsupportedModelError
from transport_model.mathematics.formula_reader import FormulaReader
from transport_model.mathematics.lost_gaps import with_gaps
from transport_model.mathematics.state_names import amount
from transport_model.mathematics.symbols import TIME, symbol
from transport_model.quantities import has_no_volume, size_of

#: Functions that have a kink or a jump, so that a derivative holds on one side.
_BRANCHING = (sp.Piecewise, sp.Min, sp.Max, sp.Abs, sp.sign, sp.floor, sp.ceiling)


class EquationReader(FormulaReader):
    """Reads the equations of a document in which function definitions have been expanded."""

    def __init__(self, document: libsbml.SBMLDocument) -> None:
        model: Any = document.getModel()
        super().__init__(model)
        self._document = document  # without which the model would go
        rules = list(model.getListOfRules())
        self.assigned = {rule.getVariable(): rule for rule in rules if rule.isAssignment()}
        self.rated = {rule.getVariable(): rule for rule in rules if rule.isRate()}
        self._sizes = frozenset(
            symbol(item.getId()) for item in model.getListOfCompartments() if item.getConstant()
        )
        self.states: list[str] = []
        self.constants: list[str] = []
        self.definitions: dict[str, sp.Expr] = {}
        self.start: dict[str, sp.Expr] = {}
        self.values: dict[str, float] = {}
        self.laws: dict[sp.Symbol, sp.Expr] = {}

    def formula(self, element: Any, where: str) -> sp.Expr:
        """Return a formula as a number: what is true counts one, what is false nothing."""
        read = super().formula(element, where)
        read = with_gaps(read, self.literal(element.getMath()), self._sizes)
        return cast(sp.Expr, sp.Piecewise((1, read), (0, True))) if _is_condition(read) else read

    def read(self) -> dict[str, Any]:
        """Return the parts of :class:`~transport_model.mathematics.equations.Equations`, by name.

        Raises
        ------
        UnsupportedModelError, ModelFileError
            As :func:`~transport_model.mathematics.equations.read_equations`.
        """
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
        moved = {**definitions, **fluxes, **{f"rate({n})": rule for n, rule in rate_rules.items()}}
        return {
            "states": tuple(self.states),
            "constants": tuple(self.constants),
            "definitions": definitions,
            "rules": tuple(name for name in definitions if name in self.assigned),
            "fluxes": fluxes,
            "stoichiometry": stoichiometry,
            "rate_rules": rate_rules,
            "start": _ordered({**given, **self.start}),
            "values": self.values,
            "has_events": self.model.getNumEvents() > 0,
            "following_time": _following_time(moved),
            "has_branches": any(formula.has(*_BRANCHING) for formula in moved.values()),
        }

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


def _following_time(formulas: Mapping[str, sp.Expr]) -> frozenset[str]:
    """Return the names of those formulas, each after all it needs, that follow the time itself."""
    found: dict[str, sp.Symbol] = {}
    for name, formula in formulas.items():
        if formula.free_symbols & {TIME, *found.values()}:
            found[name] = symbol(name)
    return frozenset(found)


def _is_condition(formula: Any) -> bool:
    if isinstance(formula, sp.Piecewise):
        values = [cast(Any, branch).args[0] for branch in formula.args]
        return all(map(_is_condition, values))
    return isinstance(formula, Boolean) and not formula.is_Symbol  # which may be either, to SymPy


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
