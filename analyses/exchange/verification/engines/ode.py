"""Integration for engines that give a right-hand side and no integrator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.integrate import odeint

from .jobs import RELATIVE_TOLERANCE, EngineError

#: Absolute tolerance of a state, relative to its own starting size.
_SHARE = 1e-3


def integrate(
    rates: Callable[[float, np.ndarray], np.ndarray], start: np.ndarray, times: np.ndarray
) -> np.ndarray:
    """Return the states at `times`, a row each, with ODEPACK's LSODA.

    Raises
    ------
    EngineError
        LSODA gave up.
    """
    if not start.size:
        return np.zeros((times.size, 0))
    sizes = np.abs(start)
    typical = float(np.median(sizes[sizes > 0])) if (sizes > 0).any() else 1.0
    # One per state: ODEPACK takes an array here, which SciPy's stubs do not know
    absolute: Any = RELATIVE_TOLERANCE * _SHARE * np.where(sizes > 0, sizes, typical)
    states, told = odeint(rates, start, times, rtol=RELATIVE_TOLERANCE, atol=absolute,
                          mxstep=100_000, tfirst=True, full_output=True)  # fmt: skip
    if told["message"] != "Integration successful.":
        raise EngineError(f"LSODA: {told['message']}")
    return states
