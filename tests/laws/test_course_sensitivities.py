"""Sensitivities along a course equal differences of courses."""

import numpy as np
import pytest

from transport_model import Ramp, Step, course_sensitivities, load_model, simulate
from transport_model.errors import InputError, UnknownIdError, UnsupportedModelError

#: A switch of two genes that repress each other, started beside the ridge between its states.
TOGGLE = """
model toggle
  compartment c = 2
  species U in c, V in c
  U = 0.9; V = 1.1
  a = 3; n = 2.5; d = 0.7
  J1: -> U; c*a/(1 + V^n)
  J2: U -> ; c*d*U
  J3: -> V; c*a/(1 + U^n)
  J4: V -> ; c*d*V
end
"""
#: Enzyme, substrate and complex: two conserved sums; a pool that grows; an amount.
SUMS = """
model sums
  compartment c = 1.5; c has volume
  species E in c, S in c, C in c; substanceOnly species P in c
  E = 0.3; S = 2; C = 0; P = 0
  k1 = 4; k2 = 1; k3 = 0.8
  J1: E + S -> C; c*(k1*E*S - k2*C)
  J2: C -> E + 2 P; c*k3*C
end
"""
#: Rate rules, a compartment that grows, and a rule of the time.
RATED = """
model rated
  compartment c = 1
  species X in c
  X = 2; k = 0.4; g = 0.1; w = 3
  gate = 0.2
  gate' = (tanh(X) - gate)/w
  c' = g*c
  drive := 1 + 0.5*sin(2*time)
  J1: X -> ; c*k*gate*X*drive
end
"""
#: A start that the model computes, of a species and of a constant.
STARTED = """
model started
  compartment c = 1
  species X in c, Y in c
  total = 5; share = 0.3; k0 = 2
  X = total*share
  Y = total*(1 - share)
  const k = k0^2/total
  J1: X -> Y; c*k*X/(1 + Y)
end
"""
#: Beside the largest of a table: what does not depend on a parameter is as good as zero.
NOTHING = 1e-8
CASES = {
    "toggle": (TOGGLE, 30.0, ("a", "n", "d", "c", "U")),
    "sums": (SUMS, 8.0, ("k1", "k2", "k3", "E", "S", "c")),
    "rated": (RATED, 6.0, ("k", "g", "w", "gate", "X", "c")),
    "started": (STARTED, 4.0, ("total", "share", "k0")),
}


def loaded(tmp_path, text):
    path = tmp_path / "model.ant"
    path.write_text(text)
    return load_model(path)


def differences(model, end, points, name, outputs, inputs=()):
    """Central differences of fourth order, of courses far more exact than they need be."""
    value = model.quantities[name].value
    step = 1e-3 * (abs(value) or 1.0)
    at = {
        places: simulate(
            model.with_values(**{name: value + places * step}),
            end,
            points,
            inputs=inputs,
            relative_tolerance=1e-12,
        )[outputs].to_numpy()
        for places in (-2, -1, 1, 2)
    }
    return (at[-2] - 8 * at[-1] + 8 * at[1] - at[2]) / (12 * step)


def assert_equal_differences(model, end, parameters, outputs, inputs=(), points=13):
    table = course_sensitivities(model, end, points, parameters, outputs=outputs, inputs=inputs)
    for name in parameters:
        expected = differences(model, end, points, name, outputs, inputs)
        got = table.xs(name, axis=1, level="parameter")[outputs].to_numpy()
        tops = np.abs(expected).max(axis=0)
        off = np.abs(got - expected).max(axis=0)
        assert (off <= 1e-5 * tops + NOTHING * table.abs().max(axis=None)).all(), name


@pytest.mark.parametrize("case", CASES)
def test_they_equal_central_differences(case, tmp_path):
    text, end, parameters = CASES[case]
    model = loaded(tmp_path, text)
    outputs = list(simulate(model, end, 2).columns)
    assert_equal_differences(model, end, parameters, outputs)


def test_those_of_the_cell_equal_central_differences(cell):
    outputs = ["V_m", "Na_i", "Glc_i", "cytosol", "J_sglt", "J_pump", "n_K_i"]
    assert_equal_differences(cell, 3600, ("P_Na", "Glc_o", "T", "n_X"), outputs)


def test_inputs_of_others_are_followed(cell):
    inputs = [Step(600.0, {"Glc_o": 0.5}), Ramp("K_o", 900.0, 1500.0, 8.0)]
    assert_equal_differences(cell, 1800, ("P_Na",), ["V_m", "Glc_i"], inputs, points=7)


def test_a_decay_has_the_closed_form(tmp_path):
    model = loaded(tmp_path, "model d; species X; X = 3; k = 0.7; X -> ; k*X; end")
    table = course_sensitivities(model, 5, 26, ["k", "X"], outputs=["X"])
    time = table.index.to_numpy()
    assert table[("X", "k")].to_numpy() == pytest.approx(-3 * time * np.exp(-0.7 * time), abs=1e-8)
    assert table[("X", "X")].to_numpy() == pytest.approx(np.exp(-0.7 * time), rel=1e-7)


def test_units_are_those_of_the_ratio(cell):
    table = course_sensitivities(cell, 10, 2, ["Glc_o"], outputs=["V_m"])
    assert table.attrs["units"] == {"V_m by Glc_o": "mV/mM", "time": "s"}


def test_a_switch_of_the_time_alone_is_no_obstacle(tmp_path):
    text = "model p; X = 1; k = 2; X' = piecewise(k, time < 1.234, -k*X); end"
    assert_equal_differences(loaded(tmp_path, text), 3.0, ("k", "X"), ["X"], points=4)


@pytest.mark.parametrize(
    ("text", "parameter", "told"),
    [
        ("model p; X = 1; k = 2; X' = -k*X; at X < 0.5: X = 1; end", "k", "events"),
        ("model p; X = 1; k = 2; X' = piecewise(k, X < 3, 1); end", "k", "jumps on the way"),
        ("model p; X = 1; s = 2; X' = piecewise(1, time < s, -X); end", "s", "jumps on the way"),
    ],
)
def test_what_jumps_where_it_is_moved_is_refused(text, parameter, told, tmp_path):
    with pytest.raises(UnsupportedModelError, match=told):
        course_sensitivities(loaded(tmp_path, text), 5, 3, [parameter])


def test_wrong_input_is_told(cell):
    with pytest.raises(InputError, match="by the law V_m = "):
        course_sensitivities(cell, 10, 2, ["V_m"])
    with pytest.raises(UnknownIdError, match="did you mean 'P_Na'"):
        course_sensitivities(cell, 10, 2, ["PNa"])
    with pytest.raises(UnknownIdError, match="did you mean 'V_m'"):
        course_sensitivities(cell, 10, 2, ["P_Na"], outputs=["Vm"])
    with pytest.raises(InputError, match="is set by an input"):
        course_sensitivities(cell, 10, 2, ["Glc_o"], inputs=[Step(5.0, {"Glc_o": 1.0})])
    with pytest.raises(InputError, match="after 0"):
        course_sensitivities(cell, -1, 2, ["P_Na"])
