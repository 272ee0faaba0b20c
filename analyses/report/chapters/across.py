"""The chapter on cells of two faces: glucose across the membrane, and along the tubule."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from transport_model import Model, load_model, steady_state

from ...figures.epithelium import profile, titration_curves
from ...figures.models import draw_model
from ...studies.tubule import titration, tubule, tubule_claims
from ...studies.tubule.claims import TREATED
from ..chapter import Chapter
from .certificate import state_table

#: Blood glucose of the titration [mM].
GLUCOSE = tuple(float(x) for x in range(1, 31))


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
    drawn
        Caption of the drawing of the cell; empty without one.
    """

    name: str
    potentials: tuple[float, float, float]
    uptake: float
    exit: float
    reabsorbed: float
    T_m: float
    threshold: float
    claims: pd.DataFrame
    drawn: str = ""


def is_polarised(model: Model) -> bool:
    """Whether a model is a cell of two faces with the ids of ``epithelium``."""
    known = {*model.quantities, *model.rules.index}
    return known.issuperset(("V_a", "V_b", "V_te", "J_sglt", "J_glut", "Glc_a", "Glc_b"))


def across_the_membrane(cell: Model) -> Chapter[Across]:
    """Return the chapter with a drawing of the cell: see :func:`along_the_tubule`."""
    chapter, drawing = along_the_tubule(cell), draw_model(cell, steady_state(cell))
    return replace(chapter, facts=replace(chapter.facts, drawn=drawing.caption),
                   figures={"polarised_cell": drawing.figure, **chapter.figures})  # fmt: skip


def along_the_tubule(cell: Model) -> Chapter[Across]:
    """Return the chapter: a polarised cell at rest, nephrons along the tubule, and their claims.

    Parameters
    ----------
    cell
        Of two faces; nephrons run on the model ``segment``, whatever it is.

    Raises
    ------
    SteadyStateError
        The cell does not rest.
    """
    state = steady_state(cell)
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
    return Chapter(
        "across", "Across the membrane", "across", facts,
        {"nephron": one.rename_axis("segment"),
         "titration": found.table.reset_index(level=0), "nephron_claims": claims,
         "polarised_state": state_table(cell, state)},
        {"nephron": profile(one),
         "titration": titration_curves(*curves)},
        models=(cell, segment),
    )  # fmt: skip
