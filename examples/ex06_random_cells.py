"""A thousand cells: from all over the ranges of parameters.csv, and whether they rest."""

# %%
from transport_model import latin_hypercube, load_model, provenance_ranges, scan

cell = load_model("cell")
design = latin_hypercube(1000, seed=7, **provenance_ranges(cell))
table = scan(cell, design, engine="kernel")

# %%
if __name__ == "__main__":
    print(table["status"].value_counts().to_string())
    print(table[["V_m", "Na_i", "K_i", "Glc_i"]].describe().round(2))
