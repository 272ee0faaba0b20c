"""What the proximal tubule is held against: numbers measured in people, rats, mice and rabbits."""

from __future__ import annotations

from dataclasses import dataclass

from ..targets import Evidence

_MEASURED, _CONFLICT = Evidence.MEASUREMENT, Evidence.CONFLICT
_CHOICE = Evidence.CONSISTENCY


@dataclass(frozen=True)
class TubuleTarget:
    """A number of the tubule, and where it is from.

    Attributes
    ----------
    measure
        What it is of: one of the columns of :func:`.measures.measures`.
    what, conditions
        In words.
    wanted, tolerance
        In `unit`. Where `fitted`, a deviation of the tolerance counts one in the fit.
    unit
        Of both.
    kind
        Of evidence.
    fitted
        Whether the fit was held to it.
    source, reference
        Where the number is from, in words, and keys of what it refers to.
    reason
        Why the model misses it, where that is known.
    """

    measure: str
    what: str
    conditions: str
    wanted: float
    tolerance: float
    unit: str
    kind: Evidence
    fitted: bool
    source: str
    reference: str = ""
    reason: str = ""


_X = "what is not reabsorbed concentrates as water goes, and takes room from chloride"
_AMINO = "amino acids, which share in it, are not in the model"
_ALONE = "in free flow; the sites along the tubule are not known as fractions of its length"

TARGETS = (
    TubuleTarget("FR_water", "Water reabsorbed", "whole tubule", 0.67, 0.05, "1", _CHOICE, True,
                 "textbooks: two thirds"),
    TubuleTarget("FR_Na", "Na⁺ reabsorbed", "whole tubule", 0.67, 0.05, "1", _CHOICE, True,
                 "textbooks: two thirds"),
    TubuleTarget("FR_HCO3", "HCO₃⁻ reabsorbed", "whole tubule", 0.80, 0.05, "1", _CHOICE, True,
                 "textbooks: 75 to 90 %"),
    TubuleTarget("Cl_ratio", "Cl⁻ at the end over the filtrate's", "whole tubule", 1.12, 0.05, "1",
                 _MEASURED, True, "rabbit in vivo 1.10 ± 0.03", reason=_X),
    TubuleTarget("osmolarity", "Osmolarity of the lumen less the blood's", "end", -6.0, 3.0, "mM",
                 _MEASURED, True, "rat: -7.5 ± 0.7 against plasma, -4.7 against Bowman's space",
                 "Liu1984"),
    TubuleTarget("V_te_first", "Transepithelial potential", "first segment", -1.5, 1.0, "mV",
                 _MEASURED, True, "rat", "Fromter1974", reason=_AMINO),
    TubuleTarget("V_te_late", "Transepithelial potential", "three quarters down", 1.8, 1.0, "mV",
                 _MEASURED, True, "rat, intermediate and late loops: +1.8 ± 0.33", "Fromter1974",
                 reason="the lumen's chloride does not rise enough: " + _X),
    TubuleTarget("V_b_first", "Basolateral potential", "first segment", -73.5, 5.0, "mV", _MEASURED,
                 True, "rat in vivo", "Yoshitomi1985"),
    TubuleTarget("V_b_late", "Basolateral potential", "three quarters down", -73.5, 5.0, "mV",
                 _CHOICE, True, "taken to be as that of the first loops"),
    TubuleTarget("Na_i_first", "Cytosolic Na⁺", "first segment", 17.5, 3.0, "mM", _MEASURED, True,
                 "rat, from an activity of 13.1 ± 2.1 mM", "Yoshitomi1985"),
    TubuleTarget("Na_i_late", "Cytosolic Na⁺", "three quarters down", 17.5, 4.0, "mM", _CHOICE,
                 True, "taken to be as that of the first loops",
                 reason="less glucose and HCO₃⁻ come in with Na⁺ there, and the pump is the same"),
    TubuleTarget("K_i_first", "Cytosolic K⁺", "first segment", 135.0, 15.0, "mM", _CHOICE, True,
                 "models have 137 to 154"),
    TubuleTarget("Cl_i_first", "Cytosolic Cl⁻", "first segment", 16.0, 4.0, "mM", _CHOICE, True,
                 "a model has 16.9; twice its equilibrium"),
    TubuleTarget("pH_i_first", "Cytosolic pH", "first segment", 7.22, 0.1, "1", _CHOICE, True,
                 "7.1 to 7.35"),
    TubuleTarget("pH_i_late", "Cytosolic pH", "three quarters down", 7.22, 0.1, "1", _CHOICE, True,
                 "7.1 to 7.35",
                 reason="NHE3's activation by H⁺ and the H⁺-ATPase are not in the model"),
    TubuleTarget("R_te", "Transepithelial resistance", "S1 cell between baths", 9.0, 2.0, "Ω·cm²",
                 _MEASURED, True, "rabbit straight tubule 6.7 ± 0.7, rat 12 to 15",
                 "QuigleyBaum2002; deMello1976"),
    TubuleTarget("FR_Glc_S1", "Glucose reabsorbed by the end of S1", "5 mM", 0.78, 0.06, "1",
                 _MEASURED, True, "mouse, early tubule: 78 ± 6 %; " + _ALONE, "Vallon2011"),
    TubuleTarget("FR_Glc_S2", "Glucose reabsorbed by the end of S2", "5 mM", 0.93, 0.03, "1",
                 _MEASURED, True, "mouse, late tubule: 93 ± 1 %; " + _ALONE, "Vallon2011",
                 reason="a capacity that leaves 7 % there leaves too little for T_m"),
    TubuleTarget("FR_Glc_S2_no_SGLT2", "Glucose reabsorbed by the end of S2", "no SGLT2, 5 mM",
                 0.21, 0.06, "1", _MEASURED, True, "mouse without SGLT2, late tubule: 21 ± 6 %",
                 "Vallon2011"),
    TubuleTarget("FR_Glc_no_SGLT2", "Glucose reabsorbed", "no SGLT2, 5 mM", 0.44, 0.06, "1",
                 _MEASURED, True, "mouse under empagliflozin in food and by injection: 44 ± 3 %",
                 "Rieg2014"),
    TubuleTarget("FR_Glc_diet", "Glucose reabsorbed", "no SGLT2, 5 mM", 0.64, 0.06, "1", _CONFLICT,
                 False, "mouse under empagliflozin in food alone: 64 ± 2 %", "Rieg2014",
                 reason="a dose that leaves some SGLT2 open; here none is left"),
    TubuleTarget("FR_Glc_no_SGLT1", "Glucose reabsorbed", "no SGLT1, 5 mM", 0.97, 0.03, "1",
                 _MEASURED, True, "mouse without SGLT1: 97 %", "Rieg2014"),
    TubuleTarget("FR_Glc_neither", "Glucose reabsorbed", "neither, 5 mM", -0.01, 0.03, "1",
                 _MEASURED, False, "mouse without both: -1 ± 3 %", "Rieg2014"),
    TubuleTarget("T_m_mg", "Transport maximum of glucose", "largest up to 30 mM", 337.0, 34.0,
                 "mg/min", _MEASURED, True, "people: 337 ± 25; textbooks 375", "AlJobori2017"),
    TubuleTarget("threshold", "Blood glucose at which glucosuria begins", "1 % excreted", 10.5, 1.0,
                 "mM", _MEASURED, False, "people: 11 mM, 200 mg/dL; 9.9 to 10.6 in five others",
                 "Andrianesis2013"),
    TubuleTarget("drop_of_T_m", "Fall of the transport maximum", "nine tenths of SGLT2 blocked",
                 -0.64, 0.15, "1", _MEASURED, False,
                 "people after 48 h of empagliflozin: -53 %; after 14 days -75 %", "AlJobori2017",
                 reason="which share of SGLT2 a clinical dose leaves open is not known"),
    TubuleTarget("Na_with_Glc", "Na⁺ that comes with glucose, of all reabsorbed", "5 mM", 0.083,
                 0.02, "1", _CHOICE, False, "another model: 7.1 to 9.5 % by SGLT2",
                 "BradyHallow2018"),
    TubuleTarget("Na_per_ATP", "Na⁺ reabsorbed for an ATP", "whole tubule", 3.8, 1.4, "1",
                 _MEASURED, False, "dog kidney: 2.4, of what ouabain stops, to 5.3"),
    TubuleTarget("FR_Glc_loaded", "Glucose reabsorbed", "no SGLT2, 20 mM", 0.35, 0.25, "1",
                 _MEASURED, False, "mouse without SGLT2: 10 to 60 %, the less the more is filtered",
                 "Vallon2011"),
    TubuleTarget("Glc_i_first", "Cytosolic glucose over the blood's", "first segment", 1.05, 0.15,
                 "1", _CHOICE, False, "0.9 to 1.2; slices of cortex have less than 1"),
)  # fmt: skip
