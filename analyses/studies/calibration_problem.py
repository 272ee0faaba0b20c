"""Calibrations as problems of estimation, in the terms of PEtab.

Nothing is solved: every measured point is a condition of its own, read at time 0. What one point
says of another is said by parameters that are estimated with the constants, and by measurements
next to without noise, so that the misfit is the calibration's:

- A curve that was scaled to one of its points has a scale, and that point ties it.
- A half-saturation K has two points of a scaled curve: at K, which is estimated, the rate is half
  of what it is where it is saturated; and K itself was measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import sympy as sp

from transport_model import Model, evaluate
from transport_model.errors import InputError

from ..scans.designs.designs import provenance_ranges
from .estimation.problem import Problem
from .estimation.scales import LIN, LOG

#: Noise of a logarithm that ties a scale or a half-saturation: of what it does to a misfit of one,
#: a millionth is left, and a search is not confined to a narrow valley.
TIED = 1e-3
#: Factor by which estimated values may differ from nominal ones, and by which starts of what is
#: no constant of the model do.
FAR, NEAR = 1e3, 1.5


class CalibrationProblem:
    """A calibration that is put together, target by target.

    Parameters
    ----------
    model
        Its values are the nominal ones.
    observed
        What is measured: a formula of quantities of the model.
    fitted, assumed
        Constants that are estimated, and those that could be; all positive.

    Raises
    ------
    InputError
        The model lacks a constant.
    """

    def __init__(
        self, model: Model, observed: sp.Expr, fitted: Sequence[str], assumed: Sequence[str]
    ) -> None:
        for name in (*fitted, *assumed):
            if name not in model.quantities:
                raise InputError(f"calibration needs '{name}', which model '{model.name}' lacks")
        self._model, self._observed = model, observed
        self._conditions: dict[str, Mapping[str, float | str]] = {}
        self._observables: dict[str, dict[str, object]] = {}
        self._measurements: list[dict[str, object]] = []
        ranges = provenance_ranges(model, fitted)
        self._parameters = {name: self._constant(name, ranges.get(name))
                            for name in (*fitted, *assumed)}  # fmt: skip

    def curve(
        self, name: str, told: str, points: pd.DataFrame, measured: np.ndarray, noise: float,
        reference: int | None = None,
    ) -> None:  # fmt: skip
        """Add points of one curve.

        Parameters
        ----------
        name, told
            Its id, and what it is in words.
        points
            A row per point, a column per quantity that is set.
        measured, noise
            At the points; one noise for all.
        reference
            Row of the point to which the curve was scaled, if it was.
        """
        formula = self._observed
        if reference is not None:
            rate = self._rate(points.iloc[reference])
            formula = self._scale(name, told, measured[reference] / rate) * formula
            self._observe(f"tie_{name}", f"{told}, where it was scaled", formula, LOG)
        self._observe(f"observable_{name}", told, formula)
        for number, (_, point) in enumerate(points.iterrows()):
            condition = self._condition(f"{name}_{number + 1}", point)
            if number == reference:
                self._measure(f"tie_{name}", condition, measured[number], TIED)
            else:
                self._measure(f"observable_{name}", condition, measured[number], noise)

    def half_saturation(
        self, name: str, told: str, substance: str, conditions: Mapping[str, float],
        stated: float, noise: float, at_present: float, saturating: float,
    ) -> None:  # fmt: skip
        """Add the concentration at which a rate is half of what it is at saturation.

        Parameters
        ----------
        name, told
            Its id, and what it is in words.
        substance, conditions
            What is varied, and what is held.
        stated, noise
            The concentration, as measured.
        at_present
            The model's own.
        saturating
            A concentration at which the rate does not grow any more.
        """
        half = f"K_{name}"
        self._parameters[half] = self._row(told, at_present)
        whole = {**conditions, substance: saturating}
        rate = self._rate(whole)
        scaled = np.sign(rate) * self._scale(name, told, 1 / abs(rate)) * self._observed
        self._observe(f"tie_{name}", f"{told}, relative rate", scaled, LOG)
        self._observe(f"observable_{name}", told, sp.Symbol(half))
        saturated = self._condition(f"{name}_saturated", whole)
        at_half = self._condition(f"{name}_half", {**conditions, substance: half})
        self._measure(f"tie_{name}", saturated, 1.0, TIED)
        self._measure(f"tie_{name}", at_half, 0.5, TIED)
        self._measure(f"observable_{name}", saturated, stated, noise)

    def problem(self, name: str) -> Problem:
        """Return the problem as it stands."""
        return Problem(
            name,
            self._model,
            pd.DataFrame.from_dict(self._parameters, orient="index").rename_axis("id"),
            pd.DataFrame.from_dict(self._conditions, orient="index").rename_axis("id"),
            pd.DataFrame.from_dict(self._observables, orient="index").rename_axis("id"),
            pd.DataFrame(self._measurements),
        )

    def _rate(self, point: Mapping[str, float] | pd.Series) -> float:
        """Return what is observed at a point, with the model's values."""
        row = evaluate(self._model, pd.DataFrame([point])).iloc[0]
        known = {**{n: q.value for n, q in self._model.quantities.items()}, **row}
        used = [(symbol, known[str(symbol)]) for symbol in self._observed.free_symbols]
        return float(self._observed.subs(used))

    def _constant(self, name: str, known: tuple[float, float] | None) -> dict[str, object]:
        row = self._row(self._model.quantities[name].name or name,
                        self._model.quantities[name].value, known)  # fmt: skip
        return {**row, "estimate": known is not None, "unit": self._model.unit(name)}

    def _row(
        self, told: str, nominal: float, starts: tuple[float, float] | None = None
    ) -> dict[str, object]:
        low, high = np.log(starts or (nominal / NEAR, nominal * NEAR))
        return {"estimate": True, "scale": LOG, "low": nominal / FAR, "high": nominal * FAR,
                "nominal": nominal, "prior": "", "unit": "", "name": told,
                "start": f"parameterScaleUniform;{low:.6g};{high:.6g}"}  # fmt: skip

    def _scale(self, name: str, told: str, nominal: float) -> sp.Symbol:
        self._parameters[f"scale_{name}"] = self._row(f"scale of: {told}", nominal)
        return sp.Symbol(f"scale_{name}")

    def _observe(self, name: str, told: str, formula: sp.Expr, scale: str = LIN) -> None:
        self._observables[name] = {"formula": formula, "transformation": scale, "name": told,
                                   "noise": sp.Symbol(f"noiseParameter1_{name}"),
                                   "distribution": "normal"}  # fmt: skip

    def _condition(self, name: str, settings: Mapping[str, float | str] | pd.Series) -> str:
        self._conditions[name] = dict(settings)
        return name

    def _measure(self, observable: str, condition: str, measured: float, noise: float) -> None:
        self._measurements.append({
            "observable": observable, "condition": condition, "before": "", "time": 0.0,
            "measurement": float(measured), "observable_parameters": "",
            "noise_parameters": repr(float(noise)),
        })  # fmt: skip
