"""The functions of a kernel that are generated from its model, one after the other."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
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
from transport_model.kernels.scalar_code import ScalarWriter
from transport_model.mathematics.equations import Equations, symbol
from transport_model.mathematics.program import Program, Statement, needed_for
from transport_model.mathematics.structure import Structure

#: Relative distance of the two sides of a comparison at which a state is at a kink.
KINK = 1e-6


def dependent_states(structure: Structure) -> list[int]:
    """Return the places of the states that conserved sums determine."""
    free = set(structure.independent.tolist())
    return [i for i in range(len(structure.link)) if i not in free]


def constants(
    equations: Equations,
    structure: Structure,
    positive: Sequence[bool],
    hoisted: int,
    velocities: int,
    outputs: int,
) -> str:
    """Write the sizes, bounds and matrices that the solver reads."""
    dependent = dependent_states(structure)
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


def start(
    equations: Equations,
    places: Mapping[str, str],
    kept: Sequence[str],
    hoisted: Mapping[str, sp.Expr],
    given: frozenset[str],
    checked: Sequence[str],
) -> str:
    """Write START, which fills a point's constants and starting amounts."""
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


def system(
    structure: Structure,
    program: Program,
    held: Mapping[str, str],
    free: Sequence[str],
    dependents: Mapping[str, sp.Expr],
    states: Sequence[str],
    velocities: int,
) -> str:
    """Write SYSTEM: net and gross rates of the independent states and their Jacobian."""
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


def balance(
    structure: Structure,
    program: Program,
    held: Mapping[str, str],
    free: Sequence[str],
    dependents: int,
) -> str:
    """Write BALANCE: net rates of the independent states alone."""
    writer = ScalarWriter(
        {
            **held,
            **{name: f"y[{j}]" for j, name in enumerate(free)},
            **{f"total·{row}": f"totals[{row}]" for row in range(dependents)},
        }
    )
    writer.statements(_moving(program, held))
    rates = [writer.text(result) for result in program.results]
    for i, row in enumerate(structure.stoichiometry[structure.independent]):
        writer.lines.append(f"    f[{i}] = {_combination(row.tolist(), rates)}")
    return writer.function("BALANCE", "y, g, c, totals, f")


def rates(
    structure: Structure,
    program: Program,
    held: Mapping[str, str],
    states: Sequence[str],
    velocities: int,
) -> str:
    """Write RATES: velocities and every state's net, gross and exchange rate."""
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


def sides(formulas: Mapping[str, sp.Expr]) -> dict[str, sp.Expr]:
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


def kink(program: Program, held: Mapping[str, str], states: Sequence[str]) -> str:
    """Write KINK, which tells whether a state lies where a formula changes its branch."""
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


def outputs(
    program: Program, held: Mapping[str, str], states: Sequence[str], outputs: Sequence[str]
) -> str:
    """Write OUTPUTS, which computes the reported quantities at a state."""
    writer = ScalarWriter({**held, **{name: f"x[{i}]" for i, name in enumerate(states)}})
    writer.statements(_moving(program, held))
    for k, name in enumerate(outputs):
        writer.lines.append(f"    out[{k}] = {writer.places[name]}")
    return writer.function("OUTPUTS", "x, g, c, out")
