"""The report of any model: what applies to it is computed, what does not is said and left out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from transport_model import Model, SteadyState, load_model, simulate, steady_state
from transport_model.catalogue import shipped_models
from transport_model.certificate import MAX_DRIFT, MAX_IMBALANCE
from transport_model.errors import (
    InputError,
    SimulationError,
    TransportModelError,
)
from transport_model.quantities import document_of

from ...studies.audit.audit import audit
from ...studies.control import control_coefficients, response_coefficients
from ..equations import equation_table
from ..figures.any_model import coefficients_figure, courses_figure
from ..page import Page, parameter_table

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


def gathered(model: Model, say: Callable[[str], object]) -> Page:
    """Return the page of a model: every chapter that applies, and why the others do not.

    Raises
    ------
    UnsupportedModelError, SimulationError
        Not even a course can be computed.
    """
    page = Page(model, template="general.html.jinja")
    page.facts["left_out"] = {}
    page.facts["counts"] = _counts(model)
    _tables(page)
    say("steady state")
    state = _steady_state(page)
    say("time course")
    _courses(page, state)
    say("control and sensitivity")
    if state is None:
        _leave_out(page, "control", "there is no certified steady state to take coefficients at")
        _leave_out(page, "sensitivity", "there is no certified steady state to take them at")
    else:
        _attempt(page, "control", _control)
        _attempt(page, "sensitivity", _sensitivity)
    say("audit")
    _attempt(page, "audit", _audit)
    say("equations")
    page.facts["equations"] = []
    _attempt(page, "equations", _equations)
    say("page")
    known = parameter_table(model)
    # What is known of our parameters says nothing of others with their ids
    page.data["parameters"] = known if _ships(model) else known[["value", "unit", "name"]]
    return page


def _ships(model: Model) -> bool:
    return model.name in shipped_models() and load_model(model.name).hash == model.hash


def _leave_out(page: Page, chapter: str, why: str) -> None:
    left_out = page.facts["left_out"]
    if isinstance(left_out, dict):
        left_out[chapter] = why


def _attempt(page: Page, chapter: str, fill: Callable[[Page], object]) -> None:
    """Fill in a chapter, or say why it does not apply."""
    try:
        fill(page)
    except TransportModelError as error:
        _leave_out(page, chapter, str(error).rstrip("."))
    except RecursionError:
        _leave_out(page, chapter, "its formulas are nested too deep")
    except np.linalg.LinAlgError:
        _leave_out(page, chapter, "the equations that give it are singular at this state")


def _counts(model: Model) -> list[tuple[int, str]]:
    source = document_of(model.sbml).getModel()
    counts = [
        (len(model.compartments), "compartments"),
        (len(model.species), "species"),
        (len(model.reaction_ids), "reactions"),
        (len(model.rules), "assignment rules"),
        (sum(rule.isRate() for rule in source.getListOfRules()), "rate rules"),
        (len(model.parameters), "parameters"),
        (source.getNumEvents(), "events"),
    ]
    return [(number, what) for number, what in counts if number]


def _tables(page: Page) -> None:
    model = page.model
    for name, table in (
        ("compartments", model.compartments),
        ("species", model.species),
        ("reactions", model.reactions),
    ):
        if len(table):
            page.data[name] = table
        else:
            _leave_out(page, name, f"the model has no {name}")


def _steady_state(page: Page) -> SteadyState | None:
    model = page.model
    try:
        state = steady_state(model)
    except TransportModelError as error:
        _leave_out(page, "steady_state", str(error))
        return None
    except RecursionError:
        _leave_out(page, "steady_state", "the model's formulas are nested too deep")
        return None
    certificate = state.certificate
    current = f"{state.net_current:.1e}" if np.isfinite(state.net_current) else ""
    slowest = certificate.slowest
    unit = model.units["time"]
    rows = [
        ("status", str(state.status), "every check below passed"),
        ("largest relative imbalance", f"{state.residual:.1e}",
         f"of a species, |Σ N v| / Σ |N||v|; at most {MAX_IMBALANCE:.0e}"),
        ("net current", current, "charge leaving the cell"),
        ("drift of conserved sums", f"{certificate.drift:.1e}",
         f"relative; at most {MAX_DRIFT:.0e}"),
        ("stability", "stable" if state.stable else "not stable",
         f"slowest time constant {slowest:.4g} {unit}".rstrip() if np.isfinite(slowest) else ""),
    ]  # fmt: skip
    page.facts["certificate"] = [row for row in rows if row[1]]
    table = state.values.rename_axis("id").to_frame()
    table["unit"] = [model.unit(str(name)) for name in table.index]
    table["name"] = [_name(model, str(name)) for name in table.index]
    page.data["steady_state"] = table
    return state


def _name(model: Model, column: str) -> str:
    quantity = model.quantities.get(column)
    if quantity is not None:
        return quantity.name
    if column in model.amount_columns:
        return f"amount of {model.amount_columns[column]}"
    return str(model.reactions["name"].get(column, ""))


def _courses(page: Page, state: SteadyState | None) -> None:
    model = page.model
    try:
        course = _course(model, state)
    except (SimulationError, InputError) as error:
        _leave_out(page, "courses", str(error))
        return
    if course.empty or not len(course.columns):
        _leave_out(page, "courses", "nothing in the model moves or is computed")
        return
    page.data["course"] = course
    page.facts["end"] = float(course.index[-1])
    states = [n for n in course if n in model.quantities and _moves_by_itself(model, str(n))]
    fluxes = [name for name in model.reaction_ids if name in course]
    unit = model.units["time"]
    time = f"time [{unit}]" if unit else "time"
    for name, columns in (("course", states), ("fluxes", fluxes)):
        panels = _panels(model, course, [str(column) for column in columns])
        if panels:
            page.figures[name] = courses_figure(panels, time)
    if not page.figures:
        others = _panels(model, course, [str(name) for name in course])
        if others:
            page.figures["course"] = courses_figure(others, time)


def _moves_by_itself(model: Model, name: str) -> bool:
    quantity = model.quantities[name]
    return quantity.kind == "floating" or quantity.computed == "rate rule"


def _course(model: Model, state: SteadyState | None) -> pd.DataFrame:
    """Return a course that lasts until the model has settled, or a hundred units of time."""
    if state is not None:
        slowest = state.certificate.slowest
        if np.isfinite(slowest) and slowest > 0:
            return simulate(model, CONSTANTS * slowest, POINTS)
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


def _panels(model: Model, course: pd.DataFrame, names: list[str]) -> list[tuple[str, pd.DataFrame]]:
    """Return the curves to draw, by unit: those that move most, if they are numbers throughout."""
    groups: dict[str, list[str]] = {}
    for name in names:
        if np.isfinite(course[name].to_numpy(dtype=float)).all():
            groups.setdefault(model.unit(name), []).append(name)
    panels = []
    for unit, members in list(groups.items())[:MOST_PANELS]:
        table = course[members]
        if len(members) > MOST_CURVES:
            moving = (table.max() - table.min()).sort_values(ascending=False, kind="stable")
            chosen = set(moving.index[:MOST_CURVES])
            table = table[[name for name in members if name in chosen]]
        panels.append((unit or "value", table))
    return panels


def _control(page: Page) -> None:
    analysis = control_coefficients(page.model)
    flux = analysis.flux.rename_axis("flux")
    if not flux.notna().any().any():
        raise InputError("every flux vanishes at the steady state, an equilibrium: nothing has"
                         " control over what does not flow")  # fmt: skip
    page.data["flux_control"] = flux
    page.data["concentration_control"] = analysis.concentration.rename_axis("species")
    page.facts["control"] = analysis
    page.figures["control"] = coefficients_figure(
        _largest(flux), "control of fluxes (rows) by reactions (columns)"
    )


def _sensitivity(page: Page) -> None:
    model = page.model
    table = response_coefficients(model).rename_axis("result")
    telling = [name for name in table.index if name not in model.amount_columns]
    if not table.size or not np.isfinite(table.to_numpy(dtype=float)).any():
        raise InputError("the model has no parameter that could be varied, or nothing answers")
    page.data["responses"] = table
    page.figures["responses"] = coefficients_figure(
        _largest(table.loc[telling]), "response of results (rows) to parameters (columns)"
    )


def _largest(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows and columns with the largest entries, in the table's order."""
    sizes = table.astype(float).abs().replace(np.inf, np.nan)
    rows = sizes.max(axis=1).fillna(0).nlargest(MOST_SHOWN).index
    columns = sizes.loc[rows].max(axis=0).fillna(0).nlargest(MOST_SHOWN).index
    return table.loc[[r for r in table.index if r in rows], [c for c in table if c in columns]]


def _audit(page: Page) -> None:
    table = audit(page.model)
    if table.empty:
        raise InputError("there is nothing in the model that it checks")
    table = table.copy()
    table["verdict"] = table["verdict"].astype(str)
    page.data["audit"] = table


def _equations(page: Page) -> None:
    page.facts["equations"] = equation_table(page.model)
