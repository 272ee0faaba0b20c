"""A thermodynamic audit of any SBML model: what balances, what rests at equilibrium."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

import pandas as pd

from transport_model import Model
from transport_model.catalogue import printed_digits
from transport_model.errors import InputError, UnsupportedModelError
from transport_model.mathematics.equations import read_equations
from transport_model.model import check_model

from ...verdict import Verdict, VerdictTable
from ..chemistry import Reaction, read_chemistry
from .cycles import Cycles
from .findings import Finding, skipped_finding
from .fluxes import energy_findings, still_at_equilibrium
from .rounding import half_units
from .state_sampler import StateSampler

#: Columns of an audit.
AUDIT_COLUMNS = ["check", "subject", "conditions", "expected", "got", "factor", "tolerance",
                 "verdict", "note"]  # fmt: skip


def audit(
    model: Model, *, samples: int = 20, seed: int = 1, digits: Mapping[str, int] | None = None
) -> pd.DataFrame:
    """Check the thermodynamics of every reaction of a model, or say why it cannot be checked.

    What is checked follows from the equations and the annotations. Species that share a ChEBI term
    are one substance; GO terms of compartments tell the two sides of the membrane, with potential 0
    outside and V_m inside. A cell with several faces has a species that counts the charge on each
    (annotated with the property CHEBI:24870), in the compartment that lies beyond it, and the
    potential (PATO:0001462) that this charge makes; all are set at random, each by itself. Ids that
    count:
    ``V_m``, ``charge``, ``T``, ``F``, ``R``, ``dG_ATP_0`` (kJ/mol, H⁺ explicit, 1 M) and the pairs
    ``J_x``, ``dG_x``. The checks are

    ``cycle``
        Products of constants round every cycle of mass-action reactions, at three potentials and
        with other species at random; one row where all are off by the same factor. A reaction that
        takes a substance to the other side in one step is a cycle by itself. Where a step has no
        reverse rate there is nothing to compare: ``no reverse``, with the steps in the note. Where
        the constants were printed with few digits, a product that half a unit in the last of each
        can explain is ``within rounding of print``.
    ``equilibrium``
        Net over one-way flux of every reaction annotated as transport (SBO:0000655, SBO:0000185)
        whose substances only change sides, with all of the model's substances at equilibrium. A
        flow, or a transport that no state turns back, is ``no reverse``.
    ``dissipation``, ``reversal``, ``free energy``
        With J_x and dG_x: the flux runs downhill at random states, those of a shared carrier taken
        together (``J_x``, ``J_x_y``); it vanishes where dG_x does; and dG_x is what the reaction's
        substances say.
    ``charge``
        In a model with species that count charge: what a reaction books on each face against what
        its ions carry through it. A voltage clamp, which moves charge alone, is a battery and not
        checked.

    Parameters
    ----------
    model
        Any model, with or without annotations, at the values set on it.
    samples
        Random states for each check of a flux; potentials lie between -150 and 100 mV.
    seed
        Seed of the random states.
    digits
        Significant digits of constants as they were printed, by id; all others are exact. Without
        it those of the parameter set (:func:`transport_model.catalogue.printed_digits`).

    Returns
    -------
    pandas.DataFrame
        A row per finding: ``check``, ``subject`` (a cycle as its reactions, with a minus for
        backwards, and its states), ``conditions``, ``expected`` and ``got`` (in the model's units;
        for fluxes the net over the one-way flux), ``factor`` (expected over got, or got over
        expected if that is larger; for fluxes as ``got``), ``tolerance`` (relative; of a cycle with
        its digits), ``verdict`` (a word of :class:`Verdict`: ``broken`` is against a law,
        ``no reverse`` an irreversible step, where ``got`` of a cycle and ``factor`` are NaN) and
        ``note``. Reactions that no check reaches have a row too.

    Raises
    ------
    UnknownIdError, InputError
        `samples` is not positive, `seed` is negative, or `digits` are not those of quantities.
    """
    check_model(model)
    if samples < 1:
        raise InputError(f"an audit needs at least one random state, not {samples}")
    if seed < 0:
        raise InputError(f"a seed must be zero or more, not {seed}")
    known = printed_digits(model.name, {name: q.value for name, q in model.quantities.items()})
    halves = half_units(model, known if digits is None else digits)
    try:
        read_equations(model.sbml)
    except UnsupportedModelError as refusal:
        found = [skipped_finding("reaction", name, str(refusal)) for name in model.reaction_ids]
    else:
        found = _findings(StateSampler(model, read_chemistry(model.sbml), samples, seed), halves)
    if not found:
        found = [skipped_finding("reaction", model.name, "the model has no reactions")]
    rows = [[str(finding.verdict) if column == "verdict" else getattr(finding, column)
             for column in AUDIT_COLUMNS] for finding in found]  # fmt: skip
    return VerdictTable(rows, columns=AUDIT_COLUMNS)


def _findings(sampler: StateSampler, halves: Mapping[str, float]) -> list[Finding]:
    reactions = sampler.chemistry.reactions
    found, reasons = Cycles(sampler, halves).findings()
    for name, reaction in reactions.items():
        if reaction.is_transport:
            finding = still_at_equilibrium(sampler, reaction)
            if isinstance(finding, Finding):
                found.append(finding)
            else:
                reasons[name] = f"{finding}; nor is there a J_x with its dG_x"
    found += energy_findings(sampler)
    reached = {name for finding in found for name in finding.reactions}
    if sampler.chemistry.faces:
        found += [_booked(sampler, reaction) for reaction in reactions.values()]
    found += [skipped_finding("reaction", name, reasons.get(name, "")) for name in reactions
              if name not in reached]  # fmt: skip
    return found


def _booked(sampler: StateSampler, reaction: Reaction) -> Finding:
    """Compare the charge that a reaction books with what its species carry, face by face."""
    chemistry = sampler.chemistry
    if chemistry.is_battery(reaction.change):
        return skipped_finding("charge", reaction.id, "it moves charge alone, as a battery does")
    moved = chemistry.charge_moved(reaction.change)
    if isinstance(moved, str) or not reaction.fixed:
        why = moved if isinstance(moved, str) else "its stoichiometry is computed"
        return skipped_finding("charge", reaction.id, why)
    booked = {face: -reaction.change.get(face, Fraction(0)) for face in chemistry.faces}
    wrong = [face for face in booked if moved[face] != booked[face]]
    # Of several faces the row is about the first that is wrong, or about the charge through all
    shown = wrong[:1] or list(booked)
    own, got = (float(sum(abs(z[face]) if len(shown) > 1 else z[face] for face in shown))
                for z in (moved, booked))  # fmt: skip
    off = max(own / got, got / own) if own * got > 0 else math.inf
    face = "" if len(booked) == 1 else f" through the face of {' and '.join(shown)}"
    return Finding("charge", reaction.id, f"elementary charges moved in{face}", own, got,
                   off if wrong else 1.0, 0.0,
                   Verdict.BROKEN if wrong else Verdict.HOLDS)  # fmt: skip
