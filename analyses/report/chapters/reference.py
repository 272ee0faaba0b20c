"""What every report ends with: equations, parameters, provenance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from transport_model import Model
from transport_model.catalogue import provenance as known_sources
from transport_model.mathematics.equation_list import HEADINGS, EquationKind
from transport_model.references import full_citation, keys_in, origin, references

from ..chapter import Chapter
from ..equations import equation_table

#: What is known of a shipped parameter, and which of it is text.
_KNOWN, _TEXTS = ["source", "reference", "low", "high", "note"], ["source", "reference", "note"]


@dataclass(frozen=True)
class Equations:
    """Rows of :func:`equation_table`, and the headings of their kinds in order."""

    rows: list[dict[str, str]]
    headings: Mapping[EquationKind, str]


def equations(model: Model) -> Chapter[Equations]:
    """Return all equations of a model.

    Raises
    ------
    UnsupportedModelError
        The model's mathematics has no symbolic form.
    """
    facts = Equations(equation_table(model), HEADINGS)
    return Chapter("equations", "Equations", "equations", facts)


@dataclass(frozen=True)
class Parameters:
    """Whether the table says where values come from."""

    sourced: bool


def parameters(model: Model, *, sourced: bool) -> Chapter[Parameters]:
    """Return what is known of a model's parameters.

    Parameters
    ----------
    model
        The model.
    sourced
        Whether the shipped sources and ranges are those of this model's ids.
    """
    species = model.species
    fixed = species[(species["kind"] == "boundary") & species["value"].notna()]
    table = pd.concat([model.parameters, fixed[["value", "unit", "name"]]]).rename_axis("id")
    if sourced:
        known = known_sources(model.name)
        told = [origin(*row) for row in known[["source", "reference"]].itertuples(index=False)]
        table = table.join(known.assign(source=told)[_KNOWN])
        table[_TEXTS] = table[_TEXTS].fillna("")
    return Chapter("parameters", "Parameters", "parameters", Parameters(sourced),
                   {"parameters": table})  # fmt: skip


def cited(*tables: pd.DataFrame) -> Chapter[list[str]]:
    """Return what the tables of a report refer to in their column `reference`, in full."""
    named = {key for table in tables for text in table["reference"] for key in keys_in(text, "")}
    facts = [full_citation(key) for key in references() if key in named]
    return Chapter("references", "References", "references", facts)


def provenance(record: Mapping[str, Any]) -> Chapter[Mapping[str, Any]]:
    """Return how a report was computed, from the record that lies beside it."""
    return Chapter("provenance", "Provenance", "provenance", record)
