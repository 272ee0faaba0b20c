"""Units: as an SBML model defines them, as people write them, and converted by pint."""

from __future__ import annotations

import math
import re
import tokenize
from functools import cache
from typing import TYPE_CHECKING, Any

from transport_model.errors import InputError

if TYPE_CHECKING:
    import libsbml
    import pint


@cache
def _registry() -> pint.UnitRegistry:
    import pint  # 0.3 s, and only needed where people write units

    return pint.UnitRegistry(autoconvert_offset_to_baseunit=True)


#: What pint raises at texts that are no units; its own errors are among these kinds.
_NOT_A_UNIT = (tokenize.TokenError, ArithmeticError, AssertionError, AttributeError, LookupError,
               RecursionError, SyntaxError, TypeError, ValueError)  # fmt: skip


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
    if len(unit) > _LONGEST or _POWER_OF_POWER.search(unit):
        raise InputError(f"'{unit}' is not a unit (needed is one that converts to '{to}')")
    for number in (0.0, 1.0):
        try:
            ends.append(registry.Quantity(number, _spelled(unit)).to(_spelled(to)).magnitude)
        except pint.DimensionalityError:
            raise InputError(f"the unit '{unit}' does not convert to '{to}'") from None
        except _NOT_A_UNIT:
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


def pint_unit(unit: str) -> Any:
    """Return a unit as a quantity of pint's application registry: one of it.

    Raises
    ------
    InputError
        pint does not know it.
    """
    import pint

    if len(unit) > _LONGEST or _POWER_OF_POWER.search(unit):
        raise InputError(f"pint knows no unit '{unit}'")
    try:
        return pint.get_application_registry().parse_expression(_spelled(unit))
    except _NOT_A_UNIT:
        raise InputError(f"pint knows no unit '{unit}'") from None


_NUMBER = r"[-+−]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+−]?\d+)?"
_QUANTITY = re.compile(rf"\s*({_NUMBER})\s*(.*?)\s*")


def split_quantity(text: str) -> tuple[float, str]:
    """Return the number and the unit of a text such as ``5 mM`` or ``37degC``.

    The unit may be empty.

    Raises
    ------
    InputError
        It does not begin with a number.
    """
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise InputError(f"'{text}' is not a number, with or without a unit")
    return float(match[1].replace("−", "-")), match[2]


def read_quantity(text: str, unit: str) -> float:
    """Return a number as one in `unit`; written alone, it already is.

    Parameters
    ----------
    text
        ``5``, ``5 mM``, ``37 degC``.
    unit
        The unit that is wanted; empty where none is known.

    Raises
    ------
    InputError
        The text begins with no number, its unit is unknown or does not convert.
    """
    number, own = split_quantity(text)
    if not own:
        return number
    if not unit:
        raise InputError(
            f"'{text}': the model gives no unit here; write the number without '{own}'"
        )
    return converted(number, own, unit)


#: Longest text that is a unit.
_LONGEST = 100
#: What would take for ever to compute: a power of a power, or one of three digits.
_POWER_OF_POWER = re.compile(r"(\*\*|\^).*(\*\*|\^)\s*[-+(]*\d.*(\*\*|\^)|(\*\*|\^)\s*[-+( ]*\d{3}")


def _spelled(unit: str) -> str:
    """Spell a unit as pint reads it: a bare number is no unit, nor is an empty text."""
    text = unit.strip().replace("·", "*").replace("−", "-")
    return "dimensionless" if text in {"1", ""} else text


_PREFIX = {-15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k"}
_TIMES = {60.0: "min", 3600.0: "h", 86400.0: "d"}
_SYMBOL = {
    "mole": "mol", "litre": "L", "second": "s", "metre": "m", "gram": "g", "kilogram": "kg",
    "volt": "V", "farad": "F", "joule": "J", "kelvin": "K", "coulomb": "C", "ampere": "A",
    "dimensionless": "1", "item": "item", "siemens": "S", "hertz": "Hz",
}  # fmt: skip


def unit_text(model: libsbml.Model, unit: str) -> str:
    """Return a unit as people write it: ``mM``, ``fmol/s``, ``kJ/mol``; empty if none is given."""
    if not unit:
        return ""
    import libsbml

    definition = model.getUnitDefinition(unit)
    if definition is None:
        return _SYMBOL.get(unit, unit)
    above: list[str] = []
    below: list[str] = []
    for part in definition.getListOfUnits():
        kind = libsbml.UnitKind_toString(part.getKind())
        scale, multiplier = part.getScale(), part.getMultiplier()
        exponent = part.getExponentAsDouble()
        if multiplier != 1 and multiplier > 0 and math.log10(multiplier).is_integer():
            scale, multiplier = scale + int(math.log10(multiplier)), 1
        if kind == "dimensionless" and multiplier == 1 and scale == 0:
            continue
        text = _PREFIX.get(scale, f"1e{scale} ") + _SYMBOL.get(kind, kind)
        if kind == "second" and multiplier * 10.0**scale in _TIMES:
            text, multiplier = _TIMES[multiplier * 10.0**scale], 1
        if multiplier != 1:
            text = f"{multiplier:g} {text}"
        power = abs(exponent)
        (above if exponent > 0 else below).append(
            text if power == 1 else f"{text}{_superscript(power)}"
        )
    return _molar("·".join(above) or "1", below)


def _molar(above: str, below: list[str]) -> str:
    text = above if not below else f"{above}/{below[0]}" + "".join(f"/{unit}" for unit in below[1:])
    return {"mmol/L": "mM", "fmol/pL": "mM", "L/mmol/s": "1/(mM·s)",
            "L²/mmol²/s": "1/(mM²·s)", "J/mol/K": "J/(mol·K)", "pL/s·L/mmol": "pL/(s·mM)",
            "pL·L/s/mmol": "pL/(s·mM)"}.get(text, text)  # fmt: skip


def _superscript(power: float) -> str:
    if power.is_integer():
        return str(int(power)).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"^{power:g}"


def concentration_unit(substance: str, volume: str) -> str:
    """Return the unit of a concentration, or an empty string if either part is unknown."""
    return _molar(substance, [volume]) if substance and volume else ""


def per_unit(above: str, below: str) -> str:
    """Return a ratio of units, or an empty string if either part is unknown."""
    if below == "1":
        return above
    return f"{above}/{below}" if above and below else ""


def si_powers(definition: libsbml.UnitDefinition) -> tuple[dict[str, float], float]:
    """Return the powers of SI's base units in a unit, and its size in these as a power of ten."""
    import libsbml

    si = libsbml.UnitDefinition.convertToSI(definition)  # kept: libSBML frees what has no name
    powers: dict[str, float] = {}
    size = 0.0
    for unit in si.getListOfUnits():
        exponent = unit.getExponentAsDouble()
        many = unit.getMultiplier()  # of none, or fewer, no power of ten is the size
        size += exponent * (math.log10(many) + unit.getScale() if many > 0 else math.nan)
        kind = libsbml.UnitKind_toString(unit.getKind())
        powers[kind] = powers.get(kind, 0.0) + exponent
    powers.pop("dimensionless", None)
    return {kind: power for kind, power in powers.items() if power}, size


def unit_id(model: libsbml.Model, unit: libsbml.UnitDefinition, wanted: str) -> str:
    """Return the id of a model's unit definition that says the same, added if there is none.

    `wanted` is the id that it gets then, with underscores behind where another unit has it.
    """
    import libsbml

    for known in model.getListOfUnitDefinitions():
        if libsbml.UnitDefinition.areIdentical(known, unit):
            return known.getId()
    while model.getUnitDefinition(wanted) is not None:
        wanted += "_"
    added = model.createUnitDefinition()
    added.setId(wanted)
    for index in range(unit.getNumUnits()):
        added.addUnit(unit.getUnit(index))
    return wanted
