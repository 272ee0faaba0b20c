"""Tolerances of CVODE: how exactly each state of a course is followed."""

from __future__ import annotations

import statistics
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from transport_model.simulation.runner import Runner

#: CVODE's relative tolerance; with it a one-hour course of ``cell`` is right to 1e-9.
RELATIVE_TOLERANCE = 1e-10
#: Where the integrator finds no step at its tolerance, it is tried once more at this one.
LOOSER_TOLERANCE = 1e-8
#: Absolute tolerance of a state, relative to its own starting size.
ABSOLUTE_SCALE = 1e-3
#: The integrator's word where no step was short enough.
NO_STEP = "CV_ERR_FAILURE"
#: Share of the absolute tolerances at which a course is then tried again: what is left of a state
#: may drive others and yet be less than its start is exact to, as of fuel that has burned.
FINER = 1e-12
#: How often a course is followed anew because a state turned out smaller than it was taken for.
MAX_LOOKS = 8
#: A state that falls to this share of its peak, and grows by this factor again, is a trace in
#: between, as of a prey or an infection: what becomes of it depends on how large it was then.
TRACE, GROWN = 1e-5, 1e3
#: At how many times at least a course is looked at for them.
LOOKS = 60
#: Absolute tolerances below which what grows may be rounding.
NOISE = 1e2


def absolute_tolerances(
    runner: Runner,
    relative: float,
    sizes: Mapping[str, float] | None = None,
    driven: Collection[str] = (),
) -> dict[str, float]:
    """Return an absolute tolerance for each of CVODE's states, in its own amount.

    Parameters
    ----------
    runner
        Stands at the start of a course.
    relative
        The relative tolerance.
    sizes
        Of states whose own start does not tell it, as far as they are known.
    driven
        States that are inputs, whose size says nothing of others.
    """
    states = [*runner.engine.getIndependentFloatingSpeciesIds(), *runner.rated]
    # Every state, because one without a tolerance keeps that of an earlier course
    names = dict.fromkeys(name for name in states if name not in runner.assigned)
    found = {name: abs(runner.engine[name]) for name in names}
    present = [size for name, size in found.items() if size > 0 and name not in driven]
    typical = statistics.median(present) if present else 1.0
    known = sizes or {}
    return {
        name: relative * ABSOLUTE_SCALE * known.get(name, size if size > 0 else typical)
        for name, size in found.items()
    }


class Tolerances:
    """The tolerances of one runner's courses.

    A state that starts at zero does not say how large it becomes. It is taken to be as large as
    the others, and where its course turns out far smaller, that is followed again. So it is where
    a state was a trace on the way.

    Parameters
    ----------
    runner
        The model's.
    driven
        States that are inputs.
    """

    def __init__(self, runner: Runner, driven: Collection[str]) -> None:
        self._runner = runner
        self._driven = driven
        self._sizes: dict[str, float] = {}
        self._at: Any = None
        self._held: list[Any] = []
        self._absolute: dict[str, float] = {}

    def begin(self) -> None:
        """Start with a course of which nothing is known."""
        self._sizes = {}

    def set(self, relative: float, share: float = 1.0) -> None:
        """Set them for a course from where the engine stands; `share` of the absolute ones."""
        engine, integrator = self._runner.engine, self._runner.engine.integrator
        starts = engine.model.getFloatingSpeciesAmounts().tobytes()
        starts += np.array([engine[name] for name in self._runner.rated]).tobytes()
        wanted = starts, relative, share, tuple(self._sizes.items())
        # Other courses use the same engine: read what it holds, which is cheaper than to set it
        held = [integrator.getValue(f"{kind}_tolerance") for kind in ("relative", "absolute")]
        if wanted != self._at or held != self._held:
            usual = absolute_tolerances(self._runner, relative, self._sizes, self._driven)
            self._absolute = {name: share * value for name, value in usual.items()}
            self._runner.set_tolerances(relative, self._absolute)
            self._at = wanted
            self._held = [relative, integrator.getValue("absolute_tolerance")]

    def learn(self, course: Mapping[str, np.ndarray], zeros: Collection[str]) -> bool:
        """Note how large states became that started at zero, and how small traces were.

        Parameters
        ----------
        course
            Amounts of the states.
        zeros
            States that started at zero.

        Returns
        -------
        bool
            Whether one of them was followed less exactly than the relative tolerance says.
        """
        sizes = {name: float(np.abs(course[name]).max()) for name in zeros}
        for name, amounts in course.items():
            if low := self._trace(amounts, self._absolute.get(name, 0.0)):
                sizes[name] = low
        relative = self._runner.engine.integrator.relative_tolerance
        loose = {
            name: size
            for name, size in sizes.items()
            if 0 < relative * size < self._absolute.get(name, 0.0)
        }
        self._sizes |= loose
        return bool(loose)

    @staticmethod
    def _trace(amounts: np.ndarray, tolerance: float) -> float:
        """Return how small a state was before it grew again; zero if it was no trace."""
        sizes, noise = np.abs(amounts), NOISE * tolerance
        if not sizes.min() < TRACE * sizes.max():
            return 0.0
        if amounts.min() < -noise and amounts.max() > noise:  # it passes zero on its way
            return 0.0
        peaks = np.maximum.accumulate(sizes)
        later = np.maximum.accumulate(sizes[::-1])[::-1]
        grows = later > np.maximum(GROWN * sizes, noise)
        traces = sizes[(sizes > 0) & (sizes < TRACE * peaks) & grows]
        return float(traces.min()) if len(traces) else 0.0


def tolerances_after(error: RuntimeError, relative: float) -> tuple[float, float]:
    """Return a relative tolerance, and a share of the absolute ones, to try after an error.

    Parameters
    ----------
    error
        The integrator's, which is raised where another tolerance is no help.
    relative
        The relative tolerance so far.
    """
    if NO_STEP in str(error):
        return relative, FINER
    if "CV_CONV_FAILURE" in str(error) and relative < LOOSER_TOLERANCE:
        return LOOSER_TOLERANCE, 1.0
    raise error
