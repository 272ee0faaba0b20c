"""Functions of lanes, written, compiled and called for a test."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from transport_model.kernels.functions import Module
from transport_model.kernels.lanes import Array
from transport_model.kernels.machine import Loaded, object_code
from transport_model.kernels.vectors import aligned

WIDTHS = (2, 4, 8)


def compiled(
    width: int,
    write: Callable[..., Sequence],
    given: Sequence[tuple[int, ...]],
    answers: int,
) -> Callable[..., np.ndarray]:
    """Return a function of points, computed by what `write` writes for lanes.

    Parameters
    ----------
    width
        Points a vector.
    write
        Takes the code and an array for each shape in `given`, and returns numbers.
    given
        Shapes of what it takes.
    answers
        How many numbers it returns.
    """
    module = Module(width)
    names = [f"x{place}" for place in range(len(given))]
    with module.entry("block", [*names, "answers"]) as (code, pointers):
        arrays = [Array(code, pointers[name], shape) for name, shape in zip(names, given,
                                                                          strict=True)]  # fmt: skip
        out = Array(code, pointers["answers"], (answers,))
        for place, number in enumerate(write(code, *arrays)):
            out[place] = number
    function = Loaded(object_code(module)).function("block", [*names, "answers"])

    def call(*points: np.ndarray) -> np.ndarray:
        count = len(points[0])
        filled = -(-count // width) * width
        found = np.empty((filled, answers))
        tables = [
            np.concatenate([each, np.repeat(each[-1:], filled - count, axis=0)]).reshape(filled, -1)
            for each in points
        ]
        vectors = [aligned(table.shape[1] * width) for table in tables]
        told = aligned(answers * width)
        for low in range(0, filled, width):
            for table, vector in zip(tables, vectors, strict=True):
                vector.reshape(-1, width)[:] = table[low : low + width].T
            function(*(vector.ctypes.data for vector in vectors), told.ctypes.data)
            found[low : low + width] = told.reshape(-1, width).T
        return found[:count]

    return call
