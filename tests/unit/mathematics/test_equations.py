"""What the symbolic reading refuses, and that it says which formula."""

from __future__ import annotations

import pytest

from transport_model.errors import ModelFileError, UnsupportedModelError
from transport_model.mathematics.equations import read_equations
from transport_model.mathematics.structure import structure_of

MATHML = 'xmlns="http://www.w3.org/1998/Math/MathML"'


def sbml(*, rules=(), laws=(), more=""):
    """SBML with rules ``(id, MathML or None)`` and reactions ``(id, kinetic law or None)``."""
    parameters = "".join(f'<parameter id="{name}" constant="false"/>' for name, _ in rules)
    written = "".join(
        f'<assignmentRule variable="{name}">'
        + ("" if math is None else f"<math {MATHML}>{math}</math>")
        + "</assignmentRule>"
        for name, math in rules
    )
    reactions = "".join(
        f'<reaction id="{name}" reversible="false">'
        + ("" if math is None else f"<kineticLaw><math {MATHML}>{math}</math></kineticLaw>")
        + "</reaction>"
        for name, math in laws
    )
    lists = (
        ("listOfParameters", parameters),
        ("listOfRules", written),
        ("listOfReactions", reactions),
    )
    body = "".join(f"<{name}>{text}</{name}>" for name, text in lists if text)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2">'
        f'<model id="m">{body}{more}</model></sbml>'
    )


def test_rules_in_a_circle_are_named_in_order():
    def plus_one(name):
        return f"<apply><plus/><ci>{name}</ci><cn>1</cn></apply>"

    text = sbml(rules=[("a", plus_one("c")), ("b", plus_one("a")), ("c", plus_one("b"))])
    with pytest.raises(ModelFileError, match="depend on one another in a circle") as caught:
        read_equations(text)
    circle = str(caught.value).rpartition(": ")[2].split(" → ")
    assert circle[0] == circle[-1]
    assert sorted(circle[1:]) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("math", "label"),
    [("<apply><factorial/><ci>k</ci></apply>", "factorial"),
     ("<apply><ci>mystery</ci><ci>k</ci></apply>", "mystery")],
)  # fmt: skip
def test_functions_without_an_exact_derivative_are_named(math, label):
    with pytest.raises(UnsupportedModelError, match=f"the rule for 'p' uses {label}, which is not"):
        read_equations(sbml(rules=[("k", "<cn>2</cn>"), ("p", math)]))


def test_mathematics_that_cannot_be_read_or_is_not_there_is_named():
    unread = "<apply><divide/><cn>1</cn></apply>"
    with pytest.raises(UnsupportedModelError, match="the kinetic law of 'r' cannot be read"):
        read_equations(sbml(laws=[("r", unread)]))
    with pytest.raises(UnsupportedModelError, match="the rule for 'p' has no mathematics"):
        read_equations(sbml(rules=[("p", None)]))
    with pytest.raises(UnsupportedModelError, match="reaction 'r' has no kinetic law"):
        read_equations(sbml(laws=[("r", None)]))


def test_a_stoichiometry_that_varies_is_named():
    species = (
        '<listOfCompartments><compartment id="c" size="1" constant="true"/></listOfCompartments>'
        '<listOfSpecies><species id="S" compartment="c" initialConcentration="1"'
        ' hasOnlySubstanceUnits="false" boundaryCondition="false" constant="false"/>'
        '</listOfSpecies><listOfRules><rateRule variable="n">'
        f"<math {MATHML}><cn>1</cn></math></rateRule></listOfRules>"
        '<listOfReactions><reaction id="r" reversible="false"><listOfProducts><speciesReference'
        ' id="n" species="S" stoichiometry="1" constant="false"/></listOfProducts>'
        f"<kineticLaw><math {MATHML}><cn>1</cn></math></kineticLaw></reaction></listOfReactions>"
    )
    with pytest.raises(UnsupportedModelError, match="stoichiometry 'n' varies"):
        structure_of(sbml(more=species), {"n": 1.0, "c": 1.0, "S": 1.0, "amount(S)": 1.0})


@pytest.mark.parametrize(
    ("math", "expected"),
    [("<apply><rem/><cn>-7</cn><cn>3</cn></apply>", -1.0),
     ("<apply><rem/><cn>7</cn><cn>-3</cn></apply>", 1.0),
     ("<apply><quotient/><cn>-7</cn><cn>3</cn></apply>", -2.0),
     ("<apply><floor/><cn>-1.5</cn></apply>", -2.0),
     ("<apply><ceiling/><cn>-1.5</cn></apply>", -1.0)],
)  # fmt: skip
def test_whole_numbers_are_mathmls(math, expected):
    """A remainder has the sign of the dividend, a quotient is cut towards zero."""
    read = read_equations(sbml(rules=[("a", math)]))
    assert float(read.definitions["a"]) == expected
