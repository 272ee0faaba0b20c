"""What tubules are measured by, for many sets of values at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from transport_model import Model, load_model
from transport_model.errors import ComputationError
from transport_model.model import check_model

from ...scans.scan import scan
from .geometry import Tubule
from .titration import titration
from .tubule import SEGMENTS, tubule

#: Blood glucose [mM] of the nephrons that are measured, and of a titration for T_m and threshold.
FED, LOADED = 5.0, 20.0
GLUCOSE = (5.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 15.0, 20.0, 25.0, 30.0)
#: Share of SGLT2 that a blocked tubule keeps in the measure of T_m under a drug.
LEFT_OPEN = 0.1
#: Area of epithelium that belongs to a cell [cm²]: 200 µm².
FOOTPRINT = 2e-6
_CARRIERS = ("n_SGLT2", "n_SGLT1")
#: Nephrons by name: blood glucose, and what is left of either carrier.
_NEPHRONS: Mapping[str, tuple[float, float, float]] = {
    "": (FED, 1.0, 1.0),
    "no_SGLT2": (FED, 0.0, 1.0),
    "no_SGLT1": (FED, 1.0, 0.0),
    "neither": (FED, 0.0, 0.0),
    "loaded": (LOADED, 0.0, 1.0),
}
_OUTPUTS = ("V_te", "V_b", "Na_i", "K_i", "Cl_i", "Glc_i", "pH_i", "osm_a", "osm_b", "J_sglt2",
            "J_sglt2_slip", "J_sglt1", "J_sglt1_slip")  # fmt: skip


def measures(
    model: Model,
    values: pd.DataFrame | None = None,
    *,
    geometry: Tubule | None = None,
    segments: int = SEGMENTS,
) -> pd.DataFrame:
    """Measure tubules as experiments have measured them.

    Parameters
    ----------
    model
        Of a segment.
    values
        A set of values in each row, by columns as a design of :func:`tubule` has them; by default
        one of the model's own.
    geometry, segments
        As for :func:`tubule`.

    Returns
    -------
    pandas.DataFrame
        Indexed like `values`; a column for every ``measure`` of :data:`.targets.TARGETS`.

    Raises
    ------
    ComputationError
        A nephron of the first set has no certified steady state. Of other sets it is NaN.
    """
    check_model(model)
    geometry = Tubule() if geometry is None else geometry
    values = pd.DataFrame(index=range(1)) if values is None else values
    whole = with_carriers(model, values, geometry)
    found = _nephrons(model, whole, geometry, segments)
    found["R_te"] = _resistance(model, whole, geometry.parts[0].name)
    own = titration(model, whole, glucose=GLUCOSE, geometry=geometry, segments=segments).summary
    kept = scaled(whole, (LEFT_OPEN, 1.0))
    drug = titration(model, kept, glucose=GLUCOSE, geometry=geometry, segments=segments).summary
    found[["T_m_mg", "threshold"]] = own[["T_m_mg", "threshold"]]
    found["drop_of_T_m"] = drug["T_m_mg"] / own["T_m_mg"] - 1
    if not found.iloc[0].drop(["drop_of_T_m", "threshold"]).notna().all():
        raise ComputationError("a nephron of these values has no certified steady state")
    return found


def with_carriers(model: Model, values: pd.DataFrame, geometry: Tubule) -> pd.DataFrame:
    """Return sets of values that say of every part how much of both carriers it has."""
    columns = {}
    for part in geometry.parts:
        for name in _CARRIERS:
            own = part.values.get(name, model.quantities[name].value)
            given = model.changes.get(name, own)
            columns[f"{part.name}.{name}"] = values.get(
                f"{part.name}.{name}", values.get(name, pd.Series(given, values.index))
            )
    rest = values.drop(columns=[n for n in values if n in columns or n in _CARRIERS])
    return pd.concat([rest, pd.DataFrame(columns, index=values.index)], axis=1)


def scaled(values: pd.DataFrame, shares: tuple[float, float]) -> pd.DataFrame:
    """Return sets of values with shares of both carriers."""
    share: dict[str, float] = dict(zip(_CARRIERS, shares, strict=True))
    return values.assign(**{str(column): values[column] * share[str(column).rpartition(".")[2]]
                            for column in values
                            if str(column).rpartition(".")[2] in _CARRIERS})  # fmt: skip


def _nephrons(model: Model, values: pd.DataFrame, geometry: Tubule, segments: int) -> pd.DataFrame:
    design = pd.concat(
        [scaled(values, (two, one)).assign(Glc_b=glucose)
         for glucose, two, one in _NEPHRONS.values()], keys=_NEPHRONS
    )  # fmt: skip
    run = tubule(model, design.reset_index(drop=True), geometry=geometry, segments=segments,
                 outputs=_OUTPUTS)  # fmt: skip
    summary = run.summary.set_index(design.index)
    by_place = run.segments.set_index(
        pd.MultiIndex.from_product([range(len(design)), range(segments)])
    )
    places = {"first": 0, "late": int(0.75 * segments)}
    ends = {part.name: max(i for i, (own, _, _) in enumerate(geometry.layout(segments))
                           if own.name == part.name) for part in geometry.parts}  # fmt: skip

    def at(nephron: str, column: str, place: int) -> np.ndarray:
        table = by_place[column].unstack()
        return table.set_index(design.index).loc[nephron][place].to_numpy()

    control = summary.loc[""]
    found = {name: control[name] for name in ("FR_water", "FR_Na", "FR_HCO3", "Na_per_ATP")}
    found["Cl_ratio"] = control["Cl_a"] / model.quantities["Cl_in"].value
    found["osmolarity"] = (
        at("", "osm_a", segments - 1) - at("", "osm_b", segments - 1)
    )  # fmt: skip
    for place, index in places.items():
        for name in ("V_te", "V_b", "Na_i", "K_i", "Cl_i", "pH_i"):
            found[f"{name}_{place}"] = at("", name, index)
    found["Glc_i_first"] = at("", "Glc_i", 0) / FED
    for part, index in ends.items():
        found[f"FR_Glc_{part}"] = 1 - at("", "left_Glc", index)
        found[f"FR_Glc_{part}_no_SGLT2"] = 1 - at("no_SGLT2", "left_Glc", index)
    for nephron in ("no_SGLT2", "no_SGLT1", "neither", "loaded"):
        found[f"FR_Glc_{nephron}"] = summary.loc[nephron]["FR_Glc"].to_numpy()
    found["FR_Glc_diet"] = found["FR_Glc_no_SGLT2"]
    cells = by_place["cells"].to_numpy().reshape(len(design), segments)[: len(values)]
    carried = sum(
        count * by_place[name].to_numpy().reshape(len(design), segments)[: len(values)]
        for name, count in (("J_sglt2", 1), ("J_sglt2_slip", 1), ("J_sglt1", 2),
                            ("J_sglt1_slip", 2))
    )  # fmt: skip
    found["Na_with_Glc"] = (carried * cells).sum(axis=1) / (control["ATP"] * control["Na_per_ATP"])
    return pd.DataFrame({name: np.asarray(column) for name, column in found.items()}, values.index)


def _resistance(model: Model, values: pd.DataFrame, first: str) -> np.ndarray:
    """Return the resistance of an epithelium of the `first` part's cells [Ω·cm²], clamped."""
    cell = load_model("epithelium")
    own = {name: value for name, value in model.changes.items() if name in cell.quantities}
    columns = {}
    for column in map(str, values):
        part, _, name = column.rpartition(".")
        if name in cell.quantities and part in ("", first):
            columns[name] = values[column]
    design = pd.DataFrame({**columns, "clamped": 1.0}, index=values.index)
    current = [
        scan(cell.with_values(**own), design.assign(V_clamp=volts), outputs=["I_sc"])["I_sc"]
        for volts in (0.0, 1.0)
    ]
    # mV/pA is GΩ
    return 1e9 / (current[1] - current[0]).to_numpy() * FOOTPRINT
