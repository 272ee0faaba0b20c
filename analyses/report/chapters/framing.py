"""What an article has round its results: methods before them, a discussion behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from transport_model import Model
from transport_model.catalogue import about
from transport_model.quantities import charges_of, document_of
from transport_model.references import keys_in

from ...provenance import tolerances, versions
from ...verdict import Verdict
from ..chapter import Chapter, LeftOut
from ..typography import in_words
from .any_model import notes_of

#: Software that computes, whose versions the methods name.
SOFTWARE = (
    "transport-model",
    "libroadrunner",
    "python-libsbml",
    "sympy",
    "numpy",
    "scipy",
    "llvmlite",
)
#: Tables of checks, targets and claims.
CHECKS = ("validation", "lesson", "nephron_claims", "audit")
#: Most subjects that are named of those with the same verdict for the same reason.
MOST_ALIKE = 4
#: References of the methods, whatever the chapters.
CITED = ("Keating2020", "Somogyi2015", "Hindmarsh2005")


@dataclass(frozen=True)
class Methods:
    """What was done.

    Attributes
    ----------
    assumptions
        What the model takes for granted, each a sentence.
    notes
        What its author says of it.
    uses
        Which methods the chapters used.
    tolerances
        Of courses and certificates.
    software
        Versions by name.
    """

    assumptions: tuple[str, ...]
    notes: str
    uses: Mapping[str, bool]
    tolerances: Mapping[str, float]
    software: Mapping[str, str]


def methods(model: Model, written: Sequence[Chapter[Any]]) -> Chapter[Methods]:
    """Return what is assumed, what was solved and how, with which software."""
    templates = {chapter.template for chapter in written}
    uses = {
        "control": bool(templates & {"control", "control_of_uptake", "sensitivity", "how_sure",
                                     "how_sure_of_uptake"}),
        "sobol": "how_sure_of_uptake" in templates,
        "morris": "how_sure" in templates,
        "experiments": bool(templates & {"lesson", "laws_and_measurements"}),
        "energy": "gradients" in templates,
    }  # fmt: skip
    by_use = {"control": ("KacserBurns1973", "Reder1988"), "sobol": ("Saltelli2010",),
              "morris": ("Morris1991",), "energy": ("Hill1977",)}  # fmt: skip
    cites = [*CITED, *(key for use, keys in by_use.items() if uses[use] for key in keys)]
    known = about()
    if model.name in known.index:
        cites += keys_in(str(known.at[model.name, "reference"]), "about.csv")
    facts = Methods(
        assumptions=tuple(_assumptions(model)),
        notes=notes_of(model),
        uses=uses,
        tolerances=tolerances(),
        software={name: versions()[name] or "" for name in SOFTWARE},
    )
    return Chapter("methods", "Methods", "methods", facts, cites=tuple(dict.fromkeys(cites)))


def _assumptions(model: Model) -> Iterator[str]:
    """Yield what a model takes for granted, as its SBML shows it."""
    source = document_of(model.sbml).getModel()
    count = len(model.compartments)
    if count:
        yield (f"Its {in_words(count)} compartments are well stirred." if count > 1 else
               "Its one compartment is well stirred.")  # fmt: skip
    species = model.species
    boundary = species[species["kind"] == "boundary"]
    held = [name or str(id_) for id_, name in boundary["name"].items()]
    if held:
        listed = ", ".join(held[:12]) + (" and others" if len(held) > 12 else "")
        yield f"Held constant or set from outside are {listed}."
    if charges_of(model.sbml):
        yield ("Charge is a species that reactions move, and a membrane potential is the charge on"
               " a capacitance; electroneutrality is not assumed.")  # fmt: skip
    if source.getNumEvents():
        events = source.getNumEvents()
        yield f"It has {in_words(events)} events." if events > 1 else "It has one event."
    if "T" in model.quantities and model.quantities["T"].unit == "K":
        yield f"The temperature is {model.quantities['T'].value:.5g} K throughout."


@dataclass(frozen=True)
class Miss:
    """Something that goes against the model: what, what was found, why, and whose it is."""

    subject: str
    told: str
    reason: str
    reference: str


@dataclass(frozen=True)
class Discussion:
    """What the results leave open.

    Attributes
    ----------
    story
        ``cell`` or ``any_model``.
    checked
        Whether a chapter holds the model against anything.
    remarks
        Titles and sentences.
    misses
        Targets missed, measurements in conflict, claims refuted, rate laws that are broken.
    left_out
        Chapters that could not be had, and why.
    """

    story: str
    checked: bool
    remarks: tuple[tuple[str, str], ...]
    misses: tuple[Miss, ...]
    left_out: tuple[tuple[str, str], ...]


def discussion(story: str, chapters: Sequence[Chapter[Any] | LeftOut]) -> Chapter[Discussion]:
    """Return every miss, conflict and gap of the chapters."""
    written = [chapter for chapter in chapters if isinstance(chapter, Chapter)]
    tables = {name: table for chapter in written for name, table in chapter.tables.items()}
    misses = [
        *_missed_targets(tables.get("validation")),
        *_refuted(tables.get("lesson")),
        *_against(tables.get("nephron_claims"), "claim"),
        *_against(tables.get("audit"), "subject"),
    ]
    left = tuple((c.title, c.why) for c in chapters if isinstance(c, LeftOut))
    checked = not tables.keys().isdisjoint(CHECKS)
    facts = Discussion(story, checked, tuple(_remarks(tables)), tuple(misses), left)
    return Chapter("discussion", "Discussion", "discussion", facts)


def _missed_targets(table: pd.DataFrame | None) -> Iterator[Miss]:
    if table is None:
        return
    for row in table[table["verdict"] != Verdict.HOLDS].to_dict("records"):
        unit = "" if row["unit"] in ("1", "") else f" {row['unit']}"
        told = (f"{row['verdict']}: {row['got']:.3g}{unit} where {row['expected']:.3g} ±"
                f" {row['tolerance']:.2g}{unit} is expected")  # fmt: skip
        yield Miss(row["target"], told, row["reason"], row["reference"])


def _refuted(table: pd.DataFrame | None) -> Iterator[Miss]:
    if table is None:
        return
    for row in table[~table["holds"].astype(bool)].to_dict("records"):
        yield Miss(f"{row['experiment']}: {row['meaning']}", f"refuted: {row['values']}",
                   row["why"], "")  # fmt: skip


def _against(table: pd.DataFrame | None, subject: str) -> Iterator[Miss]:
    if table is None:
        return
    alike: dict[tuple[str, str], list[str]] = {}
    for row in table.to_dict("records"):
        if Verdict(str(row["verdict"])).good is False:
            why = str(row.get("why", row.get("note", "")))
            alike.setdefault((str(row["verdict"]), why), []).append(str(row[subject]))
    for (verdict, why), subjects in alike.items():
        shown = "; ".join(subjects[:MOST_ALIKE])
        more = len(subjects) - MOST_ALIKE
        yield Miss(f"{shown}; and {more} more" if more > 0 else shown, verdict, why, "")


def _remarks(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, str]]:
    if "audit" in tables:
        one_way = (tables["audit"]["verdict"] == Verdict.NO_REVERSE).sum()
        if one_way:
            counted = "One step or flow runs" if one_way == 1 else f"{one_way} steps or flows run"
            yield ("Without a reverse rate", f"{counted} one way only. No law of balance judges"
                   f" {'it' if one_way == 1 else 'them'}, and no energy can be told.")  # fmt: skip
    if "random_sets" in tables:
        failed = int((~tables["random_sets"]["converged"]).sum())
        if failed:
            count = len(tables["random_sets"])
            yield ("Parameter sets without rest", f"Of {count} random parameter sets {failed} have"
                   " no certified steady state.")  # fmt: skip
