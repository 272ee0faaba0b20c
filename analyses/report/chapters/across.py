"""The chapter on cells of two faces: glucose across the membrane, and along the tubule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from transport_model import Model, SteadyState, load_model, steady_state
from transport_model.quantities import charges_of

from ...figures.epithelium import Arrow, profile, schematic, titration_curves
from ...studies.chemistry import WATER, Chemistry, read_chemistry
from ...studies.tubule import titration, tubule, tubule_claims
from ...studies.tubule.claims import TREATED
from ..chapter import Chapter

#: Blood glucose of the titration [mM].
GLUCOSE = tuple(float(x) for x in range(1, 31))
#: Compartments of a polarised cell; two that a reaction joins are a face, crossed towards the blood
#: by what comes from the one that is named.
_PLACES = ("lumen", "cytosol", "blood")
_FACES = {
    frozenset(("lumen", "cytosol")): ("luminal", "lumen"),
    frozenset(("cytosol", "blood")): ("basolateral", "cytosol"),
    frozenset(("lumen", "blood")): ("between", "lumen"),
}


@dataclass(frozen=True)
class Across:
    """What the chapter states.

    Attributes
    ----------
    potentials
        Luminal, basolateral and transepithelial [mV].
    uptake, exit
        Of glucose, through the luminal face and to the blood [fmol/s].
    reabsorbed, T_m, threshold
        Share of the filtered glucose, and of a titration [mg/min, mM].
    claims
        The claims about nephrons, as :func:`.tubule_claims` returns them.
    """

    name: str
    potentials: tuple[float, float, float]
    uptake: float
    exit: float
    reabsorbed: float
    T_m: float
    threshold: float
    claims: pd.DataFrame


def is_polarised(model: Model) -> bool:
    """Whether a model is a cell of two faces with the ids of ``epithelium``."""
    known = {*model.quantities, *model.rules.index}
    return known.issuperset(("V_a", "V_b", "V_te", "J_sglt", "J_glut", "Glc_a", "Glc_b"))


def across_the_membrane(cell: Model, say: Callable[[str], object]) -> Chapter[Across]:
    """Return the chapter: a polarised cell at rest, nephrons along the tubule, and their claims.

    Parameters
    ----------
    cell
        Of two faces; nephrons run on the model ``segment``, whatever it is.
    say
        Called with the name of each step before it starts.

    Raises
    ------
    SteadyStateError
        The cell does not rest.
    """
    say("across the membrane")
    state = steady_state(cell)
    say("along the tubule")
    segment = load_model("segment")
    nephron = tubule(segment)
    drug = pd.DataFrame({"gliflozin": [0.0, TREATED]}, index=["no drug", "gliflozin"])
    found = titration(segment, drug, glucose=GLUCOSE)
    claims = tubule_claims(segment)
    one = nephron.segments.droplevel(0)
    curves = [found.table.loc[[name]].droplevel(0) for name in drug.index]
    facts = Across(
        name=cell.name,
        potentials=(state["V_a"], state["V_b"], state["V_te"]),
        uptake=state["J_sglt"],
        exit=state["J_glut"],
        reabsorbed=float(nephron.summary["FR_Glc"].iloc[0]),
        T_m=float(found.summary["T_m_mg"].iloc[0]),
        threshold=float(found.summary["threshold"].iloc[0]),
        claims=claims,
    )
    words = ("V_a", "V_b", "V_te")
    return Chapter(
        "across", "Across the membrane", "across", facts,
        {"nephron": one.rename_axis("segment"),
         "titration": found.table.reset_index(level=0), "nephron_claims": claims},
        {"polarised_cell": schematic(arrows_of(cell, state),
                                     list(zip(words, facts.potentials, strict=True))),
         "nephron": profile(one),
         "titration": titration_curves(*curves)},
    )  # fmt: skip


def arrows_of(cell: Model, state: SteadyState) -> list[Arrow]:
    """Return the fluxes at rest by face, as the reactions' stoichiometry has them.

    A flux that is zero is left out, as are those of water and of the clamp.
    """
    chemistry, charges = read_chemistry(cell.sbml), charges_of(cell.sbml)
    found = []
    for name, reaction in chemistry.reactions.items():
        flux = state[str(cell.reactions["rate"][name])]
        moved = [species for species in reaction.before if species not in charges]
        homes = {chemistry.homes[s] for s in reaction.change if s not in charges} & {*_PLACES}
        if flux == 0 or not moved or frozenset(homes) not in _FACES or _is_water(chemistry, moved):
            continue
        face, from_lumen = _FACES[frozenset(homes)]
        ahead = chemistry.homes[moved[0]] == from_lumen
        words = str(cell.reactions["name"][name])
        found.append(Arrow(face, words, flux, to_blood=ahead == (flux > 0)))
    return found


def _is_water(chemistry: Chemistry, moved: list[str]) -> bool:
    return all(chemistry.pool(name) == WATER for name in moved)
