"""What every report ends with: equations, parameters, provenance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from transport_model import Model
from transport_model.catalogue import provenance as known_sources
from transport_model.columns import column_name
from transport_model.references import origin

from ..chapter import Chapter
from ..equations import Part, SymbolPrinter, printed_equations

#: What is known of a shipped parameter, and which of it is text.
_KNOWN, _TEXTS = ["source", "reference", "low", "high", "note"], ["source", "reference", "note"]


@dataclass(frozen=True)
class Equations:
    """Equations under their headings, and the symbols in them: ``id``, ``mathml``, name, unit."""

    parts: tuple[Part, ...]
    symbols: list[dict[str, str]]


def equations(model: Model) -> Chapter[Equations]:
    """Return all equations of a model, and a table of its symbols.

    Raises
    ------
    UnsupportedModelError
        The model's mathematics has no symbolic form.
    """
    write = SymbolPrinter(model)
    rows = [
        {"id": name, "symbol": str(symbol), "name": column_name(model, name),
         "unit": model.unit(name), "mathml": f"<math>{write.symbol(symbol)}</math>"}
        for name, symbol in write.symbols.items()
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["id", "symbol", "name", "unit"]).set_index("id")
    facts = Equations(printed_equations(model), rows)
    return Chapter("equations", "Equations", "equations", facts, {"symbols": table})


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
    moved = [name for name in species.index if model.quantities[name].computed == "rate rule"]
    fixed = species[(species["kind"] == "boundary") & species["value"].notna()]
    fixed = fixed.drop(index=moved, errors="ignore")
    table = pd.concat([model.parameters, fixed[["value", "unit", "name"]]]).rename_axis("id")
    if sourced:
        known = known_sources(model.name)
        told = [origin(*row) for row in known[["source", "reference"]].itertuples(index=False)]
        table = table.join(known.assign(source=told)[_KNOWN])
        table[_TEXTS] = table[_TEXTS].fillna("")
    return Chapter("parameters", "Parameters", "parameters", Parameters(sourced),
                   {"parameters": table})  # fmt: skip


def cited() -> Chapter[None]:
    """Return the list of references; a page numbers what its chapters name."""
    return Chapter("references", "References", "references", None)


@dataclass(frozen=True)
class Provenance:
    """How a report was computed, line by line, and what the columns of its data are."""

    lines: tuple[tuple[str, str], ...]
    columns: list[dict[str, str]]


def provenance(record: Mapping[str, Any], columns: list[dict[str, str]]) -> Chapter[Provenance]:
    """Return how a report was computed, from the record that lies beside it."""
    told = record["tolerances"]
    versions = ", ".join(f"{name} {v or 'not installed'}" for name, v in record["versions"].items())
    lines = [
        ("model", f"{record['model']}, SHA-256 {record['model_sha256']}"),
        ("changes", ", ".join(f"{name} = {v:.10g}" for name, v in record["changes"].items())
                    or "none"),
        ("computed", f"{record['created']}, Python {record['python']}"),
        ("software", versions),
        ("random numbers", f"NumPy PCG64, seed {record['seed']}" if record["seed"] is not None
                           else "seeds stand with the studies that draw them"),
        ("time courses", f"CVODE, relative tolerance {told['course_relative']:.0e}, absolute"
                         f" {told['course_absolute_share_of_start']:.0e} of each starting amount"),
        ("steady states", f"relative imbalance at most {told['steady_state_imbalance']:.0e}, drift"
                          f" of conserved sums at most {told['steady_state_drift']:.0e}"),
    ]  # fmt: skip
    facts = Provenance(tuple(lines), columns)
    return Chapter("provenance", "Provenance and how to cite", "provenance", facts)
