"""The pump's constants fitted to measurements, with what the measurements leave open.

The law to be fitted stands in ``models/pumps/calibrated.ant``. Its dependence on outer K⁺, outer
Na⁺ and voltage is ``q/(1 + q + s(1 + eta q))``, a family with two well-known ends: competition of
Na⁺ that returns into its access channel with K⁺ (``eta`` = 0), and a product of a K⁺ and a voltage
factor (``eta`` = 1). The measurements hardly tell them apart; the profile of ``eta`` shows it.

Points of one curve share their cells, their scaling and their digitisation: they are not
independent. Each curve therefore counts once, by its mean square deviation in units of the
tolerance to which the model is held, and each stated half-activation once:

    chi2 = sum over curves of mean((model - measured)^2) / tolerance^2
         + sum over half-activations of ((model - stated) / tolerance)^2
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import sympy as sp

from transport_model import Model, evaluate
from transport_model.model import check_model

from .calibration_problem import CalibrationProblem
from .estimation.problem import Problem
from .fits import Calibration, Fit, half_saturating, rounded
from .measurements import Measurement, predicted, shipped_measurements

#: What is measured.
OBSERVED = "turnover"
#: Constants of the pump that are fitted, all positive.
FITTED = ("pump_K_Na_i", "pump_K_K_o", "pump_K_Na_v", "pump_h", "pump_delta", "pump_K_ATP")
#: Constants that are not, but profiled as well: what would the measurements say of them?
ASSUMED = ("pump_K_K_i", "pump_K_Na_o", "pump_eta")
#: Scaling of the rates of Nakao & Gadsby 1989 by Pan et al. 2019: cycles per second at a voltage.
SCALED_TURNOVER, SCALED_AT = 55.0, 40.0


@dataclass(frozen=True)
class HalfActivation:
    """A stated concentration at which the pump runs at half its saturated rate."""

    name: str
    substance: str
    expected: float
    tolerance: float
    conditions: Mapping[str, float]
    source: str
    reference: str


#: Half-activations that the literature states in words.
STATED = (
    HalfActivation("K½ of cytosolic Na⁺", "Na_i", 11.5, 2.5,
                   {"V_m": -40.0, "K_i": 140.0, "Na_o": 140.0, "K_o": 5.4},
                   "9 mM in sheep, 11.2 to 14.1 in rabbit ventricle, 14 in rabbit sinoatrial node",
                   "Glitsch1989; Despa2003; Sakai1996"),
    HalfActivation("K½ of outer K⁺", "K_o", 1.9, 0.4,
                   {"V_m": -20.0, "Na_o": 140.0, "Na_i": 50.0, "K_i": 140.0},
                   "rabbit Purkinje cells; the abstract gives no error", "Bielen1991"),
)  # fmt: skip


#: Concentrations [mM] between which a half-activation is looked for, and one that saturates.
_LADDER, _SATURATING = np.geomspace(1e-4, 1e6, 401), 1e10


def half_activation(stated: HalfActivation, model: Model) -> float:
    """Return the concentration [mM] at which the pump runs at half its saturated rate.

    Without ADP and phosphate, so that the drive of the cycle stays out of it.

    Parameters
    ----------
    stated
        The substance that is varied, and what is held.
    model
        ``pump_assay``, or a model with its ids.

    Raises
    ------
    ComputationError
        The rate does not pass its half between 1e-4 and 1e6 mM.
    """
    rates = evaluate(model, _ladder(stated))[OBSERVED].to_numpy(dtype=float)
    return half_saturating(_LADDER, rates, stated.name)


def _ladder(stated: HalfActivation) -> pd.DataFrame:
    rungs = pd.DataFrame({stated.substance: [*_LADDER, _SATURATING]})
    return rungs.assign(**{"ADP": 0.0, "Pi": 0.0, **stated.conditions})


def calibrate(
    model: Model,
    measurements: list[Measurement] | None = None,
    *,
    progress: Callable[[str], object] | None = None,
) -> Calibration:
    """Fit the pump to measurements, and profile each constant.

    Parameters
    ----------
    model
        ``pump_assay``, or a model with its ids.
    measurements
        By default those that come with the project. One that is in conflict with others is not
        fitted.
    progress
        Called with the name of each step before it starts.

    Returns
    -------
    Calibration
        The constants with their uncertainties, and how well each measurement is met.

    Raises
    ------
    InputError
        The model lacks a constant.
    ComputationError
        No fit was found.
    """
    check_model(model)
    used = fitted_measurements(measurements)
    say = progress or (lambda step: None)
    fit = Fit(pump_problem(model, used), FITTED, ASSUMED)
    say("fit")
    # Rounded as the model keeps them, so that what is reported is what the model does
    best = fit.best()
    values, profiles = fit.tables(best, say)
    turnover = _turnover(model, best)
    values.loc["turnover_max"] = [turnover, model.unit("turnover_max"), np.nan, np.nan, True, True]
    fitted = model.with_values(**best, turnover_max=turnover)
    return Calibration(values, _residuals(fitted, used), profiles, fit.chi2(best))


def fitted_measurements(measurements: Sequence[Measurement] | None) -> list[Measurement]:
    """Return those of some measurements, or of the project's own, that contradict no others."""
    return [item for item in measurements or shipped_measurements() if not item.conflict]


def pump_problem(model: Model, measurements: Sequence[Measurement] | None = None) -> Problem:
    """Return the pump's calibration as a problem of estimation.

    Parameters and errors are those of :func:`calibrate`.
    """
    problem = CalibrationProblem(model, sp.Symbol(OBSERVED), FITTED, ASSUMED)
    for item in fitted_measurements(measurements):
        for number, (told, points) in enumerate(_curves(item), 1):
            inputs = points[[item.varied, *item.curves]].assign(**item.conditions)
            reference = None
            if item.reference is not None:
                at = np.isclose(points[item.varied], item.reference, rtol=1e-9)
                reference = int(np.flatnonzero(at)[0])
            # Points of a curve count together as one
            problem.curve(f"{item.name}_{number}", ", ".join([item.title, *told]), inputs,
                          points[item.measured].to_numpy(float),
                          item.tolerance * np.sqrt(len(points)), reference)  # fmt: skip
    for stated in STATED:
        problem.half_saturation(f"half_{stated.substance}", stated.name, stated.substance,
                                {"ADP": 0.0, "Pi": 0.0, **stated.conditions}, stated.expected,
                                stated.tolerance, half_activation(stated, model),
                                _SATURATING)  # fmt: skip
    return problem.problem("pump")


def _curves(item: Measurement) -> Iterator[tuple[list[str], pd.DataFrame]]:
    """Yield the curves of a measurement, each with what tells it from the others."""
    if not item.curves:
        yield [], item.points
        return
    for key, points in item.points.groupby(item.curves, sort=False):
        pairs = zip(item.curves, key, strict=True)
        yield [f"{name} = {value:g}" for name, value in pairs], points


def _turnover(model: Model, constants: Mapping[str, float]) -> float:
    """Return the saturated turnover with which the pump reaches the published scale [1/s]."""
    voltage = next(m for m in shipped_measurements() if m.name == "pump_voltage")
    point = {"V_m": SCALED_AT, "Na_o": 150.0, **voltage.conditions, **constants}
    got = evaluate(model, pd.DataFrame([point]))["turnover"].iloc[0]
    return rounded(model.quantities["turnover_max"].value * SCALED_TURNOVER / got)


def _residuals(model: Model, used: list[Measurement]) -> pd.DataFrame:
    tables = [
        pd.DataFrame(
            {
                "measurement": item.name,
                "varied": item.varied,
                "at": item.points[item.varied],
                "curve": [
                    ", ".join(f"{n} = {v:g}" for n, v in zip(item.curves, row, strict=True))
                    for row in item.points[item.curves].to_numpy()
                ],
                "measured": item.points[item.measured],
                "fitted": predicted(item, model),
                "tolerance": item.tolerance,
            }
        )
        for item in used
    ]
    stated = [
        {"measurement": s.name, "varied": s.substance, "at": np.nan, "curve": "",
         "measured": s.expected, "fitted": half_activation(s, model), "tolerance": s.tolerance}
        for s in STATED
    ]  # fmt: skip
    table = pd.concat([*tables, pd.DataFrame(stated)], ignore_index=True)
    return table.assign(difference=table["fitted"] - table["measured"])
