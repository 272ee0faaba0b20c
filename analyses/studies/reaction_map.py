"""The map of any model's reactions: what becomes of what, where, and what acts on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from transport_model import Model, SteadyState
from transport_model.errors import InputError
from transport_model.quantities import document_of

#: Systems Biology Ontology (release of 2021): inhibitors.
INHIBITORS = {20, 206, 207, 536, 537, 597, 639}
#: And what is there to be made of nothing or to vanish: its term, and names that mean it.
EMPTY_SET, NOTHING = 291, {"emptyset", "empty set", "empty_set", "∅"}
#: Roles of a species in a reaction.
ROLES = ("reactant", "product", "modifier", "inhibitor")


@dataclass(frozen=True)
class Species:
    """A species: its id, its name, and where it is."""

    id: str
    name: str
    compartment: str


@dataclass(frozen=True)
class Link:
    """A species in one of its :data:`ROLES`; the count is NaN where it is computed."""

    species: str
    role: str
    count: float


@dataclass(frozen=True)
class Step:
    """A reaction in the direction of its flux; that is None without a state."""

    id: str
    name: str
    links: tuple[Link, ...]
    flux: float | None


@dataclass(frozen=True)
class ReactionMap:
    """Reactions and the species in them.

    Attributes
    ----------
    species
        Those that a reaction names, in the order of the file.
    steps
        The reactions.
    compartments
        Names by id, of those with such species.
    left_out
        How many reactions of the model are not among the steps.
    """

    species: tuple[Species, ...]
    steps: tuple[Step, ...]
    compartments: tuple[tuple[str, str], ...]
    left_out: int

    def uses(self) -> Counter[str]:
        """Return by species the number of reactions that it is in."""
        return Counter(
            name for step in self.steps for name in {link.species for link in step.links}
        )

    def largest(self, most: int) -> ReactionMap:
        """Return the map of no more reactions: of the largest fluxes, or the best connected.

        Best connected is, without fluxes, a reaction whose species are in many others.
        """
        uses = self.uses()

        def rank(step: Step) -> float:
            if step.flux is not None:
                return -abs(step.flux)
            return -max((uses[link.species] for link in step.links), default=0)

        kept = {step.id for step in sorted(self.steps, key=rank)[:most]}
        steps = tuple(step for step in self.steps if step.id in kept)
        named = {link.species for step in steps for link in step.links}
        species = tuple(item for item in self.species if item.id in named)
        homes = {item.compartment for item in species}
        return replace(
            self, species=species, steps=steps,
            compartments=tuple(item for item in self.compartments if item[0] in homes),
            left_out=self.left_out + len(self.steps) - len(steps),
        )  # fmt: skip


def reaction_map(model: Model, state: SteadyState | None = None) -> ReactionMap:
    """Return the map of a model's reactions.

    Parameters
    ----------
    model
        Any model.
    state
        Its steady state, for fluxes and directions. Without it reactions run as they are written.

    Raises
    ------
    InputError
        The model has no reactions.
    """
    sbml = document_of(model.sbml).getModel()
    names = model.reactions["name"]
    if not len(names):
        raise InputError(f"model '{model.name}' has no reactions, so there is no map of them")
    empty = {item.getId() for item in sbml.getListOfSpecies() if item.getSBOTerm() == EMPTY_SET
             or {item.getId().casefold(), item.getName().casefold()} & NOTHING}  # fmt: skip
    steps = []
    for reaction in sbml.getListOfReactions():
        name = reaction.getId()
        flux = None if state is None else state[name]
        links = tuple(link for link in _links(reaction, flux) if link.species not in empty)
        steps.append(Step(name, str(names[name] or name), links,
                          None if flux is None else abs(flux)))  # fmt: skip
    named = {link.species for step in steps for link in step.links}
    species = tuple(Species(item.getId(), item.getName() or item.getId(), item.getCompartment())
                    for item in sbml.getListOfSpecies() if item.getId() in named)  # fmt: skip
    homes = {item.compartment for item in species}
    compartments = tuple((item.getId(), item.getName() or item.getId())
                         for item in sbml.getListOfCompartments()
                         if item.getId() in homes)  # fmt: skip
    return ReactionMap(species, tuple(steps), compartments, 0)


def _links(reaction: Any, flux: float | None) -> Iterator[Link]:
    """Yield what takes part in a reaction; a species on one side twice is counted together."""
    sides = [("reactant", reaction.getListOfReactants()), ("product", reaction.getListOfProducts())]
    if flux is not None and flux < 0:
        sides = [(sides[1][0], sides[0][1]), (sides[0][0], sides[1][1])]
    taking_part = set()
    for role, references in sides:
        counts: Counter[str] = Counter()
        for reference in references:
            counts[reference.getSpecies()] += reference.getStoichiometry()
        taking_part |= {*counts}
        for species, count in counts.items():
            yield Link(species, role, count)
    for reference in reaction.getListOfModifiers():
        if reference.getSpecies() not in taking_part:
            inhibits = reference.getSBOTerm() in INHIBITORS
            yield Link(reference.getSpecies(), "inhibitor" if inhibits else "modifier", 1.0)
