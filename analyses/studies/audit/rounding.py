"""Constants that were printed with few digits, and what that leaves open of a cycle's product."""

from __future__ import annotations

import math
from collections.abc import Mapping

from transport_model import Model
from transport_model.errors import InputError, UnknownIdError


def half_units(model: Model, digits: Mapping[str, int]) -> dict[str, float]:
    """Return by how much each constant may differ from its value in print.

    That is half a unit in its last digit: 5e4 for 1.8e6, which has two.

    Parameters
    ----------
    model
        The model that they are constants of.
    digits
        Significant digits, by id. What is not there, and zero, is exact.

    Returns
    -------
    dict
        By id, in model units.

    Raises
    ------
    UnknownIdError
        An id names nothing in the model.
    InputError
        A number of digits is no whole number from one.
    """
    halves = {}
    for name, count in digits.items():
        if name not in model.quantities:
            raise UnknownIdError.of(name, model.quantities, f"model '{model.name}'")
        if isinstance(count, bool) or count != int(count) or count < 1:
            raise InputError(f"'{name}' needs a whole number of digits from 1, not {count!r:.40}")
        if value := abs(model.quantities[name].value):
            halves[name] = 0.5 * 10.0 ** (math.floor(math.log10(value)) + 1 - int(count))
    return halves
