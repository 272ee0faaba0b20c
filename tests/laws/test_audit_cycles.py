"""The constants of cycles against products computed here: sound ones pass, others are named."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from audit_vocabulary import (
    INNER,
    ISOMERS,
    RATES,
    SIDES,
    SLIP,
    SUGAR,
    UNIPORTER,
    broken,
    only,
    reduced,
)

from transport_model import audit, load_model
from transport_model.constants import GAS
from transport_model.errors import InputError, UnknownIdError

#: The published tables (1/s, 1/(M s), 1/(M² s)), typed from the articles' numbers.
TABLES = {
    "human": [1.4e5, 300, 4.5e4, 20, 50, 50, 800, 77777.8, 5, 2250, 25, 600, 0.01, 4.32099e-4],
    "rabbit": [8e4, 500, 1e5, 20, 50, 50, 800, 1.83e7, 10, 50, 5, 35, 0.3, 1.37],
    "rabbit_reverse": [8e4, 500, 1e5, 20, 50, 50, 800, 1.219e4, 10, 4500, 3, 350, 0.3, 9.1e-4],
    "tubule": [1.4e5, 300, 4.5e4, 20, 50, 50, 800, 1.9e5, 5, 2250, 25, 600, 0.01, 5e-4],
    "enterocyte": [1.4e4, 300, 1.5e4, 20, 50, 50, 6, 450, 10, 200, 25, 600, 0.1, 0.01],
}
WITHIN = "within rounding of print"
#: Verdicts on the sugar, the slip and the inner cycle.
VERDICTS = {"tubule": ["broken", WITHIN, WITHIN], "enterocyte": [WITHIN, WITHIN, "holds"]}


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


@pytest.mark.parametrize("name", list(TABLES))
def test_published_tables(name):
    k = dict(zip(RATES, TABLES[name], strict=True))
    outer = k["k12"] * k["k56"] * k["k61"] / (k["k21"] * k["k65"] * k["k16"])
    inner = k["k23"] * k["k34"] * k["k45"] / (k["k32"] * k["k43"] * k["k54"])
    slip = k["k25"] / k["k52"]
    table = audit(load_model("oocyte_published", parameters=name))
    assert len(table) == 3
    truths = {SUGAR: outer * inner, SLIP: outer * slip, INNER: inner / slip}
    for (states, truth), verdict in zip(truths.items(), VERDICTS.get(name, [WITHIN] * 3),
                                        strict=True):  # fmt: skip
        row = only(table, subject=states)
        assert row["expected"] == 1
        assert row["got"] == pytest.approx(truth, rel=1e-9)
        assert row["factor"] == pytest.approx(max(truth, 1 / truth), rel=1e-9)
        assert row["verdict"] == verdict


def test_two_published_models_are_off_by_what_is_said_of_them():
    tubule, enterocyte = (audit(load_model("oocyte_published", parameters=name))
                          for name in ("tubule", "enterocyte"))  # fmt: skip
    assert only(tubule, subject=SUGAR)["got"] == pytest.approx(0.41, abs=0.005)
    assert only(tubule, subject=SLIP)["got"] == pytest.approx(0.86, abs=0.005)
    assert only(enterocyte, subject=SUGAR)["got"] == pytest.approx(0.97, abs=0.005)
    weak = {name: "say little" in only(table, subject=SUGAR)["note"]
            for name, table in (("tubule", tubule), ("enterocyte", enterocyte))}  # fmt: skip
    assert weak == {"tubule": False, "enterocyte": True}


@pytest.mark.parametrize(
    ("units", "verdict"),
    [(0, "holds"), (0.49, WITHIN), (-0.49, WITHIN), (0.51, "broken"), (-2, "broken"),
     (2, "broken")],
)  # fmt: skip
def test_half_a_unit_in_the_last_digit_is_rounding_and_two_are_not(units, verdict):
    """k54 of three digits, 1.83e4, moved from where the cycle balances by units of 100."""
    sound, k54 = balanced_symporter()
    table = audit(sound.with_values(k54=k54 + units * 100), digits={"k54": 3})
    for states in (SUGAR, INNER):
        row = only(table, subject=states)
        assert row["verdict"] == verdict
        if verdict != "holds":
            half = 50 / (k54 + units * 100)
            back = 1 + half if units < 0 else 1 / (1 - half)  # the end that is nearer the balance
            assert row["tolerance"] == pytest.approx(back - 1)
    assert only(table, subject=SLIP)["verdict"] == "holds"


def test_what_the_digits_leave_open_adds_up_over_a_cycle():
    """Two constants off by 0.4 units each way are within the sum of their halves, not of one."""
    sound, k54 = balanced_symporter()
    moved = sound.with_values(k54=k54 - 40, k23=100.4)
    both = only(audit(moved, digits={"k54": 3, "k23": 3}), subject=SUGAR)
    assert both["verdict"] == WITHIN
    assert both["tolerance"] == pytest.approx((1 + 50 / (k54 - 40)) / (1 - 0.5 / 100.4) - 1)
    assert only(audit(moved, digits={"k54": 3}), subject=SUGAR)["verdict"] == "broken"


def test_a_value_of_ones_own_is_exact_and_digits_are_checked():
    printed = load_model("oocyte_published", parameters="rabbit")
    own = audit(printed.with_values(k54=18250.0))
    assert only(own, subject=SUGAR)["verdict"] == "broken"
    assert only(own, subject=SLIP)["verdict"] == WITHIN
    with pytest.raises(UnknownIdError, match="did you mean 'k54'"):
        audit(printed, digits={"k_54": 3})
    for wrong in (0, 2.5, -1):
        with pytest.raises(InputError, match="whole number of digits"):
            audit(printed, digits={"k54": wrong})


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


@pytest.mark.parametrize(
    ("steps", "named"),
    [
        ("r3: C -> A; c*C", "r3"),
        ("r3: C -> A; -c*A", "r3"),
        ("r3: C -> D; c*C; r4: A -> D; c*A; species D in c; D = 1", "r3, r4"),  # against each other
    ],
)
def test_a_cycle_with_a_step_without_a_reverse_is_not_broken(build, steps, named):
    row = only(audit(build(ISOMERS.format(k=1) + steps + "\n")), check="cycle")
    assert (row["verdict"], row["note"]) == ("no reverse", f"no reverse: {named}")
    assert math.isnan(row["factor"])


def test_a_flow_is_no_reverse_and_beside_it_a_broken_cycle_stays_broken(build):
    """Blood goes round; three isomers turn though nothing drives them."""
    lung = """
      compartment lung; lung = 3; species S_l in lung; S_l = 2
      S_l identity "https://identifiers.org/CHEBI:4167"
    """
    flow = lung + "f1: S_o -> S_i; 3*S_o\nf2: S_i -> S_l; 3*S_i\nf3: S_l -> S_o; 3*S_l\n"
    table = audit(build(SIDES + flow))
    assert set(table["verdict"]) == {"no reverse"}
    assert set(table["note"]) == {f"no reverse: f{index}" for index in (1, 2, 3)}
    broken_too = ISOMERS.format(k=1) + "r3: C -> A; c*(0.5*C - 0.25*A)\nr4: A -> B; c*A\n"
    table = audit(build(broken_too))
    assert sorted(table["verdict"].unique()) == ["broken", "no reverse"]
    wrong = table[table["verdict"] == "broken"]
    assert wrong["factor"].tolist() == pytest.approx([5])


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
