"""The certificate of a steady state, computed from a model's equations alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from transport_model.certificate import (
    EXCHANGE_SHARE,
    MAX_DRIFT,
    MAX_ERROR,
    MAX_IMBALANCE,
    MAX_ROUNDING,
    SMALLEST_SHARE,
    VANISHING_SHARE,
    Status,
)
from transport_model.mathematics.equations import Equations, read_equations
from transport_model.mathematics.evaluation import result_columns, start_values
from transport_model.mathematics.late_times import late_times, moving_rates, moving_values
from transport_model.mathematics.linearization import (
    jacobians_along,
    quantities_at,
    velocities_and_jacobian,
)
from transport_model.mathematics.rates_nearby import ROUNDING, LinearRates, spectrum
from transport_model.mathematics.state_names import amount, species_of
from transport_model.mathematics.structure import Structure, structure_of
from transport_model.model import Model
from transport_model.quantities import charges_of

#: Newton steps from a point near a balance; they converge quadratically.
NEWTON_STEPS = 60
#: A step lets an amount grow by at most this share of itself, or lose this share of itself.
GROWTH, MOST = 2.0, 0.9
#: A state smaller than this share of the largest one is not told apart from zero by integration.
NOTICED = 1e-9
#: Relative distance to either side at which a state at a kink is tried for stability.
ASIDE = 1e-7
#: A small state is held where the Newton step that is left is below this share of itself.
HELD = 1e-3


@dataclass(frozen=True)
class Certificate:
    """What is known of a candidate steady state.

    Attributes
    ----------
    status
        ``ok``, or the first check that failed.
    residual
        Largest relative imbalance over all states, ``|Σ N v| / Σ |N||v|``. Where net fluxes
        vanish altogether, at an equilibrium, a thousandth of the exchange flux
        ``Σ |N||∂v/∂x||x|`` takes the denominator's place, as does that flux itself under a rate
        rule.
    error
        Bound of the state's own relative error: the Newton step J⁻¹f that is left, and what
        rounding may hide from it, relative to each state; the largest. A balance may hold to ten
        digits and the state to none, where a fast exchange hides a slow flow. A state below 1e-12
        of the largest one counts as that large.
    rounding
        The part of `error` that no solver can mend: rounding of the rates, amplified by J⁻¹.
    net_currents
        Net flow of positive charge onto each face that holds some, out of the cell or through it
        [extent/time], by the species that counts it; empty for a model without.
    drift
        Largest relative change of a conserved sum.
    eigenvalues
        Of the Jacobian of the independent states [1/time], the slowest first.
    stable
        Whether every eigenvalue has a negative real part, beyond what rounding leaves open.
    """

    status: Status
    residual: float
    error: float
    rounding: float
    net_currents: Mapping[str, float]
    drift: float
    eigenvalues: np.ndarray
    stable: bool

    @property
    def net_current(self) -> float:
        """The net current that is largest in size; NaN for a model without a charge."""
        return max(self.net_currents.values(), key=abs, default=float("nan"))

    @property
    def currents_in_words(self) -> dict[str, float]:
        """The net currents by what a reader calls them: of several faces each is named."""
        if len(self.net_currents) == 1:
            return {"net current": self.net_current}
        return {f"net current at {face}": flow for face, flow in self.net_currents.items()}

    @property
    def slowest(self) -> float:
        """Slowest time constant [time]; infinite where nothing restores the state."""
        leading = float(np.max(np.real(self.eigenvalues), initial=-np.inf))
        return -1.0 / leading if leading < 0 else float("inf")


class Examiner:
    """Certifies candidate states of one model from its equations.

    Parameters
    ----------
    model
        A model, as it is when all that the time decides has been decided.
    values
        Values of everything, by name, where they differ from the model's own start: what events
        have set on the way. The conserved sums are those of these values.
    largest
        The largest that any state has been on the way: what is left of a dose is nothing beside it.
    """

    def __init__(
        self, model: Model, values: Mapping[str, float] | None = None, largest: float = 0.0
    ) -> None:
        self.model = model
        self.equations: Equations = read_equations(model.sbml)
        self.start = {**start_values(model), **(values or {})}
        self.structure: Structure = structure_of(model.sbml, self.start)
        self.constants = np.array([self.start[name] for name in self.equations.constants])
        self.initial = np.array([self.start[name] for name in self.equations.states])
        self.largest = max(largest, np.abs(self.initial).max(initial=0.0))
        self.totals = self.structure.conserved @ self.initial
        self._positive = np.array(
            [model.domain(species_of(name))[0] == 0.0 for name in self.equations.states], dtype=bool
        )
        self._volumes = np.array(
            [model.quantities[species_of(n)].kind == "compartment" for n in self.equations.states],
            dtype=bool,
        )
        self._offset = self.initial - self.structure.link @ self.initial[self.structure.independent]

    def states_of(self, found: Mapping[str, float] | pd.Series) -> np.ndarray:
        """Return the states of a result, by column, as a vector: amounts of species among them."""
        values = {**self.start, **dict(found.items())}
        for column, species in self.model.amount_columns.items():
            values[amount(species)] = values[column]
        for name in self.equations.states:
            species = species_of(name)
            if self.model.quantities[species].is_amount:
                values[name] = values[species]
        return np.array([values[name] for name in self.equations.states])

    def sizes(self, states: np.ndarray, share: float = VANISHING_SHARE) -> np.ndarray:
        """Return what a change of each state is relative to: itself, or next to nothing.

        `share` of the largest state is next to nothing, and so is a millionth of a state's start.
        """
        return np.maximum(np.abs(states), self._floor(states, share))

    def vanishing(self, states: np.ndarray) -> np.ndarray:
        """Whether each state is as good as zero, beside its start or the largest state."""
        return np.abs(states) < self._floor(states, VANISHING_SHARE)

    def _empty(self, states: np.ndarray, velocities: np.ndarray) -> np.ndarray:
        """Whether each state is as good as zero, and no balance of its own holds it there."""
        empty = self.vanishing(states)
        if empty.any():
            linear = self._linear(states, velocities)
            if linear.finite:
                free = self.structure.independent
                step = self.structure.link @ (linear.step * self.sizes(states)[free])
                empty &= ~(np.abs(step) < HELD * np.abs(states))
        return empty

    def _floor(self, states: np.ndarray, share: float) -> np.ndarray:
        largest = max(np.abs(states).max(initial=0.0), self.largest)
        floor = np.maximum(SMALLEST_SHARE * np.abs(self.initial), share * largest)
        return np.where(floor > 0, floor, 1.0)

    def distance(self, one: np.ndarray, other: np.ndarray) -> float:
        """Return the largest relative difference of two states.

        A state below a billionth of the largest counts as that large: integration is no better.
        """
        size = np.maximum(self.sizes(one, NOTICED), self.sizes(other, NOTICED))
        return float((np.abs(one - other) / size).max(initial=0.0))

    def balanced(self, states: np.ndarray) -> np.ndarray:
        """Take Newton steps with the exact Jacobian from `states`, keeping the conserved sums.

        Where a step would lower an amount that must stay positive, the amount falls exponentially
        instead, which is the same to first order; a step is shortened so that no amount grows
        more than threefold or, where it follows from a conserved sum, loses more than its most.
        """
        free, link = self.structure.independent, self.structure.link
        kept = self._positive.copy()
        kept[free] = False
        positive = self._positive[free]
        y = states[free].copy()
        for _ in range(NEWTON_STEPS):
            x = self._offset + link @ y
            linear = self._linear(x)
            if not linear.finite:
                break
            sizes = self.sizes(x)
            step = linear.step * sizes[free]
            if not np.isfinite(step).all():
                break
            change = link @ step
            share = 1.0
            falling = kept & (x > 0) & (change < -MOST * x)
            share = min(share, (MOST * x[falling] / -change[falling]).min(initial=1.0))
            rising = positive & (y > SMALLEST_SHARE * sizes[free].max(initial=0.0))
            rising &= step > GROWTH * y
            share = min(share, (GROWTH * y[rising] / step[rising]).min(initial=1.0))
            step = share * step
            slowed = positive & (y > 0) & (step < 0)
            with np.errstate(all="ignore"):
                moved = np.where(slowed, y * np.exp(step / np.where(slowed, y, 1.0)), y + step)
            settled = (np.abs(moved - y) <= 4 * ROUNDING * sizes[free]).all()
            y = moved
            if settled:
                break
        return self._offset + link @ y

    def examine(self, states: np.ndarray) -> Certificate:
        """Certify one candidate."""
        velocities, jacobian = velocities_and_jacobian(self.model.sbml, states, self.constants)
        nothing = np.zeros(0)
        # A compartment that shrinks to nothing leaves concentrations without end
        gone = bool((self.vanishing(states) & self._volumes).any())
        if gone or not (np.isfinite(states).all() and np.isfinite(velocities).all()):
            return Certificate(Status.NOT_FINITE, np.nan, np.nan, np.nan, {}, np.nan, nothing,
                               False)  # fmt: skip
        # What is as good as zero is zero, and so are the slopes that it alone keeps from being zero
        empty = self._empty(states, velocities)
        linear = self._linear(np.where(empty, 0.0, states), velocities)
        if not linear.finite:
            # At the edge of a rate's domain (a Hill law of x = 0 with n < 1): a little inside of it
            inside = np.where(empty, ASIDE * self.sizes(states), states)
            jacobian = velocities_and_jacobian(self.model.sbml, inside, self.constants)[1]
            linear = self._linear(inside, velocities)
            if not linear.finite:
                return Certificate(Status.NOT_FINITE, np.nan, np.nan, np.nan, {}, np.nan,
                                   nothing, False)  # fmt: skip
        residual = self._imbalance(states, velocities, jacobian)
        step, rounding = self._error(states, linear)
        drift = self._drift(states)
        eigenvalues, growing, restored = self._stability(states, linear)
        status = Status.OK
        if not restored:
            status = Status.UNSTABLE if growing else Status.NEUTRAL
        if (states[self._positive] < -1e-12 * np.abs(states).max(initial=0.0)).any():
            status = Status.NEGATIVE
        if drift > MAX_DRIFT:
            status = Status.DRIFTED
        exact = step <= MAX_ERROR or step <= rounding <= MAX_ROUNDING
        if not (residual <= MAX_IMBALANCE and exact):
            status = Status.UNBALANCED
        currents = self._net_currents(velocities)
        return Certificate(status, residual, step + rounding, rounding, currents, drift,
                           eigenvalues, restored)  # fmt: skip

    def values(self, states: np.ndarray) -> dict[str, float]:
        """Return everything that a result holds, by column, at the given states.

        What follows the time for ever, and so does not rest where the states do, is NaN.
        """
        names, computed = quantities_at(self.model.sbml, states, self.constants)
        values = dict(zip(names, computed, strict=True))
        for column, species in self.model.amount_columns.items():
            values[column] = values[amount(species)]
        moving = moving_values(self.model.sbml, states, self.constants, self.equations)
        values |= dict.fromkeys(moving, np.nan)
        return {name: float(values[name]) for name in result_columns(self.equations, self.model)}

    def moving(self, states: np.ndarray, since: float) -> str:
        """Return what may still move a model that rests at some states from a time on, or nothing.

        A rate that follows the time, or an event whose trigger is not one and the same all around
        the states.
        """
        sizes = self.sizes(states, NOTICED)
        rates, slopes = velocities_and_jacobian(self.model.sbml, states, self.constants)
        with np.errstate(all="ignore"):
            flow = np.abs(self.structure.stoichiometry) @ (np.abs(rates) + np.abs(slopes) @ sizes)
        sizes = np.where(flow == 0, 0.0, sizes)  # what nothing moves stays
        times = late_times(self.model.sbml, self.start, since)
        moving = moving_rates(self.model.sbml, states, self.constants, sizes, times)
        if moving:
            name = moving[0].removeprefix("rate(").removesuffix(")")
            return f"the rate of '{name}' follows the time"
        if not self.equations.has_events:
            return ""
        from transport_model.mathematics.triggers import triggers_of

        event = triggers_of(self.model.sbml).undecided(states, self.constants, sizes, times)
        return f"{event} may happen here" if event else ""

    def expansion(self, looks: np.ndarray) -> np.ndarray:
        """Return how fast neighbouring courses part at each of some states [1/time].

        Parameters
        ----------
        looks
            States of a course, shaped (looks, states).

        Returns
        -------
        numpy.ndarray
            Shaped (looks,): the largest real part of an eigenvalue; zero where all are negative.
        """
        structure = self.structure
        if not structure.independent.size:
            return np.zeros(len(looks))
        jacobians = jacobians_along(self.model.sbml, looks.T, self.constants)
        independent = structure.stoichiometry[structure.independent]
        reduced = independent @ jacobians @ structure.link
        reduced[~np.isfinite(reduced).all(axis=(1, 2))] = 0.0
        return np.maximum(np.linalg.eigvals(reduced).real.max(axis=1), 0.0)

    def _linear(self, states: np.ndarray, velocities: np.ndarray | None = None) -> LinearRates:
        computed, jacobian = velocities_and_jacobian(self.model.sbml, states, self.constants)
        v = computed if velocities is None else velocities
        structure = self.structure
        independent = structure.stoichiometry[structure.independent]
        sizes = self.sizes(states)
        own = sizes[structure.independent]
        with np.errstate(all="ignore"):
            slopes = np.abs(jacobian)
            rates = independent / own[:, None]
            return LinearRates(
                net=rates @ v,
                matrix=independent @ jacobian @ structure.link * own / own[:, None],
                terms=np.abs(independent) @ slopes @ np.abs(structure.link) * own / own[:, None],
                rates=rates,
                doubt=ROUNDING * (np.abs(v) + slopes @ sizes),
            )

    def _error(self, states: np.ndarray, linear: LinearRates) -> tuple[float, float]:
        """Return the largest relative step to the balance, and what rounding may hide of it."""
        structure = self.structure
        sizes = self.sizes(states)
        own = sizes[structure.independent]
        step = structure.link @ (linear.step * own)
        hidden = np.abs(structure.link) @ (linear.noise * own)
        return (float((np.abs(step) / sizes).max(initial=0.0)),
                float((hidden / sizes).max(initial=0.0)))  # fmt: skip

    def _stability(self, states: np.ndarray, linear: LinearRates) -> tuple[np.ndarray, bool, bool]:
        """Return the eigenvalues, whether one grows, and whether all of them fall."""
        eigenvalues, zero = spectrum(linear)
        growing = bool((eigenvalues.real > zero).any())
        restored = bool((eigenvalues.real < -zero).all())
        if restored and self.equations.has_branches:
            # At a kink a state may be restored from one side and left from the other
            free = self.structure.independent
            aside = np.zeros(len(states))
            aside[free] = ASIDE * self.sizes(states)[free] * (1 + np.arange(len(free)) / 7)
            for side in (1.0, -1.0):
                moved = self._offset + self.structure.link @ (states + side * aside)[free]
                other = self._linear(moved)
                if other.finite:
                    values, limit = spectrum(other)
                    restored = restored and bool((values.real < -limit).all())
        order = np.argsort(-eigenvalues.real, kind="stable")
        return eigenvalues[order], growing, restored

    def _imbalance(self, states: np.ndarray, velocities: np.ndarray, jacobian: np.ndarray) -> float:
        matrix = self.structure.stoichiometry
        if not matrix.size:
            return 0.0
        net = np.abs(matrix @ velocities)
        sizes = self.sizes(states)
        sizes = np.maximum(sizes, SMALLEST_SHARE * np.abs(states).max(initial=0.0))
        exchange = np.abs(matrix) @ (np.abs(jacobian) @ sizes)
        gross = np.abs(matrix) @ np.abs(velocities)
        rated = [name in self.equations.rate_rules for name in self.equations.states]
        floor = np.maximum(gross, EXCHANGE_SHARE * exchange)
        denominator = np.where(rated, exchange, floor)
        with np.errstate(all="ignore"):
            ratios = np.where(net == 0, 0.0, net / denominator)
        return float(ratios.max(initial=0.0))

    def _drift(self, states: np.ndarray) -> float:
        matrix = self.structure.conserved
        gross = np.abs(matrix) @ np.maximum(np.abs(states), np.abs(self.initial))
        change = np.abs(matrix @ states - self.totals)
        return float((change / np.where(gross > 0, gross, 1.0)).max(initial=0.0))

    def _net_currents(self, velocities: np.ndarray) -> dict[str, float]:
        rows = {name: amount(name) for name in charges_of(self.model.sbml)}
        states, matrix = self.equations.states, self.structure.stoichiometry
        return {name: float(matrix[states.index(row)] @ velocities)
                for name, row in rows.items() if row in states}  # fmt: skip
