"""The membrane potential without symport: the law of Mullins and Noda (1963)."""

# %%
import math

from transport_model import load_model, steady_state

cell = load_model("cell").with_values(n_SGLT=0)
state = steady_state(cell)

# A 3:2 pump makes potassium count one and a half times in the Goldman equation
P_Na, P_K = (cell.quantities[name].value for name in ("P_Na", "P_K"))
outside = 1.5 * P_K * state["K_o"] + P_Na * state["Na_o"]
inside = 1.5 * P_K * state["K_i"] + P_Na * state["Na_i"]
mullins_noda = state["V_T"] * math.log(outside / inside)

# %%
if __name__ == "__main__":
    print(f"model {state['V_m']:.6f} mV, Mullins and Noda {mullins_noda:.6f} mV")
