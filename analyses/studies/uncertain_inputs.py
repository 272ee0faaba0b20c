"""Uncertain inputs of a model: what is known of each quantity, and which of them move together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from transport_model import Model
from transport_model.catalogue import provenance
from transport_model.errors import InputError, UnknownIdError
from transport_model.model import check_model

from ..scans.designs.axes import provenance_ranges
from ..scans.designs.base import Columns
from ..scans.designs.distributions import Distribution, LogUniform, Uniform

#: The source, in the table of parameters, of what an experimenter chooses: doses and switches.
CHOSEN = "experiment"
#: Units of what is not known within a factor: absolute temperatures, and the constants F and R.
NO_FACTOR = ("K", "C/mol", "J/(mol·K)")


@dataclass(frozen=True)
class UncertainInputs:
    """Distributions of a model's quantities, and factors: what an influence is told of.

    Without groups and ties every quantity is a factor of its own. What the model computes, such as
    the rate constant that detailed balance fixes, is no input: it follows those it is tied to.

    Attributes
    ----------
    distributions
        By the id of a quantity that can be set.
    groups
        Ids, by the name of a factor, that are drawn independently and reported as one.
    tied
        Ids, by the name of a factor, that are drawn as one: all lie at the same share of their
        distribution.

    Raises
    ------
    InputError
        There is no input; a factor has no ids, an id is in two factors or is no input.
    """

    distributions: Mapping[str, Distribution]
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    tied: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.distributions:
            raise InputError("there is no uncertain input; give a distribution of one")
        taken: dict[str, str] = {}
        for factor, ids in (*self.groups.items(), *self.tied.items()):
            if isinstance(ids, str) or not ids:
                raise InputError(f"the factor '{factor}' needs a list of ids")
            for name in ids:
                if name not in self.distributions:
                    raise UnknownIdError.of(name, self.distributions, "the uncertain inputs")
                if name in taken:
                    raise InputError(f"'{name}' is part of '{taken[name]}' and of '{factor}'")
                taken[name] = factor
        for factor in (*self.groups, *self.tied):
            if factor in self.distributions or (factor in self.groups and factor in self.tied):
                raise InputError(f"the factor '{factor}' has the name of another")

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The ids, in order."""
        return tuple(self.distributions)

    @cached_property
    def factors(self) -> dict[str, tuple[str, ...]]:
        """Ids by factor, in the order of their first ids."""
        of = {name: factor for factor, ids in (*self.groups.items(), *self.tied.items())
              for name in ids}  # fmt: skip
        found: dict[str, tuple[str, ...]] = {}
        for name in self.columns:
            factor = of.get(name, name)
            found[factor] = (*found.get(factor, ()), name)
        return found

    @cached_property
    def _share_of(self) -> dict[str, int]:
        """The place, among the shares of a point, of each id's."""
        places: dict[str, int] = {}
        count = 0
        for factor, ids in self.factors.items():
            for name in ids:
                places[name] = count
                count += factor not in self.tied
            count += factor in self.tied
        return places

    @cached_property
    def axes(self) -> tuple[str, ...]:
        """What is drawn independently, in order: ids, and factors whose ids are tied."""
        names = {place: name for name, place in self._share_of.items()}
        tied = {self._share_of[ids[0]]: factor for factor, ids in self.tied.items()}
        return tuple({**names, **tied}[place] for place in sorted(names))

    @property
    def dimensions(self) -> int:
        """How many shares, each drawn independently, make a point."""
        return len(self.axes)

    def factor_of(self, axis: str) -> str:
        """Return the factor that one of :attr:`axes` is part of.

        Parameters
        ----------
        axis
            One of :attr:`axes`.
        """
        return next(f for f, ids in self.factors.items() if axis == f or axis in ids)

    def at(self, shares: np.ndarray) -> Columns:
        """Return points in the units of the model.

        Parameters
        ----------
        shares
            A row per point, a column per dimension, between 0 and 1.

        Returns
        -------
        dict
            A column of values by id.
        """
        return {name: distribution.at(shares[:, self._share_of[name]])
                for name, distribution in self.distributions.items()}  # fmt: skip

    def bounds(self) -> dict[str, tuple[float, float]]:
        """Return values by id that no sample falls below or rises above."""
        return {name: item.bounds() for name, item in self.distributions.items()}

    def check(self, model: Model) -> None:
        """Raise unless every value can be set on a model.

        Parameters
        ----------
        model
            The model.

        Raises
        ------
        UnknownIdError, InputError
            An id names nothing, or something that the model computes, by which rule is said; or
            its distribution leaves the quantity's domain.
        """
        check_model(model)
        for name, ends in self.bounds().items():
            for end in ends:
                try:
                    model.validated_value(name, end)
                except UnknownIdError:
                    raise
                except InputError as error:
                    raise InputError(f"{error}; its distribution is {self.distributions[name]}"
                                     if model.quantities[name].settable else str(error)
                                     ) from None  # fmt: skip

    def description(self) -> dict[str, Any]:
        """Return all of it, fit for JSON."""
        return {
            "inputs": {name: item.description() for name, item in self.distributions.items()},
            "groups": {name: list(ids) for name, ids in self.groups.items()},
            "tied": {name: list(ids) for name, ids in self.tied.items()},
        }


def known_ranges(model: Model, ids: Iterable[str] | None = None) -> UncertainInputs:
    """Return a shipped model's uncertain quantities over the ranges of its table of parameters.

    Evenly in the logarithm where the range is positive, evenly otherwise.

    Parameters
    ----------
    model
        A shipped model, or one with its ids.
    ids
        Of which; by default all that have a range, but for doses and switches, which an
        experimenter chooses.

    Returns
    -------
    UncertainInputs
        A distribution of each.

    Raises
    ------
    UnknownIdError
        An id names nothing in the model, or has no range.
    InputError
        The model has none, or an id is computed by it.
    """
    if ids is not None:
        ids = list(ids)
        for name in ids:
            model.validated_value(name, model.quantities[name].value
                                  if name in model.quantities else 0.0)  # fmt: skip
    ranges = provenance_ranges(model, ids)
    if ids is None:
        source = provenance(model.name)["source"]
        ranges = {name: ends for name, ends in ranges.items() if source[name] != CHOSEN}
    if not ranges:
        raise InputError(f"the table of parameters has no range of model '{model.name}'; give the"
                         " distribution of each uncertain quantity")  # fmt: skip
    return UncertainInputs({name: _over(low, high) for name, (low, high) in ranges.items()})


def within_factor(model: Model, factor: float, ids: Iterable[str] | None = None) -> UncertainInputs:
    """Return quantities of any model, each within a factor of its value, evenly in the logarithm.

    Parameters
    ----------
    model
        Any model.
    factor
        Above 1: from the value divided by it to the value times it.
    ids
        Of which quantities; by default all constants that can be set and are positive, but for
        absolute temperatures and the constants F and R, told by their units.

    Returns
    -------
    UncertainInputs
        A distribution of each.

    Raises
    ------
    UnknownIdError, InputError
        The factor is not above 1; an id names nothing, or something computed or zero or negative;
        or there is no such quantity.
    """
    check_model(model)
    if not factor > 1:
        raise InputError(f"a factor of uncertainty is above 1, not {factor:g}")
    if ids is None:
        ids = [item.id for item in model.quantities.values()
               if item.settable and item.kind != "floating" and item.value > 0
               and item.unit not in NO_FACTOR]  # fmt: skip
    found: dict[str, Distribution] = {}
    for name in ids:
        value = model.quantities[name].value if name in model.quantities else 1.0
        model.validated_value(name, value)
        if not value > 0:
            raise InputError(f"'{name}' is {value:g} in model '{model.name}': it has no factors;"
                             " give its distribution")  # fmt: skip
        found[name] = LogUniform(value / factor, value * factor)
    return UncertainInputs(found)


def _over(low: float, high: float) -> Distribution:
    return LogUniform(low, high) if low > 0 else Uniform(low, high)
