"""The membranes of a model: what sets their potentials, and what it costs to carry charge in."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from transport_model import Model
from transport_model.constants import FARADAY, GAS

from ..chemistry import Chemistry

Columns = dict[str, np.ndarray]


@dataclass(frozen=True)
class Membrane:
    """A membrane: what sets its potential, and how large it is.

    ``control``, the potential itself or the charge on its outer face, is the quantity that sets it,
    if any does, to ``at_zero`` plus ``per_mv`` for each mV; ``present`` is the potential [mV] as
    the model stands. ``thermal`` is RT/F [mV], infinite in a model without a potential; ``name`` is
    what it is called; ``why`` tells what is unknown (NaN) or why nothing sets it.
    """

    name: str
    control: str
    at_zero: float
    per_mv: float
    present: float
    thermal: float
    why: str

    @property
    def is_set(self) -> bool:
        """Whether it is what it is set to, whatever the species' levels."""
        return bool(self.control) or math.isinf(self.thermal)

    def some(self, several: np.ndarray) -> np.ndarray:
        """Return those of `several` potentials [mV] that can be set and measured in RT/F.

        In place of others, zero if it can be set, and the present one if not.
        """
        other = 0.0 if self.control else self.present
        return several if self.control and not math.isnan(self.thermal) else 0 * several + other

    def text(self, volts: Iterable[float]) -> str:
        """Return potentials in words."""
        if not self.control:
            none = math.isinf(self.thermal)
            return "no membrane potential" if none else f"{self.name} as the model has it"
        values = list(dict.fromkeys(f"{v:g}" for v in volts))
        few = " and ".join(filter(None, (", ".join(values[:-1]), values[-1])))
        return f"{self.name} = {few} mV" if len(values) < 4 else f"{self.name} -150 to 100 mV"


@dataclass(frozen=True)
class Membranes:
    """All membranes of a model, by the charge on them; ``energy`` is RT [kJ/mol].

    Potentials [mV] are given in rows, one for each membrane.
    """

    members: Mapping[str, Membrane]
    energy: float

    @property
    def exist(self) -> bool:
        """Whether there is a potential at all."""
        return any(not math.isinf(one.thermal) for one in self.members.values())

    @property
    def controlled(self) -> bool:
        """Whether every potential can be set."""
        return all(one.control for one in self.members.values())

    @property
    def are_set(self) -> bool:
        """Whether they are what they are set to, whatever the species' levels."""
        return all(one.is_set for one in self.members.values())

    @property
    def why(self) -> str:
        """What is unknown of one of them, or nothing."""
        return next((one.why for one in self.members.values() if one.why), "")

    def columns(self, volts: np.ndarray) -> Columns:
        """Return what to set for potentials."""
        return {one.control: one.at_zero + one.per_mv * row
                for one, row in zip(self.members.values(), volts, strict=True)
                if one.control}  # fmt: skip

    def work(self, moved: Mapping[str, Any], volts: np.ndarray) -> np.ndarray:
        """Return the electrical work of carrying charge in through membranes, in units of RT.

        NaN where a potential is unknown, unless it is zero.
        """
        total = np.zeros(volts.shape[1])
        for (face, one), row in zip(self.members.items(), volts, strict=True):
            if z := float(moved.get(face, 0)):
                total = total + z * np.where(row == 0, 0.0, row / one.thermal)
        return total

    def some(self, volts: np.ndarray) -> np.ndarray:
        """Return potentials that can be set, as :meth:`Membrane.some`."""
        each = zip(self.members.values(), volts, strict=True)
        return np.array([one.some(row) for one, row in each])

    def at(self, several: tuple[float, ...]) -> np.ndarray:
        """Return given potentials that can be set; after the first, each has its own order."""
        rows = [(several[0], *np.roll(several[1:], turn)) for turn in range(len(self.members))]
        return self.some(np.array(rows))

    def text(self, volts: np.ndarray) -> str:
        """Return potentials in words."""
        each = zip(self.members.values(), volts, strict=True)
        return "; ".join(one.text(row) for one, row in each)


def read_membranes(
    model: Model, chemistry: Chemistry, start: Mapping[str, float],
    at: Callable[[Mapping[str, Any], int], Mapping[str, np.ndarray]],
) -> Membranes:  # fmt: skip
    """Find the potentials of a model's membranes.

    Parameters
    ----------
    model
        Any model.
    chemistry
        What its annotations say.
    start
        Everything as the model stands.
    at
        Evaluates everything at so many states, in which some columns are set.
    """
    items = model.quantities
    warm = [n for n, q in items.items() if q.unit == "K" or (n == "T" and 250 < q.value < 350)]
    warm = ["T"] if "T" in warm else warm
    kelvin = start[warm[0]] if len(warm) == 1 else math.nan
    energy = kelvin * _own(start, "R", GAS) / 1e3
    thermal = energy / _own(start, "F", FARADAY) * 1e6
    volts = [name for name, item in items.items() if item.unit in {"V", "mV"}]
    named = [name for name in volts if "membrane potential" in items[name].name.lower()]
    names = dict.fromkeys(chemistry.membranes, "") | dict(chemistry.potentials)
    if len(names) == 1 and len(named) == 1 and not chemistry.potentials:
        names = dict.fromkeys(names, named[0])
    why = "" if len(warm) == 1 else "the temperature is unknown (no T)"
    members = {}
    for face, name in names.items():
        if not name:
            of = f" of {face}" if face and len(names) > 1 else ""
            unknown = f"which of {', '.join(volts)} is the membrane potential{of} is unknown"
            unknown += " (no V_m)" if len(names) == 1 else ""
            known = (math.nan, math.nan, unknown) if volts else (0.0, math.inf, "")
            shown = "V_m" if len(names) == 1 else f"the potential of {face}"
            members[face] = Membrane(shown, "", 0.0, 0.0, *known)
        else:
            shown = "V_m" if len(names) == 1 else name
            members[face] = _membrane(model, name, shown, face, thermal, why, start, at)
    return Membranes(members, energy)


def _membrane(
    model: Model, name: str, shown: str, face: str, thermal: float, why: str,
    start: Mapping[str, float], at: Callable[[Mapping[str, Any], int], Mapping[str, np.ndarray]],
) -> Membrane:  # fmt: skip
    """Return the membrane of a potential: set as it is, or by the charge on its face."""
    items = model.quantities
    unit = {"mV": 1.0, "V": 1e-3}.get(items[name].unit, math.nan)
    why = f"the unit of {name} is unknown" if math.isnan(unit) else why
    present = start[name] / unit if start[name] else 0.0
    if items[name].computed != "rule":
        scale = 1.0 if math.isnan(unit) else unit  # which zero does not need
        return Membrane(shown, name, 0.0, scale, present, thermal * unit / scale, why)
    if face and items[face].computed != "rule":
        first, second, third = (at({face: [0.0, 1.0, 2.0]}, 3)[name] / unit).tolist()
        rise = second - first
        if rise and abs(third - second - rise) <= 1e-9 * abs(rise):
            return Membrane(shown, face, -first / rise, 1 / rise, present, thermal, why)
    return Membrane(shown, "", 0.0, 0.0, present, thermal, why or f"nothing sets {name} alone")


def _own(start: Mapping[str, float], name: str, constant: float) -> float:
    """Return the model's own digits of a physical constant, whatever its unit's power of ten."""
    digits = start.get(name, math.nan) / constant
    digits /= 10.0 ** round(math.log10(digits)) if 0 < digits < math.inf else 1.0
    return constant * digits if abs(digits - 1) < 0.01 else constant
