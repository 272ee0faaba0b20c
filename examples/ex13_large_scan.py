"""A large scan in a folder: stopped at any moment, the same call continues it."""

# %%
import tempfile
from pathlib import Path

import numpy as np

from transport_model import grid, load_model, open_scan, plan_scan, plot_map, run_scan

cell = load_model("cell")
design = grid(Glc_o=np.geomspace(0.1, 30, 100), P_Na=np.linspace(3e-4, 1.5e-3, 100))
with tempfile.TemporaryDirectory() as scratch:
    folder = Path(scratch) / "scan"
    plan = plan_scan(cell, design, engine="kernel", outputs=["V_m", "J_sglt"], part_rows=2500)
    run_scan(plan, folder)
    again = run_scan(plan, folder)  # nothing is left to do
    data = open_scan(folder)
    table = data.to_pandas(["Glc_o", "P_Na", "V_m", "J_sglt", "converged"])

# %%
if __name__ == "__main__":
    print(f"{again.resumed:,} of {again.rows:,} rows were there already")
    print(table.describe().round(3))

# %%
plot_map(table, "Glc_o", "P_Na", ["V_m"])
