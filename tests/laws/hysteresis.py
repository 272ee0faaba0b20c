"""Systems with several states away from their files' own values, where the start decides.

Each is an Antimony text, whose own values leave it one state or none, the ranges from which values
and starts are drawn, and its right-hand side, written for NumPy by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Hysteresis:
    """A system, what varies in it, and its right-hand side of the states by (states, values)."""

    name: str
    text: str
    ranges: dict[str, tuple[float, float]]
    states: tuple[str, ...]
    rates: Callable[[np.ndarray, dict[str, float]], list[float]]
    #: A time at which whatever comes to rest has.
    long: float = 3e3
    #: Absolute tolerance of the integration by which it is judged.
    atol: float = 1e-12
    #: Share of rows that the kernel solves without libRoadRunner, at least.
    alone: float = 0.7

    @property
    def antimony(self) -> str:
        return f"model {self.name}\n {self.text}\nend\n"


def inhibited(s):
    return s / (0.1 + s + s * s / 0.5)


SYSTEMS = [
    Hysteresis(
        "toggle",
        "u' = a/(1 + v^n) - u\n v' = a/(1 + u^n) - v\n a = 1; n = 1; u = 1; v = 2",
        {"a": (0.5, 6), "n": (1, 4), "u": (0, 5), "v": (0, 5)},
        ("u", "v"),
        lambda x, p: [p["a"] / (1 + x[1] ** p["n"]) - x[0], p["a"] / (1 + x[0] ** p["n"]) - x[1]],
    ),
    Hysteresis(
        "self_activation",
        "-> x; 0.05 + 4*x^4/(1 + x^4)\n x -> ; k*x\n k = 9; x = 1",
        {"k": (1, 3), "x": (0.01, 4)},
        ("x",),
        lambda x, p: [0.05 + 4 * x[0] ** 4 / (1 + x[0] ** 4) - p["k"] * x[0]],
    ),
    Hysteresis(
        "chemostat",
        "mu := S/(0.1 + S + S^2/0.5)\n S' = D*(Sf - S) - mu*X\n X' = (mu - D)*X\n"
        " D = 0.9; Sf = 2; S = 1; X = 1",
        {"D": (0.05, 0.7), "Sf": (0.2, 4), "S": (0.01, 4), "X": (0.001, 3)},
        ("S", "X"),
        lambda x, p: [
            p["D"] * (p["Sf"] - x[0]) - inhibited(x[0]) * x[1],
            (inhibited(x[0]) - p["D"]) * x[1],
        ],
    ),
    Hysteresis(
        "schloegl",
        "-> X; 3*a*X^2 - X^3 - 3*X + b\n a = 0.5; b = 1; X = 1",
        {"a": (0.8, 1.4), "b": (0.2, 1.5), "X": (0, 4)},
        ("X",),
        lambda x, p: [3 * p["a"] * x[0] ** 2 - x[0] ** 3 - 3 * x[0] + p["b"]],
    ),
    Hysteresis(
        "overfed",
        "-> S; v\n S -> ; S/(1 + S + S^2)\n v = 0.01; S = 0.1",
        {"v": (0.02, 0.4), "S": (0, 8)},
        ("S",),
        lambda x, p: [p["v"] - x[0] / (1 + x[0] + x[0] ** 2)],
        alone=0.3,
    ),
    Hysteresis(
        "cusp",
        "x' = r + h*x - x^3\n r = 1; h = -1; x = 1\n r has dimensionless; h has dimensionless",
        {"r": (-0.5, 0.5), "h": (-1, 2), "x": (-2, 2)},
        ("x",),
        lambda x, p: [p["r"] + p["h"] * x[0] - x[0] ** 3],
    ),
    Hysteresis(
        "switch_of_a_pool",
        "A -> B; A*(k0 + k*B^3/(0.2 + B^3)); B -> A; d*B\n k0 = 1; k = 0.1; d = 1; A = 1; B = 1",
        {"k0": (0.001, 0.1), "k": (0.5, 4), "d": (0.3, 1.5), "A": (0, 2), "B": (0, 2)},
        ("A", "B"),
        lambda x, p: [
            p["d"] * x[1] - x[0] * (p["k0"] + p["k"] * x[1] ** 3 / (0.2 + x[1] ** 3)),
            x[0] * (p["k0"] + p["k"] * x[1] ** 3 / (0.2 + x[1] ** 3)) - p["d"] * x[1],
        ],
    ),
    Hysteresis(
        "allee",
        "N' = r*N*(N/a - 1)*(1 - N/c)\n r = 1; a = 1; c = 1; N = 2",
        {"r": (0.1, 10), "a": (0.2, 0.9), "c": (1, 3), "N": (0, 4)},
        ("N",),
        lambda x, p: [p["r"] * x[0] * (x[0] / p["a"] - 1) * (1 - x[0] / p["c"])],
    ),
    Hysteresis(
        "hard_excitation",
        "s := x^2 + y^2\n x' = x*(m + s - s^2) - w*y\n y' = y*(m + s - s^2) + w*x\n"
        " m = -1; w = 1; x = 0.1; y = 0",
        {"m": (-0.4, -0.05), "w": (0.5, 2), "x": (-1.2, 1.2), "y": (-1.2, 1.2)},
        ("x", "y"),
        lambda x, p: [
            x[0] * (p["m"] + (s := x[0] ** 2 + x[1] ** 2) - s * s) - p["w"] * x[1],
            x[1] * (p["m"] + s - s * s) + p["w"] * x[0],
        ],
        long=300,
        alone=0.05,
    ),
    Hysteresis(
        "slow_switch",
        "x' = 1e-6*(x - a)*(1.2 - x)*(x - 1.4)\n a = 1; x = 1.3",
        {"a": (0.9, 1.19), "x": (1.0, 1.5)},
        ("x",),
        lambda x, p: [1e-6 * (x[0] - p["a"]) * (1.2 - x[0]) * (x[0] - 1.4)],
        long=1e10,
    ),
    Hysteresis(
        "stiff_switch",
        "y' = 1e7*(x*x - y)\n x' = b + k*y/(1 + y) - x\n b = 1; k = 1; x = 1; y = 1",
        {"b": (0, 0.15), "k": (1.5, 3), "x": (0, 2), "y": (0, 4)},
        ("x", "y"),
        lambda x, p: [p["b"] + p["k"] * x[1] / (1 + x[1]) - x[0], 1e7 * (x[0] ** 2 - x[1])],
    ),
    Hysteresis(
        "trace",
        "I' = I*(b*S - d)\n S' = m*(1 - S) - b*S*I\n b = 1; d = 2; m = 0.5; I = 1e-14; S = 1",
        {"b": (1, 5), "d": (0.5, 4), "I": (1e-20, 1e-10), "S": (0.5, 2)},
        ("I", "S"),
        lambda x, p: [
            x[0] * (p["b"] * x[1] - p["d"]),
            0.5 * (1 - x[1]) - p["b"] * x[1] * x[0],
        ],
        atol=1e-30,
        alone=0.3,
    ),
]
