"""Arrays as machine code takes them: vectors of points, in memory that is aligned."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

#: Bytes at a multiple of which a vector lies.
ALIGNED = 64


def aligned(count: int) -> np.ndarray:
    """Return memory for so many numbers, which is not cleared."""
    memory = np.empty(count + ALIGNED // 8)
    first = -memory.ctypes.data % ALIGNED // 8
    return memory[first : first + count]


def in_vectors(rows: np.ndarray, width: int) -> np.ndarray:
    """Return rows of points as whole vectors; the last point fills the last of them up.

    Parameters
    ----------
    rows
        Of shape (rows, points).
    width
        Points a vector.

    Returns
    -------
    numpy.ndarray
        Flat.
    """
    count = rows.shape[-1]
    vectors = aligned(len(rows) * -(-count // width) * width)
    if rows.size:
        table = vectors.reshape(len(rows), -1)
        table[:, :count] = rows
        table[:, count:] = rows[:, -1:]
    return vectors


def repeated(numbers: Sequence[float] | np.ndarray, width: int) -> np.ndarray:
    """Return a vector of each number."""
    vectors = aligned(len(numbers) * width)
    vectors[:] = np.repeat(np.asarray(numbers, dtype=float), width)
    return vectors


def places_of(picked: Sequence[int], count: int) -> np.ndarray:
    """Return by output its place among those that are picked, -1 for the others."""
    places = np.full(count, -1, dtype=np.int64)
    places[list(picked)] = np.arange(len(picked))
    return places
