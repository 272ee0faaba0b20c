"""CellML: time as each component counts it, values that are missing or computed, derivatives."""

from __future__ import annotations

import math

import pytest

from transport_model import load_model, simulate
from transport_model.errors import ModelFileError, UnsupportedModelError

pytest.importorskip("myokit")

MATHML = "http://www.w3.org/1998/Math/MathML"
UNITS = (
    '<units name="ms"><unit prefix="milli" units="second"/></units>'
    '<units name="minute"><unit multiplier="60" units="second"/></units>'
    '<units name="per_s"><unit units="second" exponent="-1"/></units>'
    '<units name="mmol"><unit prefix="milli" units="mole"/></units>'
)


def ci(name):
    return f"<ci>{name}</ci>"


def apply(operator, *operands):
    return f"<apply><{operator}/>{''.join(operands)}</apply>"


def diff(name, time="t"):
    return f"<apply><diff/><bvar>{ci(time)}</bvar>{ci(name)}</apply>"


def component(name, *variables, math=""):
    body = "".join(f"<variable {text}/>" for text in variables)
    return f'<component name="{name}">{body}<math xmlns="{MATHML}">{math}</math></component>'


def variable(name, units, initial=None, interface=' interface="public"'):
    start = "" if initial is None else f' initial_value="{initial}"'
    return f'name="{name}" units="{units}"{start}{interface}'


def connect(one, other, *names):
    pairs = "".join(f'<map_variables variable_1="{n}" variable_2="{n}"/>' for n in names)
    return f'<connection component_1="{one}" component_2="{other}">{pairs}</connection>'


def written(tmp_path, *parts):
    path = tmp_path / "m.cellml"
    space = "http://www.cellml.org/cellml/2.0#"
    path.write_text(
        f'<?xml version="1.0"?><model xmlns="{space}" xmlns:cellml="{space}" name="m">'
        f"{UNITS}{''.join(parts)}</model>"
    )
    return path


FALL = apply("eq", diff("x"), apply("minus", apply("times", ci("k"), ci("x"))))


def falling(time, extra=(), math=""):
    """A component in which x falls, its time counted in a unit."""
    return component(
        "c", variable("t", time), variable("x", "mole", 2), variable("k", "per_s", 0.5), *extra,
        math=FALL + math,
    )  # fmt: skip


@pytest.mark.parametrize(("outer", "seconds"), [("ms", 1e-3), ("second", 1.0), ("minute", 60.0)])
@pytest.mark.parametrize("inner", ["ms", "second", "minute"])
def test_a_derivative_is_by_the_time_of_its_component(tmp_path, outer, seconds, inner):
    time = component("env", variable("t", outer))
    model = load_model(written(tmp_path, time, falling(inner), connect("env", "c", "t")))
    course = simulate(model, 4.0 / seconds, 3)
    # The unit that a number is written in counts as the equation's: per time of the component
    rate = 0.5 / {"ms": 1e-3, "second": 1.0, "minute": 60.0}[inner]
    assert course["x"].iloc[-1] == pytest.approx(2 * math.exp(-4 * rate), rel=1e-6, abs=1e-9)


def test_a_derivative_in_a_formula_is_a_quantity(tmp_path):
    rise = apply("eq", ci("y"), apply("plus", diff("x"), ci("x")))
    model = load_model(written(tmp_path, falling("second", [variable("y", "mole")], rise)))
    course = simulate(model, 2.0, 3)
    assert course["y"].to_numpy() == pytest.approx(0.5 * course["x"].to_numpy())
    assert course["rate_of_x"].to_numpy() == pytest.approx(-0.5 * course["x"].to_numpy())


def test_a_derivative_by_another_time_is_refused_by_name(tmp_path):
    grow = apply("eq", diff("z"), diff("x"))
    other = component(
        "d", variable("t", "ms"), variable("x", "mole"), variable("z", "mole", 0), math=grow
    )
    path = written(
        tmp_path, component("env", variable("t", "ms")), falling("second"), other,
        connect("env", "c", "t"), connect("env", "d", "t"), connect("c", "d", "x"),
    )  # fmt: skip
    with pytest.raises(UnsupportedModelError, match=r"m\.cellml: 'd\.z' is computed from the d"):
        load_model(path)


def test_a_variable_without_a_value_has_none(tmp_path):
    text = falling("second").replace(' initial_value="0.5"', "")
    model = load_model(written(tmp_path, text))
    assert math.isnan(model.quantities["k"].value)
    course = simulate(model.with_values(k=1.0), 1.0, 2)
    assert course["x"].iloc[-1] == pytest.approx(2 * math.exp(-1))


def test_a_start_that_another_variable_gives_follows_it(tmp_path):
    text = falling("second", [variable("x0", "mole", 3)]).replace(
        'initial_value="2"', 'initial_value="x0"'
    )
    model = load_model(written(tmp_path, text))
    assert simulate(model, 1.0, 2)["x"].iloc[0] == 3
    assert simulate(model.with_values(x0=5), 1.0, 2)["x"].iloc[0] == 5


def test_a_start_in_another_unit_is_converted(tmp_path):
    other = component("d", variable("x", "mmol", 4000))
    text = falling("second").replace(' initial_value="2"', "")
    model = load_model(written(tmp_path, text, other, connect("c", "d", "x")))
    assert simulate(model, 1.0, 2)["x"].iloc[0] == pytest.approx(4)


def test_without_a_derivative_there_is_no_time(tmp_path):
    double = apply("eq", ci("y"), apply("plus", ci("a"), ci("a")))
    given = component("c", variable("a", "mole", 2), variable("y", "mole"), math=double)
    assert simulate(load_model(written(tmp_path, given)), 1.0, 2)["y"].tolist() == [4, 4]
    missing = component("c", variable("a", "mole"), variable("y", "mole"), math=double)
    model = load_model(written(tmp_path, missing))
    assert simulate(model.with_values(a=3), 1.0, 2)["y"].tolist() == [6, 6]


def test_units_that_do_not_fit_are_refused(tmp_path):
    other = component("d", variable("x", "second"), variable("y", "second"),
                      math=apply("eq", ci("y"), ci("x")))  # fmt: skip
    path = written(tmp_path, falling("second"), other, connect("c", "d", "x"))
    with pytest.raises(ModelFileError, match=r"m\.cellml: "):
        load_model(path)
