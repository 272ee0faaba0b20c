"""What a change of a point's coordinates is relative to, along a curve."""

from __future__ import annotations

import numpy as np

from transport_model.mathematics.state_names import species_of

from .family import Family

#: A state that can only be positive counts as this share of the largest that it has been, at least;
#: and any state as that share of the largest of all.
LEAST, LEAST_OF_ALL = 1e-3, 1e-6
#: A positive state that is below zero by less than this share of the largest is zero.
DUST = 1e-12
#: A state that is so many times the largest at first grows without end.
GROWN = 1e4


class Sizes:
    """Sizes of the states of a family, as far as they are known from where a curve has been.

    Parameters
    ----------
    family
        Whose states.
    first
        The point at which the curve begins.
    """

    def __init__(self, family: Family, first: np.ndarray) -> None:
        self.family, self.count = family, family.count
        names = [species_of(name) for name in family.equations.states]
        lowest = np.array([family.model.domain(name)[0] for name in names], dtype=float)
        self._names = [names[place] for place in family.structure.independent]
        self._all_positive = lowest == 0.0
        self._positive = self._all_positive[family.structure.independent]
        self._largest = np.abs(first[: self.count])
        self._first = self._largest.max(initial=0.0)

    def at(self, z: np.ndarray) -> np.ndarray:
        """Return what a change of each coordinate is relative to.

        A state's own size, or the largest it has been if it may change its sign; such that the
        length of a change of all states by their size is one, as is that of a parameter's range.
        """
        level = np.abs(z[: self.count])
        largest = np.maximum(self._largest, level)
        own = np.where(self._positive, np.maximum(level, LEAST * largest), largest)
        own = np.maximum(own, LEAST_OF_ALL * largest.max(initial=0.0))
        own = np.where(own > 0, own, 1.0) * np.sqrt(self.count)
        return np.append(own, np.ones(len(z) - self.count))

    def pass_by(self, z: np.ndarray) -> None:
        """Take note of how large the states are at a point."""
        self._largest = np.maximum(self._largest, np.abs(z[: self.count]))

    def without_dust(self, z: np.ndarray) -> np.ndarray:
        """Return a point in which positive states are zero if they are less by rounding alone."""
        level = z[: self.count]
        dust = self._positive & (level < 0) & (level >= -DUST * self._largest.max(initial=0.0))
        return np.append(np.where(dust, 0.0, level), z[self.count :])

    def is_negative(self, states: np.ndarray) -> bool:
        """Whether a state that can only be positive is below zero, beyond rounding."""
        return bool((states[self._all_positive] < -DUST * np.abs(states).max(initial=0.0)).any())

    def grown(self, z: np.ndarray) -> str:
        """Return the state that has outgrown all there was at first, or nothing."""
        level = np.abs(z[: self.count])
        place = int(level.argmax())
        return self._names[place] if level[place] > GROWN * self._first > 0 else ""
