"""A model as an immutable value: SBML text, and the values that differ from it."""

from __future__ import annotations

import hashlib
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from transport_model.bridges import name_and_text, new_explorer, new_roadrunner, new_tellurium
from transport_model.catalogue import model_path, parameter_set, shipped_models, variant_of
from transport_model.errors import InputError, UnknownIdError, same_elsewhere
from transport_model.model_tables import model_html, one_membrane, reaction_table, rule_table
from transport_model.quantities import (
    Quantity,
    reaction_names,
    read_domains,
    read_quantities,
    read_units,
    start_columns,
)
from transport_model.ranges import warn_outside
from transport_model.reading.documents import check_sbml, read_model
from transport_model.units import per_unit

if TYPE_CHECKING:
    import pandas as pd
    from roadrunner import RoadRunner

    from transport_model import Explorer


@dataclass(frozen=True)
class Model:
    """A model and the values set on it. Never changes; :meth:`with_values` returns another.

    Attributes
    ----------
    name
        What the model is called: a shipped model's name, or the stem of its file.
    sbml
        The model as SBML Level 3 Version 2 text.
    changes
        Values that differ from the SBML, by id.
    """

    name: str
    sbml: str = field(repr=False)
    changes: Mapping[str, float] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.sbml, tuple(sorted(self.changes.items()))))

    def with_values(self, **values: float) -> Self:
        """Return a copy with some quantities changed; `self` is untouched.

        Parameters
        ----------
        **values
            Parameters, compartment sizes, boundary species and initial values of floating
            species by id, in model units: concentrations for species that are read as such.

        Returns
        -------
        Model
            A new model; its table of values differs, its SBML is the same.

        Raises
        ------
        UnknownIdError
            An id names nothing in the model; the nearest match is named.
        InputError
            A value is not a finite number or outside the quantity's domain, or the model
            computes the quantity itself.
        """
        checked = {name: self.validated_value(name, value) for name, value in values.items()}
        warn_outside(self.name, {n: (v, v) for n, v in checked.items()}, self.unit)
        return type(self)(self.name, self.sbml, {**self.changes, **checked})

    def starting_from(self, values: Mapping[str, float] | pd.Series) -> Self:
        """Return a copy that starts at the given values of its floating species.

        Species whose start the model computes itself (``K_i`` in ``cell``, by
        electroneutrality) keep that formula; other ids in `values` are ignored.

        Parameters
        ----------
        values
            Values by id, in model units: those of a steady state, or a row of a course.

        Returns
        -------
        Model
            A new model.

        Raises
        ------
        InputError
            A value is not a finite number or outside the quantity's domain.
        """
        import pandas as pd  # when it is needed: a command that was mistyped is answered before

        if not isinstance(values, Mapping | pd.Series):
            raise InputError(f"a start is values by id, not {type(values).__name__}")
        wanted = {
            quantity.id: values[quantity.id]
            for quantity in self.quantities.values()
            if quantity.id in values and quantity.settable
            and (quantity.kind == "floating" or quantity.computed == "rate rule")
        }  # fmt: skip
        return self.with_values(**wanted)

    def validated_value(self, name: str, value: float) -> float:
        """Return `value` as a float if quantity `name` may take it.

        Parameters
        ----------
        name
            Id of a quantity.
        value
            Its value, in model units.

        Returns
        -------
        float
            The value.

        Raises
        ------
        UnknownIdError, InputError
            As :meth:`with_values`.
        """
        quantity = self.quantities.get(name)
        if quantity is None:
            settable = [item.id for item in self.quantities.values() if item.settable]
            same = same_elsewhere(name, self.quantities)
            one = "" if same else one_membrane(self.sbml, name)
            raise UnknownIdError.of(name, same or settable, f"model '{self.name}'{one}")
        if not quantity.settable:
            law = str(self.rules["formula"].get(name, ""))
            told = f", by the law {name} = {law:.100}" if law else ""
            raise InputError(f"'{name}' is computed by the model ({quantity.computed}){told}")
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            raise InputError(f"'{name}' needs a number, not {value!r:.40}") from None
        if not math.isfinite(number):
            raise InputError(f"'{name}' must be a finite number, not {number}")
        low, strictly = self.domain(name)
        if number < low or (strictly and number == low):
            bound = "positive" if strictly else "zero or more"
            if low:
                bound = f"{'more than' if strictly else 'at least'} {low:g}"
            unit = f" {quantity.unit}" if quantity.unit else ""
            raise InputError(
                f"'{name}' ({quantity.name or quantity.kind}) must be {bound}, not {number:g}{unit}"
            )
        return number

    def checked(self, name: str, value: float) -> float:
        """Return :meth:`validated_value`, by its name of release 0.1."""
        note = "'Model.checked' is now 'Model.validated_value'"
        warnings.warn(note, DeprecationWarning, stacklevel=2)
        return self.validated_value(name, value)

    def domain(self, name: str) -> tuple[float, bool]:
        """Return the lower bound of a quantity and whether it is excluded.

        Compartments, temperatures, capacitances and what has the unit of R or F are positive;
        concentrations, amounts and everything else whose unit measures a quantity of matter or a
        rate are not negative.
        Potentials, energies, pure numbers and the membrane's charge may have either sign, and
        so may a quantity without a unit, or one whose value in the file is negative: an outward
        current, the slope of a gate, a potential that a file holds in a species. What the model's
        own constraints say of a constant (``pump_eta >= 0``) counts before all that.

        Parameters
        ----------
        name
            Id of a quantity of the model.

        Returns
        -------
        tuple of float and bool
            The bound in model units, and whether it is excluded; minus infinity is no bound.

        Raises
        ------
        KeyError
            The model has no such quantity.
        """
        return read_domains(self.sbml)[name]

    @cached_property
    def quantities(self) -> Mapping[str, Quantity]:
        """Everything with a value, by id."""
        read = read_quantities(self.sbml)
        changed = {n: replace(read[n], value=value) for n, value in self.changes.items()}
        return {**read, **changed}

    def _table(self, kinds: set[str], *columns: str, computed: bool = False) -> pd.DataFrame:
        import pandas as pd

        rows = [
            {"id": item.id, **{column: getattr(item, column) for column in columns}}
            for item in self.quantities.values()
            if item.kind in kinds and (computed or item.computed != "rule")
        ]
        return pd.DataFrame(rows, columns=["id", *columns]).set_index("id")

    @property
    def species(self) -> pd.DataFrame:
        """Species: initial value, unit, name, compartment and kind, indexed by id."""
        return self._table(
            {"floating", "boundary"}, "value", "unit", "name", "compartment", "kind",
            computed=True,
        )  # fmt: skip

    @property
    def parameters(self) -> pd.DataFrame:
        """Constant parameters: value, unit and name, indexed by id."""
        return self._table({"parameter"}, "value", "unit", "name")

    @property
    def compartments(self) -> pd.DataFrame:
        """Compartments: size, unit and name, indexed by id."""
        return self._table({"compartment"}, "value", "unit", "name", computed=True)

    @property
    def rules(self) -> pd.DataFrame:
        """Assignment rules: formula, unit and name, indexed by id."""
        return rule_table(self.sbml)

    @property
    def reactions(self) -> pd.DataFrame:
        """Reactions: equation, rate, unit and name, indexed by id."""
        return reaction_table(self.sbml, per_unit(self.units["extent"], self.units["time"]))

    @property
    def units(self) -> Mapping[str, str]:
        """Units of substance, extent, time, volume and concentration, as the model states them."""
        return read_units(self.sbml)

    def unit(self, name: str) -> str:
        """Return the unit of any column that a result holds, or an empty string.

        Parameters
        ----------
        name
            A quantity, a reaction, an amount ``n_<id>``, the start of a quantity in a scan, or
            ``time``.

        Returns
        -------
        str
            As in ``mM`` or ``fmol/s``; empty where the model names no unit.

        Raises
        ------
        InputError
            `name` is not a text.
        """
        if not isinstance(name, str):
            raise InputError(f"the name of a column is a text, not {name!r:.40}")
        started = {column: origin for origin, column in self.start_columns.items()}
        item = self.quantities.get(started.get(name, name))
        if item is not None:
            return item.unit
        if name in self.amount_columns:
            return self.units["substance"]
        if name in self.reaction_ids:
            return per_unit(self.units["extent"], self.units["time"])
        return self.units["time"] if name == "time" else ""

    @cached_property
    def amount_columns(self) -> Mapping[str, str]:
        """Floating species read as concentrations by the column ``n_<id>`` of their amounts.

        Left out where the model itself has a quantity or a reaction of that name.
        """
        taken = {*self.quantities, *self.reaction_ids}
        return {f"n_{name}": name for name, quantity in self.quantities.items()
                if quantity.kind == "floating" and not quantity.is_amount
                and quantity.computed != "rule" and f"n_{name}" not in taken}  # fmt: skip

    @property
    def start_columns(self) -> Mapping[str, str]:
        """Columns in which a scan's table holds the starting values of what moves, by its id.

        ``start_of_<id>``; with underscores behind where the model itself has that id.
        """
        return start_columns(self.sbml)

    @property
    def reaction_ids(self) -> tuple[str, ...]:
        """Ids of all reactions."""
        return tuple(reaction_names(self.sbml))

    def roadrunner(self) -> RoadRunner:
        """Return a libRoadRunner instance of this model, with the values set on it.

        Nothing here uses it, and :func:`load_model` takes it back. Every RoadRunner that is made,
        here too, takes the properties by id (``instance.V_m``) from those before it;
        ``instance["V_m"]`` always works.

        Returns
        -------
        roadrunner.RoadRunner
            At time zero, with libRoadRunner's own tolerances.

        Raises
        ------
        UnsupportedModelError
            libRoadRunner cannot load the model.
        """
        return new_roadrunner(self.sbml, self.changes)

    def tellurium(self) -> RoadRunner:
        """Return :meth:`roadrunner` as tellurium extends it, with methods such as ``plot``."""
        return new_tellurium(self.sbml, self.changes)

    def explore(self) -> Explorer:
        """Return the page in which this model answers; see :func:`transport_model.explore`."""
        return new_explorer(self)

    def _repr_html_(self) -> str:
        given = read_quantities(self.sbml)
        counts = (len(self.species), len(self.reaction_ids), len(self.parameters))
        return model_html(self.name, counts, self.changes, given, self.species)

    @property
    def hash(self) -> str:
        """SHA-256 of the SBML text: the model without the values set on it."""
        return hashlib.sha256(self.sbml.encode()).hexdigest()


def check_model(model: object) -> None:
    """Raise InputError unless a function was handed a model: a name or a path has to be loaded."""
    if not isinstance(model, Model):
        given = f"'{model}'" if isinstance(model, str | Path) else type(model).__name__
        name = f"'{model}'" if isinstance(model, str | Path) else "'cell'"
        raise InputError(f"needs a model, not {given:.60}; load_model({name:.60}) returns one")


def load_model(
    name_or_path: str | Path | RoadRunner,
    *,
    parameters: str | None = None,
    symporter: str | None = None,
    pump: str | None = None,
) -> Model:
    """Load a shipped model, or a file: SBML, Antimony, CellML or a COMBINE archive.

    An instance of libRoadRunner's or tellurium's is taken with its current values and state.

    Parameters
    ----------
    name_or_path
        A shipped model's name (``"cell"``) or a path; the format is determined by its suffix:
        ``.xml``, ``.sbml``, ``.cellml`` (or none), ``.ant``, ``.txt``, ``.omex``, ``.sedx``,
        ``.zip``. Of an archive the model of its master SED-ML is read. Or an instance.
    parameters
        A named parameter set of a shipped model (``"rabbit"`` of ``"oocyte"``), set on it as
        :meth:`Model.with_values` does.
    symporter, pump
        The variant of a shipped cell: symporter ``sglt1`` or ``sglt2``, pump ``calibrated`` or
        ``pan2019``. By default the ones that the named model has.

    Returns
    -------
    Model
        The model, as its file has it.

    Raises
    ------
    ModelFileError
        No such file or name, or the file is empty, malformed or in error.
    InputError
        No such variant or parameter set; those that exist are listed.
    UnsupportedModelError
        The model uses fast reactions, delays, algebraic rules or a required package.
    """
    if not isinstance(name_or_path, str | Path):
        if parameters or symporter or pump:
            raise InputError("only shipped models have variants and parameter sets")
        name, text = name_and_text(name_or_path)
        return Model(name, check_sbml(text, "the RoadRunner's model"))
    name = str(name_or_path)
    if name in shipped_models() or not (symporter or pump):
        name = variant_of(name, symporter=symporter, pump=pump)
    else:
        raise InputError(f"'{name}' is not a shipped model; only those have variants")
    path = model_path(name)
    model = Model(path.stem, read_model(path))
    return model if parameters is None else model.with_values(**parameter_set(name, parameters))
