from __future__ import annotations

import pytest

import transport_model
from transport_model.certificate import MAX_IMBALANCE, Status


@pytest.mark.parametrize("status", Status)
def test_every_status_says_what_it_means_and_what_to_try(status):
    for text in (status.meaning, status.advice):
        assert text.strip() == text
        assert not text.endswith(".")
    # what is quoted is there to be used
    for name in status.advice.split("`")[1::2]:
        places = (transport_model, transport_model.Model, transport_model.SteadyState)
        assert any(hasattr(place, name) for place in places), name


def test_the_advice_names_the_limit_that_the_certificate_applies():
    assert f"{MAX_IMBALANCE:.0e}".replace("e-0", "e-") in Status.UNBALANCED.meaning
