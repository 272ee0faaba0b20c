"""The audit against laws computed here: it must pass what is sound and name what is not."""

from __future__ import annotations

import itertools
import math
import os
import re
from functools import cache
from pathlib import Path

import libsbml
import numpy as np
import pytest

from transport_model import Model, load_model
from transport_model.analyses.studies.audit.audit import AUDIT_COLUMNS, audit, elementary_cycles
from transport_model.catalogue import shipped_models
from transport_model.constants import FARADAY, GAS
from transport_model.errors import InputError, UnsupportedModelError

SOUND = [name for name in shipped_models() if name != "oocyte_published"]
SUGAR = "C1 → C2 → C3 → C4 → C5 → C6 → C1"
SLIP = "C1 → C2 → C5 → C6 → C1"
INNER = "C2 → C3 → C4 → C5 → C2"

#: The published tables (1/s, 1/(M s), 1/(M² s)), typed from the articles' numbers.
RATES = ["k12", "k21", "k23", "k32", "k34", "k43", "k45", "k54", "k56", "k65", "k61", "k16",
         "k25", "k52"]  # fmt: skip
TABLES = {
    "human": [1.4e5, 300, 4.5e4, 20, 50, 50, 800, 77777.8, 5, 2250, 25, 600, 0.01, 4.32099e-4],
    "rabbit": [8e4, 500, 1e5, 20, 50, 50, 800, 1.83e7, 10, 50, 5, 35, 0.3, 1.37],
    "rabbit_reverse": [8e4, 500, 1e5, 20, 50, 50, 800, 1.219e4, 10, 4500, 3, 350, 0.3, 9.1e-4],
}

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


@pytest.fixture
def build(tmp_path):
    def build(body: str) -> Model:
        path = tmp_path / "m.ant"
        path.write_text(f"model m()\n{body}\n{UNITS}\nend\n", encoding="utf-8")
        return load_model(path)

    return build


@cache
def audited(name):
    return audit(load_model(name))


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


# What is sound passes ------------------------------------------------------------------------


@pytest.mark.parametrize("name", SOUND)
def test_shipped_models_break_nothing(name):
    table = audited(name)
    assert list(table.columns) == AUDIT_COLUMNS
    assert broken(table).empty
    assert (table["verdict"] == "holds").sum() >= 3


def test_the_cell_is_checked_whole():
    table = audited("cell")
    assert (table["verdict"] == "holds").all(), table[table["verdict"] != "holds"]
    still = table[table["check"] == "equilibrium"]
    assert set(still["subject"]) == {"leak_Na_flow", "leak_K_flow", "leak_Cl_flow", "sglt_cycle",
                                     "sglt_slip", "glut_flow"}  # fmt: skip
    downhill = " + ".join(table.loc[table["check"] == "dissipation", "subject"])
    assert set(downhill.split(" + ")) == {"J_pump", "J_leak_Na", "J_leak_K", "J_leak_Cl", "J_sglt",
                                          "J_sglt_slip", "J_glut", "J_water"}  # fmt: skip
    assert {"J_pump", "J_glut", "J_water"} <= set(
        table.loc[table["check"] == "reversal", "subject"]
    )
    assert "dG_pump" in set(table.loc[table["check"] == "free energy", "subject"])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_derived_cycles_balance_whatever_the_constants(seed):
    oocyte = load_model("oocyte")
    rng = np.random.default_rng(seed)
    derived = {"k54", "k52"}
    values = {k: oocyte.quantities[k].value * 10 ** rng.uniform(-2, 2)
              for k in RATES if k not in derived}  # fmt: skip
    table = audit(oocyte.with_values(**values, alpha_bind=rng.uniform()))
    assert [s.partition(": ")[2] for s in table["subject"]] == [SUGAR, SLIP, INNER]
    assert (table["verdict"] == "holds").all()
    assert np.allclose(table[["expected", "got", "factor"]], 1, rtol=1e-9)
    assert table["conditions"].eq("V_m = 0, -60 and 40 mV").all()


# What is not is named, and by how much -------------------------------------------------------


@pytest.mark.parametrize("name", list(TABLES))
def test_published_tables(name):
    k = dict(zip(RATES, TABLES[name], strict=True))
    outer = k["k12"] * k["k56"] * k["k61"] / (k["k21"] * k["k65"] * k["k16"])
    inner = k["k23"] * k["k34"] * k["k45"] / (k["k32"] * k["k43"] * k["k54"])
    slip = k["k25"] / k["k52"]
    table = audit(load_model("oocyte_published", parameters=name))
    assert len(table) == 3
    for states, truth in ((SUGAR, outer * inner), (SLIP, outer * slip), (INNER, inner / slip)):
        row = only(table, subject=states)
        assert row["expected"] == 1
        assert row["got"] == pytest.approx(truth, rel=1e-9)
        assert row["factor"] == pytest.approx(max(truth, 1 / truth), rel=1e-9)
        assert row["verdict"] == ("holds" if abs(truth - 1) <= 1e-9 else "broken")


def balanced_symporter():
    """The published model with k54 and k52 as detailed balance asks."""
    model = load_model("oocyte_published")
    k = {name: model.quantities[name].value for name in RATES}
    outer = k["k12"] * k["k56"] * k["k61"] / (k["k21"] * k["k65"] * k["k16"])
    k54 = outer * k["k23"] * k["k34"] * k["k45"] / (k["k32"] * k["k43"])
    return model.with_values(k54=k54, k52=outer * k["k25"]), k54


def test_values_set_on_a_model_are_what_is_audited():
    row = only(audit(balanced_symporter()[0].with_values(T=300.0, k25=0.0, k52=0.0)), check="cycle")
    assert row["subject"].endswith(SUGAR)
    assert row["verdict"] == "holds"


def test_one_wrong_constant_breaks_the_cycles_it_is_in_by_its_own_factor():
    sound, k54 = balanced_symporter()
    assert broken(audit(sound)).empty
    table = audit(sound.with_values(k54=2.4 * k54))
    for states, got in ((SUGAR, 1 / 2.4), (INNER, 1 / 2.4)):
        row = only(table, subject=states)
        assert row["verdict"] == "broken"
        assert row["got"] == pytest.approx(got, rel=1e-9)
        assert row["factor"] == pytest.approx(2.4, rel=1e-9)
    assert only(table, subject=SLIP)["verdict"] == "holds"
    assert "digits" not in "".join(table["note"])


def test_voltage_exponents_that_miss_the_charge():
    """0.3 + 0.6 of two charges: K is exp(-1.8 u), where exp(-2 u) belongs."""
    table = audit(balanced_symporter()[0].with_values(alpha_turn=0.6))
    for states in (SUGAR, SLIP):
        for volts in (0, -60, 40):
            row = only(table, subject=states, conditions=f"V_m = {volts} mV")
            assert row["expected"] == pytest.approx(math.exp(-2 * reduced(volts)), rel=1e-9)
            assert row["got"] == pytest.approx(math.exp(-1.8 * reduced(volts)), rel=1e-9)
            assert row["factor"] == pytest.approx(math.exp(0.2 * abs(reduced(volts))), rel=1e-9)
            assert row["verdict"] == ("broken" if volts else "holds")
    assert only(table, subject=INNER)["verdict"] == "holds"


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


@pytest.mark.parametrize(("s", "z"), [("S", 0), ("A", 1)])
def test_a_uniporter_feels_the_charge_of_what_it_carries(build, s, z):
    sound = audit(build(UNIPORTER.format(s=s, z=z, k=2, e=1)))
    row = only(sound, check="cycle")
    assert row["subject"] == "r1, r2, r3, r4: X → XS → YS → Y → X"
    assert row["verdict"] == "holds"
    wrong = audit(build(UNIPORTER.format(s=s, z=z, k=2, e="exp(-u/4)")))
    assert only(wrong, conditions="V_m = 0 mV")["verdict"] == "holds"
    for volts in (-60, 40):
        row = only(wrong, conditions=f"V_m = {volts} mV")
        assert row["expected"] == pytest.approx(math.exp(-z * reduced(volts)), rel=1e-9)
        assert row["factor"] == pytest.approx(math.exp(abs(reduced(volts)) / 4), rel=1e-9)
        assert row["verdict"] == "broken"


def test_a_potential_in_volts_and_constants_with_other_digits(build):
    """The model's own F and R count: its balance holds in them, not in CODATA's."""
    body = UNIPORTER.format(s="A", z=1, k=2, e=1).replace("V_m = -50; V_m has mV", "V_m = -0.05")
    body = body.replace("F*V_m/(1000*R*T)", "F*V_m/(R*T)").replace("96485.33212", "96.5")
    body = body.replace("8.314462618", "0.00831") + "V_m has volts; unit volts = volt\n"
    row = only(audit(build(body)), check="cycle")
    assert (row["verdict"], row["conditions"]) == ("holds", "V_m = 0, -60 and 40 mV")


def test_amounts_and_concentrations_give_one_verdict(build):
    """In amounts, K is the ratio of the two volumes: 2 pL inside, 1 outside."""
    body = SIDES.replace("species $A_o", "substanceOnly species $A_o")
    body = (
        body.replace("$S_o in", "$S_o in")
        + """
      substanceOnly species X, Y in membrane; X = 1; Y = 1
      r1: X + S_o -> Y; 4*S_o*X - Y
      r2: Y -> X + S_i; {k}*Y - S_i*X
    """
    )
    for k, verdict in ((0.5, "holds"), (0.25, "broken")):
        row = only(audit(build(body.format(k=k))), subject="X → Y → X")
        assert row["expected"] == pytest.approx(2)
        assert row["got"] == pytest.approx(4 * k)
        assert row["verdict"] == verdict


LEAK = (
    SIDES
    + """
  P = 0.3
  phi := u/(1 - exp(-u))
  leak: A_o -> A_i; P*phi*(A_o*exp(-{wrong}*u) - A_i)
  leak.sboTerm = 658
"""
)


def test_a_goldman_leak_rests_at_its_nernst_potential_and_a_wrong_one_does_not(build):
    sound = audit(build(LEAK.format(wrong=1)))
    assert only(sound, check="equilibrium")["verdict"] == "holds"
    table = audit(build(LEAK.format(wrong=1.1)), samples=50, seed=4)
    row = only(table, check="equilibrium", subject="leak")
    # Net over one-way flux is |1 - exp(0.1 u)| or |1 - exp(-0.1 u)|, voltages -150 to 100 mV
    assert row["verdict"] == "broken"
    assert 0.2 < row["got"] < 1 - math.exp(-0.1 * reduced(150))
    assert row["factor"] == row["got"]
    for volts in (-60, 40):
        cycle = only(table, check="cycle", conditions=f"V_m = {volts} mV")
        assert cycle["factor"] == pytest.approx(math.exp(0.1 * abs(reduced(volts))), rel=1e-9)


@pytest.mark.parametrize("bias", [1, 1.02])
def test_a_saturable_carrier_that_pumps_without_a_source(build, bias):
    """Not mass action, so that only the flux at equilibrium tells."""
    table = audit(build(SIDES + f"""
      carrier: S_o -> S_i; 9*(S_o - {bias}*S_i)/((3 + S_o)*(3 + S_i))
      carrier.sboTerm = 655
    """))  # fmt: skip
    row = only(table, subject="carrier")
    assert row["check"] == "equilibrium"
    assert row["verdict"] == ("holds" if bias == 1 else "broken")
    if bias != 1:  # against the efflux that 1.02 S_i makes into an empty bath
        assert row["got"] < 0.02 / 1.02 * 50


ISOMERS = """
  compartment c; c = 1
  species A in c, B in c, C in c; A = 1; B = 0; C = 0
  r1: A -> B; c*({k}*A - B)
  r2: B -> C; c*(5*B - 2*C)
"""


@pytest.mark.parametrize("k", [0.2, 0.6])
def test_wegscheider_needs_no_annotation(build, k):
    """K is k, 5/2 and, by two one-way reactions, 2: their product has to be one."""
    body = ISOMERS.format(k=k) + "r3: C -> A; c*0.5*C; r4: A -> C; c*0.25*A\n"
    row = only(audit(build(body)), check="cycle")
    assert row["subject"] == "r1, r2, r3/r4: A → B → C → A"
    assert row["got"] == pytest.approx(5 * k)
    assert row["verdict"] == ("holds" if k == 0.2 else "broken")
    assert row["conditions"] == "no membrane potential"


def test_the_order_of_a_step_may_be_a_parameter(build):
    body = (
        SIDES
        + """
      substanceOnly species X, Y in membrane; X = 1; Y = 1; n = {n}
      bind := 2*S_o^n*X - Y
      r1: X + 2 S_o -> Y; bind
      r2: Y -> X + 2 S_i; 3*Y - 6*S_i^n*X
    """
    )
    row = only(audit(build(body.format(n=2))), check="cycle")
    assert (row["subject"], row["verdict"]) == ("r1, r2: X → Y → X", "holds")
    other = audit(build(body.format(n=2)).with_values(n=3.0))
    assert set(other["subject"]) == {"r1", "r2"}
    assert (other["verdict"] == "not checked").all()


def test_potentials_at_which_a_constant_makes_no_sense_are_left_out(build):
    """Its constants turn negative below -RT/F: at -60 mV."""
    body = SIDES + "r: S_o -> S_i; (1 + u)*(S_o - S_i)\n"
    row = only(audit(build(body)), check="cycle")
    assert (row["verdict"], row["conditions"]) == ("holds", "V_m = 0 and 40 mV")
    assert row["note"] == "constants have no value at V_m = -60 mV"


def test_a_step_without_a_reverse_breaks_its_cycle(build):
    row = only(audit(build(ISOMERS.format(k=1) + "r3: C -> A; c*C\n")), check="cycle")
    assert (row["verdict"], row["factor"]) == ("broken", math.inf)
    assert row["note"] == "no reverse: r3"


def test_parallel_steps_share_one_equilibrium_constant(build):
    body = ISOMERS.format(k=3) + "r3: A -> B; c*(6*A - 4*B)\n"
    row = only(audit(build(body)), check="cycle")
    assert row["subject"].startswith("r1, -r3")
    assert row["factor"] == pytest.approx(2)


def test_constants_that_balance_only_at_one_concentration(build):
    """A step that a ligand drives without being in it."""
    body = (
        SIDES
        + """
      substanceOnly species X, Y in membrane; X = 1; Y = 1
      r1: X -> Y; S_o*X - 5*Y
      r2: Y -> X; 3*Y - 3*X
    """
    )
    row = only(broken(audit(build(body))), subject="r1, r2")
    assert row["conditions"].endswith("species at random")


ATP = (
    SIDES
    + """
  species $ATP in cytosol, $ADP in cytosol, $Pi in cytosol, $H in cytosol
  ATP = 5; ADP = 0.05; Pi = 3; H = 6e-5
  ATP identity "https://identifiers.org/CHEBI:30616"
  ADP identity "https://identifiers.org/CHEBI:456216"
  Pi identity "https://identifiers.org/CHEBI:43474"; H identity "https://identifiers.org/CHEBI:15378"
  substanceOnly species E, EA, EP in membrane; E = 1; EA = 0; EP = 0
  bind: E + 3 A_i -> EA; 2*A_i^3*E - 3*EA
  load: EA + ATP -> EP + ADP; 7*ATP*EA - 11*ADP*EP
  turn: EP -> E + 3 A_o + Pi + H; K*33/14*EP*exp(1.5*u) - A_o^3*Pi*H*E*exp(-1.5*u)
  K = {k}; {energy}
"""
)


def test_a_pump_must_turn_on_the_energy_of_atp(build):
    """Three charges out on one ATP: K = exp(-dG_ATP_0/RT) exp(3 u), and 1e6 from mol/L to mM."""
    thermal = GAS * 310.15e-3
    k = 1e6 * math.exp(-11.9 / thermal)
    energy = "dG_ATP_0 = 11.9; dG_ATP_0 has kJ_per_mol"
    table = audit(build(ATP.format(k=k, energy=energy)))
    row = only(table, check="cycle")
    assert row["subject"].endswith("E → EA → EP → E")
    assert row["expected"] == pytest.approx(k, rel=1e-9)
    assert row["verdict"] == "holds"
    row = only(audit(build(ATP.format(k=2 * k, energy=energy))), check="cycle")
    assert row["factor"] == pytest.approx(2, rel=1e-9)
    row = only(audit(build(ATP.format(k=k, energy=""))), check="cycle")
    assert row["verdict"] == "not checked"
    assert "3 A_i + ATP → 3 A_o + ADP + Pi + H" in row["note"].replace("ADP + 3 A_o", "3 A_o + ADP")


DRIVEN = (
    SIDES
    + """
  RT := R*T/1000
  J_x := 0.1*(S_o - {bias}*S_i)
  dG_x := RT*(ln(S_i/S_o) + {shift})
  dG_x has kJ_per_mol
  x: S_o -> S_i; J_x
  x.sboTerm = 657
"""
)


@pytest.mark.parametrize(
    ("bias", "shift", "wrong"),
    [
        (1, 0, set()),
        # a flux that reverses elsewhere: against its energy in between, and alive where that is 0
        (1.5, 0, {"dissipation", "reversal", "cycle"}),
        # an energy to match it, which is not that of glucose
        (1.5, math.log(1.5), {"free energy", "cycle"}),
    ],
)
def test_flux_and_free_energy(build, bias, shift, wrong):
    table = audit(build(DRIVEN.format(bias=bias, shift=shift)), samples=200)
    assert set(broken(table)["check"]) == wrong
    assert {"dissipation", "reversal", "free energy"} <= set(table["check"])
    if "reversal" in wrong:  # at equal levels 0.5 of 1.5 S_i, or of what ten times more S_o brings
        assert only(table, check="reversal")["got"] == pytest.approx(0.5 / (10 - 1.5), rel=1e-6)
    if "free energy" in wrong:
        assert only(table, check="free energy")["factor"] == pytest.approx(1.5, rel=1e-6)


@pytest.mark.parametrize(("booked", "verdict"), [("charge", "holds"), ("2 charge", "broken")])
def test_charge_is_booked_as_it_moves(build, booked, verdict):
    body = SIDES.replace("V_m = -50; V_m has mV;", "C_m = 100; V_m := -F*charge/C_m; V_m has mV;")
    body += f"""
      substanceOnly species charge in outside; charge = 0.05
      leak: A_o + {booked} -> A_i; A_o*exp(-u) - A_i
      leak.sboTerm = 658
    """
    table = audit(build(body))
    row = only(table, check="charge")
    assert (row["verdict"], row["expected"]) == (verdict, 1)
    assert row["factor"] == (1 if verdict == "holds" else 2)
    # The potential follows from the charge: V_m = -F charge/C_m is set all the same
    assert only(table, check="equilibrium")["verdict"] == "holds"
    assert only(table, check="cycle")["conditions"] == "V_m = 0, -60 and 40 mV"
    # Without a side for the cytosol, what is booked stands for what is moved
    sideless = audit(build(body.replace("GO:0005829", "GO:0005773")))
    assert only(sideless, check="charge")["verdict"] == "not checked"
    cycles = sideless[sideless["check"] == "cycle"]
    assert cycles["note"].str.contains("as booked").all()
    assert (cycles["verdict"] == "holds").all() == (verdict == "holds")


# What cannot be checked is said --------------------------------------------------------------


def without_annotation(model: Model) -> Model:
    return Model(model.name, re.sub(r"<annotation>.*?</annotation>", "", model.sbml, flags=re.S))


@pytest.mark.parametrize("name", ["cell", "oocyte"])
def test_without_annotation_nothing_is_claimed_of_substances(name):
    model = without_annotation(load_model(name))
    table = audit(model)
    assert broken(table).empty
    cycles = table[table["check"] == "cycle"]
    inner = cycles["subject"].str.endswith(INNER)
    assert (cycles.loc[~inner, "verdict"] == "not checked").all()
    if name == "oocyte":
        for states, net in ((SUGAR, "2 Na_o + Glc_o → Glc_i + 2 Na_i"), (SLIP, "2 Na_o → 2 Na_i")):
            note = only(table, subject=states)["note"]
            assert net in note
            assert "no ChEBI term for" in note


def test_a_species_that_is_no_longer_the_same_substance_is_no_longer_compared(build):
    """The ids say glucose on both sides; the annotation says water in one."""
    model = build(UNIPORTER.format(s="S", z=0, k=2, e=1))
    head, _, tail = model.sbml.partition("CHEBI:4167")
    table = audit(Model("m", f"{head}CHEBI:17234{tail}"))
    row = only(table, check="cycle")
    assert row["verdict"] == "not checked"
    assert "S_o → S_i: its constant is unknown" in row["note"]


def test_without_sides_only_zero_potential_is_checked(build):
    model = build(UNIPORTER.format(s="A", z=1, k=2, e="exp(-u)"))
    bare = Model("m", model.sbml.replace("GO:0005829", "GO:0005773"))
    table = audit(bare)
    assert only(table, conditions="V_m = 0 mV")["verdict"] == "holds"
    row = only(table, conditions="other potentials")
    assert row["verdict"] == "not checked"
    assert "cytosol" in row["note"]


def test_a_potential_that_follows_the_concentrations_is_left_alone(build):
    body = LEAK.format(wrong=1).replace("V_m = -50; V_m has mV;", "V_m := 20*ln(S_o/S_i);")
    table = audit(build(body + "V_m has mV; leak2: S_o -> S_i; S_o - S_i; leak2.sboTerm = 658\n"))
    assert only(table, check="equilibrium")["subject"] == "leak2"
    row = only(table, subject="leak:", conditions="as the model has it")
    u = reduced(20 * math.log(5 / 1))
    assert (row["verdict"], row["expected"]) == ("holds", pytest.approx(math.exp(-u)))
    assert only(table, subject="leak:", note="nothing sets V_m alone")["verdict"] == "not checked"


def test_the_sbml_may_give_the_charge_of_what_no_table_knows(build):
    """Two molecules that are one substance by a third term, of charge 2 by the package fbc."""
    body = UNIPORTER.format(s="A", z=2, k=2, e=1).replace("CHEBI:29101", "CHEBI:1")
    body = body.replace("CHEBI%3A29101", "CHEBI%3A2")
    document = libsbml.readSBMLFromString(build(body).sbml)
    uri = "http://www.sbml.org/sbml/level3/version1/fbc/version2"
    document.enablePackage(uri, "fbc", True)
    document.setPackageRequired("fbc", False)
    species = document.getModel().getSpecies("A_o")
    species.addCVTerm(_is("CHEBI:2"))
    for name in ("A_o", "A_i"):
        document.getModel().getSpecies(name).getPlugin("fbc").setCharge(2)
    table = audit(Model("m", libsbml.writeSBMLToString(document)))
    assert only(table, check="cycle")["verdict"] == "holds"
    assert only(table, check="cycle")["conditions"] == "V_m = 0, -60 and 40 mV"


def _is(term):
    cv = libsbml.CVTerm(libsbml.BIOLOGICAL_QUALIFIER)
    cv.setBiologicalQualifierType(libsbml.BQB_IS)
    cv.addResource(f"https://identifiers.org/{term}")
    return cv


def test_without_a_temperature_only_zero_potential_is_checked(build):
    body = UNIPORTER.format(s="A", z=1, k=2, e=1).replace("T = 310.15; T has kelvin;", "")
    table = audit(build(body.replace("R*T", "R*310.15")))
    assert only(table, conditions="V_m = 0 mV")["verdict"] == "holds"
    assert "temperature" in only(table, conditions="other potentials")["note"]


@pytest.mark.parametrize(
    "rate",
    ["S_o/(1 + S_o) - S_i/(1 + S_i)", "S_o - S_i + S_o*S_i/9", "S_o^2 - S_i", "S_o^1.5 - S_i"],
)
def test_a_rate_that_is_not_what_its_annotation_says(build, rate):
    model = build(SIDES + f"r: S_o -> S_i; {rate}\n")
    sbml = model.sbml.replace("<kineticLaw>", '<kineticLaw sboTerm="SBO:0000042">')
    assert sbml != model.sbml
    row = only(audit(Model("m", sbml)), subject="r")
    assert row["verdict"] == "not checked"
    assert "annotated as mass action (SBO:0000042), but its rate is not k·S_o" in row["note"]


@pytest.mark.parametrize(
    ("reaction", "why"),
    [
        ("r: S_o -> ; S_o", "is not written"),
        ("r: S_o -> S_i; 0*S_o", "it carries no flux"),
        ("r: S_o -> A_i; S_o", "whose equilibrium is not known"),
        ("r: Q_o -> S_i; S_o^1.5", "no ChEBI term for Q_o"),
        ("r: S_o -> S_i; ln(-S_o)", "has no value"),
    ],
)
def test_transport_that_cannot_be_checked_says_why(build, reaction, why):
    body = SIDES + f"species $Q_o in outside; Q_o = 1\n{reaction}\nr.sboTerm = 655\n"
    table = audit(build(body))
    assert (table["verdict"] == "not checked").all()
    assert "r" in "".join(table["subject"])
    assert any(why in note for note in table["note"]) or why == "is not written"


def test_every_reaction_has_a_row(build):
    body = (
        SIDES
        + """
      r1: S_o -> S_i; sin(S_o)
      r2: -> S_i; 1
      r3: A_o -> A_i; A_o - 2*A_i
      r4: A_i -> S_i; A_i
    """
    )
    table = audit(build(body))
    subjects = " ".join(table["subject"])
    assert all(re.search(rf"\b{name}\b", subjects) for name in ("r1", "r2", "r3", "r4"))
    assert not (table.loc[table["verdict"] == "not checked", "note"] == "").any()


def test_a_model_beyond_the_equations_is_a_row_not_a_traceback(build):
    table = audit(build(SIDES + "r: S_o -> S_i; floor(S_o)\n"))
    assert table["verdict"].tolist() == ["not checked"]
    assert "floor" in table["note"][0]


def test_bad_input_is_named(cell):
    with pytest.raises(InputError, match="at least one"):
        audit(cell, samples=0)
    with pytest.raises(InputError, match="seed"):
        audit(cell, seed=-1)


def test_a_seed_gives_one_audit(build):
    leak = build(LEAK.format(wrong=1.1))
    one, same, other = (audit(leak, samples=3, seed=seed) for seed in (5, 5, 6))
    assert one.equals(same)
    assert not one.equals(other)


# Cycles --------------------------------------------------------------------------------------


def brute_force(rows, count):
    """Sets of columns that are dependent while all their subsets are not."""
    matrix = np.array(rows, dtype=float).reshape(-1, count)
    found = []
    for size in range(1, count + 1):
        for columns in itertools.combinations(range(count), size):
            if any(set(smaller) <= set(columns) for smaller in found):
                continue
            if np.linalg.matrix_rank(matrix[:, columns]) < size:
                found.append(columns)
    return {frozenset(columns) for columns in found}


@pytest.mark.parametrize("seed", range(5))
def test_cycles_are_all_minimal_dependences(seed):
    rng = np.random.default_rng(seed)
    rows = rng.integers(-2, 3, size=(4, 8)).tolist()
    cycles, complete = elementary_cycles(rows, 8)
    assert complete
    assert all(not np.any(np.array(rows) @ cycle) for cycle in cycles)
    assert {frozenset(np.flatnonzero(cycle).tolist()) for cycle in cycles} == brute_force(rows, 8)
    assert len(cycles) == len(brute_force(rows, 8))


def graph(edges, nodes):
    return [[(end == node) - (start == node) for start, end in edges] for node in range(nodes)]


def test_cycles_of_a_graph_are_its_simple_cycles():
    edges = list(itertools.combinations(range(5), 2))
    cycles, complete = elementary_cycles(graph(edges, 5), len(edges))
    # The complete graph of n nodes has n!/(2 k (n-k)!) cycles of k nodes
    assert complete
    assert len(cycles) == sum(math.perm(5, k) // (2 * k) for k in (3, 4, 5))


def test_of_very_many_cycles_a_basis_is_compared(build):
    """Twelve states, each joined to each: far too many cycles, 55 of which decide on all."""
    states = range(12)
    level = [0.3 * math.sin(3 * s) for s in states]
    lines = ["compartment c; c = 1"] + [f"species X{s} in c; X{s} = 1" for s in states]
    for i, j in itertools.combinations(states, 2):
        k = math.exp(level[j] - level[i]) * (1.5 if (i, j) == (3, 7) else 1)
        lines.append(f"r{i}_{j}: X{i} -> X{j}; c*(X{i} - {k!r}*X{j})")
    table = audit(build("\n".join(lines)))
    assert len(table[table["verdict"] != "not checked"]) == 66 - 12 + 1
    assert "basis" in only(table, subject="all further cycles")["note"]
    wrong = broken(table)
    assert wrong["subject"].str.contains("r3_7").all()
    assert np.allclose(wrong["factor"], 1.5)
    assert len(wrong) >= 1


FOLDER = os.environ.get("SBML_SEMANTIC_CASES")


@pytest.mark.skipif(not FOLDER, reason="SBML_SEMANTIC_CASES is not set")
def test_any_sbml_is_audited_or_refused():
    for path in sorted(Path(str(FOLDER)).glob("*/model.xml")):
        try:
            model = load_model(path)
        except UnsupportedModelError:
            continue
        table = audit(model, samples=2)
        text = " ".join(table["subject"])
        assert all(name in text for name in model.reaction_ids), path
        assert table["verdict"].isin(["holds", "broken", "not checked"]).all()
