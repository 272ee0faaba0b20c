"""Fits: which constants are open, and which go with them."""

from __future__ import annotations

import re

import numpy as np
import pytest

from transport_model.analyses.studies.fits import Calibration, Fit


def calibrated(deviations):
    fit = Fit(deviations, {"a": 4.0, "b": 2.0, "c": 3.0}, {"d": 1.0})
    best = fit.best()
    values, profiles = fit.tables(best, lambda name: "1", lambda step: None)
    return Calibration(values, profiles[:0], profiles, fit.chi2({**best, **fit.held}))


def test_what_is_open_is_named_with_what_goes_with_it():
    """Only the ratio of a and b is measured: each is open both ways, and takes the other along."""
    found = calibrated(lambda k: np.array([np.log(k["a"] / k["b"] / 2), np.log(k["c"] / 3)]) / 0.1)
    assert list(found.values["determined"]) == [False, False, True, False]
    directions = found.open_directions()
    assert [text.partition(" ")[0] for text in directions] == ["a", "a", "b", "b"]
    assert directions[1] == "a 8 times its value, with b 8 times: chi2 rises by 0.00"
    assert re.match(r"a 0\.1[23] times its value, with b 0\.1[23] times", directions[0])  # 1/8


def test_what_is_bounded_on_one_side_is_open_on_the_other_alone():
    """A share a/(1 + a) of 0.99 within 0.02: any larger a will do, and no much smaller one."""

    def deviations(k):
        share = k["a"] / (1 + k["a"])
        return np.array([(share - 0.99) / 0.02, np.log(k["b"] / 2), np.log(k["c"] / 3)])

    found = calibrated(deviations)
    (direction,) = found.open_directions()
    assert direction.startswith("a 8 times its value: chi2 rises by 0.")
    assert 20 < found.values["low"]["a"] < 40  # where the share is 0.97: a = 32


def test_nothing_is_open_where_all_is_measured():
    found = calibrated(lambda k: np.log([k["a"] / 4, k["b"] / 2, k["c"] / 3, k["d"]]) / 0.1)
    assert found.open_directions() == []
    assert found.chi2 == pytest.approx(0, abs=1e-6)
