"""A directed graph in layers: where its boxes stand and its lines run.

The method of Sugiyama et al. 1981 on SciPy: layers of least total
length by a linear programme, crossings reduced by barycentres, places along a layer by isotonic
regression under the boxes' own widths. It is here as no library fits: igraph and grandalf are under
the GPL, igraph knows no widths, networkx has no such layout, and fast-sugiyama has no wheels for
older Linux.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import isotonic_regression, linprog
from scipy.sparse import coo_array

#: Sweeps that reduce crossings, and that place boxes along their layers.
_ORDERINGS, _PLACINGS = 24, 60
#: Shift of a place in a sweep, beside the distance of boxes, that is none.
_SETTLED = 0.02
#: How much more a bend in the middle of a line weighs than one at its ends.
_STRAIGHT = 8.0

Point = tuple[float, float]


@dataclass(frozen=True)
class Layers:
    """A graph in layers that lie one behind the other.

    Attributes
    ----------
    points
        Middles of boxes: along the layer, and across the layers.
    levels
        By box, where its layer begins and ends across the layers.
    routes
        By edge, the points where it enters and leaves the layers between its ends, from source to
        target.
    lanes
        Where each lane begins and ends along the layers.
    size
        Of all, along the layers and across.
    """

    points: tuple[Point, ...]
    levels: tuple[Point, ...]
    routes: tuple[tuple[Point, ...], ...]
    lanes: tuple[tuple[float, float], ...]
    size: Point


def layers_of(
    sizes: Sequence[Point],
    edges: Sequence[tuple[int, int]],
    lanes: Sequence[int],
    gaps: Point,
) -> Layers:
    """Lay out a graph; the same graph gives the same layout.

    Parameters
    ----------
    sizes
        Of each box, along its layer and across.
    edges
        Pairs of boxes, from source to target.
    lanes
        By box the lane that it stays in, from 0; lanes lie side by side.
    gaps
        Least distance of boxes within a layer, and of layers.
    """
    forward = _acyclic(len(sizes), edges)
    ranks = _ranks(len(sizes), forward)
    # What passes a layer has a place in it, as thin as a line
    chains, rank, lane = [], list(ranks), list(lanes)
    for source, target in forward:
        chain = list(range(len(rank), len(rank) + ranks[target] - ranks[source] - 1))
        rank += range(ranks[source] + 1, ranks[target])
        lane += [lanes[source]] * len(chain)
        chains.append([source, *chain, target])
    widths = np.array([size[0] for size in sizes] + [0.0] * (len(rank) - len(sizes)))
    pieces = [piece for chain in chains for piece in itertools.pairwise(chain)]
    neighbours: list[list[int]] = [[] for _ in rank]
    for above, below in pieces:
        neighbours[above].append(below)
        neighbours[below].append(above)
    rows = _ordered(rank, lane, pieces, neighbours)
    along, bounds = _placed(rows, lane, widths, neighbours, len(sizes), gaps[0])
    depths = [max((sizes[n][1] for n in row if n < len(sizes)), default=0.0) for row in rows]
    levels, y = [], 0.0
    for depth in depths:
        levels.append((y, y + depth))
        y += depth + gaps[1]
    routes = []
    for (source, _), chain in zip(edges, chains, strict=True):
        between = [(float(along[n]), end) for n in chain[1:-1] for end in levels[rank[n]]]
        routes.append(tuple(between if chain[0] == source else between[::-1]))
    points = [(float(along[n]), sum(levels[rank[n]]) / 2) for n in range(len(sizes))]
    return Layers(tuple(points), tuple(levels[rank[n]] for n in range(len(sizes))), tuple(routes),
                  tuple(bounds), (bounds[-1][1], y - gaps[1]))  # fmt: skip


def _acyclic(count: int, edges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the edges, those turned round that would close a cycle on the way down."""
    below: list[list[int]] = [[] for _ in range(count)]
    entered = [0] * count
    for source, target in edges:
        below[source].append(target)
        entered[target] += 1
    state, done = [0] * count, []
    for root in sorted(range(count), key=lambda n: entered[n] > 0):
        stack = [(root, iter(below[root]))] if not state[root] else []
        state[root] = state[root] or 1
        while stack:
            node, rest = stack[-1]
            following = next((n for n in rest if not state[n]), None)
            if following is None:
                stack.pop()
                state[node] = 2
                done.append(node)
            else:
                state[following] = 1
                stack.append((following, iter(below[following])))
    place = {node: -n for n, node in enumerate(done)}
    return [(s, t) if place[s] <= place[t] else (t, s) for s, t in edges]


def _ranks(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """Return the layer of each box, so that lines are shortest; whole numbers solve this."""
    if not edges:
        return [0] * count
    cost = np.full(count, 1e-3)  # what could lie anywhere lies at the top
    for source, target in edges:
        cost[source] -= 1
        cost[target] += 1
    number = np.arange(len(edges))
    sources, targets = np.array(edges).T
    ones = np.ones(len(edges))
    apart = coo_array((np.concatenate([ones, -ones]), (np.concatenate([number, number]),
                       np.concatenate([sources, targets]))), shape=(len(edges), count))  # fmt: skip
    found = linprog(cost, A_ub=apart.toarray(), b_ub=-ones, bounds=(0, count), method="highs-ds")
    assert found.x is not None  # what is acyclic has layers
    return [round(rank) for rank in found.x]


def _ordered(
    rank: list[int], lane: list[int], pieces: list[tuple[int, int]], neighbours: list[list[int]]
) -> list[list[int]]:
    """Return the layers, each in an order with few crossings; lanes stay together."""
    rows: list[list[int]] = [[] for _ in range(max(rank) + 1)]
    for node in _walk(neighbours):
        rows[rank[node]].append(node)
    for row in rows:
        row.sort(key=lambda n: lane[n])
    best, fewest = [list(row) for row in rows], _crossings(rows, rank, pieces)
    for sweep in range(_ORDERINGS):
        step = 1 if sweep % 2 == 0 else -1
        for level in range(len(rows))[::step]:
            place = {n: p / max(len(row), 1) for row in rows for p, n in enumerate(row)}
            mean = {n: float(np.mean([place[m] for m in neighbours[n] if rank[m] == level - step]
                                     or [place[n]])) for n in rows[level]}  # fmt: skip
            rows[level].sort(key=lambda n: (lane[n], mean[n]))
        crossings = _crossings(rows, rank, pieces)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    return best


def _walk(neighbours: list[list[int]]) -> list[int]:
    """Return all nodes, those joined next to one another."""
    seen: dict[int, None] = {}
    for root in range(len(neighbours)):
        stack = [root]
        while stack:
            node = stack.pop()
            if node not in seen:
                seen[node] = None
                stack.extend(reversed(neighbours[node]))
    return list(seen)


def _crossings(rows: list[list[int]], rank: list[int], pieces: list[tuple[int, int]]) -> int:
    place = {n: p for row in rows for p, n in enumerate(row)}
    total = 0
    for level in range(len(rows) - 1):
        ends = np.array([(place[a], place[b]) for a, b in pieces if rank[a] == level])
        if len(ends):
            upper, lower = (np.sign(np.subtract.outer(side, side)) for side in ends.T)
            total += int((upper * lower < 0).sum())
    return total


def _placed(
    rows: list[list[int]], lane: list[int], widths: np.ndarray, neighbours: list[list[int]],
    boxes: int, gap: float,
) -> tuple[np.ndarray, list[tuple[float, float]]]:  # fmt: skip
    """Return places along the layers, near those of neighbours, and the lanes' bounds."""
    groups = [[list(group) for _, group in itertools.groupby(row, key=lambda n: lane[n])]
              for row in rows]  # fmt: skip
    needed = [0.0] * (max(lane) + 1)
    for row in groups:
        for group in row:
            room = sum(widths[n] + gap for n in group) + gap
            needed[lane[group[0]]] = max(needed[lane[group[0]]], float(room))
    ends = list(itertools.accumulate(needed, initial=0.0))
    bounds = list(itertools.pairwise(ends))
    along = np.zeros(len(lane))
    for row in groups:
        for group in row:
            along[group] = _spread(np.full(len(group), np.mean(bounds[lane[group[0]]])),
                                   widths[group], np.ones(len(group)), bounds[lane[group[0]]],
                                   gap)  # fmt: skip
    for sweep in range(_PLACINGS):
        before = along.copy()
        for row in groups[:: 1 if sweep % 2 == 0 else -1]:
            for group in row:
                pulls = [[_STRAIGHT if min(n, m) >= boxes else 1.0 for m in neighbours[n]]
                         for n in group]  # fmt: skip
                wanted = np.array(
                    [
                        np.average(along[neighbours[n]], weights=pull) if pull else along[n]
                        for n, pull in zip(group, pulls, strict=True)
                    ]
                )
                weights = np.array([sum(pull) or 1.0 for pull in pulls])
                along[group] = _spread(wanted, widths[group], weights, bounds[lane[group[0]]], gap)
        if np.abs(along - before).max() < _SETTLED * gap:
            break
    return along, bounds


def _spread(
    wanted: np.ndarray, widths: np.ndarray, weights: np.ndarray, bounds: Point, gap: float
) -> np.ndarray:
    """Return the places nearest to those wanted at which boxes neither meet nor leave the lane."""
    starts = np.concatenate([[0.0], np.cumsum(widths[:-1] + gap)]) + widths / 2
    low = bounds[0] + gap
    high = bounds[1] - gap - (float(np.sum(widths + gap)) - gap)
    moved = isotonic_regression(wanted - starts, weights=weights).x
    return np.clip(moved, low, high) + starts
