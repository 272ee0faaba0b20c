"""Parameters that belong to one reaction can be set, scanned and exported like all others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from transport_model import (
    control_coefficients,
    evaluate,
    load_model,
    scan,
    sensitivities,
    simulate,
    steady_state,
)
from transport_model.errors import UnknownIdError

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
MATH = '<math xmlns="http://www.w3.org/1998/Math/MathML">'
SPECIES = (
    '<species id="S" compartment="C" initialConcentration="1" hasOnlySubstanceUnits="false"'
    ' boundaryCondition="false" constant="false"/>'
)
UNITS = (
    '<listOfUnitDefinitions><unitDefinition id="per_s"><listOfUnits><unit kind="second"'
    ' exponent="-1" scale="0" multiplier="1"/></listOfUnits></unitDefinition>'
    "</listOfUnitDefinitions>"
)


def local(name, value, extra=""):
    return f'<localParameter id="{name}" value="{value}"{extra}/>'


def reaction(name, side, law, locals_, reference=""):
    return (
        f'<reaction id="{name}" reversible="false"><listOf{side}><speciesReference {reference}'
        f'species="S" stoichiometry="1" constant="true"/></listOf{side}><kineticLaw>{MATH}{law}'
        f"</math><listOfLocalParameters>{''.join(locals_)}</listOfLocalParameters></kineticLaw>"
        "</reaction>"
    )


def product(*names):
    return f"<apply><times/>{''.join(f'<ci>{name}</ci>' for name in names)}</apply>"


def model_of(folder, *reactions, parameters="", functions=""):
    path = folder / "local.xml"
    path.write_text(
        f'{HEAD}<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2">'
        f'<model id="m">{functions}{UNITS}<listOfCompartments><compartment id="C" size="1"'
        ' spatialDimensions="3" constant="true"/></listOfCompartments>'
        f"<listOfSpecies>{SPECIES}</listOfSpecies>"
        f"<listOfParameters>{parameters}</listOfParameters>"
        f"<listOfReactions>{''.join(reactions)}</listOfReactions></model></sbml>"
    )
    return path


@pytest.fixture
def turnover(tmp_path):
    """-> S at the rate k = 6, S -> at k S = 2 S, each its own k: S = 3 at rest."""
    made = reaction("make", "Products", "<ci>k</ci>", [local("k", 6)])
    unit = ' units="per_s" name="decay"'
    lost = reaction("lose", "Reactants", product("k", "S"), [local("k", 2, unit)])
    return model_of(
        tmp_path, made, lost, parameters='<parameter id="k" value="9" constant="true"/>'
    )


def test_they_are_parameters_with_their_unit_and_name(turnover):
    table = load_model(turnover).parameters
    assert table["value"].to_dict() == {"k": 9, "make_k": 6, "lose_k": 2}
    assert table.loc["lose_k", ["unit", "name"]].tolist() == ["1/s", "decay"]
    with pytest.raises(UnknownIdError, match="did you mean 'lose_Vmax'"):
        raise UnknownIdError.of("Vmax", ["lose_Vmax", "S"], "model 'm'")


def test_they_are_set_scanned_and_differentiated(turnover, command):
    model = load_model(turnover)
    assert steady_state(model)["S"] == pytest.approx(3)
    assert steady_state(model.with_values(lose_k=4))["S"] == pytest.approx(1.5)
    design = pd.DataFrame({"make_k": [6.0, 10.0], "lose_k": [1.0, 4.0]})
    for engine in ("kernel", "roadrunner"):
        assert scan(model, design, engine=engine)["S"].tolist() == pytest.approx([6, 2.5])
    course = simulate(model.with_values(lose_k=1, make_k=0), end=2, points=3)
    assert course["S"].tolist() == pytest.approx(np.exp([0, -1, -2]))
    assert evaluate(model, pd.DataFrame({"S": [1.0, 2.0]}))["lose"].tolist() == [2, 4]
    response = sensitivities(model, parameters=["make_k", "lose_k", "k"])
    assert response.loc["S"].tolist() == pytest.approx(
        [0.5, -1.5, 0]
    )  # 1 / lose_k, -make_k / lose_k²
    assert control_coefficients(model).concentration.loc["S"].tolist() == pytest.approx([1, -1])
    said = command("steady-state", "--model", turnover, "--set", "lose_k=4")
    assert (said.code, said.out.splitlines()[1].split(",")[:2]) == (0, ["S", "1.5"])


def test_ids_that_collide(tmp_path):
    """r: x = 2, a_x = 11, and ids of a function, a compartment, a reference, reactions."""
    functions = (
        '<listOfFunctionDefinitions><functionDefinition id="a_f">'
        f"{MATH}<lambda><bvar><ci>x</ci></bvar><ci>x</ci></lambda></math>"
        "</functionDefinition></listOfFunctionDefinitions>"
    )
    called = "<apply><ci>a_f</ci><ci>f</ci></apply>"
    law = product("a_x", "x", "r", "C", "a").replace("</apply>", f"{called}</apply>")
    numbers = {"a_x": 11, "x": 2, "r": 3, "f": 5, "C": 7, "a": 13}
    first = reaction("a", "Products", law, [local(*item) for item in numbers.items()], 'id="a_r" ')
    second = reaction("a_b", "Reactants", product("c", "S"), [local("c", 0.5)])
    third = reaction("a_b_d", "Reactants", product("b_c", "S"), [local("b_c", 0)])
    fourth = reaction("b", "Reactants", product("x", "S"), [local("x", 0)])
    given = '<parameter id="a_b_c" value="1" constant="true"/>'
    path = model_of(tmp_path, first, second, third, fourth, parameters=given, functions=functions)
    model = load_model(path)
    assert model.parameters["value"].to_dict() == {
        "a_b_c": 1, "a_a_x": 11, "a_x_1": 2, "a_r_1": 3, "a_f_1": 5, "a_C": 7, "a_a": 13,
        "a_b_c_1": 0.5, "a_b_d_b_c": 0, "b_x": 0,
    }  # fmt: skip
    rates = evaluate(model, pd.DataFrame({"S": [4.0]})).iloc[0]
    assert rates["a"] == 11 * 2 * 3 * 7 * 13 * 5
    assert rates["a_b"] == 2


def test_level_2_hides_the_species_and_comes_back_from_an_export(tmp_path, command):
    path = tmp_path / "hides.xml"
    path.write_text(
        f'{HEAD}<sbml xmlns="http://www.sbml.org/sbml/level2/version4" level="2" version="4">'
        '<model id="m"><listOfCompartments><compartment id="C" size="2"/></listOfCompartments>'
        '<listOfSpecies><species id="A" compartment="C" initialAmount="6"/></listOfSpecies>'
        '<listOfReactions><reaction id="J" reversible="false"><listOfReactants>'
        '<speciesReference species="A"/></listOfReactants>'
        f"<kineticLaw>{MATH}<ci>A</ci></math>"
        '<listOfParameters><parameter id="A" value="0.5"/></listOfParameters></kineticLaw>'
        "</reaction></listOfReactions></model></sbml>"
    )
    truth = [3.0, 2.5]  # (6 - 0.5 t) / 2
    assert simulate(load_model(path), end=2, points=2)["A"].tolist() == pytest.approx(truth)
    for kind in ("sbml-l3v2", "sbml-l2v4", "antimony", "cellml"):
        suffix = {"antimony": ".ant", "cellml": ".cellml"}.get(kind, ".xml")
        out = tmp_path / f"{kind}{suffix}"
        said = command("export", "--model", path, "--format", kind, "--out", out)
        assert said.code == 0, said.err
        course = simulate(load_model(out), end=2, points=2)
        assert course["A" if kind != "cellml" else "A_concentration"].tolist() == pytest.approx(
            truth
        )
