"""Gaussian elimination written out, as values of a graph.

Which entries are zero is known beforehand, so that nothing is computed for them. Pivots are chosen
once for all points: a matching puts an entry on every place of the diagonal, and the order keeps
new entries few (Markowitz 1957, Manag Sci 3:255). What rounding makes of that at a point is for the
caller to check.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from transport_model.mathematics.graph import Graph

#: Operations beyond which loops over a dense matrix are the shorter code.
MOST_OPERATIONS = 4000

Place = tuple[int, int]


@dataclass(frozen=True)
class Factors:
    """The order in which a matrix of some pattern is eliminated, and what is computed on the way.

    Attributes
    ----------
    pivots
        Rows and columns of the pivots, in order.
    below
        What each step takes away: the rows, with the share of the pivot's row.
    beside
        The columns in which a pivot's row has other entries.
    """

    pivots: tuple[Place, ...]
    below: tuple[tuple[int, ...], ...]
    beside: tuple[tuple[int, ...], ...]

    @property
    def size(self) -> int:
        """How many factors :meth:`values` returns."""
        return sum(1 + len(a) + len(b) for a, b in zip(self.below, self.beside, strict=True))

    @property
    def inverses(self) -> list[int]:
        """Places of the pivots' inverses among the factors."""
        found, at = [], 0
        for below, beside in zip(self.below, self.beside, strict=True):
            found.append(at)
            at += 1 + len(below) + len(beside)
        return found

    def values(self, graph: Graph, matrix: Mapping[Place, int]) -> list[int]:
        """Return the factors of a matrix: of each pivot its inverse, the shares and its row."""
        entries, found = dict(matrix), []
        for (row, column), below, beside in zip(self.pivots, self.below, self.beside, strict=True):
            inverse = graph.apply("rec", entries[row, column])
            shares = [graph.product([entries[other, column], inverse]) for other in below]
            for other, share in zip(below, shares, strict=True):
                for place in beside:
                    taken = graph.apply("neg", graph.product([share, entries[row, place]]))
                    own = [entries[other, place]] if (other, place) in entries else []
                    entries[other, place] = graph.total([*own, taken])
            found += [inverse, *shares, *(entries[row, place] for place in beside)]
        return found

    def solution(self, graph: Graph, factors: Sequence[int], right: Sequence[int]) -> list[int]:
        """Return what solves a system, from the factors of its matrix and its right-hand side."""
        sides, rows, at = list(right), [], 0
        for (row, column), below, beside in zip(self.pivots, self.below, self.beside, strict=True):
            inverse, at = factors[at], at + 1
            for other in below:
                taken = graph.apply("neg", graph.product([factors[at], sides[row]]))
                sides[other], at = graph.total([sides[other], taken]), at + 1
            rows.append((row, column, inverse, dict(zip(beside, factors[at:], strict=False))))
            at += len(beside)
        solved: dict[int, int] = {}
        for row, column, inverse, entries in reversed(rows):
            known = [graph.apply("neg", graph.product([value, solved[place]]))
                     for place, value in entries.items()]  # fmt: skip
            solved[column] = graph.product([graph.total([sides[row], *known]), inverse])
        return [solved[column] for column in range(len(right))]


def factors(pattern: Collection[Place], count: int) -> Factors | None:
    """Return how a matrix with entries in some places is eliminated.

    None where it is singular by its pattern alone, or too full to be written out.
    """
    filled = np.zeros((count, count), dtype=bool)
    for place in pattern:
        filled[place] = True
    columns = _matched(filled)
    if columns is None:
        return None
    filled = filled[:, columns]
    left = list(range(count))
    pivots, below, beside, operations = [], [], [], 0
    while left:
        part = filled[np.ix_(left, left)]
        best = left[int(np.argmin((part.sum(axis=0) - 1) * (part.sum(axis=1) - 1)))]
        left.remove(best)
        moved = [row for row in left if filled[row, best]]
        kept = [column for column in left if filled[best, column]]
        filled[np.ix_(moved, kept)] = True
        pivots.append((best, int(columns[best])))
        below.append(tuple(moved))
        beside.append(tuple(int(columns[column]) for column in kept))
        operations += len(moved) * (len(kept) + 1)
    if operations > MOST_OPERATIONS:
        return None
    return Factors(tuple(pivots), tuple(below), tuple(beside))


def _matched(pattern: np.ndarray) -> np.ndarray | None:
    """Return by row the column of its pivot: the diagonal where it can be."""
    if pattern.diagonal().all():
        return np.arange(len(pattern))
    matched = maximum_bipartite_matching(csr_array(pattern), perm_type="column")
    return None if (matched < 0).any() else matched
