"""What annotations tell the audit, and what it says where they, or a temperature, are missing."""

from __future__ import annotations

import math
import re

import libsbml
import pytest
from audit_vocabulary import INNER, LEAK, SIDES, SLIP, SUGAR, UNIPORTER, broken, only, reduced

from transport_model import Model, audit, load_model


def without_annotation(model: Model) -> Model:
    return Model(model.name, re.sub(r"<annotation>.*?</annotation>", "", model.sbml, flags=re.S))


@pytest.mark.parametrize("name", ["cell", "oocyte"])
def test_without_annotation_nothing_is_claimed_of_substances(name):
    model = without_annotation(load_model(name))
    table = audit(model)
    assert broken(table).empty
    cycles = table[table["check"] == "cycle"]
    inner = cycles["subject"].str.endswith(INNER)
    assert (cycles.loc[~inner, "verdict"] == "not checked").all()
    if name == "oocyte":
        for states, net in ((SUGAR, "2 Na_o + Glc_o → Glc_i + 2 Na_i"), (SLIP, "2 Na_o → 2 Na_i")):
            note = only(table, subject=states)["note"]
            assert net in note
            assert "no ChEBI term for" in note


def test_a_species_that_is_no_longer_the_same_substance_is_no_longer_compared(build):
    """The ids say glucose on both sides; the annotation says water in one."""
    model = build(UNIPORTER.format(s="S", z=0, k=2, e=1))
    head, _, tail = model.sbml.partition("CHEBI:4167")
    table = audit(Model("m", f"{head}CHEBI:17234{tail}"))
    row = only(table, check="cycle")
    assert row["verdict"] == "not checked"
    assert "S_o → S_i: its constant is unknown" in row["note"]


def test_without_sides_only_zero_potential_is_checked(build):
    model = build(UNIPORTER.format(s="A", z=1, k=2, e="exp(-u)"))
    bare = Model("m", model.sbml.replace("GO:0005829", "GO:0005773"))
    table = audit(bare)
    assert only(table, conditions="V_m = 0 mV")["verdict"] == "holds"
    row = only(table, conditions="other potentials")
    assert row["verdict"] == "not checked"
    assert "cytosol" in row["note"]


def test_a_potential_that_follows_the_concentrations_is_left_alone(build):
    body = LEAK.format(wrong=1).replace("V_m = -50; V_m has mV;", "V_m := 20*ln(S_o/S_i);")
    table = audit(build(body + "V_m has mV; leak2: S_o -> S_i; S_o - S_i; leak2.sboTerm = 658\n"))
    assert only(table, check="equilibrium")["subject"] == "leak2"
    row = only(table, subject="leak:", conditions="as the model has it")
    u = reduced(20 * math.log(5 / 1))
    assert (row["verdict"], row["expected"]) == ("holds", pytest.approx(math.exp(-u)))
    assert only(table, subject="leak:", note="nothing sets V_m alone")["verdict"] == "not checked"


def test_the_sbml_may_give_the_charge_of_what_no_table_knows(build):
    """Two molecules that are one substance by a third term, of charge 2 by the package fbc."""
    body = UNIPORTER.format(s="A", z=2, k=2, e=1).replace("CHEBI:29101", "CHEBI:1")
    body = body.replace("CHEBI%3A29101", "CHEBI%3A2")
    document = libsbml.readSBMLFromString(build(body).sbml)
    uri = "http://www.sbml.org/sbml/level3/version1/fbc/version2"
    document.enablePackage(uri, "fbc", True)
    document.setPackageRequired("fbc", False)
    species = document.getModel().getSpecies("A_o")
    species.addCVTerm(_is("CHEBI:2"))
    for name in ("A_o", "A_i"):
        document.getModel().getSpecies(name).getPlugin("fbc").setCharge(2)
    table = audit(Model("m", libsbml.writeSBMLToString(document)))
    assert only(table, check="cycle")["verdict"] == "holds"
    assert only(table, check="cycle")["conditions"] == "V_m = 0, -60 and 40 mV"


def _is(term):
    cv = libsbml.CVTerm(libsbml.BIOLOGICAL_QUALIFIER)
    cv.setBiologicalQualifierType(libsbml.BQB_IS)
    cv.addResource(f"https://identifiers.org/{term}")
    return cv


def test_without_a_temperature_only_zero_potential_is_checked(build):
    body = UNIPORTER.format(s="A", z=1, k=2, e=1).replace("T = 310.15; T has kelvin;", "")
    table = audit(build(body.replace("R*T", "R*310.15")))
    assert only(table, conditions="V_m = 0 mV")["verdict"] == "holds"
    assert "temperature" in only(table, conditions="other potentials")["note"]


@pytest.mark.parametrize(
    "rate",
    ["S_o/(1 + S_o) - S_i/(1 + S_i)", "S_o - S_i + S_o*S_i/9", "S_o^2 - S_i", "S_o^1.5 - S_i"],
)
def test_a_rate_that_is_not_what_its_annotation_says(build, rate):
    model = build(SIDES + f"r: S_o -> S_i; {rate}\n")
    sbml = model.sbml.replace("<kineticLaw>", '<kineticLaw sboTerm="SBO:0000042">')
    assert sbml != model.sbml
    row = only(audit(Model("m", sbml)), subject="r")
    assert row["verdict"] == "not checked"
    assert "annotated as mass action (SBO:0000042), but its rate is not k·S_o" in row["note"]


@pytest.mark.parametrize(
    ("reaction", "why"),
    [
        ("r: S_o -> ; S_o", "is not written"),
        ("r: S_o -> S_i; 0*S_o", "it carries no flux"),
        ("r: S_o -> A_i; S_o", "whose equilibrium is not known"),
        ("r: Q_o -> S_i; S_o^1.5", "no ChEBI term for Q_o"),
        ("r: S_o -> S_i; ln(-S_o)", "has no value"),
    ],
)
def test_transport_that_cannot_be_checked_says_why(build, reaction, why):
    body = SIDES + f"species $Q_o in outside; Q_o = 1\n{reaction}\nr.sboTerm = 655\n"
    table = audit(build(body))
    assert (table["verdict"] == "not checked").all()
    assert "r" in "".join(table["subject"])
    assert any(why in note for note in table["note"]) or why == "is not written"
