"""Distributions of uncertain quantities, by their quantiles.

Whatever samples a cube of shares between 0 and 1, evenly or at random, samples a distribution
through :meth:`Distribution.at`: the value below which such a share of it lies.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
from scipy import special

from transport_model.errors import InputError, did_you_mean

#: Shares closer to 0 or 1 than this are moved there: an unbounded distribution has no value at 0.
_END = 2.0**-40


@dataclass(frozen=True)
class Distribution(ABC):
    """What is known of a quantity's value."""

    #: What it is called where it is written down.
    name: ClassVar[str]

    def __post_init__(self) -> None:
        for given in asdict(self).values():
            if not math.isfinite(given):
                raise InputError(f"{self}: its numbers must be finite")
        if fault := self._fault():
            raise InputError(f"{self}: {fault}")

    def at(self, shares: np.ndarray) -> np.ndarray:
        """Return the values below which given shares of the distribution lie.

        Parameters
        ----------
        shares
            Between 0 and 1, of any shape.

        Returns
        -------
        numpy.ndarray
            Of the same shape, in the unit of the quantity.
        """
        return self._quantiles(np.clip(np.asarray(shares, dtype=float), _END, 1 - _END))

    def bounds(self) -> tuple[float, float]:
        """Return values that no sample falls below or rises above."""
        low, high = self.at(np.array([0.0, 1.0])).tolist()
        return low, high

    def description(self) -> dict[str, Any]:
        """Return its name and numbers, fit for JSON."""
        return {"distribution": self.name, **asdict(self)}

    def __str__(self) -> str:
        return ":".join([self.name, *(f"{number:g}" for number in asdict(self).values())])

    @abstractmethod
    def _fault(self) -> str:
        """Return what is wrong with finite numbers, or nothing."""

    @abstractmethod
    def _quantiles(self, shares: np.ndarray) -> np.ndarray:
        """Return the quantiles; shares lie strictly between 0 and 1."""


@dataclass(frozen=True)
class Uniform(Distribution):
    """Every value between two is as likely as every other.

    Attributes
    ----------
    low, high
        The two, in the unit of the quantity.
    """

    low: float
    high: float
    name: ClassVar[str] = "uniform"

    def _fault(self) -> str:
        return "" if self.low < self.high else "it must rise from low to high"

    def _quantiles(self, shares: np.ndarray) -> np.ndarray:
        return np.clip(self.low + shares * (self.high - self.low), self.low, self.high)


@dataclass(frozen=True)
class LogUniform(Distribution):
    """Every factor between two positive values is as likely as every other.

    Attributes
    ----------
    low, high
        The two, in the unit of the quantity.
    """

    low: float
    high: float
    name: ClassVar[str] = "loguniform"

    def _fault(self) -> str:
        if self.low <= 0:
            return f"a range that starts at {self.low:g} has no logarithm; take a linear one"
        return "" if self.low < self.high else "it must rise from low to high"

    def _quantiles(self, shares: np.ndarray) -> np.ndarray:
        low, high = math.log(self.low), math.log(self.high)
        return np.clip(np.exp(low + shares * (high - low)), self.low, self.high)


@dataclass(frozen=True)
class Normal(Distribution):
    """The normal distribution.

    Attributes
    ----------
    mean, sd
        Its mean and its standard deviation, in the unit of the quantity.
    """

    mean: float
    sd: float
    name: ClassVar[str] = "normal"

    def _fault(self) -> str:
        return "" if self.sd > 0 else "a standard deviation is positive"

    def _quantiles(self, shares: np.ndarray) -> np.ndarray:
        return self.mean + self.sd * special.ndtri(shares)


@dataclass(frozen=True)
class LogNormal(Distribution):
    """The logarithm is normal.

    Attributes
    ----------
    median
        In the unit of the quantity.
    factor
        The standard deviation, as a factor up or down: above 1.
    """

    median: float
    factor: float
    name: ClassVar[str] = "lognormal"

    def _fault(self) -> str:
        if self.median <= 0:
            return "a median of what has a logarithm is positive"
        return "" if self.factor > 1 else "a factor of spread is above 1"

    def _quantiles(self, shares: np.ndarray) -> np.ndarray:
        return self.median * np.exp(math.log(self.factor) * special.ndtri(shares))


@dataclass(frozen=True)
class Triangular(Distribution):
    """Likeliest at its mode, and less so evenly down to nothing at both ends.

    Attributes
    ----------
    low, mode, high
        In the unit of the quantity.
    """

    low: float
    mode: float
    high: float
    name: ClassVar[str] = "triangular"

    def _fault(self) -> str:
        if not self.low < self.high:
            return "it must rise from low to high"
        return "" if self.low <= self.mode <= self.high else "its mode lies between its ends"

    def _quantiles(self, shares: np.ndarray) -> np.ndarray:
        width, up, down = self.high - self.low, self.mode - self.low, self.high - self.mode
        rising = self.low + np.sqrt(shares * width * up)
        falling = self.high - np.sqrt((1 - shares) * width * down)
        return np.where(shares * width < up, rising, falling)


_KINDS: dict[str, Callable[..., Distribution]] = {
    kind.name: kind for kind in (Uniform, LogUniform, Normal, LogNormal, Triangular)
}
_NUMBERS = {"uniform": "low:high", "loguniform": "low:high", "normal": "mean:sd",
            "lognormal": "median:factor", "triangular": "low:mode:high"}  # fmt: skip
#: How a distribution is written down, by its name.
WRITTEN = {name: f"{name}:{numbers}" for name, numbers in _NUMBERS.items()}


def read_distribution(text: str) -> Distribution:
    """Read a distribution as :data:`WRITTEN` has them, such as ``normal:5:0.5``.

    Raises
    ------
    InputError
        It is none, or its numbers make no sense.
    """
    name, *numbers = (part.strip() for part in text.split(":"))
    if name not in _KINDS:
        raise InputError(f"'{text}' is no distribution{did_you_mean(name, _KINDS)}"
                         f" (known: {', '.join(WRITTEN.values())})")  # fmt: skip
    try:
        values = [float(number) for number in numbers]
    except ValueError:
        values = []
    if len(values) != _NUMBERS[name].count(":") + 1:
        raise InputError(f"'{text}': {name} takes {_NUMBERS[name]}, as numbers")
    return _KINDS[name](*values)
