"""Restarting a runner again and again, with other values of the same quantities."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from transport_model.mathematics.evaluation import check_starts, computed_starts
from transport_model.model import Model
from transport_model.quantities import ids_set_by_start_or_event, rule_kinds
from transport_model.simulation.runner import Runner


class _Place(float):
    """Stands where the value of a changed quantity belongs among the numbers of a restart."""

    name: str


class _Block:
    """Numbers that libRoadRunner takes in one call, as fast as one of them alone."""

    def __init__(self, wanted: Mapping[str, float], names: Sequence[str]) -> None:
        positions = {name: position for position, name in enumerate(names)}
        found = [(positions[name], value) for name, value in wanted.items() if name in positions]
        self.index = np.array([position for position, _ in found], dtype=np.int32)
        self._numbers = np.array([value for _, value in found], dtype=float)
        self._places = [(row, v.name) for row, (_, v) in enumerate(found) if isinstance(v, _Place)]

    def filled(self, changes: Mapping[str, float]) -> np.ndarray:
        """Return the numbers with those of `changes` among them."""
        for row, name in self._places:
            self._numbers[row] = changes[name]
        return self._numbers


class Restart:
    """Puts values in place as :meth:`Runner.restart` does, in a tenth of the time.

    The runner resets everything to the file's numbers, twice, then sets every value by itself.
    Where nothing but floating species moves, the resets come to writing what they leave: the
    amounts of floating species, remembered here, and all else, which is set anyhow. Models with
    rate rules, events or computed constants, changed compartments or missing numbers are
    restarted by the runner.

    Parameters
    ----------
    runner
        The model's; others may use it between two restarts.
    model
        What to restart; values set on it do not count.
    changed
        Ids whose values :meth:`put` will be given, all of them each time.

    Raises
    ------
    UnsupportedModelError
        As :meth:`Runner.restart`.
    """

    def __init__(self, runner: Runner, model: Model, changed: Iterable[str]) -> None:
        self.changed = frozenset(changed)
        self._runner = runner
        places = {name: _Place(1.0) for name in self.changed}
        for name, place in places.items():
            place.name = name
        self._model = replace(model, changes=places)
        self._plain = bool(self.changed) and not runner.missing
        self._plain = self._plain and _only_species_move(runner, self._model)
        if not self._plain:
            return
        runner.restart(replace(model, changes={}))
        memory = runner.engine.model
        free = [name not in runner.assigned for name in memory.getFloatingSpeciesIds()]
        self._floating = np.flatnonzero(free).astype(np.int32)
        self._amounts = np.array(memory.getFloatingSpeciesAmounts())[free]
        kept, boundary = runner._values(self._model)
        species = list(memory.getBoundarySpeciesIds())
        self._parameters = _Block(kept, memory.getGlobalParameterIds())
        self._sizes = _Block(kept, memory.getCompartmentIds())
        self._boundary_amounts = {n: value for n, value in boundary.items() if n in species}
        self._boundary = _Block(boundary, [f"[{name}]" for name in species])
        blocks = (self._parameters, self._sizes, self._boundary)
        placed = sum(len(block.index) for block in blocks) + len(self._boundary_amounts)
        self._plain = placed == len(kept) + len(boundary)

    def put(self, changes: Mapping[str, float]) -> None:
        """Put every quantity in place, `changes` among them, and go back to time zero."""
        if not self._plain:
            self._runner.restart(replace(self._model, changes=changes))
            return
        engine = self._runner.engine
        memory = engine.model
        memory.setTime(0.0)
        sizes = self._sizes.filled(changes)
        memory.setCompartmentVolumes(self._sizes.index, sizes)
        memory.setFloatingSpeciesAmounts(self._floating, self._amounts)
        memory.setGlobalParameterValues(self._parameters.index, self._parameters.filled(changes))
        memory.setCompartmentVolumes(self._sizes.index, sizes)
        for _ in range(2):
            boundary = self._boundary.filled(changes)
            memory.setBoundarySpeciesConcentrations(self._boundary.index, boundary)
            # libRoadRunner's Python interface takes no vector of these
            for name, value in self._boundary_amounts.items():
                engine[name] = changes[value.name] if isinstance(value, _Place) else value
            engine.reset()


def _only_species_move(runner: Runner, model: Model) -> bool:
    """Whether a course leaves everything where it was but floating species under reactions."""
    rated = "rate" in rule_kinds(model.sbml).values()
    if rated or runner.has_events or ids_set_by_start_or_event(model.sbml):
        return False
    return not any(
        (quantity.kind == "compartment" and name in model.changes)
        or (quantity.kind == "boundary" and quantity.computed == "initial assignment")
        or (quantity.settable and math.isnan(quantity.value))
        for name, quantity in model.quantities.items()
    )


def refuse_negative_start(model: Model, runner: Runner) -> None:
    """Raise InputError if a start that the model computes lies outside its domain."""
    engine, quantities = runner.engine, model.quantities
    starts = {name: engine[name if quantities[name].is_amount else f"[{name}]"]
              for name in computed_starts(model)}  # fmt: skip
    check_starts(model, starts)
