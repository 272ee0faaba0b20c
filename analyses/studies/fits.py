"""Constants fitted to what was measured, and how far each can go: profiles of the misfit.

An uncertainty is how far a constant can go, all others refitted, until chi2 has risen by one: its
profile (Raue et al. 2009, Bioinformatics 25:1923). A constant is determined where that ends on both
sides within a factor of eight. What is fitted is a problem as PEtab states it
(:mod:`calibration_problem`); search and profiles are those of every estimation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.interpolate import CubicSpline

from transport_model.errors import ComputationError

from .estimation.landscape import Landscape
from .estimation.objective import Objective
from .estimation.problem import Problem

#: Digits to which fitted values are kept.
DIGITS = 4
#: A profile is followed this far, as a factor up and down.
REACH = 8.0
#: Rise of chi2 that ends an interval, and steps by which a profile is sampled in each direction.
RISE, STEPS = 1.0, 9
#: Columns of a table of fitted constants.
VALUES = ["value", "unit", "low", "high", "fitted", "determined"]


@dataclass(frozen=True)
class Calibration:
    """Fitted constants and how well they reproduce what was measured.

    Attributes
    ----------
    values
        A row per constant: value, unit, low, high (where chi2 has risen by one; NaN where it does
        not within a factor of eight), and whether the measurements determine it.
    residuals
        A row per measured point: measurement, curve, conditions, measured, fitted, difference.
    profiles
        For every constant, values around the best, the chi2 that is left with them, and the fitted
        constants that leave it, by id.
    chi2
        At the best values.
    """

    values: pd.DataFrame
    residuals: pd.DataFrame
    profiles: pd.DataFrame
    chi2: float

    def open_directions(self) -> list[str]:
        """Return in words how fitted constants can go on without end, and which go with them.

        A constant goes with another if it moves at least half as far, in logarithms.
        """
        fitted = self.values[self.values["fitted"]]
        found = []
        for name, row in fitted[~fitted["determined"].astype(bool)].iterrows():
            profile = self.profiles[self.profiles["id"] == name].set_index("value")
            for end, bound in ((profile.index.min(), row["low"]),
                               (profile.index.max(), row["high"])):  # fmt: skip
                if not np.isnan(bound):
                    continue
                far = profile.loc[end]
                moved = {str(n): float(far[n] / fitted["value"][n]) for n in fitted.index
                         if n in profile}  # fmt: skip
                share = abs(np.log(moved[str(name)])) / 2
                others = [f"{n} {ratio:.2g} times" for n, ratio in moved.items()
                          if n != name and abs(np.log(ratio)) >= share]  # fmt: skip
                along = f", with {' and '.join(others)}" if others else ""
                found.append(f"{name} {moved[str(name)]:.2g} times its value{along}:"
                             f" chi2 rises by {far['chi2'] - self.chi2:.2f}")  # fmt: skip
        return found


@dataclass(frozen=True)
class Fit:
    """A problem of calibration, solved from its nominal values.

    Attributes
    ----------
    problem
        As :class:`CalibrationProblem` puts it together: constants on logarithmic scales, and what
        is estimated beside them.
    fitted
        Constants that are fitted.
    held
        Constants that are not, but profiled as well: what would the measurements say of them?
    """

    problem: Problem
    fitted: tuple[str, ...]
    held: tuple[str, ...]

    @cached_property
    def _landscape(self) -> Landscape:
        return Objective(self._open).landscape

    @cached_property
    def _open(self) -> Problem:
        """The problem with held constants among its coordinates."""
        table = self.problem.parameters
        opened = table["estimate"] | table.index.isin(self.held)
        return replace(self.problem, parameters=table.assign(estimate=opened))

    @property
    def _nominal(self) -> dict[str, float]:
        return {str(name): value for name, value in self._open.parameters["nominal"].items()}

    def _at(self, constants: Mapping[str, float]) -> np.ndarray:
        """Return coordinates: nominal, but for the given constants."""
        values = {**self._nominal, **constants}
        return self._open.coordinates(np.array([values[name] for name in self._open.estimated]))

    def _free(self, *but: Sequence[str]) -> np.ndarray:
        """Return which coordinates are none of some constants."""
        kept = [name for names in but for name in names]
        return np.array([name not in kept for name in self._open.estimated])

    def chi2(self, constants: Mapping[str, float]) -> float:
        """Return the misfit with the given constants, the others nominal."""
        at = self._at(constants)
        return self._landscape.lowest(at, self._free(self.fitted, self.held)).misfit

    def best(self) -> dict[str, float]:
        """Return the constants with the least misfit, as they are kept: to four digits.

        Raises
        ------
        ComputationError
            The search did not end.
        """
        found = self._landscape.lowest(self._at({}), self._free(self.held))
        constants = self._constants(found.at)
        return {name: rounded(constants[name]) for name in self.fitted}

    def tables(
        self, best: Mapping[str, float], progress: Callable[[str], object]
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the table of constants, and their profiles, as a :class:`Calibration` has them.

        Parameters
        ----------
        best
            What :meth:`best` returned.
        progress
            Called with the name of each step before it starts.
        """
        rows, profiles = {}, []
        lowest = self._landscape.lowest(self._at(best), self._free(self.fitted, self.held)).at
        kept = {**{name: self._nominal[name] for name in self.held}, **best}
        for name in (*self.fitted, *self.held):
            progress(f"profile of {name}")
            profile, low, high = self._profile(name, lowest)
            determined = bool(np.isfinite(low) and np.isfinite(high))
            unit = self.problem.model.unit(name)
            rows[name] = [kept[name], unit, low, high, name in best, determined]
            profiles.append(profile.assign(id=name))
        values = pd.DataFrame.from_dict(rows, orient="index", columns=VALUES).rename_axis("id")
        return values, pd.concat(profiles, ignore_index=True)

    def _constants(self, coordinates: np.ndarray) -> dict[str, float]:
        values = self._open.values(coordinates).tolist()
        return dict(zip(self._open.estimated, values, strict=True))

    def _profile(self, name: str, lowest: np.ndarray) -> tuple[pd.DataFrame, float, float]:
        """Return samples of a profile, and the ends of its interval."""
        place = self._open.estimated.index(name)
        # Steps grow: fine near the best value, REACH at the end
        steps = np.log(REACH) * (np.arange(1, STEPS + 1) / STEPS) ** 2
        found = self._landscape.profile(lowest, self._free(self.held), place, (steps, steps), RISE)
        samples = [self._constants(point) for point in found.points]
        rows = [{"value": sample[name], "chi2": chi2, **{n: sample[n] for n in self.fitted}}
                for sample, chi2 in zip(samples, found.misfits, strict=True)]  # fmt: skip
        return pd.DataFrame(rows), float(np.exp(found.low)), float(np.exp(found.high))


def half_saturating(ladder: np.ndarray, rates: np.ndarray, name: str) -> float:
    """Return the concentration at which a rate is half of its saturated value.

    Parameters
    ----------
    ladder
        Rising concentrations [mM], close together.
    rates
        At them, and at one more that saturates.
    name
        What is meant, for the message.

    Raises
    ------
    ComputationError
        The rate does not pass its half on the ladder.
    """
    share = rates[:-1] / rates[-1]
    above = int(np.argmax(share > 0.5))
    if not 2 <= above <= len(share) - 2 or not np.isfinite(share).all():
        raise ComputationError(f"{name}: the rate does not pass half of its saturated value")
    # Four rungs about the half, far closer together than the curve bends
    near = slice(above - 2, above + 2)
    return float(np.exp(CubicSpline(share[near], np.log(ladder[near]))(0.5)))


def rounded(value: float) -> float:
    """Return a fitted value as it is kept."""
    return float(f"{value:.{DIGITS}g}")
