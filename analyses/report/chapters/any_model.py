"""The chapters that apply to any model: what applies is computed, what does not is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd

from transport_model import Model, SteadyState, simulate
from transport_model.errors import InputError, SimulationError, TransportModelError
from transport_model.mathematics.evaluation import start_values
from transport_model.mathematics.time_breaks import moving_switches_of
from transport_model.quantities import document_of

from ...figures.coefficients import plot_coefficients
from ...figures.curves import plot_curves
from ...figures.panels import column_labels
from ...studies.audit import audit
from ...studies.control import control_coefficients, response_coefficients
from ..chapter import Chapter, LeftOut
from .certificate import Check, checks_of, state_table

#: End of a course where nothing says when the model settles [model time].
END = 100.0
#: Ends that are tried for a model without a stable steady state, until it settles.
TRIED = (1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6)
#: Slowest time constants that a course lasts.
CONSTANTS = 6.0
#: Points of a course.
POINTS = 401
#: A course that moves by less than this share of its values over its second half has settled.
SETTLED = 1e-3
#: Most curves of a panel, most panels, most rows and columns of a figure or table.
MOST_CURVES, MOST_PANELS, MOST_SHOWN = 10, 6, 16


Found = TypeVar("Found")


def attempt(anchor: str, title: str, compute: Callable[[], Found]) -> Found | LeftOut:
    """Return what is computed for a chapter, or why the chapter does not apply to its model."""
    try:
        return compute()
    except TransportModelError as error:
        why = str(error).rstrip(".")
    except RecursionError:
        why = "its formulas are nested too deep"
    except np.linalg.LinAlgError:
        why = "the equations that give it are singular at this state"
    return LeftOut(anchor, title, why)


@dataclass(frozen=True)
class Contents:
    """How much there is of what in a model."""

    counts: tuple[tuple[int, str], ...]


def contents(model: Model) -> Chapter[Contents]:
    """Return what a model is made of."""
    source = document_of(model.sbml).getModel()
    counts = (
        (len(model.compartments), "compartments"),
        (len(model.species), "species"),
        (len(model.reaction_ids), "reactions"),
        (len(model.rules), "assignment rules"),
        (sum(rule.isRate() for rule in source.getListOfRules()), "rate rules"),
        (len(model.parameters), "parameters"),
        (source.getNumEvents(), "events"),
    )
    tables = {"compartments": model.compartments, "species": model.species,
              "reactions": model.reactions}  # fmt: skip
    return Chapter(
        "model", "What the model is", "contents",
        Contents(tuple((number, what) for number, what in counts if number)),
        {name: table for name, table in tables.items() if len(table)},
    )  # fmt: skip


def settled(state: SteadyState) -> Chapter[tuple[Check, ...]]:
    """Return a steady state and its certificate."""
    return Chapter("state", "Steady state", "steady_state", checks_of(state),
                   {"steady_state": state_table(state.model, state)})  # fmt: skip


@dataclass(frozen=True)
class Courses:
    """When the course ends [model time], and whether there is a steady state it leads to."""

    end: float
    settles: bool


def courses(model: Model, state: SteadyState | None) -> Chapter[Courses]:
    """Return a course of a model, by itself and by reaction.

    Raises
    ------
    InputError, SimulationError
        Nothing moves, or the course cannot be computed.
    """
    course = _course(model, state)
    if course.empty or not len(course.columns):
        raise InputError("nothing in the model moves or is computed")
    states = [n for n in course if n in model.quantities and _moves_by_itself(model, str(n))]
    fluxes = [name for name in model.reaction_ids if name in course]
    drawn = {name: _telling(model, course, [str(column) for column in columns])
             for name, columns in (("course", states), ("fluxes", fluxes))}  # fmt: skip
    if not any(drawn.values()):
        drawn = {"course": _telling(model, course, [str(name) for name in course])}
    return Chapter(
        "courses", "Courses", "courses", Courses(float(course.index[-1]), state is not None),
        {"course": course},
        {name: plot_curves(course, chosen, labels=column_labels(model, chosen)).figure
         for name, chosen in drawn.items() if chosen},
    )  # fmt: skip


def _moves_by_itself(model: Model, name: str) -> bool:
    quantity = model.quantities[name]
    return quantity.kind == "floating" or quantity.computed == "rate rule"


def _course(model: Model, state: SteadyState | None) -> pd.DataFrame:
    """Return a course that lasts until the model has settled, or a hundred units of time.

    What switches by the time has switched by then.
    """
    if state is not None:
        slowest = state.certificate.slowest
        if np.isfinite(slowest) and slowest > 0:
            switched = moving_switches_of(model.sbml).last(start_values(model)) or 0.0
            return simulate(model, switched + CONSTANTS * slowest, POINTS)
        return simulate(model, END, POINTS)
    if not document_of(model.sbml).getModel().getNumEvents():
        for end in TRIED:
            try:
                course = simulate(model, end, POINTS)
            except SimulationError:
                break
            if _settled(course):
                return course
    return simulate(model, END, POINTS)


def _settled(course: pd.DataFrame) -> bool:
    values = course.to_numpy(dtype=float)
    if not np.isfinite(values).all():
        return False
    later = values[len(values) // 2 :]
    span = np.ptp(values, axis=0)
    moved = np.ptp(later, axis=0)
    if not (span > SETTLED * np.abs(values).max(axis=0)).any():
        return False  # nothing has happened yet
    return bool((moved <= SETTLED * np.maximum(span, np.abs(values).max(axis=0))).all())


def _telling(model: Model, course: pd.DataFrame, names: list[str]) -> list[str]:
    """Return the curves to draw: of each unit those that move most, if numbers throughout."""
    groups: dict[str, list[str]] = {}
    for name in names:
        if np.isfinite(course[name].to_numpy(dtype=float)).all():
            groups.setdefault(model.unit(name), []).append(name)
    chosen: set[str] = set()
    for members in list(groups.values())[:MOST_PANELS]:
        table = course[members]
        moving = (table.max() - table.min()).sort_values(ascending=False, kind="stable")
        chosen |= set(moving.index[:MOST_CURVES])
    return [name for name in names if name in chosen]


@dataclass(frozen=True)
class Control:
    """Largest departures from the summation and the connectivity theorems."""

    summation: float
    connectivity: float


def control(model: Model) -> Chapter[Control]:
    """Return control coefficients of fluxes and concentrations.

    Raises
    ------
    TransportModelError
        The model has no steady state, or nothing flows in it.
    """
    analysis = control_coefficients(model)
    flux = analysis.flux.rename_axis("flux")
    if not flux.notna().any().any():
        raise InputError("every flux vanishes at the steady state, an equilibrium: nothing has"
                         " control over what does not flow")  # fmt: skip
    return Chapter(
        "control", "Control", "control", Control(analysis.summation, analysis.connectivity),
        {"flux_control": flux,
         "concentration_control": analysis.concentration.rename_axis("species")},
        {"control": plot_coefficients(
            _largest(flux), "control of fluxes (rows) by reactions (columns)").figure},
    )  # fmt: skip


def sensitivity(model: Model) -> Chapter[None]:
    """Return how results of the steady state respond to parameters.

    Raises
    ------
    TransportModelError
        The model has no steady state, or nothing to vary.
    """
    table = response_coefficients(model).rename_axis("result")
    telling = [name for name in table.index if name not in model.amount_columns]
    if not table.size or not np.isfinite(table.to_numpy(dtype=float)).any():
        raise InputError("the model has no parameter that could be varied, or nothing answers")
    figure = plot_coefficients(
        _largest(table.loc[telling]), "response of results (rows) to parameters (columns)"
    ).figure
    return Chapter("sensitivity", "Sensitivity", "sensitivity", None, {"responses": table},
                   {"responses": figure})  # fmt: skip


def _largest(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows and columns with the largest entries, in the table's order."""
    sizes = table.astype(float).abs().replace(np.inf, np.nan)
    rows = sizes.max(axis=1).fillna(0).nlargest(MOST_SHOWN).index
    columns = sizes.loc[rows].max(axis=0).fillna(0).nlargest(MOST_SHOWN).index
    return table.loc[[r for r in table.index if r in rows], [c for c in table if c in columns]]


def thermodynamics(model: Model) -> Chapter[None]:
    """Return the audit of a model.

    Raises
    ------
    TransportModelError
        There is nothing that it checks.
    """
    table = audit(model)
    if table.empty:
        raise InputError("there is nothing in the model that it checks")
    table = table.assign(verdict=table["verdict"].astype(str))
    return Chapter("audit", "Audit", "audit", None, {"audit": table})
