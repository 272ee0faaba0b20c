"""A model's formulas as programs: values and exact derivatives, and NumPy functions of them.

A program is a part of a :class:`~transport_model.mathematics.graph.Graph`, in which a quantity used
in ten places stands once, and its derivative too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from transport_model.kept import remembered
from transport_model.mathematics.equations import Equations, read_equations
from transport_model.mathematics.graph import LEAF, NUMBER, Graph

if TYPE_CHECKING:
    import sympy as sp


@dataclass(frozen=True)
class Program:
    """Values of a graph that are wanted.

    Attributes
    ----------
    graph
        The graph.
    results
        Values in it; the number 0 is a structural zero.
    """

    graph: Graph
    results: tuple[int, ...]


def formulas_of(equations: Equations) -> dict[str, sp.Expr]:
    """Return every computed quantity by id: definitions, fluxes and rate rules."""
    rates = {f"rate({name})": formula for name, formula in equations.rate_rules.items()}
    return {**equations.definitions, **equations.fluxes, **rates}


def computed_names(equations: Equations) -> list[str]:
    """Return the names of all that :func:`formulas_of` returns, in its order."""
    return [*equations.definitions, *velocity_names(equations)]


def velocity_names(equations: Equations) -> list[str]:
    """Return the names of all velocities: fluxes, then rate rules."""
    return [*equations.fluxes, *(f"rate({name})" for name in equations.rate_rules)]


def needed_for(formulas: Mapping[str, sp.Expr], targets: Iterable[str]) -> list[str]:
    """Return `targets` and all formulas they rest on, in order of computation."""
    wanted = set(targets)
    for name in reversed(list(formulas)):
        if name in wanted:
            wanted |= {str(used) for used in formulas[name].free_symbols}
    return [name for name in formulas if name in wanted]


def value_program(formulas: Mapping[str, sp.Expr], targets: Sequence[str]) -> Program:
    """Return the program that computes `targets`."""
    from transport_model.mathematics.formula_graph import FormulaGraph

    read = FormulaGraph(Graph())
    for name in needed_for(formulas, targets):
        read.define(name, formulas[name])
    return Program(read.graph, tuple(map(read.named, targets)))


def derivative_program(
    formulas: Mapping[str, sp.Expr], targets: Sequence[str], variables: Sequence[str]
) -> Program:
    """Return the program that computes `targets` and their derivatives.

    Its results are the targets, then d target / d variable, row by row.
    """
    from transport_model.mathematics.formula_graph import FormulaGraph

    read = FormulaGraph(Graph())
    named = [read.define(name, formulas[name]) for name in needed_for(formulas, targets)]
    graph, results = read.graph, [read.named(target) for target in targets]
    leaves = [graph.leaf(name) for name in variables]
    zero = graph.number(0.0)
    slopes = graph.derivatives(results, leaves, named)
    rows = [row.get(leaf, zero) for row in slopes for leaf in leaves]
    return Program(graph, (*results, *rows))


#: Operations as NumPy has them, written of their operands.
_NUMPY = {
    "add": "({} + {})", "mul": "({}*{})", "neg": "(-{})", "rec": "(1.0/{})",
    "pow": "numpy.power({}, {})", "abs": "abs({})", "max": "numpy.maximum({}, {})",
    "min": "numpy.minimum({}, {})", "lt": "({} < {})", "le": "({} <= {})", "eq": "({} == {})",
    "ne": "({} != {})", "and": "({} & {})", "or": "({} | {})", "xor": "({} ^ {})",
    "not": "numpy.logical_not({})", "sel": "numpy.where({}, {}, {})",
    "asin": "numpy.arcsin({})", "acos": "numpy.arccos({})", "atan": "numpy.arctan({})",
    "asinh": "numpy.arcsinh({})", "acosh": "numpy.arccosh({})", "atanh": "numpy.arctanh({})",
}  # fmt: skip


def array_function(
    program: Program, inputs: Mapping[str, Sequence[str]]
) -> Callable[..., list[Any]]:
    """Compile a program to a NumPy function; see :func:`array_source`."""
    return function_of(array_source(program, inputs))


def array_source(program: Program, inputs: Mapping[str, Sequence[str]]) -> str:
    """Write a program as the source of a NumPy function.

    Parameters
    ----------
    program
        What to compute.
    inputs
        Names of the function's arguments, each with the ids along its first axis.

    Returns
    -------
    str
        Of a function that takes one array an argument, shaped (ids, ...), and returns the list of
        results; a structural zero is 0.0. Values outside a function's domain give NaN or infinity.
    """
    graph = program.graph
    places = {
        name: f"{argument}[{index}]"
        for argument, ids in inputs.items()
        for index, name in enumerate(ids)
    }
    needed = graph.needed(program.results)
    texts: dict[int, str] = {}
    operations = [v for v in needed if graph.operations[v] not in {NUMBER, LEAF}]
    quotients = once_divided(graph, operations, program.results)
    divisors = set(quotients.values())
    lines = [f"def computed({', '.join(inputs)}):"]
    for value in needed:
        operation, operands = graph.operations[value], graph.operands[value]
        if operation == NUMBER:
            texts[value] = _number_text(operands[0])
        elif operation == LEAF:
            texts[value] = places[operands[0]]
        elif value not in divisors:
            if value in quotients:
                divisor = quotients[value]
                (above,) = (each for each in operands if each != divisor)
                text = f"({texts[above]}/{texts[graph.operands[divisor][0]]})"
            else:
                form = _NUMPY.get(operation, f"numpy.{operation}({{}})")
                text = form.format(*(texts[each] for each in operands))
            texts[value] = f"v{value}"
            lines.append(f"    v{value} = {text}")
    lines.append(f"    return [{', '.join(texts[result] for result in program.results)}]")
    return "\n".join(lines)


def function_of(source: str) -> Callable[..., list[Any]]:
    """Return the function that :func:`array_source` has written."""
    namespace: dict[str, Any] = {"numpy": np}
    exec(source, namespace)
    return namespace["computed"]


def once_divided(graph: Graph, computed: Iterable[int], results: Iterable[int]) -> dict[int, int]:
    """Return the products that are plain quotients, and the reciprocal that each holds.

    A reciprocal that only one product uses is better a division: it is rounded once. `computed`
    are the operations of a function.
    """
    uses, operations = Counter(results), set(computed)
    for value in operations:
        uses.update(graph.operands[value])
    found: dict[int, int] = {}
    for value in operations:
        if graph.operations[value] == "mul":
            for each in graph.operands[value]:
                if graph.operations[each] == "rec" and uses[each] == 1 and each in operations:
                    found[value] = each
                    break
    return found


def _number_text(text: str) -> str:
    return text.replace("inf", "numpy.inf").replace("nan", "numpy.nan")


@dataclass(frozen=True)
class Evaluator:
    """Computes every quantity of a model from those that are given.

    Attributes
    ----------
    inputs
        Ids it takes, in order: numbers in the file, and what else is given.
    outputs
        Ids it returns, in order, the inputs among them.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    function: Callable[..., list[Any]]

    def __call__(self, values: np.ndarray, time: np.ndarray | float = 0.0) -> dict[str, Any]:
        """Evaluate at `values`, shaped (inputs, ...); what no input reaches is a plain number."""
        times = np.broadcast_to(time, (1, *values.shape[1:]))
        with np.errstate(all="ignore"):
            computed = self.function(values, times)
        return dict(zip(self.outputs, computed, strict=True))


@lru_cache(maxsize=64)
def evaluator(sbml: str, given: frozenset[str] = frozenset()) -> Evaluator:
    """Return the evaluator of a model in which the ids `given` replace their own formulas."""
    inputs, outputs, source = _evaluator_parts(sbml, given)
    return Evaluator(inputs, outputs, function_of(source))


@remembered
def _evaluator_parts(
    sbml: str, given: frozenset[str]
) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Return an evaluator's inputs and outputs, and its function's source."""
    equations = read_equations(sbml)
    start = {name: f for name, f in equations.start.items() if name not in given}
    formulas = {**start, **equations.fluxes}
    inputs = (*equations.values, *(name for name in equations.start if name in given))
    outputs = (*inputs, *formulas)
    program = value_program(formulas, outputs)
    source = array_source(program, {"given": inputs, "time": ("csymbol(time)",)})
    return inputs, outputs, source


def values_at_start(sbml: str, changes: Mapping[str, float]) -> dict[str, float]:
    """Return the value of everything at the start of a run in which `changes` are set."""
    read = read_equations(sbml)
    compute = evaluator(sbml, frozenset(set(changes) & set(read.start)))
    base = {**read.values, **changes}
    values = np.array([base[name] for name in compute.inputs], dtype=float)
    return {name: float(value) for name, value in compute(values).items()}
