"""Scales on which parameters are estimated and measurements compared: lin, log, log10."""

from __future__ import annotations

import numpy as np

LIN, LOG, LOG10 = "lin", "log", "log10"
#: What one step of a scale is in natural logarithms.
_STEP = {LOG: 1.0, LOG10: float(np.log(10))}


def scaled(values: np.ndarray, scale: str) -> np.ndarray:
    """Return values on a scale; NaN where a logarithm has none."""
    if scale == LIN:
        return values
    with np.errstate(all="ignore"):
        return np.where(values > 0, np.log(values), np.nan) / _STEP[scale]


def unscaled(values: np.ndarray, scale: str) -> np.ndarray:
    """Return the values that are so on a scale."""
    return values if scale == LIN else np.exp(values * _STEP[scale])


def slope(values: np.ndarray, scale: str) -> np.ndarray:
    """Return the derivative of the scaled by the plain values."""
    return np.ones_like(values) if scale == LIN else 1 / (values * _STEP[scale])


def log_step(scale: str) -> float:
    """Return what one step of a logarithmic scale is in natural logarithms; 1 for `lin`."""
    return _STEP.get(scale, 1.0)
