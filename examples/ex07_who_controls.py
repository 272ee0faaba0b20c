"""Metabolic control analysis: which step controls glucose uptake."""

# %%
from transport_model import control_coefficients, load_model, plot_coefficients

control = control_coefficients(load_model("cell"))
uptake = control.flux.loc[control.state.model.reactions.query("rate == 'J_sglt'").index[0]]

# %%
if __name__ == "__main__":
    print(uptake.sort_values(ascending=False).round(3).to_string())
    print(f"sum {uptake.sum():.12f}")

# %%
plot_coefficients(control.flux)
