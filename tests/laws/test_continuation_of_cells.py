"""Branches of the shipped cells, against the certified states of single solves."""

from __future__ import annotations

import numpy as np
import pytest
from textbook_branches import kinds

from transport_model import continue_steady_state, load_model, steady_state

CELLS = ["cell", "cell_pan2019", "cell_sglt2", "cell_sglt2_pan2019"]
#: What each shipped cell is followed in: low, high, scale.
RANGES = {"Glc_o": (0.01, 50, "log"), "K_o": (1, 20, "linear"), "ATP": (0.5, 10, "linear"),
          "P_K": (1e-4, 0.1, "log")}  # fmt: skip


@pytest.mark.parametrize("parameter", RANGES)
@pytest.mark.parametrize(
    "name", [c if c == "cell" else pytest.param(c, marks=pytest.mark.slow) for c in CELLS]
)
def test_shipped_cells_have_one_stable_branch_that_single_solves_agree_with(name, parameter):
    model = load_model(name)
    low, high, scale = RANGES[parameter]
    branch = continue_steady_state(model, parameter, low, high, scale=scale)
    assert kinds(branch) == ["end", "end"]
    assert branch.table["stable"].all()
    assert branch.table["residual"].max() <= 1e-9
    moves = ["Na_i", "K_i", "Cl_i", "Glc_i", "cytosol", "V_m", "J_pump", "J_sglt", "dG_Na"]
    table = branch.table[branch.table["cytosol"] < 1e3]  # a cell about to burst takes for ever
    for row in np.linspace(0, len(table) - 1, 6).astype(int):
        point = table.iloc[row]
        state = steady_state(model.with_values(**{parameter: point[parameter]}))
        for column in moves:
            assert point[column] == pytest.approx(state[column], rel=1e-8), (column, row)
