"""Courses by machine code: against known solutions, against libRoadRunner, and bit for bit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import lambertw

from transport_model import load_model
from transport_model.analyses.scans.courses import Course
from transport_model.analyses.scans.designs.designs import latin_hypercube, provenance_ranges
from transport_model.analyses.scans.scan import scan
from transport_model.errors import UnsupportedModelError
from transport_model.kernels import calling, course_code, course_kernel
from transport_model.kernels.course_kernel import course_kernel_for
from transport_model.kernels.machine import Loaded
from transport_model.kernels.model_values import model_values
from transport_model.many_courses import many_courses
from transport_model.simulation.courses import Courses
from transport_model.simulation.inputs import Ramp, Step, held

TOLERANCES = (1e-6, 1e-9)
#: Bodies of models with x (and others), a parameter k with its values, the end, and x over time.
KNOWN = {
    "decay": ("x' = -k*x; x = 2", (0.5, 3.0), 5.0, lambda t, k: 2 * np.exp(-k * t)),
    "growth": ("x' = k*x; x = 1", (0.1, 2.0), 4.0, lambda t, k: np.exp(k * t)),
    "filling": ("x' = 1 - k*x; x = 0", (0.5, 4.0), 6.0, lambda t, k: -np.expm1(-k * t) / k),
    "logistic": ("x' = k*x*(1 - x); x = 0.01", (0.5, 2.0), 12.0,
                 lambda t, k: 1 / (1 + 99 * np.exp(-k * t))),
    "square": ("x' = -k*x^2; x = 1", (0.5, 2.0), 50.0, lambda t, k: 1 / (1 + k * t)),
    "cube": ("x' = -k*x^3; x = 1", (0.5, 2.0), 20.0, lambda t, k: (1 + 2 * k * t) ** -0.5),
    "root": ("x' = -k*sqrt(x); x = 4", (0.1, 0.5), 3.0, lambda t, k: (2 - k * t / 2) ** 2),
    "gompertz": ("x' = -k*x*ln(x); x = 0.1", (0.3, 1.5), 6.0,
                 lambda t, k: 0.1 ** np.exp(-k * t)),
    "riccati": ("x' = k*(1 - x^2); x = 0", (0.5, 2.0), 3.0, lambda t, k: np.tanh(k * t)),
    "bistable": ("x' = k*(x - x^3); x = 0.1", (0.5, 2.0), 6.0,
                 lambda t, k: 1 / np.sqrt(1 + 99 * np.exp(-2 * k * t))),
    "michaelis": ("x' = -k*x/(1 + x); x = 3", (0.5, 2.0), 8.0,
                  lambda t, k: lambertw(3 * np.exp(3 - k * t)).real),
    "oscillator": ("x' = k*y; y' = -k*x; x = 1; y = 0", (1.0, 20.0), 6.0,
                   lambda t, k: np.cos(k * t)),
    "damped": ("x' = y; y' = -(1 + k^2)*x - 2*y; x = 0; y = 1", (1.0, 9.0), 6.0,
               lambda t, k: np.exp(-t) * np.sin(k * t) / k),
    "exchange": ("A: x -> y; k*x - 2*k*y\nx = 3; y = 0", (0.1, 5.0), 4.0,
                 lambda t, k: 2 + np.exp(-3 * k * t)),
    "fast exchange": ("A: x -> y; 1e6*k*x - 1e6*k*y\nB: y -> ; y\nx = 1; y = 1", (0.5, 2.0), 4.0,
                      lambda t, k: exchange(t, 1e6 * k)),
    "dimer": ("A: x + x -> y; k*x*x\nx = 1; y = 0", (0.5, 2.0), 10.0,
              lambda t, k: 1 / (1 + 2 * k * t)),
    "binding": ("A: x + y -> z; k*x*y\nx = 2; y = 1; z = 0", (0.2, 2.0), 5.0,
                lambda t, k: 2 / (2 - np.exp(-k * t))),
    "chain": ("A: y -> x; k*y\nB: x -> ; 3*k*x\ny = 1; x = 0", (0.2, 2.0), 5.0,
              lambda t, k: (np.exp(-k * t) - np.exp(-3 * k * t)) / 2),
    "stiff chain": ("A: y -> x; 1e5*k*y\nB: x -> ; k*x\ny = 1; x = 0", (0.2, 2.0), 5.0,
                    lambda t, k: 1e5 / (1e5 - 1) * (np.exp(-k * t) - np.exp(-1e5 * k * t))),
    "rest": ("x' = k*(1 - x); x = 1", (0.2, 2.0), 5.0, lambda t, k: np.ones_like(t)),
    "forced by a tail": ("x' = -1e4*k*(x - y); y' = -y; x = 1; y = 1", (0.5, 2.0), 5.0,
                         lambda t, k: (1e4 * k * np.exp(-t) - np.exp(-1e4 * k * t))
                         / (1e4 * k - 1)),
}  # fmt: skip


def exchange(t, k):
    """x of x <-> y at k, y lost at 1, from 1 and 1, by the eigenvalues of the pair."""
    root = np.sqrt(4 * k**2 + 1)
    slow, fast = -2 * k / (root + 2 * k + 1) - 0.0, -(2 * k + 1 + root) / 2
    slow = k / fast  # product of the eigenvalues
    # x(0) = 1, x'(0) = 0
    return (fast * np.exp(slow * t) - slow * np.exp(fast * t)) / (fast - slow)


def built(tmp_path, body):
    path = tmp_path / "model.ant"
    path.write_text(f"model m\n{body}\nk = 1\nend\n")
    return load_model(path)


def courses_of(model, design, times, outputs, tolerance, **rest):
    """Courses of every row, of shape (outputs, stops, rows), and which arrived."""
    many = many_courses(model, list(design.columns), times, (), outputs)
    found = np.full((len(outputs), len(times), len(design)), np.nan)
    arrived = np.zeros(len(design), dtype=bool)

    def use(rows, there, courses):
        found[:, :, rows], arrived[rows] = courses, there

    many.follow(design, tolerance, use, **rest)
    return found, arrived


@pytest.mark.parametrize("name", KNOWN)
def test_a_tolerance_means_what_it_says(tmp_path, name):
    """The error relative to a course's largest value stays below ten times the tolerance."""
    body, (low, high), end, solution = KNOWN[name]
    model = built(tmp_path, body)
    design = pd.DataFrame({"k": np.geomspace(low, high, 5)})
    times = np.linspace(0, end, 41)
    exact = np.array([solution(times, k) for k in design["k"]]).T
    for tolerance in TOLERANCES:
        (found,), arrived = courses_of(model, design, times, ["x"], tolerance)
        assert arrived.all()
        error = np.abs(found - exact).max(axis=0) / np.abs(exact).max(axis=0)
        assert error.max() <= 10 * tolerance, (tolerance, error)


@pytest.mark.parametrize("name", ["cell", "cell_pan2019", "cell_sglt2", "oocyte"])
def test_a_tolerance_means_what_it_says_of_the_shipped_cells(name):
    model = load_model(name)
    design = latin_hypercube(8, seed=4, **provenance_ranges(model))
    times = np.linspace(0, 3600, 31)
    outputs = [n for n in course_kernel_for(model, list(design.columns)).outputs
               if n in ("Na_i", "Glc_i", "V_m", "water_i", "C1", "C3")]  # fmt: skip
    exact = reference(model, design, times, outputs)
    for tolerance in TOLERANCES:
        found, arrived = courses_of(model, design, times, outputs, tolerance)
        assert arrived.all()
        largest = np.abs(exact).max(axis=1)
        assert (np.abs(found - exact).max(axis=1) <= 10 * tolerance * largest).all(), tolerance


def reference(model, design, times, outputs):
    """CVODE's courses at 1e-12."""
    courses = Courses(model, times[-1], len(times), outputs=outputs, times=times,
                      relative_tolerance=1e-12)  # fmt: skip
    found = []
    for row in design.to_dict("records"):
        courses.restart(row)
        found.append(courses.follow()[:, 1 : 1 + len(outputs)])
    return np.array(found).transpose(2, 1, 0)


REDUCTIONS = ["Na_i:final", "V_m:max", "J_sglt:mean", "Glc_i:half_time", "Na_i:area",
              "V_m:value:1234.5", "Glc_i:time_to:5"]  # fmt: skip
INPUTS = {
    "none": (),
    "steps": (Step(600, {"J_pump_max": 0.2}), Step(1800, {"J_pump_max": 1.8, "Glc_o": 1.0})),
    "ramps": (Ramp("K_o", 300, 900, 12.0), Ramp("K_o", 900, 1200, 6.0), Ramp("T", 2000, 2600, 305)),
    "states": (Step(1500, {"Glc_i": 0.5, "Na_i": 20.0}), Step(1500, {"P_K": 0.01})),
    "ends": (Step(0, {"P_K": 0.01}), Step(3600, {"P_K": 0.02})),
}


@pytest.mark.parametrize("name", INPUTS)
def test_both_engines_give_the_same_table(cell, name):
    design = latin_hypercube(12, seed=2, Glc_o=(0.5, 20.0), P_Na=(1e-3, 3e-3))
    course = Course(3600, 61, REDUCTIONS, inputs=INPUTS[name])
    same_table(cell, design, course)


def test_a_clamp_is_a_model_like_others(cell):
    course = Course(100, 61, ["Na_i:final", "J_sglt:max"], inputs=[Ramp("V_m", 10, 20, -80.0)])
    design = latin_hypercube(6, seed=2, Glc_o=(0.5, 20.0), V_m=(-90, -20))
    same_table(held(cell, V_m=-50.0), design, course)


def same_table(model, design, course):
    tables = [scan(model, design, course=course, engine=engine)
              for engine in ("kernel", "roadrunner")]  # fmt: skip
    assert list(tables[0].columns) == list(tables[1].columns)
    assert tables[0]["status"].tolist() == tables[1]["status"].tolist()
    for name in course.reductions:
        fast, slow = (table[name].to_numpy() for table in tables)
        assert np.array_equal(np.isnan(fast), np.isnan(slow)), name
        assert np.allclose(fast, slow, rtol=1e-7, atol=1e-9 * np.nanmax(np.abs(slow), initial=0),
                           equal_nan=True), name  # fmt: skip


def test_what_a_kernel_does_not_bring_to_its_end_is_libroadrunners(tmp_path):
    """A pole on the way; a start that is impossible; all rows have their own status."""
    model = built(tmp_path, "x' = k*x^2; x = 1")
    table = scan(model, pd.DataFrame({"k": [0.1, 2.0, -1.0]}), course=Course(1, 11, ["x:final"]),
                 engine="kernel")  # fmt: skip
    assert table["converged"].tolist() == [True, False, True]
    assert table["x_final"][[0, 2]].tolist() == pytest.approx([1 / 0.9, 0.5], rel=1e-8)
    assert np.isnan(table["x_final"][1])


def test_a_state_far_smaller_than_supposed_is_as_exact_as_the_others(tmp_path):
    """A trace that starts at zero and stays a billionth of its neighbour."""
    body = "A: y -> x; 1e-9*k*y\nB: x -> ; x\ny = 1e3; x = 0"
    model = built(tmp_path, body)
    table = scan(model, pd.DataFrame({"k": [0.5, 1.0]}), course=Course(20, 11, ["x:final"]),
                 engine="kernel")  # fmt: skip
    exact = [1e-6 * k * (np.exp(-1e-9 * k * 20) - np.exp(-20)) / (1 - 1e-9 * k) for k in (0.5, 1)]
    assert table["x_final"].tolist() == pytest.approx(exact, rel=1e-8)


@pytest.mark.parametrize("text", ["E: at x > 3: x = 1", "x2 := time"])
def test_events_and_times_are_libroadrunners(tmp_path, text):
    body = f"x' = k{'*x2' if 'x2' in text else ''}; x = 1; {text}"
    model, design = built(tmp_path, body), pd.DataFrame({"k": [1.0, 2.0]})
    course = Course(1, 5, ["x:final"])
    with pytest.raises(UnsupportedModelError):
        scan(model, design, course=course, engine="kernel")
    assert scan(model, design, course=course)["converged"].all()


# Bits ------------------------------------------------------------------------------------------

BODIES = {"explicit": "x' = k*y; y' = -k*x; x = 1; y = 0",
          "stiff": "A: y -> x; 1e5*k*y\nB: x -> ; k*x/(1 + x)\ny = 1; x = 0"}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_a_course_depends_on_its_own_row_alone(tmp_path, name, monkeypatch):
    """Shuffled, cut, in other chunks, on one thread or two: bit for bit."""
    model = built(tmp_path, BODIES[name])
    design = pd.DataFrame({"k": np.geomspace(0.2, 5.0, 333)})
    times = np.linspace(0, 4, 21)
    whole, arrived = courses_of(model, design, times, ["x", "y"], 1e-8, threads=2)
    assert arrived.all()
    order = np.random.default_rng(1).permutation(len(design))
    shuffled, _ = courses_of(model, design.iloc[order], times, ["x", "y"], 1e-8, threads=1)
    assert np.array_equal(shuffled, whole[:, :, order])
    part, _ = courses_of(model, design.iloc[17:30], times, ["x", "y"], 1e-8)
    assert np.array_equal(part, whole[:, :, 17:30])
    monkeypatch.setattr(course_kernel, "CHUNK", 16)
    small, _ = courses_of(model, design, times, ["x", "y"], 1e-8)
    assert np.array_equal(small, whole)


@pytest.mark.parametrize("name", [*BODIES, "cell"])
def test_all_widths_give_the_same_bits(tmp_path, cell, name, monkeypatch):
    model = cell if name == "cell" else built(tmp_path, BODIES[name])
    column = "Glc_o" if name == "cell" else "k"
    design = pd.DataFrame({column: np.geomspace(0.3, 4.0, 21)})
    outputs = ["Na_i", "V_m"] if name == "cell" else ["x", "y"]
    many = many_courses(model, [column], np.linspace(0, 4, 9), (), outputs)
    values, found = model_values(model, frozenset()), []
    for width in (2, 4, 8):
        code = Loaded(course_code.course_code(values, width))
        fields = {**vars(many.kernel), "width": width}
        for method in (calling.EXPLICIT, calling.STIFF):
            fields[method] = code.function(method, calling.COURSE_ARGUMENTS)
        kernel = course_kernel.CourseKernel(**fields)
        rows = []
        kernel.follow(model, design, many.plan, outputs, 1e-8,
                      lambda *each, rows=rows: rows.append(each[2].copy()), threads=1)  # fmt: skip
        found.append(np.concatenate(rows, axis=2))
    assert np.isfinite(found[0]).all()
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2])
