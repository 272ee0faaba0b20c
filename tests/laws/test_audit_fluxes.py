"""Fluxes against thermodynamics: still at equilibrium, downhill elsewhere, charge as booked."""

from __future__ import annotations

import math

import pytest
from audit_vocabulary import LEAK, SIDES, broken, only, reduced

from transport_model import audit


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


@pytest.mark.parametrize(
    ("law", "verdict"),
    [
        ("9*S_o/(3 + S_o)", "no reverse"),
        ("9*S_o/(3 + S_o + S_i)", "no reverse"),  # held up by its product, never turned back
        ("-9*S_i/(3 + S_i)", "no reverse"),
        ("9*(S_o - 0.5*S_i)/(3 + S_o + S_i)", "broken"),
        ("9*(S_o - 1e-3*S_i)/(3 + S_o + S_i)", "broken"),
        ("9*(S_o - S_i)/(3 + S_o + S_i)", "holds"),
    ],
)
def test_transport_that_nothing_turns_back_is_no_reverse(build, law, verdict):
    body = SIDES + f"carrier: S_o -> S_i; {law}\ncarrier.sboTerm = 655\n"
    row = only(audit(build(body)), subject="carrier")
    assert (row["check"], row["verdict"]) == ("equilibrium", verdict)
    assert ("no reverse: carrier" in row["note"]) == (verdict == "no reverse")


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
