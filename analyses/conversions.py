"""Tables as other libraries know them: quantities of pint, labelled arrays of xarray."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from transport_model.columns import units_of
from transport_model.errors import InputError, UnknownIdError
from transport_model.units import pint_unit

if TYPE_CHECKING:
    import pint
    import xarray  # pyright: ignore[reportMissingImports]


def to_pint(table: pd.DataFrame) -> dict[str, pint.Quantity[Any]]:
    """Return the columns of numbers of a table as arrays with units.

    They belong to pint's application registry, as ``pint.Quantity(5, "mM")`` does.

    Parameters
    ----------
    table
        A result with units in ``attrs["units"]``. What has no unit is dimensionless.

    Returns
    -------
    dict of str to pint.Quantity
        By column; the index too, where it has a name and is of numbers, such as ``time``.

    Raises
    ------
    InputError
        It is no table, or pint does not know a unit.
    """
    _check_table(table)
    units = units_of(table)
    flat = table.reset_index() if table.index.name else table
    return {
        str(name): flat[name].to_numpy(dtype=float) * pint_unit(units.get(str(name), ""))
        for name in flat.select_dtypes("number")
    }


def to_xarray(table: pd.DataFrame, dims: Sequence[str] | None = None) -> xarray.Dataset:
    """Return a table as labelled arrays: a dimension for each quantity that varies.

    Parameters
    ----------
    table
        A result with units in ``attrs["units"]``.
    dims
        Columns that the dimensions are made of: what a grid varies, as in ``["Glc_o", "P_Na"]``.
        By default the index, the time of a course.

    Returns
    -------
    xarray.Dataset
        A variable for every other column; units in the attribute ``units`` of each.

    Raises
    ------
    UnknownIdError
        A dimension is no column of the table.
    InputError
        It is no table, or no grid of these dimensions; or xarray is not installed.
    """
    try:
        import xarray  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise InputError(
            "xarray is not installed; pip install 'transport-model[xarray]' brings it"
        ) from None
    _check_table(table)
    units = units_of(table)
    if dims is not None:
        table = _on_grid(table, dims)
    elif not table.index.is_unique:
        raise InputError("the index holds some values twice, such as the time of a jump; drop one"
                         " of each, as in table[~table.index.duplicated()]")  # fmt: skip
    data = xarray.Dataset.from_dataframe(table)
    for name, variable in data.variables.items():
        if units.get(str(name)):
            variable.attrs["units"] = units[str(name)]
    return data


def _check_table(table: object) -> None:
    if not isinstance(table, pd.DataFrame):
        raise InputError(f"needs a table, not {type(table).__name__}")


def _on_grid(table: pd.DataFrame, dims: Sequence[str]) -> pd.DataFrame:
    if isinstance(dims, str) or not dims:
        raise InputError(f"dims is a list of columns' names, not {dims!r:.40}")
    known = [str(name) for name in table.columns]
    for name in dims:
        if name not in known:
            raise UnknownIdError.of(str(name), known, "the table")
    counts = [table[name].nunique() for name in dims]
    if math.prod(counts) != len(table) or table.duplicated(list(dims)).any():
        size = " × ".join(map(str, counts))
        raise InputError(f"the table is no grid of {', '.join(dims)}: {size} values, {len(table)}"
                         " rows; name everything that varies")  # fmt: skip
    return table.set_index(list(dims))
