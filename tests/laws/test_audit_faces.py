"""The audit of a cell of two faces: each potential by itself, charge booked face by face."""

from __future__ import annotations

import pytest
from audit_vocabulary import broken, only

from transport_model import audit, load_model

#: A pump that pays with nothing, a symporter, a leak, a way between the cells, and a clamp.
TWO_FACES = """
  compartment lumen, cytosol, blood; lumen = 1; cytosol = 2; blood = 1
  species Na_i in cytosol, Cl_i in cytosol, Glc_i in cytosol
  species $Na_a in lumen, $Cl_a in lumen, $Glc_a in lumen
  species $Na_b in blood, $Cl_b in blood, $Glc_b in blood
  substanceOnly species charge_a in lumen, charge_b in blood
  Na_i = 12; Na_a = 140; Na_b = 145; Cl_i = 9; Cl_a = 110; Cl_b = 120
  Glc_i = 3; Glc_a = 1; Glc_b = 5; charge_a = 0.1; charge_b = 0.2
  F = 96485.33212; R = 8.314462618; T = 310.15; T has kelvin; RT := R*T/1000
  C_a = 100; C_b = 150
  V_a := -F*charge_a/C_a; V_b := -F*charge_b/C_b; V_te := V_b - V_a
  V_a has mV; V_b has mV; V_te has mV
  u_a := F*V_a/(1000*R*T); u_b := F*V_b/(1000*R*T); u_p := u_a - u_b

  J_sglt := 3*(Na_a^2*Glc_a*exp(-u_a) - Na_i^2*Glc_i*exp(u_a))/(1 + Na_a + Glc_i)
  dG_sglt := RT*(2*ln(Na_i/Na_a) + ln(Glc_i/Glc_a) + 2*u_a)
  sglt: 2 Na_a + Glc_a + 2 charge_a -> 2 Na_i + Glc_i; J_sglt
  J_leak := 0.3*(Cl_b - Cl_i*exp(-u_b))/(1 + Cl_i)
  dG_leak := RT*(ln(Cl_i/Cl_b) - u_b)
  leak: Cl_b -> Cl_i + charge_b; J_leak
  J_way := 2*(Na_a*exp(-u_p) - Na_b)/(1 + Na_a)
  dG_way := RT*(ln(Na_b/Na_a) + u_p)
  way: Na_a + charge_a -> Na_b + charge_b; J_way
  J_clamp := 1e3*(5 - V_te)/F
  clamp: charge_b -> charge_a; J_clamp
  fed: -> Na_a; 4
  sglt.sboTerm = 659; leak.sboTerm = 658; way.sboTerm = 658; clamp.sboTerm = 658
  dG_sglt has kJ_per_mol; dG_leak has kJ_per_mol; dG_way has kJ_per_mol

  lumen identity "https://identifiers.org/GO:0005615"
  cytosol identity "https://identifiers.org/GO:0005829"
  blood identity "https://identifiers.org/UBERON:0000178"
  Na_i identity "https://identifiers.org/CHEBI:29101"; Na_a identity "https://identifiers.org/CHEBI:29101"
  Na_b identity "https://identifiers.org/CHEBI:29101"
  Cl_i identity "https://identifiers.org/CHEBI:17996"; Cl_a identity "https://identifiers.org/CHEBI:17996"
  Cl_b identity "https://identifiers.org/CHEBI:17996"
  Glc_i identity "https://identifiers.org/CHEBI:4167"; Glc_a identity "https://identifiers.org/CHEBI:4167"
  Glc_b identity "https://identifiers.org/CHEBI:4167"
  charge_a property "https://identifiers.org/CHEBI:24870"
  charge_b property "https://identifiers.org/CHEBI:24870"
  V_a identity "https://identifiers.org/PATO:0001462"; V_b identity "https://identifiers.org/PATO:0001462"
"""


def test_a_sound_cell_of_two_faces_holds_and_its_clamp_is_a_battery(build):
    table = audit(build(TWO_FACES))
    assert broken(table).empty, broken(table)
    held = table[table["verdict"] == "holds"]
    for check, subjects in {
        "equilibrium": {"sglt", "leak", "way"},
        "dissipation": {"J_sglt", "J_leak", "J_way"},
        "reversal": {"J_sglt", "J_leak", "J_way"},
        "free energy": {"dG_sglt", "dG_leak", "dG_way"},
        "charge": {"sglt", "leak", "way", "fed"},
    }.items():
        assert set(held.loc[held["check"] == check, "subject"]) == subjects, check
    drawn = held.loc[held["check"] == "dissipation", "conditions"]
    assert drawn.str.contains("V_a -150 to 100 mV; V_b -150 to 100 mV", regex=False).all()
    clamp = table[table["subject"] == "clamp"]
    assert set(clamp["verdict"]) == {"not checked"}
    assert clamp["note"].str.contains("charge alone").all()


@pytest.mark.parametrize(
    ("said", "instead", "check", "subject"),
    [
        # the other face's potential, the wrong sign, a potential that is not crossed
        ("Cl_i*exp(-u_b))", "Cl_i*exp(-u_a))", "equilibrium", "leak"),
        ("Cl_i*exp(-u_b))", "Cl_i*exp(u_b))", "equilibrium", "leak"),
        ("(Na_a*exp(-u_p) - Na_b)", "(Na_a*exp(u_p) - Na_b)", "equilibrium", "way"),
        ("(Na_a*exp(-u_p) - Na_b)", "(Na_a*exp(-u_a) - Na_b)", "dissipation", "J_way"),
        ("RT*(ln(Na_b/Na_a) + u_p)", "RT*ln(Na_b/Na_a)", "free energy", "dG_way"),
        ("+ 2*u_a)", "+ 2*u_b)", "free energy", "dG_sglt"),
        # charge on the wrong face, one for two, none, the wrong way round between the faces
        ("Cl_i + charge_b;", "Cl_i + charge_a;", "charge", "leak"),
        ("Glc_a + 2 charge_a ->", "Glc_a + charge_a ->", "charge", "sglt"),
        ("Glc_a + 2 charge_a ->", "Glc_a ->", "charge", "sglt"),
        ("Na_a + charge_a -> Na_b + charge_b", "Na_a + charge_b -> Na_b + charge_a", "charge",
         "way"),
        ("fed: -> Na_a;", "fed: -> Na_a + charge_a;", "charge", "fed"),
        ("clamp: charge_b -> charge_a;", "clamp: -> charge_a;", "charge", "clamp"),
    ],
)  # fmt: skip
def test_a_wrong_potential_or_charge_is_found(build, said, instead, check, subject):
    assert TWO_FACES.count(said) == 1
    table = audit(build(TWO_FACES.replace(said, instead)))
    assert only(table, check=check, subject=subject)["verdict"] == "broken"


def test_what_is_wrong_of_the_charge_is_said_face_by_face(build):
    table = audit(build(TWO_FACES.replace("Cl_i + charge_b;", "Cl_i + charge_a;")))
    row = only(table, check="charge", subject="leak")
    assert "charge_a" in row["conditions"]
    assert (row["expected"], row["got"]) == (0, -1)


def test_a_source_without_a_side_leaves_open_which_face_it_crosses(build):
    table = audit(build(TWO_FACES.replace("fed: -> Na_a;", "fed: -> Na_i;")))
    row = only(table, check="charge", subject="fed")
    assert row["verdict"] == "not checked"
    assert "not written" in row["note"]


def test_two_faces_in_one_compartment_cannot_be_told_apart(build):
    body = TWO_FACES.replace("charge_b in blood", "charge_b in lumen")
    rows = audit(build(body)).query("check == 'charge' and subject == 'leak'")
    assert rows["verdict"].tolist() == ["not checked"]


def test_a_potential_that_nobody_names_is_asked_for(build):
    body = TWO_FACES.replace('V_b identity "https://identifiers.org/PATO:0001462"', "")
    table = audit(build(body))
    assert broken(table).empty
    down = only(table, check="dissipation", subject="J_leak")
    assert down["conditions"].endswith("the potential of charge_b as the model has it")
    assert "dG_leak" not in set(table.loc[table["check"] == "free energy", "subject"])


def test_of_the_epithelium_only_the_clamp_and_what_carries_nothing_goes_unchecked():
    table = audit(load_model("pt_s2"))
    assert broken(table).empty
    open_rows = table[table["verdict"] == "not checked"]
    nothing = open_rows["note"] == "it carries no flux either way"
    assert set(open_rows.loc[~nothing, "subject"]) == {"clamp_flow"}
    assert set(open_rows.loc[nothing, "subject"]) <= {
        "sglt2_slip", "leak_Na_a_flow", "misplaced_flow", "J_leak_Na_a", "J_misplaced"}  # fmt: skip
    downhill = " + ".join(table.loc[table["check"] == "dissipation", "subject"]).split(" + ")
    assert {"J_water_a", "J_water_b", "J_pump", "J_nbc", "J_p_HCO3"} <= set(downhill)
    assert (table["check"] == "charge").sum() == len(load_model("pt_s2").reaction_ids)
