"""The structure of a reaction network: stoichiometry, conserved sums, independent states.

Reder 1988, J Theor Biol 135:175. With ``N = L N_R`` the rows of ``N_R`` are independent, and
``G x = constant`` holds for every row of ``G``, the left null space of ``N``. Both are found in
exact rational arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import numpy as np
import sympy as sp
from sympy.polys.matrices import DomainMatrix

from transport_model.errors import UnsupportedModelError
from transport_model.mathematics.equations import Equations, symbol


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


def structure_of(equations: Equations, values: Mapping[str, float]) -> Structure:
    """Return the structure of `equations` at the given starting values.

    The values fill in conversion factors, and of the states in a conserved sum the largest is
    the dependent one: a membrane's charge as the small difference of large amounts would lose
    the digits that the membrane potential needs.

    Raises
    ------
    UnsupportedModelError
        A stoichiometry changes during a run, or is no finite number.
    """
    names = sorted(str(s) for s in equations.stoichiometry.free_symbols)
    for name in names:
        if name not in equations.constants:
            raise UnsupportedModelError(f"stoichiometry '{name}' varies; only constants can be")
        if not math.isfinite(values[name]):
            raise UnsupportedModelError(f"stoichiometry '{name}' has no value; set one")
    for row, name in enumerate(equations.states):
        if equations.stoichiometry[row, :].has(sp.nan, sp.oo, -sp.oo, sp.zoo):
            species = name.removeprefix("amount(").removesuffix(")")
            raise UnsupportedModelError(
                f"a reaction has no finite stoichiometry of '{species}'; give it a number in the"
                " file"
            )
    size = [abs(values[name]) for name in equations.states]
    return _structure(
        # SymPy gives immutable matrices their hash where type checkers do not see it
        cast(Hashable, equations.stoichiometry),
        tuple((name, values[name]) for name in names),
        tuple(name in equations.rate_rules for name in equations.states),
        tuple(int(index) for index in np.argsort(size, kind="stable")),
    )


@lru_cache(maxsize=64)
def _structure(
    matrix: sp.ImmutableDenseMatrix,
    factors: tuple[tuple[str, float], ...],
    rated: tuple[bool, ...],
    preference: tuple[int, ...],
) -> Structure:
    exact = matrix.subs({symbol(name): sp.Rational(str(value)) for name, value in factors})
    for row in [index for index, is_rated in enumerate(rated) if is_rated]:
        unit = sp.zeros(exact.rows, 1)
        unit[row] = 1
        exact = exact.row_join(unit)
    if exact.rows == 0:
        empty = np.zeros((0, exact.cols))
        return Structure(empty, np.zeros((0, 0)), np.zeros(0, int), np.zeros((0, 0)))
    domain = DomainMatrix.from_Matrix(sp.Matrix(exact)).convert_to(sp.QQ)
    # Pivot columns of N^T are rows of N that span all others
    preferred = domain.extract(list(preference), list(range(exact.cols))).transpose()
    pivots = preferred.rref()[1] if exact.cols else ()
    independent = sorted(preference[pivot] for pivot in pivots)
    conserved = (
        np.array(domain.transpose().nullspace().to_Matrix().tolist(), dtype=float)
        if exact.cols
        else np.eye(exact.rows)
    ).reshape(-1, exact.rows)
    count = exact.rows
    link = np.zeros((count, len(independent)))
    link[independent, range(len(independent))] = 1.0
    dependent = [index for index in range(count) if index not in independent]
    if dependent and independent:
        link[dependent] = -np.linalg.solve(conserved[:, dependent], conserved[:, independent])
    return Structure(
        stoichiometry=np.array(exact.tolist(), dtype=float).reshape(count, -1),
        conserved=conserved,
        independent=np.array(independent, dtype=int),
        link=link,
    )


def structure_derivatives(
    equations: Equations, structure: Structure, values: Mapping[str, float], moved: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return how the structure moves with parameters that stoichiometries follow.

    Parameters
    ----------
    equations, values
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
    names = [name for name in equations.constants
             if symbol(name) in equations.stoichiometry.free_symbols]  # fmt: skip
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
