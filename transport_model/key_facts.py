"""What people look for first in a steady state, and the groups that the rest falls into."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from transport_model.model import Model

#: The facts of a resting cell, in words, by id.
KEY_FACTS = {
    "V_m": "membrane potential",
    "V_a": "luminal membrane potential",
    "V_b": "basolateral membrane potential",
    "V_te": "transepithelial potential",
    "Na_i": "cytosolic Na⁺",
    "K_i": "cytosolic K⁺",
    "Cl_i": "cytosolic Cl⁻",
    "HCO3_i": "cytosolic HCO₃⁻",
    "Glc_i": "cytosolic glucose",
    "J_pump": "pump cycles",
    "J_sglt": "glucose uptake",
    "J_glut": "glucose exit to the blood",
    "cytosol": "cell water",
}
#: Those of a cell with one membrane and of a cell with two faces; a cell has its first.
_CELLS = (
    ("V_m", "Na_i", "K_i", "Cl_i", "Glc_i", "J_pump", "J_sglt", "cytosol"),
    ("V_a", "V_b", "V_te", "Na_i", "K_i", "Cl_i", "HCO3_i", "Glc_i", "J_pump", "J_sglt", "J_glut",
     "cytosol"),
)  # fmt: skip
#: Facts of a model that is no cell of ours: so many species and so many reactions.
MOST_SPECIES, MOST_REACTIONS = 12, 8

POTENTIALS, SPECIES, FLUXES, ENERGIES, OTHERS = GROUPS = (
    "Potentials", "Species", "Fluxes", "Energies", "Everything else")  # fmt: skip
_MEASURES = {"V": POTENTIALS, "mV": POTENTIALS, "kJ/mol": ENERGIES, "J/mol": ENERGIES,
             "pW": ENERGIES, "pJ": ENERGIES, "V/V": OTHERS}  # fmt: skip


def key_facts(model: Model, columns: Iterable[str]) -> list[str]:
    """Return the columns of a result that a person looks for first.

    Those of :data:`KEY_FACTS` if the model is such a cell; otherwise the first of what moves, and
    of the reactions.
    """
    there = list(columns)
    facts = cell_facts(there)
    if facts:
        return facts
    kinds = {name: quantity.kind for name, quantity in model.quantities.items()}
    moving = [n for n in there if kinds.get(n) == "floating"
              or (n in kinds and model.quantities[n].computed == "rate rule")]  # fmt: skip
    reactions = [name for name in there if name in model.reaction_ids]
    return moving[:MOST_SPECIES] + reactions[:MOST_REACTIONS] or there[:MOST_SPECIES]


def cell_facts(columns: Sequence[str]) -> list[str]:
    """Return the columns of :data:`KEY_FACTS` if a result is such a cell's, or none."""
    for first, *others in _CELLS:
        facts = [name for name in (first, *others) if name in columns]
        if first in facts and len(facts) > (1 + len(others)) / 2:
            return facts
    return []


def grouped(model: Model, columns: Sequence[str]) -> dict[str, str]:
    """Return the group of each column of a result, the groups one after another."""
    of_time = f"/{model.units['time']}"

    def group(name: str) -> str:
        quantity = model.quantities.get(name)
        is_species = quantity is not None and quantity.kind in {"floating", "boundary"}
        if is_species or name in model.amount_columns:
            return SPECIES
        unit = model.unit(name)
        if name in model.reaction_ids or (unit.endswith(of_time) and name.startswith("J_")):
            return FLUXES
        return _MEASURES.get(unit, OTHERS)

    found = {name: group(name) for name in columns}
    return {name: found[name] for part in GROUPS for name in columns if found[name] == part}
