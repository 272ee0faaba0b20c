"""Rules without a finite number: refused where the values set are the reason."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from transport_model import Course, Ramp, Step, load_model, scan, simulate
from transport_model.errors import SimulationError

SOURCE = """model m
  S = 1; k = 1; q = 2; own = 0
  -> S; k
  S -> ; q*S
  y := S/k; z := log(q - 1); nothing := S/own
end
"""


@pytest.fixture
def model(tmp_path):
    (tmp_path / "m.ant").write_text(SOURCE)
    return load_model(tmp_path / "m.ant")


@pytest.mark.parametrize(
    ("values", "inputs", "named", "time"),
    [
        ({"k": 0.0}, [], "y", "0"),
        ({"q": 0.5}, [], "z", "0"),
        ({}, [Step(1.0, {"k": 0.0})], "y", "1"),
        ({}, [Ramp("q", 1.0, 2.0, 0.5)], "z", "2"),
    ],
)
def test_values_and_inputs_that_leave_no_number_are_refused(model, values, inputs, named, time):
    with pytest.raises(SimulationError, match=f"'{named}' has no finite value at time {time} "):
        simulate(model.with_values(**values), 3.0, 4, inputs=inputs)


def test_what_the_file_itself_does_not_compute_stays_in_the_course(model):
    course = simulate(model.with_values(k=3.0), 2.0, 3)
    assert np.isinf(course["nothing"]).all()
    assert course["y"].iloc[0] == pytest.approx(1 / 3)


def test_a_scan_of_courses_keeps_the_row_and_says_why(model):
    course = Course(2.0, 3, ["y:final", "nothing:final"])
    table = scan(model, pd.DataFrame({"k": [1.0, 0.0, 2.0]}), course=course)
    assert table["status"].tolist() == ["ok", "not finite", "ok"]
    assert table["y_final"].isna().tolist() == [False, True, False]
    assert np.isinf(table["nothing_final"][[0, 2]]).all()
