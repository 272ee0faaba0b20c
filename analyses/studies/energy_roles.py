"""What takes part in the account of a cell's energy, told by stoichiometry and annotation.

The cell's solutes are held against those of one side, the reference: the side to which the pump
pumps. Solutes of another side have crossed the cell, or have yet to. Charge has its energy on the
faces of the membranes, where every reaction books what it moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from transport_model import Model
from transport_model.errors import InputError
from transport_model.mathematics.equations import read_equations
from transport_model.mathematics.symbols import symbol

from .chemistry import ATP, HYDROLYSIS, WATER, Chemistry, Reaction, places_of, read_chemistry

#: What the account needs by name, beside the pairs of flux J_x and free energy change dG_x.
NEEDED = ("J_pump", "dG_ATP", "RT", "F", "n_X")


@dataclass(frozen=True)
class Step:
    """A reaction that crosses a membrane.

    ``flux`` is the x of its rate J_x, if it has that name; ``moved`` are the substances it makes
    (negative: takes), but for ATP and what becomes of it; ``atp`` is how many of these it spends,
    and ``charge`` what it puts on each face. A clamp's moves charge alone.
    """

    reaction: str
    flux: str
    moved: Mapping[str, float]
    atp: float
    charge: Mapping[str, float]


@dataclass(frozen=True)
class EnergyRoles:
    """Who is who in the account of a cell's energy.

    Attributes
    ----------
    steps
        Reactions that cross a membrane, and clamps.
    inside
        Solutes and water of the cell, as far as reactions move them.
    beyond
        Those of a side that is neither the cell nor the reference.
    fellows
        By solute of the two: the same substance in the reference.
    water
        By water of the two: the free energy changes, each so many times, that make up its energy
        against that of the reference.
    labels
        By species: its substance, as columns call it.
    potentials
        By charge on a face: the membrane's potential.
    places
        By species: where it is.
    cell
        The compartment that the pump pumps out of.
    chemistry
        What the annotations say.
    """

    steps: tuple[Step, ...]
    inside: tuple[str, ...]
    beyond: tuple[str, ...]
    fellows: Mapping[str, str]
    water: Mapping[str, Mapping[str, int]]
    labels: Mapping[str, str]
    potentials: Mapping[str, str]
    places: Mapping[str, str]
    cell: str
    chemistry: Chemistry

    @property
    def names(self) -> tuple[str, ...]:
        """Ids of all that formulas of the account need."""
        moved = {name for step in self.steps for name in step.moved}
        return tuple(dict.fromkeys((*NEEDED, self.cell, *self.potentials,
                                    *self.potentials.values(), *sorted(moved),
                                    *self.fellows.values())))  # fmt: skip

    @property
    def clamps(self) -> tuple[Step, ...]:
        """Reactions that move charge alone."""
        return tuple(step for step in self.steps if not step.moved and not step.atp)


def energy_roles(model: Model) -> EnergyRoles:
    """Tell who is who in the account of a cell's energy.

    Raises
    ------
    InputError
        The model lacks a quantity, a reaction or an annotation that the account needs.
    """
    for name in NEEDED:
        if name not in model.quantities and name not in model.rules.index:
            raise _lack(model, f"'{name}'")
    return _roles(model.sbml, model.name)


def _lack(model: Model | str, what: str) -> InputError:
    name = model if isinstance(model, str) else model.name
    return InputError(f"energetics needs {what}, which model '{name}' does not have")


@lru_cache(maxsize=32)
def _roles(text: str, model: str) -> EnergyRoles:
    chemistry, equations = read_chemistry(text), read_equations(text)
    pumps = [n for n, law in equations.fluxes.items() if law == symbol("J_pump")]
    if not pumps:
        raise _lack(model, "a reaction with the rate J_pump")
    if not chemistry.faces:
        raise _lack(model, "a species that counts the charge on a face")
    for face in chemistry.faces:
        if face not in chemistry.potentials:
            raise _lack(model, f"the potential that '{face}' makes (annotated PATO:0001462)")
    places = places_of(text)
    names = {reaction: str(law)[2:] for reaction, law in equations.fluxes.items()
             if str(law).startswith("J_") and law.is_Symbol}  # fmt: skip
    steps = [_step(chemistry, reaction, names.get(reaction.id, ""))
             for reaction in chemistry.reactions.values()]  # fmt: skip
    steps = [step for step in steps if step.charge or len({places[n] for n in step.moved}) > 1
             or any(chemistry.sides.get(places[n]) for n in step.moved)]  # fmt: skip
    moved = list(dict.fromkeys(n for n in chemistry.homes for step in steps if n in step.moved))
    for name in moved:
        if name not in chemistry.substances:
            raise _lack(model, f"a ChEBI term for '{name}'")
        if name not in chemistry.charges:
            raise _lack(model, f"the charge of '{name}' (a ChEBI term known here, or by fbc)")
        if places[name] not in chemistry.sides:
            raise _lack(model, f"a GO term that tells the side of '{places[name]}'")
    pump = next(step for step in steps if step.reaction == pumps[0])
    sides = {bool(chemistry.sides[places[n]]): places[n] for n in pump.moved}
    if len(sides) < 2:
        raise _lack(model, "a pump with two sides")
    reference = sides[False]
    inside = tuple(n for n in moved if chemistry.sides[places[n]])
    beyond = tuple(n for n in moved if n not in inside and places[n] != reference)
    fellows: dict[str, str] = {}
    for name in (*inside, *beyond):
        pool = chemistry.pool(name)
        others = [n for n, home in places.items()
                  if home == reference and chemistry.pool(n) == pool]  # fmt: skip
        if pool != WATER:
            if not others:
                raise _lack(model, f"'{reference}' with the substance of '{name}' in it")
            fellows[name] = others[0]
    return EnergyRoles(
        steps=tuple(steps), inside=inside, beyond=beyond, fellows=fellows,
        water=_water(chemistry, steps, (*inside, *beyond), model),
        labels={name: name.rpartition("_")[0] or name for name in moved},
        potentials={face: chemistry.potentials[face] for face in chemistry.faces},
        places=places, cell=sides[True], chemistry=chemistry,
    )  # fmt: skip


def _step(chemistry: Chemistry, reaction: Reaction, flux: str) -> Step:
    """Read a reaction, its hydrolysis of ATP apart."""
    change = {name: float(count) for name, count in reaction.change.items()}
    atp = -sum(count for name, count in change.items() if chemistry.pool(name) == ATP)
    moved = chemistry.material(change)
    if atp:
        moved = {name: count for name, count in moved.items()
                 if count != atp * HYDROLYSIS.get(chemistry.pool(name), 0)}  # fmt: skip
    charge = {face: change[face] for face in chemistry.faces if face in change}
    return Step(reaction.id, flux, moved, atp, charge)


def _water(
    chemistry: Chemistry, steps: list[Step], names: tuple[str, ...], model: str
) -> dict[str, dict[str, int]]:
    """Return the energy of water against that of the reference, along the ways that it takes."""
    ways = [step for step in steps
            if step.flux and {chemistry.pool(n) for n in step.moved} == {WATER}]  # fmt: skip
    wanted = [name for name in names if chemistry.pool(name) == WATER]
    known: dict[str, dict[str, int]] = {
        n: {} for step in ways for n in step.moved if n not in wanted
    }
    for _ in wanted:
        for step in ways:
            ends = list(step.moved)
            start = {} if len(ends) == 1 else known.get(ends[0])
            last = ends[-1]
            sign = int(step.moved[last])
            energy = f"dG_{step.flux}"
            if start is not None and last not in known:
                known[last] = {**start, energy: start.get(energy, 0) + sign}
            elif len(ends) == 2 and last in known and ends[0] not in known:
                known[ends[0]] = {**known[last], energy: -sign}
    for name in wanted:
        if name not in known:
            raise _lack(model, f"a free energy change dG_x of the water that '{name}' takes up")
    return {name: known[name] for name in wanted}
