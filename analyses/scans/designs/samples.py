"""Designs of points spread over ranges: at random, by a Sobol' sequence, on a Latin hypercube."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from transport_model.errors import InputError

from .axes import Range, check_points, checked_ranges
from .base import MAX_ROWS, Columns, Design, whole

if TYPE_CHECKING:
    from scipy.stats import qmc

#: Bits of a Sobol' number: a sequence has 2 to this power points.
SOBOL_BITS = 32
#: Numbers that a Latin hypercube, which is made as a whole, can have at most (0.8 GB).
MAX_NUMBERS = 100_000_000


class Sample(Design):
    """Points spread over ranges.

    Parameters
    ----------
    points
        Number of rows.
    seed
        An integer.
    ranges
        (low, high) by quantity id, in model units.
    log
        Ids whose range is covered evenly in the logarithm.

    Raises
    ------
    UnknownIdError, InputError
        A range is empty, upside down, or has no logarithm where one is asked for; or there are
        too many points.
    """

    kind: str

    def __init__(
        self, points: int, seed: int, ranges: Mapping[str, Range], log: Sequence[str] = ()
    ) -> None:
        self._ranges = checked_ranges(ranges, log)
        self._log = frozenset(log)
        if not isinstance(points, int | np.integer):
            raise InputError(
                f"a design has a whole number of points, 1 to {MAX_ROWS:,}, not {points}"
            )
        if isinstance(seed, np.random.Generator):
            raise InputError("a design needs an integer as its seed, not a generator")
        if not isinstance(seed, int | np.integer) or seed < 0:
            raise InputError(f"a seed must be an integer, zero or more, not {seed}")
        self._rng: int | np.random.Generator = int(seed)
        super().__init__(self._ranges, int(points))

    def _spread(self, shares: np.ndarray) -> Columns:
        """Return points of the unit cube, a row each, spread over the ranges, by column."""
        columns = {}
        for (name, (low, high)), share in zip(self._ranges.items(), shares.T, strict=True):
            if name in self._log:
                column = np.exp(np.log(low) + share * (np.log(high) - np.log(low)))
            else:
                column = low + share * (high - low)
            columns[name] = np.clip(column, low, high)  # rounding may step over an end
        return columns

    def bounds(self) -> dict[str, tuple[float, float]]:
        """Return the ranges."""
        return {name: (float(low), float(high)) for name, (low, high) in self._ranges.items()}

    def description(self) -> dict[str, Any]:
        """Return the ranges, in order, the number of points and the seed."""
        ranges = [
            {"id": name, "low": low, "high": high, "log": name in self._log}
            for name, (low, high) in self._ranges.items()
        ]
        return {"design": self.kind, "points": len(self), "seed": self._rng, "ranges": ranges}

    @classmethod
    def table(
        cls,
        points: int,
        seed: int | np.random.Generator,
        ranges: Mapping[str, Range],
        log: Sequence[str] = (),
    ) -> pd.DataFrame:
        """Return all points; a generator, which no design can start from anew, may draw them."""
        if not isinstance(seed, np.random.Generator):
            return whole(cls(points, seed, ranges, log))
        once = cls(points, 0, ranges, log)
        once._rng = seed
        return whole(once)


class RandomSample(Sample):
    """Independent, uniformly distributed points, as :func:`random`."""

    kind = "random"

    def _made(self, start: int, stop: int) -> Columns:
        width = len(self._ranges)
        if isinstance(self._rng, np.random.Generator):
            return self._spread(self._rng.random((stop - start, width)))
        # A number takes one step of the generator, so that row and column tell how many to skip
        stream = np.random.PCG64(self._rng).advance(start * width)
        return self._spread(np.random.Generator(stream).random((stop - start, width)))

    def description(self) -> dict[str, Any]:
        """Return the ranges, in order, the number of points, the seed and its generator."""
        return {**super().description(), "generator": "PCG64"}


class Sobol(Sample):
    """The first points, at most 2³², of a scrambled Sobol' sequence, as :func:`sobol`.

    Rows that follow those asked for before are the quickest to make; far ones take about two
    nanoseconds for every number that is passed over.
    """

    kind = "sobol"

    def __init__(
        self, points: int, seed: int, ranges: Mapping[str, Range], log: Sequence[str] = ()
    ) -> None:
        super().__init__(points, seed, ranges, log)
        if points > 2**SOBOL_BITS:
            raise InputError(f"a Sobol' design has at most {2**SOBOL_BITS:,} points")

    def _engine(self) -> qmc.Sobol:
        """Return the sequence before its first point."""
        from scipy.stats import qmc  # 0.5 s, and only needed here

        if len(self._ranges) > qmc.Sobol.MAXDIM:
            raise InputError(f"a Sobol' design has at most {qmc.Sobol.MAXDIM:,} columns")
        rng = np.random.default_rng(self._rng)
        return qmc.Sobol(len(self._ranges), bits=SOBOL_BITS, rng=rng)

    def _made(self, start: int, stop: int) -> Columns:
        kept = self._kept
        if kept is None or kept.num_generated > start:
            kept = self._engine()
        engine = copy.deepcopy(kept)  # whoever else asks meanwhile finds the kept one unchanged
        if start > engine.num_generated:
            engine.fast_forward(start - engine.num_generated)
        # SciPy warns where the first points are drawn and are no power of two; one point is
        counts = (stop - start,) if engine.num_generated else (1, stop - start - 1)
        shares = np.concatenate([engine.random(count) for count in counts if count])
        self._kept = engine
        return self._spread(shares)


class LatinHypercube(Sample):
    """A Latin hypercube, as :func:`latin_hypercube`, of at most :data:`MAX_NUMBERS` numbers.

    Every row depends on all others, so that it is made as a whole when rows are first asked for,
    and held.
    """

    kind = "latin hypercube"

    def __init__(
        self, points: int, seed: int, ranges: Mapping[str, Range], log: Sequence[str] = ()
    ) -> None:
        super().__init__(points, seed, ranges, log)
        check_points(points, "a Latin hypercube")
        if len(self) * len(self.columns) > MAX_NUMBERS:
            raise InputError(
                f"a Latin hypercube of {len(self):,} points and {len(self.columns)} quantities is"
                " too large to be made as a whole; a Sobol' design is not"
            )

    def _made(self, start: int, stop: int) -> Columns:
        if self._kept is None:
            from scipy.stats import qmc  # 0.5 s, and only needed here

            hypercube = qmc.LatinHypercube(len(self.columns), rng=np.random.default_rng(self._rng))
            self._kept = self._spread(hypercube.random(len(self)))
        return {name: column[start:stop] for name, column in self._kept.items()}
