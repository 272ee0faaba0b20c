"""What the explorer's engine computes: solutions known exactly, and this package's own."""

from __future__ import annotations

from math import exp, pi

import numpy as np
import pytest
from explorer_answers import (
    answer,
    asked,
    asked_of_pages,
    course_of,
    described,
    from_text,
    worst_of_course,
    worst_of_rest,
)
from published_pathways import MAPK, SUGAR_CANE
from textbook_branches import (
    AB,
    BRUSSELATOR,
    CUSP,
    GOLDBETER_KOSHLAND,
    HOPF_REGIME,
    LENGYEL_EPSTEIN,
    MORRIS_LECAR,
    POOL,
    PREDATOR,
    REPRESSILATOR,
    STIFF,
    TOGGLE,
)
from zoo import SYSTEMS

from transport_model import Ramp, Step, load_model, shipped_models, simulate, steady_state
from transport_model.analyses.explorer import program
from transport_model.errors import InputError, SteadyStateError
from transport_model.mathematics.evaluation import start_values

#: How near courses come to libRoadRunner's and steady states to this package's.
OF_COURSES, OF_RESTS = 1e-6, 1e-9
#: Sliders pulled at a time.
PULLED = 5
#: Other people's models: how long a course is, and the text.
OTHERS = {
    "sugar_cane": (60.0, SUGAR_CANE),
    "mapk": (1000.0, MAPK),
    "brusselator": (20.0, BRUSSELATOR),
    "lengyel_epstein": (10.0, LENGYEL_EPSTEIN),
    "repressilator": (20.0, REPRESSILATOR),
    "toggle": (20.0, TOGGLE.format(a=3, u=1.2, v=1)),
    "goldbeter_koshland": (20.0, GOLDBETER_KOSHLAND),
    "predator": (30.0, PREDATOR),
    "stirred_tank": (5.0, AB.replace("p1 = 0; p2 = 14", "p1 = 0.1; p2 = 4")),
    "morris_lecar": (100.0, MORRIS_LECAR.format(**HOPF_REGIME)),
    "pool": (50.0, POOL),
    "stiff": (20.0, STIFF),
    "cusp": (5.0, CUSP),
}


def drawn(model, payload, count, seed):
    """Return settings of a few sliders each, from which the model can start."""
    generator = np.random.default_rng(seed)
    shipped = model.name in shipped_models()
    sliders = [q for q in payload["quantities"] if q["settable"] and q["value"] is not None
               and q["high"] > q["low"]]  # fmt: skip
    found = []
    while len(found) < count:
        settings = {}
        for place in generator.choice(len(sliders), min(PULLED, len(sliders)), replace=False):
            slider = sliders[place]
            low, high = slider["low"], slider["high"]
            if not shipped:
                low, high = sorted((slider["value"] / 2, slider["value"] * 2))
            share = generator.uniform()
            settings[slider["id"]] = (
                low * (high / low) ** share if low > 0 else low + (high - low) * share
            )
        try:
            start_values(model.with_values(**settings))
        except InputError:
            continue
        found.append(settings)
    return found


def certified(model):
    """Return a model's steady state, or None where it has no certified one."""
    try:
        return steady_state(model)
    except SteadyStateError:
        return None


def agreement(model, end, count, folder, ask=asked, seed=18):
    """Return the largest differences of courses and of steady states, and where they are."""
    payload = described(model)["payload"]
    settings = drawn(model, payload, count, seed)
    questions = [("course", {"p": p, "end": end, "points": 31}) for p in settings]
    questions += [("rest", {"p": p}) for p in settings]
    (answers,) = ask([(model, questions)], folder)
    courses, rests = [(0.0, "")], [(0.0, "")]
    for p, course, rest in zip(settings, answers[:count], answers[count:], strict=True):
        changed = model.with_values(**p)
        assert course["value"]["cause"] == ""
        courses.append(
            worst_of_course(changed, course_of(course["value"]), simulate(changed, end, 31))
        )
        status = rest["value"]["certificate"]["status"]
        known = certified(changed)
        assert (status == "ok") == (known is not None), (p, status)
        if known is None:
            continue
        gap, where = worst_of_rest(changed, rest["value"]["values"], known.values)
        # the known state itself is off by what its certificate says
        own = 2 * (known.certificate.drift + known.certificate.error)
        rests.append((gap / (1 + own / OF_RESTS), where))
    return max(courses), max(rests)


def test_the_cell_at_random_settings(cell, tmp_path):
    course, rest = agreement(cell, 3600.0, 6, tmp_path)
    assert course < (OF_COURSES, "")
    assert rest < (OF_RESTS, "")


@pytest.mark.browser
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] if name == "tubule_10" else [])
     for name in shipped_models()],
)  # fmt: skip
def test_the_page_of_a_shipped_model_at_random_settings(name, tmp_path):
    settings = 5 if name == "tubule_10" else 50  # of which each takes the referee long
    course, rest = agreement(load_model(name), 3600.0, settings, tmp_path, asked_of_pages)
    assert course < (OF_COURSES, "")
    assert rest < (OF_RESTS, "")


@pytest.mark.browser
@pytest.mark.parametrize("name", OTHERS)
def test_the_page_of_another_model_at_random_settings(name, tmp_path):
    end, text = OTHERS[name]
    model = from_text(name, text, tmp_path)
    course, rest = agreement(model, end, 50, tmp_path, asked_of_pages)
    assert course < (OF_COURSES, "")
    assert rest < (OF_RESTS, "")


def test_steps_are_those_of_a_simulation(cell, tmp_path):
    steps = [(600.0, {"K_o": 12.0}), (1234.5, {"J_pump_max": 0.0, "Glc_i": 30.0}),
             (2000.0, {"J_pump_max": 3.0})]  # fmt: skip
    known = simulate(cell, 3600, 61, inputs=[Step(at, values) for at, values in steps])
    told = [{"at": at, "set": values} for at, values in steps]
    found = answer(cell, "course", {"end": 3600, "points": 61, "steps": told}, tmp_path)
    assert worst_of_course(cell, course_of(found), known) < (OF_COURSES, "")


def test_ramps_are_those_of_a_simulation(cell, tmp_path):
    ramps = [
        ("Glc_o", 600.0, 1200.0, 30.0),
        ("ATP", 600.0, 3000.0, 0.3),
        ("Glc_o", 1200.0, 1800.0, 0.5),
    ]
    known = simulate(cell, 3600, 61, inputs=[*(Ramp(*each) for each in ramps),
                                             Step(2000.0, {"K_o": 6.0})])  # fmt: skip
    told = [dict(zip(("id", "start", "end", "to"), each, strict=True)) for each in ramps]
    ask = {"end": 3600, "points": 61, "ramps": told, "steps": [{"at": 2000.0, "set": {"K_o": 6.0}}]}
    found = course_of(answer(cell, "course", ask, tmp_path))
    assert worst_of_course(cell, found, known) < (OF_COURSES, "")
    assert found["Glc_o"].loc[900.0] == pytest.approx((0.5 + 30.0) / 2, rel=1e-9)


def test_a_course_goes_on_from_where_another_ended(cell, tmp_path):
    questions = [("course", {"end": end, "points": 2}) for end in (200, 100)]
    ((whole, first),) = asked([(cell, questions)], tmp_path)
    ask = {"from": first["value"]["last"], "end": 200, "points": 2}
    rest = answer(cell, "course", ask, tmp_path)
    assert rest["t"] == [100, 200]
    later, at_once = (course["columns"]["Na_i"][-1] for course in (rest, whole["value"]))
    assert later == pytest.approx(at_once, rel=1e-8)


def test_the_states_of_a_course_can_be_where_it_starts(cell, tmp_path):
    rest = answer(cell, "rest", {}, tmp_path)
    floating = cell.species.index[cell.species["kind"] == "floating"]
    states = {name: rest["values"][name] for name in floating}
    course = answer(cell, "course", {"y0": states, "end": 3600, "points": 2}, tmp_path)
    assert course["columns"]["V_m"] == pytest.approx([rest["values"]["V_m"]] * 2, rel=1e-9)


def test_a_scan_is_steady_states_one_by_one(cell, tmp_path):
    scan = answer(cell, "scan", {"p": {"K_o": 6}, "id": "Glc_o", "values": [0.5, 5.0]}, tmp_path)
    for value, rest in zip([0.5, 5.0], scan, strict=True):
        known = steady_state(cell.with_values(K_o=6, Glc_o=value))
        assert rest["values"]["J_sglt"] == pytest.approx(known["J_sglt"], rel=1e-9)
        assert rest["certificate"]["slowest"] == pytest.approx(known.certificate.slowest, rel=1e-6)


def test_a_program_in_parts_computes_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(program, "LONGEST", 4)
    text = "x' = piecewise(a, x + y > 2*a, b)/(1 + x^2) - y*x\n y' = x*b - y/(a + x*y)"
    model = from_text("parted", f"{text}\n x = 1; y = 2; a = 3; b = 0.5", tmp_path)
    assert "function system3(" in described(model)["program"]
    found = answer(model, "course", {"end": 5, "points": 31}, tmp_path)
    assert worst_of_course(model, course_of(found), simulate(model, 5, 31)) < (OF_COURSES, "")


def test_the_zoo_is_told_the_truth_about(tmp_path):
    models = [(from_text(s.name, s.antimony, tmp_path), [("rest", {})]) for s in SYSTEMS]
    for system, (found,) in zip(SYSTEMS, asked(models, tmp_path), strict=True):
        if "error" in found:  # what the page says that it cannot do
            assert "steady state" in found["error"], system.name
            continue
        status = found["value"]["certificate"]["status"]
        assert (status == "ok") == (system.status == "ok"), (system.name, status)
        if status == "ok":
            values = {name: found["value"]["values"][name] for name in system.values}
            assert values == pytest.approx(system.values, rel=1e-8, abs=1e-9), system.name


# Courses known exactly

ROBERTSON = (
    "A -> B; 0.04*A\n B -> A; 1e4*B*C\n B -> C; 3e7*B^2\n A = 1; B = 0; C = 0\n species A, B, C"
)
#: Hairer and Wanner 1996, Solving Ordinary Differential Equations II: their reference at t = 1e11.
ROBERTSON_LATE = {"A": 0.2083340149701255e-7, "B": 0.8333360770334713e-13, "C": 0.9999999791665050}


def test_robertsons_problem_to_its_published_end(tmp_path):
    model = from_text("robertson", ROBERTSON, tmp_path)
    found = answer(model, "course", {"end": 1e11, "points": 2}, tmp_path)
    late = {name: found["columns"][name][-1] for name in ROBERTSON_LATE}
    assert late == pytest.approx(ROBERTSON_LATE, rel=1e-5)


@pytest.mark.parametrize(
    ("text", "end", "value"),
    [
        ("x' = -x\n x = 2", 3.0, 2 * exp(-3)),
        ("x' = time^3\n x = 0", 2.0, 4.0),
        ("x' = piecewise(1, time >= 10 && time < 10.25, 0)\n x = 0", 1000.0, 0.25),
        ("x' = piecewise(1, time > a && time <= a + 1e-3, 0)\n x = 0; a = 7", 1e5, 1e-3),
        # six doses of a quarter each
        ("x' = piecewise(1, time - 24*floor(time/24) < 0.25, 0)\n x = 0", 124.0, 1.5),
        ("x' = max(time - 50, 0)\n x = 0", 52.0, 2.0),
        ("x' = sin(time)\n x = 0", 10 * pi, 0.0),
        ("x' = k*x\n x = 1; k := piecewise(1, time < 2, -1)", 4.0, 1.0),
    ],
)
def test_a_course_that_the_time_drives(text, end, value, tmp_path):
    model = from_text("driven", text, tmp_path)
    found = answer(model, "course", {"end": end, "points": 3}, tmp_path)
    assert found["columns"]["x"][-1] == pytest.approx(value, rel=1e-7, abs=1e-7)


@pytest.mark.parametrize(
    ("trigger", "when"),
    [("x < 0.5", np.log(2)), ("time > 3", 3.0), ("abs(time - 50) < 1e-3", 49.999)],
)
def test_a_course_ends_where_an_event_happens(trigger, when, tmp_path):
    text = f"x' = -x\n x = 1\n shock: at ({trigger}): x = 5"
    model = from_text("shocked", text, tmp_path)
    found = answer(model, "course", {"end": 100, "points": 101}, tmp_path)
    assert "event 'shock' happens" in found["cause"]
    assert found["t"][-1] == pytest.approx(when, rel=1e-7)
    course = course_of(found)
    np.testing.assert_allclose(course["x"], np.exp(-course.index), rtol=1e-7, atol=1e-12)
    assert "events" in answer(model, "rest", {}, tmp_path)


def test_an_event_that_never_happens_ends_nothing(tmp_path):
    model = from_text("calm", "x' = -x\n x = 1\n shock: at (x > 2): x = 5", tmp_path)
    found = answer(model, "course", {"end": 10, "points": 3}, tmp_path)
    assert (found["cause"], len(found["t"])) == ("", 3)
