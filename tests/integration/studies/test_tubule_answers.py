"""Indices of what nephrons do: the answers are those of the tubule, part by part."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from transport_model import load_model, tubule
from transport_model.analyses.studies.global_sensitivity.sobol import sobol_indices
from transport_model.analyses.studies.tubule import tubule_answers
from transport_model.analyses.studies.uncertain_inputs import known_ranges
from transport_model.errors import UnknownIdError


@pytest.fixture(scope="module")
def loaded():
    return load_model("segment").with_values(Glc_b=30.0)


def test_carriers_keep_their_share_of_every_part(loaded):
    answers = tubule_answers(loaded, ["Glc_reabsorbed"], segments=6)
    design = pd.DataFrame({"n_SGLT2": [0.05, 0.1], "K_nhe_Na": [25.0, 35.0]})

    class Rows:
        def __len__(self):
            return len(design)

        def rows(self, start, stop):
            return design.iloc[start:stop]

    found = answers.at(Rows(), "any").values[:, 0]
    by_part = design.drop(columns="n_SGLT2").assign(
        **{"S1.n_SGLT2": design["n_SGLT2"], "S2.n_SGLT2": design["n_SGLT2"], "S3.n_SGLT2": 0.0}
    )
    wanted = tubule(loaded, by_part, segments=6).summary["Glc_reabsorbed"]
    assert np.allclose(found, wanted, rtol=1e-12)
    with pytest.raises(UnknownIdError, match="did you mean 'FR_Glc'"):
        tubule_answers(loaded, ["FR_Gl"])


def test_the_amount_of_SGLT2_decides_the_transport_maximum(loaded):
    """Of four inputs one is the carrier that takes most of the glucose."""
    inputs = known_ranges(loaded, ["n_SGLT2", "K_nhe_Na", "P_p_Glc", "J_kcc_max"])
    answers = tubule_answers(loaded, ["Glc_reabsorbed"], segments=6)
    table = sobol_indices(answers, inputs, width=0.2, budget=40_000).table
    total = table[table["index"] == "ST"].set_index("input")["value"]
    assert total.idxmax() == "n_SGLT2"
    assert total["n_SGLT2"] > 0.8
