"""Many nephrons at once: tables by segment, and a summary of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from transport_model import Model
from transport_model.certificate import Status
from transport_model.columns import column_units, with_units
from transport_model.errors import InputError
from transport_model.model import check_model
from transport_model.ranges import warn_outside

from ...scans.designs.base import extremes
from .geometry import Tubule
from .inputs import OWN, SOLUTES, Given, read_nephrons
from .march import Marched, march

#: Segments unless somebody says otherwise.
SEGMENTS = 40
#: What a table by segment shows of each, unless somebody says otherwise.
PROFILE = ("Na_a", "K_a", "Cl_a", "HCO3_a", "Glc_a", "X_a", "osm_a", "pH_a", "V_a", "V_b", "V_te",
           "Na_i", "K_i", "Cl_i", "HCO3_i", "Glc_i", "pH_i", "cytosol", "J_sglt2", "J_sglt1",
           "J_glut", "J_nhe", "J_cfex", "J_nbc", "J_pump", "J_p_Na", "J_p_Cl", "J_p_Glc",
           "J_water_a")  # fmt: skip
#: What of the filtrate is followed: reabsorbed in part by the tubule.
FOLLOWED = ("water", "Na", "Cl", "HCO3", "Glc")
#: What the summary needs of every segment.
_NEEDED = ("J_pump", "V_te", *(f"{name}_a" for name in SOLUTES))


@dataclass(frozen=True)
class Nephrons:
    """What became of the nephrons of a design.

    Attributes
    ----------
    segments
        A row per nephron and segment. ``part``; ``x``, the end of the segment as a fraction of the
        tubule's length; ``cells`` in it; ``flow`` that leaves it [pL/s]; ``left_water``,
        ``left_Na``, ``left_Cl``, ``left_HCO3`` and ``left_Glc``, the fractions of what was filtered
        that leave it; what was asked of the model, concentrations [mM], potentials [mV] and fluxes
        per cell [fmol/s]; ``converged``, ``status`` and ``residual``.
    summary
        A row per nephron: what the design sets, and
        ``FR_water``, ``FR_Na``, ``FR_Cl``, ``FR_HCO3``, ``FR_Glc``, the fractions reabsorbed;
        ``Glc_filtered``, ``Glc_reabsorbed`` and ``Glc_excreted``, by both kidneys [mmol/min];
        ``V_te_first`` and ``V_te_last``, of the first and the last segment [mV]; what leaves the
        tubule, ``flow`` [pL/s] and ``Na_a`` to ``X_a`` [mM]; ``ATP``, used by the pumps of a
        nephron [fmol/s], and ``Na_per_ATP``, sodium reabsorbed for one; ``converged``,
        ``status``, the first that is not ``ok``, and ``residual``, the largest.
    """

    segments: pd.DataFrame
    summary: pd.DataFrame


def tubule(
    model: Model,
    design: pd.DataFrame | None = None,
    *,
    geometry: Tubule | None = None,
    segments: int = SEGMENTS,
    outputs: Sequence[str] = PROFILE,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> Nephrons:
    """Follow the filtrate of nephrons along their proximal tubules, at steady state.

    The tubule is cut into segments, each a lumen that is well mixed and cells that are alike. What
    leaves one flows into the next, and each is solved and certified by itself, for all nephrons at
    once. Nothing flows back, so that no equation joins two segments.

    Parameters
    ----------
    model
        Of a segment: ``load_model("segment")``. A value set on it holds all along the tubule.
    design
        One row per nephron; by default one as it comes. Its columns are quantities of the model,
        which then hold all along the tubule; of one part, as in ``S1.n_SGLT2``; or ``SNGFR`` [pL/s]
        and ``cells``. Filtered glucose follows ``Glc_b``; the rest of the filtrate is ``Na_in`` to
        ``X_in``.
    geometry
        The tubule: its length in cells, its parts, how many there are. A human's by default.
    segments
        How many. The error falls as one over this number: with 40 it is below 0.005 in every
        fraction that is reabsorbed, a test says. :func:`segments_needed` chooses others.
    outputs
        What the table by segment shows of the model.
    threads
        How many to use; all cores by default. Results do not depend on it, nor on which rows stand
        together in a design.
    progress
        Called with the number of nephrons just done.

    Returns
    -------
    Nephrons
        Tables by segment and by nephron. In a segment that has no certified steady state, and
        downstream of it, numbers are NaN and ``status`` is a word: ``dry`` where less than a
        thousandth of the filtrate is left, ``no inflow`` downstream, or as in a scan. Units in
        ``attrs["units"]``.

    Raises
    ------
    UnknownIdError
        A column or an output names nothing in the model or the tubule.
    InputError
        The model is none of a segment, there are fewer segments than parts, or a value cannot be:
        a flow that is not positive, a value outside its domain.

    Warns
    -----
    KernelWarning
        No kernel can be compiled here, and segments are solved one by one.
    """
    check_model(model)
    geometry = Tubule() if geometry is None else geometry
    table = pd.DataFrame(index=range(1)) if design is None else design
    if not isinstance(table, pd.DataFrame):
        raise InputError(f"a design is a table, not {type(design).__name__}")
    if isinstance(outputs, str):
        raise InputError(f"outputs is a list of columns' names, not '{outputs:.40}'")
    geometry.layout(segments)
    nephrons = read_nephrons(model, table, geometry)
    warn_outside(model.name, extremes(dict(nephrons.everywhere)), model.unit)
    wanted = [*outputs, *(name for name in _NEEDED if name not in outputs)]
    marched = march(model, nephrons, geometry, segments, wanted, threads, progress)
    return Nephrons(
        _by_segment(model, table, nephrons, geometry, marched, outputs),
        _by_nephron(model, table, nephrons, geometry, marched),
    )


def left(nephrons: Given, marched: Marched, cells: np.ndarray, name: str) -> np.ndarray:
    """Return the fraction of what was filtered that leaves each segment, by nephron and segment."""
    flow = marched["Q_out"] * cells / nephrons.SNGFR[:, None]
    if name == "water":
        return flow
    with np.errstate(divide="ignore", invalid="ignore"):
        return flow * marched[f"{name}_a"] / nephrons.filtrate[name][:, None]


def _cells(nephrons: Given, geometry: Tubule, segments: int) -> np.ndarray:
    return nephrons.cells[:, None] * np.array([s for _, s, _ in geometry.layout(segments)])


def _by_segment(
    model: Model,
    design: pd.DataFrame,
    nephrons: Given,
    geometry: Tubule,
    marched: Marched,
    outputs: Sequence[str],
) -> pd.DataFrame:
    count, segments = marched.status.shape
    layout = geometry.layout(segments)
    cells = _cells(nephrons, geometry, segments)
    columns: dict[str, object] = {
        "part": np.tile(np.array([part.name for part, _, _ in layout], dtype=object), count),
        "x": np.tile([end for _, _, end in layout], count),
        "cells": cells.ravel(),
        "flow": (marched["Q_out"] * cells).ravel(),
    }
    columns |= {f"left_{n}": left(nephrons, marched, cells, n).ravel() for n in FOLLOWED}
    columns |= {name: marched[name].ravel() for name in outputs}
    columns |= {
        "converged": (marched.status == Status.OK).ravel(),
        "status": marched.status.astype(str).astype(object).ravel(),
        "residual": marched.residuals.ravel(),
    }
    index = pd.MultiIndex.from_product(
        [design.index, range(1, segments + 1)], names=[design.index.name or "nephron", "segment"]
    )
    table = pd.DataFrame(columns, index=index)
    own = {"x": "1", "cells": "1", "flow": model.unit("Q_out"),
           **{f"left_{name}": "1" for name in FOLLOWED}}  # fmt: skip
    return with_units(table, {**column_units(model, outputs), **own})


def _by_nephron(
    model: Model, design: pd.DataFrame, nephrons: Given, geometry: Tubule, marched: Marched
) -> pd.DataFrame:
    cells = _cells(nephrons, geometry, marched.status.shape[1])
    columns = {f"FR_{n}": 1 - left(nephrons, marched, cells, n)[:, -1] for n in FOLLOWED}
    whole = geometry.mmol_per_min
    filtered = nephrons.SNGFR * nephrons.filtrate["Glc"] * whole
    flow = marched["Q_out"][:, -1] * cells[:, -1]
    excreted = flow * marched["Glc_a"][:, -1] * whole
    columns |= {
        "Glc_filtered": filtered,
        "Glc_reabsorbed": filtered - excreted,
        "Glc_excreted": excreted,
        "V_te_first": marched["V_te"][:, 0],
        "V_te_last": marched["V_te"][:, -1],
        "flow": flow,
    }
    columns |= {f"{name}_a": marched[f"{name}_a"][:, -1] for name in SOLUTES}
    used = (marched["J_pump"] * cells).sum(axis=1)
    taken_up = nephrons.SNGFR * nephrons.filtrate["Na"] * columns["FR_Na"]
    columns |= {"ATP": used, "Na_per_ATP": taken_up / used}
    results = pd.DataFrame(columns, index=design.index)
    failed = marched.status != Status.OK
    first = failed.argmax(axis=1)
    results["converged"] = ~failed.any(axis=1)
    results["status"] = marched.status[np.arange(len(first)), first].astype(str).astype(object)
    results["residual"] = marched.residuals.max(axis=1)
    units = {**{f"FR_{name}": "1" for name in FOLLOWED}, "Na_per_ATP": "1",
             **dict.fromkeys(("Glc_filtered", "Glc_reabsorbed", "Glc_excreted"), "mmol/min"),
             **dict.fromkeys(("V_te_first", "V_te_last"), model.unit("V_te")),
             "flow": model.unit("Q_out"), "ATP": model.unit("J_pump"),
             **column_units(model, [f"{name}_a" for name in SOLUTES]),
             **{n: column_unit(model, str(n)) for n in design.columns}}  # fmt: skip
    given = design.rename(columns=str).drop(columns=[c for c in map(str, design) if c in results])
    return with_units(pd.concat([given, results], axis=1), units)


def column_unit(model: Model, name: str) -> str:
    """Return the unit of what a design sets: of the model, of a part, or of the tubule."""
    if name in OWN:
        return {"SNGFR": model.unit("Q_in"), "cells": "1"}[name]
    return model.unit(name.rpartition(".")[2])
