"""What a certificate of a steady state asks for, wherever it is computed."""

from __future__ import annotations

from enum import StrEnum

#: Largest relative imbalance of a certified state.
MAX_IMBALANCE = 1e-9
#: Largest relative error of a certified state: the size of the Newton step that is left.
MAX_ERROR = 1e-6
#: Largest relative error that rounding alone may leave, where rates cannot be told more exactly.
MAX_ROUNDING = 1e-3
#: Largest relative change of a conserved sum between the start and a certified state.
MAX_DRIFT = 1e-9
#: Share of the exchange flux that stands for the net fluxes where these vanish (equilibria).
EXCHANGE_SHARE = 1e-3
#: A state smaller than this share of the largest one counts as this large in exchange fluxes.
SMALLEST_SHARE = 1e-6
#: A state smaller than this share of the largest one is as good as zero: its error is absolute.
VANISHING_SHARE = 1e-12
#: Real parts closer to zero than this share of the scaled Jacobian's norm are zero.
ZERO_EIGENVALUE = 1e-13
#: The same in kernels, which stop at an imbalance of 1e-12; closer calls are single solves'.
ZERO_IN_KERNELS = 1e-11


class Status(StrEnum):
    """How the search for a steady state ended."""

    OK = "ok"
    UNBALANCED = "unbalanced"  #: fluxes differ, or the state is further from balance than it seems
    DRIFTED = "drifted"  #: a conserved sum is not what it was at the start
    NEGATIVE = "negative"  #: an amount is below zero
    UNSTABLE = "unstable"  #: balanced, but a disturbance would grow
    NEUTRAL = "neutral"  #: balanced, but a direction has no restoring force
    NOT_FINITE = "not finite"  #: NaN or infinity among the rates
    NOT_REACHED = "not reached"  #: certified states exist, but the course leads to none of them
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
        "fluxes into and out of a species differ by more than 1e-9 of their size, or the state is"
        " further from balance than 1e-6 of its own size",
        "look at how close `residual` is to 1e-9, and `error` to 1e-6; follow the course with"
        " `simulate` and see which species still moves; start nearer with `starting_from`",
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
    Status.NEUTRAL: (
        "balanced, but a direction has no restoring force: a line of such states, a centre, or a"
        " state that is left to one side only",
        "find the quantity that nothing sets, such as a transporter with a capacity of zero; fix"
        " it or remove it",
    ),
    Status.NOT_FINITE: (
        "NaN or infinity among the states, rates or derivatives",
        "look for a division by zero, or the logarithm of zero, at the starting values:"
        " `evaluate` shows which rule",
    ),
    Status.NOT_REACHED: (
        "balanced states exist, but the course from the start comes to rest at none of them",
        "the message says what the course does; start nearer to a state with `starting_from`",
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
