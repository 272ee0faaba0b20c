"""What a page knows of a model besides its program, as a value that can be JSON."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import numpy as np

from transport_model import Model
from transport_model.catalogue import about, shipped_models
from transport_model.columns import column_name
from transport_model.mathematics.equations import read_equations
from transport_model.mathematics.evaluation import computed_starts
from transport_model.mathematics.program import values_at_start
from transport_model.mathematics.state_names import amount, species_of
from transport_model.model import load_model
from transport_model.quantities import Quantity, document_of, read_quantities

from ..provenance import DISTRIBUTION, version_of
from ..scans.designs.axes import provenance_ranges
from .lesson import lesson_of
from .program import Printed

#: Ends of a slider relative to a value of which no range is known.
FACTOR = 10.0
#: The same for what experiments hardly move: absolute temperatures, and the constants F and R.
NARROW, NARROW_UNITS = 1.05, ("K", "C/mol", "J/(mol·K)")
#: How long a course of a shipped model is at first [s].
HOUR = 3600.0


def payload_of(model: Model, printed: Printed) -> dict[str, Any]:
    """Return what a page knows of a model.

    Parameters
    ----------
    model
        With the values set on it, which are the page's first.
    printed
        Its program.

    Returns
    -------
    dict
        ``name``, ``title``, ``notes``, ``hash``, ``version``; ``units``; ``quantities`` in the
        order of the program's outputs, with ``id``, ``name``, ``unit``, ``kind`` (state, constant,
        rule or rate), ``value`` at the start, ``default`` in the file, and where it is ``settable``
        the ends ``low`` and ``high`` of its slider, the ``least`` value and whether it must be
        ``above`` that; ``states``, their ids; ``refusals``, what the page cannot do, in sentences;
        ``horizon``, how long a course is at first, or None where nobody knows; ``engine``, what the
        solver needs; ``lesson``, what a page shows of a transporting cell, or None.
    """
    document = document_of(model.sbml).getModel()
    name = document.getName() or model.name
    return {
        "name": model.name,
        "title": name,
        "notes": plain_text(document.getNotesString()),
        "hash": model.hash,
        "version": version_of(DISTRIBUTION),
        "units": dict(model.units),
        "quantities": (quantities := _quantities(model, printed)),
        "states": [each["id"] for each in quantities if each["kind"] == "state"],
        "refusals": refusals(model, printed),
        "horizon": HOUR if model.name in shipped_models() else None,
        "engine": _engine(model, printed),
        "lesson": lesson_of(model),
    }


def refusals(model: Model, printed: Printed) -> list[str]:
    """Return what a page cannot do with a model, in sentences."""
    equations = read_equations(model.sbml)
    found = []
    if equations.has_events:
        found.append(
            "The model has events, which this page does not carry out: a course ends where the"
            " first one happens, and no steady state is looked for."
        )
    elif equations.depends_on_time:
        found.append("A rate follows the time itself: this page looks for no steady state.")
    if printed.curved:
        found.append(
            "A rate bends with the time: this page takes steps of at most a thousandth of a course,"
            " and could miss what is over sooner."
        )
    return found


def plain_text(notes: str) -> str:
    """Return notes in XHTML as text, paragraphs apart."""
    text = re.sub(r"<(script|style)\b.*?</\1\s*>", "", notes, flags=re.DOTALL | re.IGNORECASE)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"</(p|h\d|li|div|tr)\s*>|<br\s*/?>", "\n", text)
    lines = unescape(re.sub(r"<[^>]*>", "", text)).split("\n")
    return "\n".join(line.strip() for line in lines if line.strip())


def _quantities(model: Model, printed: Printed) -> list[dict[str, Any]]:
    values = values_at_start(model.sbml, model.changes)
    given = values_at_start(model.sbml, {})
    kind_of = _kinds(model)
    known = provenance_ranges(model) if model.name in shipped_models() else {}
    found = []
    for name in printed.outputs:
        key = amount(model.amount_columns[name]) if name in model.amount_columns else name
        quantity = model.quantities.get(name)
        told = {
            "id": name,
            "name": column_name(model, name),
            "unit": model.unit(name),
            "kind": kind_of(name),
            "value": _number(values[key]),
            "default": _number(given[key]),
            "settable": quantity is not None and quantity.settable,
        }
        if quantity is not None and quantity.settable:
            low, high = known.get(name) or _ends(model, quantity, values[key])
            least, above = model.domain(name)
            told |= {"low": low, "high": high, "least": _number(least), "above": above}
        found.append(told)
    return found


def _kinds(model: Model) -> Callable[[str], str]:
    equations = read_equations(model.sbml)
    states = {species_of(name) for name in equations.states}

    def kind(name: str) -> str:
        if name in equations.fluxes:
            return "rate"
        if name in states or name in model.amount_columns:
            return "state"
        return "rule" if name in equations.rules else "constant"

    return kind


def _ends(model: Model, quantity: Quantity, value: float) -> tuple[float, float]:
    """Return the ends of a slider of which no range is known."""
    low, _ = model.domain(quantity.id)
    if not math.isfinite(value) or value == 0:
        return (low, low + 1.0) if math.isfinite(low) else (-1.0, 1.0)
    factor = NARROW if quantity.unit in NARROW_UNITS else FACTOR
    ends = sorted((value / factor, value * factor))
    return max(ends[0], low), ends[1]


def _engine(model: Model, printed: Printed) -> dict[str, Any]:
    """Return what the solver needs, by name."""
    equations, structure = read_equations(model.sbml), printed.structure
    base = {**equations.values, **model.changes}
    return {
        "inputs": list(printed.inputs),
        "given": [_number(base.get(name, math.nan)) for name in printed.inputs],
        "states": list(printed.states),
        "constants": list(printed.constants),
        "velocities": list(printed.velocities),
        "independent": structure.independent.tolist(),
        "stoichiometry": _entries(structure.stoichiometry),
        "link": _entries(structure.link),
        "conserved": _entries(structure.conserved),
        "positive": [model.domain(species_of(name))[0] == 0.0 for name in printed.states],
        "rated": [name in equations.rate_rules for name in printed.states],
        "hoisted": printed.hoisted,
        "targets": _targets(model, printed),
        "standing": not equations.depends_on_time,
        "branches": equations.has_branches,
        "breaks": list(printed.breaks),
        "curved": printed.curved,
        "events": [list(each) for each in printed.events],
        "checked": [[name, model.domain(name)[0]] for name in computed_starts(model)],
        "direct": _is_shipped_cell(model),
    }


def _is_shipped_cell(model: Model) -> bool:
    """Whether tests compare Newton's method with courses at random points of this model."""
    return model.name in about().index and load_model(model.name).sbml == model.sbml


def _targets(model: Model, printed: Printed) -> dict[str, list[Any]]:
    """Return what can be set during a course: a place among constants or states, and the size.

    The size is the id of the compartment by which a concentration is an amount, or None.
    """
    places = {name: ("c", i) for i, name in enumerate(printed.constants)}
    places |= {name: ("x", i) for i, name in enumerate(printed.states)}
    found: dict[str, list[Any]] = {}
    for name, quantity in read_quantities(model.sbml).items():
        if name in places:
            found[name] = [*places[name], None]
        elif amount(name) in places:
            size = None if quantity.is_amount else quantity.compartment
            found[name] = [*places[amount(name)], size]
    return found


def _entries(matrix: np.ndarray) -> list[list[float]]:
    """Return what is not zero in a matrix: row, column, value."""
    rows, columns = np.nonzero(matrix)
    return [[int(i), int(j), float(matrix[i, j])] for i, j in zip(rows, columns, strict=True)]


def _number(value: float) -> float | None:
    """Return a number that JSON has, or None."""
    return float(value) if math.isfinite(value) else None
