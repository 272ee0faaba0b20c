"""A model of your own: an Antimony file, with everything that the shipped ones have."""

# %%
from pathlib import Path

import numpy as np

from transport_model import control_coefficients, grid, load_model, plot_curves, scan, steady_state

model = load_model(Path(__file__).with_name("michaelis_menten.ant"))
state = steady_state(model)
table = scan(model, grid(v_in=np.linspace(0.1, 1.9, 10)))
control = control_coefficients(model)

# %%
if __name__ == "__main__":
    print(state.values.round(6).to_string())
    print(table[["v_in", "S", "ES", "status"]].round(4).to_string(index=False))
    print(control.concentration.round(3))

# %%
plot_curves(table, ["S", "ES"], x="v_in")
