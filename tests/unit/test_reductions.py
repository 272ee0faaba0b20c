"""What is taken of a course, against courses of a few points that can be read by eye."""

from __future__ import annotations

import math

import numpy as np
import pytest

from transport_model import read_reduction

TIMES = np.array([0.0, 1.0, 3.0, 4.0])
VALUES = np.array([0.0, 2.0, 6.0, 1.0])


@pytest.mark.parametrize(
    ("level", "reached"),
    [(0.0, 0.0), (1.0, 0.5), (2.0, 1.0), (4.0, 2.0), (6.0, 3.0), (7.0, math.nan)],
)
def test_a_level_is_reached_at_a_point_or_on_the_line_between_two(level, reached):
    found = read_reduction(f"x:time_to:{level}")(TIMES, VALUES)
    assert found == pytest.approx(reached, nan_ok=True)


def test_a_level_met_exactly_at_the_last_point_is_reached_there():
    assert read_reduction("x:time_to:6")(TIMES[:3], VALUES[:3]) == 3.0


def test_a_level_that_is_left_and_met_again_is_reached_the_first_time():
    there_and_back = np.array([0.0, 2.0, 0.0, 2.0])
    assert read_reduction("x:time_to:2")(TIMES, there_and_back) == 1.0
    assert read_reduction("x:time_to:1")(TIMES, there_and_back) == 0.5


def test_areas_means_and_values_follow_the_lines():
    assert read_reduction("x:area")(TIMES, VALUES) == 1.0 + 8.0 + 3.5
    assert read_reduction("x:mean")(TIMES, VALUES) == 12.5 / 4
    assert read_reduction("x:value:2")(TIMES, VALUES) == 4.0
    assert read_reduction("x:time_of_max")(TIMES, VALUES) == 3.0
