"""The guided tour: what an experiment becomes in a page."""

from pathlib import Path

import pytest
import yaml

from transport_model import energetics, load_model, simulate
from transport_model.analyses.experiments.protocols import (
    protocol_path,
    protocols_across,
    read_protocol,
    shipped_protocols,
)
from transport_model.analyses.explorer import tour
from transport_model.analyses.explorer.lesson import lesson_of
from transport_model.analyses.explorer.tour import companions, stages, tree
from transport_model.analyses.studies.energy_formulas import CONSTANTS, energy_formulas
from transport_model.mathematics.formulas import read_formula


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("V_m", "V_m"),
        ("-V_m", ["minus", "V_m"]),
        ("time", "time"),
        ("3*(x - y)/(2*z)", ["divide", ["times", 3.0, ["minus", "x", "y"]], ["times", 2.0, "z"]]),
        ("sqrt(x)", ["root", "x"]),
        ("abs(x) < 1.5e-3", ["lt", ["abs", "x"], 0.0015]),
    ],
)
def test_a_formula_becomes_operators_and_operands(formula, expected):
    assert tree(read_formula(formula)) == expected


def test_every_experiment_of_a_tour_is_told_in_german():
    told = yaml.safe_load(Path(tour.__file__).with_name("german.yaml").read_text("utf-8"))
    assert sorted(told["experiments"]) == sorted(tour.names_of_stages())
    arms, watched, sources = set(), set(), set()
    for name, words in told["experiments"].items():
        protocol = read_protocol(protocol_path(name))
        assert len(words["meanings"]) == len(protocol.checks), name
        reasons = [bool(why) for why in words["whys"]]
        assert reasons == [bool(check.why) for check in protocol.checks], name
        arms |= {arm.name for arm in protocol.arms}
        sources |= {arm.source for arm in protocol.arms}
        watched |= {w.formula.text if w.formula.is_name else w.label for w in protocol.watched}
    assert arms == {*told["arms"]}
    assert sources == {*tour.TAKING_PART}
    assert watched <= {
        *told["names"],
        *(name.replace(" ", "_") for name in told["labels"]),
        *told["labels"],
    }


def test_the_tour_of_the_cell_has_all_experiments_whole(cell):
    found = {stage["name"]: stage for stage in stages(cell)}

    assert sorted(found) == shipped_protocols()
    for name, stage in found.items():
        protocol = read_protocol(protocol_path(name))
        assert [arm["name"] for arm in stage["arms"]] == [arm.name for arm in protocol.arms]
        assert len(stage["checks"]) == len(protocol.checks)
    arms = {arm["name"]: arm for name in found for arm in found[name]["arms"]}
    assert arms["1:1"]["runs"] == arms["1:1"]["rests"] == "cell_sglt2"
    clamped = arms["clamped at E_K"]
    assert (clamped["rests"], clamped["runs"]) == ("cell", "cell, V_m = -87.8")
    assert arms["meal"]["ramps"] == [
        {"id": "Glc_o", "start": 1800.0, "end": 3600.0, "to": 30.0},
        {"id": "Glc_o", "start": 3600.0, "end": 10800.0, "to": 0.5},
    ]


def test_other_models_of_a_tour_have_the_values_of_the_page():
    found = companions(load_model("cell").with_values(K_o=6.0))
    assert {name: dict(model.changes) for name, model in found.items()} == {
        "cell_sglt2": {"K_o": 6.0}, "cell, V_m = -87.8": {"K_o": 6.0},
    }  # fmt: skip
    assert {*companions(load_model("pt_s1"))} == {"pt_s3", "enterocyte"}


def test_the_tour_of_the_epithelium_has_all_experiments_across():
    found = stages(load_model("epithelium"))
    assert sorted(stage["name"] for stage in found) == protocols_across()


@pytest.mark.parametrize("name", ["cell", "pt_s1"])
def test_energies_as_formulas_are_those_of_the_account(name):
    model = load_model(name).with_values(Na_i=30.0)
    course = simulate(model, 600, 5)
    account = energetics(model, course)
    constants = {key: each.value for key, each in model.quantities.items()}
    known = constants | {str(key): course[key].to_numpy() for key in course} | CONSTANTS
    for column, formula in energy_formulas(model).items():
        expected = pytest.approx(account[column].to_numpy(), rel=1e-9, abs=1e-12)
        assert read_formula(formula.bare)(known) == expected, column


def test_where_something_is_measured_a_course_has_a_point():
    (stage,) = [s for s in stages(load_model("cell")) if s["name"] == "glucose_removed"]
    (arm,) = [a for a in stage["arms"] if a["name"] == "no glucose"]
    times = {step["at"]: step["set"] for step in arm["steps"]}
    assert times[600] == {"Glc_o": pytest.approx(1e-6)}
    assert times[601] == {}


@pytest.mark.parametrize("name", ["cell", "enterocyte", "pt_s1"])
def test_every_slider_of_a_lesson_has_room_about_its_first_value(name):
    model = load_model(name)
    lesson = lesson_of(model)
    assert lesson
    for knob in lesson["knobs"]:
        for part in knob.get("factors", [knob["id"]]):
            assert model.quantities[part].settable
        if "factors" not in knob:
            assert knob["low"] <= model.quantities[knob["id"]].value <= knob["high"]


def test_a_model_that_is_no_cell_has_no_lesson(tmp_path):
    path = tmp_path / "decay.ant"
    path.write_text("model decay\n S -> ; k*S; S = 1; k = 1\nend\n")
    assert lesson_of(load_model(path)) is None
