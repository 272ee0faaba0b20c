"""What the columns of results are: their names in words and their units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from transport_model.model import Model
from transport_model.quantities import reaction_names

if TYPE_CHECKING:
    import pandas as pd

#: Key of ``DataFrame.attrs`` under which a table holds the units of its columns, by name.
UNITS = "units"


def with_units(table: pd.DataFrame, units: Mapping[str, str]) -> pd.DataFrame:
    """Return a table that says the units of its columns in ``table.attrs["units"]``."""
    table.attrs[UNITS] = dict(units)
    return table


def units_of(table: pd.DataFrame) -> dict[str, str]:
    """Return the units of a table's columns, by name, as far as it says them."""
    return dict(table.attrs.get(UNITS, {}))


def column_units(model: Model, columns: Iterable[object]) -> dict[str, str]:
    """Return the units of columns of a result, by name; those that have none are left out."""
    units = {str(column): model.unit(str(column)) for column in columns}
    return {column: unit for column, unit in units.items() if unit}


def column_name(model: Model, column: str) -> str:
    """Return what a column of a result is in words, or an empty text where the model says nothing.

    Parameters
    ----------
    model
        The model of the result.
    column
        A quantity, an amount ``n_<id>`` or a reaction.

    Returns
    -------
    str
        As in ``membrane potential, inside minus outside``.
    """
    quantity = model.quantities.get(column)
    if quantity is not None:
        return quantity.name
    if column in model.amount_columns:
        species = model.amount_columns[column]
        return f"amount of {model.quantities[species].name or species}"
    return reaction_names(model.sbml).get(column, "")
