"""Models with shapes that nobody expects: what they say is what runs, whatever ran before."""

from __future__ import annotations

import math

import numpy as np
import pytest
import roadrunner

from transport_model import Ramp, Step, load_model, simulate, steady_state
from transport_model.errors import InputError, SimulationError, UnsupportedModelError


@pytest.fixture
def build(tmp_path):
    def make(body, name="system"):
        path = tmp_path / f"{name}.ant"
        path.write_text(f"model {name}\n{body}\nend\n")
        return load_model(path)

    return make


def sbml(tmp_path, body):
    path = tmp_path / "model.xml"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2">'
        f'<model id="m">{body}</model></sbml>'
    )
    return load_model(path)


def test_a_delayed_event_of_one_course_does_not_reach_the_next(build):
    model = build("x = 0; y = 0\n x' = 1\n at 2 after (x > 1), fromTrigger=false: y = y + 1")
    ends = [float(simulate(model, end, 3)["y"].iloc[-1]) for end in (5, 2, 5, 2.5, 5)]
    assert ends == [1, 0, 1, 0, 1]
    other = model.with_values(x=-10)
    assert float(simulate(other, 5, 3)["y"].iloc[-1]) == 0
    assert float(simulate(model, 5, 3)["y"].iloc[-1]) == 1


def test_an_event_at_time_zero_happens_once(build):
    model = build("x = 1\n x' = 0\n at (time >= 0), t0=false: x = 5*x")
    assert float(simulate(model, 1, 3)["x"].iloc[-1]) == 5
    assert float(simulate(model.with_values(x=2), 1, 3)["x"].iloc[-1]) == 10
    assert float(simulate(model, 1, 3)["x"].iloc[-1]) == 5


def test_species_under_assignment_rules_are_no_states(build):
    model = build("species S, T\n S = 1; k = 0.5; J: S -> ; k*S\n T := 2*S")
    course = simulate(model.with_values(k=1), 1, 3)
    assert course["T"].to_numpy() == pytest.approx(2 * course["S"].to_numpy(), rel=1e-12)
    assert float(course["S"].iloc[-1]) == pytest.approx(0.36787944117, rel=1e-8)
    assert simulate(build("species S\n S := 7", "only"), 1, 3)["S"].tolist() == [7, 7, 7]
    rested = steady_state(build("species u, w\n u = 1\n u' = 2 - u\n w := u/2", "rates"))
    assert (rested["u"], rested["w"]) == (pytest.approx(2), pytest.approx(1))


@pytest.mark.parametrize("name", ["reset", "simulate", "integrator", "steadyState"])
def test_an_id_may_be_a_name_of_the_engine(build, name):
    model = build(f"{name} = 1; x = 0; x' = {name}", f"named_{name}")
    assert float(simulate(model.with_values(**{name: 2}), 1, 3)["x"].iloc[-1]) == pytest.approx(2)
    assert callable(roadrunner.RoadRunner.simulate)
    assert callable(roadrunner.RoadRunner.reset)
    assert float(simulate(build("y = 3\n y' = 0"), 1, 3)["y"].iloc[-1]) == 3


@pytest.mark.parametrize("dimensions", ["", 'spatialDimensions="3"', 'spatialDimensions="1.5"'])
def test_a_compartment_that_says_nothing_of_dimensions_holds_concentrations(tmp_path, dimensions):
    model = sbml(
        tmp_path,
        f'<listOfCompartments><compartment id="c" {dimensions} size="2" constant="true"/>'
        "</listOfCompartments><listOfSpecies>"
        '<species id="S" compartment="c" initialConcentration="3" hasOnlySubstanceUnits="false"'
        ' boundaryCondition="false" constant="false"/></listOfSpecies>',
    )
    course = simulate(model, 1, 2)
    assert (float(course["S"].iloc[0]), float(course["n_S"].iloc[0])) == (3, 6)


def test_a_compartment_without_dimensions_holds_amounts(tmp_path):
    model = sbml(
        tmp_path,
        '<listOfCompartments><compartment id="c" spatialDimensions="0" constant="true"/>'
        "</listOfCompartments><listOfSpecies>"
        '<species id="S" compartment="c" initialAmount="3" hasOnlySubstanceUnits="false"'
        ' boundaryCondition="false" constant="false"/></listOfSpecies>',
    )
    assert float(simulate(model, 1, 2)["S"].iloc[-1]) == 3


def test_what_has_no_value_is_named_and_may_be_given(build):
    model = build("species S\n S = 1\n J: S -> ; k*S")
    with pytest.raises(InputError, match="'k' has no value in model 'system'"):
        simulate(model, 1, 2)
    given = simulate(model.with_values(k=1), 1, 2)
    assert float(given["S"].iloc[-1]) == pytest.approx(0.36787944117, rel=1e-8)


def test_a_size_that_nothing_depends_on_need_not_be_given(tmp_path):
    species = (
        '<listOfCompartments><compartment id="c" spatialDimensions="3" constant="true"/>'
        '</listOfCompartments><listOfSpecies><species id="S" compartment="c" initialAmount="3"'
        ' hasOnlySubstanceUnits="{}" boundaryCondition="false" constant="false"/></listOfSpecies>'
    )
    assert float(simulate(sbml(tmp_path, species.format("true")), 1, 2)["S"].iloc[-1]) == 3
    with pytest.raises(InputError, match="'c' has no value"):
        simulate(sbml(tmp_path, species.format("false")), 1, 2)


def test_a_function_without_mathematics_is_refused_where_it_is_called(tmp_path):
    function = '<listOfFunctionDefinitions><functionDefinition id="f"/></listOfFunctionDefinitions>'
    rule = (
        '<listOfRules><rateRule variable="k"><math xmlns="http://www.w3.org/1998/Math/MathML">'
        "{}</math></rateRule></listOfRules>"
    )
    parameter = (
        '<listOfParameters><parameter id="k" value="1" constant="false"/></listOfParameters>'
    )
    with pytest.raises(UnsupportedModelError, match="function 'f' has no mathematics"):
        sbml(tmp_path, function + parameter + rule.format("<apply><ci> f </ci></apply>"))
    course = simulate(sbml(tmp_path, function + parameter + rule.format("<cn>2</cn>")), 1, 2)
    assert course["k"].tolist() == pytest.approx([1, 3])


def test_an_algebraic_rule_without_mathematics_says_nothing(tmp_path):
    parameter = '<listOfParameters><parameter id="k" value="1" constant="true"/></listOfParameters>'
    model = sbml(tmp_path, parameter + "<listOfRules><algebraicRule/></listOfRules>")
    assert model.quantities["k"].value == 1
    assert len(simulate(model, 1, 2)) == 2


@pytest.mark.parametrize("points", [2, 11, 31])
def test_a_trigger_that_a_state_opens_for_less_than_a_step(build, points):
    """From x = 0 at unit rate, x is set to 2 at 0.5; a function and a rule stand in between."""
    model = build(
        "x = 0; x' = 1; y := 2*x\n at ((y > 1) && (x < 0.5001)): x = 2\n"
        " n = 0; at 0.25 after ((x > 3) && (x < 3.001) || (x > 1e9)): n = n + 1"
    )
    end = simulate(model, 3, points).iloc[-1]
    assert end["x"] == pytest.approx(4.5, rel=1e-8)
    assert end["n"] == 1


@pytest.mark.parametrize("given", ["", 'stoichiometry="7"'])
@pytest.mark.parametrize("sides", [("Reactants", "Reactants"), ("Products", "Reactants")])
def test_a_species_that_a_reaction_names_twice(tmp_path, given, sides):
    """2 + time/5 and 1 by rules, at a rate of 3 from A = 100; on one side, or on both."""
    math = '<math xmlns="http://www.w3.org/1998/Math/MathML">{}</math>'
    time = (
        '<csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time">t</csymbol>'
    )
    rising = f"<apply><plus/><cn>2</cn><apply><divide/>{time}<cn>5</cn></apply></apply>"
    places = dict(zip("ab", sides, strict=True))
    listed = ""
    for side in sorted(set(sides), reverse=True):  # reactants stand first
        inside = "".join(
            f'<speciesReference id="{name}" species="A" {given} constant="false"/>'
            for name, where in places.items()
            if where == side
        )
        listed += f"<listOf{side}>{inside}</listOf{side}>"
    model = sbml(
        tmp_path,
        '<listOfCompartments><compartment id="c" spatialDimensions="3" size="1" constant="true"/>'
        '</listOfCompartments><listOfSpecies><species id="A" compartment="c" initialAmount="100"'
        ' hasOnlySubstanceUnits="true" boundaryCondition="false" constant="false"/></listOfSpecies>'
        f'<listOfRules><assignmentRule variable="a">{math.format(rising)}</assignmentRule>'
        f'<assignmentRule variable="b">{math.format("<cn>1</cn>")}</assignmentRule></listOfRules>'
        f'<listOfReactions><reaction id="R" reversible="false">{listed}<kineticLaw>'
        f"{math.format('<cn>3</cn>')}</kineticLaw></reaction></listOfReactions>",
    )
    end = simulate(model, 10, 3).iloc[-1]
    sign = 1 if sides[0] == "Products" else -1
    assert end["A"] == pytest.approx(100 + 3 * (sign * (2 * 10 + 10) - 10), rel=1e-8)
    assert end["R"] == 3


@pytest.mark.parametrize("points", [3, 11, 21, 101])
def test_what_starts_at_zero_and_only_amplifies_itself_stays_there(build, points):
    model = build(
        "compartment c = 1; species x in c, y in c, z in c, w in c\n x = 0; y = 1; z = 0; w = 0\n"
        " jx: -> x; c*1.3*x\n jy: -> y; c*(1 - 50*y*z + x)\n jz: -> z; c*(1 - 50*y*z - 0.3*z)\n"
        " jw: x -> w; c*0.1*x\n r = 0; r' = 0.7*r*y"
    )
    course = simulate(model, 100, points)
    assert not course[["x", "w", "r", "n_x", "jx"]].to_numpy().any()
    assert course["z"].iloc[-1] > 0
    moved = simulate(model.with_values(x=1e-30), 10, points)
    assert moved["x"].iloc[-1] == pytest.approx(1e-30 * math.exp(12), rel=1e-3)
    later = simulate(model, 10, points, inputs=[Step(9, {"x": 1e-3})])
    assert later["x"].iloc[-1] == pytest.approx(1e-3 * math.exp(1.2), rel=1e-6)


def test_numbers_of_every_kind(build):
    model = build("species S\n S = 1; k = 0.3\n J: S -> ; k*S")
    plain = simulate(model.with_values(k=0.5), 5, 6, inputs=[Step(1, {"k": 0.25}),
                     Ramp("k", 2, 4, 1)], start=0)  # fmt: skip
    other = simulate(
        model.with_values(k=np.float32(0.5)), np.int64(5), np.int32(6), start=np.float32(0),
        inputs=[Step(np.int64(1), {"k": np.float32(0.25)}),
                Ramp("k", np.int64(2), np.float32(4), np.int64(1))],
    )  # fmt: skip
    assert plain.equals(other)


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        (("5", 3), {}),
        ((5, "3"), {}),
        ((5, 2.5), {}),
        ((5, 3), {"start": None}),
        ((5, 3), {"start": float("nan")}),
        ((5, 3), {"relative_tolerance": "x"}),
        ((5, 3), {"inputs": [3]}),
        ((5, 3), {"inputs": [Step("1", {"k": 1})]}),
        ((5, 3), {"inputs": [Ramp("k", 1, None, 1)]}),
    ],
)
def test_what_is_no_number_is_named(build, arguments, options):
    model = build("species S\n S = 1; k = 0.3\n J: S -> ; k*S")
    with pytest.raises(InputError, match=r"needs a|finite time|steps and ramps"):
        simulate(model, *arguments, **options)


def test_quantities_under_rate_rules_are_watched(build):
    with pytest.raises(SimulationError, match="x left the finite numbers"):
        simulate(build("z = 0; x = 1; x' = 0\n at (time > 1): x = 1/z"), 3, 4)


def test_an_event_whose_trigger_is_met_exactly_at_the_end_happens_behind_it(build):
    """At the time itself S is 3, and not below."""
    model = build("species S = 5; S -> ; 1\n at S < 3: S = S + 1")
    assert simulate(model, 2, 2)["S"].iloc[-1] == pytest.approx(3, abs=1e-9)
    assert simulate(model, 2 + 1e-6, 2)["S"].iloc[-1] == pytest.approx(4, abs=1e-5)


@pytest.mark.parametrize("points", [2, 3, 31])
def test_a_delay_of_zero_is_none(build, points):
    """Beside a condition of one moment, what is put off is refused: libRoadRunner forgets it."""
    text = "k = 1; x = 1; x' = -0.1*x\n at {} after (k == 2 && time == 2): x = 5"
    model = build(text.format(0))
    assert simulate(model, 4, points)["x"].iloc[-1] == pytest.approx(np.exp(-0.4), rel=1e-8)
    course = simulate(model.with_values(k=2), 4, points)
    assert course["x"].iloc[-1] == pytest.approx(5 * np.exp(-0.2), rel=1e-8)
    assert steady_state(model)["x"] == pytest.approx(0, abs=1e-9)
    with pytest.raises(UnsupportedModelError, match="delayed events beside a condition"):
        simulate(build(text.format(0.1), "late"), 4, points)
