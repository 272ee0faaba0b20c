"""A model at states set at will: levels of its species at random, its membrane at any potential."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from transport_model import Model
from transport_model.constants import FARADAY, GAS
from transport_model.mathematics.evaluation import evaluate_start
from transport_model.quantities import CHARGE

from .chemistry import HYDROLYSIS, Chemistry, molar

Columns = dict[str, np.ndarray]


@dataclass(frozen=True)
class Membrane:
    """The membrane potential of a model: what sets it, and how large it is.

    ``control``, V_m itself or ``charge``, is the quantity that sets it, if any does, to ``at_zero``
    plus ``per_mv`` for each mV; ``present`` is the potential [mV] as the model stands. ``thermal``
    is RT/F [mV], infinite in a model without a potential; ``energy`` is RT [kJ/mol]; ``why`` tells
    what is unknown (NaN) or why nothing sets it.
    """

    control: str
    at_zero: float
    per_mv: float
    present: float
    thermal: float
    energy: float
    why: str

    def columns(self, volts: np.ndarray) -> Columns:
        """Return what to set for potentials [mV]."""
        return {self.control: self.at_zero + self.per_mv * volts} if self.control else {}

    def reduced(self, volts: np.ndarray) -> np.ndarray:
        """Return F V_m / (R T); NaN where it is unknown."""
        return np.where(volts == 0, 0.0, volts / self.thermal)

    @property
    def is_set(self) -> bool:
        """Whether it is what it is set to, whatever the species' levels."""
        return bool(self.control) or math.isinf(self.thermal)

    def some(self, several: Iterable[float]) -> np.ndarray:
        """Return those of `several` potentials [mV] that can be set and measured in RT/F.

        In place of others, zero if it can be set, and the present one if not.
        """
        volts, other = np.array(list(several)), 0.0 if self.control else self.present
        return volts if self.control and not math.isnan(self.thermal) else 0 * volts + other

    def text(self, volts: Iterable[float]) -> str:
        """Return potentials in words."""
        if not self.control:
            return (
                "no membrane potential" if math.isinf(self.thermal) else "V_m as the model has it"
            )
        values = list(dict.fromkeys(f"{v:g}" for v in volts))
        few = " and ".join(filter(None, (", ".join(values[:-1]), values[-1])))
        return f"V_m = {few} mV" if len(values) < 4 else "V_m -150 to 100 mV"


class StateSampler:
    """A model on the sampler: what its species are, and everything at states set at will."""

    def __init__(self, model: Model, chemistry: Chemistry, samples: int, seed: int) -> None:
        self.model = model
        self.chemistry = chemistry
        self.samples = samples
        self.rng = np.random.default_rng(seed)

    def at(self, columns: Mapping[str, Any], count: int) -> dict[str, np.ndarray]:
        """Evaluate everything at `count` states, in which `columns` are set."""
        values = evaluate_start(self.model, pd.DataFrame(dict(columns), index=range(count)))
        return {name: np.broadcast_to(value, count) for name, value in values.items()}

    @cached_property
    def start(self) -> Mapping[str, float]:
        """Everything as the model stands."""
        return {name: float(value[0]) for name, value in self.at({}, 1).items()}

    @cached_property
    def free(self) -> list[str]:
        """Species that can be set to any level."""
        return [item.id for item in self.model.quantities.values()
                if item.kind in {"floating", "boundary"} and item.computed != "rule"
                and item.id != CHARGE]  # fmt: skip

    def size(self, species: str, values: Mapping[str, Any]) -> Any:
        """Return what turns a concentration into the species' own symbol; NaN if unknown."""
        if not self.model.quantities[species].is_amount:
            return 1.0
        volume = np.asarray(values[self.chemistry.homes[species]], dtype=float)
        return np.where(volume > 0, volume, math.nan)

    def random_volts(self) -> np.ndarray:
        """Return potentials [mV] from -150 to 100."""
        return self.membrane.some(self.rng.uniform(-150, 100, self.samples))

    def tenfold(self, level: float, count: int) -> np.ndarray:
        """Return random levels up to ten times below and above one; about 1 if it is zero."""
        return (level if level > 0 else 1.0) * 10 ** self.rng.uniform(-1, 1, count)

    def random_levels(self, count: int) -> Columns:
        """Return random levels of all free species."""
        return {name: self.tenfold(self.start[name], count) for name in self.free}

    @cached_property
    def hydrolysis(self) -> dict[str, int]:
        """ATP hydrolysis by substance, if the model gives its standard free energy."""
        known = set(HYDROLYSIS) <= set(self.chemistry.substances.values())
        return HYDROLYSIS if known and "dG_ATP_0" in self.model.quantities else {}

    @property
    def hydrolysis_energy(self) -> float:
        """Free energy of hydrolysis over RT, ATP and products at one unit of the model."""
        return self.start["dG_ATP_0"] / self.membrane.energy + 2 * math.log(molar(self.model))

    @cached_property
    def membrane(self) -> Membrane:
        """The membrane potential."""
        items, start = self.model.quantities, self.start
        warm = [n for n, q in items.items() if q.unit == "K" or (n == "T" and 250 < q.value < 350)]
        warm = ["T"] if "T" in warm else warm
        kelvin = start[warm[0]] if len(warm) == 1 else math.nan
        energy = kelvin * _own(start, "R", GAS) / 1e3
        thermal = energy / _own(start, "F", FARADAY) * 1e6
        volts = [name for name, item in items.items() if item.unit in {"V", "mV"}]
        named = [name for name in volts if "membrane potential" in items[name].name.lower()]
        name = "V_m" if "V_m" in items else named[0] if len(named) == 1 else ""
        if not name:
            why = f"which of {', '.join(volts)} is the membrane potential is unknown (no V_m)"
            known = (math.nan, math.nan, energy, why) if volts else (0.0, math.inf, energy, "")
            return Membrane("", 0.0, 0.0, *known)
        unit = {"mV": 1.0, "V": 1e-3}.get(items[name].unit, math.nan)
        why = "" if len(warm) == 1 else "the temperature is unknown (no T)"
        why = f"the unit of {name} is unknown" if math.isnan(unit) else why
        present = start[name] / unit if start[name] else 0.0
        if items[name].computed != "rule":
            scale = 1.0 if math.isnan(unit) else unit  # which zero does not need
            return Membrane(name, 0.0, scale, present, thermal * unit / scale, energy, why)
        if CHARGE in items and items[CHARGE].computed != "rule":
            first, second, third = (self.at({CHARGE: [0.0, 1.0, 2.0]}, 3)[name] / unit).tolist()
            rise = second - first
            if rise and abs(third - second - rise) <= 1e-9 * abs(rise):
                return Membrane(CHARGE, -first / rise, 1 / rise, present, thermal, energy, why)
        return Membrane("", 0.0, 0.0, present, thermal, energy, why or f"nothing sets {name} alone")


def _own(start: Mapping[str, float], name: str, constant: float) -> float:
    """Return the model's own digits of a physical constant, whatever its unit's power of ten."""
    digits = start.get(name, math.nan) / constant
    digits /= 10.0 ** round(math.log10(digits)) if 0 < digits < math.inf else 1.0
    return constant * digits if abs(digits - 1) < 0.01 else constant
