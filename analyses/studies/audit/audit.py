"""A thermodynamic audit of any SBML model: whether cycles balance and carriers rest at equilibrium.

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
import pandas as pd
import sympy as sp
from sympy.polys.matrices import DomainMatrix

from transport_model import Model
from transport_model.errors import InputError, UnsupportedModelError
from transport_model.mathematics.equations import read_equations
from transport_model.mathematics.program import array_function, value_program
from transport_model.quantities import CHARGE

from ...verdict import Verdict
from .equilibria import (
    CONSTANT,
    Bench,
    Columns,
    Finding,
    compared,
    energy_findings,
    still_at_equilibrium,
    unchecked,
)
from .rate_laws import (
    MASS_ACTION,
    WATER,
    Reaction,
    Step,
    added,
    cycle_text,
    equation,
    multiple,
    read_chemistry,
    read_steps,
)

#: Columns of an audit.
AUDIT_COLUMNS = ["check", "subject", "conditions", "expected", "got", "factor", "tolerance",
                 "verdict", "note"]  # fmt: skip
#: Potentials [mV] at which the constants of cycles are compared; the last with species at random.
VOLTS = (0.0, -60.0, 40.0, 40.0)
#: Larger networks are not searched for cycles; of more cycles only a basis is compared.
MAX_STEPS, MAX_CYCLES = 400, 2000


def audit(model: Model, *, samples: int = 20, seed: int = 1) -> pd.DataFrame:
    """Check the thermodynamics of every reaction of a model, or say why it cannot be checked.

    What is checked follows from the equations and the annotations. Species that share a ChEBI term
    are one substance; GO terms of compartments tell the two sides of the membrane, with potential 0
    outside and V_m inside. Ids that count: ``V_m``, ``charge``, ``T``, ``F``, ``R``, ``dG_ATP_0``
    (kJ/mol, H⁺ explicit, 1 M) and the pairs ``J_x``, ``dG_x``. The checks are

    ``cycle``
        Products of constants round every cycle of mass-action reactions, at three potentials and
        with other species at random; one row where all are off by the same factor. A reaction that
        takes a substance to the other side in one step is a cycle by itself.
    ``equilibrium``
        Net over one-way flux of every reaction annotated as transport (SBO:0000655, SBO:0000185)
        whose substances only change sides, with all of the model's substances at equilibrium.
    ``dissipation``, ``reversal``, ``free energy``
        With J_x and dG_x: the flux runs downhill at random states, those of a shared carrier taken
        together (``J_x``, ``J_x_y``); it vanishes where dG_x does; and dG_x is what the reaction's
        substances say.
    ``charge``
        In a model with the species ``charge``: what a reaction books against what its ions carry.

    Parameters
    ----------
    model
        Any model, with or without annotations, at the values set on it.
    samples
        Random states for each check of a flux; potentials lie between -150 and 100 mV.
    seed
        Seed of the random states.

    Returns
    -------
    pandas.DataFrame
        A row per finding: ``check``, ``subject`` (a cycle as its reactions, with a minus for
        backwards, and its states), ``conditions``, ``expected`` and ``got`` (in the model's units;
        for fluxes the net over the one-way flux), ``factor`` (expected over got, or got over
        expected if that is larger; for fluxes as ``got``), ``tolerance`` (relative), ``verdict`` (a
        word of :class:`Verdict`) and ``note``. Reactions that no check reaches have a row too.

    Raises
    ------
    InputError
        `samples` is not positive, or `seed` is negative.
    """
    if samples < 1:
        raise InputError(f"an audit needs at least one random state, not {samples}")
    if seed < 0:
        raise InputError(f"a seed must be zero or more, not {seed}")
    try:
        read_equations(model.sbml)
    except UnsupportedModelError as refusal:
        found = [unchecked("reaction", name, str(refusal)) for name in model.reaction_ids]
    else:
        found = _findings(Bench(model, read_chemistry(model), samples, seed))
    if not found:
        found = [unchecked("reaction", model.name, "the model has no reactions")]
    rows = [[str(finding.verdict) if column == "verdict" else getattr(finding, column)
             for column in AUDIT_COLUMNS] for finding in found]  # fmt: skip
    return pd.DataFrame(rows, columns=AUDIT_COLUMNS)


def _findings(bench: Bench) -> list[Finding]:
    reactions = bench.chemistry.reactions
    found, reasons = _Cycles(bench).findings()
    for name, reaction in reactions.items():
        if reaction.is_transport:
            finding = still_at_equilibrium(bench, reaction)
            if isinstance(finding, Finding):
                found.append(finding)
            else:
                reasons[name] = f"{finding}; nor is there a J_x with its dG_x"
    found += energy_findings(bench)
    reached = {name for finding in found for name in finding.reactions}
    if CHARGE in bench.model.quantities:
        found += [_booked(bench, reaction) for reaction in reactions.values()]
    found += [unchecked("reaction", name, reasons.get(name, "")) for name in reactions
              if name not in reached]  # fmt: skip
    return found


def _booked(bench: Bench, reaction: Reaction) -> Finding:
    """Compare the charge that a reaction books with what its species carry in."""
    moved = bench.chemistry.charge_moved(reaction.change)
    if isinstance(moved, str) or not reaction.fixed:
        why = moved if isinstance(moved, str) else "its stoichiometry is computed"
        return unchecked("charge", reaction.id, why)
    booked = -reaction.change.get(CHARGE, 0)
    same = moved == booked
    off = float(max(moved / booked, booked / moved)) if moved * booked > 0 else math.inf
    return Finding("charge", reaction.id, "elementary charges moved in", float(moved),
                   float(booked), 1.0 if same else off, 0.0,
                   Verdict.HOLDS if same else Verdict.BROKEN)  # fmt: skip


class _Cycles:
    """The cycles of a model's elementary steps."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.chemistry = bench.chemistry
        self.volts = bench.membrane.some(VOLTS)
        self.reasons: dict[str, str] = {}
        # A catalyst at zero would hide the ratio of two constants
        levels: Columns = {}
        if bench.membrane.is_set:
            levels = {n: np.full(len(VOLTS), bench.start[n] or 1.0) for n in bench.free}
            for name, level in bench.random_levels(1).items():
                levels[name][-1] = level[0]
        values = bench.at({**levels, **bench.membrane.columns(self.volts)}, len(VOLTS))
        self.values: Columns = {**values, "csymbol(time)": np.zeros(len(VOLTS))}

    def findings(self) -> tuple[list[Finding], dict[str, str]]:
        """Return a finding for every cycle, and by reaction why it is in none."""
        read, refused = read_steps(self.bench.model, self.chemistry)
        found = []
        for name, why in refused.items():
            self.reasons[name] = f"not annotated as transport, and no mass action: {why}"
            if (term := self.chemistry.reactions[name].law_sbo) in MASS_ACTION:
                note = f"annotated as mass action (SBO:{term:07d}), but {why}"
                found.append(unchecked("cycle", name, note, reactions=[name]))
        steps = self._measured(read)
        names = [name for step, _ in steps for name in step.reactions]
        if len(steps) > MAX_STEPS:
            note = f"{len(steps)} mass-action reactions, more than {MAX_STEPS}: not searched"
            return [*found, unchecked("cycle", "all cycles", note, reactions=names)], self.reasons
        pooled = [self.chemistry.pooled(step.change) for step, _ in steps]
        columns = [*pooled, self.bench.hydrolysis] if self.bench.hydrolysis else pooled
        vectors, complete = elementary_cycles(_matrix(columns), len(columns))
        for vector in vectors:
            found += self._cycle(_used(steps, vector), -sum(vector[len(steps) :]))
        if not complete:
            note = f"of too many, a basis of {len(vectors)}: where it holds, so do all others"
            found.append(unchecked("cycle", "all further cycles", note))
        found += self._open([step for step, _ in steps], pooled)
        free = "in no closed cycle, where any constants will do; without ChEBI terms species differ"
        return found, {**dict.fromkeys(names, free), **self.reasons}

    def _measured(self, steps: Sequence[Step]) -> list[tuple[Step, np.ndarray]]:
        """Return the steps that have constants with them: forward and backward, by potential."""
        formulas = {f"{way}({index})": formula for index, step in enumerate(steps)
                    for way, formula in (("forward", step.forward),
                                         ("backward", step.backward))}  # fmt: skip
        names = sorted({s.name for formula in formulas.values() for s in formula.free_symbols})
        compute = array_function(value_program(formulas, tuple(formulas)), {"given": names})
        with np.errstate(all="ignore"):
            results = compute([self.values.get(name, math.nan) for name in names])
        measured = []
        for index, step in enumerate(steps):
            pair = [np.broadcast_to(k, len(VOLTS)) for k in results[2 * index : 2 * index + 2]]
            both = np.array(pair, dtype=float)
            valid = np.isfinite(both).all(axis=0) & (both >= 0).all(axis=0) & both.any(axis=0)
            if valid.any():
                measured.append((step, np.where(valid, both, math.nan)))
            else:
                zero = "both of its rate constants are zero"
                why = "a rate constant is negative or has no value" if both.any() else zero
                self.reasons.update(dict.fromkeys(step.reactions, why))
        return measured

    def _cycle(
        self, used: Sequence[tuple[tuple[Step, np.ndarray], int]], hydrolysed: int
    ) -> list[Finding]:
        """Compare the constants of one cycle at all potentials."""
        bench, membrane, volts = self.bench, self.bench.membrane, self.volts
        turns = [(step, turn) for (step, _), turn in used]
        reactions = [name for step, _ in turns for name in step.reactions]
        net = added((step.change, turn) for step, turn in turns)
        subject = cycle_text(turns, net, self.chemistry)
        if any(self.chemistry.pool(name) == WATER for name in net):
            note = "water follows osmolarity, not its own concentration"
            return [unchecked("cycle", subject, note, reactions=reactions)]
        notes, z = [], self.chemistry.charge_moved(net)
        if isinstance(z, str) and CHARGE in bench.model.quantities:
            notes.append(f"{z}: taken as booked by '{CHARGE}'")
            z = -net.get(CHARGE, 0)
        if isinstance(z, str):
            expected = np.where(volts == 0, 0.0, math.nan)
            why = "" if math.isinf(membrane.thermal) else z
        else:
            expected = -float(z) * membrane.reduced(volts) if z else np.zeros(len(VOLTS))
            why = membrane.why if z else ""
        for name, count in net.items():
            if name != CHARGE:
                expected = expected + float(count) * np.log(bench.size(name, self.values))
                why = why or ("a compartment has no size" if np.isnan(expected).all() else "")
        if hydrolysed:
            expected = expected - hydrolysed * bench.hydrolysis_energy
            notes.append(f"{hydrolysed} ATP at dG_ATP_0 = {bench.start['dG_ATP_0']:g} kJ/mol")
            if math.isnan(bench.hydrolysis_energy):
                why = "the temperature or the unit of concentrations is unknown"
        one_way = [step.name for (step, k), _ in used if (k == 0).any()]
        notes += [f"no reverse: {', '.join(one_way)}"] if one_way else []
        with np.errstate(divide="ignore", invalid="ignore"):
            got = np.sum([turn * (np.log(k[0]) - np.log(k[1])) for (_, k), turn in used], axis=0)
        lost = np.isnan([k for (_, k), _ in used]).any(axis=(0, 1))
        notes += [f"constants have no value at {membrane.text(volts[lost])}"] if lost.any() else []
        known = np.flatnonzero(~np.isnan(expected) & ~lost)
        found = []
        for group in _alike(got - expected, known):
            logs = float(expected[group[0]]), float(got[group[0]])
            at_random = ", species at random" if group == [len(VOLTS) - 1] else ""
            note = "; ".join(filter(None, (*notes, _rounding(abs(logs[1] - logs[0])))))
            conditions = membrane.text(volts[group]) + at_random
            found.append(compared(subject, conditions, logs, note, reactions))
        if why or not found:
            why = why or "its constants have no value"
            conditions = "other potentials" if known.size else membrane.text(volts)
            found.append(unchecked("cycle", subject, why, conditions, reactions))
        return found

    def _open(self, steps: Sequence[Step], pooled: Sequence[Mapping[str, Any]]) -> list[Finding]:
        """Name the cycles of states whose net reaction has an unknown equilibrium constant."""
        items, found = self.bench.model.quantities, []
        states = [{name: count for name, count in change.items()
                   if name in items and items[name].kind == "floating"}
                  for change in pooled]  # fmt: skip
        vectors = elementary_cycles(_matrix(states), len(states))[0] if states != pooled else []
        for vector in vectors:
            made = added(_used(pooled, vector))
            stateless = not any(change for change, _ in _used(states, vector))
            if stateless or not made or multiple(made, self.bench.hydrolysis):
                continue
            used = _used(steps, vector)
            net = added((step.change, turn) for step, turn in used)
            bare = [n for n in net if n not in self.chemistry.substances and n != CHARGE]
            why = f"no ChEBI term for {', '.join(bare)}" if bare else "its constant is unknown"
            note = f"it makes {equation(net)}: {why}"
            names = [name for step, _ in used for name in step.reactions]
            subject = cycle_text(used, net, self.chemistry)
            found.append(unchecked("cycle", subject, note, reactions=names))
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


# Elementary cycles ---------------------------------------------------------------------------


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
