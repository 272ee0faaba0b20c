"""Exact sensitivities: logarithmic derivatives, against a finite difference."""

# %%
import numpy as np

from transport_model import load_model, response_coefficients, steady_state

cell = load_model("cell")
exact = response_coefficients(cell, ["P_Na", "J_pump_max", "Glc_o"])

step = 1e-4
P_Na = cell.quantities["P_Na"].value
up, down = (steady_state(cell.with_values(P_Na=P_Na * f)) for f in (1 + step, 1 - step))
difference = np.log(up["Na_i"] / down["Na_i"]) / np.log((1 + step) / (1 - step))

# %%
if __name__ == "__main__":
    print(exact.loc[["V_m", "Na_i", "Glc_i", "J_sglt"]].round(4))
    print(f"Na_i with P_Na: exact {exact.loc['Na_i', 'P_Na']:.8f}, difference {difference:.8f}")
