from __future__ import annotations

import numpy as np
import pytest

from transport_model import UncertainInputs, known_ranges, load_model, within_factor
from transport_model.analyses.scans.designs.distributions import LogUniform, Normal, Uniform
from transport_model.analyses.studies.global_sensitivity.morris import Trajectories
from transport_model.analyses.studies.global_sensitivity.random_points import RandomPoints
from transport_model.analyses.studies.global_sensitivity.saltelli import (
    SCRAMBLINGS,
    SaltelliDesign,
)
from transport_model.errors import InputError, UnknownIdError

UNIT = Uniform(0, 1)
INPUTS = UncertainInputs(dict.fromkeys("abcde", UNIT), groups={"pair": ["b", "d"]},
                         tied={"together": ["c", "e"]})  # fmt: skip


def test_factors_and_axes_stand_in_the_order_of_their_first_ids():
    assert INPUTS.factors == {"a": ("a",), "pair": ("b", "d"), "together": ("c", "e")}
    assert INPUTS.axes == ("a", "b", "d", "together")
    assert [INPUTS.factor_of(axis) for axis in INPUTS.axes] == ["a", "pair", "pair", "together"]


def test_what_is_tied_moves_together_and_a_group_does_not():
    points = INPUTS.at(np.random.default_rng(1).random((50, 4)))
    np.testing.assert_array_equal(points["c"], points["e"])
    assert not np.array_equal(points["b"], points["d"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (({},), "no uncertain input"),
        (({"a": UNIT}, {"g": ["b"]}), "no quantity 'b'"),
        (({"a": UNIT}, {"g": []}), "needs a list of ids"),
        (({"a": UNIT, "b": UNIT}, {"g": ["a"]}, {"t": ["a"]}), "part of 'g' and of 't'"),
        (({"a": UNIT, "b": UNIT}, {"a": ["b"]}), "the name of another"),
    ],
)
def test_factors_that_make_no_sense_are_refused(arguments, said):
    with pytest.raises(InputError, match=said):
        UncertainInputs(*arguments)


def test_known_ranges_leave_doses_and_switches_out(cell):
    known = known_ranges(cell)
    assert known.distributions["P_Na"] == LogUniform(3e-4, 1.5e-3)
    assert known.distributions["z_X"] == Uniform(-1.1, -0.7)
    assert not {"ouabain", "phlorizin", "hold_osmolarity"} & set(known.columns)
    assert known_ranges(cell, ["ouabain"]).columns == ("ouabain",)
    known.check(cell)


def test_a_parameter_that_a_law_fixes_is_refused_with_the_law(cell):
    with pytest.raises(
        InputError, match=r"'sglt_k54' is computed by the model.*by the law sglt_k54 ="
    ):
        UncertainInputs({"sglt_k54": UNIT}).check(cell)
    with pytest.raises(
        InputError, match=r"'sglt_k54' is computed by the model.*by the law sglt_k54 ="
    ):
        known_ranges(cell, ["sglt_k54"])


def test_a_distribution_that_leaves_the_domain_is_refused_by_name(cell):
    with pytest.raises(InputError, match=r"'P_Na' .*; its distribution is normal:0.001:0.001"):
        UncertainInputs({"P_Na": Normal(1e-3, 1e-3)}).check(cell)
    with pytest.raises(UnknownIdError, match="did you mean 'P_Na'"):
        UncertainInputs({"P_na": UNIT}).check(cell)


def test_within_a_factor_of_every_constant(tmp_path):
    (tmp_path / "m.ant").write_text("model m\n S -> ; k*S*z\n S = 4; k = 2; z = 0\n b := k\nend\n")
    model = load_model(tmp_path / "m.ant")
    found = within_factor(model, 2)
    assert found.distributions["k"] == LogUniform(1, 4)
    assert not {"S", "z", "b"} & set(found.columns)
    with pytest.raises(InputError, match="'z' is 0 in model"):
        within_factor(model, 2, ["z"])
    with pytest.raises(InputError, match="above 1"):
        within_factor(model, 1)
    with pytest.raises(InputError, match="no range of model 'm'"):
        known_ranges(model)


@pytest.mark.parametrize("pairs", [False, True])
def test_saltellis_rows_are_mixtures_of_two_points(pairs):
    design = SaltelliDesign(INPUTS, 0, 8, 3, pairs=pairs)
    assert design.width == (8 if pairs else 5)
    rows = design.rows(0, len(design)).to_numpy().reshape(SCRAMBLINGS, 8, design.width, -1)
    one, other = rows[:, :, :1], rows[:, :, -1:]
    from_other = (rows == other).all(axis=(0, 1))
    assert not from_other[0].any()
    columns = [INPUTS.columns.index(n) for n in "abdce"]
    swapped = from_other[:, columns]
    assert swapped[1].tolist() == [True, False, False, False, False]
    assert swapped[2].tolist() == [False, True, True, False, False]
    assert swapped[3].tolist() == [False, False, False, True, True]
    if pairs:
        assert (swapped[4:7] == ~swapped[1:4]).all()
    assert ((rows == one) | (rows == other)).all()


@pytest.mark.parametrize(
    "design",
    [
        lambda first, last: SaltelliDesign(INPUTS, first, last, 3),
        lambda first, last: RandomPoints(INPUTS, first, last, 3),
        lambda first, last: Trajectories(INPUTS, first, last, 3),
    ],
    ids=["saltelli", "random", "trajectories"],
)
def test_a_sample_is_extended_and_never_redrawn(design):
    """Rows of a longer sample begin with a shorter one's, however they are cut."""
    whole = design(0, 32)
    table = whole.rows(0, len(whole))
    cut = [whole.rows(start, min(start + 37, len(whole))) for start in range(0, len(whole), 37)]
    assert np.array_equal(np.concatenate([piece.to_numpy() for piece in cut]), table.to_numpy())
    scramblings = SCRAMBLINGS if isinstance(whole, SaltelliDesign) else 1
    first, second = design(0, 16), design(16, 32)
    pieces = [piece.rows(0, len(piece)).to_numpy().reshape(scramblings, -1, len(INPUTS.columns))
              for piece in (first, second)]  # fmt: skip
    joined = np.concatenate(pieces, axis=1)
    assert np.array_equal(joined.reshape(-1, len(INPUTS.columns)), table.to_numpy())
    for name, (low, high) in whole.bounds().items():
        assert table[name].between(low, high).all()
    assert first.description() != second.description()
