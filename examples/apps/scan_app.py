# %% [markdown]
# # The scan as an app
# Choose what varies and what is drawn. In JupyterLab, open this as a notebook (with Jupytext, or
# after `jupytext --to ipynb scan_app.py`) and run its cells.

# %%
import ipywidgets as widgets
import numpy as np
from IPython.display import display

from transport_model import Panels, grid, load_model, plot_curves, scan

cell = load_model("cell")
PARAMETERS = ["Glc_o", "Na_o", "K_o", "P_Na", "P_K", "J_pump_max", "n_SGLT", "J_glut_max"]
RESULTS = ["J_sglt", "J_pump", "V_m", "Na_i", "K_i", "Glc_i", "dG_Na", "cytosol"]


def draw(parameter: str, fold: float, results: tuple[str, ...], points: int) -> Panels:
    """Return results against a parameter, from one `fold`-th of its value to `fold` times it."""
    value = cell.quantities[parameter].value
    design = grid(**{parameter: np.geomspace(value / fold, value * fold, points)})
    return plot_curves(scan(cell, design), results or RESULTS[:1], x=parameter)


# %%
controls = {
    "parameter": widgets.Dropdown(options=PARAMETERS, description="vary"),
    "fold": widgets.FloatSlider(3, min=1.1, max=10, step=0.1, description="up to × and ÷"),
    "results": widgets.SelectMultiple(options=RESULTS, value=RESULTS[:3], description="draw"),
    "points": widgets.IntSlider(60, min=10, max=400, step=10, description="points"),
}
picture = widgets.interactive_output(lambda **chosen: display(draw(**chosen)), controls)
widgets.VBox([widgets.HBox(list(controls.values())), picture])
