"""The chapters that apply to any model: what applies is computed, what does not is said."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from transport_model import Model, SteadyState, simulate
from transport_model.catalogue import about
from transport_model.errors import InputError, SimulationError
from transport_model.mathematics.evaluation import start_values
from transport_model.mathematics.time_breaks import moving_switches_of
from transport_model.quantities import document_of

from ...figures.coefficients import plot_coefficients
from ...figures.curves import plot_curves
from ...figures.models import draw_model
from ...figures.panels import column_labels, column_words
from ...figures.scales import shown_time
from ...studies.audit import audit
from ...studies.control import control_coefficients, response_coefficients
from ...verdict import Verdict
from ..chapter import Chapter, Search
from .certificate import Check, checks_of, state_table

#: End of a course where nothing says when the model settles [model time].
END = 100.0
#: Ends that are tried for a model without a stable steady state, until it settles.
TRIED = (1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6)
#: Slowest time constants that a course lasts.
CONSTANTS = 6.0
#: Periods of an oscillation that it lasts.
PERIODS = 4.0
#: Points of a course.
POINTS = 401
#: Share of a course up to which it is followed in finer steps, if it is level later.
FINE = 0.1
#: A course that moves by less than this share of its values over its second half has settled.
SETTLED = 1e-3
#: Most curves of a panel, most panels, most rows and columns of a figure or table.
MOST_CURVES, MOST_PANELS, MOST_SHOWN = 10, 6, 16
#: Characters of a model's notes that are shown.
LONGEST_NOTES = 900


@dataclass(frozen=True)
class Contents:
    """What is in a model.

    Attributes
    ----------
    counts
        How much there is of what.
    caption
        What its drawing shows; empty without one.
    """

    counts: tuple[tuple[int, str], ...]
    caption: str


def contents(model: Model, state: SteadyState | None) -> Chapter[Contents]:
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
    drawing = draw_model(model, state) if len(model.reaction_ids) else None
    return Chapter(
        "model", "What the model is", "contents",
        Contents(tuple((number, what) for number, what in counts if number),
                 drawing.caption if drawing else ""),
        {name: table for name, table in tables.items() if len(table)},
        {"model_map": drawing.figure} if drawing else {},
    )  # fmt: skip


def notes_of(model: Model) -> str:
    """Return what the author says of a model, as plain text, its beginning where it is long."""
    known = about()
    if model.name in known.index:
        return str(known.at[model.name, "notes"])
    text = document_of(model.sbml).getModel().getNotesString()
    words = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())
    return textwrap.shorten(words, LONGEST_NOTES, placeholder=" …")


def needs_state(why: str) -> Chapter[Any]:
    """Refuse a chapter, for a model without a steady state, with the reason.

    Raises
    ------
    InputError
        Always.
    """
    raise InputError(why)


@dataclass(frozen=True)
class Settled:
    """A steady state in words, and the lines of its certificate."""

    said: str
    checks: tuple[Check, ...]


def settled(state: SteadyState) -> Chapter[Settled]:
    """Return a steady state and its certificate."""
    return Chapter("state", "Steady state", "steady_state", Settled(_rest(state), checks_of(state)),
                   {"steady_state": state_table(state.model, state)})  # fmt: skip


def _rest(state: SteadyState) -> str:
    slowest = state.certificate.slowest
    if not len(state.certificate.eigenvalues):
        return "Nothing in it moves by itself: its values follow from its inputs alone."
    kind = "stable" if state.stable else "not stable"
    lasting = ""
    if np.isfinite(slowest) and slowest > 0:
        lasting = f"; its slowest motion dies away with a time constant of {slowest:.3g}"
        lasting = f"{lasting} {state.model.units['time']}".rstrip()
    return f"From its own start it comes to a certified steady state, which is {kind}{lasting}."


@dataclass(frozen=True)
class Courses:
    """How long the course is and what it shows, in words; captions of its figures by name."""

    said: str
    captions: Mapping[str, str]


def courses(model: Model, found: Search) -> Chapter[Courses]:
    """Return a course of a model, by itself and by reaction.

    Raises
    ------
    InputError, SimulationError
        Nothing moves, or the course cannot be computed.
    """
    state = found.state
    if state is not None and not len(state.certificate.eigenvalues):
        raise InputError("nothing in the model moves by itself, so that a course would be flat")
    course = _course(model, found)
    if course.empty or not len(course.columns):
        raise InputError("nothing in the model moves or is computed")
    course = _fine_where_it_moves(model, course)
    states = [n for n in course if n in model.quantities and _moves_by_itself(model, str(n))]
    fluxes = [name for name in model.reaction_ids if name in course]
    drawn = {name: _telling(model, course, [str(column) for column in columns])
             for name, columns in (("course", states), ("fluxes", fluxes))}  # fmt: skip
    if not any(drawn.values()):
        drawn = {"course": _telling(model, course, [str(name) for name in course])}
    drawn = {name: chosen for name, chosen in drawn.items() if chosen}
    captions = {
        "course": _shown("What moves by itself, a panel for each unit", drawn.get("course"),
                         states or list(course.columns)),
        "fluxes": _shown("Rates of the reactions", drawn.get("fluxes"), fluxes),
    }  # fmt: skip
    return Chapter(
        "courses", "Time course", "courses",
        Courses(_lasting(model, course, found), {name: captions[name] for name in drawn}),
        {"course": course},
        {name: plot_curves(course, chosen, labels=column_labels(model, chosen)).figure
         for name, chosen in drawn.items()},
    )  # fmt: skip


def _shown(what: str, drawn: Sequence[str] | None, columns: Sequence[object]) -> str:
    if drawn is None or len(drawn) == len(columns):
        return f"{what}."
    return f"{what}: of {len(columns)} the {len(drawn)} that move most."


def _lasting(model: Model, course: pd.DataFrame, found: Search) -> str:
    unit = model.units["time"]
    end = f"{course.index[-1]:.4g} {unit}".rstrip()
    if found.period is not None:
        period = f"{found.period:.4g} {unit}".rstrip()
        return (f"It comes to no rest: its course oscillates with a period of {period}, and is"
                f" followed from its own start to {end}.")  # fmt: skip
    if found.state is not None:
        return (f"Its course is followed from its own start to {end}, long enough for its slowest"
                " motion to die away.")  # fmt: skip
    return ("No certified steady state was found; its course is followed from its own start to"
            f" {end}.")  # fmt: skip


def _moves_by_itself(model: Model, name: str) -> bool:
    quantity = model.quantities[name]
    return quantity.kind == "floating" or quantity.computed == "rate rule"


def _course(model: Model, found: Search) -> pd.DataFrame:
    """Return a course that lasts until the model has settled, some periods, or a hundred units.

    What switches by the time has switched by then.
    """
    if found.period is not None:
        return simulate(model, PERIODS * found.period, POINTS)
    state = found.state
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


def _fine_where_it_moves(model: Model, course: pd.DataFrame) -> pd.DataFrame:
    """Return a course with as many points again for its beginning, if little happens later."""
    times = course.index.to_numpy(dtype=float)
    curves = [[(times, course[name].to_numpy(dtype=float))] for name in course]
    early = shown_time(curves)
    if early > FINE * times[-1]:
        return course
    beginning = simulate(model, early, POINTS)[list(course.columns)]
    joined = pd.concat([beginning, course[course.index > early]])
    joined.attrs = course.attrs
    return joined


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
    """What controls most, in words; largest departures from the theorems."""

    said: str
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
    facts = Control(_strongest(model, flux), analysis.summation, analysis.connectivity)
    return Chapter(
        "control", "Control", "control", facts,
        {"flux_control": flux,
         "concentration_control": analysis.concentration.rename_axis("species")},
        {"control": plot_coefficients(
            _largest(flux), "control of fluxes (rows) by reactions (columns)",
            labels=column_words(model, flux.columns)).figure},
    )  # fmt: skip


def _strongest(model: Model, flux: pd.DataFrame) -> str:
    """Say which reaction controls the largest flux that is not its own most."""
    found = _largest_entry(flux, lambda row, column: row != column)
    if found is None:
        return ""
    names = model.reactions["name"].to_dict()
    controlled, controller = (names.get(name) or name for name in found[:2])
    return (f"The largest flux control coefficient over another flux is {found[2]:.3g}: of"
            f" {controller} over {controlled}.")  # fmt: skip


def _largest_entry(
    table: pd.DataFrame, counts: Callable[[str, str], bool] = lambda row, column: True
) -> tuple[str, str, float] | None:
    """Return row, column and value of the largest number of a table, whatever its sign."""
    entries = [
        (str(row), str(column), float(value))
        for row, values in zip(table.index, table.to_numpy(dtype=float), strict=True)
        for column, value in zip(table.columns, values, strict=True)
        if np.isfinite(value) and counts(str(row), str(column))
    ]
    return max(entries, key=lambda entry: abs(entry[2]), default=None)


@dataclass(frozen=True)
class Responses:
    """The largest response, in words."""

    said: str


def sensitivity(model: Model) -> Chapter[Responses]:
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
        _largest(table.loc[telling]), "response of results (rows) to parameters (columns)",
        labels=column_words(model, [*telling, *table.columns]),
    ).figure  # fmt: skip
    found = _largest_entry(table.loc[telling])
    said = f"The largest is that of {found[0]} to {found[1]}: {found[2]:.3g}." if found else ""
    return Chapter("sensitivity", "Sensitivity", "sensitivity", Responses(said),
                   {"responses": table}, {"responses": figure})  # fmt: skip


def _largest(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows and columns with the largest entries, in the table's order."""
    sizes = table.astype(float).abs().replace(np.inf, np.nan)
    rows = sizes.max(axis=1).fillna(0).nlargest(MOST_SHOWN).index
    columns = sizes.loc[rows].max(axis=0).fillna(0).nlargest(MOST_SHOWN).index
    return table.loc[[r for r in table.index if r in rows], [c for c in table if c in columns]]


@dataclass(frozen=True)
class Audited:
    """How many subjects of the audit have which verdict, in words."""

    said: str


def thermodynamics(model: Model) -> Chapter[Audited]:
    """Return the audit of a model.

    Raises
    ------
    TransportModelError
        There is nothing that it checks.
    """
    table = audit(model)
    if table.empty:
        raise InputError("there is nothing in the model that it checks")
    counts = table["verdict"].astype(str).value_counts()
    told = ", ".join(f"{count} ‘{word}’" for word, count in counts.items())
    against = [Verdict(word).good is not False for word in table["verdict"].astype(str)]
    table = table.assign(verdict=table["verdict"].astype(str), _order=against)
    table = table.sort_values("_order", kind="stable").drop(columns="_order")
    said = f"The audit of its rate laws has {len(table)} finding{'s' * (len(table) != 1)}: {told}."
    return Chapter("audit", "Audit", "audit", Audited(said), {"audit": table})
