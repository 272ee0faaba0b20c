"""Where the energy of ATP goes: every step's dissipation, and what is left for glucose."""

# %%
from transport_model import energetics, load_model, plot_energetics, steady_state

cell = load_model("cell")
table = energetics(cell, steady_state(cell))
energy = table.iloc[0]
dissipation = energy.filter(like="dissipation_")

# %%
if __name__ == "__main__":
    print(f"ATP gives {energy['power_ATP']:.3f} pW; it is turned into heat by")
    print(dissipation.sort_values(ascending=False).round(3).to_string())
    print(f"closure {energy['closure']:.1e} pW, ATP per glucose {energy['ATP_per_glucose']:.2f}")

# %%
plot_energetics(table)
