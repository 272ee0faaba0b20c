"""Priors and where searches start, as PEtab (version 1) defines them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from transport_model.errors import InputError

from .landscape import LEVEL, SIZE, SQUARE
from .problem import Problem
from .scales import scaled

#: Added to a logarithm, so that it is positive.
_SHIFT = 100.0


@dataclass(frozen=True)
class PriorRow:
    """One row of a misfit; see :class:`Rows`.

    Attributes
    ----------
    value, slopes, kind
        As of :class:`Rows`.
    log_density
        What the row adds to the log-posterior, up to a constant.
    informs
        Whether its slopes are curvature of the misfit.
    """

    value: float
    slopes: np.ndarray
    kind: int
    log_density: float
    informs: bool = True


def prior_rows(problem: Problem, coordinates: np.ndarray) -> list[PriorRow]:
    """Return the rows of all priors that are not even."""
    rows: list[PriorRow] = []
    plain = problem.values(coordinates)
    slopes = problem.value_slopes(plain)
    for place, name in enumerate(problem.estimated):
        kind, centre, width = _read(problem, name, "prior")
        if kind in {"", "uniform", "parameterScaleUniform"}:
            continue
        unit = np.zeros(len(plain))
        if kind.startswith("parameterScale"):
            at, unit[place] = coordinates[place], 1.0
        elif kind.startswith("log"):
            at, unit[place] = np.log(plain[place]), slopes[place] / plain[place]
            # The density is that of the plain value: 1/p of the logarithm's
            rows.append(PriorRow(at + _SHIFT, unit.copy(), LEVEL, -at, informs=False))
        else:
            at, unit[place] = plain[place], slopes[place]
        deviation = (at - centre) / width
        if kind.lower().endswith("laplace"):
            rows.append(PriorRow(deviation, unit / width, SIZE, -abs(deviation)))
        else:
            rows.append(PriorRow(deviation, unit / width, SQUARE, -0.5 * deviation**2))
    return rows


def start_point(problem: Problem, generator: np.random.Generator) -> np.ndarray:
    """Return where a search starts: drawn from the priors of starts, within the bounds.

    Without one, evenly between the bounds on the parameter's scale.
    """
    low, high = problem.bounds
    start = np.empty(len(low))
    for place, name in enumerate(problem.estimated):
        kind, first, second = _read(problem, name, "start")
        scale = problem.scales[place]
        if kind in {"", "parameterScaleUniform"}:
            ends = (first, second) if kind else (low[place], high[place])
            drawn = generator.uniform(*ends)
        elif kind == "uniform":
            drawn = float(scaled(np.array(generator.uniform(first, second)), scale))
        else:
            draw = generator.laplace if kind.lower().endswith("laplace") else generator.normal
            at = np.array(draw(first, second))
            if not kind.startswith("parameterScale"):
                plain = np.exp(at) if kind.startswith("log") else at
                at = scaled(plain, scale)
            drawn = float(np.nan_to_num(at, nan=low[place]))
        start[place] = min(max(drawn, low[place]), high[place])
    return start


#: Types that PEtab has.
KINDS = {"", "uniform", "normal", "laplace", "logNormal", "logLaplace", "parameterScaleUniform",
         "parameterScaleNormal", "parameterScaleLaplace"}  # fmt: skip


def _read(problem: Problem, name: str, column: str) -> tuple[str, float, float]:
    text = str(problem.parameters.loc[name, column])
    if not text:
        return "", 0.0, 0.0
    kind, *numbers = text.split(";")
    if kind not in KINDS or len(numbers) != 2:
        raise InputError(f"the prior of '{name}' makes no sense: {text}")
    return kind, float(numbers[0]), float(numbers[1])
