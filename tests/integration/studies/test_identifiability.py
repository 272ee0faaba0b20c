"""What measurements tell of parameters, and which would tell most, against linear regression."""

import numpy as np
import pandas as pd
import pytest
from petab_problems import write_line

from transport_model import fit, identifiability, informative_measurements
from transport_model.errors import InputError, UnknownIdError


def test_the_fisher_matrix_of_a_line_has_the_closed_form(tmp_path):
    times = np.array([0.0, 1.0, 2.0, 5.0])
    path = write_line(tmp_path / "line", [(time, 1 + 2 * time) for time in times], noise=0.5,
                      prior="0;2")  # fmt: skip
    found = fit(path, starts=1)
    design = np.stack([np.ones(4), times], axis=1)
    expected = design.T @ design / 0.25 + np.eye(2) / 4
    got = identifiability(found).fisher.to_numpy()
    assert got == pytest.approx(expected, rel=1e-6)


def test_what_is_not_measured_is_an_undetermined_direction(tmp_path):
    path = write_line(tmp_path / "line", [(0.0, 1.0), (0.0, 1.2)])
    found = identifiability(fit(path, starts=1))
    assert found.undetermined == (1,)
    assert found.ranking["deviation"].to_dict() == pytest.approx({"a": 0.5 / 2**0.5, "b": np.inf})
    assert abs(found.directions.loc["b", 1]) == pytest.approx(1)


def test_the_next_measurement_narrows_as_the_closed_form_says(tmp_path):
    """A line: the variance of y(4) with one more point, by linear regression."""
    times = np.array([0.0, 1.0])
    path = write_line(tmp_path / "line", [(time, 1 + 2 * time) for time in times], prior="0;2")
    found = fit(path, starts=1)
    later = [0.5, 2.0, 3.0, 8.0]
    candidates = pd.DataFrame({"observable": "y", "condition": "plain", "time": later})
    ranked = informative_measurements(
        found, candidates, {"quantity": "X", "condition": "plain", "time": 4.0}
    )

    def deviation(*times):
        design = np.array([[1.0, time] for time in times])
        variance = np.linalg.inv(design.T @ design / 0.25 + np.eye(2) / 4)
        return float(np.sqrt([1, 4] @ variance @ [1, 4]))

    assert ranked.deviation == pytest.approx(deviation(0, 1), rel=1e-6)
    got = ranked.candidates.set_index("time")["deviation"]
    assert got.to_dict() == pytest.approx({t: deviation(0, 1, t) for t in later}, rel=1e-6)
    assert list(got.index) == sorted(later, key=lambda time: deviation(0, 1, time))
    narrowing = ranked.candidates.set_index("time")["narrowing"]
    assert narrowing[8.0] == pytest.approx(1 - (deviation(0, 1, 8) / deviation(0, 1)) ** 2)


def test_a_prediction_that_is_open_becomes_known(tmp_path):
    found = fit(write_line(tmp_path / "line", [(0.0, 1.0), (0.0, 1.2)]), starts=1)
    candidates = pd.DataFrame({"observable": "y", "condition": "plain", "time": [0.0, 2.0]})
    ranked = informative_measurements(
        found, candidates, {"quantity": "y", "condition": "plain", "time": 4.0}
    )
    assert ranked.deviation == np.inf
    assert ranked.candidates["time"].to_list() == [2.0, 0.0]
    assert ranked.candidates["narrowing"].to_list() == [1.0, 0.0]
    with pytest.raises(UnknownIdError, match="did you mean 'y'"):
        informative_measurements(
            found,
            candidates.assign(observable="yy"),
            {"quantity": "y", "condition": "plain", "time": 4.0},
        )
    with pytest.raises(InputError, match="column 'time'"):
        informative_measurements(
            found,
            candidates[["observable", "condition"]],
            {"quantity": "y", "condition": "plain", "time": 4.0},
        )
