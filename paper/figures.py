"""Write the figures of the paper: ``python paper/figures.py``, into ``paper/figures/``."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl

from transport_model import grid, load_model, plot_curves, plot_model, scan, steady_state

HERE = Path(__file__).parent


def main(folder: Path = HERE / "figures") -> list[Path]:
    """Draw both figures; return their paths."""
    mpl.use("agg")
    folder.mkdir(exist_ok=True)
    cell = load_model("cell")
    drawn = {"cell": plot_model(cell, steady_state(cell))}
    most = cell.quantities["J_pump_max"].value
    table = scan(cell, grid(Glc_o=[0.05 * 1.15**n for n in range(46)], J_pump_max=[most / 2, most]))
    labels = {"Glc_o": "Glucose in the lumen [mM]", "J_sglt": "Uptake [fmol/s]",
              "J_pump_max": "Capacity of the pump [fmol/s]"}  # fmt: skip
    drawn["uptake"] = plot_curves(table, ["J_sglt"], x="Glc_o", by="J_pump_max", labels=labels)
    paths = []
    for name, panels in drawn.items():
        paths.append(folder / f"{name}.pdf")
        panels[0].figure.savefig(paths[-1], metadata={"CreationDate": None})
    return paths


if __name__ == "__main__":
    main()
