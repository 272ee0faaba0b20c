"""Ouabain stops the pump: the potential runs down and glucose is lost."""

# %%
from transport_model import Step, load_model, plot_curves, simulate, steady_state

cell = load_model("cell")
resting = cell.starting_from(steady_state(cell).values)
course = simulate(resting, end=7200, points=721, inputs=[Step(600, {"ouabain": 1.0})])

# %%
if __name__ == "__main__":
    print(course.loc[[0, 7200], ["V_m", "Na_i", "K_i", "Glc_i"]].round(2))

# %%
plot_curves(course, ["V_m", "Na_i", "K_i", "Glc_i"])
