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
