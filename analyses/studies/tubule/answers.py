"""Nephrons at the points of a sample, for indices and uncertainty of what tubules do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from transport_model import Model
from transport_model.columns import units_of
from transport_model.errors import UnknownIdError
from transport_model.model import check_model

from ...scans.designs.base import Design, parts
from ..global_sensitivity.answers import Answered
from .geometry import Tubule
from .tubule import SEGMENTS, tubule

#: Nephrons that are followed at a time.
CHUNK = 4096


@dataclass(frozen=True)
class TubuleAnswers:
    """Columns of the summary of nephrons, at points that set quantities of their cells.

    An amount of carriers, such as ``n_SGLT2``, is that of the part that has most of it; other parts
    keep their share. Everything else holds all along the tubule.

    Attributes
    ----------
    model
        Of a segment. With ``Glc_b`` set to 30 mM, ``Glc_reabsorbed`` is the transport maximum.
    outputs
        Columns of :attr:`.Nephrons.summary`.
    geometry, segments
        As for :func:`tubule`.
    """

    model: Model
    outputs: tuple[str, ...]
    geometry: Tubule = field(default_factory=Tubule)
    segments: int = SEGMENTS

    @property
    def units(self) -> dict[str, str]:
        """Units by output."""
        table = tubule(self.model, geometry=self.geometry, segments=len(self.geometry.parts))
        known = units_of(table.summary)
        return {name: known[name] for name in self.outputs if name in known}

    def at(
        self, design: Design, name: str, progress: Callable[[int], object] | None = None
    ) -> Answered:
        """Return the answers at every point of a design; `name` tells it from others."""
        values = np.full((len(design), len(self.outputs)), np.nan)
        failures: Counter[str] = Counter()
        for start, stop in parts(design, CHUNK):
            rows = self._by_part(design.rows(start, stop))
            found = tubule(self.model, rows, geometry=self.geometry, segments=self.segments,
                           outputs=()).summary  # fmt: skip
            numbers = found[list(self.outputs)].to_numpy(dtype=float)
            whole = found["converged"].to_numpy(dtype=bool) & np.isfinite(numbers).all(axis=1)
            values[start:stop][whole] = numbers[whole]
            failures.update(map(str, found["status"][~whole]))
            if progress is not None:
                progress(stop - start)
        return Answered(values, failures)

    def _by_part(self, rows: pd.DataFrame) -> pd.DataFrame:
        columns = {}
        for name, column in rows.items():
            own = [part.values.get(str(name), self.model.quantities[str(name)].value)
                   for part in self.geometry.parts]  # fmt: skip
            if len(set(own)) == 1:
                columns[str(name)] = column
                continue
            for part, value in zip(self.geometry.parts, own, strict=True):
                columns[f"{part.name}.{name}"] = column * (value / max(own))
        return pd.DataFrame(columns, index=rows.index)


def tubule_answers(
    model: Model,
    outputs: Sequence[str],
    *,
    geometry: Tubule | None = None,
    segments: int = SEGMENTS,
) -> TubuleAnswers:
    """Return what indices and uncertainty ask of nephrons.

    Parameters
    ----------
    model
        Of a segment. With ``Glc_b`` set to 30 mM, ``Glc_reabsorbed`` is the transport maximum.
    outputs
        Columns of :attr:`.Nephrons.summary`, such as ``FR_Glc``.
    geometry, segments
        As for :func:`tubule`.

    Returns
    -------
    TubuleAnswers
        For :func:`sobol_indices`, :func:`morris_screening` and :func:`propagate_uncertainty`.

    Raises
    ------
    UnknownIdError
        An output is no column of the summary.
    """
    check_model(model)
    geometry = Tubule() if geometry is None else geometry
    known = tubule(model, geometry=geometry, segments=len(geometry.parts)).summary
    for name in outputs:
        if name not in known:
            raise UnknownIdError.of(name, list(map(str, known)), "the summary of nephrons")
    return TubuleAnswers(model, tuple(outputs), geometry, segments)
