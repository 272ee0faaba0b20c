from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from transport_model.analyses.scans.designs.distributions import (
    LogNormal,
    LogUniform,
    Normal,
    Triangular,
    Uniform,
    read_distribution,
)
from transport_model.errors import InputError

#: Each beside SciPy's.
PAIRS = [
    (Uniform(2, 5), stats.uniform(2, 3)),
    (LogUniform(0.1, 10), stats.loguniform(0.1, 10)),
    (Normal(5, 2), stats.norm(5, 2)),
    (LogNormal(3, 2), stats.lognorm(np.log(2), scale=3)),
    (Triangular(1, 2, 4), stats.triang(1 / 3, 1, 3)),
    (Triangular(1, 1, 4), stats.triang(0, 1, 3)),
    (Triangular(1, 4, 4), stats.triang(1, 1, 3)),
]


@pytest.mark.parametrize(("ours", "scipys"), PAIRS, ids=lambda item: str(item)[:20])
def test_quantiles_are_scipys(ours, scipys):
    shares = np.linspace(0.001, 0.999, 97)
    np.testing.assert_allclose(ours.at(shares), scipys.ppf(shares), rtol=1e-12)


@pytest.mark.parametrize(("ours", "scipys"), PAIRS, ids=lambda item: str(item)[:20])
def test_bounds_are_finite_and_hold_every_sample(ours, scipys):
    low, high = ours.bounds()
    assert np.isfinite([low, high]).all()
    values = ours.at(np.array([0.0, 1e-30, 0.5, 1 - 1e-16, 1.0]))
    assert (values >= low).all()
    assert (values <= high).all()


@pytest.mark.parametrize(("ours", "scipys"), PAIRS, ids=lambda item: str(item)[:20])
def test_what_is_written_is_read_again(ours, scipys):
    assert read_distribution(str(ours)) == ours


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nornal:5:1", "did you mean 'normal'"),
        ("normal:5", "takes mean:sd"),
        ("normal:5:0", "a standard deviation is positive"),
        ("normal:five:1", "takes mean:sd"),
        ("uniform:2:1", "rise from low to high"),
        ("uniform:0:inf", "must be finite"),
        ("loguniform:-1:1", "has no logarithm"),
        ("loguniform:0:1", "has no logarithm"),
        ("lognormal:1:0.5", "above 1"),
        ("lognormal:-1:2", "positive"),
        ("triangular:0:3:2", "mode lies between"),
    ],
)
def test_what_is_no_distribution_is_refused(text, said):
    with pytest.raises(InputError, match=said):
        read_distribution(text)
