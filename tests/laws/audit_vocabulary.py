"""Models to audit, and how tables of findings are read."""

from __future__ import annotations

import re

from transport_model.constants import FARADAY, GAS

UNITS = """
  unit substance = 1e-15 mole; unit extent = 1e-15 mole; unit volume = 1e-12 litre
  unit time_unit = second; unit mM = 1e-3 mole/litre; unit mV = 1e-3 volt
  unit kJ_per_mol = 1e3 joule/mole
"""


#: Two sides with glucose and Na⁺, and a clamped potential.
SIDES = """
  compartment outside, cytosol, membrane; outside = 1; cytosol = 2; membrane = 1
  species $A_o in outside, $A_i in cytosol, $S_o in outside, $S_i in cytosol
  A_o = 140; A_i = 12; S_o = 5; S_i = 1
  V_m = -50; V_m has mV; T = 310.15; T has kelvin; F = 96485.33212; R = 8.314462618
  u := F*V_m/(1000*R*T)
  outside identity "https://identifiers.org/GO:0005576"
  cytosol identity "http://identifiers.org/go/GO:0005829"
  A_o identity "https://identifiers.org/CHEBI:29101"
  A_i identity "urn:miriam:chebi:CHEBI%3A29101"
  S_o identity "https://identifiers.org/CHEBI:4167"; S_i identity "https://identifiers.org/CHEBI:4167"
"""


UNIPORTER = (
    SIDES
    + """
  substanceOnly species X, XS, YS, Y in membrane
  X = 1; XS = 0; YS = 0; Y = 0
  r1: X + {s}_o -> XS; 2*{s}_o*X - 3*XS
  r2: XS -> YS; 5*exp(-{z}*u/2)*XS - 5*exp({z}*u/2)*YS
  r3: YS -> Y + {s}_i; 3*YS - {k}*{s}_i*Y
  r4: Y -> X; 7*{e}*Y - 7*X
"""
)


LEAK = (
    SIDES
    + """
  P = 0.3
  phi := u/(1 - exp(-u))
  leak: A_o -> A_i; P*phi*(A_o*exp(-{wrong}*u) - A_i)
  leak.sboTerm = 658
"""
)


ISOMERS = """
  compartment c; c = 1
  species A in c, B in c, C in c; A = 1; B = 0; C = 0
  r1: A -> B; c*({k}*A - B)
  r2: B -> C; c*(5*B - 2*C)
"""


SUGAR = "C1 → C2 → C3 → C4 → C5 → C6 → C1"


SLIP = "C1 → C2 → C5 → C6 → C1"


INNER = "C2 → C3 → C4 → C5 → C2"


#: Rate constants of the symporter of six states.
RATES = ["k12", "k21", "k23", "k32", "k34", "k43", "k45", "k54", "k56", "k65", "k61", "k16",
         "k25", "k52"]  # fmt: skip


def only(table, **wanted):
    """The one row whose columns are, or contain, what is wanted."""
    rows = table
    for column, text in wanted.items():
        rows = rows[rows[column].str.contains(re.escape(text))]
    assert len(rows) == 1, rows
    return rows.iloc[0]


def reduced(millivolts):
    return millivolts * 1e-3 * FARADAY / (GAS * 310.15)


def broken(table):
    return table[table["verdict"] == "broken"]
