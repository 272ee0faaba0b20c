"""Constants fitted to what was measured, and how far each can go: profiles of the misfit.

An uncertainty is how far a constant can go, all others refitted, until chi2 has risen by one: its
profile (Raue et al. 2009, Bioinformatics 25:1923). A constant is determined where that ends on both
sides within a factor of eight.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.interpolate import CubicSpline
from scipy.optimize import least_squares

from transport_model.errors import ComputationError

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
        return {k: rounded(v) for k, v in self._search(self.start, self.held)[0].items()}

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
        least = self.chi2({**best, **self.held})
        rows, profiles = {}, []
        for name, value in {**best, **self.held}.items():
            progress(f"profile of {name}")
            profile = self._profile(name, best)
            low, high = _crossing(profile, least, -1), _crossing(profile, least, 1)
            determined = bool(np.isfinite(low) and np.isfinite(high))
            rows[name] = [value, unit(name), low, high, name in best, determined]
            profiles.append(profile.assign(id=name))
        values = pd.DataFrame.from_dict(rows, orient="index", columns=VALUES).rename_axis("id")
        return values, pd.concat(profiles, ignore_index=True)

    def _search(
        self, start: Mapping[str, float], held: Mapping[str, float]
    ) -> tuple[dict[str, float], float]:
        names = list(start)

        def deviations(logarithms: np.ndarray) -> np.ndarray:
            return self.deviations({**held, **dict(zip(names, np.exp(logarithms), strict=True))})

        centre = np.log([start[name] for name in names])
        found = least_squares(deviations, centre, bounds=(centre - _FAR, centre + _FAR), xtol=1e-9,
                              ftol=1e-10, gtol=1e-9, max_nfev=200)  # fmt: skip
        if not found.success:
            raise ComputationError(f"no fit was found: {found.message}")
        return dict(zip(names, np.exp(found.x), strict=True)), float(2 * found.cost)

    def _profile(self, name: str, best: Mapping[str, float]) -> pd.DataFrame:
        centre = {**best, **self.held}[name]
        least = self.chi2({**best, **self.held})
        others = {n: v for n, v in self.held.items() if n != name}
        rows = [{"value": centre, "chi2": least, **best}]
        for direction in (-1, 1):
            free = {n: v for n, v in best.items() if n != name}
            for step in range(1, STEPS + 1):
                # Steps grow: fine near the best value, REACH at the end
                value = centre * REACH ** (direction * (step / STEPS) ** 2)
                free, chi2 = self._search(free, {**others, name: value})
                own = {name: value} if name in best else {}
                rows.append({"value": value, "chi2": chi2, **free, **own})
                if chi2 > least + 3 * RISE:
                    break
        return pd.DataFrame(rows).sort_values("value", ignore_index=True)


def _crossing(profile: pd.DataFrame, least: float, direction: int) -> float:
    """Return where a profile has risen by one, between its samples; NaN if it does not."""
    centre = int(profile["chi2"].argmin())
    profile = profile[["value", "chi2"]]
    side = profile.iloc[centre:] if direction > 0 else profile.iloc[centre::-1]
    above = np.flatnonzero(side["chi2"].to_numpy() > least + RISE)
    if not len(above):
        return float("nan")
    (x0, y0), (x1, y1) = side.iloc[above[0] - 1], side.iloc[above[0]]
    # chi2 is nearly parabolic: interpolate its root in the logarithm of the constant
    a, b, c = (np.sqrt(max(y - least, 0.0)) for y in (y0, y1, least + RISE))
    return float(np.exp(np.log(x0) + (np.log(x1) - np.log(x0)) * (c - a) / (b - a)))


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
