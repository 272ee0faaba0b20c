"""The resting cell: a certified steady state, and what the certificate says."""

# %%
from transport_model import load_model, plot_model, steady_state

cell = load_model("cell")
state = steady_state(cell)

# %%
if __name__ == "__main__":
    for name in ("V_m", "Na_i", "K_i", "Cl_i", "Glc_i", "J_pump"):
        print(f"{name:7} {state[name]:9.4f} {cell.unit(name)}")
    print(f"relative imbalance {state.residual:.1e}, net current {state.net_current:.1e}")
    print(f"stable: {state.stable}; slowest time constant {state.certificate.slowest:.0f} s")

# %%
plot_model(cell, state)
