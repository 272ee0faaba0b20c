"""What a certificate of a steady state asks for, wherever it is computed."""

from __future__ import annotations

from enum import StrEnum

#: Largest relative imbalance of a certified state.
MAX_IMBALANCE = 1e-9
#: Largest relative change of a conserved sum between the start and a certified state.
MAX_DRIFT = 1e-9
#: Share of the exchange flux that stands for the net fluxes where these vanish (equilibria).
EXCHANGE_SHARE = 1e-3
#: A state smaller than this share of the largest one counts as this large in exchange fluxes.
SMALLEST_SHARE = 1e-6
#: Eigenvalues closer to zero than this share of the largest one are zero.
ZERO_EIGENVALUE = 1e-13


class Status(StrEnum):
    """How the search for a steady state ended."""

    OK = "ok"
    UNBALANCED = "unbalanced"  #: fluxes into and out of a species differ
    DRIFTED = "drifted"  #: a conserved sum is not what it was at the start
    NEGATIVE = "negative"  #: an amount is below zero
    UNSTABLE = "unstable"  #: balanced, but a disturbance would grow
    SINGULAR = "singular"  #: balanced, but a direction has no restoring force
    NOT_FINITE = "not finite"  #: NaN or infinity among the rates
    NOT_REACHED = "not reached"  #: certified, but the course had not come near it in time
    NO_START = "no start"  #: the model's own starting values are impossible
    FAILED = "failed"  #: no solver found a candidate
    GAVE_UP = "integrator gave up"  #: a time course came to no end

    @property
    def meaning(self) -> str:
        """What it says of the state."""
        return _ADVICE[self][0]

    @property
    def advice(self) -> str:
        """What to try."""
        return _ADVICE[self][1]


_ADVICE = {
    Status.OK: ("every check passed", "nothing"),
    Status.UNBALANCED: (
        "fluxes into and out of a species differ by more than 1e-9 of their size",
        "look at how close `residual` is to 1e-9; follow the course with `simulate` and see which"
        " species still moves; start nearer with `starting_from`",
    ),
    Status.DRIFTED: (
        "balanced, but a conserved sum is not what it was at the start",
        "the state belongs to other totals: check the starting values, and any factor between"
        " amounts and concentrations",
    ),
    Status.NEGATIVE: (
        "balanced, but an amount is below zero",
        "a rate goes on when its substrate is gone: let rate laws vanish with their substrates",
    ),
    Status.UNSTABLE: (
        "balanced, but a disturbance would grow",
        "simulate for long: the model may oscillate, or rest elsewhere; `distinct_steady_states`"
        " looks for other states",
    ),
    Status.SINGULAR: (
        "balanced, but a direction has no restoring force, so that there is a line of such states",
        "find the quantity that nothing sets, such as a transporter with a capacity of zero; fix"
        " it or remove it",
    ),
    Status.NOT_FINITE: (
        "NaN or infinity among the states, rates or derivatives",
        "look for a division by zero, or the logarithm of zero, at the starting values:"
        " `evaluate` shows which rule",
    ),
    Status.NOT_REACHED: (
        "a certified state was found, but the course from the start did not come near it in time",
        "start nearer to it with `starting_from`, or measure time in a larger unit",
    ),
    Status.NO_START: (
        "the model's own starting values are impossible, such as a negative K⁺ from"
        " electroneutrality",
        "change what the computed start depends on; the error of `steady_state` names the quantity",
    ),
    Status.FAILED: (
        "no solver found a candidate",
        "simulate: the model may grow without end, or have no steady state",
    ),
    Status.GAVE_UP: (
        "a time course came to no end",
        "look at the course up to there; a pole or a very fast process in the rate laws is likely",
    ),
}
