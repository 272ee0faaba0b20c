"""Writes the source of a model's kernel: its equations as scalar code, then the solver."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sympy as sp

from transport_model.errors import UnsupportedModelError
from transport_model.kernels import sections
from transport_model.mathematics.equations import (
    Equations,
    amount,
    read_equations,
    species_of,
    symbol,
)
from transport_model.mathematics.evaluation import result_columns
from transport_model.mathematics.program import (
    Program,
    derivative_program,
    formulas_of,
    value_program,
    values_at_start,
    velocity_names,
)
from transport_model.mathematics.structure import Structure, structure_of
from transport_model.model import Model
from transport_model.quantities import CHARGE

#: A stability check by Lyapunov's equation costs the sixth power of this many states.
MAX_INDEPENDENT = 12

#: Modules whose text becomes part of every kernel.
TEMPLATES = ("stability_template.py", "following_template.py", "solver_template.py")

_OPTIONS = 'error_model="numpy", nogil=True'
_SIGNATURE = (
    "void(float64[:,::1], int64[::1], float64[::1], float64[:,::1], boolean[:], int64[::1],"
    " float64[:,:], int64[:], float64[:])"
)


@dataclass(frozen=True)
class KernelSource:
    """Source text of a kernel, and what its arrays mean.

    Attributes
    ----------
    text
        A Python module for Numba.
    inputs
        Ids of a point's inputs, in the order of ``base``.
    outputs
        Names of the results' columns.
    linear
        Whether the rates are linear in the states: then there is one balanced state, and where it
        is stable every course comes to it.
    """

    text: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    linear: bool


def kernel_source(
    equations: Equations,
    structure: Structure,
    given: frozenset[str],
    checked: Sequence[str],
    positive: Sequence[bool],
    outputs: Sequence[str],
) -> KernelSource:
    """Write the kernel of a model.

    Parameters
    ----------
    equations, structure
        The model.
    given
        Ids whose starting formula is replaced by an input.
    checked
        Species whose computed starting value must not be negative.
    positive
        Whether a state cannot be negative, by states.
    outputs
        Definitions, states and fluxes to return at a certified point.

    Raises
    ------
    UnsupportedModelError
        The model is too large for the compiled stability check, or has no dynamics.
    """
    if not 0 < len(structure.independent) <= MAX_INDEPENDENT:
        raise UnsupportedModelError(
            f"{len(structure.independent)} independent states; a kernel takes 1 to"
            f" {MAX_INDEPENDENT}"
        )
    inputs = (*equations.values, *(name for name in equations.start if name in given))
    formulas = formulas_of(equations)
    velocities = velocity_names(equations)
    states = equations.states
    free = [states[i] for i in structure.independent]

    dependents = {}
    for row, i in enumerate(sections.dependent_states(structure)):
        terms = [structure.link[i, j] * symbol(name) for j, name in enumerate(free)]
        dependents[states[i]] = symbol(f"total·{row}") + sp.Add(*(sp.nsimplify(t) for t in terms))
    newton = derivative_program({**dependents, **formulas}, [*velocities, *dependents], free, "·n")
    full = derivative_program(formulas, velocities, states, "·f")
    plain = value_program({**dependents, **formulas}, velocities, "·b")
    values = value_program(formulas, [name for name in outputs if name in formulas], "·v")
    sides = sections.sides(formulas)
    kinks = value_program({**formulas, **sides}, list(sides), "·k")

    places = {name: f"g[{i}]" for i, name in enumerate(inputs)}
    computed = [name for name in equations.constants if name not in places]
    moving = {*states, "csymbol(time)"}
    programs = (newton, full, plain, values, kinks)
    hoisted = _hoisted(programs, moving)
    used = {
        s.name
        for program in programs
        for target, body in program.statements
        if target.name not in hoisted
        for s in body.free_symbols
    } | {s.name for p in programs for r in p.results if r is not None
         for s in r.free_symbols}  # fmt: skip
    kept = [*computed, *(name for name in hoisted if name in used)]
    held = {name: place for name, place in places.items() if name in equations.constants}
    held |= {name: f"c[{i}]" for i, name in enumerate(kept)} | {"csymbol(time)": "0.0"}

    text = [
        "# Generated from a model's SBML; not to be edited.",
        "import math",
        "import numba",
        "import numpy as np",
        f"compiled = numba.njit({_OPTIONS})",
        sections.constants(
            equations, structure, positive, len(kept), len(velocities), len(outputs)
        ),
        sections.start(equations, places, kept, hoisted, given, checked),
        sections.system(structure, newton, held, free, dependents, states, len(velocities)),
        sections.balance(structure, plain, held, free, len(dependents)),
        sections.rates(structure, full, held, states, len(velocities)),
        sections.kink(kinks, held, states),
        sections.outputs(values, held, states, outputs),
        _solver(),
    ]
    code = "\n".join(text).replace("\ndef ", "\n@compiled\ndef ")
    entry = f"@numba.njit({_SIGNATURE!r}, cache=True, {_OPTIONS})\ndef solve_points("
    code = code.replace("@compiled\ndef solve_points(", entry)
    slopes = newton.results[len(velocities) + len(dependents) :]
    moved = {s.name for slope in slopes if slope is not None for s in slope.free_symbols}
    linear = not equations.has_branches and moved <= set(held)
    return KernelSource(code, inputs, tuple(outputs), linear)


def _hoisted(programs: Iterable[Program], moving: set[str]) -> dict[str, sp.Expr]:
    """Return the statements that no state reaches, which a point computes once."""
    still: dict[str, sp.Expr] = {}
    touched = set(moving)
    for program in programs:
        for target, expression in program.statements:
            names = {s.name for s in expression.free_symbols}
            if names & touched or any(name.startswith("total·") for name in names):
                touched.add(target.name)
            elif target.name not in still:
                still[target.name] = expression
    return still


def _solver() -> str:
    """Return the templates behind their heads, which the kernel has already."""
    texts = [(Path(__file__).parent / name).read_text("utf-8") for name in TEMPLATES]
    return "\n\n".join(text[text.index("\n#: ") :] for text in texts)


def write_kernel(model: Model, given: frozenset[str]) -> tuple[str, dict[str, Any]]:
    """Return the source of a model's kernel and what the caller has to know of it.

    `given` are ids that a design or the model's changes set although the SBML computes them from
    an amount.

    Raises
    ------
    UnsupportedModelError
        The model has events, names the time, or has a construct that a kernel does not take.
    """
    equations = read_equations(model.sbml)
    equations.require_standing_rates(
        f"model '{model.name}' has no kernel (engine='roadrunner' follows the course)"
    )
    # A design may make possible, or give, a start that the model's own values do not have
    start = values_at_start(model.sbml, {})
    structure = structure_of(equations, start)
    if equations.stoichiometry.free_symbols:
        raise UnsupportedModelError(
            f"model '{model.name}' has no kernel: its stoichiometry holds symbols"
        )
    checked = [
        name
        for name, quantity in model.quantities.items()
        if quantity.kind == "floating"
        and quantity.computed == "initial assignment"
        and name != CHARGE
    ]
    columns = result_columns(equations, model)
    aliases = model.amount_columns
    outputs = {name: amount(aliases[name]) if name in aliases else name for name in columns}
    outputs = {
        name: target
        for name, target in outputs.items()
        if target not in equations.following_time
        and (
            target in equations.states
            or target in equations.constants
            or target in equations.definitions
            or target in equations.fluxes
        )
    }
    positive = [model.domain(species_of(name))[0] == 0.0 for name in equations.states]
    source = kernel_source(equations, structure, given, checked, positive, list(outputs.values()))
    description = {
        "inputs": {name: equations.values.get(name, float("nan")) for name in source.inputs},
        "outputs": list(outputs),
        "linear": source.linear,
        "independent": {
            _column(equations.states[i], outputs): start[equations.states[i]]
            for i in structure.independent
        },
    }
    return source.text, description


def _column(state: str, outputs: Mapping[str, str]) -> str:
    """Return the result column that holds a state, or the quantity it belongs to."""
    return next((name for name, target in outputs.items() if target == state), species_of(state))
