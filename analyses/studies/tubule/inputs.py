"""What the cells and the lumen of every segment are given, from a design of nephrons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from transport_model import Model
from transport_model.errors import InputError, UnknownIdError

from ...scans.designs.base import check_design
from .geometry import Part, Tubule, check_positive

#: What the lumen holds, by the first part of its ids.
SOLUTES = ("Na", "K", "Cl", "HCO3", "Glc", "X")
#: Quantities of the tubule that a design may set, beside those of the model.
OWN = ("SNGFR", "cells")
#: Charge of a filtrate that is none [mM].
SLIGHT = 1e-6
#: What a model of a segment must have.
_NEEDED = ("Q_in", "Q_out", "tau_a", "v_w", "water_a", "Glc_b", "J_pump", "V_te",
           *(f"{name}_{place}" for name in SOLUTES for place in ("in", "a")))  # fmt: skip


@dataclass(frozen=True)
class Given:
    """Given to be computed.

    Attributes
    ----------
    SNGFR, cells
        By nephron.
    filtrate
        Concentrations by solute [mM], each by nephron.
    everywhere
        What every cell of a nephron is given, by id.
    within
        What the cells of a part are given, by the part's name and id; it counts first.
    """

    SNGFR: np.ndarray
    cells: np.ndarray
    filtrate: Mapping[str, np.ndarray]
    everywhere: Mapping[str, np.ndarray]
    within: Mapping[str, Mapping[str, np.ndarray]]

    def __len__(self) -> int:
        return len(self.SNGFR)

    def some(self, rows: slice) -> Given:
        """Return some of them."""
        return Given(
            self.SNGFR[rows],
            self.cells[rows],
            {name: column[rows] for name, column in self.filtrate.items()},
            {name: column[rows] for name, column in self.everywhere.items()},
            {part: {name: column[rows] for name, column in own.items()}
             for part, own in self.within.items()},
        )  # fmt: skip

    @property
    def columns(self) -> list[str]:
        """Ids that a segment is given."""
        ids = dict.fromkeys(self.everywhere)
        for own in self.within.values():
            ids |= dict.fromkeys(own)
        return list(ids)

    def given(self, part: Part) -> dict[str, np.ndarray]:
        """Return what the cells of a part are given, by id."""
        own = self.within[part.name]
        return {n: own[n] if n in own else self.everywhere[n] for n in self.columns}


def read_nephrons(model: Model, design: pd.DataFrame, geometry: Tubule) -> Given:
    """Return the nephrons of a design.

    Parameters
    ----------
    model
        Of a segment; a value that was set on it counts before those of the parts.
    design
        One row per nephron. Its columns are quantities of the model, the same all along the
        tubule; of one part (``S1.n_SGLT2``); or of the tubule (``SNGFR``, ``cells``).
    geometry
        Of the tubule.

    Raises
    ------
    UnknownIdError, InputError
        The model is none of a segment, or something of the design cannot be set.
    """
    check_segment(model)
    if "Q_in" in model.changes:
        raise _follows("Q_in", "SNGFR")
    names = list(map(str, design.columns))
    bare = check_design(design) if names or not len(design) else design
    own = {name: np.full(len(design), float(getattr(geometry, name))) for name in OWN}
    everywhere: dict[str, np.ndarray] = {}
    within: dict[str, dict[str, np.ndarray]] = {part.name: {} for part in geometry.parts}
    for name in names:
        column = bare[name].to_numpy()
        part, dot, quantity = name.rpartition(".")
        if name in OWN:
            check_positive(name, float(column.min()))
            own[name] = column
            continue
        _check(model, name, part if dot else None, quantity, within)
        check_design(pd.DataFrame({quantity: column}), model=model)
        (within[part] if dot else everywhere)[quantity] = column
    fed = {solute: everywhere.pop(f"{solute}_in", None) for solute in SOLUTES}
    if fed["Glc"] is None and "Glc_in" not in model.changes:
        # A glomerulus holds back no glucose
        fed["Glc"] = everywhere.get("Glc_b", np.full(len(design), model.quantities["Glc_b"].value))
    filtrate = {
        solute: np.full(len(design), model.quantities[f"{solute}_in"].value)
        if column is None
        else column
        for solute, column in fed.items()
    }
    _check_charge(filtrate)
    _fill(model, geometry.parts, everywhere, within, len(design))
    return Given(own["SNGFR"], own["cells"], filtrate, everywhere, within)


def is_segment(model: Model) -> bool:
    """Whether a model has what a stretch of the tubule needs."""
    return all(name in model.quantities for name in _NEEDED)


def check_segment(model: Model) -> None:
    """Raise InputError unless a model is that of a segment."""
    for name in _NEEDED:
        if name not in model.quantities:
            raise InputError(f"model '{model.name}' is no stretch of a tubule, for it has no"
                             f" '{name}'; load_model(\"segment\") is one")  # fmt: skip


def told_by(model: Model, geometry: Tubule, name: str) -> tuple[Model, str]:
    """Return a model, and the id in it, that tell the unit and the value of what a design sets.

    Parameters
    ----------
    model
        Of a segment.
    geometry
        Of the tubule.
    name
        Of the model, of a part or of the tubule.

    Raises
    ------
    UnknownIdError, InputError
        There is nothing of that name.
    """
    check_segment(model)
    part, dot, quantity = name.rpartition(".")
    if name in OWN:
        return model.with_values(Q_in=float(getattr(geometry, name))), "Q_in"
    _check(model, name, part if dot else None, quantity, [each.name for each in geometry.parts])
    own = next((each.values for each in geometry.parts if each.name == part), {})
    if quantity in own and quantity not in model.changes:
        return model.with_values(**{quantity: own[quantity]}), quantity
    return model, quantity


def _check(model: Model, name: str, part: str | None, quantity: str, parts: Iterable[str]) -> None:
    """Raise unless a design may set a quantity all along the tubule, or in a part of it."""
    if quantity == "Q_in" or (part is not None and quantity.endswith("_in")):
        raise _follows(name, "SNGFR" if quantity == "Q_in" else quantity)
    if part is not None and part not in parts:
        raise UnknownIdError.of(name, [f"{each}.{quantity}" for each in parts], "the tubule")
    if quantity not in model.quantities:
        known = [q.id for q in model.quantities.values() if q.settable]
        known = [*OWN, *known] if part is None else [f"{part}.{each}" for each in known]
        raise UnknownIdError.of(name, known, f"the tubule of model '{model.name}'")


def _check_charge(filtrate: Mapping[str, np.ndarray]) -> None:
    """Raise InputError where the filtrate has a charge that its impermeant solutes cannot hold."""
    ions = filtrate["Na"] + filtrate["K"] - filtrate["Cl"] - filtrate["HCO3"]
    row = int(np.argmax(np.abs(ions) - filtrate["X"]))
    if abs(ions[row]) > filtrate["X"][row] + SLIGHT:
        raise InputError(
            f"the filtrate of row {row + 1} is not electroneutral: Na_in + K_in - Cl_in - HCO3_in ="
            f" {ions[row]:.6g} mM, and X_in, which balances it, is {filtrate['X'][row]:.6g} mM"
        )


def _follows(name: str, cause: str) -> InputError:
    return InputError(f"'{name}' follows from what flows into the tubule; set '{cause}'")


def _fill(
    model: Model,
    parts: Iterable[Part],
    everywhere: Mapping[str, np.ndarray],
    within: Mapping[str, dict[str, np.ndarray]],
    count: int,
) -> None:
    """Give every part the values of its own that nobody has set otherwise.

    What one part has of its own, all others are given as well: all segments take the same ids.
    """
    parts = list(parts)
    ids = dict.fromkeys(name for part in parts for name in part.values)
    ids |= dict.fromkeys(name for own in within.values() for name in own)
    for name in ids:
        model.validated_value(name, 1.0)  # is there, and can be set
        for part in parts:
            if name in everywhere or name in within[part.name]:
                continue
            own = part.values if name not in model.changes else {}
            value = own[name] if name in own else model.quantities[name].value
            within[part.name][name] = np.full(count, model.validated_value(name, value))
