"""Rodas5P: a Rosenbrock method of order 5 for stiff courses.

Steinebach 2023, BIT Numer Math 63:27, with an error estimate of order 4 and an interpolation of
order 4. The coefficients are those for increments u = γ⁻¹ Γ k (Hairer and Wanner 1996, section
IV.7): a stage solves

    (1/(hγ) - J) u_s = f(y + Σ A[s, q] u_q) + 1/h Σ C[s, q] u_q.
"""

from __future__ import annotations

from collections.abc import Sequence

from transport_model.kernels.functions import Code
from transport_model.kernels.lanes import Array, Lanes, Mask
from transport_model.kernels.model_code import ModelCode
from transport_model.kernels.shifted import Shifted

STAGES, ORDER = 8, 5
GAMMA = 0.21193756319429014
#: Of the stages; from the sixth on a stage begins where the one before it ended.
A = (
    (),
    (3.0,),
    (2.849394379747939, 0.45842242204463923),
    (-6.954028509809101, 2.489845061869568, -10.358996098473584),
    (2.8029986275628964, 0.5072464736228206, -0.3988312541770524, -0.04721187230404641),
    (-7.502846399306121, 2.561846144803919, -11.627539656261098, -0.18268767659942256,
     0.030198172008377946),
)  # fmt: skip
C = (
    (),
    (-14.155112264123755,),
    (-17.97296035885952, -2.859693295451294),
    (147.12150275711716, -1.41221402718213, 71.68940251302358),
    (165.43517024871676, -0.4592823456491126, 42.90938336958603, -5.961986721573306),
    (24.854864614690072, -3.0009227002832186, 47.4931110020768, 5.5814197821558125,
     -0.6610691825249471),
    (30.91273214028599, -3.1208243349937974, 77.79954646070892, 34.28646028294783,
     -19.097331116725623, -28.087943162872662),
    (37.80277123390563, -3.2571969029072276, 112.26918849496327, 66.9347231244047,
     -40.06618937091002, -54.66780262877968, -9.48861652309627),
)  # fmt: skip
#: Of the interpolation y(θ) = (1 - θ) y₀ + θ (y₁ + (1 - θ) (d₁ + θ (d₂ + θ d₃))).
H = (
    (25.948786856663858, -2.5579724845846235, 10.433815404888879, -2.3679251022685204,
     0.524948541321073, 1.1241088310450404, 0.4272876194431874, -0.17202221070155493),
    (-9.91568850695171, -0.9689944594115154, 3.0438037242978453, -24.495224566215796,
     20.176138334709044, 15.98066361424651, -6.789040303419874, -6.710236069923372),
    (11.419903575922262, 2.8879645146136994, 72.92137995996029, 80.12511834622643,
     -52.072871366152654, -59.78993625266729, -0.15582684282751913, 4.883087185713722),
)  # fmt: skip


class Rodas5P:
    """Writes the method for one model.

    Parameters
    ----------
    model
        Writes the model's functions; its ``balance`` is written already.
    """

    order = ORDER
    dense_rows = len(H)

    def __init__(self, model: ModelCode) -> None:
        self.model, self.count = model, model.count
        self._shifted = Shifted(model.module, model.values)

    def write(self) -> None:
        """Write the functions that a step calls."""
        self.model.slopes()
        self._shifted.write()

    def arrays(self, code: Code) -> None:
        """Reserve what a function that takes steps needs."""
        n = self.count
        self._code = code
        self._f, self._shift, self._jacobian = code.array(n), code.array(1), code.array(n, n)
        self._factors = code.array(self._shifted.size)
        self._stages = [code.array(n) for _ in range(STAGES)]
        self._moved, self._slope = code.array(n), code.array(n)
        for i in code.range(0, n):
            for j in code.range(0, n):
                self._jacobian[i, j] = 0.0

    def step(self, common: Sequence[Array], y: Array, h: Lanes, new: Array, error: Array) -> None:
        """Write a step of length `h` from `y`: fill the new state and the error."""
        code, n = self._code, self.count
        inverse = 1.0 / h
        self._shift[0] = inverse * (1.0 / GAMMA)
        code.call("slopes", *common, y, self._f, self._jacobian)
        code.call("factor_shifted", self._jacobian, self._shift, self._factors)
        for s, stage in enumerate(self._stages):
            slope = self._f
            if s:
                for j in range(n):
                    if s <= 5:
                        self._moved[j] = _combined(code, y[j], A[s], self._stages, j)
                    else:
                        self._moved[j] = self._moved[j] + self._stages[s - 1][j]
                code.call("balance", *common, self._moved, self._slope)
                slope = self._slope
            for j in range(n):
                pull = _combined(code, code.number(0.0), C[s], self._stages, j)
                stage[j] = code.fma(pull, inverse, slope[j]) if s else slope[j]
            code.call("solve_shifted", self._factors, stage)
        for j in range(n):
            error[j] = self._stages[-1][j]
            new[j] = self._moved[j] + error[j]

    def norm(self, error: Array, weights: Sequence[Lanes]) -> Lanes:
        """Return the size of an error relative to weights, in the mean over the states."""
        code, total = self._code, self._code.number(0.0)
        for j, weight in enumerate(weights):
            share = code.select(error[j].differs(0.0), error[j] / weight, 0.0)
            total = code.fma(share, share, total)
        return code.intrinsic("sqrt", total * (1.0 / self.count))

    def complete(self) -> None:
        """Compute nothing: the interpolation rests on the stages."""

    def is_held_back(self, weights: Sequence[Lanes]) -> Mask:
        """Return nowhere: stability does not hold a step back."""
        del weights
        return self._code.truth(False)

    def dense(self, row: int, j: int) -> Lanes:
        """Return a row of what the interpolation of the last step needs."""
        return _combined(self._code, self._code.number(0.0), H[row], self._stages, j)

    @staticmethod
    def between(theta: Lanes, old: Lanes, new: Lanes, dense: Sequence[Lanes]) -> Lanes:
        """Return a state at a share of the way through a step."""
        rest = 1.0 - theta
        inner = dense[0] + theta * (dense[1] + theta * dense[2])
        return rest * old + theta * (new + rest * inner)


def _combined(
    code: Code, start: Lanes, factors_: Sequence[float], stages: Sequence[Array], j: int
) -> Lanes:
    total = start
    for factor, stage in zip(factors_, stages, strict=False):
        total = code.fma(stage[j], factor, total)
    return total
