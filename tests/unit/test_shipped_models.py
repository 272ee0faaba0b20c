"""The shipped SBML is clean, complete and what its Antimony says."""

from __future__ import annotations

import importlib.util
import math
import re

import libsbml
import pytest

from transport_model import load_model
from transport_model.catalogue import (
    CHAIN,
    PROVENANCE_COLUMNS,
    about,
    models_folder,
    parameter_set,
    provenance,
    shipped_models,
)
from transport_model.reading.mathematics import elements
from transport_model.references import keys_in, references


@pytest.fixture(scope="module", params=shipped_models())
def document(request):
    return libsbml.readSBMLFromFile(str(models_folder() / f"{request.param}.xml"))


def test_libsbml_has_nothing_to_say(document):
    for category in range(libsbml.LIBSBML_CAT_SBML, libsbml.LIBSBML_CAT_MODELING_PRACTICE + 1):
        document.setConsistencyChecks(category, True)
    document.checkConsistency()
    messages = [document.getError(i).getMessage() for i in range(document.getNumErrors())]
    assert messages == []
    assert document.getLevel() == 3
    assert document.getVersion() == 2


def _si_factor(definition):
    factor = 1.0
    si = libsbml.UnitDefinition.convertToSI(definition)  # kept: libSBML frees what has no name
    for unit in si.getListOfUnits():
        factor *= (unit.getMultiplier() * 10.0 ** unit.getScale()) ** unit.getExponentAsDouble()
    return factor


def test_units_agree_in_size_too(document):
    """LibSBML compares kinds of unit; a rule in V for a quantity in mV would pass it."""
    model = document.getModel()
    compared = 0
    for rule in model.getListOfRules():
        variable = model.getElementBySId(rule.getVariable())
        ratio = _si_factor(rule.getDerivedUnitDefinition()) / _si_factor(
            variable.getDerivedUnitDefinition()
        )
        assert ratio == pytest.approx(1.0, rel=1e-9), rule.getVariable()
        compared += 1
    assert compared > 10


def test_everything_has_a_name_a_unit_and_an_identity(document):
    model = document.getModel()
    for kind in (model.getListOfSpecies(), model.getListOfReactions(),
                 model.getListOfCompartments(), model.getListOfParameters()):  # fmt: skip
        for element in kind:
            assert element.getName(), element.getId()
    for parameter in model.getListOfParameters():
        assert parameter.isSetUnits(), parameter.getId()
    for kind in (model.getListOfSpecies(), model.getListOfReactions(),
                 model.getListOfCompartments()):  # fmt: skip
        for element in kind:
            assert element.isSetSBOTerm(), element.getId()
            assert "https://identifiers.org/" in element.getAnnotationString(), element.getId()


def test_kinetic_laws_are_flux_rules(document):
    model = document.getModel()
    if about().loc[model.getId(), "lumen"] == CHAIN:
        # Whose rates stand in the laws, to be compiled in seconds: then no rule may need a rate
        formulas = " ".join(libsbml.formulaToL3String(r.getMath()) for r in model.getListOfRules())
        named = set(re.findall(r"\w+", formulas))
        assert not named & {reaction.getId() for reaction in model.getListOfReactions()}
        return
    for reaction in model.getListOfReactions():
        law = reaction.getKineticLaw().getMath()
        assert law.isName(), reaction.getId()
        assert model.getAssignmentRule(law.getName()) is not None


def test_sbml_is_what_antimony_says(document, generator):
    """Regenerated and compared element by element, not byte by byte."""
    name = document.getModel().getId()
    date = generator.modified(models_folder() / f"{name}.xml")
    made = libsbml.readSBMLFromString(generator.generated(name, date))
    assert _content(made) == _content(document)
    for text in ("getNotesString", "getAnnotationString", "getName", "getSBOTermID"):
        assert getattr(made.getModel(), text)() == getattr(document.getModel(), text)()


def test_the_file_speaks_for_itself(document):
    """What BioModels' curators ask of a file; see docs/biomodels.md."""
    model = document.getModel()
    assert model.getName()
    assert "spdx.org/licenses/MIT" in model.getNotesString()
    annotation = model.getAnnotationString()
    assert '<dcterms:license rdf:resource="https://spdx.org/licenses/MIT"/>' in annotation
    history = model.getModelHistory()
    assert history.getNumCreators() == 1
    assert history.isSetCreatedDate()
    assert history.isSetModifiedDate()
    for term in (r"<bqbiol:hasTaxon>", r"<bqbiol:occursIn>", r"<bqmodel:isDescribedBy>"):
        assert term in annotation
    dois = {entry["DOI"] for entry in references().values() if "DOI" in entry}
    for element in (model, *model.getListOfParameters()):
        linked = re.findall(r"identifiers\.org/doi:([^\"]+)", element.getAnnotationString())
        assert set(linked) <= dois, element.getId()
    for element in (*model.getListOfParameters(), *model.getListOfRules()):
        assert element.isSetSBOTerm(), element
    for reaction in model.getListOfReactions():
        assert reaction.getKineticLaw().getSBOTermID() == "SBO:0000001"


def test_parameters_link_to_what_their_row_cites(document):
    model = document.getModel()
    if model.getId() == "oocyte_published":
        wanted = {"k12": "Parent1992"}
    else:
        wanted = provenance(model.getId())["reference"]
    for name, keys in dict(wanted).items():
        element = model.getParameter(name)
        entries = [references()[key] for key in keys_in(keys, name)] if element else []
        for entry in entries:
            assert entry.get("DOI", "") in element.getAnnotationString(), name


@pytest.fixture(scope="module")
def generator():
    spec = importlib.util.spec_from_file_location("generate", models_folder() / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _content(document):
    content = {}
    model = document.getModel()
    reactions = model.getListOfReactions()
    references = [r for x in reactions for r in (*x.getListOfReactants(), *x.getListOfProducts())]
    for element in (*elements(document), *reactions, *model.getListOfUnitDefinitions()):
        if element.getIdAttribute():
            copy = element.clone()
            copy.unsetMetaId()
            content[element.getElementName(), element.getIdAttribute()] = copy.toSBML()
    content["sides"] = [reference.toSBML() for reference in references]
    for rule in (*model.getListOfRules(), *model.getListOfInitialAssignments()):
        target = getattr(rule, "getVariable", getattr(rule, "getSymbol", None))()
        content["rule", target] = libsbml.formulaToL3String(rule.getMath())
    return content


def test_provenance_covers_every_parameter_and_nothing_else():
    assert ["id", *provenance().columns] == PROVENANCE_COLUMNS
    assert provenance().index.is_unique
    seen = set()
    for model in map(load_model, shipped_models()):
        table = provenance(model.name)
        assert table.index.is_unique
        species = model.species
        fixed = species.index[(species["kind"] == "boundary") & species["value"].notna()]
        for name in {*model.parameters.index, *fixed}:
            row, quantity = table.loc[name], model.quantities[name]
            seen.add(re.sub(r"^pt_s\d_", "", name))  # what differs between parts of a tubule
            assert row["unit"] == quantity.unit, name
            values = parameter_set("oocyte", "human_22C") if model.name == "oocyte" else {}
            assert values.get(name, row["value"]) == quantity.value, (model.name, name)
            if not math.isnan(row["low"]):
                assert row["low"] <= row["value"] <= row["high"], name
                model.with_values(**{name: row["low"]}).with_values(**{name: row["high"]})
    assert seen == set(provenance().index)
