"""exp, log and powers of lanes, in units in the last place over their whole range."""

from __future__ import annotations

import itertools
import math

import mpmath
import numpy as np
import pytest

from transport_model.kernels.elementary import exponential, logarithm, power
from transport_model.kernels.functions import Module
from transport_model.kernels.lanes import Array
from transport_model.kernels.machine import Loaded, object_code
from transport_model.kernels.vectors import aligned

WIDTHS = (2, 4, 8)
COUNT = 4096
SPECIAL = [0.0, -0.0, math.inf, -math.inf, math.nan, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, -3.0,
           5e-324, -5e-324, 2.2250738585072014e-308, 1e-310, 1e308, -1e308, 710.0, -746.0, 1e18,
           2.0**53 - 1, 1 - 2.0**-53, 1 + 2.0**-52]  # fmt: skip


def functions(width):
    """exp, log and pow of as many numbers as there are."""
    module = Module(width)
    for name, write in (("exp", exponential), ("log", logarithm), ("pow", power)):
        given = ["x", "y"][: 2 if name == "pow" else 1]
        with module.entry(name, [*given, "found", "COUNT"]) as (code, pointers):
            arrays = [Array(code, pointers[each], (1,)) for each in (*given, "found")]
            for place in code.turns(pointers["COUNT"]):
                arrays[-1][place] = write(code, *(each[place] for each in arrays[:-1]))
    loaded = Loaded(object_code(module))

    def called(name, *numbers):
        count = -(-len(numbers[0]) // width) * width
        arrays = [aligned(count) for _ in range(len(numbers) + 1)]
        for array, given in zip(arrays[:-1], numbers, strict=True):
            array[: len(given)], array[len(given) :] = given, 1.0
        names = [*"xy"[: len(numbers)], "found", "COUNT"]
        loaded.function(name, names)(*(array.ctypes.data for array in arrays), count // width)
        return arrays[-1][: len(numbers[0])]

    return called


@pytest.fixture(scope="module")
def of_width():
    return {width: functions(width) for width in WIDTHS}


def of_bits(rng, count):
    """Numbers drawn from all that there are: by their bits."""
    bits = rng.integers(-(2**63), 2**63, count, dtype=np.int64)
    numbers = bits.view(np.float64)
    return numbers[np.isfinite(numbers)]


def cases():
    rng = np.random.default_rng(15)
    uniform = rng.uniform
    near_one = 1 + uniform(-0.4, 0.5, COUNT) * 10 ** uniform(-16, 0, COUNT)
    edges = np.concatenate([uniform(709.7, 709.79, 300), uniform(-745.2, -744.4, 300),
                            uniform(-708.5, -708.3, 300)])  # fmt: skip
    halves = (np.arange(-1074, 1024) + 0.5) * math.log(2)  # between two whole powers of two
    roots = np.sqrt(0.5) * 2.0 ** rng.integers(-1000, 1000, 500) * (1 + uniform(-1e-15, 1e-15, 500))
    of_exp = [uniform(-746, 710, COUNT), uniform(-1, 1, COUNT), edges, halves, of_bits(rng, COUNT)]
    of_log = [10.0 ** uniform(-323, 308, COUNT), near_one, roots, np.abs(of_bits(rng, COUNT)),
              5e-324 * rng.integers(1, 2**52, 500)]  # fmt: skip
    of_pow = [
        (10.0 ** uniform(-10, 10, COUNT), uniform(-30, 30, COUNT)),
        (near_one, 10 ** uniform(-3, 15, COUNT)),
        (10.0 ** uniform(-320, 308, COUNT), uniform(-2, 2, COUNT)),
        (uniform(0, 1, COUNT), uniform(1, 4, COUNT)),
        (-(10.0 ** uniform(-10, 10, COUNT)), rng.integers(-30, 31, COUNT).astype(float)),
        (np.abs(of_bits(rng, COUNT))[:2000], of_bits(rng, COUNT)[:2000]),
    ]
    return {
        "exp": [(np.concatenate(of_exp),)],
        "log": [(np.concatenate(of_log),)],
        "pow": [tuple(np.concatenate(each) for each in zip(*of_pow, strict=True))],
    }


def units_off(found, numbers, exact):
    """Return errors in units in the last place, against 60 digits; what overflows aside."""
    errors = []
    with mpmath.workdps(60):
        for value, given in zip(found.tolist(), zip(*numbers, strict=True), strict=True):
            truth = exact(*(mpmath.mpf(float(each)) for each in given))
            nearest = float(truth) if abs(truth) < mpmath.mpf(2) ** 1024 else math.inf
            if not math.isfinite(nearest):
                # beyond the largest number, and rounded to it or to infinity
                assert abs(value) >= 1.7976931348623155e308, given
                continue
            unit = math.ulp(nearest)
            errors.append(float(abs(mpmath.mpf(value) - truth) / unit))
    return np.array(errors)


@pytest.mark.parametrize(
    ("name", "exact", "most"),
    [("exp", mpmath.exp, 1.0), ("log", mpmath.log, 1.0), ("pow", mpmath.power, 2.0)],
)
def test_errors_over_the_whole_range(of_width, name, exact, most):
    (numbers,) = cases()[name]
    errors = units_off(of_width[max(WIDTHS)](name, *numbers), numbers, exact)
    assert len(errors) > 0.6 * len(numbers[0])
    worst = int(np.argmax(errors))
    assert errors.max() <= most, (errors.max(), [each[worst] for each in numbers])


@pytest.mark.parametrize("name", ["exp", "log", "pow"])
def test_every_width_and_every_lane_have_the_same_bits(of_width, name):
    (numbers,) = cases()[name]
    first = of_width[2](name, *numbers)
    for width in WIDTHS[1:]:
        assert of_width[width](name, *numbers).tobytes() == first.tobytes()
    moved = tuple(np.roll(each, 3) for each in numbers)
    assert np.roll(of_width[8](name, *moved), -3).tobytes() == first.tobytes()


def exact_power(x, y):
    """What C has for a power, as Python's ``math`` has not."""
    try:
        return math.pow(x, y)
    except OverflowError:
        return -math.inf if x < 0 and y % 2 == 1 else math.inf
    except ValueError:
        return math.inf if x == 0 else math.nan


def exact_exp(x):
    return math.inf if x > 709.79 else math.exp(x)


def exact_log(x):
    return -math.inf if x == 0 else math.log(x) if x > 0 else math.nan


def same(found, expected, units):
    if math.isnan(expected) or math.isnan(found):
        return math.isnan(expected) and math.isnan(found)
    return found == expected or abs(found - expected) <= units * math.ulp(expected)


def test_special_values(of_width):
    called = of_width[4]
    for name, exact, units in (("exp", exact_exp, 1), ("log", exact_log, 1)):
        for x, found in zip(SPECIAL, called(name, np.array(SPECIAL)).tolist(), strict=True):
            assert same(found, exact(x), units), (name, x, found, exact(x))
    pairs = list(itertools.product(SPECIAL, SPECIAL))
    found = called("pow", *np.array(pairs).T)
    for (x, y), value in zip(pairs, found.tolist(), strict=True):
        expected = exact_power(x, y)
        if x == 0 and not math.isnan(expected):  # the sign of a zero is not kept
            expected = abs(expected)
            value = abs(value)
        assert same(value, expected, 2), (x, y, value, expected)
