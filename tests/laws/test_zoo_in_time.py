"""Where models with events, and with rates that name the time, come to rest, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from zoo_in_time import SYSTEMS_IN_TIME

from transport_model import control_coefficients, load_model, scan, sensitivities, steady_state
from transport_model.errors import SteadyStateError, UnsupportedModelError

BY_NAME = {system.name: system for system in SYSTEMS_IN_TIME}


@pytest.fixture
def load(tmp_path):
    def build(system):
        path = tmp_path / f"{system.name}.ant"
        path.write_text(system.antimony)
        return load_model(path)

    return build


@pytest.mark.parametrize("system", SYSTEMS_IN_TIME, ids=lambda system: system.name)
def test_a_course_is_followed_past_what_happens(load, system):
    model = load(system)
    if system.status == "endless":
        with pytest.raises(UnsupportedModelError, match=r"again and again.*simulate"):
            steady_state(model)
    elif system.status == "ok":
        state = steady_state(model)
        assert {name: state[name] for name in system.values} == {
            name: pytest.approx(value, rel=1e-8, abs=1e-9) for name, value in system.values.items()
        }
    else:
        with pytest.raises(SteadyStateError) as caught:
            steady_state(model)
        assert caught.value.status == system.status, caught.value
        assert not any(state.converged for state in caught.value.states)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("sine", "rate of '.*' follows the time; simulate it"),
        ("resets", "event '.*' keeps happening; simulate it"),
        ("on_its_threshold", "event '.*' may happen here; simulate it"),
    ],
)
def test_a_refusal_names_what_goes_on(load, name, reason):
    with pytest.raises(SteadyStateError, match=reason):
        steady_state(load(BY_NAME[name]))


def test_rules_that_follow_the_time_have_no_value_at_rest(load):
    state = steady_state(load(BY_NAME["rule_beside"]))
    assert np.isnan(state["c"])


@pytest.mark.parametrize("engine", ["auto", "roadrunner"])
@pytest.mark.parametrize("name", ["sets_a_parameter", "delayed", "step"])
def test_a_scan_follows_each_row(load, name, engine):
    system = BY_NAME[name]
    table = scan(load(system), pd.DataFrame({"x": [1.0, 3.0]}), engine=engine)
    assert list(table["status"]) == ["ok", "ok"]
    assert table["s"].to_list() == pytest.approx([2.0, 2.0])


@pytest.mark.parametrize("name", ["sets_a_parameter", "step", "fades"])
def test_kernels_refuse_what_they_do_not_follow(load, name):
    with pytest.raises(UnsupportedModelError, match=r"no kernel.*roadrunner.*(events|time)"):
        scan(load(BY_NAME[name]), pd.DataFrame({"x": [1.0]}), engine="kernel")


def test_control_is_that_of_the_late_model(load):
    analysis = control_coefficients(load(BY_NAME["step"]))
    assert analysis.concentration.loc["x"].to_list() == pytest.approx([1.0, -1.0])
    slopes = sensitivities(load(BY_NAME["saturates"]))
    assert slopes.loc["x"].size == 1


@pytest.mark.parametrize("study", [control_coefficients, sensitivities])
def test_what_events_set_has_no_control(load, study):
    with pytest.raises(UnsupportedModelError, match="events may set other values"):
        study(load(BY_NAME["sets_a_parameter"]))
