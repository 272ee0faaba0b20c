"""How a steady state moves with its start and with constants."""

from __future__ import annotations

import numpy as np

from transport_model.errors import UnsupportedModelError
from transport_model.mathematics.certification import Examiner
from transport_model.mathematics.equations import symbol
from transport_model.mathematics.linearization import derivatives_along, net_rate
from transport_model.mathematics.time_breaks import FOREVER


def moved_balance(
    examiner: Examiner, states: np.ndarray, start: np.ndarray, constants: np.ndarray
) -> np.ndarray:
    """Return how the balanced states move in some directions.

    ``dx = do - L (N_R (∂v/∂x) L)^-1 N_R (∂v/∂x do + ∂v/∂p dp)``, where ``o`` is what the conserved
    sums add to the dependent states.

    Parameters
    ----------
    examiner
        The model's.
    states
        The balanced states.
    start, constants
        How the starting states and the constants move, a column per direction.

    Returns
    -------
    numpy.ndarray
        Of shape (states, directions).

    Raises
    ------
    UnsupportedModelError
        A constant that moves is part of a stoichiometry.
    """
    equations, structure = examiner.equations, examiner.structure
    free, link = structure.independent, structure.link
    moved = [n for n, row in zip(equations.constants, constants, strict=True) if row.any()]
    for name in moved:
        if symbol(name) in equations.stoichiometry.free_symbols:
            raise UnsupportedModelError(f"'{name}' is part of a stoichiometry: no steady state is"
                                        " followed in it here")  # fmt: skip
    names = (*equations.states, *equations.constants)
    targets = tuple(net_rate(state) for state in equations.states)
    _, slopes = derivatives_along(
        examiner.model.sbml,
        targets,
        names,
        states[:, None],
        examiner.constants,
        np.array([FOREVER]),
    )
    by_state, by_constant = np.split(slopes[0][free], [len(equations.states)], axis=1)
    offset = start - link @ start[free]
    push = by_state @ offset + by_constant @ constants
    return offset - link @ np.linalg.solve(by_state @ link, push)
