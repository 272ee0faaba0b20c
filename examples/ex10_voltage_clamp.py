"""A voltage clamp: where the symporter's flux reverses."""

# %%
import math

from scipy.optimize import brentq

from transport_model import evaluate, held, load_model

cell = load_model("cell").with_values(sglt_k25=0, Na_i=12, Glc_i=20, Glc_o=1)


def uptake(voltage: float) -> float:
    """Return the flux of symport [fmol/s] at a membrane potential [mV]."""
    clamped = held(cell, V_m=voltage)
    start = evaluate(clamped, clamped.species[["value"]].T[["Na_i", "Glc_i"]])
    return float(start["J_sglt"].iloc[0])


reversal = brentq(uptake, -100, 100, xtol=1e-9)
RT_F = 8.314462618 * cell.quantities["T"].value / 96485.33212 * 1e3
expected = RT_F * (math.log(140 / 12) + math.log(1 / 20) / 2)

# %%
if __name__ == "__main__":
    print(f"reversal at {reversal:.4f} mV; two sodium and one glucose demand {expected:.4f} mV")
