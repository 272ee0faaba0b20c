"""The transporters of a cell as models of their own."""

from __future__ import annotations

from dataclasses import dataclass

from transport_model import Model, load_model
from transport_model.catalogue import variants


@dataclass(frozen=True)
class Assays:
    """The transporters of a cell as models of their own; None where there is none."""

    pump: Model
    symporter: Model | None


def assays_of(cell: Model) -> Assays:
    """Return the assays of a shipped cell's pump and symporter.

    Parameters
    ----------
    cell
        Its name says which; a model that is no shipped variant is taken to have the default ones.

    Returns
    -------
    Assays
        ``pump_assay`` with the cell's pump; ``oocyte`` where the symporter is SGLT1.
    """
    own = variants()[variants()["file"] == cell.name]
    pump = str(own["pump"].iloc[0]) if len(own) else None
    symporter = str(own["symporter"].iloc[0]) if len(own) else "sglt1"
    return Assays(
        load_model("pump_assay", pump=pump),
        load_model("oocyte") if symporter == "sglt1" else None,
    )
