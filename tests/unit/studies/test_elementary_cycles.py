"""Elementary cycles: all minimal dependences of a matrix, the simple cycles of a graph."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from transport_model.analyses.studies.audit.cycles import elementary_cycles


def brute_force(rows, count):
    """Sets of columns that are dependent while all their subsets are not."""
    matrix = np.array(rows, dtype=float).reshape(-1, count)
    found = []
    for size in range(1, count + 1):
        for columns in itertools.combinations(range(count), size):
            if any(set(smaller) <= set(columns) for smaller in found):
                continue
            if np.linalg.matrix_rank(matrix[:, columns]) < size:
                found.append(columns)
    return {frozenset(columns) for columns in found}


@pytest.mark.parametrize("seed", range(5))
def test_cycles_are_all_minimal_dependences(seed):
    rng = np.random.default_rng(seed)
    rows = rng.integers(-2, 3, size=(4, 8)).tolist()
    cycles, complete = elementary_cycles(rows, 8)
    assert complete
    assert all(not np.any(np.array(rows) @ cycle) for cycle in cycles)
    assert {frozenset(np.flatnonzero(cycle).tolist()) for cycle in cycles} == brute_force(rows, 8)
    assert len(cycles) == len(brute_force(rows, 8))


def graph(edges, nodes):
    return [[(end == node) - (start == node) for start, end in edges] for node in range(nodes)]


def test_cycles_of_a_graph_are_its_simple_cycles():
    edges = list(itertools.combinations(range(5), 2))
    cycles, complete = elementary_cycles(graph(edges, 5), len(edges))
    # The complete graph of n nodes has n!/(2 k (n-k)!) cycles of k nodes
    assert complete
    assert len(cycles) == sum(math.perm(5, k) // (2 * k) for k in (3, 4, 5))
