"""What a model's annotations say: substances, their charges, sides of the membrane, transport.

Substances are told by annotation alone, whatever their names suggest.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

import libsbml

from transport_model import Model
from transport_model.errors import InputError
from transport_model.mathematics.equations import read_equations
from transport_model.mathematics.program import needed_for
from transport_model.quantities import charges_of, document_of
from transport_model.units import converted

#: Charge numbers of the species of ChEBI (the ontology of chemical entities, Hastings et al. 2016,
#: Nucleic Acids Res 44:D1214), each that of the entry's own formula: the major form at pH 7.3.
CHEBI_CHARGE = {
    "CHEBI:29101": 1, "CHEBI:29103": 1, "CHEBI:15378": 1, "CHEBI:28938": 1,  # Na+ K+ H+ NH4+
    "CHEBI:29108": 2, "CHEBI:18420": 2,  # Ca2+ Mg2+
    "CHEBI:17996": -1, "CHEBI:17544": -1, "CHEBI:24996": -1,  # Cl- HCO3- lactate
    "CHEBI:43474": -2, "CHEBI:39745": -1,  # HPO4 2-, H2PO4 -
    "CHEBI:30616": -4, "CHEBI:456216": -3,  # ATP, ADP
    "CHEBI:15377": 0, "CHEBI:16526": 0, "CHEBI:16134": 0, "CHEBI:16199": 0,  # H2O CO2 NH3 urea
    "CHEBI:4167": 0, "CHEBI:17634": 0, "CHEBI:17925": 0, "CHEBI:15903": 0,  # forms of glucose
}  # fmt: skip
WATER, ATP = "CHEBI:15377", "CHEBI:30616"
#: ATP hydrolysis, with its proton written and water at activity one.
HYDROLYSIS = {ATP: -1, "CHEBI:456216": 1, "CHEBI:43474": 1, "CHEBI:15378": 1}

#: Gene Ontology and UBERON terms of the two sides of the plasma membrane.
_INSIDE = {"GO:0005829", "GO:0005737", "GO:0005622", "GO:0005623"}
_OUTSIDE = {"GO:0005576", "GO:0005615", "UBERON:0000178", "UBERON:0001969"}

#: Systems Biology Ontology (release of 2021): 185 translocation and 655 transport with all below.
ACTIVE_TRANSPORT = 657
TRANSPORT = {185, 587, 588, 654, 655, ACTIVE_TRANSPORT, 658, 659, 660}
#: Rate laws at and below SBO:0000012, mass action.
MASS_ACTION = {12, *range(41, 46), 47, 49, 50, *range(52, 62), *range(69, 147), 163, 166, 333, 646}

#: Phenotype and Trait Ontology: membrane potential.
_POTENTIAL = "PATO:0001462"

_TERM = re.compile(r"(CHEBI|GO|UBERON|PATO)(?::|%3A|_)(\d+)", re.IGNORECASE)

Counts = Mapping[str, Fraction]


def sum_stoichiometries(parts: Iterable[tuple[Mapping[str, Any], int]]) -> dict[str, Any]:
    """Return the sum of stoichiometries, each so many times; what cancels is left out."""
    total: dict[str, Any] = {}
    for change, times in parts:
        for name, count in change.items():
            total[name] = total.get(name, 0) + times * count
    return {name: count for name, count in total.items() if count}


def multiple(change: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    """Return how many times `change` is `other`; zero if it is no multiple."""
    ratios = {change[name] / other[name] for name in other if name in change}
    whole = set(change) == set(other) and len(ratios) == 1 and all(r == int(r) for r in ratios)
    return int(ratios.pop()) if whole else 0


def equation(net: Mapping[str, Any]) -> str:
    """Write a net stoichiometry as a reaction."""
    left, right = ([f"{'' if abs(c) == 1 else f'{abs(c)} '}{n}" for n, c in net.items()
                    if c * sign > 0] for sign in (-1, 1))  # fmt: skip
    return f"{' + '.join(left) or '∅'} → {' + '.join(right) or '∅'}"


@dataclass(frozen=True)
class Reaction:
    """A reaction as it is written: what goes in, what comes out, how it is annotated.

    ``sbo`` and ``law_sbo`` are the Systems Biology Ontology's numbers for the reaction and its
    kinetic law, or -1; ``fixed`` tells whether all stoichiometries are numbers.
    """

    id: str
    before: Counts
    after: Counts
    sbo: int
    law_sbo: int
    fixed: bool

    @cached_property
    def change(self) -> Counts:
        """Amounts per extent, products positive; what comes out as it went in is left out."""
        return sum_stoichiometries(((self.before, -1), (self.after, 1)))

    @property
    def is_transport(self) -> bool:
        """Whether it is annotated as transport."""
        return self.sbo in TRANSPORT


@dataclass(frozen=True)
class Chemistry:
    """What a model's annotations say of its species, compartments and reactions.

    Attributes
    ----------
    substances
        By species: the ChEBI term that it is. Species that share a term are one substance.
    charges
        By species: charge number, from the SBML itself (package fbc) or :data:`CHEBI_CHARGE`.
    sides
        By compartment: 1 on the inner side of the plasma membrane, 0 on the outer.
    homes
        By species: its compartment.
    reactions
        By id.
    faces
        The species that count the charge on the outer face of a membrane, one for each membrane.
    potentials
        The membrane potential of each, where it is known.
    """

    substances: Mapping[str, str]
    charges: Mapping[str, int]
    sides: Mapping[str, int]
    homes: Mapping[str, str]
    reactions: Mapping[str, Reaction]
    faces: tuple[str, ...]
    potentials: Mapping[str, str]

    def pool(self, species: str) -> str:
        """Return the substance of a species; one without annotation stands for itself."""
        return self.substances.get(species, species)

    def pooled(self, change: Mapping[str, Any]) -> dict[str, Any]:
        """Return a net stoichiometry by substance, wherever it is; without charge on faces."""
        return sum_stoichiometries(({self.pool(species): count}, 1)
                                   for species, count in self.material(change).items())  # fmt: skip

    def material(self, change: Mapping[str, Any]) -> dict[str, Any]:
        """Return what of a stoichiometry is substance, not charge on a face."""
        return {species: count for species, count in change.items() if species not in self.faces}

    def is_battery(self, change: Mapping[str, Any]) -> bool:
        """Whether charge alone goes from one face to another, as through a voltage clamp."""
        return bool(change) and not self.material(change) and not sum(change.values())

    @property
    def membranes(self) -> tuple[str, ...]:
        """The membranes by the charge on them; a model without such charge has one, unnamed."""
        return self.faces or ("",)

    def rises(self, compartment: str) -> Mapping[str, int] | None:
        """Return how a compartment's potential goes with that of each membrane; None if unknown.

        Where there is one membrane the outside is at zero, and the inside at its potential. Where
        there are several the inside is at zero, and what lies beyond each, the home of the species
        that counts its charge, is at minus its potential.
        """
        if len(self.faces) < 2:
            side = self.sides.get(compartment)
            return None if side is None else {self.membranes[0]: side}
        beyond = {face: -1 for face in self.faces if self.homes[face] == compartment}
        return beyond if len(beyond) == 1 or self.sides.get(compartment) else None

    def unknown_charge(self) -> str:
        """Say which species on two sides is of unknown charge, or return an empty string."""
        homes: dict[str, set[str]] = {}
        for species, pool in self.substances.items():
            homes.setdefault(pool, set()).add(self.homes[species])
        bare = (n for n, pool in self.substances.items() if len(homes[pool]) > 1)
        return next((f"the charge of {n} is unknown" for n in bare if n not in self.charges), "")

    def charge_moved(self, change: Mapping[str, Any]) -> dict[str, Fraction] | str:
        """Return the charge that a net reaction brings in through each membrane, or why unknown."""
        moved, gained = dict.fromkeys(self.membranes, Fraction(0)), {}
        substances = self.material(change)
        homes = {self.homes[species] for species in substances}
        if len(self.faces) > 1 and len(homes) == 1 and self.rises(min(homes)):
            return moved  # what flows into a bath or out of it crosses no membrane
        for species, count in substances.items():
            if species not in self.charges:
                return f"the charge of {species} is unknown"
            home = self.homes[species]
            gained[home] = gained.get(home, Fraction(0)) + count * self.charges[species]
        if len(self.faces) > 1 and sum(gained.values()):
            return "where the charge of its substances comes from or goes to is not written"
        for home, z in sorted(gained.items()):
            rises = self.rises(home)
            if z and rises is None:
                return f"no annotation tells on which side of the membrane {home} is"
            for face, sign in (rises or {}).items():
                moved[face] += sign * z
        return moved


def molar(model: Model) -> float:
    """Return how many mol/L the model's unit of concentration is, or NaN."""
    try:
        return converted(1.0, model.units["concentration"], "mol/L")
    except InputError:
        return math.nan


def terms(element: Any, *qualifiers: int) -> set[str]:
    """Return the ChEBI, GO, UBERON and PATO terms that an element is annotated with."""
    found = set()
    for index in range(element.getNumCVTerms()):
        term = element.getCVTerm(index)
        if term.getBiologicalQualifierType() in qualifiers:
            for resource in range(term.getNumResources()):
                match = _TERM.search(term.getResourceURI(resource))
                if match:
                    found.add(f"{match[1].upper()}:{match[2]}")
    return found


@lru_cache(maxsize=32)
def read_chemistry(text: str) -> Chemistry:
    """Read what the annotations and reactions of a model in SBML say."""
    document = document_of(text)
    sbml = document.getModel()
    own = {s.getId(): terms(s, libsbml.BQB_IS) for s in sbml.getListOfSpecies()}
    own = {name: {t for t in found if t.startswith("CHEBI")} for name, found in own.items()}
    substances = _substances({name: found for name, found in own.items() if found})
    charges = {
        name: CHEBI_CHARGE[pool] for name, pool in substances.items() if pool in CHEBI_CHARGE
    }
    for species in sbml.getListOfSpecies():
        package = species.getPlugin("fbc")
        if package is not None and package.isSetCharge():
            charges[species.getId()] = package.getCharge()
    sides = {}
    within = (libsbml.BQB_IS, libsbml.BQB_IS_PART_OF, libsbml.BQB_IS_VERSION_OF)
    for compartment in sbml.getListOfCompartments():
        found = terms(compartment, *within)
        if found & _INSIDE or found & _OUTSIDE:
            sides[compartment.getId()] = int(bool(found & _INSIDE))
    computed = {item.getVariable() for item in sbml.getListOfRules()}
    computed |= {item.getSymbol() for item in sbml.getListOfInitialAssignments()}
    for event in sbml.getListOfEvents():
        computed |= {item.getVariable() for item in event.getListOfEventAssignments()}
    return Chemistry(
        substances=substances,
        charges=charges,
        sides=sides,
        homes={s.getId(): s.getCompartment() for s in sbml.getListOfSpecies()},
        reactions={r.getId(): _reaction(r, computed) for r in sbml.getListOfReactions()},
        faces=charges_of(text),
        potentials=_potentials(text, sbml),
    )


@lru_cache(maxsize=32)
def places_of(text: str) -> Mapping[str, str]:
    """Return by species its place: water is where it fills the room, wherever it is written."""
    chemistry = read_chemistry(text)
    volumes = {str(used): name for name, law in read_equations(text).definitions.items()
               if name in chemistry.sides for used in law.free_symbols}  # fmt: skip
    return {name: volumes.get(name, home) if chemistry.pool(name) == WATER else home
            for name, home in chemistry.homes.items()}  # fmt: skip


def _potentials(text: str, sbml: Any) -> dict[str, str]:
    """Return by membrane its potential; of several, the annotated one that its charge makes."""
    parameters, faces = sbml.getListOfParameters(), charges_of(text)
    known = [p.getId() for p in parameters if _POTENTIAL in terms(p, libsbml.BQB_IS)]
    if len(faces) < 2:
        found = "V_m" if sbml.getParameter("V_m") is not None else "".join(known[:1])
        return dict.fromkeys(faces or ("",), found) if found else {}
    rules = read_equations(text).definitions
    makers: dict[str, list[str]] = {}
    for name in known:
        used = {str(s) for n in needed_for(rules, [name]) if n in rules
                for s in rules[n].free_symbols}  # fmt: skip
        makers[name] = [face for face in faces if face in used]
    own = {face: [n for n in makers if makers[n] == [face]] for face in faces}
    return {face: names[0] for face, names in own.items() if len(names) == 1}


def _substances(own: Mapping[str, set[str]]) -> dict[str, str]:
    """Name a substance for each species: species that share a term, even by a third, are one."""
    groups: list[set[str]] = []
    for found in own.values():
        joined = set(found).union(*(group for group in groups if group & found))
        groups = [group for group in groups if not group & found] + [joined]
    names = {term: min(group, key=lambda t: (t not in CHEBI_CHARGE, t))
             for group in groups for term in group}  # fmt: skip
    return {name: names[min(found)] for name, found in own.items()}


def _reaction(reaction: libsbml.Reaction, computed: set[str]) -> Reaction:
    fixed = True
    sides: list[dict[str, Fraction]] = []
    for references in (reaction.getListOfReactants(), reaction.getListOfProducts()):
        side: dict[str, Fraction] = {}
        for reference in references:
            count = reference.getStoichiometry() if reference.isSetStoichiometry() else math.nan
            if not math.isfinite(count) or reference.getId() in computed:
                fixed = False
                continue
            name, number = reference.getSpecies(), Fraction(count).limit_denominator(1000)
            side[name] = side.get(name, Fraction(0)) + number
        sides.append(side)
    law = reaction.getKineticLaw()
    return Reaction(
        id=reaction.getId(),
        before=sides[0],
        after=sides[1],
        sbo=reaction.getSBOTerm(),
        law_sbo=law.getSBOTerm() if law is not None else -1,
        fixed=fixed,
    )
