"""Scales of axes: where a logarithm shows more, in which unit a time is read, where it may end."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, SymmetricalLogLocator

from transport_model.errors import InputError
from transport_model.units import converted

#: Units of a time axis, and from how many of them on they are used.
_TIMES = (("d", 3), ("h", 1.5), ("min", 3), ("s", 1), ("ms", 0))
#: Curves below this share of the largest value lie on the axis; two that differ by this factor are
#: told apart on a logarithmic one.
_HIDDEN, _APART = 0.01, 2.0
#: Levels below this share of the highest that a spike hides are as good as zero.
_LOWEST = 1e-3
#: A curve within this share of its panel's range from its end is level, and an axis is cut where
#: all are, if that leaves out this share of it or more.
_LEVEL, _WORTH = 0.03, 0.5
#: Where a cut axis may end, but for powers of ten.
_ENDS = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number_text(value: float, digits: int = 3) -> str:
    """Return a number as a figure shows it: a true minus, and powers of ten raised."""
    text = f"{value:.{digits}g}"
    if "e" not in text and abs(value) >= 1e4:
        text = f"{value:.{digits - 1}e}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        if "." in mantissa:
            mantissa = mantissa.rstrip("0").rstrip(".")
        power = f"10{str(int(exponent)).translate(_RAISED)}"
        text = {"1": power, "-1": f"-{power}"}.get(mantissa, f"{mantissa} × {power}")
    return text.replace("-", "−")


def is_logarithmic(values: pd.Series) -> bool:
    """Whether values are spread more evenly on a logarithmic scale."""
    levels = np.unique(values.dropna().to_numpy(dtype=float))
    if len(levels) < 3 or levels[0] <= 0 or levels[-1] / levels[0] < 20:
        return False
    steps, ratios = np.diff(levels), np.diff(np.log(levels))
    return bool(steps.std() / steps.mean() >= ratios.std() / ratios.mean())


def scale(axis: Axes, values: pd.Series, *, vertical: bool = False) -> None:
    """Give an axis a logarithmic scale where its values are spread more evenly on one."""
    if is_logarithmic(values):
        set_logarithmic(axis, vertical=vertical)


def set_logarithmic(axis: Axes, *, vertical: bool = False) -> None:
    """Give an axis a logarithmic scale whose ticks are text, as in 0.1, 100 and 10⁴."""
    (axis.set_yscale if vertical else axis.set_xscale)("log")
    side: Axis = axis.yaxis if vertical else axis.xaxis
    side.set_major_locator(LogLocator(numticks=7))
    side.set_major_formatter(FuncFormatter(lambda value, _: number_text(value)))
    side.set_minor_formatter(NullFormatter())


def scale_values(axis: Axes, curves: Sequence[np.ndarray]) -> None:
    """Give a vertical axis a logarithmic scale where a linear one would hide what curves do.

    Of positive values, that is where more than one curve would lie on the axis, on levels that
    differ; or the only one for most of its course. Where there are zeros, or values of both signs,
    it is where all curves would lie on the axis for most of their course: the scale is then linear
    about zero, up to the lowest of their levels, and logarithmic beyond, on both sides.
    """
    finite = [curve[np.isfinite(curve)] for curve in curves]
    finite = [curve for curve in finite if len(curve)]
    if not finite:
        return
    top = max(float(np.abs(curve).max()) for curve in finite)
    middles = [abs(float(np.median(curve))) for curve in finite]
    hidden = [middle for middle in middles if middle < _HIDDEN * top]
    if min(curve.min() for curve in finite) > 0:
        if hidden and (len(finite) == 1 or max(hidden) > _APART * min(hidden)):
            set_logarithmic(axis, vertical=True)
    elif len(hidden) == len(finite) and max(hidden) > 0:
        lowest = min(middle for middle in hidden if middle >= _LOWEST * max(hidden))
        _set_signed_logarithmic(axis, 10.0 ** math.floor(math.log10(lowest)))


def _set_signed_logarithmic(axis: Axes, linear: float) -> None:
    axis.set_yscale("symlog", linthresh=linear, linscale=0.5)
    locator = SymmetricalLogLocator(base=10, linthresh=linear)
    locator.set_params(numticks=7)
    axis.yaxis.set_major_locator(locator)
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number_text(value)))


def readable_time(longest: float, unit: str) -> tuple[str, float]:
    """Return a unit in which a time is a readable number, and its factor."""
    if unit in {"", "1"}:
        return unit, 1.0
    for name, least in _TIMES:
        try:
            factor = converted(1.0, unit, name)
        except InputError:  # no time at all, or a unit that nobody knows
            return unit, 1.0
        if longest * factor >= least:
            return name, factor
    return unit, 1.0


def shown_time(
    panels: Iterable[Sequence[tuple[np.ndarray, np.ndarray]]], last_change: float = 0.0
) -> float:
    """Return up to which time there is something to see, after which all curves are level.

    Parameters
    ----------
    panels
        Times and values of the curves of each panel.
    last_change
        Of what is done to them from outside.
    """
    end = settled = 0.0
    for curves in panels:
        finite = [values[np.isfinite(values)] for _, values in curves]
        finite = [values for values in finite if len(values)]
        if not finite:
            continue
        reach = max(v.max() for v in finite) - min(v.min() for v in finite)
        for times, values in curves:
            end = max(end, float(times[-1]))
            moving = np.flatnonzero(~(np.abs(values - values[-1]) <= _LEVEL * reach))
            if len(moving):
                settled = max(settled, float(times[min(moving[-1] + 1, len(times) - 1)]))
    cut = max(settled, last_change)
    return cut if 0 < cut <= _WORTH * end else end


@dataclass(frozen=True)
class TimeScale:
    """How times are drawn: what stands at their axis, what makes them numbers there, its end."""

    label: str
    factor: float
    last: float


def time_scale(end: float, shown: float, unit: str) -> TimeScale:
    """Return the scale of a time axis, cut where there is nothing more to see, and saying so.

    Parameters
    ----------
    end, shown
        Of the curves, and up to when there is something to see, as :func:`shown_time` has it.
    unit
        Of both.
    """
    name, factor = readable_time(end, unit)
    if shown < end:
        near, fine = readable_time(shown, unit)
        last = _round_end(shown * fine)
        if last <= _WORTH * end * fine:
            whole = f"{number_text(end * factor)}\u00a0{'' if name == '1' else name}".rstrip()
            return TimeScale(f"{_time_in(near)}, then level to {whole}", fine, last)
    return TimeScale(_time_in(name), factor, end * factor)


def _time_in(unit: str) -> str:
    return "time" if unit in {"", "1"} else f"time [{unit}]"


def _round_end(time: float) -> float:
    power = 10.0 ** math.floor(math.log10(time))
    return next(power * end for end in _ENDS if power * end >= time * (1 - 1e-9))
