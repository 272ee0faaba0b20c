from __future__ import annotations

import math
import pickle

import libsbml
import numpy as np
import pandas as pd
import pytest

from transport_model import evaluate, load_model
from transport_model.catalogue import shipped_models
from transport_model.errors import InputError, ModelFileError, UnknownIdError, UnsupportedModelError
from transport_model.units import per_unit

SBML = """<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1"><model id="m">
<listOfCompartments><compartment id="c" size="1" constant="true" spatialDimensions="3"/>
</listOfCompartments>
<listOfSpecies><species id="S" compartment="c" initialAmount="1" hasOnlySubstanceUnits="true"
 boundaryCondition="false" constant="false"/></listOfSpecies>{body}</model></sbml>"""
MATHML = 'xmlns="http://www.w3.org/1998/Math/MathML"'
REACTION = """<listOfReactions><reaction id="r" reversible="false" fast="{fast}"><listOfReactants>
<speciesReference species="S" stoichiometry="1" constant="true"/></listOfReactants><kineticLaw>
<math {ns}>{math}</math></kineticLaw></reaction></listOfReactions>"""


def test_with_values_leaves_the_model_alone(cell):
    before = cell.quantities["P_Na"].value
    assert cell.with_values(P_Na=0.5).quantities["P_Na"].value == 0.5
    assert cell.quantities["P_Na"].value == before
    assert cell.changes == {}


def test_unknown_id_names_the_nearest(cell):
    with pytest.raises(UnknownIdError, match="did you mean 'P_Na'"):
        cell.with_values(PNa=1.0)


def test_what_takes_a_second_membrane_names_the_models_that_have_one(cell):
    with pytest.raises(UnknownIdError, match=r"has one membrane \(with two: .*epithelium") as told:
        cell.with_values(clamped=1)
    assert "tubule_10" not in str(told.value)  # it has no clamp
    for model, name in ((cell, "Na_a"), (cell, "nothing"), (load_model("oocyte"), "clamped")):
        with pytest.raises(UnknownIdError) as told:
            model.with_values(**{name: 1.0})
        assert "membrane" not in str(told.value)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, "much"])
def test_only_finite_numbers(cell, value):
    with pytest.raises(InputError, match="P_Na"):
        cell.with_values(P_Na=value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("P_Na", -1e-9), ("Na_o", -1.0), ("T", 0.0), ("T", -3.0), ("C_m", 0.0), ("n_X", -1.0),
     ("water_i", -1.0), ("J_pump_max", -1.0), ("sglt_k12", -1.0), ("outside", 0.0)],
)  # fmt: skip
def test_values_outside_the_domain(cell, name, value):
    with pytest.raises(InputError, match=name):
        cell.with_values(**{name: value})


@pytest.mark.parametrize(("name", "value"), [("z_X", -2.0), ("charge", -0.1), ("dG_ATP_0", -5.0)])
def test_signed_quantities_take_either_sign(cell, name, value):
    assert cell.with_values(**{name: value}).quantities[name].value == value


@pytest.mark.parametrize("name", ["V_m", "K_i", "cytosol", "sglt_k54", "H"])
def test_computed_quantities_cannot_be_set(cell, name):
    with pytest.raises(InputError, match=r"computed by the model \("):
        cell.with_values(**{name: 1.0})


def test_tables_have_units_and_names(cell):
    for table in (cell.species, cell.parameters, cell.reactions, cell.rules, cell.compartments):
        assert (table["name"] != "").all()
        assert (table["unit"] != "").all()
    assert cell.species.at["Na_i", "unit"] == "mM"
    assert cell.parameters.at["P_Na", "unit"] == "pL/s"
    assert cell.rules.at["J_pump", "unit"] == "fmol/s"
    assert cell.unit("n_Na_i") == "fmol"
    assert dict(cell.units) == {"substance": "fmol", "extent": "fmol", "time": "s",
                                "volume": "pL", "concentration": "mM"}  # fmt: skip


def test_a_model_survives_pickling(cell):
    changed = cell.with_values(P_Na=0.5)
    assert pickle.loads(pickle.dumps(changed)) == changed


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.xml", None, "no such model file"),
        ("empty.xml", "", "is empty"),
        ("text.xml", "hello", "not SBML"),
        ("cut.xml", SBML[:200], "not SBML"),
        ("bad.ant", "model m\n  S1 -> S2 k*S1\nend\n", "line 2"),
        ("other.xml", '<?xml version="1.0" encoding="UTF-8"?><a/>', "SBML"),
    ],
)
def test_broken_files(tmp_path, name, content, message):
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
    with pytest.raises(ModelFileError, match=message):
        load_model(path)


def test_sbml_with_an_error_names_the_line(tmp_path):
    path = tmp_path / "wrong.xml"
    path.write_text(SBML.format(body=REACTION.format(fast="false", ns=MATHML, math="<ci>X</ci>")))
    with pytest.raises(ModelFileError, match="line"):
        load_model(path)


@pytest.mark.parametrize(
    ("body", "construct"),
    [
        (REACTION.format(fast="true", ns=MATHML, math="<ci>S</ci>"), "fast"),
        (f"<listOfRules><algebraicRule><math {MATHML}><ci>S</ci></math></algebraicRule>"
         "</listOfRules>", "algebraic"),
        (REACTION.format(fast="false", ns=MATHML, math='<apply><csymbol encoding="text" '
         'definitionURL="http://www.sbml.org/sbml/symbols/delay">delay</csymbol><ci>S</ci>'
         "<cn>2</cn></apply>"), "delay"),
    ],
)  # fmt: skip
def test_unsupported_constructs_are_named(tmp_path, body, construct):
    path = tmp_path / "model.xml"
    path.write_text(SBML.format(body=body))
    with pytest.raises(UnsupportedModelError, match=construct):
        load_model(path)


def test_an_unknown_name_lists_what_ships():
    with pytest.raises(ModelFileError, match="cell"):
        load_model("hepatocyte")


def test_rules_may_take_the_least_and_the_most(tmp_path):
    path = tmp_path / "extremes.ant"
    path.write_text(
        "model extremes(); a = 1; b = 2; c = 3; x := max(a, b, c); y := min(a, b, c); end", "utf-8"
    )
    values = evaluate(load_model(path), pd.DataFrame({"b": [2.0, 9.0], "a": [1.0, 4.0]}))
    assert values["x"].tolist() == [3.0, 9.0]
    assert values["y"].tolist() == [1.0, 3.0]


def test_the_old_name_of_a_check_still_works(cell):
    with pytest.warns(DeprecationWarning, match="validated_value"):
        assert cell.checked("P_Na", 1e-3) == cell.validated_value("P_Na", 1e-3)


@pytest.mark.parametrize("name", ["pump_eta", "pump_h", "kJ_per_J", "mV_per_V"])
def test_a_sign_that_is_a_law_is_no_choice(cell, name):
    with pytest.raises(InputError, match=f"'{name}' .* must be (positive|zero or more)"):
        cell.with_values(**{name: -5})


@pytest.mark.parametrize("name", ["R", "F", "T", "C_m"])
def test_constants_that_are_divided_by_are_positive(cell, name):
    with pytest.raises(InputError, match=f"'{name}' .* must be positive"):
        cell.with_values(**{name: 0})


@pytest.mark.parametrize("name", [*shipped_models(), "pump_assay"])
def test_no_shipped_model_takes_a_negative_constant_of_units(name):
    model = load_model(name)
    for constant in [item for item in model.parameters.index if "_per_" in item]:
        with pytest.raises(InputError, match=constant):
            model.with_values(**{constant: -1})


@pytest.mark.parametrize(
    ("constraint", "domain"),
    [
        ("k >= 0.5", (0.5, False)),
        ("k > -1", (-1.0, True)),
        ("1e-3 <= k", (1e-3, False)),
        ("0 < k && k < 9", (0.0, True)),
        ("k > 0 && k >= 1", (1.0, False)),
        ("k >= 3", (-math.inf, False)),  # the file's own value breaks it
        ("k >= S", (-math.inf, False)),
        ("k + 1 >= 1", (-math.inf, False)),
    ],
)
def test_constraints_of_a_model_are_domains(tmp_path, constraint, domain):
    document = libsbml.SBMLDocument(3, 2)
    model = document.createModel()
    for name, value in (("k", 2), ("S", 1)):
        parameter = model.createParameter()
        parameter.setId(name)
        parameter.setValue(value)
        parameter.setConstant(True)
    model.createConstraint().setMath(libsbml.parseL3Formula(constraint))
    path = tmp_path / "m.xml"
    path.write_text(libsbml.writeSBMLToString(document))
    assert load_model(path).domain("k") == domain


def test_a_constraint_on_what_moves_says_nothing_of_its_start(tmp_path):
    path = tmp_path / "m.ant"
    path.write_text("model m\n k = 2; S = 1\n S -> ; k*S\n S >= 0.5\nend\n")
    assert load_model(path).with_values(S=0.25).quantities["S"].value == 0.25


@pytest.mark.parametrize("many", [0.0, -2.0, -np.inf])
def test_a_parameter_counted_in_nothing_is_a_parameter(tmp_path, many):
    path = tmp_path / "nothing.ant"
    path.write_text("model m\n unit u = 3 coulomb; p = 2; p has u; x = 1; x' = -p*x\nend\n")
    document = libsbml.readSBMLFromString(load_model(path).sbml)
    document.getModel().getUnitDefinition("u").getUnit(0).setMultiplier(many)
    path = tmp_path / "nothing.xml"
    path.write_text(libsbml.writeSBMLToString(document))
    assert load_model(path).with_values(p=3).quantities["p"].value == 3


def test_a_rate_of_pure_numbers_has_no_unit_but_one():
    assert per_unit("1", "1") == "1"
    assert per_unit("mM", "1") == "mM"
    assert per_unit("1", "s") == "1/s"
    assert per_unit("", "s") == ""
