"""Static head: how far 2 Na⁺ per glucose can carry glucose uphill, and how slip falls short."""

# %%
import math

import pandas as pd
from scipy.optimize import brentq

from transport_model import evaluate, load_model, steady_state

cell = load_model("cell")
resting = steady_state(cell).values
slip = cell.quantities["sglt_k25"].value


def uptake(log_glucose: float, factor: float) -> float:
    """Return the flux of symport into the resting cell, with more or less glucose in it."""
    state = pd.DataFrame([{**resting[cell.species.index], "Glc_i": math.exp(log_glucose)}])
    return float(evaluate(cell.with_values(sglt_k25=factor * slip), state)["J_sglt"].iloc[0])


ideal = math.exp(-2 * resting["dG_Na"] / resting["RT"])
ratio = {
    factor: math.exp(brentq(uptake, 0, 20, args=(factor,), xtol=1e-13)) / resting["Glc_o"]
    for factor in (0, 1, 3)
}

# %%
if __name__ == "__main__":
    print(f"two sodium could hold glucose {ideal:.0f} to 1")
    for factor, found in ratio.items():
        print(f"slip × {factor}: {found:.0f} to 1, {found / ideal:.3f} of that")
