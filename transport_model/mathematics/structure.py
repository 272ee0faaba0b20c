"""The structure of a reaction network: stoichiometry, conserved sums, independent states.

Reder 1988, J Theor Biol 135:175. With ``N = L N_R`` the rows of ``N_R`` are independent, and
``G x = constant`` holds for every row of ``G``, the left null space of ``N``. Both are found in
exact rational arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np

from transport_model.errors import UnsupportedModelError
from transport_model.kept import remembered
from transport_model.mathematics.equations import read_equations
from transport_model.mathematics.state_names import species_of


@dataclass(frozen=True)
class Structure:
    """Stoichiometry of all velocities (fluxes, then rate rules) and what it conserves.

    Attributes
    ----------
    stoichiometry
        N, of shape (states, velocities).
    conserved
        G, of shape (conserved sums, states).
    independent
        Indices of the states that are solved for.
    link
        L, of shape (states, independent states).
    """

    stoichiometry: np.ndarray
    conserved: np.ndarray
    independent: np.ndarray
    link: np.ndarray


def structure_of(sbml: str, values: Mapping[str, float]) -> Structure:
    """Return the structure of a model at the given starting values.

    The values fill in conversion factors, and of the states in a conserved sum the largest is
    the dependent one: a membrane's charge as the small difference of large amounts would lose
    the digits that the membrane potential needs.

    Raises
    ------
    UnsupportedModelError
        A stoichiometry changes during a run, or is no finite number.
    """
    factors = tuple((name, values[name]) for name in factor_names(sbml))
    for name, value in factors:
        if not math.isfinite(value):
            raise UnsupportedModelError(f"stoichiometry '{name}' has no value; set one")
    sizes = [abs(values[name]) for name in read_equations(sbml).states]
    return _structure(sbml, factors, tuple(map(int, np.argsort(sizes, kind="stable"))))


@remembered
def factor_names(sbml: str) -> tuple[str, ...]:
    """Return the ids of the constants that stoichiometries follow.

    Raises
    ------
    UnsupportedModelError
        One changes during a run, or another stoichiometry is no finite number.
    """
    import sympy as sp

    equations = read_equations(sbml)
    matrix = equations.stoichiometry
    names = sorted(str(s) for s in matrix.free_symbols)
    for name in names:
        if name not in equations.constants:
            raise UnsupportedModelError(f"stoichiometry '{name}' varies; only constants can be")
    for row, name in enumerate(equations.states):
        if matrix[row, :].has(sp.nan, sp.oo, -sp.oo, sp.zoo):
            raise UnsupportedModelError(
                f"a reaction has no finite stoichiometry of '{species_of(name)}'; give it a number"
                " in the file"
            )
    return tuple(names)


@dataclass(frozen=True)
class _Network:
    """Stoichiometry of all velocities, and a basis of what it conserves, exactly."""

    stoichiometry: np.ndarray
    conserved: tuple[tuple[Fraction, ...], ...]


@lru_cache(maxsize=64)
def _structure(
    sbml: str, factors: tuple[tuple[str, float], ...], rising: tuple[int, ...]
) -> Structure:
    network = _network_with(sbml, factors) if factors else _network(sbml)
    count = len(rising)
    dependent = _dependent(network.conserved, rising[::-1])
    independent = [index for index in range(count) if index not in dependent]
    conserved = np.array(network.conserved, dtype=float).reshape(len(network.conserved), count)
    link = np.zeros((count, len(independent)))
    link[independent, range(len(independent))] = 1.0
    if dependent and independent:
        link[dependent] = -np.linalg.solve(conserved[:, dependent], conserved[:, independent])
    return Structure(
        stoichiometry=network.stoichiometry,
        conserved=conserved,
        independent=np.array(independent, dtype=int),
        link=link,
    )


def _dependent(conserved: Sequence[Sequence[Fraction]], order: Sequence[int]) -> list[int]:
    """Return a state for each conserved sum, that the sums determine: the first in `order`."""
    left = [list(row) for row in conserved]
    found = []
    for state in order:
        pivot = next((row for row in left if row[state]), None)
        if pivot is None:
            continue
        found.append(state)
        left.remove(pivot)
        for row in left:
            share = row[state] / pivot[state]
            if share:
                row[:] = [a - share * b if b else a for a, b in zip(row, pivot, strict=True)]
    return sorted(found)


@remembered
def _network(sbml: str) -> _Network:
    return _network_with(sbml, ())


def _network_with(sbml: str, factors: tuple[tuple[str, float], ...]) -> _Network:
    """Return the network of a model with numbers for its conversion factors."""
    import sympy as sp
    from sympy.polys.matrices import DomainMatrix

    from transport_model.mathematics.symbols import symbol

    equations = read_equations(sbml)
    exact = equations.stoichiometry.subs(
        {symbol(name): sp.Rational(str(value)) for name, value in factors}
    )
    for row, name in enumerate(equations.states):
        if name in equations.rate_rules:
            unit = sp.zeros(exact.rows, 1)
            unit[row] = 1
            exact = exact.row_join(unit)
    stoichiometry = np.array(exact.tolist(), dtype=float).reshape(exact.rows, exact.cols)
    if not stoichiometry.size:  # each state by itself
        basis = np.eye(exact.rows).tolist()
    else:
        domain = DomainMatrix.from_Matrix(sp.Matrix(exact)).convert_to(sp.QQ)
        basis = domain.transpose().nullspace().to_Matrix().tolist()
    conserved = tuple(tuple(Fraction(str(each)) for each in row) for row in basis)
    return _Network(stoichiometry, conserved)


def structure_derivatives(
    sbml: str, structure: Structure, values: Mapping[str, float], moved: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return how the structure moves with parameters that stoichiometries follow.

    Parameters
    ----------
    sbml, values
        As for :func:`structure_of`.
    structure
        What that returns.
    moved
        Derivatives of the constants, of shape (constants, parameters).

    Returns
    -------
    tuple of numpy.ndarray
        Derivatives of the independent rows of N, (parameters, independent states, velocities), and
        of L, (parameters, states, independent states).
    """
    from transport_model.mathematics.symbols import symbol

    equations, names = read_equations(sbml), factor_names(sbml)
    free = structure.independent
    whole = np.zeros((moved.shape[1], *structure.stoichiometry.shape))
    known = [(symbol(name), values[name]) for name in names]
    for name in names:
        slope = equations.stoichiometry.diff(symbol(name)).subs(known)
        reactions = np.array(slope.tolist(), dtype=float).reshape(slope.shape)
        row = moved[equations.constants.index(name)]
        whole[:, :, : slope.cols] += row[:, None, None] * reactions
    rows = whole[:, free]
    # Of N = L N_R: dL N_R = dN - L dN_R
    link = (whole - structure.link @ rows) @ np.linalg.pinv(structure.stoichiometry[free])
    return rows, link
