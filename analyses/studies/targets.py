"""What cells and transporters are held against, and what kind of evidence each target is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum


class Evidence(StrEnum):
    """Kinds of targets, and thereby what a verdict is worth."""

    #: Holds exactly, or the model is wrong.
    LAW = "law"
    #: What was measured; the model may have been fitted to it.
    MEASUREMENT = "measurement"
    #: A measurement that contradicts others, so that no model could meet them all.
    CONFLICT = "conflict between measurements"
    #: What the model was made to do. No evidence for anything.
    CONSISTENCY = "consistency with the model's own target"


@dataclass(frozen=True)
class Window:
    """A range, and where it is from."""

    low: float
    high: float
    kind: Evidence
    source: str
    reference: str = ""


#: What is known of resting cells that absorb glucose.
REST = {
    "V_m": Window(-73.0, -50.0, Evidence.MEASUREMENT, "rat duodenum -53 mV, rat proximal tubule"
                  " -73.5 mV", "Okada1975; Yoshitomi1985"),
    "Na_i": Window(12.0, 18.0, Evidence.MEASUREMENT, "15 ± 3 mM; 17.5 from the activity, rat"
                   " proximal tubule", "Yoshitomi1985"),
    "K_i": Window(115.0, 145.0, Evidence.MEASUREMENT, "114 mM from the activity, bullfrog's small"
                  " intestine; models of cells have up to 145", "LeeArmstrong1972"),
    "Cl_i": Window(8.0, 18.0, Evidence.CONSISTENCY, "choice: no measurement in a mammal was found"),
}  # fmt: skip
#: Lumen to cytosol: how far uphill the resting cell is meant to hold its glucose.
UPHILL = Window(10.0, math.inf, Evidence.CONSISTENCY, "choice, so that the lesson shows")
#: Half-activations of pumps by cytosolic Na⁺ [mM] that are stated one by one: what, at which
#: voltage [mV], and by whom. They spread by about three.
SODIUM_SPREAD = 3.0
SODIUM = (
    ("human α1", 12.0, -40.0, "Zahler1997"),
    ("rabbit ventricle, peak", 11.2, -40.0, "Despa2003"),
    ("rabbit ventricle, continuous", 14.1, -40.0, "Despa2003"),
    ("rabbit sinoatrial node", 14.0, 0.0, "Sakai1996"),
    ("sheep Purkinje cells", 9.0, -40.0, "Glitsch1989"),
)
#: Half-activations of pumps by outer K⁺ [mM] that were not fitted: what, K½, its tolerance, what is
#: held, and by whom.
POTASSIUM = (
    (
        "without Na⁺ outside",
        0.13,
        0.05,
        {"V_m": -20.0, "Na_o": 0.0},
        "rabbit Purkinje cells; the tolerance is a choice",
        "Bielen1991",
    ),
    (
        "rabbit sinoatrial node",
        1.4,
        0.4,
        {"V_m": 0.0, "Na_o": 140.0, "Na_i": 30.0},
        "the tolerance is a choice",
        "Sakai1996",
    ),
)
#: Elementary charges that a carrier without sugar displaces when the voltage changes, the voltage
#: [mV] at which half of them are, and the tolerances.
VALENCE, HALF_DISPLACED = (1.0, 0.2), (-43.0, 10.0)
#: Gains of cytosolic Na⁺ after a pump is stopped, over what there was: minutes, and share.
OUABAIN = {5.0: 0.3, 25.0: 0.7}
#: Static heads of the human constants as printed, with their slip: Na⁺ 140/12 mM, by voltage [mV].
PRINTED_HEADS = {-50.0: 3833.0, -65.0: 6978.0}
