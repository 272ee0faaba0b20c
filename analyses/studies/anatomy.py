"""The anatomy of a cell: its places, the membranes between them, and what crosses these at rest.

All of it is told by stoichiometry and annotation, so that a cell with other ids has the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from transport_model import Model, SteadyState
from transport_model.quantities import document_of

from .chemistry import ATP, HYDROLYSIS, WATER, Chemistry, Reaction, places_of, read_chemistry

#: What substances are called in print, without their charges.
SYMBOL = {
    "CHEBI:29101": "Na", "CHEBI:29103": "K", "CHEBI:15378": "H", "CHEBI:28938": "NH₄",
    "CHEBI:29108": "Ca", "CHEBI:18420": "Mg", "CHEBI:17996": "Cl", "CHEBI:17544": "HCO₃",
    "CHEBI:24996": "lactate", "CHEBI:43474": "HPO₄", "CHEBI:39745": "H₂PO₄", WATER: "water",
    "CHEBI:16526": "CO₂", "CHEBI:16134": "NH₃", "CHEBI:16199": "urea",
    "CHEBI:4167": "glucose", "CHEBI:17634": "glucose", "CHEBI:17925": "glucose",
    "CHEBI:15903": "glucose",
}  # fmt: skip
#: Kinds of transporters. A pump spends ATP; a channel lets one ion through; a carrier one substance
#: without charge, or an ion on a protein that carries others, too; a symporter moves several one
#: way, an antiporter both ways; water goes alone; what goes between the cells is paracellular.
KINDS = ("pump", "channel", "carrier", "symporter", "antiporter", "water", "paracellular")
#: Share of the largest flux below which there is none.
IDLE = 1e-9
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Content:
    """A substance in a place, the species it is there, its charge, and how much there is.

    There is no value without a state.
    """

    substance: str
    species: str
    charge: float
    value: float | None
    unit: str


@dataclass(frozen=True)
class Place:
    """A compartment: what it is called, whether it is the cell, and what crosses from it or to."""

    id: str
    name: str
    inside: bool
    contents: tuple[Content, ...]


@dataclass(frozen=True)
class Membrane:
    """A membrane between the cell and what lies beyond.

    Attributes
    ----------
    beyond
        Ids of the places on its outer side.
    quantity
        Id of its potential; empty if the model has none.
    potential
        Of the inside against the outside [unit], if it is known.
    """

    beyond: tuple[str, ...]
    quantity: str
    potential: float | None
    unit: str


@dataclass(frozen=True)
class Moved:
    """What a transporter moves in a turn: how many of what, from one place to another, at rest."""

    substance: str
    count: float
    source: str
    target: str


@dataclass(frozen=True)
class Transporter:
    """A way through a membrane, or between the cells.

    Attributes
    ----------
    reaction, name
        Id and words.
    kind
        One of :data:`KINDS`.
    membrane
        Number of the membrane; None between the cells.
    moved
        What moves, in the direction of the flux at rest.
    atp
        ATP spent in a turn; negative of a pump that runs backwards and makes it.
    flux
        Turns in time, never negative; zero if nothing flows at rest, None without a state.
    """

    reaction: str
    name: str
    kind: str
    membrane: int | None
    moved: tuple[Moved, ...]
    atp: float
    flux: float | None


@dataclass(frozen=True)
class Anatomy:
    """A cell and what crosses its membranes.

    Attributes
    ----------
    name
        Of the model.
    places
        From the lumen to the blood, or from the outside to the cell.
    membranes
        From the lumen to the blood.
    transporters
        In the order of the reactions.
    unit
        Of fluxes.
    across
        Potential of the lumen against the blood, of a cell of two membranes, if it is known.
    others
        Words for reactions that cross nothing.
    """

    name: str
    places: tuple[Place, ...]
    membranes: tuple[Membrane, ...]
    transporters: tuple[Transporter, ...]
    unit: str
    across: float | None
    others: tuple[str, ...]

    @property
    def cell(self) -> Place:
        """The place inside."""
        return next(place for place in self.places if place.inside)

    @property
    def has_two_faces(self) -> bool:
        """Whether the cell stands between a lumen and the blood."""
        return len(self.membranes) > 1


def anatomy(model: Model, state: SteadyState | None = None) -> Anatomy | None:
    """Tell what a cell is made of, and what crosses its membranes.

    Parameters
    ----------
    model
        Any model.
    state
        Its steady state, for directions, fluxes, concentrations and potentials. Without it
        reactions run as they are written.

    Returns
    -------
    Anatomy or None
        None of a model whose annotations do not tell of one cell with substances that cross its
        membranes, or most of whose reactions are something else.
    """
    chemistry, homes = read_chemistry(model.sbml), places_of(model.sbml)
    reactions = [r for r in chemistry.reactions.values() if not chemistry.is_battery(r.change)]
    words = _words(model, chemistry)
    ways = {reaction.id: _moved(chemistry, homes, words, reaction) for reaction in reactions}
    crossing = [reaction for reaction in reactions if ways[reaction.id]]
    cell, beyond = _sides(chemistry, {m for moved in ways.values() for m in moved})
    if not cell or not beyond or 2 * len(crossing) < len(reactions):
        return None
    pumped = {m.target for r in crossing if _atp(chemistry, r) for m in ways[r.id]}
    # The pump stands on the side of the blood
    beyond = sorted(beyond, key=lambda places: bool(len(beyond) > 1 and pumped & {*places}))
    proteins = _proteins(model.sbml)
    fluxes = _fluxes(model, state)
    transporters = []
    for reaction in crossing:
        moved, flux, atp = ways[reaction.id], fluxes[reaction.id], _atp(chemistry, reaction)
        if flux is not None and flux < 0:
            atp = -atp
            moved = tuple(Moved(m.substance, m.count, m.target, m.source) for m in moved)
        shared = any(proteins[reaction.id] & proteins[other.id]
                     for other in crossing if other is not reaction)  # fmt: skip
        ends = {end for m in moved for end in (m.source, m.target)}
        transporters.append(
            Transporter(
                reaction=reaction.id,
                name=_name(model, reaction.id),
                kind=_kind(chemistry, reaction, moved, between=cell not in ends, shared=shared),
                membrane=next(n for n, places in enumerate(beyond) if ends & {*places})
                if cell in ends
                else None,
                moved=moved,
                atp=atp,
                flux=None if flux is None else abs(flux),
            )
        )
    membranes = tuple(_membrane(model, state, chemistry, tuple(places)) for places in beyond)
    volts = [membrane.potential for membrane in membranes]
    inner, outer = volts[0], volts[-1]
    order = [*beyond[0], cell, *(place for places in beyond[1:] for place in places)]
    return Anatomy(
        name=document_of(model.sbml).getModel().getName() or model.name,
        places=tuple(
            _place(model, state, chemistry, words, name, cell, transporters) for name in order
        ),
        membranes=membranes,
        transporters=tuple(transporters),
        unit=model.unit(crossing[0].id),
        across=outer - inner
        if len(volts) > 1 and outer is not None and inner is not None
        else None,
        others=tuple(_name(model, r.id) for r in reactions if not ways[r.id]),
    )


def _name(model: Model, reaction: str) -> str:
    return str(model.reactions["name"][reaction] or reaction)


def _fluxes(model: Model, state: SteadyState | None) -> dict[str, float | None]:
    """Return the rate of each reaction; zero where it is nothing beside the largest."""
    if state is None:
        return dict.fromkeys(model.reaction_ids)
    values = {name: state[name] for name in model.reaction_ids}
    least = IDLE * max(abs(value) for value in values.values())
    return {name: value if abs(value) > least else 0.0 for name, value in values.items()}


def _atp(chemistry: Chemistry, reaction: Reaction) -> float:
    """Return how many ATP a turn spends."""
    return float(-sum(count for name, count in reaction.change.items()
                      if chemistry.pool(name) == ATP))  # fmt: skip


def _moved(
    chemistry: Chemistry, homes: Mapping[str, str], words: Mapping[str, str], reaction: Reaction
) -> tuple[Moved, ...]:
    """Return what goes from one compartment to another; nothing if anything else is done, too."""
    if not reaction.fixed:
        return ()
    atp = _atp(chemistry, reaction)
    material = chemistry.material(reaction.change)
    spent = {name for name, count in material.items()
             if atp and count == atp * HYDROLYSIS.get(chemistry.pool(name), 0)}  # fmt: skip
    ends: dict[str, dict[int, tuple[str, float]]] = {}
    for name, count in material.items():
        sign = 1 if count > 0 else -1
        if name in spent:
            continue
        if sign in ends.setdefault(chemistry.pool(name), {}):
            return ()
        ends[chemistry.pool(name)][sign] = (homes[name], float(abs(count)))
    found = []
    for pool, places in ends.items():
        if pool == WATER and len(places) == 1 and len(ends) == 1 and len(chemistry.faces) < 2:
            # Water of which the bath is not told has come from there
            ((sign, (_, count)),) = places.items()
            bath = next((chemistry.homes[face] for face in chemistry.faces), "")
            places = {**places, -sign: (bath, count)}
        if len(places) < 2 or len({count for _, count in places.values()}) > 1:
            return ()
        (source, count), (target, _) = places[-1], places[1]
        if source == target or "" in (source, target):
            return ()
        found.append(Moved(words[pool], count, source, target))
    return tuple(found)


def _words(model: Model, chemistry: Chemistry) -> dict[str, str]:
    """Return what substances are called in print, with their charges.

    One without a symbol is called by the words that the names of its species share.
    """
    names = {str(name): str(words or name) for name, words in model.species["name"].items()}
    found: dict[str, str] = {}
    for pool in dict.fromkeys(map(chemistry.pool, names)):
        species = [name for name in names if chemistry.pool(name) == pool]
        first, *rest = (names[name].split() for name in species)
        shared = [word for word in first if all(word in other for other in rest)]
        charge = next((chemistry.charges[n] for n in species if n in chemistry.charges), 0)
        number = str(abs(charge)) if abs(charge) > 1 else ""
        sign = "" if not charge else "⁺" if charge > 0 else "⁻"
        symbol = SYMBOL.get(pool)
        found[pool] = (symbol + number.translate(_RAISED) + sign if symbol
                       else " ".join(shared or first))  # fmt: skip
    return found


def _sides(chemistry: Chemistry, moved: Iterable[Moved]) -> tuple[str, list[list[str]]]:
    """Return the cell, and the places beyond each membrane; nothing if there is no one cell."""
    crossed = {end for m in moved for end in (m.source, m.target)}
    # In the order of the file, so that the picture does not depend on names
    places = [name for name in dict.fromkeys(chemistry.homes.values()) if name in crossed]
    inside = [name for name in places if chemistry.sides.get(name)]
    if len(inside) != 1 or not crossed <= {*chemistry.sides}:
        return "", []
    outside = [name for name in places if name not in inside]
    if len(chemistry.faces) < 2:
        bath = [chemistry.homes[face] for face in chemistry.faces]
        return inside[0], [sorted(outside, key=lambda name: name not in bath)] if outside else []
    faced = [[chemistry.homes[face]] for face in chemistry.faces]
    good = {name for names in faced for name in names} == {*outside} and len(faced) == 2
    return (inside[0], faced) if good else ("", [])


def _proteins(sbml: str) -> dict[str, set[str]]:
    """Return by reaction the proteins, by UniProt, that it is annotated to be the work of."""
    found: dict[str, set[str]] = {}
    for reaction in document_of(sbml).getModel().getListOfReactions():
        uris = [term.getResourceURI(n) for term in map(reaction.getCVTerm,
                                                       range(reaction.getNumCVTerms()))
                for n in range(term.getNumResources())]  # fmt: skip
        found[reaction.getId()] = {uri for uri in uris if "uniprot" in uri.lower()}
    return found


def _kind(
    chemistry: Chemistry,
    reaction: Reaction,
    moved: tuple[Moved, ...],
    *,
    between: bool,
    shared: bool,
) -> str:
    if between:
        return "paracellular"
    if _atp(chemistry, reaction):
        return "pump"
    if len(moved) > 1:
        return "symporter" if len({m.source for m in moved}) == 1 else "antiporter"
    if {chemistry.pool(name) for name in chemistry.material(reaction.change)} == {WATER}:
        return "water"
    charged = any(chemistry.charges.get(name) for name in chemistry.material(reaction.change))
    return "channel" if charged and not shared else "carrier"


def _membrane(
    model: Model, state: SteadyState | None, chemistry: Chemistry, places: tuple[str, ...]
) -> Membrane:
    face = next((f for f in chemistry.membranes if chemistry.homes.get(f) in places), "")
    name = chemistry.potentials.get(face, "")
    if not name:
        return Membrane(places, "", None, "")
    return Membrane(places, name, _value(state, name), model.unit(name))


def _value(state: SteadyState | None, name: str) -> float | None:
    """Return a value at rest; a result does not repeat what the model sets."""
    if state is None:
        return None
    return state[name] if name in state.values.index else state.model.quantities[name].value


def _place(
    model: Model,
    state: SteadyState | None,
    chemistry: Chemistry,
    words: Mapping[str, str],
    place: str,
    cell: str,
    transporters: Iterable[Transporter],
) -> Place:
    """Return a place, with what is in it of all that crosses a membrane there."""
    crossing = dict.fromkeys(m.substance for t in transporters for m in t.moved
                             if t.kind != "water" and place in (m.source, m.target))  # fmt: skip
    contents = {}
    for name, home in chemistry.homes.items():
        substance = words[chemistry.pool(name)]
        if home == place and substance in crossing and name not in chemistry.faces:
            charge = float(chemistry.charges.get(name) or 0)
            value, unit = _value(state, name), model.unit(name)
            contents[substance] = Content(substance, name, charge, value, unit)
    return Place(
        id=place,
        name=str(model.compartments["name"][place] or place),
        inside=place == cell,
        contents=tuple(contents[name] for name in crossing if name in contents),
    )
