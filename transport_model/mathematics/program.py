"""A model's equations as straight-line programs: values, and exact derivatives by the chain rule.

A program is a list of assignments in which each right-hand side is small and uses only names
assigned before it. Nothing is ever inlined, so that a quantity used in ten places is computed
once, and its derivative too: differentiating a definition needs only its own few symbols,

    dD/dx = Σ_s (∂D/∂s) (ds/dx)          over the symbols s that occur in D.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import numpy as np
import sympy as sp
from sympy.printing.numpy import NumPyPrinter

from transport_model.mathematics.equations import Equations, read_equations, symbol

Statement = tuple[sp.Symbol, sp.Expr]


@dataclass(frozen=True)
class Program:
    """Assignments in order, and which of their targets are results.

    Attributes
    ----------
    statements
        (target, expression) pairs.
    results
        Expressions over the targets; ``None`` stands for a structural zero.
    """

    statements: tuple[Statement, ...]
    results: tuple[sp.Expr | None, ...]


def formulas_of(equations: Equations) -> dict[str, sp.Expr]:
    """Return every computed quantity by id: definitions, fluxes and rate rules."""
    rates = {f"rate({name})": formula for name, formula in equations.rate_rules.items()}
    return {**equations.definitions, **equations.fluxes, **rates}


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


def value_program(
    formulas: Mapping[str, sp.Expr], targets: Sequence[str], tag: str = ""
) -> Program:
    """Return the program that computes `targets`; `tag` marks the names of shared terms."""
    statements: list[Statement] = []
    for name in needed_for(formulas, targets):
        _emit(statements, name + tag, [(symbol(name), formulas[name])])
    return Program(tuple(statements), tuple(symbol(target) for target in targets))


def derivative_program(
    formulas: Mapping[str, sp.Expr],
    targets: Sequence[str],
    variables: Sequence[str],
    tag: str = "",
) -> Program:
    """Return the program that computes `targets` and their derivatives.

    Its results are the targets, then d target / d variable, row by row.
    """
    total: dict[str, dict[str, sp.Expr]] = {name: {name: sp.Integer(1)} for name in variables}
    statements: list[Statement] = []
    for name in needed_for(formulas, targets):
        formula = formulas[name]
        moving = sorted(str(s) for s in formula.free_symbols if total.get(str(s)))
        partials = {source: symbol(f"∂{name}/∂{source}{tag}") for source in moving}
        derivatives = {source: _derivative(formula, source) for source in moving}
        derivatives = {source: d for source, d in derivatives.items() if d != 0}
        _emit(
            statements,
            name + tag,
            [
                (symbol(name), formula),
                *((partials[source], derivative) for source, derivative in derivatives.items()),
            ],
        )
        total[name] = {}
        for variable in variables:
            terms = [
                partials[source] * total[source][variable]
                for source in derivatives
                if variable in total[source]
            ]
            if terms:
                target = symbol(f"d{name}/d{variable}{tag}")
                statements.append((target, sp.Add(*terms)))
                total[name][variable] = target
    results: list[sp.Expr | None] = [symbol(target) for target in targets]
    for target in targets:
        results += [total[target].get(variable) for variable in variables]
    return Program(tuple(statements), tuple(results))


def _derivative(formula: sp.Expr, source: str) -> sp.Expr:
    # Max and Min as branches: their derivative is a branch, never a Dirac or a Heaviside
    plain = formula.rewrite(sp.Piecewise) if formula.has(sp.Max, sp.Min, sp.Abs) else formula
    # Between its jumps a floor is a constant
    still = {jump: sp.Dummy(real=True) for jump in plain.atoms(sp.floor, sp.ceiling)}
    slope = sp.diff(plain.xreplace(still), symbol(source))
    return cast(sp.Expr, slope.xreplace({dummy: jump for jump, dummy in still.items()}))


def _emit(statements: list[Statement], name: str, pairs: list[Statement]) -> None:
    """Append `pairs`, computing what they share only once."""
    symbols = sp.numbered_symbols(f"{name}·")
    shared, reduced = sp.cse([expression for _, expression in pairs], symbols=symbols, order="none")
    statements.extend(shared)
    bodies = cast(list[sp.Expr], reduced)
    statements.extend((target, body) for (target, _), body in zip(pairs, bodies, strict=True))


class _ArrayPrinter(NumPyPrinter):
    """Prints NumPy code for arrays of points; branches are chosen point by point."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__({"fully_qualified_modules": True})
        self._module_format("numpy")
        self.names = names

    def _print_Symbol(self, expr: sp.Symbol) -> str:
        return self.names[expr.name]

    def _print_ComplexInfinity(self, expr: sp.Expr) -> Any:
        return "numpy.nan"  # a division by zero that is written out

    def _print_Piecewise(self, expr: sp.Piecewise) -> str:
        text = "numpy.nan"
        for branch in reversed(expr.args):
            value, condition = branch.args
            if condition == sp.true:
                text = self._print(value)
            else:
                text = f"numpy.where({self._print(condition)}, {self._print(value)}, {text})"
        return text


def array_function(
    program: Program, inputs: Mapping[str, Sequence[str]]
) -> Callable[..., list[Any]]:
    """Compile a program to a NumPy function.

    Parameters
    ----------
    program
        What to compute.
    inputs
        Names of the function's arguments, each with the ids along its first axis.

    Returns
    -------
    callable
        Takes one array an argument, shaped (ids, ...), and returns the list of results; a
        structural zero is 0.0. Values outside a function's domain give NaN or infinity.
    """
    names = {
        name: f"{argument}[{index}]"
        for argument, ids in inputs.items()
        for index, name in enumerate(ids)
    }
    for index, (target, _) in enumerate(program.statements):
        names[target.name] = f"v{index}"
    printer = _ArrayPrinter(names)
    lines = [f"def computed({', '.join(inputs)}):"]
    for target, expression in program.statements:
        lines.append(f"    {names[target.name]} = {printer.doprint(expression)}")
    results = (
        "0.0" if result is None else str(printer.doprint(result)) for result in program.results
    )
    lines.append(f"    return [{', '.join(results)}]")
    # SymPy writes min and max of several as functools.reduce
    namespace: dict[str, Any] = {"numpy": np, "functools": functools}
    exec("\n".join(lines), namespace)
    return namespace["computed"]


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
    equations = read_equations(sbml)
    start = {name: f for name, f in equations.start.items() if name not in given}
    formulas = {**start, **equations.fluxes}
    inputs = (*equations.values, *(name for name in equations.start if name in given))
    outputs = (*inputs, *formulas)
    program = value_program(formulas, outputs)
    function = array_function(program, {"given": inputs, "time": ("csymbol(time)",)})
    return Evaluator(inputs, outputs, function)


def values_at_start(sbml: str, changes: Mapping[str, float]) -> dict[str, float]:
    """Return the value of everything at the start of a run in which `changes` are set."""
    read = read_equations(sbml)
    compute = evaluator(sbml, frozenset(set(changes) & set(read.start)))
    base = {**read.values, **changes}
    values = np.array([base[name] for name in compute.inputs], dtype=float)
    return {name: float(value) for name, value in compute(values).items()}
