"""What a page shows of a cell that transports: its anatomy, its energy, and what to set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from transport_model import Model, load_model
from transport_model.catalogue import shipped_models

from ..studies.anatomy import Anatomy, anatomy
from .tour import german_labels, german_names, stages

#: What the account of energy needs by name.
_ENERGY = {"atp": "dG_ATP", "RT": "RT", "F": "F"}
#: How far beyond its first value a slider goes at least, as a multiple of it.
ROOM = 2.0
#: How long a course is at first [s], and what it shows, as far as a model has it.
_END, _SHOWN = 3600.0, ("V_m", "V_a", "V_b", "Na_i", "K_i", "Glc_i", "J_pump", "J_sglt")


@dataclass(frozen=True)
class Knob:
    """A slider of the lesson.

    Attributes
    ----------
    id
        What it sets, or a name of its own if it has factors.
    en, de
        Its label.
    low, high
        Its ends in the model's unit; of one with factors these.
    scale
        ``log``, where zero may stand below the lowest decade, or ``even``.
    factors
        Ids of what is multiplied together.
    """

    id: str
    en: str
    de: str
    low: float
    high: float
    scale: str = "even"
    factors: tuple[str, ...] = ()


#: In the order in which the lesson comes to them; those that a model lacks are left out.
KNOBS: Sequence[Knob] = (
    Knob("J_pump_max", "Na⁺/K⁺ pumps", "Na⁺/K⁺-Pumpen", 0, 4),
    Knob("ouabain", "ouabain, stops pumps", "Ouabain, hält Pumpen an", 0, 1, "log"),
    Knob("P_K", "K⁺ leak", "K⁺-Leck", 0, 0.08),
    Knob("P_K_b", "K⁺ leak to the blood", "K⁺-Leck zum Blut", 0, 0.12),
    Knob("P_Na", "Na⁺ leak", "Na⁺-Leck", 0, 0.0035),
    Knob("P_Na_a", "Na⁺ leak from the lumen", "Na⁺-Leck aus dem Lumen", 0, 0.003),
    Knob("Na_o", "Na⁺ outside", "Na⁺ außen", 1, 150),
    Knob("K_o", "K⁺ outside", "K⁺ außen", 1, 15),
    Knob("K_b", "K⁺ in the blood", "K⁺ im Blut", 1, 15),
    Knob("Glc_o", "glucose in the lumen", "Glucose im Lumen", 0.001, 30, "log"),
    Knob("Glc_a", "glucose in the lumen", "Glucose im Lumen", 0.001, 30, "log"),
    Knob("Glc_b", "glucose in the blood", "Glucose im Blut", 0.5, 30, "log"),
    Knob("phlorizin", "phlorizin, blocks symport", "Phlorizin, hemmt Symport", 0, 1, "log"),
    Knob("gliflozin", "dapagliflozin, blocks SGLT2", "Dapagliflozin, hemmt SGLT2", 0, 0.01, "log"),
    Knob("sglt_k25", "slip of the symporter", "Schlupf des Symporters", 0, 1),
    Knob("sglt1_k25", "slip of SGLT1", "Schlupf von SGLT1", 0, 1),
    Knob("n_SGLT", "symporters", "Symporter", 0, 0.5),
    Knob("n_SGLT2", "symporters of 1 Na⁺ : 1 glucose", "Symporter 1 Na⁺ : 1 Glucose", 0, 0.05),
    Knob("n_SGLT1", "symporters of 2 Na⁺ : 1 glucose", "Symporter 2 Na⁺ : 1 Glucose", 0, 0.05),
    Knob("J_glut_max", "glucose exit", "Glucoseausgang", 0, 100),
    Knob("V_m", "membrane potential", "Membran\u00adpotential", -120, 40),
    Knob("Na_i", "Na⁺ inside", "Na⁺ innen", 1, 150),
    Knob("K_i", "K⁺ inside", "K⁺ innen", 1, 150),
    Knob("ATP", "ATP", "ATP", 0.01, 10, "log"),
    Knob("clamped", "voltage clamp at zero", "Spannungsklemme auf null", 0, 1),
    Knob("membrane", "membrane away: leaks and exit", "Membran weg: Lecks und Ausgang", 1, 1e6,
         "log", ("P_Na", "P_K", "P_Cl", "J_glut_max")),
)  # fmt: skip


#: Shipped models that differ in the stoichiometry of their symporter.
FELLOWS = {"cell": "cell_sglt2", "cell_sglt2": "cell"}


def fellow_of(model: Model) -> Model | None:
    """Return the model that a shipped one is compared with, with its values; None of any other."""
    name = FELLOWS.get(model.name, "")
    if not name or model.sbml != load_model(model.name).sbml:
        return None
    fellow = load_model(name)
    shared = {key: value for key, value in model.changes.items() if key in fellow.quantities}
    return fellow.with_values(**shared)


def lesson_of(model: Model) -> dict[str, Any] | None:
    """Return what a page shows of a transporting cell besides what it shows of any model.

    Parameters
    ----------
    model
        Any model.

    Returns
    -------
    dict or None
        ``schematic``, places, membranes and transporters as :func:`.anatomy` tells them;
        ``energy``, ids; ``knobs``; ``tour``, its experiments; ``german`` names by id; ``end`` and
        ``shown`` of its courses. None of a model that is no such cell, or has not what its energies
        need.
    """
    cell = anatomy(model)
    if cell is None or not all(membrane.quantity for membrane in cell.membranes):
        return None
    known = {*model.quantities, *model.rules.index}
    shipped = model.name in shipped_models()
    named = (
        {*known, *model.amount_columns, *model.reaction_ids, *model.compartments.index}
        if shipped
        else set()
    )
    places = {place.id: place.name for place in cell.places}
    if not known.issuperset(_ENERGY.values()):
        return None
    return {
        "schematic": _schematic(cell),
        "energy": _ENERGY,
        "knobs": [_knob(model, knob) for knob in KNOBS if _settable(model, knob)],
        "tour": stages(model),
        "german": {name: words for name, words in german_names().items() if name in named}
        | {
            place: german_labels()[name]
            for place, name in places.items()
            if shipped and name in german_labels()
        },
        "end": _END,
        "shown": [name for name in _SHOWN if name in known],
    }


def _settable(model: Model, knob: Knob) -> bool:
    names = knob.factors or (knob.id,)
    known = [model.quantities[name] for name in names if name in model.quantities]
    # What moves by itself would only start there
    return len(known) == len(names) and all(
        each.settable and each.kind != "floating" for each in known
    )


def _knob(model: Model, knob: Knob) -> dict[str, Any]:
    # Beyond what the model starts with there is room, too
    value = 0.0 if knob.factors else model.quantities[knob.id].value
    told: dict[str, Any] = {
        "id": knob.id,
        "label": {"en": knob.en, "de": knob.de},
        "low": knob.low,
        "high": max(knob.high, ROOM * value),
        "scale": knob.scale,
    }
    return told | ({"factors": list(knob.factors)} if knob.factors else {})


def _schematic(cell: Anatomy) -> dict[str, Any]:
    """Return a cell without what is known of a state, which the page computes."""
    return {
        "places": [
            {
                "id": place.id,
                "name": place.name,
                "inside": place.inside,
                "contents": [
                    {"substance": c.substance, "species": c.species, "unit": c.unit,
                     "charge": c.charge} for c in place.contents
                ],
            } for place in cell.places
        ],
        "membranes": [{"beyond": list(m.beyond), "quantity": m.quantity, "unit": m.unit}
                      for m in cell.membranes],
        "transporters": [
            {"reaction": t.reaction, "name": t.name, "kind": t.kind, "membrane": t.membrane,
             "moved": [asdict(moved) for moved in t.moved], "atp": t.atp}
            for t in cell.transporters
        ],
        "unit": cell.unit,
    }  # fmt: skip
