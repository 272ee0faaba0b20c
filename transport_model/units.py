"""Units of numbers that people write: read and converted by pint."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from transport_model.errors import InputError

if TYPE_CHECKING:
    import pint


@cache
def _registry() -> pint.UnitRegistry:
    import pint  # 0.3 s, and only needed where people write units

    return pint.UnitRegistry(autoconvert_offset_to_baseunit=True)


@cache
def conversion(unit: str, to: str) -> tuple[float, float]:
    """Return factor and offset that turn a number in `unit` into one in `to`.

    Raises
    ------
    InputError
        A unit is not known, or the two do not measure the same.
    """
    import pint

    registry = _registry()
    ends = []
    for number in (0.0, 1.0):
        try:
            ends.append(registry.Quantity(number, _spelled(unit)).to(_spelled(to)).magnitude)
        except pint.DimensionalityError:
            raise InputError(f"the unit '{unit}' does not convert to '{to}'") from None
        except (pint.errors.PintError, ValueError, TypeError, SyntaxError, AttributeError):
            needed = f"needed is one that converts to '{to}'"
            raise InputError(f"'{unit}' is not a unit ({needed})") from None
    return float(ends[1] - ends[0]), float(ends[0])


def converted(number: float, unit: str, to: str) -> float:
    """Return a number in `unit` as one in `to`.

    Raises
    ------
    InputError
        As :func:`conversion`.
    """
    if unit == to:
        return float(number)
    factor, offset = conversion(unit, to)
    return factor * float(number) + offset


def _spelled(unit: str) -> str:
    """Spell a unit as pint reads it: a bare number is no unit, nor is an empty text."""
    text = unit.strip().replace("·", "*").replace("−", "-")
    return "dimensionless" if text in {"1", ""} else text
