"""Balanced states: where rates cancel, and what is certified of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from transport_model import notebook
from transport_model.certificate import Status
from transport_model.columns import column_name
from transport_model.errors import UnknownIdError
from transport_model.key_facts import key_facts
from transport_model.mathematics.certification import Certificate, Examiner
from transport_model.model import Model
from transport_model.units import per_unit

#: Statuses of a state whose balance and conserved sums are right, stable or not.
BALANCED = (Status.OK, Status.UNSTABLE, Status.NEUTRAL)


@dataclass(frozen=True)
class SteadyState:
    """A certified steady state. ``state["V_m"]`` is ``state.values["V_m"]``.

    Attributes
    ----------
    model
        The model with the values at which this is a steady state.
    values
        Everything that a result holds, by id; NaN for what follows the time for ever.
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
    def error(self) -> float:
        """Bound of the relative error of every state."""
        return self.certificate.error

    @property
    def net_current(self) -> float:
        """Net flow of charge out of the cell [extent/time]; of two faces the larger one in size."""
        return self.certificate.net_current

    @property
    def net_currents(self) -> Mapping[str, float]:
        """Net flow of positive charge onto each face [extent/time], by what counts it."""
        return self.certificate.net_currents

    @property
    def stable(self) -> bool:
        """Whether small disturbances die out."""
        return self.certificate.stable

    def __getitem__(self, name: str) -> float:
        if name not in self.values.index:
            where = f"the steady state of '{self.model.name}'"
            raise UnknownIdError.of(str(name), map(str, self.values.index), where)
        return float(self.values[name])

    def _ipython_key_completions_(self) -> list[str]:
        return [str(name) for name in self.values.index]

    def _repr_html_(self) -> str:
        model, found = self.model, self.certificate
        names = [str(name) for name in self.values.index]
        facts = [(name, self[name], model.unit(name), column_name(model, name))
                 for name in key_facts(model, names)]  # fmt: skip
        of_time, flow = model.units["time"], per_unit(model.units["extent"], model.units["time"])
        checks = [("relative imbalance", self.residual, ""), ("relative error", self.error, ""),
                  *((what, current, flow) for what, current in found.currents_in_words.items()),
                  ("slowest time constant", found.slowest, of_time)]  # fmt: skip
        told = [f"{what} {notebook.number(value)} {unit}".rstrip()
                for what, value, unit in checks if np.isfinite(value)]  # fmt: skip
        return "".join([
            notebook.heading(model.name, "steady state"),
            notebook.line(notebook.badge(self.status, self.converged),
                          notebook.badge("stable" if self.stable else "not stable", self.stable)),
            notebook.note("; ".join(told)),
            notebook.table(["id", "value", "unit", "name"], facts),
            notebook.note(f"{len(facts)} of {len(names)} quantities; all are in .values"),
        ])  # fmt: skip


@dataclass(frozen=True)
class Balance:
    """A balanced state and its certificate."""

    states: np.ndarray
    certificate: Certificate


def balance_near(examiner: Examiner, near: np.ndarray) -> Balance:
    """Return a balance near a place: Newton's, or the place, if it is of a family of balances."""
    # Along a family nothing holds Newton's method, and the course alone says where in it to be.
    # Where hardly any force restores a balance, or rates have no slope, the certificate fails
    with np.errstate(all="ignore"):
        states = examiner.balanced(near)
        found = Balance(states, examiner.examine(states))
        if found.certificate.status in (Status.OK, Status.UNSTABLE):
            return found
        here = Balance(near, examiner.examine(near))
        telling = (Status.OK, Status.NEUTRAL, Status.DRIFTED)
        return here if here.certificate.status in telling else found


def state_of(examiner: Examiner, balance: Balance) -> SteadyState:
    """Return a balanced state as a result, with everything that follows from it."""
    values = pd.Series(examiner.values(balance.states), name="value", dtype=float)
    return SteadyState(examiner.model, values, balance.certificate)


def same(examiner: Examiner, one: Balance, other: Balance) -> bool:
    """Whether two balanced states are one: no further apart than their errors."""
    error = one.certificate.error + other.certificate.error
    return examiner.distance(one.states, other.states) <= 2 * error + 1e-9
