"""Steady states, each with a certificate that no solver had a hand in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from transport_model.certificate import (
    EXCHANGE_SHARE,
    MAX_DRIFT,
    MAX_IMBALANCE,
    SMALLEST_SHARE,
    ZERO_EIGENVALUE,
    Status,
)
from transport_model.errors import SteadyStateError, UnsupportedModelError
from transport_model.mathematics.equations import Equations, amount, read_equations, species_of
from transport_model.mathematics.evaluation import result_columns, start_values
from transport_model.mathematics.linearization import quantities_at, velocities_and_jacobian
from transport_model.mathematics.structure import Structure, structure_of
from transport_model.model import Model
from transport_model.quantities import CHARGE
from transport_model.simulation.courses import absolute_tolerances, refuse_negative_start
from transport_model.simulation.runner import runner_for

#: Times [model time] to which a course is followed before its steady state is looked for.
HORIZONS = (1e4, 1e6, 1e8)
#: Relative tolerance of a course that is only followed to its end.
FOLLOWING = 1e-4
#: A balance within this relative distance of a course's end is where the course was going.
NEAR = 0.1

#: Newton steps from the end of a course; near it they converge quadratically.
POLISHING_STEPS = 8


@dataclass(frozen=True)
class Certificate:
    """What is known of a candidate steady state, computed from the model's equations alone.

    Attributes
    ----------
    status
        ``ok``, or the first check that failed.
    residual
        Largest relative imbalance over all states, ``|Σ N v| / Σ |N||v|``. Where net fluxes
        vanish altogether, at an equilibrium, a thousandth of the exchange flux
        ``Σ |N||∂v/∂x||x|`` takes the denominator's place, as does that flux itself under a rate
        rule.
    net_current
        Net flow of charge out of the cell [extent/time]; NaN for a model without a charge.
    drift
        Largest relative change of a conserved sum.
    eigenvalues
        Of the Jacobian of the independent states [1/time], the slowest first.
    stable
        Whether every eigenvalue has a negative real part.
    """

    status: Status
    residual: float
    net_current: float
    drift: float
    eigenvalues: np.ndarray
    stable: bool

    @property
    def slowest(self) -> float:
        """Slowest time constant [time]; infinite where nothing restores the state."""
        leading = float(np.max(np.real(self.eigenvalues), initial=-np.inf))
        return -1.0 / leading if leading < 0 else float("inf")


@dataclass(frozen=True)
class SteadyState:
    """A certified steady state. ``state["V_m"]`` is ``state.values["V_m"]``.

    Attributes
    ----------
    model
        The model with the values at which this is a steady state.
    values
        Everything that a result holds, by id; NaN for what names the time.
    certificate
        What was checked.
    """

    model: Model
    values: pd.Series
    certificate: Certificate

    @property
    def converged(self) -> bool:
        """Whether every check of the certificate passed."""
        return self.certificate.status is Status.OK

    @property
    def status(self) -> str:
        """``ok``, or the first check that failed."""
        return str(self.certificate.status)

    @property
    def residual(self) -> float:
        """Largest relative imbalance of a species."""
        return self.certificate.residual

    @property
    def net_current(self) -> float:
        """Net flow of charge out of the cell [extent/time]."""
        return self.certificate.net_current

    @property
    def stable(self) -> bool:
        """Whether small disturbances die out."""
        return self.certificate.stable

    def __getitem__(self, name: str) -> float:
        return float(self.values[name])


def steady_state(model: Model) -> SteadyState:
    """Find the steady state that a model's starting values lead to, and certify it.

    CVODE follows the course, loosely and over ever longer times; from where it has come, Newton's
    method (libRoadRunner's NLEQ2, or our own with exact derivatives) finds the balance. Whatever
    they return is accepted only when the certificate says so, and taken for the state that the
    start leads to only when it lies near the course or the course had time to end.

    Parameters
    ----------
    model
        Parameters, and the start: from it follow the conserved sums and the state that is reached.

    Returns
    -------
    SteadyState
        Every value, and the certificate of what was checked.

    Raises
    ------
    SteadyStateError
        No candidate could be certified; ``status`` says why the last one was not.
    UnsupportedModelError
        The model has events, names the time in a rate, or cannot be written down symbolically.
    InputError
        A computed starting value is negative.
    """
    examiner = Examiner.of(model)
    last: SteadyState | None = None
    certified: list[tuple[np.ndarray, SteadyState]] = []
    for horizon, reached, balanced in _candidates(model, examiner):
        last = examiner.examine(balanced)
        if not last.converged:
            continue
        if examiner.is_near(reached, balanced) or last.certificate.slowest < horizon / 5:
            return last
        certified.append((balanced, last))
    if len(certified) > 1 and all(
        np.allclose(other, certified[-1][0], rtol=1e-6) for other, _ in certified
    ):
        # Too slow to be followed to its end, but from ever further along it leads to one state
        return certified[-1][1]
    status = str(Status.NOT_REACHED) if certified else last.status if last else str(Status.FAILED)
    detail = f" (relative imbalance {last.residual:.1e})" if last and not certified else ""
    raise SteadyStateError(
        f"model '{model.name}' has no certified steady state: {status}{detail}", status
    )


class Examiner:
    """Certifies candidate states of one model from its equations."""

    def __init__(self, model: Model, equations: Equations) -> None:
        self.model = model
        self.equations = equations
        self.start = start_values(model)
        self.structure: Structure = structure_of(equations, self.start)
        self.constants = np.array([self.start[name] for name in equations.constants])
        self.initial = np.array([self.start[name] for name in equations.states])
        self.totals = self.structure.conserved @ self.initial

    @classmethod
    def of(cls, model: Model) -> Examiner:
        """Return the examiner of a model for which a steady state is defined."""
        equations = read_equations(model.sbml)
        equations.require_steady_state(model.name)
        return cls(model, equations)

    def states_of(self, state: SteadyState) -> np.ndarray:
        """Return the states of a steady state as a vector, amounts of species among them."""
        values = {**self.start, **state.values}
        for column, species in self.model.amount_columns.items():
            values[amount(species)] = values[column]
        for name in self.equations.states:
            species = species_of(name)
            if self.model.quantities[species].is_amount:
                values[name] = values[species]
        return np.array([values[name] for name in self.equations.states])

    def examine(self, states: np.ndarray) -> SteadyState:
        """Certify one candidate."""
        velocities, jacobian = velocities_and_jacobian(self.model.sbml, states, self.constants)
        certificate = self._certificate(states, velocities, jacobian)
        return SteadyState(self.model, self._values(states), certificate)

    def is_near(self, reached: np.ndarray, balanced: np.ndarray) -> bool:
        """Whether a balanced state is where a course was about to arrive."""
        size = np.maximum(np.abs(reached), np.abs(balanced))
        floor = SMALLEST_SHARE * size.max(initial=0.0)
        return bool((np.abs(balanced - reached) <= NEAR * np.maximum(size, floor)).all())

    def polished(self, states: np.ndarray) -> np.ndarray:
        """Take Newton steps with the exact Jacobian from `states`, keeping the conserved sums."""
        free, link = self.structure.independent, self.structure.link
        offset = self.initial - link @ self.initial[free]
        matrix = self.structure.stoichiometry[free]
        y = states[free].copy()
        for _ in range(POLISHING_STEPS):
            v, jacobian = velocities_and_jacobian(
                self.model.sbml, offset + link @ y, self.constants
            )
            try:
                step = np.linalg.solve(matrix @ jacobian @ link, -(matrix @ v))
            except np.linalg.LinAlgError:
                break
            if not np.isfinite(step).all():
                break
            y += step
            if (np.abs(step) <= 1e-14 * np.abs(y)).all():
                break
        return offset + link @ y

    def _certificate(
        self, states: np.ndarray, velocities: np.ndarray, jacobian: np.ndarray
    ) -> Certificate:
        nothing = np.zeros(0)
        if not (np.isfinite(states).all() and np.isfinite(velocities).all()
                and np.isfinite(jacobian).all()):  # fmt: skip
            return Certificate(Status.NOT_FINITE, np.nan, np.nan, np.nan, nothing, False)
        residual = self._imbalance(states, velocities, jacobian)
        drift = self._drift(states)
        eigenvalues = self.eigenvalues(jacobian)
        scale = np.abs(eigenvalues).max(initial=0.0)
        stable = bool((eigenvalues.real < -ZERO_EIGENVALUE * scale).all())
        status = Status.OK
        if not stable:
            growing = (eigenvalues.real > ZERO_EIGENVALUE * scale).any()
            status = Status.UNSTABLE if growing else Status.SINGULAR
        positive = [self.model.domain(species_of(name))[0] == 0.0 for name in self.equations.states]
        if (states[positive] < -1e-12 * np.abs(states).max(initial=0.0)).any():
            status = Status.NEGATIVE
        if drift > MAX_DRIFT:
            status = Status.DRIFTED
        if not residual <= MAX_IMBALANCE:
            status = Status.UNBALANCED
        return Certificate(status, residual, self._net_current(velocities), drift, eigenvalues,
                           stable)  # fmt: skip

    def _imbalance(self, states: np.ndarray, velocities: np.ndarray, jacobian: np.ndarray) -> float:
        matrix = self.structure.stoichiometry
        if not matrix.size:
            return 0.0
        net = np.abs(matrix @ velocities)
        sizes = np.abs(states)
        sizes = np.maximum(sizes, SMALLEST_SHARE * sizes.max(initial=0.0))
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

    def _net_current(self, velocities: np.ndarray) -> float:
        if amount(CHARGE) not in self.equations.states:
            return float("nan")
        row = self.equations.states.index(amount(CHARGE))
        return float(self.structure.stoichiometry[row] @ velocities)

    def eigenvalues(self, jacobian: np.ndarray) -> np.ndarray:
        """Return the eigenvalues of the independent states' Jacobian, the slowest first."""
        structure = self.structure
        independent = structure.stoichiometry[structure.independent]
        values = np.linalg.eigvals(independent @ jacobian @ structure.link)
        return values[np.argsort(-values.real, kind="stable")]

    def _values(self, states: np.ndarray) -> pd.Series:
        names, computed = quantities_at(self.model.sbml, states, self.constants)
        values = dict(zip(names, computed, strict=True))
        for column, species in self.model.amount_columns.items():
            values[column] = values[amount(species)]
        columns = result_columns(self.equations, self.model)
        return pd.Series([float(values[name]) for name in columns], index=columns, name="value")


def _candidates(model: Model, examiner: Examiner) -> Iterator[tuple[float, np.ndarray, np.ndarray]]:
    """Yield a time, where the course is then, and the balanced state next to it."""
    try:
        runner = runner_for(model.sbml, conserved=True)
    except UnsupportedModelError:  # libRoadRunner cannot eliminate this model's conserved sums
        runner = runner_for(model.sbml, conserved=False)
    runner.restart(model)
    refuse_negative_start(model, runner)
    engine = runner.engine
    selections = [_selection(model, state) for state in examiner.equations.states]
    for horizon in HORIZONS:
        try:
            if horizon > HORIZONS[0]:
                # From the start again: a solver that fails leaves the engine in a bad state
                runner.restart(model)
            runner.set_tolerances(FOLLOWING, absolute_tolerances(runner, FOLLOWING))
            engine.simulate(0.0, horizon, 2)
            reached = np.array([engine[name] for name in selections])
        except RuntimeError:
            continue
        try:
            engine.steadyState()
            yield horizon, reached, np.array([engine[name] for name in selections])
        except RuntimeError:
            pass
        yield horizon, reached, examiner.polished(reached)


def _selection(model: Model, state: str) -> str:
    """Return libRoadRunner's name for a state: bare for amounts, bracketed for concentrations."""
    quantity = model.quantities[species_of(state)]
    concentration = state == quantity.id and quantity.kind == "floating" and not quantity.is_amount
    return f"[{quantity.id}]" if concentration else quantity.id
