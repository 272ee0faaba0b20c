"""The guided tour: what an experiment becomes in a page."""

from pathlib import Path

import pytest
import yaml

from transport_model import load_model
from transport_model.analyses.experiments.protocols import protocol_path, read_protocol
from transport_model.analyses.explorer import tour
from transport_model.analyses.explorer.lesson import lesson_of
from transport_model.analyses.explorer.tour import stages, tree
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
    for name, words in told["experiments"].items():
        assert len(words["meanings"]) == len(read_protocol(protocol_path(name)).checks), name


def test_the_tour_of_the_cell_leaves_out_what_a_page_cannot_do():
    found = {stage["name"]: stage for stage in stages(load_model("cell"))}

    # Another model and a clamp are left out with their checks; ramps and energies with the whole
    assert [arm["name"] for arm in found["uphill"]["arms"]] == ["resting", "2:1", "2:1, slip"]
    assert found["uphill"]["left"] == 2
    assert found["potassium_near_balance"]["left"] == 1
    assert not found.keys() & {"meal_and_fast", "failing_ATP", "store_of_energy"}
    assert len(found) == 13


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
