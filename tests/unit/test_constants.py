from __future__ import annotations

import pytest
from scipy import constants as codata

from transport_model.constants import FARADAY, GAS


def test_constants_are_those_of_codata_and_of_the_models(cell):
    assert pytest.approx(codata.physical_constants["Faraday constant"][0], rel=4e-11) == FARADAY
    assert pytest.approx(codata.R, rel=4e-11) == GAS
    assert cell.quantities["F"].value == FARADAY
    assert cell.quantities["R"].value == GAS
