"""A scan: how glucose in the lumen moves the cell."""

# %%
import numpy as np

from transport_model import grid, load_model, plot_curves, scan

cell = load_model("cell")
table = scan(cell, grid(Glc_o=np.geomspace(0.1, 30, 13), phlorizin=[0, 1.4e-4]))
uptake = table.pivot(index="Glc_o", columns="phlorizin", values="J_sglt")

# %%
if __name__ == "__main__":
    print(uptake.round(4))

# %%
plot_curves(table, ["J_sglt"], x="Glc_o", by="phlorizin")
