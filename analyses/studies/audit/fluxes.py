"""Fluxes against their thermodynamics: still at equilibrium, downhill elsewhere.

A carrier that is in equilibrium with its substances moves none of them, whatever its constants; and
at any state a flux runs against its free energy change (Hill 1977, Free Energy Transduction in
Biology). Both are looked at in random states, in any model whose annotations tell what moves.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from transport_model.mathematics.equations import read_equations
from transport_model.mathematics.symbols import symbol

from ...verdict import Verdict
from ..chemistry import ACTIVE_TRANSPORT, WATER, Reaction, equation, multiple
from ..energetics import transporters
from .findings import CONSTANT, LARGEST_LOGARITHM, Finding, skipped_finding, zero_flux_finding
from .state_sampler import Columns, StateSampler


def still_at_equilibrium(sampler: StateSampler, reaction: Reaction) -> Finding | str:
    """Check that transport vanishes at equilibrium, or say why there is none to check it at."""
    chemistry, membranes = sampler.chemistry, sampler.membranes
    change = chemistry.material(reaction.change)
    bare = [name for name in change if name not in chemistry.substances]
    made = chemistry.pooled(change)
    if chemistry.is_battery(reaction.change):
        return "it moves charge alone, as a battery does, whose drive is not written"
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
    volts, note = sampler.random_volts(), ""
    if membranes.exist:
        moved = chemistry.charge_moved(change)
        note = moved if isinstance(moved, str) else chemistry.unknown_charge()
        note = note or (membranes.why if moved and any(moved.values()) else "")
    if note and not membranes.controlled:
        return note
    if note:
        volts, note = 0 * volts, f"at no potential but zero: {note}"
    states, ruled = _balanced(sampler, volts)
    if ruled & set(change):
        return f"the model itself computes {', '.join(sorted(ruled & set(change)))}"
    gross, emptied_rates = np.zeros(sampler.samples), []
    for side in (reaction.before, reaction.after):
        emptied = {name: states[name] * 1e-9 for name in side if name in change and name in states}
        one_way = sampler.at({**states, **emptied}, sampler.samples)[reaction.id]
        gross = np.fmax(gross, np.abs(one_way))
        emptied_rates += [one_way] if emptied else []
    where = f"{sampler.samples} random equilibria, {membranes.text(volts)}"
    net = sampler.at(states, sampler.samples)[reaction.id]
    finding = zero_flux_finding("equilibrium", reaction.id, where, net, gross, note, [reaction.id])
    if finding.verdict == Verdict.BROKEN and _runs_one_way(emptied_rates):
        note = "; ".join(filter(None, (note, f"no reverse: {reaction.id}")))
        return replace(finding, factor=math.nan, verdict=Verdict.NO_REVERSE, note=note)
    return finding


def _runs_one_way(rates: Sequence[np.ndarray]) -> bool:
    """Tell whether rates have one sign, whichever of the two sides is all but empty."""
    both = np.array(rates)
    return len(rates) == 2 and bool((both >= 0).all() or (both <= 0).all())


def _balanced(sampler: StateSampler, volts: np.ndarray) -> tuple[Columns, set[str]]:
    """Return states in which every substance is at equilibrium, and species that cannot be."""
    chemistry, membranes = sampler.chemistry, sampler.membranes
    columns, count = membranes.columns(volts), volts.shape[1]
    values = sampler.at(columns, count)
    amiss: set[str] = set()
    for pool in dict.fromkeys(chemistry.substances.values()):
        if pool == WATER:
            continue
        members = [name for name, own in chemistry.substances.items() if own == pool]
        given = [name for name in members if name not in sampler.free]
        # What has no charge or no known side is left at potential zero: moving it moves no charge
        shift = {}
        for n in members:
            z, rises = chemistry.charges.get(n, 0), chemistry.rises(chemistry.homes[n]) or {}
            work = membranes.work({face: z * rise for face, rise in rises.items()}, volts)
            shift[n] = np.exp(-work)
        amiss.update(given[1:])
        if given:
            base = values[given[0]] / sampler.size(given[0], values) / shift[given[0]]
        else:
            levels = [float(sampler.start[n] / sampler.size(n, sampler.start)) for n in members]
            base = sampler.tenfold(next((x for x in levels if x > 0), 0.0), count)
        columns |= {n: base * shift[n] * sampler.size(n, values) for n in members if n not in given}
    return columns, amiss


def energy_findings(sampler: StateSampler) -> list[Finding]:
    """Check every flux J_x, or reaction x, against the model's own free energy change dG_x."""
    rules, laws = sampler.model.rules.index, read_equations(sampler.model.sbml).fluxes
    groups = [
        {x: (f"J_{x}", [n for n in laws if laws[n] == symbol(f"J_{x}")]) for x in fluxes}
        for fluxes in transporters(sampler.model).values()
    ]
    groups += [{n: (n, [n])} for n in laws if f"dG_{n}" in rules and f"J_{n}" not in rules]
    return [finding for group in groups for finding in _energies(sampler, group)]


def _energies(sampler: StateSampler, group: Mapping[str, tuple[str, list[str]]]) -> list[Finding]:
    """Check a carrier: `group` gives the flux and its reactions for every x of dG_x."""
    reached = [name for _, names in group.values() for name in names]
    volts = sampler.random_volts()
    states = {**sampler.membranes.columns(volts), **sampler.random_levels(sampler.samples)}
    values = sampler.at(states, sampler.samples)
    conditions = f"{sampler.samples} random states, {sampler.membranes.text(volts)}"
    subject = " + ".join(flux for flux, _ in group.values())
    power = np.array([values[flux] * values[f"dG_{x}"] for x, (flux, _) in group.items()])
    total, uphill = np.abs(power).sum(axis=0), np.maximum(power.sum(axis=0), 0)
    found = [zero_flux_finding("dissipation", subject, conditions, uphill, total, "", reached)]
    if found[0].verdict == Verdict.NOT_CHECKED:
        return found
    for x, (flux, names) in group.items():
        change = sampler.chemistry.reactions[names[0]].change if names else {}
        if len(group) == 1:
            found.append(_reversal(sampler, flux, f"dG_{x}", states, change))
        found += _own_energy(sampler, f"dG_{x}", change, values, volts, conditions)
    return found


def _reversal(
    sampler: StateSampler, flux: str, energy: str, states: Columns, change: Mapping[str, Any]
) -> Finding:
    """Check that a flux vanishes with its free energy, brought to zero by one species' level."""
    ends, species, crosses = math.log(1e7), "", np.zeros(sampler.samples, bool)
    for name in dict.fromkeys((*change, *sampler.free)):
        if name in sampler.free and not crosses.all():
            left, right = (sampler.at({**states, name: states[name] * f}, sampler.samples)[energy]
                           for f in (1e-7, 1e7))  # fmt: skip
            crossed = np.sign(left) * np.sign(right) < 0
            species, crosses = max((species, crosses), (name, crossed), key=lambda x: x[1].sum())
    if not species:
        return skipped_finding("reversal", flux, f"no single species brings {energy} to zero")
    count = int(crosses.sum())

    def at(logarithm: np.ndarray) -> Mapping[str, np.ndarray]:
        some = {name: column[crosses] for name, column in states.items()}
        return sampler.at({**some, species: some[species] * np.exp(logarithm)}, count)

    low, high = np.full(count, -ends), np.full(count, ends)
    falling = at(low)[energy] > 0
    for _ in range(64):
        middle = (low + high) / 2
        before = (at(middle)[energy] > 0) == falling
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    gross = np.fmax(*(np.abs(at(high + step)[flux]) for step in (-math.log(10), math.log(10))))
    conditions = f"{count} states with {energy} = 0 by {species}"
    return zero_flux_finding("reversal", flux, conditions, at(high)[flux], gross)


def _own_energy(
    sampler: StateSampler, energy: str, change: Mapping[str, Any], values: Mapping[str, np.ndarray],
    volts: np.ndarray, conditions: str,
) -> list[Finding]:  # fmt: skip
    """Compare a free energy [kJ/mol] with that of the reaction's substances, if they are known."""
    chemistry, membranes = sampler.chemistry, sampler.membranes
    thermal, substances = membranes.energy, chemistry.material(change)
    made, moved = chemistry.pooled(change), chemistry.charge_moved(change)
    hydrolysed = multiple(made, sampler.hydrolysis)
    unit = {"kJ/mol": 1.0, "J/mol": 1e3}.get(sampler.model.unit(energy))
    known = all(chemistry.substances.get(name, WATER) != WATER for name in substances)
    if not change or not known or isinstance(moved, str) or (made and not hydrolysed) or not unit:
        return []
    first = np.full(volts.shape[1], hydrolysed * sampler.hydrolysis_energy if hydrolysed else 0.0)
    terms = [first, *(membranes.work({face: z}, volts) for face, z in moved.items() if z)]
    for name, count in substances.items():
        terms.append(float(count) * np.log(values[name] / sampler.size(name, values)))
    own, got = thermal * np.sum(terms, axis=0), values[energy] / unit
    if not np.isfinite(own).all() or (any(moved.values()) and not membranes.are_set):
        return []
    off = np.abs(got - own) / thermal
    share = off / np.maximum(np.sum(np.abs(terms), axis=0), 1.0)
    worst = int(share.argmax())
    verdict = Verdict.HOLDS if share[worst] <= CONSTANT else Verdict.BROKEN
    return [Finding("free energy", energy, conditions, float(own[worst]), float(got[worst]),
                    math.exp(min(off[worst], LARGEST_LOGARITHM)), CONSTANT, verdict,
                    "kJ/mol at the worst state; factor as an equilibrium constant")]  # fmt: skip
