"""Glucose titrations: how much the kidneys reabsorb as blood glucose rises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from transport_model import Model
from transport_model.columns import units_of, with_units
from transport_model.errors import InputError
from transport_model.model import check_model

from .geometry import Tubule
from .tubule import SEGMENTS, tubule

#: Blood glucose of a titration [mM]: up to where clinical ones go.
GLUCOSE = tuple(np.linspace(1.0, 30.0, 59).tolist())
#: Share of the filtered glucose whose excretion counts as glucosuria.
SHARE = 0.01
#: Milligrams in a millimole of glucose.
MG_PER_MMOL = 180.156
#: Columns of the table, of those that nephrons have.
_COLUMNS = ["FR_Glc", "FR_water", "Glc_filtered", "Glc_reabsorbed", "Glc_excreted", "converged",
            "status"]  # fmt: skip


@dataclass(frozen=True)
class Titration:
    """What a titration found.

    Attributes
    ----------
    table
        A row per nephron and blood glucose [mM], with ``Glc_filtered``, ``Glc_reabsorbed`` and
        ``Glc_excreted`` by both kidneys [mmol/min], ``FR_Glc`` and ``FR_water``, ``converged`` and
        ``status``.
    summary
        A row per nephron: what the design sets, and

        - ``T_m`` [mmol/min] and ``T_m_mg`` [mg/min], the transport maximum: the largest rate of
          reabsorption of the titration; NaN where no more than the stated share is excreted at its
          highest glucose, for then no maximum shows;
        - ``threshold`` [mM], the blood glucose at which more than the stated share of the filtered
          glucose is excreted, between points of the titration interpolated in the logarithm of
          that share; NaN where that is so at its lowest glucose or nowhere;
        - ``splay`` [mM], T_m/GFR - threshold: how much earlier glucose appears in the urine than it
          would if all were reabsorbed up to T_m;
        - ``converged``, whether every point is certified. Where one is not, there are no numbers.
    """

    table: pd.DataFrame
    summary: pd.DataFrame


def titration(
    model: Model,
    design: pd.DataFrame | None = None,
    *,
    glucose: Sequence[float] = GLUCOSE,
    share: float = SHARE,
    geometry: Tubule | None = None,
    segments: int = SEGMENTS,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> Titration:
    """Raise blood glucose step by step, and the glucose of the filtrate with it.

    Parameters
    ----------
    model, geometry, segments, threads, progress
        As for :func:`tubule`; each nephron is followed once for every glucose.
    design
        One row per nephron, as for :func:`tubule`, without its glucose; by default one as it comes.
    glucose
        Blood glucose [mM], rising.
    share
        Excreted share of the filtered glucose that counts as glucosuria.

    Returns
    -------
    Titration
        Table by glucose, and T_m, threshold and splay of each nephron.

    Raises
    ------
    InputError
        The glucose does not rise, the share is none, or the design sets glucose. Else as
        :func:`tubule`.
    """
    check_model(model)
    geometry = Tubule() if geometry is None else geometry
    steps = _checked(glucose)
    if not 0 < share < 1:
        raise InputError(f"the share that is excreted lies between 0 and 1, not {share!r:.40}")
    nephrons = pd.DataFrame(index=range(1)) if design is None else design
    if not isinstance(nephrons, pd.DataFrame):
        raise InputError(f"a design is a table, not {type(design).__name__}")
    for name in ("Glc_b", "Glc_in"):
        if name in nephrons or name in model.changes:
            raise InputError(f"'{name}' is what a titration changes; give its values as glucose")
    rows = nephrons.loc[nephrons.index.repeat(len(steps))].reset_index(drop=True)
    rows["Glc_b"] = np.tile(steps, len(nephrons))
    run = tubule(model, rows, geometry=geometry, segments=segments, outputs=(), threads=threads,
                 progress=progress)  # fmt: skip
    index = pd.MultiIndex.from_product(
        [nephrons.index, steps], names=[nephrons.index.name or "nephron", "Glc_b"]
    )
    table = run.summary[_COLUMNS].set_axis(index, axis=0)
    found = run.summary.set_axis(index, axis=0)
    marks = [_marks(each, share) for _, each in found.groupby(level=0, sort=False)]
    summary = pd.concat([nephrons.rename(columns=str), pd.DataFrame(marks, nephrons.index)], axis=1)
    units = units_of(run.summary)
    own = {"T_m": "mmol/min", "T_m_mg": "mg/min", "threshold": "mM", "splay": "mM"}
    return Titration(
        with_units(table, {name: units[name] for name in _COLUMNS if name in units}),
        with_units(summary, {**{str(n): units[str(n)] for n in nephrons.columns}, **own}),
    )


def _checked(glucose: Sequence[float]) -> np.ndarray:
    try:
        steps = np.array(glucose, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"glucose is a list of numbers in mM, not {glucose!r:.40}") from None
    rises = steps.ndim == 1 and len(steps) > 1 and (np.diff(steps) > 0).all()
    if not rises or not np.isfinite(steps).all() or steps[0] <= 0:
        raise InputError("glucose of a titration is at least two positive numbers that rise [mM]")
    return steps


def _marks(found: pd.DataFrame, share: float) -> dict[str, object]:
    """Return T_m, threshold and splay of one nephron."""
    nothing = dict.fromkeys(("T_m", "T_m_mg", "threshold", "splay"), np.nan)
    if not found["converged"].all():
        return {**nothing, "converged": False}
    glucose = found.index.get_level_values(1).to_numpy(dtype=float)
    filtered = found["Glc_filtered"].to_numpy()
    excreted = found["Glc_excreted"].to_numpy() / filtered
    above = np.flatnonzero(excreted > share)
    most = float(found["Glc_reabsorbed"].max()) if excreted[-1] > share else np.nan
    threshold = np.nan
    if len(above) and above[0] > 0:
        ends = [above[0] - 1, above[0]]
        threshold = float(np.interp(np.log(share), np.log(excreted[ends]), glucose[ends]))
    litres_per_min = filtered[0] / glucose[0]
    return {
        "T_m": most,
        "T_m_mg": most * MG_PER_MMOL,
        "threshold": threshold,
        "splay": most / litres_per_min - threshold,
        "converged": True,
    }
