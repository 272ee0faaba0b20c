"""A model's reduced equations along parameters: rates of the independent states, and slopes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from transport_model import Model
from transport_model.errors import InputError, UnknownIdError
from transport_model.mathematics.equations import read_equations
from transport_model.mathematics.evaluation import start_derivatives, start_values
from transport_model.mathematics.linearization import values_and_derivatives
from transport_model.mathematics.program import values_at_start, velocity_names
from transport_model.mathematics.state_names import amount
from transport_model.mathematics.structure import factor_names, structure_of


@dataclass(frozen=True)
class Axis:
    """A parameter from one value to another, as a share of the way: 0 at `low`, 1 at `high`.

    Attributes
    ----------
    name
        Id of the parameter.
    low, high
        Ends, in its unit.
    log
        Whether equal steps are equal ratios.
    """

    name: str
    low: float
    high: float
    log: bool

    def value(self, share: float) -> float:
        """Return the parameter's value at a share of the way."""
        if share in (0.0, 1.0):
            return self.high if share else self.low
        if self.log:
            return self.low * math.exp(share * math.log(self.high / self.low))
        return self.low + share * (self.high - self.low)

    def share(self, value: float) -> float:
        """Return which share of the way a value is."""
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def slope(self, share: float) -> float:
        """Return how fast the value moves with the share."""
        if self.log:
            return self.value(share) * math.log(self.high / self.low)
        return self.high - self.low


def axis_of(model: Model, name: str, low: float, high: float, scale: str) -> Axis:
    """Return the axis of a parameter of a model.

    Raises
    ------
    UnknownIdError
        The model has no such quantity.
    InputError
        It is no parameter, an end lies outside its domain, the range does not rise, or `scale` is
        neither ``linear`` nor ``log``, or ``log`` and the range reaches zero.
    """
    if scale not in ("linear", "log"):
        raise InputError(f"scale is 'linear' or 'log', not {scale!r:.40}")
    check_free(model, name)
    ends = [model.validated_value(name, end) for end in (low, high)]
    if not ends[0] < ends[1]:
        raise InputError(f"the range of '{name}' must rise from low to high, not {low:g} to"
                         f" {high:g}")  # fmt: skip
    if scale == "log" and ends[0] <= 0:
        raise InputError(f"the range of '{name}' starts at {ends[0]:g}, which has no logarithm; use"
                         " a linear scale")  # fmt: skip
    return Axis(name, *ends, log=scale == "log")


def check_free(model: Model, name: str) -> None:
    """Make sure that a quantity can be followed.

    Raises
    ------
    UnknownIdError, InputError
        There is none of this name, or it is computed, moves during a run, or moves no balance.
    """
    quantity = model.quantities.get(name) if isinstance(name, str) else None
    if quantity is None:
        settable = [item.id for item in model.quantities.values() if item.settable]
        raise UnknownIdError.of(str(name), settable, f"model '{model.name}'")
    equations = read_equations(model.sbml)
    if quantity.computed == "rule" or name in equations.rules:
        law = str(model.rules["formula"].get(name, ""))
        raise InputError(f"'{name}' is no free parameter: the model computes it, {name} = {law}")
    if quantity.computed == "initial assignment":
        law = str(equations.start.get(name, ""))
        raise InputError(f"'{name}' is no free parameter: the model computes its start,"
                         f" {name} = {law}")  # fmt: skip
    if name in equations.rate_rules:
        raise InputError(f"'{name}' is no parameter: it moves during a run")
    if name in factor_names(model.sbml):
        raise InputError(f"'{name}' cannot be followed: a stoichiometry depends on it")
    if quantity.kind == "floating":
        structure = structure_of(model.sbml, start_values(model))
        place = equations.states.index(amount(name))
        if not structure.conserved[:, place].any():
            raise InputError(f"the start of '{name}' moves no steady state: no conserved sum holds"
                             " it")  # fmt: skip


class Family:
    """The reduced equations of a model along one or two parameters.

    A point ``z`` holds the independent states, then the share of each axis. Dependent states follow
    from the conserved sums, and these from the model's starts at the parameters' values.

    Parameters
    ----------
    model
        A model without events whose rates do not name the time.
    axes
        The parameters.
    """

    def __init__(self, model: Model, axes: Sequence[Axis]) -> None:
        self.model = model
        self.axes = tuple(axes)
        self.equations = read_equations(model.sbml)
        self.structure = structure_of(model.sbml, start_values(model))
        self.count = len(self.structure.independent)
        self._targets = tuple(velocity_names(self.equations))
        follows = _followers(self.equations.start, [axis.name for axis in axes])
        self._moved = tuple(name for name in self.equations.constants if name in follows)
        self._places = [self.equations.constants.index(name) for name in self._moved]

    def values(self, z: np.ndarray) -> dict[str, float]:
        """Return the values of the parameters at a point."""
        shares = z[self.count :]
        return {a.name: a.value(float(s)) for a, s in zip(self.axes, shares, strict=True)}

    def at(self, z: np.ndarray) -> Model:
        """Return the model with the parameters' values at a point."""
        return replace(self.model, changes={**self.model.changes, **self.values(z)})

    def point(self, states: np.ndarray, values: Mapping[str, float]) -> np.ndarray:
        """Return the point of some states and parameters' values."""
        shares = [axis.share(values[axis.name]) for axis in self.axes]
        return np.array([*states[self.structure.independent], *shares])

    def states(self, z: np.ndarray) -> np.ndarray:
        """Return all states at a point."""
        return self._start(z)[0]

    def rates(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the rates of the independent states, and their derivatives by the point.

        Returns
        -------
        tuple of numpy.ndarray
            ``N_R v`` of shape (independent,), and of shape (independent, point).
        """
        structure, equations = self.structure, self.equations
        model = self.at(z)
        states, constants = self._start(z)
        velocities, slopes = values_and_derivatives(
            model.sbml, self._targets, (*equations.states, *self._moved), states, constants
        )
        total = len(equations.states)
        by_state, by_constant = slopes[:, :total], slopes[:, total:]
        start, moved = start_derivatives(model, tuple(axis.name for axis in self.axes))
        offset = start - structure.link @ start[structure.independent]
        shares = z[self.count :]
        steep = [axis.slope(float(s)) for axis, s in zip(self.axes, shares, strict=True)]
        reduced = structure.stoichiometry[structure.independent]
        with np.errstate(all="ignore"):
            by_axis = (by_state @ offset + by_constant @ moved[self._places]) * steep
            return reduced @ velocities, reduced @ np.hstack([by_state @ structure.link, by_axis])

    def _start(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        model, structure = self.at(z), self.structure
        start: dict[str, Any] = values_at_start(model.sbml, model.changes)
        initial = np.array([start[name] for name in self.equations.states])
        constants = np.array([start[name] for name in self.equations.constants])
        free, link = structure.independent, structure.link
        return initial - link @ initial[free] + link @ z[: self.count], constants


def _followers(start: Mapping[str, Any], names: Sequence[str]) -> set[str]:
    """Return the ids whose starting value follows from `names`, these among them."""
    found = set(names)
    for name, formula in start.items():  # each after all it depends on
        if found & {str(used) for used in formula.free_symbols}:
            found.add(name)
    return found
