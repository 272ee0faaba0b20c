"""The cycles of elementary steps: all of them, and whether their constants balance.

Round every cycle of elementary steps the product of forward over backward constants is the
equilibrium constant of what the cycle does (Wegscheider 1901, Monatsh Chem 22:849; Hill 1977, Free
Energy Transduction in Biology; for cycles of ion channels Colquhoun, Dowsland, Beato & Plested
2004, Biophys J 86:3510): exp(-z F V_m / (R T)) where it carries z charges in and its substances
only change sides, which is one without a membrane potential.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp
from sympy.polys.matrices import DomainMatrix

from transport_model.mathematics.program import array_function, value_program

from ..chemistry import MASS_ACTION, WATER, Chemistry, equation, multiple, sum_stoichiometries
from .elementary_steps import ElementaryStep, read_steps
from .findings import CONSTANT, Finding, cycle_finding, skipped_finding
from .state_sampler import Columns, StateSampler

#: Potentials [mV] at which the constants of cycles are compared; the last with species at random.
#: Of several membranes each has them in an order of its own.
VOLTS = (0.0, -60.0, 40.0, 40.0)
#: Larger networks are not searched for cycles; of more cycles only a basis is compared.
MAX_STEPS, MAX_CYCLES = 400, 2000


class Cycles:
    """The cycles of a model's elementary steps.

    ``halves`` says how far a constant in print may be from its value, by id.
    """

    def __init__(self, sampler: StateSampler, halves: Mapping[str, float]) -> None:
        self.sampler = sampler
        self.chemistry = sampler.chemistry
        self.volts = sampler.membranes.at(VOLTS)
        self.reasons: dict[str, str] = {}
        # A catalyst at zero would hide the ratio of two constants
        levels: Columns = {}
        if sampler.membranes.are_set:
            levels = {n: np.full(len(VOLTS), sampler.start[n] or 1.0) for n in sampler.free}
            for name, level in sampler.random_levels(1).items():
                levels[name][-1] = level[0]
        states: Columns = {**levels, **sampler.membranes.columns(self.volts)}
        self.values = self._at(states)
        known = sampler.model.quantities
        #: Everything with one constant at either end of what its digits leave open.
        self.ends = [
            [self._at({**states, name: np.full(len(VOLTS), known[name].value + side * half)})
             for side in (-1, 1)] for name, half in halves.items()
        ]  # fmt: skip
        #: By step, the change of the logarithm of its two constants' ratio: constants, ends.
        self.shifts: dict[str, np.ndarray] = {}

    def _at(self, columns: Columns) -> Columns:
        values = self.sampler.at(columns, len(VOLTS))
        return {**values, "csymbol(time)": np.zeros(len(VOLTS))}

    def findings(self) -> tuple[list[Finding], dict[str, str]]:
        """Return a finding for every cycle, and by reaction why it is in none."""
        read, refused = read_steps(self.sampler.model, self.chemistry)
        found = []
        for name, why in refused.items():
            self.reasons[name] = f"not annotated as transport, and no mass action: {why}"
            if (term := self.chemistry.reactions[name].law_sbo) in MASS_ACTION:
                note = f"annotated as mass action (SBO:{term:07d}), but {why}"
                found.append(skipped_finding("cycle", name, note, reactions=[name]))
        steps = self._measured(read)
        names = [name for step, _ in steps for name in step.reactions]
        if len(steps) > MAX_STEPS:
            note = f"{len(steps)} mass-action reactions, more than {MAX_STEPS}: not searched"
            return [
                *found,
                skipped_finding("cycle", "all cycles", note, reactions=names),
            ], self.reasons
        pooled = [self.chemistry.pooled(step.change) for step, _ in steps]
        columns = [*pooled, self.sampler.hydrolysis] if self.sampler.hydrolysis else pooled
        vectors, complete = elementary_cycles(_matrix(columns), len(columns))
        for vector in vectors:
            found += self._cycle(_used(steps, vector), -sum(vector[len(steps) :]))
        if not complete:
            note = f"of too many, a basis of {len(vectors)}: where it holds, so do all others"
            found.append(skipped_finding("cycle", "all further cycles", note))
        found += self._open([step for step, _ in steps], pooled)
        free = "in no closed cycle, where any constants will do; without ChEBI terms species differ"
        return found, {**dict.fromkeys(names, free), **self.reasons}

    def _measured(self, steps: Sequence[ElementaryStep]) -> list[tuple[ElementaryStep, np.ndarray]]:
        """Return the steps that have constants with them: forward and backward, by potential."""
        formulas = {f"{way}({index})": formula for index, step in enumerate(steps)
                    for way, formula in (("forward", step.forward),
                                         ("backward", step.backward))}  # fmt: skip
        names = sorted({s.name for formula in formulas.values() for s in formula.free_symbols})
        compute = array_function(value_program(formulas, tuple(formulas)), {"given": names})

        def constants(values: Columns) -> np.ndarray:
            with np.errstate(all="ignore"):
                results = compute([values.get(name, math.nan) for name in names])
            every = [np.broadcast_to(k, len(VOLTS)) for k in results]
            return np.array(every, dtype=float).reshape(len(steps), 2, len(VOLTS))

        found = constants(self.values)
        ends = [[constants(values) for values in pair] for pair in self.ends]
        measured = []
        for index, (step, both) in enumerate(zip(steps, found, strict=True)):
            with np.errstate(all="ignore"):
                moved = np.log([[k[index, :, 0] / both[:, 0] for k in pair] for pair in ends])
            self.shifts[step.name] = np.array([m[:, 0] - m[:, 1] for m in moved]).reshape(-1, 2)
            valid = np.isfinite(both).all(axis=0) & (both >= 0).all(axis=0) & both.any(axis=0)
            if valid.any():
                measured.append((step, np.where(valid, both, math.nan)))
            else:
                zero = "both of its rate constants are zero"
                why = "a rate constant is negative or has no value" if both.any() else zero
                self.reasons.update(dict.fromkeys(step.reactions, why))
        return measured

    def _cycle(
        self, used: Sequence[tuple[tuple[ElementaryStep, np.ndarray], int]], hydrolysed: int
    ) -> list[Finding]:
        """Compare the constants of one cycle at all potentials."""
        sampler, membranes, volts = self.sampler, self.sampler.membranes, self.volts
        turns = [(step, turn) for (step, _), turn in used]
        reactions = [name for step, _ in turns for name in step.reactions]
        net = sum_stoichiometries((step.change, turn) for step, turn in turns)
        subject = cycle_text(turns, net, self.chemistry)
        if any(self.chemistry.pool(name) == WATER for name in net):
            note = "water follows osmolarity, not its own concentration"
            return [skipped_finding("cycle", subject, note, reactions=reactions)]
        notes, z = [], self.chemistry.charge_moved(net)
        if isinstance(z, str) and (faces := self.chemistry.faces):
            notes.append(f"{z}: taken as booked by {', '.join(map(repr, faces))}")
            z = {face: -net.get(face, 0) for face in faces}
        if isinstance(z, str):
            expected = np.where((volts == 0).all(axis=0), 0.0, math.nan)
            why = z if membranes.exist else ""
        else:
            expected = -membranes.work(z, volts)
            why = membranes.why if any(z.values()) else ""
        for name, count in self.chemistry.material(net).items():
            expected = expected + float(count) * np.log(sampler.size(name, self.values))
            why = why or ("a compartment has no size" if np.isnan(expected).all() else "")
        if hydrolysed:
            expected = expected - hydrolysed * sampler.hydrolysis_energy
            notes.append(f"{hydrolysed} ATP at dG_ATP_0 = {sampler.start['dG_ATP_0']:g} kJ/mol")
            if math.isnan(sampler.hydrolysis_energy):
                why = "the temperature or the unit of concentrations is unknown"
        with np.errstate(divide="ignore", invalid="ignore"):
            got = np.sum([turn * (np.log(k[0]) - np.log(k[1])) for (_, k), turn in used], axis=0)
        lost = np.isnan([k for (_, k), _ in used]).any(axis=(0, 1))
        notes += (
            [f"constants have no value at {membranes.text(volts[:, lost])}"] if lost.any() else []
        )
        known = np.flatnonzero(~np.isnan(expected) & ~lost)
        left_open = np.nansum([turn * self.shifts[step.name] for step, turn in turns], axis=0)
        rounding = (float(left_open.min(axis=1, initial=0.0).sum()),
                    float(left_open.max(axis=1, initial=0.0).sum()))  # fmt: skip
        found = []
        for group in _alike(got - expected, known):
            logs = float(expected[group[0]]), float(got[group[0]])
            at_random = ", species at random" if group == [len(VOLTS) - 1] else ""
            one_way = [step.name for (step, k), _ in used if (k[:, group] == 0).any()]
            why_off = "" if any(rounding) else _rounding(abs(logs[1] - logs[0]))
            if one_way:
                why_off = f"no reverse: {', '.join(one_way)}"
            note = "; ".join(filter(None, (*notes, why_off)))
            conditions = membranes.text(volts[:, group]) + at_random
            found.append(cycle_finding(subject, conditions, logs, note, reactions,
                                       one_way=bool(one_way), rounding=rounding))  # fmt: skip
        if why or not found:
            why = why or "its constants have no value"
            conditions = "other potentials" if known.size else membranes.text(volts)
            found.append(skipped_finding("cycle", subject, why, conditions, reactions))
        return found

    def _open(
        self, steps: Sequence[ElementaryStep], pooled: Sequence[Mapping[str, Any]]
    ) -> list[Finding]:
        """Name the cycles of states whose net reaction has an unknown equilibrium constant."""
        items, found = self.sampler.model.quantities, []
        states = [{name: count for name, count in change.items()
                   if name in items and items[name].kind == "floating"}
                  for change in pooled]  # fmt: skip
        vectors = elementary_cycles(_matrix(states), len(states))[0] if states != pooled else []
        for vector in vectors:
            made = sum_stoichiometries(_used(pooled, vector))
            stateless = not any(change for change, _ in _used(states, vector))
            if stateless or not made or multiple(made, self.sampler.hydrolysis):
                continue
            used = _used(steps, vector)
            net = sum_stoichiometries((step.change, turn) for step, turn in used)
            bare = [n for n in self.chemistry.material(net) if n not in self.chemistry.substances]
            why = f"no ChEBI term for {', '.join(bare)}" if bare else "its constant is unknown"
            note = f"it makes {equation(net)}: {why}"
            names = [name for step, _ in used for name in step.reactions]
            subject = cycle_text(used, net, self.chemistry)
            found.append(skipped_finding("cycle", subject, note, reactions=names))
        return found


def _used(items: Sequence[Any], vector: Sequence[int]) -> list[tuple[Any, int]]:
    return [(item, turn) for item, turn in zip(items, vector, strict=False) if turn]


def _matrix(changes: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    names = dict.fromkeys(name for change in changes for name in change)
    return [[change.get(name, 0) for change in changes] for name in names]


def _alike(logs: np.ndarray, indices: np.ndarray) -> list[list[int]]:
    """Group indices whose values agree to rounding."""
    groups: list[list[int]] = []
    for index in map(int, indices):
        for group in groups:
            if np.isclose(logs[index], logs[group[0]], rtol=0, atol=1e-11, equal_nan=True):
                group.append(index)
                break
        else:
            groups.append([index])
    return groups


def _rounding(off: float) -> str:
    """Say how many digits of a rounded constant would explain a small factor."""
    digits = math.floor(1 - math.log10(2 * off)) if CONSTANT < off < 5e-3 else 0
    return f"one constant rounded to {digits} digits can do that" if digits else ""


def elementary_cycles(
    rows: Sequence[Sequence[Any]], count: int
) -> tuple[list[tuple[int, ...]], bool]:
    """Return the smallest combinations of steps after which nothing has changed.

    The elementary vectors of the null space: those whose set of steps contains no other's
    (Schuster & Hilgetag 1994, J Biol Syst 2:165, for reactions that all run both ways). Steps of
    one state each way make a graph, and these are its simple cycles. Balanced substance by
    substance in exact arithmetic: vectors that change the substance combine in pairs.

    Parameters
    ----------
    rows
        A row per substance, its stoichiometry in each step.
    count
        Number of steps.

    Returns
    -------
    list of tuple of int
        Whole numbers by step, the first one positive.
    bool
        Whether these are all; otherwise a basis, whose cycles are elementary too.
    """
    rows = [_whole(row) for row in rows if any(row)]
    basis = _null_space(rows, count)
    live = [step for step in range(count) if any(vector[step] for vector in basis)]
    if len(basis) < 2:
        return basis, True
    vectors = [tuple(int(step == own) for step in range(count)) for own in live]
    used = [row for row in rows if any(row[step] for step in live)]
    for row in sorted(used, key=lambda r: sum(bool(r[step]) for step in live)):
        change = [sum(r * v for r, v in zip(row, vector, strict=True)) for vector in vectors]
        kept = {vector for vector, c in zip(vectors, change, strict=True) if c == 0}
        moved = [(vector, c) for vector, c in zip(vectors, change, strict=True) if c]
        for index, (one, c_one) in enumerate(moved):
            for other, c_other in moved[:index]:
                mixed = [c_other * a - c_one * b for a, b in zip(one, other, strict=True)]
                if any(mixed):
                    kept.add(_whole(mixed))
            if len(kept) > MAX_CYCLES:
                return basis, False
        vectors = _smallest(kept)
    return sorted(vectors, reverse=True), True


def _null_space(rows: Sequence[Sequence[Any]], count: int) -> list[tuple[int, ...]]:
    if not count:
        return []
    if not rows:
        return [tuple(int(step == own) for step in range(count)) for own in range(count)]
    exact = sp.Matrix([[sp.Rational(Fraction(x)) for x in row] for row in rows])
    null = DomainMatrix.from_Matrix(exact).convert_to(sp.QQ).nullspace().to_Matrix()
    fractions = (null.row(index) for index in range(null.rows))
    return [_whole([Fraction(int(x.p), int(x.q)) for x in row]) for row in fractions]


def _whole(vector: Sequence[Any]) -> tuple[int, ...]:
    """Scale a vector to whole numbers without a common factor, the first one positive."""
    scale = math.lcm(*(Fraction(x).denominator for x in vector))
    whole = [int(x * scale) for x in vector]
    factor = math.gcd(*whole) * (1 if next(x for x in whole if x) > 0 else -1)
    return tuple(x // factor for x in whole)


def _smallest(vectors: set[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Leave out vectors whose steps contain all those of another."""
    sets = {vector: sum(1 << i for i, x in enumerate(vector) if x) for vector in vectors}
    kept: list[tuple[int, ...]] = []
    for vector in sorted(vectors, key=lambda v: sets[v].bit_count()):
        if not any(sets[other] & sets[vector] == sets[other] for other in kept):
            kept.append(vector)
    return kept


def cycle_text(
    used: Sequence[tuple[ElementaryStep, int]], net: Mapping[str, Any], chemistry: Chemistry
) -> str:
    """Write a cycle as its reactions, a minus for backwards, and the states it runs through."""
    inner = [[n for n in chemistry.material(step.change) if n not in net] for step, _ in used]
    bare = [[n for n in names if n not in chemistry.substances] for names in inner]
    walk = _walk(used, bare) or _walk(used, inner)
    if walk:
        return f"{', '.join(walk[0])}: {' → '.join(walk[1])}"
    names = ", ".join(_directed(step, turn) for step, turn in used)
    return f"{names}: {equation(net)}" if net else names


def _directed(step: ElementaryStep, turn: int) -> str:
    count = "" if abs(turn) == 1 else f"{abs(turn)} "
    return f"{'-' if turn < 0 else ''}{count}{step.name}"


def _walk(
    used: Sequence[tuple[ElementaryStep, int]], states: Sequence[Sequence[str]]
) -> tuple[list[str], list[str]] | None:
    """Follow steps from one state to one other round a cycle; None if they make no such cycle."""
    onward: dict[str, tuple[str, str]] = {}
    for (step, turn), pair in zip(used, states, strict=True):
        if sorted(turn * step.change[name] for name in pair) != [-1, 1]:
            return None
        start, end = sorted(pair, key=lambda name: turn * step.change[name])
        onward[start] = (_directed(step, turn), end)
    first = state = next(iter(onward), "")
    names, walked = [], [first]
    for _ in onward:
        name, state = onward.get(state, ("", ""))
        names.append(name)
        walked.append(state)
    whole = len(onward) == len(used) == len(set(names)) and state == first
    return (names, walked) if whole else None
