"""How large each effect of the lesson is: at the baseline, and where the carrier is saturated."""

# %%
from collections.abc import Iterator

import pandas as pd

from transport_model import Model, load_model, read_protocol, run_experiment
from transport_model.analyses.experiments.protocols import protocol_path, shipped_protocols

CELLS = {"baseline": load_model("cell"), "saturated": load_model("cell", parameters="saturated")}


def effects(name: str, cell: Model) -> pd.DataFrame:
    """Return the effects of a shipped experiment, run on `cell`."""
    checks = run_experiment(read_protocol(protocol_path(name), model=cell)).checks
    return checks[checks["low"].notna()]


def rows() -> Iterator[tuple[str, ...]]:
    """Yield experiment, effect, its window, and its size in each cell."""
    for name in shipped_protocols():
        tables = [effects(name, cell) for cell in CELLS.values()]
        for found in zip(*(table.itertuples() for table in tables), strict=True):
            effect, window = found[0].that.rsplit(": ", 1)
            yield name, effect, window, *(f"{round(row.effect, 6):.3g}" for row in found)


table = pd.DataFrame(rows(), columns=["experiment", "effect", "window", *CELLS])

# %%
if __name__ == "__main__":  # docs/effect_sizes.csv is what this prints
    print(table.to_csv(index=False), end="")
