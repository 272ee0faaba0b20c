"""What a kernel computes of its model, as values of one graph."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import sympy as sp
from sympy.core.relational import Relational

from transport_model.certificate import SMALLEST_SHARE
from transport_model.errors import UnsupportedModelError
from transport_model.kernels.elimination import factors
from transport_model.mathematics.equations import Equations, read_equations
from transport_model.mathematics.evaluation import result_columns
from transport_model.mathematics.formula_graph import FormulaGraph
from transport_model.mathematics.graph import Graph
from transport_model.mathematics.program import (
    formulas_of,
    needed_for,
    values_at_start,
    velocity_names,
)
from transport_model.mathematics.state_names import amount, species_of
from transport_model.mathematics.structure import Structure, factor_names, structure_of
from transport_model.model import Model
from transport_model.quantities import charges_of

#: Independent states that a kernel takes: its matrices are dense in memory.
MAX_INDEPENDENT = 100


def given(name: str) -> str:
    """Return the name of the leaf that holds an input of a point."""
    return f"given({name})"


def kept(name: str) -> str:
    """Return the name of the leaf that holds a constant, or a conserved sum, from the start on."""
    return f"kept({name})"


@dataclass(frozen=True)
class ModelValues:
    """What a kernel computes, as values of a graph in which the states move.

    Attributes
    ----------
    graph
        Its leaves are :func:`given` inputs, what is :func:`kept` from the start on, and the states.
    inputs
        Ids of a point's inputs.
    states
        Names of all states.
    structure
        Conserved sums, independent states.
    positive, rated
        Whether a state cannot be negative, and whether a rate rule moves it, by states.
    initial
        Starting values, by states.
    kept
        What is computed at the start and holds from then on, whatever happens to the inputs, by
        name: constants under an initial assignment, and a conserved sum for each dependent state.
    checked
        Computed starting values that must not be negative.
    by_independent
        Values of all states from the independent ones and the conserved sums.
    balance, gross
        Net and gross rates of the independent states, from them alone.
    jacobian
        Derivatives of `balance` by independent states, by place; those that are zero are left out.
    step
        Newton's step by independent states, where elimination can be written out.
    net, net_gross, exchange
        Net, gross and exchange rates of all states, from all states.
    kinks
        Pairs of values between which a formula changes its branch where they meet.
    volumes
        Sizes of the compartments from all states, by id.
    outputs
        Results from all states, by column.
    linear
        Whether the rates are linear in the states: then there is one balanced state, and where it
        is stable every course comes to it.
    """

    graph: Graph
    inputs: tuple[str, ...]
    states: tuple[str, ...]
    structure: Structure
    positive: tuple[bool, ...]
    rated: tuple[bool, ...]
    initial: tuple[int, ...]
    kept: Mapping[str, int]
    checked: tuple[int, ...]
    by_independent: tuple[int, ...]
    balance: tuple[int, ...]
    gross: tuple[int, ...]
    jacobian: Mapping[tuple[int, int], int]
    step: tuple[int, ...] | None
    net: tuple[int, ...]
    net_gross: tuple[int, ...]
    exchange: tuple[int, ...]
    kinks: tuple[tuple[int, int], ...]
    volumes: Mapping[str, int]
    outputs: Mapping[str, int]
    linear: bool

    @property
    def independent(self) -> list[int]:
        """Places of the independent states among all."""
        return self.structure.independent.tolist()


def model_values(model: Model, replaced: frozenset[str]) -> ModelValues:
    """Return what the kernel of a model computes.

    Parameters
    ----------
    model
        The model; its own values do not count.
    replaced
        Ids that designs set although the SBML computes them.

    Raises
    ------
    UnsupportedModelError
        The model has events, names the time, is too large, or has a construct that a kernel does
        not take.
    """
    equations = read_equations(model.sbml)
    equations.require_standing_rates(
        f"model '{model.name}' has no kernel (engine='roadrunner' follows the course)"
    )
    # A design may make possible, or give, a start that the model's own values do not have
    structure = structure_of(model.sbml, values_at_start(model.sbml, {}))
    if factor_names(model.sbml):
        raise UnsupportedModelError(
            f"model '{model.name}' has no kernel: its stoichiometry holds symbols"
        )
    count = len(structure.independent)
    if not 0 < count <= MAX_INDEPENDENT:
        raise UnsupportedModelError(
            f"{count} independent states; a kernel takes 1 to {MAX_INDEPENDENT}"
        )
    return _Reader(model, equations, structure, replaced).read()


class _Reader:
    def __init__(
        self, model: Model, equations: Equations, structure: Structure, replaced: frozenset[str]
    ) -> None:
        self.model, self.equations, self.structure = model, equations, structure
        self.graph = graph = Graph(moving=equations.states)
        self.inputs = (*equations.values, *(name for name in equations.start if name in replaced))
        self.replaced = replaced
        # A run begins at time zero; whatever follows the time has no kernel
        self.start = FormulaGraph(
            graph,
            {
                "csymbol(time)": graph.number(0.0),
                **{name: graph.leaf(given(name)) for name in self.inputs},
            },
        )

    def read(self) -> ModelValues:
        equations, graph, states = self.equations, self.graph, self.equations.states
        checked = self._read_start()
        initial = [self.start.named(name) for name in states]
        independent = self.structure.independent.tolist()
        velocities = velocity_names(equations)
        formulas = formulas_of(equations)

        kept_values = {
            name: self.start.named(name)
            for name in equations.constants
            if name in self.start.values and name not in self.inputs
        }
        reduced = self._dynamics(kept_values)
        for i in range(len(states)):
            if i not in independent:
                kept_values[states[i]] = self._conserved(i, initial)
                reduced.values[states[i]] = self._dependent(i)
        named = _define(reduced, formulas)
        rates = [reduced.named(name) for name in velocities]
        matrix = self.structure.stoichiometry
        balance = [graph.combination(matrix[i], rates) for i in independent]
        sizes = [graph.apply("abs", rate) for rate in rates]
        leaves = [graph.leaf(states[i]) for i in independent]
        slopes = graph.derivatives(balance, leaves, named)
        jacobian = {
            (row, column): found[leaf]
            for row, found in enumerate(slopes)
            for column, leaf in enumerate(leaves)
            if leaf in found
        }
        linear = not equations.has_branches and not any(map(graph.moves.__getitem__,
                                                            jacobian.values()))  # fmt: skip

        full = self._dynamics(kept_values)
        full_named = _define(full, formulas)
        full_rates = [full.named(name) for name in velocities]
        full_sizes = [graph.apply("abs", rate) for rate in full_rates]
        exchanges = self._exchanges(full_rates, full_named)
        every = range(len(states))
        return ModelValues(
            graph=graph,
            inputs=self.inputs,
            states=states,
            structure=self.structure,
            positive=tuple(self.model.domain(species_of(name))[0] == 0.0 for name in states),
            rated=tuple(name in equations.rate_rules for name in states),
            initial=tuple(initial),
            kept=kept_values,
            checked=tuple(checked),
            by_independent=tuple(reduced.named(name) for name in states),
            balance=tuple(balance),
            gross=tuple(graph.combination(np.abs(matrix[i]), sizes) for i in independent),
            jacobian=jacobian,
            step=_newton_step(graph, jacobian, balance),
            net=tuple(graph.combination(matrix[i], full_rates) for i in every),
            net_gross=tuple(graph.combination(np.abs(matrix[i]), full_sizes) for i in every),
            exchange=tuple(graph.combination(np.abs(matrix[i]), exchanges) for i in every),
            kinks=tuple((full.value(a), full.value(b)) for a, b in _sides(formulas.values())),
            volumes={
                name: full.named(name)
                for name, quantity in self.model.quantities.items()
                if quantity.kind == "compartment" and name in full.values
            },
            outputs=self._outputs(full),
            linear=linear,
        )

    def _read_start(self) -> list[int]:
        """Read the starting values; return those that must not be negative."""
        formulas = {n: f for n, f in self.equations.start.items() if n not in self.replaced}
        checked = [
            name
            for name, quantity in self.model.quantities.items()
            if quantity.kind == "floating"
            and quantity.computed == "initial assignment"
            and name not in charges_of(self.model.sbml)
        ]
        wanted = (*self.equations.states, *self.equations.constants, *checked)
        for name in needed_for(formulas, [name for name in wanted if name in formulas]):
            self.start.define(name, formulas[name])
        return [self.start.named(name) for name in checked]

    def _dynamics(self, kept_values: Mapping[str, int]) -> FormulaGraph:
        """Return a reader of what happens during a run."""
        graph = self.graph
        known = {name: graph.leaf(given(name)) for name in self.equations.constants}
        known |= {name: graph.leaf(kept(name)) for name in kept_values if name in known}
        return FormulaGraph(graph, {"csymbol(time)": graph.number(0.0), **known})

    def _conserved(self, state: int, initial: Sequence[int]) -> int:
        """Return the conserved sum that a dependent state follows from."""
        graph, structure = self.graph, self.structure
        places = structure.independent.tolist()
        part = graph.combination(-structure.link[state], [initial[i] for i in places])
        return graph.total([initial[state], part])

    def _dependent(self, state: int) -> int:
        """Return a state that follows from the independent ones and its conserved sum."""
        graph, structure, names = self.graph, self.structure, self.equations.states
        leaves = [graph.leaf(names[i]) for i in structure.independent.tolist()]
        return graph.total(
            [graph.leaf(kept(names[state])), graph.combination(structure.link[state], leaves)]
        )

    def _exchanges(self, rates: Sequence[int], named: Sequence[int]) -> list[int]:
        """Return by velocity the sum of its slopes times the states, all of them positive."""
        graph = self.graph
        leaves = [graph.leaf(name) for name in self.equations.states]
        sizes = [graph.apply("abs", leaf) for leaf in leaves]
        largest = graph.number(0.0)
        for size in sizes:
            largest = graph.apply("max", largest, size)
        least = graph.product([graph.number(SMALLEST_SHARE), largest])
        bounded = {leaf: graph.apply("max", size, least)
                   for leaf, size in zip(leaves, sizes, strict=True)}  # fmt: skip
        return [
            graph.total(
                graph.product([graph.apply("abs", slope), bounded[leaf]])
                for leaf, slope in found.items()
            )
            for found in graph.derivatives(rates, leaves, named)
        ]

    def _outputs(self, full: FormulaGraph) -> dict[str, int]:
        equations = self.equations
        known = {*equations.states, *equations.constants, *equations.definitions,
                 *equations.fluxes}  # fmt: skip
        aliases = self.model.amount_columns
        columns = {name: amount(aliases[name]) if name in aliases else name
                   for name in result_columns(equations, self.model)}  # fmt: skip
        return {
            name: full.named(target)
            for name, target in columns.items()
            if target in known and target not in equations.following_time
        }


def _newton_step(
    graph: Graph, jacobian: Mapping[tuple[int, int], int], balance: Sequence[int]
) -> tuple[int, ...] | None:
    """Return the values d that solve ``J d = -f``."""
    found = factors(jacobian.keys(), len(balance))
    if found is None:
        return None
    right = [graph.apply("neg", each) for each in balance]
    return tuple(found.solution(graph, found.values(graph, jacobian), right))


def _define(read: FormulaGraph, formulas: Mapping[str, sp.Expr]) -> list[int]:
    return [read.define(name, formula) for name, formula in formulas.items()]


def _sides(formulas: Iterable[sp.Expr]) -> list[tuple[Any, Any]]:
    """Return both sides of every comparison by which a formula chooses.

    Where they meet, the formula has a kink or a jump, and its derivative holds on one side only.
    """
    pairs: list[Any] = []
    for formula in formulas:
        pairs += [(each.lhs, each.rhs) for each in formula.atoms(Relational)]
        for choice in formula.atoms(sp.Max, sp.Min):
            pairs += itertools.combinations(choice.args, 2)
        pairs += [(each.args[0], sp.Integer(0)) for each in formula.atoms(sp.Abs, sp.sign)]
        for each in formula.atoms(sp.floor, sp.ceiling):
            number = cast(sp.Expr, each.args[0])
            pairs.append((number, sp.floor(number + sp.Rational(1, 2))))
    return sorted(set(pairs), key=str)
