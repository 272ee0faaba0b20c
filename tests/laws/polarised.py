"""Random cells of two faces: parameters from their known ranges, the others within twofold."""

from __future__ import annotations

import pytest

from transport_model import load_model
from transport_model.analyses.scans.designs.designs import latin_hypercube, provenance_ranges
from transport_model.catalogue import shipped_models
from transport_model.quantities import charges_of

#: The shipped cells of two faces: each time the source of all, and the stretch of tubule.
POLARISED = [
    pytest.param(name, marks=() if name in {"epithelium", "segment"} else pytest.mark.slow)
    for name in shipped_models()
    if len(charges_of(load_model(name).sbml)) == 2
]
#: What ranges need not cover: capacities and permeabilities, and the fluids on both sides.
_OTHERS = ("J_", "P_", "L_", "K_", "n_SGLT", "C_", "Q_in")
_FLUIDS = ("_a", "_b", "_in")
#: Inhibitors stop what they inhibit, and a clamp takes the circuit out of the cell's hands.
_LEFT_OUT = ("ouabain", "phlorizin", "gliflozin", "clamped", "hold_osmolarity")


def random_sets(name: str, count: int, seed: int):
    """Return a model and random sets of what can be set on it, one row each.

    The fluids vary by a quarter: a cell between a dilute bath and one twice as strong has no volume
    at which it rests.
    """
    model = load_model(name)
    ranges = {n: r for n, r in provenance_ranges(model).items() if n not in _LEFT_OUT}
    for quantity in model.quantities.values():
        fluid = quantity.unit == "mM" and quantity.id.endswith(_FLUIDS)
        if quantity.id in ranges or quantity.computed or not quantity.value > 0:
            continue
        if fluid and quantity.kind != "floating":
            ranges[quantity.id] = (0.8 * quantity.value, 1.25 * quantity.value)
        elif quantity.id.startswith(_OTHERS):
            ranges[quantity.id] = (0.5 * quantity.value, 2.0 * quantity.value)
    return model, latin_hypercube(count, seed=seed, **ranges)
