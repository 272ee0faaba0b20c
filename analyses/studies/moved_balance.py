"""How a steady state moves with its start and with constants."""

from __future__ import annotations

import numpy as np

from transport_model.mathematics.certification import Examiner
from transport_model.mathematics.linearization import values_and_derivatives
from transport_model.mathematics.program import velocity_names
from transport_model.mathematics.structure import structure_derivatives


def moved_balance(
    examiner: Examiner, states: np.ndarray, start: np.ndarray, constants: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return how balanced states move in some directions, and how exactly that is balanced.

    ``dx = do - L (N_R (∂v/∂x) L)^-1 (N_R (∂v/∂x do + ∂v/∂p dp) + dN_R v)``, where ``o`` is what the
    conserved sums add to the dependent states, and stoichiometries may follow constants.

    Parameters
    ----------
    examiner
        The model's, which starts where the states come from.
    states
        The balanced states.
    start, constants
        How the starting states and the constants move, a column per direction.

    Returns
    -------
    tuple
        An array of shape (states, directions), and the largest share of a species' flows by which
        the moved states are out of balance: rounding.
    """
    equations, structure = examiner.equations, examiner.structure
    free, link = structure.independent, structure.link
    rows, links = structure_derivatives(examiner.model.sbml, structure, examiner.start, constants)
    shift = states[free] - examiner.initial[free]
    offset = start - link @ start[free] + (links @ shift).T
    names = (*equations.states, *equations.constants)
    targets = tuple(velocity_names(equations))
    velocities, slopes = values_and_derivatives(
        examiner.model.sbml, targets, names, states, examiner.constants
    )
    by_state, by_constant = np.split(slopes, [len(equations.states)], axis=1)
    reduced = structure.stoichiometry[free]
    push = reduced @ (by_state @ offset + by_constant @ constants) + (rows @ velocities).T
    moved = offset - link @ np.linalg.solve(reduced @ by_state @ link, push)
    left = np.abs(reduced @ (by_state @ moved + by_constant @ constants) + (rows @ velocities).T)
    gross = np.abs(by_state) @ np.abs(moved) + np.abs(by_constant) @ np.abs(constants)
    gross = np.abs(reduced) @ gross + np.abs((rows @ velocities).T)
    return moved, float((left / np.where(gross > 0, gross, 1.0)).max(initial=0.0))
