"""The fit of the polarised cell to the proximal tubule: eleven values, held to measured numbers.

Parts of the tubule differ in their symporters alone. The junction's permeabilities keep the ratios
of Layton & Layton 2019. What is fitted is near where it began, so that directions which the targets
say nothing about stay there: a value that is off its start by a factor of :data:`STEP` counts as
much as a target that is missed by its tolerance.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import least_squares

from transport_model import Model

from .geometry import Tubule
from .measures import measures
from .targets import TARGETS
from .tubule import SEGMENTS

#: Where the fit begins, by column of a design of tubules, in model units.
STARTS = {
    "J_pump_max": 14.0, "J_nhe_max": 40.0, "J_cfex_max": 50.0, "J_kcc_max": 9.0, "P_Cl_b": 0.25,
    "L_nbc": 0.27, "P_K_b": 0.42, "S1.n_SGLT2": 0.1, "S2.n_SGLT1": 0.02, "S3.n_SGLT1": 0.08,
    "P_p_Na": 0.24,
}  # fmt: skip
#: Permeabilities of the junction over that to Na⁺.
JUNCTION = {"P_p_K": 1.12, "P_p_Cl": 0.77, "P_p_Glc": 0.012}
#: Factor from its start at which a value counts as much as a missed target.
STEP = math.exp(1.2)
#: Relative step of the derivatives, and evaluations after which a fit gives up.
_H, _EVALUATIONS = 1e-3, 60
#: Deviation of a target that a tubule without a steady state is given, in tolerances.
_FAR = 30.0


@dataclass(frozen=True)
class TubuleFit:
    """Fitted values and what they leave.

    Attributes
    ----------
    values
        By column of a design, in model units.
    deviations
        Of the fitted targets, in their tolerances, by measure.
    chi2
        Sum of their squares.
    converged
        Whether the search came to rest.
    """

    values: pd.Series
    deviations: pd.Series
    chi2: float
    converged: bool


def columns_of(values: pd.DataFrame) -> pd.DataFrame:
    """Return fitted values with those that follow: of the junction, and of all parts' carriers."""
    follow = {name: ratio * values["P_p_Na"] for name, ratio in JUNCTION.items()}
    carriers = {"S2.n_SGLT2": values["S1.n_SGLT2"], "S3.n_SGLT2": 0.0, "S1.n_SGLT1": 0.0}
    return values.assign(**follow, **carriers)


def calibrate_tubule(
    model: Model,
    *,
    segments: int = SEGMENTS,
    progress: Callable[[float], object] | None = None,
) -> TubuleFit:
    """Fit the values of :data:`STARTS` to those of :data:`.targets.TARGETS` that say `fitted`.

    Parameters
    ----------
    model
        Of a segment: ``load_model("segment")``.
    segments
        Of the tubule.
    progress
        Called with the sum of squares at every step.

    Returns
    -------
    TubuleFit
        Values, deviations and their sum of squares.

    Raises
    ------
    InputError, ComputationError
        The model is none of a segment, or the first tubule has no steady state.
    """
    names, starts = list(STARTS), np.log(list(STARTS.values()))
    fitted = [target for target in TARGETS if target.fitted]
    wanted = np.array([target.wanted for target in fitted])
    tolerance = np.array([target.tolerance for target in fitted])

    def deviations(logarithms: np.ndarray) -> np.ndarray:
        values = columns_of(pd.DataFrame(np.exp(logarithms), columns=names))
        found = measures(model, values, geometry=Tubule(), segments=segments)
        off = (found[[target.measure for target in fitted]].to_numpy() - wanted) / tolerance
        return np.nan_to_num(off, nan=_FAR)

    def residuals(x: np.ndarray) -> np.ndarray:
        off = deviations(x[None])[0]
        if progress is not None:
            progress(float(off @ off))
        return np.concatenate([off, (x - starts) / np.log(STEP)])

    def slopes(x: np.ndarray) -> np.ndarray:
        off = deviations(np.vstack([x, x + _H * np.eye(len(x))]))
        return np.vstack([(off[1:] - off[0]).T / _H, np.eye(len(x)) / np.log(STEP)])

    found = least_squares(residuals, starts, slopes, max_nfev=_EVALUATIONS)
    off = found.fun[: len(fitted)]
    return TubuleFit(
        pd.Series(np.exp(found.x), names),
        pd.Series(off, [target.measure for target in fitted]),
        float(off @ off),
        bool(found.success),
    )
