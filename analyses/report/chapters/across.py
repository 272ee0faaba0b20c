"""The chapter on cells of two faces: glucose across the membrane, and along the tubule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from transport_model import Model, load_model, steady_state

from ...figures.epithelium import profile, titration_curves
from ...figures.models import draw_model
from ...studies.tubule import titration, tubule, tubule_claims
from ...studies.tubule.claims import TREATED
from ..chapter import Chapter

#: Blood glucose of the titration [mM].
GLUCOSE = tuple(float(x) for x in range(1, 31))


@dataclass(frozen=True)
class Across:
    """What the chapter states.

    Attributes
    ----------
    drawn
        The caption of the cell's drawing.
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
    drawn: str
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
    drawing = draw_model(cell, state)
    facts = Across(
        name=cell.name,
        drawn=drawing.caption,
        potentials=(state["V_a"], state["V_b"], state["V_te"]),
        uptake=state["J_sglt"],
        exit=state["J_glut"],
        reabsorbed=float(nephron.summary["FR_Glc"].iloc[0]),
        T_m=float(found.summary["T_m_mg"].iloc[0]),
        threshold=float(found.summary["threshold"].iloc[0]),
        claims=claims,
    )
    return Chapter(
        "across", "Across the membrane", "across", facts,
        {"nephron": one.rename_axis("segment"),
         "titration": found.table.reset_index(level=0), "nephron_claims": claims},
        {"polarised_cell": drawing.figure,
         "nephron": profile(one),
         "titration": titration_curves(*curves)},
    )  # fmt: skip
