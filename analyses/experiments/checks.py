"""Checks: what a protocol demands of its measures, as a condition or as an effect in a window."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from transport_model.errors import InputError, UnknownIdError
from transport_model.mathematics.formulas import Formula, read_formula
from transport_model.units import conversion, split_quantity

from .strict_yaml import Node

#: Units of a pure number.
_PURE = ("", "1", "%")


@dataclass(frozen=True)
class Window:
    """Where the size of an effect is expected.

    Attributes
    ----------
    low, high
        Its ends, in `unit`.
    unit
        As the file has it; empty or ``%`` for a pure number.
    scale
        What a number in the measures' unit is multiplied by to be one in `unit`.
    """

    low: float
    high: float
    unit: str
    scale: float

    def __str__(self) -> str:
        unit = f" {self.unit}" if self.unit not in {"", "1"} else ""
        return f"{self.low:g} to {self.high:g}{unit}"


@dataclass(frozen=True)
class Check:
    """A condition over measures, or an effect and its window.

    Attributes
    ----------
    formula
        True or false; the size of the effect where there is a window.
    meaning
        What it says about the claim.
    window
        None for a condition.
    why
        What the window rests on.
    """

    formula: Formula
    meaning: str = ""
    window: Window | None = None
    why: str = ""

    def judged(
        self, values: Mapping[str, float], units: Mapping[str, str]
    ) -> dict[str, str | float | bool]:
        """Return a row of the table of checks; a check of what has no value does not hold.

        Parameters
        ----------
        values, units
            Of the measures, by name.
        """
        names = self.formula.names
        known = all(np.isfinite(values[name]) for name in names)
        found = self.formula(values) if known else math.nan
        that, effect, holds = self.formula.text, math.nan, known and bool(found)
        told = ", ".join(f"{name} = {_told(values[name], units[name])}" for name in names)
        window = self.window
        if window is not None:
            that = f"{self.formula.text}: {window}"
            effect = window.scale * float(found)
            holds = window.low <= effect <= window.high
            if not self.formula.is_name:
                told = f"{_told(effect, window.unit)}, from {told}"
        return {
            "that": that,
            "meaning": self.meaning,
            "why": self.why,
            "values": told,
            "effect": effect,
            "low": window.low if window else math.nan,
            "high": window.high if window else math.nan,
            "unit": window.unit if window else "",
            "holds": holds,
        }


#: Columns of the table of checks.
COLUMNS = ("that", "meaning", "why", "values", "effect", "low", "high", "unit", "holds")


def _told(value: float, unit: str) -> str:
    return f"{value:.4g}" + (f" {unit}" if unit not in {"", "1"} else "")


def read_checks(node: Node, units: Mapping[str, str]) -> tuple[Check, ...]:
    """Read the checks of a protocol.

    Parameters
    ----------
    node
        The list of them.
    units
        Of the measures, by name.
    """
    return tuple(_check(item, units) for item in node.items("'checks' holds conditions over the"
                                                            " measures"))  # fmt: skip


def _check(node: Node, units: Mapping[str, str]) -> Check:
    example = (
        "a check is such as {that: fall < 5, meaning: …} or {effect: fall, within: [3 mV, 5 mV]}"
    )
    entries = node.keyed(example, ("that", "effect", "within", "meaning", "why"))
    if "effect" not in entries:
        node.keyed("a condition", ("that", "meaning", "why"), ("that",))
    else:
        node.keyed("an effect", ("effect", "within", "meaning", "why"), ("within",))
    text = entries.get("that", entries.get("effect", node))
    try:
        formula = read_formula(text.text("a formula over the measures"))
    except InputError as error:
        raise text.error(str(error)) from None
    if "that" in entries and not formula.is_condition:
        raise text.error(f"a check is true or false, as 'fall < 5' is; '{formula.text}' is not:"
                         " give it as 'effect: …' with 'within: …'")  # fmt: skip
    if "effect" in entries and formula.is_condition:
        raise text.error(f"an effect is a number, but '{formula.text}' is true or false")
    for name in formula.names:
        if name not in units:
            raise text.error(str(UnknownIdError.of(name, units, "the measures")))
    if not formula.names:
        raise text.error(f"'{formula.text}' holds whatever is measured; name a measure")
    return Check(
        formula,
        entries["meaning"].text("what it means") if "meaning" in entries else "",
        _window(entries["within"], formula, units) if "within" in entries else None,
        " ".join(entries["why"].text("a reason").split()) if "why" in entries else "",
    )


def _window(node: Node, formula: Formula, units: Mapping[str, str]) -> Window:
    """Read both ends of a window, in one unit.

    One of a pure number, such as a ratio of measures, is without unit or in %; one with a unit is
    of a measure, or of a sum of measures that share theirs.
    """
    example = "a window is such as [3 mV, 5 mV]"
    ends = node.items(example)
    if len(ends) != 2:
        raise node.error(f"{example}; this has {len(ends)}")
    try:
        (low, unit), (high, other) = (split_quantity(end.text(example)) for end in ends)
    except InputError as error:
        raise node.error(str(error)) from None
    if unit != other:
        raise node.error(f"both ends of a window have one unit, not '{unit}' and '{other}'")
    if low >= high:
        raise node.error("the lower end of a window comes first")
    shared = {units[name] for name in formula.names}
    if formula.is_name or unit not in _PURE:
        if len(shared) > 1:
            made = " and ".join(sorted(shared))
            raise node.error(f"'{formula.text}' is made of measures in {made}; its window is of a"
                             " pure number")  # fmt: skip
        native = next(iter(shared))
    else:
        native = "1"
    if not unit and native not in _PURE:
        raise node.error(f"the unit of the window is missing (needed is one that converts to"
                         f" '{native}')")  # fmt: skip
    try:
        scale, _ = conversion(native or "1", unit or "1")
    except InputError as error:
        raise node.error(str(error)) from None
    return Window(low, high, unit, scale)
