"""Write the SBML of every model beside its Antimony source: ``python models/generate.py``.

Antimony says what the model is and gives its quantities terms and identifiers. Added here is what
tells a model from its variants, from ``about.csv``: name, notes, taxon, place (cell and tissue) and
publications; who made it, when, and under which licence; and the publication of every parameter,
from ``parameters.csv``.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from html import escape
from pathlib import Path
from typing import Any

import libsbml
import pandas as pd

from transport_model.analyses.exchange.models.chain import chained, without_indentation
from transport_model.analyses.studies.tubule import Tubule
from transport_model.catalogue import (
    CHAIN,
    about,
    description,
    model_source,
    parameter_set,
    provenance,
)
from transport_model.files import write_text
from transport_model.reading.documents import read_model
from transport_model.references import full_citation, keys_in, references

HERE = Path(__file__).parent
#: Who made the models, and when the first was; as CITATION.cff has it.
AUTHORS, CREATED = "The transport-model authors", dt.date(2026, 11, 22)
LICENCE = "https://spdx.org/licenses/MIT"
#: Terms of the Systems Biology Ontology: rate law, and any other mathematical expression.
RATE_LAW, EXPRESSION = 1, 64
#: Segments of a chain.
SEGMENTS = 10
_ADDRESS = "https://identifiers.org/"


def main() -> None:
    """Generate all SBML files; one that has not changed keeps its date."""
    for name in about().index:
        path = HERE / f"{name}.xml"
        text = generated(name, modified(path))
        if not path.is_file() or text != path.read_text(encoding="utf-8"):
            text = generated(name, dt.datetime.now(dt.UTC).date())
        write_text(path, text)


def generated(name: str, date: dt.date) -> str:
    """Return the SBML of a model or of a variant of one, from the sources in this folder.

    Parameters
    ----------
    name
        In ``about.csv``.
    date
        Of its last change.
    """
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "models"
        shutil.copytree(HERE, copy)
        path = copy / f"{name}.ant"
        path.write_text(model_source(name), encoding="utf-8", newline="\n")
        text = read_model(path)
    row = about().loc[name]
    if row["lumen"] == CHAIN:
        text = chained_segments(text, name, row["set"].split("; "))
    document = libsbml.readSBMLFromString(text)
    model = document.getModel()
    label_mathematics(model)
    label_parameters(model)
    label_model(model, row, date)
    text = licensed(libsbml.writeSBMLToString(document))
    return without_indentation(text) if row["lumen"] == CHAIN else text


def chained_segments(sbml: str, name: str, sets: list[str]) -> str:
    """Return a human's tubule of :data:`SEGMENTS`, each with the values of its part's set."""
    tubule = Tubule()
    of = {part.name: own for part, own in zip(tubule.parts, sets, strict=True)}
    parts = [of[part.name] for part, _, _ in tubule.layout(SEGMENTS)]
    values = {own: dict(parameter_set("epithelium", own)) for own in sets}
    return chained(sbml, name, parts, values, SNGFR=tubule.SNGFR, cells=tubule.cells)


def modified(path: Path) -> dt.date:
    """Return when a generated file was last changed, as it says; the first date if it does not."""
    if path.is_file():
        document = libsbml.readSBMLFromFile(str(path))  # kept: libSBML frees what has no name
        history = document.getModel().getModelHistory()
        if history is not None and history.isSetModifiedDate():
            return dt.date.fromisoformat(history.getModifiedDate().getDateAsString()[:10])
    return CREATED


def label_mathematics(model: Any) -> None:
    """Tell rate laws from other formulas; Antimony has no place for terms of rules."""
    laws = {reaction.getKineticLaw().getMath().getName() for reaction in model.getListOfReactions()}
    for rule in model.getListOfRules():
        rule.setSBOTerm(RATE_LAW if rule.getVariable() in laws else EXPRESSION)
    for reaction in model.getListOfReactions():
        reaction.getKineticLaw().setSBOTerm(RATE_LAW)


def label_parameters(model: Any) -> None:
    """Link every quantity that has a value from the literature to its publications."""
    keys = provenance(model.getIdAttribute())["reference"]
    for element in model.getListOfParameters():
        add_publications(element, keys.get(element.getIdAttribute(), ""))


def label_model(model: Any, row: pd.Series, date: dt.date) -> None:
    """Say what the model is, of whom and where, and what it rests on."""
    model.setName(row["name"])
    model.setNotes(notes(model.getIdAttribute(), row))
    creator = libsbml.ModelCreator()
    # In two, as Level 2 has no names in one
    creator.setGivenName(AUTHORS.partition(" ")[0])
    creator.setFamilyName(AUTHORS.partition(" ")[2])
    history = libsbml.ModelHistory()
    history.addCreator(creator)
    history.setCreatedDate(libsbml.Date(f"{CREATED}T00:00:00Z"))
    history.addModifiedDate(libsbml.Date(f"{date}T00:00:00Z"))
    model.setModelHistory(history)
    taxa = [f"taxonomy:{number}" for number in row["taxon"].split("; ")]
    places = row["place"].split("; ")
    for qualifier, identifiers in ((libsbml.BQB_HAS_TAXON, taxa), (libsbml.BQB_OCCURS_IN, places)):
        term = libsbml.CVTerm(libsbml.BIOLOGICAL_QUALIFIER)
        term.setBiologicalQualifierType(qualifier)
        add_term(model, term, identifiers)
    add_publications(model, row["reference"])


def notes(name: str, row: pd.Series) -> str:
    """Return what a person should know of a model, as XHTML."""
    cited = "".join(
        f"<li>{escape(full_citation(key))}</li>" for key in keys_in(row["reference"], name)
    )
    what = row["name"] if row["lumen"] == CHAIN else description(row["source"] or name)
    return (
        '<body xmlns="http://www.w3.org/1999/xhtml">'
        f"<h1>{escape(row['name'])}</h1>"
        f"<p>{escape(what)}. {escape(row['notes'])}</p>"
        "<p>The equations rest on:</p>"
        f"<ul>{cited}</ul>"
        "<p>Values, units, ranges and sources of all parameters stand in parameters.csv and"
        " references.json of the project transport-model.</p>"
        f'<p>Licence: MIT (<a href="{LICENCE}">{LICENCE}</a>).</p></body>'
    )


def add_publications(element: Any, keys: str) -> None:
    """Link a model or a quantity to those of its publications that have a DOI."""
    entries = [references()[key] for key in keys_in(keys, element.getIdAttribute())]
    term = libsbml.CVTerm(libsbml.BIOLOGICAL_QUALIFIER)
    term.setBiologicalQualifierType(libsbml.BQB_IS_DESCRIBED_BY)
    if element.getElementName() == "model":
        term = libsbml.CVTerm(libsbml.MODEL_QUALIFIER)
        term.setModelQualifierType(libsbml.BQM_IS_DESCRIBED_BY)
    add_term(element, term, [f"doi:{entry['DOI']}" for entry in entries if "DOI" in entry])


def add_term(element: Any, term: Any, identifiers: list[str]) -> None:
    """Annotate an element of libSBML with identifiers under the qualifier of a term."""
    if not identifiers:
        return
    if not element.isSetMetaId():
        model = element.getModel().getIdAttribute()
        element.setMetaId(f"{model}.{element.getIdAttribute()}")
    for identifier in identifiers:
        term.addResource(f"{_ADDRESS}{identifier}")
    if element.addCVTerm(term) != libsbml.LIBSBML_OPERATION_SUCCESS:
        raise ValueError(f"'{element.getIdAttribute()}' cannot be annotated with {identifiers}")


def licensed(text: str) -> str:
    """Return SBML with the licence in the model's annotation, for which libSBML has no words."""
    end = "        </rdf:Description>"  # of the first annotation, which is the model's
    licence = f'          <dcterms:license rdf:resource="{LICENCE}"/>\n'
    return text.replace(end, licence + end, 1)


if __name__ == "__main__":
    main()
