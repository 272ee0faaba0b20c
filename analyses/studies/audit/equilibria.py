"""Fluxes against their thermodynamics: still at equilibrium, downhill elsewhere.

A carrier that is in equilibrium with its substances moves none of them, whatever its constants; and
at any state a flux runs against its free energy change (Hill 1977, Free Energy Transduction in
Biology). Both are looked at in random states, in any model whose annotations tell what moves.
"""

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
from transport_model.mathematics.equations import read_equations, symbol
from transport_model.mathematics.evaluation import evaluate_start
from transport_model.quantities import CHARGE

from ...verdict import Verdict
from ..energetics import transporters
from .rate_laws import (
    ACTIVE_TRANSPORT,
    HYDROLYSIS,
    WATER,
    Chemistry,
    Reaction,
    equation,
    molar,
    multiple,
)

#: Tolerances: relative, of constants and energies; and of a net flux to the one-way flux.
CONSTANT, FLUX = 1e-9, 1e-10
#: The largest logarithm whose exponential is a number.
_LARGEST = 709.0

Columns = dict[str, np.ndarray]


@dataclass(frozen=True)
class Finding:
    """One row of an audit, and the reactions that it reaches."""

    check: str
    subject: str
    conditions: str
    expected: float
    got: float
    factor: float
    tolerance: float
    verdict: Verdict
    note: str = ""
    reactions: tuple[str, ...] = ()


def unchecked(
    check: str, subject: str, note: str, conditions: str = "", reactions: Iterable[str] = ()
) -> Finding:
    """Say why something was not checked."""
    return Finding(check, subject, conditions, math.nan, math.nan, math.nan, math.nan,
                   Verdict.NOT_CHECKED, note, tuple(reactions))  # fmt: skip


def compared(
    subject: str, conditions: str, logs: tuple[float, float], note: str, reactions: Iterable[str]
) -> Finding:
    """Compare the constants of a cycle, expected and got, by their logarithms."""
    off = math.inf if math.isnan(logs[1]) else abs(logs[1] - logs[0])
    expected, got = (math.inf if x > _LARGEST else math.exp(x) for x in logs)
    factor = math.exp(off) if off <= _LARGEST else math.inf
    verdict = Verdict.HOLDS if off <= CONSTANT else Verdict.BROKEN
    return Finding("cycle", subject, conditions, expected, got, factor, CONSTANT, verdict, note,
                   tuple(reactions))  # fmt: skip


def none_of(
    check: str, subject: str, conditions: str, part: np.ndarray, whole: np.ndarray, note: str = "",
    reactions: Iterable[str] = (),
) -> Finding:  # fmt: skip
    """Ask that `part` be nothing of `whole` at every state."""
    if not np.isfinite([part, whole]).all():
        return unchecked(check, subject, "it has no value at some states", conditions, reactions)
    if not whole.all():
        return unchecked(check, subject, "it carries no flux either way", conditions, reactions)
    share = np.abs(part) / whole
    worst, many = float(share.max()), int((share > FLUX).sum())
    note = "; ".join(filter(None, (note, f"at {many} of {share.size} states" if many else "")))
    return Finding(check, subject, conditions, 0.0, worst, worst, FLUX,
                   Verdict.BROKEN if many else Verdict.HOLDS, note, tuple(reactions))  # fmt: skip


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


class Bench:
    """A model on the bench: what its species are, and everything at states set at will."""

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


def still_at_equilibrium(bench: Bench, reaction: Reaction) -> Finding | str:
    """Check that transport vanishes at equilibrium, or say why there is none to check it at."""
    chemistry, membrane = bench.chemistry, bench.membrane
    change = {name: count for name, count in reaction.change.items() if name != CHARGE}
    bare = [name for name in change if name not in chemistry.substances]
    made = chemistry.pooled(change)
    if not reaction.fixed or not change:
        return "its stoichiometry is computed" if change else "it changes nothing"
    if bare:
        return f"no ChEBI term for {', '.join(bare)}"
    if made:
        return f"it makes {equation(made)}, whose equilibrium is not known"
    if any(chemistry.pool(name) == WATER for name in change):
        return "water follows osmolarity, not its own concentration"
    if reaction.sbo == ACTIVE_TRANSPORT:
        return "annotated as active transport, but what drives it is not written"
    volts, note = bench.random_volts(), ""
    if not math.isinf(membrane.thermal):
        moved = chemistry.charge_moved(change)
        note = moved if isinstance(moved, str) else chemistry.unknown_charge()
        note = note or (membrane.why if moved else "")
    if note and not membrane.control:
        return note
    if note:
        volts, note = np.zeros(bench.samples), f"at no potential but zero: {note}"
    states, ruled = _balanced(bench, volts)
    if ruled & set(change):
        return f"the model itself computes {', '.join(sorted(ruled & set(change)))}"
    gross = np.zeros(bench.samples)
    for side in (reaction.before, reaction.after):
        emptied = {name: states[name] * 1e-9 for name in side if name in change and name in states}
        one_way = bench.at({**states, **emptied}, bench.samples)[reaction.id]
        gross = np.fmax(gross, np.abs(one_way))
    where = f"{bench.samples} random equilibria, {membrane.text(volts)}"
    net = bench.at(states, bench.samples)[reaction.id]
    return none_of("equilibrium", reaction.id, where, net, gross, note, [reaction.id])


def _balanced(bench: Bench, volts: np.ndarray) -> tuple[Columns, set[str]]:
    """Return states in which every substance is at equilibrium, and species that cannot be."""
    chemistry, reduced = bench.chemistry, bench.membrane.reduced(volts)
    columns = bench.membrane.columns(volts)
    values = bench.at(columns, len(volts))
    amiss: set[str] = set()
    for pool in dict.fromkeys(chemistry.substances.values()):
        if pool == WATER:
            continue
        members = [name for name, own in chemistry.substances.items() if own == pool]
        given = [name for name in members if name not in bench.free]
        # What has no charge or no known side is left at potential zero: moving it moves no charge
        inner = {n: chemistry.charges.get(n, 0) * chemistry.sides.get(chemistry.homes[n], 0)
                 for n in members}  # fmt: skip
        shift = {n: np.exp(-z * (reduced if z else 0 * volts)) for n, z in inner.items()}
        amiss.update(given[1:])
        if given:
            base = values[given[0]] / bench.size(given[0], values) / shift[given[0]]
        else:
            levels = [float(bench.start[n] / bench.size(n, bench.start)) for n in members]
            base = bench.tenfold(next((x for x in levels if x > 0), 0.0), len(volts))
        columns |= {n: base * shift[n] * bench.size(n, values) for n in members if n not in given}
    return columns, amiss


def energy_findings(bench: Bench) -> list[Finding]:
    """Check every flux J_x, or reaction x, against the model's own free energy change dG_x."""
    rules, laws = bench.model.rules.index, read_equations(bench.model.sbml).fluxes
    groups = [
        {x: (f"J_{x}", [n for n in laws if laws[n] == symbol(f"J_{x}")]) for x in fluxes}
        for fluxes in transporters(bench.model).values()
    ]
    groups += [{n: (n, [n])} for n in laws if f"dG_{n}" in rules and f"J_{n}" not in rules]
    return [finding for group in groups for finding in _energies(bench, group)]


def _energies(bench: Bench, group: Mapping[str, tuple[str, list[str]]]) -> list[Finding]:
    """Check a carrier: `group` gives the flux and its reactions for every x of dG_x."""
    reached = [name for _, names in group.values() for name in names]
    volts = bench.random_volts()
    states = {**bench.membrane.columns(volts), **bench.random_levels(bench.samples)}
    values = bench.at(states, bench.samples)
    conditions = f"{bench.samples} random states, {bench.membrane.text(volts)}"
    subject = " + ".join(flux for flux, _ in group.values())
    power = np.array([values[flux] * values[f"dG_{x}"] for x, (flux, _) in group.items()])
    total, uphill = np.abs(power).sum(axis=0), np.maximum(power.sum(axis=0), 0)
    found = [none_of("dissipation", subject, conditions, uphill, total, "", reached)]
    if found[0].verdict == Verdict.NOT_CHECKED:
        return found
    for x, (flux, names) in group.items():
        change = bench.chemistry.reactions[names[0]].change if names else {}
        if len(group) == 1:
            found.append(_reversal(bench, flux, f"dG_{x}", states, change))
        found += _own_energy(bench, f"dG_{x}", change, values, volts, conditions)
    return found


def _reversal(
    bench: Bench, flux: str, energy: str, states: Columns, change: Mapping[str, Any]
) -> Finding:
    """Check that a flux vanishes with its free energy, brought to zero by one species' level."""
    ends, species, crosses = math.log(1e7), "", np.zeros(bench.samples, bool)
    for name in dict.fromkeys((*change, *bench.free)):
        if name in bench.free and not crosses.all():
            left, right = (bench.at({**states, name: states[name] * f}, bench.samples)[energy]
                           for f in (1e-7, 1e7))  # fmt: skip
            crossed = np.sign(left) * np.sign(right) < 0
            species, crosses = max((species, crosses), (name, crossed), key=lambda x: x[1].sum())
    if not species:
        return unchecked("reversal", flux, f"no single species brings {energy} to zero")
    count = int(crosses.sum())

    def at(logarithm: np.ndarray) -> Mapping[str, np.ndarray]:
        some = {name: column[crosses] for name, column in states.items()}
        return bench.at({**some, species: some[species] * np.exp(logarithm)}, count)

    low, high = np.full(count, -ends), np.full(count, ends)
    falling = at(low)[energy] > 0
    for _ in range(64):
        middle = (low + high) / 2
        before = (at(middle)[energy] > 0) == falling
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    gross = np.fmax(*(np.abs(at(high + step)[flux]) for step in (-math.log(10), math.log(10))))
    conditions = f"{count} states with {energy} = 0 by {species}"
    return none_of("reversal", flux, conditions, at(high)[flux], gross)


def _own_energy(
    bench: Bench, energy: str, change: Mapping[str, Any], values: Mapping[str, np.ndarray],
    volts: np.ndarray, conditions: str,
) -> list[Finding]:  # fmt: skip
    """Compare a free energy [kJ/mol] with that of the reaction's substances, if they are known."""
    chemistry, thermal = bench.chemistry, bench.membrane.energy
    made, moved = chemistry.pooled(change), chemistry.charge_moved(change)
    hydrolysed = multiple(made, bench.hydrolysis)
    unit = {"kJ/mol": 1.0, "J/mol": 1e3}.get(bench.model.unit(energy))
    known = all(name in chemistry.substances for name in change if name != CHARGE)
    if not change or not known or isinstance(moved, str) or (made and not hydrolysed) or not unit:
        return []
    terms = [np.full(len(volts), hydrolysed * bench.hydrolysis_energy if hydrolysed else 0.0)]
    terms += [float(moved) * bench.membrane.reduced(volts)] if moved else []
    for name, count in change.items():
        if name != CHARGE:
            terms.append(float(count) * np.log(values[name] / bench.size(name, values)))
    own, got = thermal * np.sum(terms, axis=0), values[energy] / unit
    if not np.isfinite(own).all() or (moved and not bench.membrane.is_set):
        return []
    off = np.abs(got - own) / thermal
    share = off / np.maximum(np.sum(np.abs(terms), axis=0), 1.0)
    worst = int(share.argmax())
    verdict = Verdict.HOLDS if share[worst] <= CONSTANT else Verdict.BROKEN
    return [Finding("free energy", energy, conditions, float(own[worst]), float(got[worst]),
                    math.exp(min(off[worst], _LARGEST)), CONSTANT, verdict,
                    "kJ/mol at the worst state; factor as an equilibrium constant")]  # fmt: skip
