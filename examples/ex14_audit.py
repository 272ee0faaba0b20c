"""A thermodynamic audit: constants as printed and as typed in open models, against balance."""

# %%
import pandas as pd

from transport_model import audit, load_model

SETS = ("rabbit", "rabbit_reverse", "tubule", "enterocyte")

table = pd.concat({name: audit(load_model("oocyte_published", parameters=name)) for name in SETS})
table["cycle"] = table["subject"].str.partition(": ")[2]
table = table.droplevel(1).rename_axis("set").set_index("cycle", append=True)
derived = audit(load_model("oocyte"))

# %%
if __name__ == "__main__":
    print(table[["got", "factor", "tolerance", "verdict"]].to_string())
    print("oocyte:", ", ".join(derived["verdict"].astype(str)))
