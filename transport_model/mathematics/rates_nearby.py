"""Rates near a point, to first order: the way back to a balance, and whether it is taken."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from transport_model.certificate import ZERO_EIGENVALUE

#: Relative rounding error of one evaluation.
ROUNDING = float(np.finfo(float).eps)
#: Real parts beyond this share of the matrix's norm are no rounding, whatever the eigenvectors.
CLEAR = 1e-8


@dataclass(frozen=True)
class LinearRates:
    """A model's rates near a point, for the independent states relative to their sizes.

    Attributes
    ----------
    net
        f = N_R v by independent state, divided by its size [1/time].
    matrix
        The Jacobian D⁻¹ N_R (∂v/∂x) L D.
    terms
        The same with the sizes of all terms: what rounding is relative to.
    rates
        N_R divided like `net`, independent states by velocities.
    doubt
        What rounding may add to each velocity: that of itself, and of the states it is made of.
    """

    net: np.ndarray
    matrix: np.ndarray
    terms: np.ndarray
    rates: np.ndarray
    doubt: np.ndarray

    @property
    def finite(self) -> bool:
        """Whether there are rates and slopes here at all."""
        return bool(np.isfinite(self.matrix).all() and np.isfinite(self.net).all())

    @cached_property
    def inverse(self) -> np.ndarray:
        """The matrix's inverse, found with rows and columns made alike.

        In directions without a restoring force, which a family of balances has, it is zero.
        """
        rows = np.abs(self.matrix).max(axis=1, initial=0.0)
        rows[rows == 0] = 1.0
        even = self.matrix / rows[:, None]
        columns = np.abs(even).max(axis=0, initial=0.0)
        columns[columns == 0] = 1.0
        pseudo = np.linalg.pinv(even / columns, rcond=4 * len(rows) * ROUNDING)
        return pseudo / rows / columns[:, None]

    @property
    def step(self) -> np.ndarray:
        """Newton's step to the balance, relative to the sizes of the states."""
        return -(self.inverse @ self.net)

    @property
    def noise(self) -> np.ndarray:
        """What rounding of the velocities may add to a step, at most.

        A velocity that moves two states alike, however uncertain, moves them alike.
        """
        return np.abs(self.inverse @ self.rates) @ self.doubt


def spectrum(linear: LinearRates) -> tuple[np.ndarray, np.ndarray]:
    """Return the eigenvalues, and how far from zero each is zero for all that rounding tells.

    Block by block of states that act on each other, so that a slow state beside fast ones keeps
    its digits. To first order an eigenvalue moves by y'Ex / y'x when the matrix moves by E
    (Wilkinson 1965, The Algebraic Eigenvalue Problem); E is rounding of the matrix's terms, and of
    the eigenvalue solver, relative to the norm. Where eigenvectors coincide that bound says
    nothing, and a share of the norm stands for it.
    """
    norm = float(np.abs(linear.matrix).sum(axis=1).max(initial=0.0))
    clear = np.linalg.eigvals(linear.matrix)
    if (clear.real < -CLEAR * norm).all():
        return clear, np.full(len(clear), CLEAR * norm)
    import scipy.linalg  # a fifth of a second, and only where it is needed
    from scipy.sparse.csgraph import connected_components

    values: list[np.ndarray] = [np.zeros(0)]
    limits: list[np.ndarray] = [np.zeros(0)]
    count, label = connected_components(linear.matrix != 0, directed=True, connection="strong")
    for block in (np.flatnonzero(label == index) for index in range(count)):
        matrix, terms = (each[np.ix_(block, block)] for each in (linear.matrix, linear.terms))
        balanced: Any = scipy.linalg.matrix_balance(matrix, permute=False, separate=True)
        even, factors = balanced[0], balanced[1][0]
        terms = terms * factors / factors[:, None]
        found, left, right = scipy.linalg.eig(even, left=True, right=True, check_finite=False)
        norm = float(np.abs(even).sum(axis=1).max())
        solver = norm if len(block) > 1 else 0.0
        with np.errstate(all="ignore"):
            overlap = np.abs((left.conj() * right).sum(axis=0))
            moved = ((np.abs(left) * (terms @ np.abs(right))).sum(axis=0) + solver) / overlap
        bound = 8 * len(block) * ROUNDING * np.where(np.isfinite(moved), moved, np.inf)
        share = ZERO_EIGENVALUE * norm if len(block) > 1 else np.inf
        values.append(found)
        limits.append(np.minimum(bound, share))
    return np.concatenate(values), np.concatenate(limits)
