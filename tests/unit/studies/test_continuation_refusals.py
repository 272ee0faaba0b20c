"""What cannot be followed is refused in a line that says why."""

from __future__ import annotations

import numpy as np
import pytest

from transport_model import continue_steady_state, fold_curve, load_model, steady_state
from transport_model.analyses.studies.continuation.family import Axis, Family
from transport_model.errors import (
    InputError,
    SteadyStateError,
    UnknownIdError,
    UnsupportedModelError,
)
from transport_model.mathematics.certification import Examiner

MODEL = """model switch
 species A = 1, B = 0, C = 0.5
 A -> B; A*(k0 + B^3/(0.2 + B^3)); B -> A; d*B
 -> C; c; C -> ; C
 r' = 1 - r; r = 0
 k0 = 0.01; d = 0.5; twice := 2*d; c = 1; half = d/2
end
"""


@pytest.fixture(scope="module")
def switch(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "switch.ant"
    path.write_text(MODEL, encoding="utf-8")
    return load_model(path)


@pytest.fixture(scope="module")
def branch(switch):
    return continue_steady_state(switch, "A", 0.1, 10)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("kO", 0, 1), "no quantity 'kO' in model 'switch'; did you mean 'k0'"),
        (("twice", 0, 1), "the model computes it, twice = 2 * d"),
        (("half", 0, 1), "'half' is no free parameter: the model computes its start, half = d/2"),
        (("r", 0, 1), "'r' is no parameter: it moves during a run"),
        (("C", 0.1, 1), "the start of 'C' moves no steady state"),
        (("k0", 1, 0.1), "must rise from low to high"),
        (("k0", 1, 1), "must rise from low to high"),
        (("k0", 0, np.inf), "must be a finite number"),
        (("A", -1, 1), "'A' (floating) must be zero or more"),
    ],
)
def test_a_parameter_or_a_range_is_refused(switch, arguments, why):
    with pytest.raises(InputError) as refusal:
        continue_steady_state(switch, *arguments)
    assert why in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_range_that_reaches_zero_has_no_logarithmic_scale(switch):
    with pytest.raises(InputError, match="starts at 0, which has no logarithm"):
        continue_steady_state(switch, "k0", 0, 1, scale="log")
    with pytest.raises(InputError, match="'linear' or 'log', not 'cubic'"):
        continue_steady_state(switch, "k0", 0, 1, scale="cubic")
    with pytest.raises(InputError, match="1 or more, not 0"):
        continue_steady_state(switch, "k0", 0, 1, most=0)


def built(tmp_path, text):
    (tmp_path / "other.ant").write_text(f"model other\n {text}\nend\n", encoding="utf-8")
    return load_model(tmp_path / "other.ant")


@pytest.mark.parametrize(
    ("text", "error", "why"),
    [
        ("-> S; v; S -> ; S\n v = 1; S = 0\n at time > 1: S = 2", UnsupportedModelError,
         "steady states of model 'other' cannot be followed: the model has events"),
        ("-> S; v*(1 + sin(time)); S -> ; S\n v = 1; S = 0", UnsupportedModelError,
         "a rate names the time"),
        ("-> S; v\n v = 1; S = 0", SteadyStateError, "no certified steady state"),
        ("-> S; v; S -> ; k*S\n v = 1; k = 0; S = 0", SteadyStateError, "no certified"),
        ("v = 1; w := v", InputError, "nothing moves in model 'other'"),
    ],
)  # fmt: skip
def test_a_model_is_refused(tmp_path, text, error, why):
    with pytest.raises(error, match=why):
        continue_steady_state(built(tmp_path, text), "v", 0.5, 2)


def test_a_start_belongs_to_the_model_and_to_the_range(switch, cell, resting):
    with pytest.raises(InputError, match="start is a steady state of model 'switch'"):
        continue_steady_state(switch, "k0", 0.001, 1, start=resting)
    with pytest.raises(InputError, match=r"the start has k0 = 0\.01, outside of 0\.1 to 1"):
        continue_steady_state(switch, "k0", 0.1, 1, start=steady_state(switch))


@pytest.mark.parametrize(
    ("arguments", "options", "why"),
    [
        (("A", 0.1, 1), {}, "the second parameter is the branch's own"),
        (("k0", 0.1, 1), {}, "the branch has k0 = 0.01, outside of 0.1 to 1"),
        (("k0", 0, 1), {"point": 0}, "point 0 of the branch is no fold; its folds are 1, 2"),
        (("kO", 0, 1), {}, "did you mean 'k0'"),
        (("twice", 0, 1), {}, "twice = 2 * d"),
    ],
)
def test_a_curve_of_folds_is_refused(branch, arguments, options, why):
    with pytest.raises(InputError) as refusal:
        fold_curve(branch, *arguments, **options)
    assert why in str(refusal.value)


def test_a_branch_without_folds_has_no_curve_of_them(switch):
    straight = continue_steady_state(switch, "c", 0.5, 2)
    with pytest.raises(InputError, match="the branch in 'c' has no fold"):
        fold_curve(straight, "d", 0.1, 1)
    with pytest.raises(InputError, match="needs a branch"):
        fold_curve(switch, "d", 0.1, 1)


def test_the_model_is_untouched_and_an_unknown_id_is_an_unknown_id(switch):
    with pytest.raises(UnknownIdError):
        continue_steady_state(switch, "nothing", 0, 1)
    assert dict(switch.changes) == {}


def test_a_branch_ends_after_as_many_points_as_wanted(switch):
    found = continue_steady_state(switch, "A", 0.1, 10, most=7)
    assert len(found.table) <= 15
    assert "7 points were taken" in set(found.points["detail"])


def test_progress_hears_of_every_point(switch):
    heard = []
    found = continue_steady_state(switch, "k0", 0.005, 0.02, progress=heard.append)
    assert len(heard) == len(found.table) - 1
    assert heard[0].startswith("k0 = ")


def test_tables_say_their_units(cell):
    found = continue_steady_state(cell, "K_o", 4, 5)
    units = found.table.attrs["units"]
    assert {"K_o": "mM", "V_m": "mV", "J_sglt": "fmol/s", "arclength": "1"}.items() <= units.items()
    assert found.points.attrs["units"]["frequency"] == "rad/s"
    assert found.table.columns[0] == "K_o"
    assert list(found.table).count("K_o") == 1


def test_an_axis_goes_there_and_back():
    for axis in (Axis("p", 0.01, 50.0, log=True), Axis("p", -2.0, 3.0, log=False)):
        assert [axis.value(share) for share in (0.0, 1.0)] == [axis.low, axis.high]
        for share in (0.1, 0.5, 0.9):
            assert axis.share(axis.value(share)) == pytest.approx(share, rel=1e-14)
            slope = (axis.value(share + 1e-6) - axis.value(share - 1e-6)) / 2e-6
            assert axis.slope(share) == pytest.approx(slope, rel=1e-8)


def test_slopes_of_the_reduced_rates_are_those_of_differences(switch, cell):
    """Through the conserved sum too, which the start of A and the charge of X change."""
    for model, names in ((switch, ("A", "k0")), (cell, ("n_X", "K_o"))):
        axes = [Axis(n, 0.5 * model.quantities[n].value, 2 * model.quantities[n].value, log=True)
                for n in names]  # fmt: skip
        family = Family(model, axes)
        values = {name: model.quantities[name].value for name in names}
        z = family.point(Examiner(model).initial, values)
        _, slopes = family.rates(z)
        for place, size in enumerate(np.maximum(np.abs(z), 0.1)):
            aside = np.zeros(len(z))
            aside[place] = h = 1e-6 * size
            difference = (family.rates(z + aside)[0] - family.rates(z - aside)[0]) / (2 * h)
            np.testing.assert_allclose(slopes[:, place], difference, rtol=1e-5,
                                       atol=1e-6 * np.abs(slopes[:, place]).max())  # fmt: skip
