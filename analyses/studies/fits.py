"""Constants fitted to what was measured, and how far each can go: profiles of the misfit.

An uncertainty is how far a constant can go, all others refitted, until chi2 has risen by one: its
profile (Raue et al. 2009, Bioinformatics 25:1923). A constant is determined where that ends on both
sides within a factor of eight. Search and profiles are those of every estimation
(:mod:`estimation.landscape`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.interpolate import CubicSpline

from transport_model.errors import ComputationError

from .estimation.landscape import Landscape, Rows

#: Weighted deviations, whose squares sum to chi2, of a model with the given constants.
Deviations = Callable[[Mapping[str, float]], np.ndarray]

#: Digits to which fitted values are kept.
DIGITS = 4
#: A profile is followed this far, as a factor up and down.
REACH = 8.0
#: Rise of chi2 that ends an interval, and steps by which a profile is sampled in each direction.
RISE, STEPS = 1.0, 9
#: How far a search goes from where it starts, in logarithms: a factor of 1000.
_FAR = np.log(1e3)
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
    """A least-squares problem in the logarithms of positive constants.

    Attributes
    ----------
    deviations
        What the squares of are to be least.
    start
        Constants that are fitted, and where the search starts.
    held
        Constants that are not, but profiled as well: what would the measurements say of them?
    """

    deviations: Deviations
    start: Mapping[str, float]
    held: Mapping[str, float]

    def chi2(self, constants: Mapping[str, float]) -> float:
        """Return the misfit with the given constants."""
        return float(np.sum(self.deviations(constants) ** 2))

    def best(self) -> dict[str, float]:
        """Return the constants with the least misfit, as they are kept: to four digits.

        Raises
        ------
        ComputationError
            The search did not end.
        """
        found = self._landscape().lowest(self._logarithms(self.start), self._free)
        constants = self._constants(found.at)
        return {name: rounded(constants[name]) for name in self.start}

    def tables(
        self, best: Mapping[str, float], unit: Callable[[str], str],
        progress: Callable[[str], object],
    ) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
        """Return the table of constants, and their profiles, as a :class:`Calibration` has them.

        Parameters
        ----------
        best
            What :meth:`best` returned.
        unit
            Returns the unit of a constant.
        progress
            Called with the name of each step before it starts.
        """
        rows, profiles = {}, []
        for name, value in {**best, **self.held}.items():
            progress(f"profile of {name}")
            profile, low, high = self._profile(name, best)
            determined = bool(np.isfinite(low) and np.isfinite(high))
            rows[name] = [value, unit(name), low, high, name in best, determined]
            profiles.append(profile.assign(id=name))
        values = pd.DataFrame.from_dict(rows, orient="index", columns=VALUES).rename_axis("id")
        return values, pd.concat(profiles, ignore_index=True)

    def _landscape(self) -> Landscape:
        """Return the misfit over the logarithms of all constants, fitted ones first."""
        centre = self._logarithms(self.start)
        return Landscape(self._rows, centre - _FAR, centre + _FAR)

    def _logarithms(self, fitted: Mapping[str, float]) -> np.ndarray:
        return np.log([fitted[name] for name in self.start] + [*self.held.values()])

    def _constants(self, logarithms: np.ndarray) -> dict[str, float]:
        return dict(zip([*self.start, *self.held], np.exp(logarithms).tolist(), strict=True))

    def _rows(self, logarithms: np.ndarray) -> Rows:
        return Rows(self.deviations(self._constants(logarithms)))

    @property
    def _free(self) -> np.ndarray:
        return np.arange(len(self.start) + len(self.held)) < len(self.start)

    def _profile(self, name: str, best: Mapping[str, float]) -> tuple[pd.DataFrame, float, float]:
        """Return samples of a profile, and the ends of its interval."""
        place = [*self.start, *self.held].index(name)
        # Steps grow: fine near the best value, REACH at the end
        steps = np.log(REACH) * (np.arange(1, STEPS + 1) / STEPS) ** 2
        found = self._landscape().profile(self._logarithms(best), self._free, place,
                                          (steps, steps), RISE)  # fmt: skip
        rows = [{"value": np.exp(point[place]), "chi2": chi2,
                 **{n: v for n, v in self._constants(point).items() if n in best}}
                for point, chi2 in zip(found.points, found.misfits, strict=True)]  # fmt: skip
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
