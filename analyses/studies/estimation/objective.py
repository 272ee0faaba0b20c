"""The misfit of a problem: its likelihood and priors, with exact gradient and Fisher matrix.

Minus the logarithm of the posterior is half a sum over rows (:mod:`landscape`), and a constant. For
a measurement m of an observable y with noise σ, on the scale T of its transformation, two rows:

    (T(m) - T(y))/σ     counts by its square (normal) or by its size (Laplace),
    ln σ + SHIFT        is a level, where σ is estimated; the shift keeps it positive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from transport_model.errors import InputError, TransportModelError

from . import scales
from .courses import Course, Runs
from .landscape import LEVEL, SIZE, SQUARE, Landscape, Rows
from .observables import Observable, is_placeholder, placeholder_of, read_observables
from .priors import prior_rows
from .problem import Problem

#: Added to logarithms, so that they are positive.
SHIFT = 100.0


@dataclass(frozen=True)
class Predictions:
    """What the model says of each measurement.

    Attributes
    ----------
    values, noise
        The observable and its noise, of shape (measurements,).
    value_slopes, noise_slopes
        By the coordinates that are estimated, of shape (measurements, coordinates).
    """

    values: np.ndarray
    noise: np.ndarray
    value_slopes: np.ndarray
    noise_slopes: np.ndarray


@dataclass(frozen=True)
class _Measured:
    """The measurements of one observable: their rows, and what parameters and placeholders mean.

    `meant` holds numbers and ids of parameters, one a row, by the names in the formulas that are no
    quantities of the model.
    """

    observable: Observable
    rows: np.ndarray
    meant: Mapping[str, list[float | str]]


class Objective:
    """The misfit of a problem over the coordinates of what it estimates.

    Parameters
    ----------
    problem
        Read by :func:`read_petab`.

    Raises
    ------
    InputError, UnknownIdError, UnsupportedModelError
        A formula or a condition makes no sense for the model.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        model, table = problem.model, problem.measurements
        known = [*model.quantities, *model.reaction_ids, *problem.parameters.index]
        observables = read_observables(problem.observables, known, f"'{problem.name}'")
        parameters = set(problem.parameters.index)
        quantities = dict.fromkeys(
            name
            for observable in observables.values()
            for name in observable.names
            if name not in parameters and name != "time" and not is_placeholder(name)
        )
        self._quantities = tuple(quantities)
        self._runs = Runs(model, self._quantities)
        self._groups = [
            (self._course(str(condition), str(before), rows), rows)
            for (condition, before), rows in table.groupby(["condition", "before"], sort=False)
        ]
        self._measured = [self._measurements_of(observables[str(name)], rows)
                          for name, rows in table.groupby("observable")]  # fmt: skip

    @cached_property
    def landscape(self) -> Landscape:
        """The misfit as a search takes it."""
        return Landscape(self.rows, *self.problem.bounds, tolerance=1e-9)

    def _course(self, condition: str, before: str, rows: pd.DataFrame) -> Course:
        setting, own = self._setting(condition)
        earlier = self._setting(before)[0] if before else None
        return Course(setting, own, earlier, np.unique(rows["time"]))

    def _setting(self, condition: str) -> tuple[dict[str, float | str], frozenset[str]]:
        problem = self.problem
        setting: dict[str, float | str] = {
            name: name for name in problem.parameters.index if name in problem.model.quantities
        }
        own = []
        for name in problem.conditions.columns:
            value: Any = problem.conditions.at[condition, name]
            if pd.isna(value):
                continue
            own.append(str(name))
            setting[str(name)] = _number_or_id(value)
        return setting, frozenset(own)

    def predictions(self, coordinates: np.ndarray, *, slopes: bool = True) -> Predictions:
        """Return what the model says of the measurements.

        Parameters
        ----------
        coordinates
            On the scales of the problem.
        slopes
            Whether to follow how it moves; without, slopes are zero.

        Raises
        ------
        TransportModelError
            A course or a steady state could not be computed.
        """
        problem = self.problem
        plain = problem.values(coordinates)
        parameters = {**problem.parameters["nominal"], **dict(zip(problem.estimated, plain,
                                                                  strict=True))}  # fmt: skip
        moving = problem.estimated if slopes else ()
        count, table = len(problem.estimated), problem.measurements
        values = np.empty((len(table), len(self._quantities)))
        moved = np.zeros((len(table), len(self._quantities), count))
        for course, rows in self._groups:
            acting = tuple(n for n in moving if n in {*course.setting.values(),
                                                      *(course.before or {}).values()})  # fmt: skip
            found, by = self._runs.values(course, parameters, acting)
            at = np.searchsorted(course.times, rows["time"])
            values[rows.index] = found[at]
            places = [problem.estimated.index(name) for name in acting]
            wide = np.zeros((len(rows), len(self._quantities), count))
            wide[:, :, places] = by[at]
            moved[rows.index] = wide
        result = np.empty((2, len(table)))
        result_slopes = np.zeros((2, len(table), count))
        for measured in self._measured:
            seen, by = self._observed(measured, values, moved, parameters)
            result[:, measured.rows], result_slopes[:, measured.rows] = seen, by
        result_slopes *= problem.value_slopes(plain)
        return Predictions(result[0], result[1], result_slopes[0], result_slopes[1])

    def _observed(
        self, measured: _Measured, values: np.ndarray, moved: np.ndarray,
        parameters: Mapping[str, float],
    ) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
        """Return an observable and its noise at its measurements, and slopes by plain values."""
        names, rows, estimated = measured.observable.names, measured.rows, self.problem.estimated
        given = np.empty((len(names), len(rows)))
        slopes = np.zeros((len(names), len(rows), len(estimated)))
        for place, name in enumerate(names):
            if name in self._quantities:
                column = self._quantities.index(name)
                given[place], slopes[place] = values[rows, column], moved[rows, column]
                continue
            for row, meant in enumerate(measured.meant[name]):
                given[place, row] = parameters[meant] if isinstance(meant, str) else meant
                if meant in estimated:
                    slopes[place, row, estimated.index(str(meant))] = 1.0
        seen, by = measured.observable.at(given)
        return seen, np.einsum("onr,nrc->orc", by, slopes)

    def _measurements_of(self, observable: Observable, table: pd.DataFrame) -> _Measured:
        meant = {name: self._meant(name, table) for name in observable.names
                 if name not in self._quantities}  # fmt: skip
        return _Measured(observable, table.index.to_numpy(), meant)

    def _meant(self, name: str, table: pd.DataFrame) -> list[float | str]:
        """Return what a parameter's id, a placeholder or the time is at each measurement."""
        if name == "time":
            return table["time"].tolist()
        placeholder = placeholder_of(name)
        if placeholder is None:
            return [name] * len(table)
        column, place = placeholder
        try:
            found = [_number_or_id(text.split(";")[place]) for text in table[column]]
        except IndexError:
            raise InputError(f"a measurement of '{table['observable'].iloc[0]}' lacks what stands"
                             f" for {name}") from None  # fmt: skip
        for meant in found:
            if isinstance(meant, str) and meant not in self.problem.parameters.index:
                raise InputError(f"'{meant}', which stands for {name}, is no parameter of"
                                 f" '{self.problem.name}'")  # fmt: skip
        return found

    def rows(self, coordinates: np.ndarray) -> Rows:
        """Return the rows of the misfit; NaN where the model has no answer."""
        try:
            return self._rows(self.predictions(coordinates), coordinates)
        except TransportModelError:
            shape = self._row_count, len(coordinates)
            return Rows(np.full(shape[0], np.nan), np.full(shape, np.nan), self._kinds)

    @cached_property
    def _laplace(self) -> np.ndarray:
        """Whether the noise of each measurement is Laplace's."""
        table, observables = self.problem.measurements, self.problem.observables
        return (table["observable"].map(observables["distribution"]) == "laplace").to_numpy()

    @cached_property
    def _noisy(self) -> np.ndarray:
        """Measurements whose noise moves with what is estimated."""
        found = np.zeros(len(self.problem.measurements), dtype=bool)
        for measured in self._measured:
            for name in measured.observable.noise_names:
                moves = [meant in self.problem.estimated for meant in measured.meant.get(name, ())]
                found[measured.rows] |= moves if moves else True  # a quantity of the model moves
        return np.flatnonzero(found)

    @cached_property
    def _kinds(self) -> np.ndarray:
        deviations = np.where(self._laplace, SIZE, SQUARE)
        priors = [row.kind for row in prior_rows(self.problem, self.problem.middle)]
        return np.array([*deviations, *[LEVEL] * len(self._noisy), *priors])

    @property
    def _row_count(self) -> int:
        return len(self._kinds)

    def _rows(self, predicted: Predictions, coordinates: np.ndarray) -> Rows:
        deviations, slopes = self._deviations(predicted)
        noise = predicted.noise[self._noisy]
        with np.errstate(all="ignore"):
            levels = np.log(noise) + SHIFT
            level_slopes = predicted.noise_slopes[self._noisy] / noise[:, None]
        priors = prior_rows(self.problem, coordinates)
        values = np.concatenate([deviations, levels, [row.value for row in priors]])
        by = np.concatenate([slopes, level_slopes, *[row.slopes[None] for row in priors]])
        return Rows(values, by, self._kinds)

    def _deviations(self, predicted: Predictions) -> tuple[np.ndarray, np.ndarray]:
        """Return (T(m) - T(y))/σ and its slopes."""
        measured = self.problem.measurements["measurement"].to_numpy()
        deviations, factors = np.empty(len(measured)), np.empty(len(measured))
        for each in self._measured:
            rows, scale = each.rows, each.observable.transformation
            with np.errstate(all="ignore"):
                values = predicted.values[rows]
                gap = scales.scaled(measured[rows], scale) - scales.scaled(values, scale)
                deviations[rows] = gap / predicted.noise[rows]
                factors[rows] = scales.slope(values, scale)
        with np.errstate(all="ignore"):
            slopes = (
                -(
                    factors[:, None] * predicted.value_slopes
                    + deviations[:, None] * predicted.noise_slopes
                )
                / predicted.noise[:, None]
            )
        return deviations, slopes

    def deviations(self, predicted: Predictions) -> np.ndarray:
        """Return measured minus predicted in units of the noise, on each observable's scale."""
        return self._deviations(predicted)[0]

    def log_likelihood(self, coordinates: np.ndarray) -> float:
        """Return the logarithm of the likelihood, as PEtab defines it; priors apart."""
        return float(self.terms(self.predictions(coordinates, slopes=False)).sum())

    def terms(self, predicted: Predictions) -> np.ndarray:
        """Return the logarithm of each measurement's likelihood."""
        problem = self.problem
        deviations, _ = self._deviations(predicted)
        measured = problem.measurements["measurement"].to_numpy()
        with np.errstate(all="ignore"):
            size = predicted.noise.copy()
            for each in self._measured:
                rows, scale = each.rows, each.observable.transformation
                size[rows] /= scales.slope(measured[rows], scale)
            return np.where(self._laplace, -np.log(2 * size) - np.abs(deviations),
                            -0.5 * np.log(2 * np.pi * size**2) - 0.5 * deviations**2)  # fmt: skip

    def log_posterior(self, coordinates: np.ndarray) -> float:
        """Return the logarithm of likelihood and priors, up to a constant; or minus infinity."""
        low, high = self.problem.bounds
        if not ((low <= coordinates) & (coordinates <= high)).all():
            return -np.inf
        try:
            likelihood = self.log_likelihood(coordinates)
        except TransportModelError:
            return -np.inf
        priors = sum(row.log_density for row in prior_rows(self.problem, coordinates))
        return likelihood + priors if np.isfinite(likelihood) else -np.inf

    def gradient(self, coordinates: np.ndarray) -> np.ndarray:
        """Return the derivative of minus the log-posterior by the coordinates, exactly."""
        rows = self.rows(coordinates)
        assert rows.slopes is not None
        weights = np.where(self._kinds == SQUARE, rows.values, np.sign(rows.values))
        return weights @ rows.slopes

    def fisher(self, coordinates: np.ndarray) -> np.ndarray:
        """Return the Fisher matrix of the measurements, and the curvature of the priors."""
        rows = information_rows(self, self.predictions(coordinates))
        priors = [row.slopes for row in prior_rows(self.problem, coordinates) if row.informs]
        every = np.concatenate([*rows, *[row[None] for row in priors]])
        return every.T @ every


def information_rows(objective: Objective, predicted: Predictions) -> tuple[np.ndarray, np.ndarray]:
    """Return rows whose squares sum to each measurement's information: of its value, of its noise.

    For normal noise (∂T(y)/σ)² and 2 (∂ln σ)²; for Laplace's (∂T(y)/b)² and (∂ln b)².
    """
    table = objective.problem.measurements
    observables = objective.problem.observables
    factors = np.empty(len(table))
    for name, rows in table.groupby("observable").groups.items():
        scale = str(observables["transformation"][str(name)])
        factors[rows.to_numpy()] = scales.slope(predicted.values[rows], scale)
    normal = (table["observable"].map(observables["distribution"]) == "normal").to_numpy()
    noise = predicted.noise[:, None]
    location = factors[:, None] * predicted.value_slopes / noise
    spread = np.where(normal, np.sqrt(2.0), 1.0)[:, None] * predicted.noise_slopes / noise
    return location, spread


def _number_or_id(value: object) -> float | str:
    try:
        return float(str(value))
    except ValueError:
        return str(value).strip()
