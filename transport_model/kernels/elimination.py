"""Newton's step written out: Gaussian elimination as values of a model's graph.

Which entries are zero is known beforehand, so that nothing is computed for them. Pivots are chosen
once for all points: a matching puts an entry on every place of the diagonal, and the order keeps
new entries few (Markowitz 1957, Manag Sci 3:255). What rounding makes of that at a point is checked
there, and rows are exchanged where it has to be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from transport_model.mathematics.graph import Graph

#: Operations beyond which loops over a dense matrix are the shorter code.
MOST_OPERATIONS = 4000


@dataclass(frozen=True)
class Linear:
    """A linear system's solution, written out.

    Attributes
    ----------
    solution
        Values by column.
    """

    solution: tuple[int, ...]


def eliminated(
    graph: Graph, matrix: Mapping[tuple[int, int], int], right: Sequence[int]
) -> Linear | None:
    """Return the values d that solve ``matrix d = -right``.

    None where the matrix is singular by its pattern alone, or too full to be written out.
    """
    count = len(right)
    order = _order(matrix, count)
    if order is None:
        return None
    rows = [{c: value for (r, c), value in matrix.items() if r == row} for row in range(count)]
    sides = [graph.apply("neg", each) for each in right]
    inverses = {}
    for step, (row, column) in enumerate(order):
        inverses[column] = graph.apply("rec", rows[row][column])
        for other, _ in order[step + 1 :]:
            if column not in rows[other]:
                continue
            share = graph.product([rows[other].pop(column), inverses[column]])
            taken = graph.apply("neg", share)
            for place, value in rows[row].items():
                if place != column:
                    terms = [graph.product([taken, value])]
                    terms += [rows[other][place]] if place in rows[other] else []
                    rows[other][place] = graph.total(terms)
            sides[other] = graph.total([sides[other], graph.product([taken, sides[row]])])
    solution: dict[int, int] = {}
    for row, column in reversed(order):
        known = [graph.apply("neg", graph.product([value, solution[place]]))
                 for place, value in rows[row].items() if place != column]  # fmt: skip
        solution[column] = graph.product([graph.total([sides[row], *known]), inverses[column]])
    return Linear(tuple(solution[column] for column in range(count)))


def _order(matrix: Mapping[tuple[int, int], int], count: int) -> list[tuple[int, int]] | None:
    """Return the pivots in order; None where there are none, or elimination would be too long."""
    pattern = np.zeros((count, count), dtype=bool)
    for place in matrix:
        pattern[place] = True
    columns = _matched(pattern)
    if columns is None:
        return None
    filled = pattern[:, columns]
    left = list(range(count))
    order, operations = [], 0
    while left:
        part = filled[np.ix_(left, left)]
        below, beside = part.sum(axis=0) - 1, part.sum(axis=1) - 1
        best = left[int(np.argmin(below * beside))]
        left.remove(best)
        order.append((best, int(columns[best])))
        moved = [row for row in left if filled[row, best]]
        kept = [column for column in left if filled[best, column]]
        filled[np.ix_(moved, kept)] = True
        operations += len(moved) * (len(kept) + 1)
    return order if operations <= MOST_OPERATIONS else None


def _matched(pattern: np.ndarray) -> np.ndarray | None:
    """Return by row the column of its pivot: the diagonal where it can be."""
    if pattern.diagonal().all():
        return np.arange(len(pattern))
    matched = maximum_bipartite_matching(csr_array(pattern), perm_type="column")
    return None if (matched < 0).any() else matched
