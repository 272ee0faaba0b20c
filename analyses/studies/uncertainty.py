"""Uncertainty of inputs carried to outputs: quantiles, bands along courses, probabilities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from transport_model import Model, notebook
from transport_model.columns import column_units, with_units
from transport_model.errors import InputError
from transport_model.mathematics.formulas import Formula, read_formula
from transport_model.model import check_model

from ..reductions import Reduction, Take
from ..scans.courses import Course
from ..scans.designs.base import Design
from ..scans.designs.files import TableDesign
from .global_sensitivity.answers import Answers, Progress, ScanAnswers, check_failures
from .global_sensitivity.random_points import RandomPoints
from .uncertain_inputs import UncertainInputs

#: Quantiles of every output.
QUANTILES = (0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975)
#: Probability with which an interval holds what it is of.
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Uncertainty:
    """What an uncertain model says of its outputs.

    Attributes
    ----------
    quantiles
        Columns ``output``, ``quantile``, ``value``, ``low``, ``high`` and ``unit``; the interval of
        95 % of a quantile is that between two points of the sample, and NaN where the sample is too
        small to have them.
    probabilities
        Columns ``that``, ``probability``, ``low``, ``high``: how likely each condition holds, with
        the interval of 95 % by Wilson (doi:10.1080/01621459.1927.10502953).
    samples
        The inputs and outputs of every point; outputs without an answer are NaN. Units in
        ``attrs["units"]``.
    failures
        How many points have no answer, by the reason. They are no part of any number above.
    """

    quantiles: pd.DataFrame
    probabilities: pd.DataFrame
    samples: pd.DataFrame
    failures: Counter[str]

    @property
    def said(self) -> str:
        """How many points there are, and how many of them have no answer."""
        failed = self.failures.total()
        return f"{len(self.samples):,} points" + (
            f", {failed:,} without an answer" if failed else ""
        )

    def summary(self) -> pd.DataFrame:
        """Return the quantiles, a row per output and a column per quantile, with units."""
        wide = self.quantiles.pivot(index="output", columns="quantile", values="value")
        wide.columns = [f"{100 * share:g} %" for share in wide.columns]
        units = self.quantiles.drop_duplicates("output").set_index("output")["unit"]
        wide = wide.loc[units.index]
        wide.insert(0, "unit", units)
        return wide

    def _repr_html_(self) -> str:
        table = self.summary().reset_index()
        columns = [str(name) for name in table]
        parts = [notebook.heading("Uncertainty of outputs", "quantiles"), notebook.note(self.said),
                 notebook.table(columns, table.itertuples(index=False))]  # fmt: skip
        if len(self.probabilities):
            parts.append(notebook.table([str(name) for name in self.probabilities],
                                        self.probabilities.itertuples(index=False)))  # fmt: skip
        return "".join(parts)


def propagate_uncertainty(
    answers: Answers,
    inputs: UncertainInputs | pd.DataFrame,
    *,
    points: int = 1000,
    conditions: Sequence[str] = (),
    seed: int = 1,
    progress: Progress | None = None,
) -> Uncertainty:
    """Carry the uncertainty of inputs to outputs.

    Parameters
    ----------
    answers
        What is computed, such as :func:`scan_answers` returns it.
    inputs
        Distributions, from which points are drawn at random; or a table of points, such as draws
        from a posterior, a column per quantity, of which every row counts alike.
    points
        How many points to draw; a table has its own.
    conditions
        Formulas over outputs and inputs, in their units, such as ``J_sglt > 0.1``.
    seed
        An integer.
    progress
        Called with the number of points computed since the last call.

    Returns
    -------
    Uncertainty
        Quantiles, probabilities and the sample itself.

    Raises
    ------
    UnknownIdError, InputError
        A condition names something else, or is none; there are too few points.
    ComputationError
        More than a hundredth of the points have no answer.
    """
    design = sample_of(inputs, points, seed)
    read = [_condition(text, (*answers.outputs, *design.columns)) for text in conditions]
    answered = answers.at(design, f"points-{len(design)}", progress)
    check_failures(answered, design)
    table = design.rows(0, len(design))
    table[list(answers.outputs)] = answered.values
    there = np.asarray(np.isfinite(answered.values).all(axis=1))
    units = answers.units
    answerable = table.loc[there]
    quantiles = pd.DataFrame(
        [(output, share, *_quantile(np.sort(answered.values[there, place]), share),
          units.get(output, "")) for place, output in enumerate(answers.outputs)
         for share in QUANTILES],
        columns=["output", "quantile", "value", "low", "high", "unit"],
    )  # fmt: skip
    probabilities = pd.DataFrame(
        [(formula.text, *probability(_holds(formula, answerable))) for formula in read],
        columns=["that", "probability", "low", "high"],
    )
    return Uncertainty(quantiles, probabilities, with_units(table, units), answered.failures)


def sample_of(inputs: UncertainInputs | pd.DataFrame, points: int, seed: int) -> Design:
    """Return a design of random points of distributions, or of the points of a table.

    Raises
    ------
    InputError
        There are fewer than two points.
    """
    if isinstance(inputs, pd.DataFrame):
        design: Design = TableDesign(inputs)
    else:
        design = RandomPoints(inputs, 0, max(points, 0) or 1, seed)
    if len(design) < 2:
        raise InputError(f"an uncertainty takes at least two points, not {len(design)}")
    return design


def probability(holds: np.ndarray) -> tuple[float, float, float]:
    """Return the share of points at which something holds, and its interval by Wilson."""
    test = stats.binomtest(int(np.sum(holds)), len(holds))
    ends = test.proportion_ci(CONFIDENCE, method="wilson")
    return float(test.statistic), float(ends.low), float(ends.high)


def _quantile(ordered: np.ndarray, share: float) -> tuple[float, float, float]:
    """Return a quantile of an ordered sample, and the points between which that of all lies."""
    count, tail = len(ordered), (1 - CONFIDENCE) / 2
    below, above = stats.binom.ppf([tail, 1 - tail], count, share).astype(int).tolist()
    low = float(ordered[below - 1]) if below >= 1 else np.nan
    high = float(ordered[above]) if above < count else np.nan
    return float(np.quantile(ordered, share)), low, high


def _condition(text: str, known: Iterable[str]) -> Formula:
    from transport_model.errors import UnknownIdError

    formula = read_formula(text)
    if not formula.is_condition:
        raise InputError(f"'{text}' is no condition; one is such as 'J_sglt > 0.1'")
    names = list(known)
    for name in formula.names:
        if name not in names:
            raise UnknownIdError.of(name, names, "the inputs and outputs")
    return formula


def _holds(formula: Formula, table: pd.DataFrame) -> np.ndarray:
    values = {name: table[name].to_numpy(dtype=float) for name in formula.names}
    return np.broadcast_to(np.asarray(formula(values), dtype=bool), (len(table),))


def uncertainty_bands(
    model: Model,
    inputs: UncertainInputs | pd.DataFrame,
    *,
    end: float,
    points: int = 61,
    outputs: Sequence[str] | None = None,
    draws: int = 200,
    seed: int = 1,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Return quantiles of outputs along time courses, from the model's starting values.

    Parameters
    ----------
    model
        The model.
    inputs, seed
        As :func:`propagate_uncertainty` has them.
    end
        Last time, in the model's unit; the first is zero.
    points
        Equally spaced times.
    outputs
        Species, rules and reactions; by default those that people look for first.
    draws
        How many courses to run.
    folder
        Where courses are kept, so that the same call goes on there when it was stopped.
    progress
        Called with the number of courses done since the last call.

    Returns
    -------
    pandas.DataFrame
        Columns ``time``, ``output``, ``quantile`` and ``value``; units, of the outputs by name, in
        ``attrs["units"]``.

    Raises
    ------
    UnknownIdError, InputError, ComputationError
        As :func:`propagate_uncertainty`.
    """
    from transport_model.key_facts import key_facts
    from transport_model.mathematics.equations import read_equations
    from transport_model.mathematics.evaluation import result_columns

    check_model(model)
    names = list(outputs or key_facts(model, result_columns(read_equations(model.sbml), model)))
    times = np.linspace(0.0, end, points).tolist()
    kept: Mapping[str, Reduction] = {
        f"{name} at {place}": Reduction(name, Take.VALUE, at=time)
        for name in names for place, time in enumerate(times)
    }  # fmt: skip
    course = Course(end, points, kept)
    answers = ScanAnswers(model, tuple(kept), course, folder=folder)
    design = sample_of(inputs, draws, seed)
    answered = answers.at(design, f"courses-{len(design)}", progress)
    check_failures(answered, design)
    found = answered.values[np.isfinite(answered.values).all(axis=1)]
    shares = np.quantile(found, QUANTILES, axis=0).reshape(len(QUANTILES), len(names), points)
    index = pd.MultiIndex.from_product([QUANTILES, names, times],
                                       names=["quantile", "output", "time"])  # fmt: skip
    table = pd.Series(shares.ravel(), index, name="value").reset_index()
    table = table[["time", "output", "quantile", "value"]]
    return with_units(table, {"time": model.units["time"], **column_units(model, names)})
