"""Writes the source of a model's kernel: its equations as scalar code, then the solver."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import sympy as sp
from sympy.core.relational import Relational

from transport_model.certificate import (
    EXCHANGE_SHARE,
    MAX_DRIFT,
    MAX_ERROR,
    MAX_IMBALANCE,
    SMALLEST_SHARE,
    VANISHING_SHARE,
    ZERO_IN_KERNELS,
)
from transport_model.errors import UnsupportedModelError
from transport_model.kernels.scalar_code import ScalarWriter
from transport_model.mathematics.equations import (
    Equations,
    amount,
    read_equations,
    species_of,
    symbol,
)
from transport_model.mathematics.evaluation import result_columns, start_values
from transport_model.mathematics.program import (
    Program,
    Statement,
    derivative_program,
    formulas_of,
    needed_for,
    value_program,
    velocity_names,
)
from transport_model.mathematics.structure import Structure, structure_of
from transport_model.model import Model
from transport_model.quantities import CHARGE

#: A stability check by Lyapunov's equation costs the sixth power of this many states.
MAX_INDEPENDENT = 12

#: Relative distance of the two sides of a comparison at which a state is at a kink.
KINK = 1e-6

_OPTIONS = 'error_model="numpy", nogil=True'
_SIGNATURE = (
    "void(float64[:,::1], int64[::1], float64[::1], float64[:,::1], int64[::1],"
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
    """

    text: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


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
    for row, i in enumerate(_dependent(structure)):
        terms = [structure.link[i, j] * symbol(name) for j, name in enumerate(free)]
        dependents[states[i]] = symbol(f"total·{row}") + sp.Add(*(sp.nsimplify(t) for t in terms))
    newton = derivative_program({**dependents, **formulas}, [*velocities, *dependents], free, "·n")
    full = derivative_program(formulas, velocities, states, "·f")
    values = value_program(formulas, [name for name in outputs if name in formulas], "·v")
    sides = _sides(formulas)
    kinks = value_program({**formulas, **sides}, list(sides), "·k")

    places = {name: f"g[{i}]" for i, name in enumerate(inputs)}
    computed = [name for name in equations.constants if name not in places]
    moving = {*states, "csymbol(time)"}
    programs = (newton, full, values, kinks)
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
        _constants(equations, structure, positive, len(kept), len(velocities), len(outputs)),
        _start(equations, places, kept, hoisted, given, checked),
        _system(structure, newton, held, free, dependents, states, len(velocities)),
        _rates(structure, full, held, states, len(velocities)),
        _kink(kinks, held, states, moving),
        _outputs(values, held, states, outputs),
        _solver(),
    ]
    code = "\n".join(text).replace("\ndef ", "\n@compiled\ndef ")
    entry = f"@numba.njit({_SIGNATURE!r}, cache=True, {_OPTIONS})\ndef solve_points("
    code = code.replace("@compiled\ndef solve_points(", entry)
    return KernelSource(code, inputs, tuple(outputs))


def _dependent(structure: Structure) -> list[int]:
    free = set(structure.independent.tolist())
    return [i for i in range(len(structure.link)) if i not in free]


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


def _constants(
    equations: Equations,
    structure: Structure,
    positive: Sequence[bool],
    hoisted: int,
    velocities: int,
    outputs: int,
) -> str:
    dependent = _dependent(structure)
    totals = np.zeros((max(len(dependent), 1), len(equations.states)))
    for row, i in enumerate(dependent):
        totals[row, i] = 1.0
        totals[row, structure.independent] -= structure.link[i]
    rated = [name in equations.rate_rules for name in equations.states]
    arrays = {
        "INDEX": structure.independent,
        "LINK": structure.link,
        "CONSERVED": structure.conserved.reshape(-1, len(equations.states)),
        "TOTALS": totals,
        "RATED": np.array(rated),
        "POSITIVE": np.array(positive),
        "FREE": np.isin(np.arange(len(equations.states)), structure.independent),
    }
    lines = [
        f"STATES, INDEPENDENT = {len(equations.states)}, {len(structure.independent)}",
        f"HOISTED, VELOCITIES, OUTPUT_COUNT = {hoisted}, {velocities}, {outputs}",
        f"MAX_IMBALANCE, MAX_DRIFT = {MAX_IMBALANCE!r}, {MAX_DRIFT!r}",
        f"EXCHANGE_SHARE, SMALLEST_SHARE = {EXCHANGE_SHARE!r}, {SMALLEST_SHARE!r}",
        f"MAX_ERROR, VANISHING_SHARE = {MAX_ERROR!r}, {VANISHING_SHARE!r}",
        f"ZERO_EIGENVALUE = {ZERO_IN_KERNELS!r}",
    ]
    for name, array in arrays.items():
        lines.append(f"{name} = np.array({array.tolist()}).reshape({array.shape})")
    return "\n".join(lines)


def _start(
    equations: Equations,
    places: Mapping[str, str],
    kept: Sequence[str],
    hoisted: Mapping[str, sp.Expr],
    given: frozenset[str],
    checked: Sequence[str],
) -> str:
    formulas = {name: f for name, f in equations.start.items() if name not in given}
    wanted = [*equations.states, *kept, *checked]
    needed = needed_for(formulas, [name for name in wanted if name in formulas])
    writer = ScalarWriter({**places, "csymbol(time)": "0.0"})
    writer.statements((symbol(name), formulas[name]) for name in needed)
    for i, name in enumerate(equations.states):
        writer.store(f"initial[{i}]", symbol(name))
    writer.statements((symbol(name), expression) for name, expression in hoisted.items())
    for offset, name in enumerate(kept):
        writer.lines.append(f"    c[{offset}] = {writer.places[name]}")
    for name in checked:
        writer.lines.append(f"    if {writer.text(symbol(name))} < 0.0:")
        writer.lines.append("        return False")
    writer.lines.append("    return True")
    return writer.function("START", "g, c, initial")


def _moving(program: Program, held: Mapping[str, str]) -> list[Statement]:
    return [(target, body) for target, body in program.statements if target.name not in held]


def _combination(coefficients: Iterable[float], terms: Sequence[str]) -> str:
    parts = [f"{c!r}*{t}" for c, t in zip(coefficients, terms, strict=True) if c and t != "0.0"]
    return " + ".join(parts) or "0.0"


def _system(
    structure: Structure,
    program: Program,
    held: Mapping[str, str],
    free: Sequence[str],
    dependents: Mapping[str, sp.Expr],
    states: Sequence[str],
    velocities: int,
) -> str:
    writer = ScalarWriter(held)
    for j, name in enumerate(free):
        writer.lines.append(f"    y{j} = y[{j}]")
        writer.places[name] = f"y{j}"
    for row in range(len(dependents)):
        writer.places[f"total·{row}"] = f"totals[{row}]"
    writer.statements(_moving(program, held))
    for i, name in enumerate(states):
        writer.lines.append(f"    x[{i}] = {writer.places[name]}")
    matrix = structure.stoichiometry[structure.independent]
    rates = [writer.text(result) for result in program.results[:velocities]]
    offset = velocities + len(dependents)
    for i in range(len(free)):
        writer.lines.append(f"    f[{i}] = {_combination(matrix[i].tolist(), rates)}")
        sizes = [f"abs({rate})" for rate in rates]
        writer.lines.append(f"    gross[{i}] = {_combination(np.abs(matrix[i]).tolist(), sizes)}")
    for i in range(len(free)):
        for j in range(len(free)):
            slopes = [
                writer.text(program.results[offset + k * len(free) + j]) for k in range(velocities)
            ]
            text = _combination(matrix[i].tolist(), slopes)
            writer.lines.append(f"    jacobian[{i}, {j}] = {text}")
    return writer.function("SYSTEM", "x, y, g, c, totals, f, gross, jacobian")


def _rates(
    structure: Structure,
    program: Program,
    held: Mapping[str, str],
    states: Sequence[str],
    velocities: int,
) -> str:
    places = {**held, **{name: f"x{i}" for i, name in enumerate(states)}}
    writer = ScalarWriter(places)
    writer.lines += [f"    x{i} = x[{i}]" for i in range(len(states))]
    writer.statements(_moving(program, held))
    writer.lines.append("    least = 0.0")
    writer.lines += [f"    least = max(least, abs(x{i}))" for i in range(len(states))]
    writer.lines.append("    least *= SMALLEST_SHARE")
    writer.lines += [f"    s{i} = max(abs(x{i}), least)" for i in range(len(states))]
    for k in range(velocities):
        slopes = [
            writer.text(program.results[velocities + k * len(states) + j])
            for j in range(len(states))
        ]
        parts = [f"abs({slope})*s{j}" for j, slope in enumerate(slopes) if slope != "0.0"]
        writer.lines.append(f"    v[{k}] = {writer.text(program.results[k])}")
        writer.lines.append(f"    e{k} = {' + '.join(parts) or '0.0'}")
    terms = [f"v[{k}]" for k in range(velocities)]
    for i in range(len(states)):
        row = structure.stoichiometry[i]
        size = np.abs(row).tolist()
        writer.lines.append(f"    net[{i}] = {_combination(row.tolist(), terms)}")
        writer.lines.append(
            f"    gross[{i}] = {_combination(size, [f'abs({term})' for term in terms])}"
        )
        exchanges = [f"e{k}" for k in range(velocities)]
        writer.lines.append(f"    exchange[{i}] = {_combination(size, exchanges)}")
    return writer.function("RATES", "x, g, c, v, net, gross, exchange")


def _sides(formulas: Mapping[str, sp.Expr]) -> dict[str, sp.Expr]:
    """Return both sides of every comparison by which a formula chooses, two by two.

    Where they meet, the formula has a kink or a jump, and its derivative holds on one side only.
    """
    pairs: list[Any] = []
    for formula in formulas.values():
        pairs += [(each.lhs, each.rhs) for each in formula.atoms(Relational)]
        for choice in formula.atoms(sp.Max, sp.Min):
            pairs += itertools.combinations(choice.args, 2)
        pairs += [(each.args[0], sp.Integer(0)) for each in formula.atoms(sp.Abs, sp.sign)]
        for each in formula.atoms(sp.floor, sp.ceiling):
            number = cast(sp.Expr, each.args[0])
            pairs.append((number, sp.floor(number + sp.Rational(1, 2))))
    distinct = sorted(set(pairs), key=str)
    return {f"side·{n}·{side}": part for n, pair in enumerate(distinct)
            for side, part in zip("ab", pair, strict=True)}  # fmt: skip


def _kink(
    program: Program, held: Mapping[str, str], states: Sequence[str], moving: set[str]
) -> str:
    writer = ScalarWriter({**held, **{name: f"x[{i}]" for i, name in enumerate(states)}})
    writer.statements(_moving(program, held))
    sides = [writer.text(result) for result in program.results]
    names = [result.name for result in program.results if isinstance(result, sp.Symbol)]
    for a, b, name in zip(sides[::2], sides[1::2], names[::2], strict=True):
        if name in held and name.replace("·a", "·b") in held:
            continue  # no state moves it
        writer.lines.append(f"    if abs({a} - {b}) <= {KINK!r}*(abs({a}) + abs({b})):")
        writer.lines.append("        return True")
    writer.lines.append("    return False")
    return writer.function("KINK", "x, g, c")


def _outputs(
    program: Program, held: Mapping[str, str], states: Sequence[str], outputs: Sequence[str]
) -> str:
    writer = ScalarWriter({**held, **{name: f"x[{i}]" for i, name in enumerate(states)}})
    writer.statements(_moving(program, held))
    for k, name in enumerate(outputs):
        writer.lines.append(f"    out[{k}] = {writer.places[name]}")
    return writer.function("OUTPUTS", "x, g, c, out")


def _solver() -> str:
    text = (Path(__file__).parent / "solver_template.py").read_text("utf-8")
    return text[text.index("#: Outcomes of a point") :]


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
    equations.require_steady_state(model.name)
    start = start_values(model)
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
        "independent": {
            _column(equations.states[i], outputs): start[equations.states[i]]
            for i in structure.independent
        },
    }
    return source.text, description


def _column(state: str, outputs: Mapping[str, str]) -> str:
    """Return the result column that holds a state, or the quantity it belongs to."""
    return next((name for name, target in outputs.items() if target == state), species_of(state))
