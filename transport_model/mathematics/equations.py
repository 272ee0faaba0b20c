"""A model's mathematics, symbol by symbol.

The certificate of a steady state, the compiled kernels, the exact derivatives and the equations
in the report all come from here.

A model is read as

    dx/dt = N v(x, p, t)           for species that reactions move (amounts)
    dx/dt = f(x, p, t)             for quantities under a rate rule

with *definitions* in between: concentrations, then assignment rules, each after what it needs.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from transport_model.errors import UnsupportedModelError
from transport_model.kept import remembered
from transport_model.reading.mathematics import with_functions_expanded

if TYPE_CHECKING:
    import sympy as sp

_Value = TypeVar("_Value")


class Deferred(Generic[_Value]):
    """A value that, coming from disk, is read when it is asked for: SymPy takes long to load."""

    def __init__(self, value: _Value) -> None:
        self._read: list[_Value] = [value]
        self._written = b""

    @property
    def value(self) -> _Value:
        """The value."""
        if not self._read:
            self._read = [pickle.loads(self._written)]
        return self._read[0]

    def __getstate__(self) -> bytes:
        return pickle.dumps(self.value)

    def __setstate__(self, written: bytes) -> None:
        self._read, self._written = [], written


class Formulas(Mapping[str, "sp.Expr"]):
    """Formulas by name. Their names are known before any of them is read from disk."""

    def __init__(self, formulas: Mapping[str, sp.Expr]) -> None:
        self._names = dict.fromkeys(formulas)
        self._formulas = Deferred(dict(formulas))

    def __getitem__(self, name: str) -> sp.Expr:
        return self._formulas.value[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@dataclass(frozen=True)
class Equations:
    """A model's mathematics, symbol by symbol.

    Attributes
    ----------
    states
        Names of the dynamic quantities: ``amount(X)`` for species that reactions move, the bare
        id for quantities under a rate rule.
    constants
        Names of everything that is constant during a run: parameters, compartments and
        boundary species (``amount(X)`` for those in a compartment that changes its size).
    definitions
        Concentrations and assignment rules, each after all it depends on. A rule that names a
        reaction holds its kinetic law.
    rules
        Ids among the definitions that the model itself defines by an assignment rule.
    fluxes
        Kinetic laws by reaction id.
    matrix
        The stoichiometry.
    rate_rules
        Right-hand sides by state, for states under a rate rule, in the order of the states.
    start
        Formulas for the starting values that are computed, each after all it depends on.
    values
        Numbers given in the file, by id; NaN where the file gives none.
    has_events
        Whether the model also has events, which have no place in this form.
    following_time
        Names of the definitions, fluxes and rate rules, ``rate(x)``, whose value follows the time
        itself.
    has_branches
        Whether a formula has a kink or a jump, so that its derivative holds on one side.
    """

    states: tuple[str, ...]
    constants: tuple[str, ...]
    definitions: Mapping[str, sp.Expr]
    rules: tuple[str, ...]
    fluxes: Mapping[str, sp.Expr]
    matrix: Deferred[sp.ImmutableDenseMatrix]
    rate_rules: Mapping[str, sp.Expr]
    start: Mapping[str, sp.Expr]
    values: Mapping[str, float]
    has_events: bool
    following_time: frozenset[str]
    has_branches: bool

    @property
    def stoichiometry(self) -> sp.ImmutableDenseMatrix:
        """States by reactions, amount per extent; a row under a rate rule is zero."""
        return self.matrix.value

    @property
    def depends_on_time(self) -> bool:
        """Whether a rate names the time, so that no steady state is defined."""
        rates = {*self.fluxes, *(f"rate({name})" for name in self.rate_rules)}
        return bool(self.following_time & rates)

    def require_no_events(self, what: str) -> None:
        """Raise UnsupportedModelError, saying that `what` is not for models with events."""
        if self.has_events:
            raise UnsupportedModelError(f"{what}: the model has events")

    def require_standing_rates(self, what: str) -> None:
        """Raise UnsupportedModelError where events act or a rate names the time, as `what`."""
        self.require_no_events(what)
        if self.depends_on_time:
            raise UnsupportedModelError(f"{what}: a rate names the time")


@remembered
def read_equations(sbml: str) -> Equations:
    """Read SBML L3V2 text into symbolic form, or take it from disk.

    Raises
    ------
    UnsupportedModelError
        A construct has no place in this form; the message names it.
    ModelFileError
        Rules depend on one another in a circle.
    """
    from transport_model.mathematics.equation_reader import EquationReader

    parts = EquationReader(with_functions_expanded(sbml)).read()
    parts["matrix"] = Deferred(parts.pop("stoichiometry"))
    for name in ("definitions", "fluxes", "rate_rules", "start"):
        parts[name] = Formulas(parts[name])
    return Equations(**parts)
