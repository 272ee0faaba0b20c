"""Algorithms that SED-ML asks for by their KiSAO terms, and what runs in their place.

Differential equations have one solution, whichever algorithm computes it: CVODE with this
package's tolerances stands for all that are deterministic. Stochastic ones have none, and
constraint-based ones are another question.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from transport_model.errors import InputError, UnsupportedModelError
from transport_model.simulation.courses import RELATIVE_TOLERANCE

from .document import Algorithm, Rest, Simulation

CVODE, NEWTON = "KISAO:0000019", "KISAO:0000407"
#: Solvers of ordinary and of algebraic differential equations, whose results CVODE's are.
_COURSES = {
    19: "CVODE", 20: "PVODE", 30: "Euler forward", 31: "Euler backward",
    32: "explicit fourth-order Runge-Kutta", 33: "Rosenbrock", 64: "Runge-Kutta", 71: "LSODE",
    86: "Fehlberg", 87: "Dormand-Prince", 88: "LSODA", 89: "LSODAR", 90: "LSODI", 91: "LSODIS",
    93: "LSODPK", 94: "Livermore solver", 233: "LSODES", 234: "LSODKR", 261: "Euler", 276: "Gill",
    279: "Adams-Bashforth", 280: "Adams-Moulton", 283: "IDA",
    288: "backward differentiation formula", 289: "Adams", 290: "Merson", 301: "Heun",
    302: "embedded Runge-Kutta", 304: "Radau", 318: "Gauss-Legendre Runge-Kutta",
    321: "Cash-Karp", 355: "DASPK", 356: "DASSL", 364: "Adams predictor-corrector",
    378: "implicit midpoint", 379: "Bulirsch-Stoer", 381: "midpoint", 382: "modified midpoint",
    383: "Bader-Deuflhard", 384: "semi-implicit midpoint", 432: "IDA-like", 433: "CVODE-like",
    434: "Higham-Hall", 435: "embedded Runge-Kutta 5(4)", 436: "embedded Runge-Kutta 8(5,3)",
    496: "CVODES", 535: "VODE", 536: "ZVODE", 537: "explicit Runge-Kutta 3(2)", 544: "IDAS",
    560: "LSODA/LSODAR hybrid", 609: "embedded Runge-Kutta Prince-Dormand (8,9)",
    612: "implicit fourth-order Runge-Kutta", 617: "IDA-CVODE hybrid", 694: "ODE solver",
    699: "DAE solver",
}  # fmt: skip
_RESTS = {
    282: "KINSOL", 407: "steady state root-finding", 408: "Newton-type", 409: "ordinary Newton",
    410: "simplified Newton", 411: "Newton-like", 412: "inexact Newton", 413: "exact Newton",
    568: "NLEQ1", 569: "NLEQ2", 630: "general steady state", 631: "iterative root-finding",
    632: "functional iteration root-finding",
}  # fmt: skip
_STOCHASTIC = {
    15: "Gillespie first reaction", 27: "Gibson-Bruck next reaction", 28: "slow-scale stochastic",
    29: "Gillespie direct", 38: "sorting stochastic", 39: "tau-leaping", 40: "Poisson tau-leaping",
    48: "adaptive tau-leaping", 74: "binomial tau-leaping", 82: "k-alpha leaping",
    241: "Gillespie-like", 286: "Euler-Maruyama", 287: "Milstein", 319: "Monte Carlo",
    333: "accelerated stochastic", 335: "generalized stochastic", 564: "stochastic Runge-Kutta",
    566: "stochastic second-order Runge-Kutta", 586: "next reaction", 621: "stochastic leaping",
    697: "SDE solver",
}  # fmt: skip
RELATIVE, ABSOLUTE = "KISAO:0000209", "KISAO:0000211"
#: Settings of how an integrator or a root finder works: tolerances, orders, steps, iterations.
_HARMLESS = {216, 219, 220, 332, 415, 467, 475, 476, 477, 478, 479, 480, 481, 482, 483, 484, 485,
             486, 487, 488, 538, 539, 540, 543, 556, 557, 558, 559, 565, 570, 571, 583, 584, 594,
             597, 656, 665, 666, 670, 671, 674, 675, 676, 677, 678, 679, 680, 682, 683,
             684}  # fmt: skip


def check_algorithm(simulation: Simulation, *, substitutes: bool = True) -> None:
    """Raise UnsupportedModelError if what a simulation asks for has other results than CVODE's.

    Without `substitutes`, also if it is another algorithm at all.
    """
    kisao = simulation.algorithm.kisao
    known = _RESTS | _COURSES if isinstance(simulation, Rest) else _COURSES
    term = _term(kisao)
    if kisao and term not in known:
        name = (_STOCHASTIC | _RESTS | _COURSES).get(term, "")
        said = f" ({name})" if name else ""
        why = "is stochastic" if term in _STOCHASTIC else "is not supported here"
        raise UnsupportedModelError(
            f"simulation '{simulation.id}' asks for algorithm {kisao[:40]}{said}, which {why};"
            " deterministic courses and steady states are run, by CVODE"
        )
    if not substitutes and kisao not in {"", run_by(simulation)}:
        raise UnsupportedModelError(
            f"simulation '{simulation.id}' asks for {_named(kisao)}, which another algorithm would"
            f" stand for ({run_by(simulation)}); that was not to be"
        )


def run_by(simulation: Simulation) -> str:
    """Return the KiSAO term of what runs a simulation."""
    return NEWTON if isinstance(simulation, Rest) else CVODE


def relative_tolerance(algorithm: Algorithm) -> float:
    """Return CVODE's relative tolerance: this package's, or a finer one that is asked for.

    Raises
    ------
    InputError
        What the document says is no tolerance.
    """
    text = algorithm.parameters.get(RELATIVE)
    if text is None:
        return RELATIVE_TOLERANCE
    try:
        wanted = float(text)
    except ValueError:
        wanted = math.nan
    if not 0 < wanted < 1:
        raise InputError(f"a relative tolerance lies between 0 and 1, not '{text[:40]}'")
    return max(min(wanted, RELATIVE_TOLERANCE), _FINEST)


#: CVODE cannot do better in double precision.
_FINEST = 1e-13


def remarks(simulation: Simulation) -> Iterator[str]:
    """Yield what runs otherwise than a document asks."""
    kisao, key = simulation.algorithm.kisao, simulation.id
    if isinstance(simulation, Rest):
        if kisao not in {"", NEWTON}:
            yield (f"simulation '{key}': {_named(kisao)} is replaced by a course to rest and"
                   " Newton's method, with a certificate")  # fmt: skip
    elif kisao not in {"", CVODE}:
        yield f"simulation '{key}': {_named(kisao)} is replaced by CVODE"
    for setting, value in simulation.algorithm.parameters.items():
        if setting not in {RELATIVE, ABSOLUTE} and _term(setting) not in _HARMLESS:
            yield f"simulation '{key}': the setting {setting[:40]} = '{value[:40]}' is not used"


def _named(kisao: str) -> str:
    return f"{(_COURSES | _RESTS).get(_term(kisao), 'the algorithm')} ({kisao[:40]})"


def _term(kisao: str) -> int:
    """Return the number of a KiSAO term, or -1 if it is none."""
    number = kisao.removeprefix("KISAO:")
    return int(number) if number.isdecimal() and number != kisao else -1
