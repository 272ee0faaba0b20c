"""The symporter under voltage clamp: currents, half-saturation, charge and static head."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.optimize import brentq, curve_fit

from transport_model import Model
from transport_model.constants import FARADAY, GAS
from transport_model.errors import ComputationError

from ..scans.designs.designs import grid
from ..scans.scan import scan
from .laws import at_voltage

#: A sugar concentration [mM] far above every affinity.
SATURATING = 1e7


def current_voltage(
    oocyte: Model, voltages: Sequence[float], glucose: Sequence[float]
) -> pd.DataFrame:
    """Return steady currents at every voltage [mV] and outer glucose [mM].

    Returns
    -------
    pandas.DataFrame
        Columns ``V_m``, ``Glc_o``, ``I_sglt`` [pA], ``J_sglt`` and ``J_sglt_slip`` [fmol/s].

    Raises
    ------
    ComputationError
        A point has no steady state.
    """
    return _solved(oocyte, grid(Glc_o=glucose, V_m=voltages), ["I_sglt", "J_sglt", "J_sglt_slip"])


def half_saturation(oocyte: Model, voltages: Sequence[float]) -> pd.DataFrame:
    """Return half-saturating glucose and the largest current at every voltage [mV].

    With no glucose inside, the steady flux is I(G) = I(0) + I_max G/(K + G) exactly, since outer
    glucose enters one rate of the cycle, and that once. Three concentrations give it.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``V_m`` [mV]: ``K_half`` [mM], ``I_max`` [pA, inward negative], ``turnover``
        [1/s] of a saturated carrier.
    """
    empty = oocyte.with_values(Glc_i=0.0)
    table = _solved(empty, grid(Glc_o=[0.0, 1.0, SATURATING], V_m=voltages), ["I_sglt", "J_sglt"])
    current = table.pivot(index="V_m", columns="Glc_o", values="I_sglt")
    uptake = table.pivot(index="V_m", columns="Glc_o", values="J_sglt")
    one, most = current[1.0] - current[0.0], current[SATURATING] - current[0.0]
    return pd.DataFrame(
        {
            "K_half": most / one - 1.0,
            "I_max": most,
            "turnover": uptake[SATURATING] / oocyte.quantities["n_SGLT"].value,
        }
    )


def charge_voltage(oocyte: Model, voltages: Sequence[float]) -> tuple[pd.DataFrame, pd.Series]:
    """Return the charge that carriers hold without glucose, and the Boltzmann curve through it.

    Q = Q_low + Q_max / (1 + exp(z (V_m - V_half) F/(RT))), as charge-voltage curves of
    pre-steady-state currents are described (Loo et al. 1993, PNAS 90:5767).

    Returns
    -------
    tuple
        A table of ``V_m`` [mV], ``Q_sglt`` and ``boltzmann`` [pC]; and ``V_half`` [mV], ``z``,
        ``Q_max`` [pC].
    """
    rested = oocyte.with_values(Glc_o=0.0, Glc_i=0.0)
    table = _solved(rested, grid(V_m=voltages), ["Q_sglt"])
    thermal = GAS * oocyte.quantities["T"].value / FARADAY * 1e3

    def boltzmann(v: np.ndarray, low: float, most: float, half: float, z: float) -> np.ndarray:
        return low + most / (1 + np.exp(z * (v - half) / thermal))

    v, q = table["V_m"].to_numpy(), table["Q_sglt"].to_numpy()
    middle = v[np.argmin(np.abs(q - (q.max() + q.min()) / 2))]
    start = (q.min(), q.max() - q.min(), middle, 1.0)
    (low, most, half, z), _ = curve_fit(boltzmann, v, q, p0=start, maxfev=20_000)
    curve = table.assign(boltzmann=boltzmann(v, low, most, half, z))
    return curve, pd.Series({"V_half": half, "z": z, "Q_max": most})


def static_head(cell: Model, voltage: float, **values: float) -> float:
    """Return Glc_i/Glc_o at which a cell's symporter stops moving glucose.

    Without slip that is the thermodynamic limit, exp(-n dG_Na/(RT)); with slip it is less.

    Parameters
    ----------
    cell
        A model with the ids of the shipped ``cell``.
    voltage
        Membrane potential [mV].
    **values
        Concentrations [mM] and parameters.
    """
    glucose = values.get("Glc_o", cell.quantities["Glc_o"].value)

    def uptake(log_ratio: float) -> float:
        inside = glucose * math.exp(log_ratio)
        return at_voltage(cell, voltage, **{**values, "Glc_i": inside})["J_sglt"]

    low, high = -20.0, 30.0
    if not uptake(low) > 0 > uptake(high):
        raise ComputationError("the symporter stops nowhere between exp(-20) and exp(30) of Glc_o")
    return math.exp(brentq(uptake, low, high, xtol=1e-12))


def _solved(model: Model, design: pd.DataFrame, outputs: list[str]) -> pd.DataFrame:
    table = scan(model, design, outputs=outputs)
    if not table["converged"].all():
        row = table[~table["converged"]].iloc[0]
        raise ComputationError(f"'{model.name}' has no steady state at {row['V_m']:g} mV:"
                               f" {row['status']}")  # fmt: skip
    return table[[*design.columns, *outputs]]
