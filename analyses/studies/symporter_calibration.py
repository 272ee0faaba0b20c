"""SGLT1's constants fitted to what is stated of it, at room temperature and at 37 °C.

Human SGLT1 is known by its charge movements and its turnover, measured in oocytes at room
temperature, and by the half-saturation of uptake into cells at 37 °C. These belong to one carrier:
Na⁺ binding, the turns of the empty carrier and their voltage dependence are taken as measured (Loo
et al. 2013); what the targets say nothing of is taken as printed; the rest is fitted, with one
activation energy for the carrier's turns, measured as well (Loo et al. 1999), and hardly any for
binding, which is as if diffusion limited it. Warming then speeds up the turns more than the binding
of sugar, and raises its half-saturation. Without activation energies no constants meet both
temperatures: :func:`misfit_without_warming`.

The carrier is taken in its steady state, as the cell has it (``models/symporters/sglt1.ant``).

    chi2 = sum over targets of ((model - stated) / tolerance)^2, a curve's as their mean
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import sympy as sp

from transport_model import Model, evaluate
from transport_model.constants import FARADAY
from transport_model.model import check_model

from .calibration_problem import CalibrationProblem
from .estimation.problem import Problem
from .fits import Calibration, Fit, half_saturating

#: Constants of the carrier that are fitted, all positive.
FITTED = ("sglt_k23", "sglt_k32", "sglt_k56", "sglt_k65")
#: Constants that are not, but profiled as well: what would the measurements say of them?
ASSUMED = ("sglt_k34", "sglt_k43", "sglt_k45", "sglt_k25", "sglt_E_bind")
#: Room temperature, at which oocytes are clamped, and that of the body [K].
ROOM, BODY = 295.15, 310.15
#: Concentrations [mM] between which half-saturation is looked for, and one that saturates.
_LADDER, _SATURATING = np.geomspace(1e-2, 1e4, 73), 1e9


@dataclass(frozen=True)
class Target:
    """A number stated of the carrier, and the conditions under which it holds.

    Attributes
    ----------
    substance
        Whose half-saturating concentration [mM] is meant; empty for a turnover [1/s].
    conditions
        What is held, in the units of ``cell``.
    curve
        How many targets are one curve; they share their cells, and count together once.
    """

    name: str
    substance: str
    expected: float
    tolerance: float
    conditions: Mapping[str, float]
    source: str
    reference: str
    curve: int = 1


def _outside(voltage: float, expected: float) -> Target:
    return Target("K½ of outer sugar", "Glc_o", expected, expected,
                  {"V_m": voltage, "T": ROOM, "Na_o": 100.0, "Na_i": 10.0, "Glc_i": 0.0},
                  "rat, α-methyl-glucose", "Panayotova1995", 3)  # fmt: skip


_REVERSED = {"V_m": 0.0, "T": ROOM, "Na_o": 0.0, "Glc_o": 0.0}
_REVERSE_SOURCE = "rabbit, reversed, α-methyl-glucose", "Eskandari2005"
#: What the constants are fitted to.
TARGETS = (
    Target("turnover", "", 13.3, 2.4,
           {"V_m": -150.0, "T": ROOM, "Na_o": 90.0, "Na_i": 10.0, "Glc_o": 5.0, "Glc_i": 0.0},
           "human, α-methyl-glucose", "Longpre2011"),
    _outside(-150.0, 0.2), _outside(-30.0, 0.46), _outside(-10.0, 1.0),
    Target("K½ of cytosolic sugar", "Glc_i", 35.0, 17.5, {**_REVERSED, "Na_i": 500.0},
           *_REVERSE_SOURCE),
    Target("K½ of cytosolic Na⁺", "Na_i", 35.0, 17.5, {**_REVERSED, "Glc_i": 500.0},
           *_REVERSE_SOURCE),
    Target("K½ of outer glucose at 37 °C", "Glc_o", 2.0, 0.3,
           {"V_m": -50.0, "T": BODY, "Na_o": 150.0, "Na_i": 12.0, "Glc_i": 0.0},
           "human", "Ghezzi2018"),
)  # fmt: skip
#: What is stated as well, and was not fitted: the rat's affinity for outer Na⁺.
HELD_OUT = tuple(
    Target("K½ of outer Na⁺", "Na_o", expected, expected / 2,
           {"V_m": voltage, "T": ROOM, "Na_i": 10.0, "Glc_o": 5.0, "Glc_i": 0.0},
           "rat, α-methyl-glucose, whose level is not known to us", "Panayotova1995")
    for voltage, expected in ((-150.0, 4.0), (-30.0, 40.0))
)  # fmt: skip


def met(model: Model, targets: tuple[Target, ...] = TARGETS) -> pd.DataFrame:
    """Return what a model says of each target.

    Parameters
    ----------
    model
        ``cell``, or a model with the ids of its symporter.
    targets
        By default those that the constants are fitted to.

    Returns
    -------
    pandas.DataFrame
        A row per target: ``target``, ``conditions``, ``expected``, ``tolerance``, ``got``,
        ``unit``, ``source`` and ``reference``.

    Raises
    ------
    ComputationError
        A flux does not pass half of its saturated value between 0.01 and 10 000 mM.
    """
    rows = [
        {"target": t.name, "conditions": _said(model, t.conditions), "expected": t.expected,
         "tolerance": t.tolerance, "got": got, "unit": "mM" if t.substance else "1/s",
         "source": t.source, "reference": t.reference}
        for t, got in zip(targets, _got(model, targets), strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def calibrate_symporter(
    model: Model, *, progress: Callable[[str], object] | None = None
) -> Calibration:
    """Fit SGLT1 to the targets, and profile each constant.

    Parameters
    ----------
    model
        ``cell``, or a model with the ids of its symporter.
    progress
        Called with the name of each step before it starts.

    Returns
    -------
    Calibration
        The constants with their uncertainties, and how well each target is met.

    Raises
    ------
    InputError
        The model lacks a constant.
    ComputationError
        No fit was found.
    """
    check_model(model)
    fit = Fit(symporter_problem(model), FITTED, ASSUMED)
    say = progress or (lambda step: None)
    say("fit")
    best = fit.best()
    values, profiles = fit.tables(best, say)
    table = met(model.with_values(**best))
    residuals = pd.DataFrame({"measurement": table["target"], "at": table["conditions"],
                              "measured": table["expected"], "fitted": table["got"],
                              "tolerance": table["tolerance"],
                              "difference": table["got"] - table["expected"]})  # fmt: skip
    return Calibration(values, residuals, profiles, fit.chi2(best))


def misfit_without_warming(model: Model) -> tuple[float, float]:
    """Return chi2 of the best constants with activation energies, and of the best without any.

    Without, one set of constants would have to hold at both temperatures.

    Raises
    ------
    InputError, ComputationError
        As :func:`calibrate_symporter`.
    """
    cold = model.with_values(sglt_E_turn=0.0, sglt_E_bind=0.0)
    warmed, alike = (Fit(symporter_problem(m, ()), FITTED, ()) for m in (model, cold))
    return warmed.chi2(warmed.best()), alike.chi2(alike.best())


def symporter_problem(model: Model, assumed: Sequence[str] = ASSUMED) -> Problem:
    """Return the symporter's calibration as a problem of estimation.

    Parameters
    ----------
    model
        ``cell``, or a model with the ids of its symporter.
    assumed
        Constants that are not fitted, and could be.

    Raises
    ------
    InputError
        The model lacks a constant.
    """
    turnover = sp.Symbol("J_sglt") / sp.Symbol("n_SGLT")
    problem = CalibrationProblem(model, turnover, FITTED, assumed)
    for number, (target, got) in enumerate(zip(TARGETS, _got(model, TARGETS), strict=True), 1):
        held = _clamped(model, target.conditions)
        # Targets of a curve count together as one
        noise = target.tolerance * math.sqrt(target.curve)
        if target.substance:
            problem.half_saturation(f"half_{target.substance}_{number}", target.name,
                                    target.substance, held, target.expected, noise, got,
                                    _SATURATING)  # fmt: skip
        else:
            problem.curve(target.name, target.name, pd.DataFrame([held]),
                          np.array([target.expected]), noise)  # fmt: skip
    return problem.problem("symporter")


def _clamped(model: Model, conditions: Mapping[str, float]) -> dict[str, float]:
    """Return conditions with the charge that holds a voltage in place of it.

    Cytosolic Cl⁻, which the carrier does not see, leaves the model's K⁺ positive beside any Na⁺.
    """
    held = {name: value for name, value in conditions.items() if name != "V_m"}
    charge = -conditions["V_m"] * model.quantities["C_m"].value / FARADAY
    return {**held, "charge": charge, "Cl_i": _SATURATING}


def _got(model: Model, targets: tuple[Target, ...]) -> list[float]:
    """Return what a model says of each target: all points as the rows of one table."""
    tables = [_points(model, target) for target in targets]
    ends = np.cumsum([len(table) for table in tables])[:-1]
    table = evaluate(model, pd.concat(tables, ignore_index=True))
    rates = table["J_sglt"].to_numpy(dtype=float) / model.quantities["n_SGLT"].value
    return [half_saturating(_LADDER, part, target.name) if target.substance else float(part[0])
            for target, part in zip(targets, np.split(rates, ends), strict=True)]  # fmt: skip


def _said(model: Model, conditions: Mapping[str, float]) -> str:
    return ", ".join(f"{k} {v:g} {model.unit(k)}" for k, v in conditions.items())


def _points(model: Model, target: Target) -> pd.DataFrame:
    held = _clamped(model, target.conditions)
    if not target.substance:
        return pd.DataFrame([held])
    rungs = pd.DataFrame({target.substance: [*_LADDER, _SATURATING]})
    return rungs.assign(**held)
