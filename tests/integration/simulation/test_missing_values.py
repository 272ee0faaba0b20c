"""Numbers that a file leaves out, or has as NaN or nonsense: refused by name, or the user's."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from transport_model import Course, evaluate, load_model, scan, simulate, steady_state
from transport_model.errors import InputError, UnsupportedModelError

TEXT = """<?xml version="1.0"?><sbml xmlns="http://www.sbml.org/sbml/level3/version2/core"
level="3" version="2"><model id="m"><listOfCompartments><compartment id="c" spatialDimensions="3"
{c} constant="true"/></listOfCompartments><listOfSpecies><species id="S" compartment="c" {S}
hasOnlySubstanceUnits="false" boundaryCondition="false" constant="false"/><species id="B" {B}
compartment="c" hasOnlySubstanceUnits="false" boundaryCondition="true" constant="false"/>
</listOfSpecies><listOfParameters><parameter id="k" {k} constant="true"/><parameter id="q" value="2"
constant="true"/><parameter id="w" constant="true"/></listOfParameters><listOfInitialAssignments>
<initialAssignment symbol="w"><math xmlns="http://www.w3.org/1998/Math/MathML"><apply><times/>
<cn>2</cn><ci>{of}</ci></apply></math></initialAssignment></listOfInitialAssignments>
<listOfReactions><reaction id="make" reversible="false"><listOfProducts><speciesReference
species="S" constant="true" {n}/></listOfProducts><listOfModifiers><modifierSpeciesReference
species="B"/></listOfModifiers><kineticLaw><math xmlns="http://www.w3.org/1998/Math/MathML"><apply>
<times/><ci>c</ci><ci>q</ci><ci>B</ci></apply></math></kineticLaw></reaction><reaction id="lose"
reversible="false"><listOfReactants><speciesReference species="S" stoichiometry="1"
constant="true"/></listOfReactants><kineticLaw><math xmlns="http://www.w3.org/1998/Math/MathML">
<apply><times/><ci>c</ci><ci>k</ci><ci>S</ci></apply></math></kineticLaw></reaction>
</listOfReactions></model></sbml>"""
WHOLE = {"c": 'size="2"', "S": 'initialConcentration="1.5"', "B": 'initialConcentration="1"',
         "k": 'value="0.5"', "n": 'stoichiometry="1"', "of": "q"}  # fmt: skip
VALUES = {"c": 2.0, "S": 1.5, "B": 1.0, "k": 0.5}
#: S at the end of a course of 4, by hand: 4 + (1.5 - 4) exp(-0.5 * 4), and at rest.
END, REST = 4 - 2.5 * math.exp(-2), 4.0


def loaded(tmp_path, **parts):
    (tmp_path / "m.xml").write_text(TEXT.format(**{**WHOLE, **parts}))
    return load_model(tmp_path / "m.xml")


KINDS = [
    ("k", "", "no value"), ("k", 'value="NaN"', "no value"), ("c", "", "no value"),
    ("c", 'size="NaN"', "no value"), ("c", 'size="0"', "the size 0"),
    ("c", 'size="-1"', "the size -1"), ("c", 'size="INF"', "the size inf"),
    ("S", 'initialAmount="NaN"', "no value"), ("S", 'initialConcentration="NaN"', "no value"),
    ("B", 'initialConcentration="NaN"', "no value"), ("B", 'initialAmount="NaN"', "no value"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "written", "lacks"), KINDS)
def test_what_has_no_value_is_named_until_it_is_given_one(tmp_path, name, written, lacks):
    model = loaded(tmp_path, **{name: written, "of": name})
    words = f"'{name}' has {lacks} in model 'm'; set one, such as {name}=1"
    for question in (lambda m: simulate(m, 4.0, 3), steady_state):
        with pytest.raises(InputError, match=words):
            question(model)
    unset = scan(model, pd.DataFrame({"q": [1.0, 2.0]}), engine="roadrunner")
    assert unset["status"].tolist() == [f"no start: {words}"] * 2
    given = model.with_values(**{name: VALUES[name]})
    assert simulate(given, 4.0, 3)["S"].iloc[-1] == pytest.approx(END, rel=1e-8)
    assert steady_state(given)["S"] == pytest.approx(REST, rel=1e-8)
    design = pd.DataFrame({name: [VALUES[name]]})
    assert scan(model, design, engine="roadrunner")["S"].tolist() == pytest.approx([REST])
    course = scan(model, design, course=Course(4.0, 3, ["S:final"]))
    assert course["S_final"].tolist() == pytest.approx([END], rel=1e-8)
    rates = evaluate(model, design.assign(S=1.5))
    assert rates["lose"].tolist() == pytest.approx([1.5])
    assert rates["make"].tolist() == pytest.approx([4.0])


@pytest.mark.parametrize(
    ("name", "written"), [("B", 'initialConcentration="NaN"'), ("c", 'size="-1"')]
)
def test_rates_of_what_has_no_value_are_no_numbers(tmp_path, name, written):
    assert evaluate(loaded(tmp_path, **{name: written}), pd.DataFrame({"S": [1.5]}))[
        "make"
    ].isna().all()  # fmt: skip


def test_a_kernel_computes_nothing_with_what_has_no_value(tmp_path):
    model = loaded(tmp_path, B='initialConcentration="NaN"')
    table = scan(model, pd.DataFrame({"q": [1.0, 2.0]}), engine="kernel")
    assert not table["converged"].any()
    assert table["status"].str.startswith("no start: 'B' has no value").all()
    assert table["S"].isna().all()


def test_species_of_which_nothing_is_said_start_empty_in_every_engine(tmp_path):
    model = loaded(tmp_path, S="", B="")
    assert simulate(model, 4.0, 3)["S"].tolist() == [0, 0, 0]
    assert evaluate(model, pd.DataFrame({"q": [1.0]}))["make"].tolist() == [0]


@pytest.mark.parametrize("written", ["", 'stoichiometry="NaN"'])
def test_a_stoichiometry_without_a_number_is_refused_by_name(tmp_path, written):
    model = loaded(tmp_path, n=written)
    for question in (lambda m: simulate(m, 4.0, 3), steady_state):
        with pytest.raises(UnsupportedModelError, match="stoichiometry of 'S'; give it a number"):
            question(model)
