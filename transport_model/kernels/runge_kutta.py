"""DOP853: an explicit Runge–Kutta method of order 8 for courses that are not stiff.

Hairer, Nørsett and Wanner 1993, Solving Ordinary Differential Equations I, section II.10, with its
error estimate of orders 5 and 3 and its interpolation of order 7. The coefficients are SciPy's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from scipy.integrate import DOP853

from transport_model.kernels.functions import Code
from transport_model.kernels.lanes import Array, Lanes, Mask
from transport_model.kernels.model_code import ModelCode

STAGES, ORDER = 12, 8
_METHOD: Any = cast(Any, DOP853)
A, B, E3, E5 = (np.array(getattr(_METHOD, name)) for name in ("A", "B", "E3", "E5"))
A_EXTRA, D = np.array(_METHOD.A_EXTRA), np.array(_METHOD.D)
#: |hλ| at the edge of where the method is stable, on the negative real axis.
EDGE = 6.1


class RungeKutta:
    """Writes the method for one model.

    Parameters
    ----------
    model
        Writes the model's functions; its ``balance`` is written already.
    """

    order = ORDER
    dense_rows = 3 + len(D)

    def __init__(self, model: ModelCode) -> None:
        self.model, self.count = model, model.count

    def write(self) -> None:
        """Write nothing: ``balance`` is all that the method needs."""

    def arrays(self, code: Code) -> None:
        """Reserve what a function that takes steps needs."""
        self._code = code
        n = self.count
        self._slopes = [code.array(n) for _ in range(STAGES + 1 + len(A_EXTRA))]
        self._moved, self._last = code.array(n), code.array(n)

    def step(self, common: Sequence[Array], y: Array, h: Lanes, new: Array, error: Array) -> None:
        """Write a step of length `h` from `y`: fill the new state and the error.

        The error is that of order 5, weighed with that of order 3 by :meth:`norm`, for which the
        second is kept.
        """
        code, n = self._code, self.count
        self._common, self._y, self._h, self._new = common, y, h, new
        code.call("balance", *common, y, self._slopes[0])
        for s in range(1, STAGES):
            self._stage(A[s, :s], s)
            if s == STAGES - 1:
                for j in range(n):
                    self._last[j] = self._moved[j]
        for j in range(n):
            new[j] = code.fma(h, self._combined(B, j), y[j])
        code.call("balance", *common, new, self._slopes[STAGES])
        for j in range(n):
            error[j] = self._combined(E5, j)

    def _stage(self, row: np.ndarray, place: int) -> None:
        for j in range(self.count):
            self._moved[j] = self._code.fma(self._h, self._combined(row, j), self._y[j])
        self._code.call("balance", *self._common, self._moved, self._slopes[place])

    def _combined(self, weights: np.ndarray, j: int) -> Lanes:
        total = self._code.number(0.0)
        for weight, slope in zip(weights.tolist(), self._slopes, strict=False):
            if weight:
                total = self._code.fma(slope[j], weight, total)
        return total

    def norm(self, error: Array, weights: Sequence[Lanes]) -> Lanes:
        """Return the size of the error of the last step, relative to weights."""
        code = self._code
        fifth, third = code.number(0.0), code.number(0.0)
        for j, weight in enumerate(weights):
            a, b = error[j], self._combined(E3, j)
            a = code.select(a.differs(0.0), a / weight, 0.0)
            b = code.select(b.differs(0.0), b / weight, 0.0)
            fifth, third = code.fma(a, a, fifth), code.fma(b, b, third)
        both = code.intrinsic("sqrt", code.fma(third, 0.01, fifth) * float(self.count))
        return code.select(fifth > 0.0, abs(self._h) * fifth / both, 0.0)

    def is_held_back(self, weights: Sequence[Lanes]) -> Mask:
        """Return where stability, not the error, holds the last step back.

        |hλ| from how the slope changes between two states near the step's end (Hairer and Wanner
        1996, section IV.2).
        """
        code = self._code
        slope, way = code.number(0.0), code.number(0.0)
        for j, weight in enumerate(weights):
            a = (self._slopes[STAGES][j] - self._slopes[STAGES - 1][j]) / weight
            b = (self._new[j] - self._last[j]) / weight
            slope, way = code.fma(a, a, slope), code.fma(b, b, way)
        return self._h * self._h * slope > way * EDGE**2

    def dense(self, row: int, j: int) -> Lanes:
        """Return a row of what the interpolation of the last step needs."""
        h, way = self._h, self._new[j] - self._y[j]
        if row == 0:
            return way
        if row == 1:
            return h * self._slopes[0][j] - way
        if row == 2:
            return way * 2.0 - h * (self._slopes[STAGES][j] + self._slopes[0][j])
        return h * self._combined(D[row - 3], j)

    def complete(self) -> None:
        """Compute the further stages that the interpolation rests on."""
        for place, row in enumerate(A_EXTRA, STAGES + 1):
            self._stage(row[:place], place)

    @staticmethod
    def between(theta: Lanes, old: Lanes, new: Lanes, dense: Sequence[Lanes]) -> Lanes:
        """Return a state at a share of the way through a step."""
        del new
        total = dense[-1]
        for place, each in enumerate(reversed(dense[:-1])):
            total = total * (theta if place % 2 == 0 else 1.0 - theta) + each
        return old + total * theta
