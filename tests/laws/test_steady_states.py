from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from transport_model import load_model, simulate, steady_state
from transport_model.analyses.scans.scan import scan
from transport_model.errors import SteadyStateError
from transport_model.mathematics.certification import Examiner


def model_of(tmp_path, text):
    path = tmp_path / "model.ant"
    path.write_text(text)
    return load_model(path)


def test_certified_states_are_where_long_simulations_end(cell, random_states, random_parameters):
    columns = ["Na_i", "K_i", "Cl_i", "Glc_i", "V_m", "cytosol"]
    for index, row in random_parameters.head(40).iterrows():
        end = simulate(cell.with_values(**row.to_dict()), 1e7, 2).iloc[-1]
        assert np.allclose(
            end[columns].astype(float), random_states.loc[index, columns].astype(float), rtol=1e-8
        )


def test_a_simulation_does_not_leave_a_certified_state(cell, random_states, random_parameters):
    columns = ["Na_i", "K_i", "Cl_i", "Glc_i", "V_m", "cytosol"]
    for index, row in random_parameters.head(20).iterrows():
        there = cell.with_values(**row.to_dict()).starting_from(random_states.loc[index])
        end = simulate(there, 1e5, 2).iloc[-1]
        assert np.allclose(
            end[columns].astype(float), random_states.loc[index, columns].astype(float), rtol=1e-8
        )


def test_a_state_out_of_balance_is_not_certified(cell, resting):
    examiner = Examiner(cell)
    states = examiner.states_of(resting.values)
    assert examiner.examine(states).status == "ok"
    nudged = states.copy()
    row = examiner.equations.states.index("amount(Glc_i)")
    nudged[row] *= 1 + 1e-6
    assert examiner.examine(nudged).status == "unbalanced"


def test_a_state_with_other_totals_is_not_certified(cell):
    """Balanced in itself, but it belongs to a cell with another impermeant charge."""
    other = Examiner(cell.with_values(z_X=-1.2))
    alien = other.states_of(steady_state(cell.with_values(z_X=-1.2)).values)
    assert Examiner(cell).examine(alien).status == "drifted"


def test_growth_without_end_has_no_steady_state(tmp_path):
    model = model_of(tmp_path, "model m\n -> S; k\n k = 1; S = 0\nend\n")
    with pytest.raises(SteadyStateError):
        steady_state(model)
    table = scan(model, pd.DataFrame({"k": [0.0, 1.0]}))
    assert len(table) == 2
    assert not table["converged"].any()
    assert table["S"].isna().all()
    assert (table["status"] != "").all()


def test_an_unstable_point_is_not_certified(tmp_path):
    """x' = x (x - 1) from x = 1: balanced, and left by the least disturbance."""
    model = model_of(tmp_path, "model m\n x' = x*(x - 1)\n x = 1\nend\n")
    examiner = Examiner(model)
    assert examiner.examine(np.array([1.0])).status == "unstable"
    assert examiner.examine(np.array([0.0])).status == "ok"


def test_rate_rules_are_solved_too(tmp_path):
    """LibRoadRunner's own solver leaves them where they were and reports success."""
    model = model_of(tmp_path, "model m\n x' = 3 - x\n x = 1\nend\n")
    assert steady_state(model)["x"] == pytest.approx(3, rel=1e-9)


def test_conserved_sums_hold(tmp_path):
    model = model_of(
        tmp_path, "model m\n A -> B; k1*A - k2*B\n A = 7; B = 3; k1 = 1; k2 = 4\nend\n"
    )
    state = steady_state(model)
    assert state["A"] == pytest.approx(8, rel=1e-9)
    assert state["B"] == pytest.approx(2, rel=1e-9)


SLOW = "model m\n -> A; 1e-10\n A -> B; k*A\n B -> ; B\n A = 1; B = 0; k = 1e-9\nend\n"
DECAY = "model m\n A -> B; k*A\n B -> ; 0.1*B\n A = 5; B = 0; k = 0.3\nend\n"


@pytest.mark.parametrize("engine", ["kernel", "roadrunner"])
def test_states_that_take_years_are_found_and_dead_ones_too(tmp_path, engine):
    slow = scan(model_of(tmp_path, SLOW), pd.DataFrame({"k": [1e-9]}), engine=engine)
    assert slow["A"].iloc[0] == pytest.approx(0.1, rel=1e-9)
    table = scan(model_of(tmp_path, DECAY), pd.DataFrame({"k": [0.3, 1e-8, 0.0]}), engine=engine)
    assert list(table["converged"]) == [True, True, False]
    assert (table["converged"] == table["A"].notna()).all()
    assert (table["converged"] == (table["status"] == "ok")).all()


@pytest.mark.parametrize("engine", ["kernel", "roadrunner"])
def test_both_engines_draw_the_line_to_neutral_at_one_place(cell, engine):
    table = scan(cell, pd.DataFrame({"P_Cl": [0.0, 1e-11, 1e-6]}), engine=engine)
    assert list(table["status"]) == ["neutral", "ok", "ok"]


@pytest.mark.parametrize("engine", ["kernel", "roadrunner"])
def test_a_starting_value_is_no_result(cell, resting, engine):
    table = scan(cell, pd.DataFrame({"Na_i": [5.0, 50.0]}), engine=engine)
    assert list(table["start_of_Na_i"]) == [5.0, 50.0]
    assert np.allclose(table["Na_i"], resting["Na_i"], rtol=1e-8)


def test_a_negative_species_is_not_certified_under_a_rate_rule_either(tmp_path):
    text = "model m\n species A\n unit substance = 1e-3 mole\n A = 1\n A' = -1 - A\nend\n"
    model = model_of(tmp_path, text)
    assert Examiner(model).examine(np.array([-1.0])).status == "negative"


def test_a_scan_keeps_every_row(cell):
    """Sets whose own start is impossible, or that blow up, are rows with a status."""
    design = pd.DataFrame(
        {"n_X": [278.0, 1.0, 278.0], "Na_i": [12.0, 20.0, 250.0]}, index=[7, 3, 5]
    )
    table = scan(cell, design)
    assert list(table.index) == [7, 3, 5]
    assert list(table["converged"]) == [True, False, False]
    assert table.loc[[3, 5], "status"].str.startswith("no start").all()
    assert table.loc[[3, 5], "V_m"].isna().all()


def test_growth_is_told_with_the_time_up_to_which_it_was_seen(tmp_path):
    path = tmp_path / "fills.ant"
    path.write_text("model fills\n -> x; 2\n x = 0\nend\n")
    with pytest.raises(SteadyStateError, match=r"'x' still grows at time 1e\+10"):
        steady_state(load_model(path))


def test_of_a_family_of_balances_the_course_comes_to_one(tmp_path):
    """A ligand and what binds it are used up; how much of the pair stays is the course's matter."""
    model = model_of(
        tmp_path,
        "model m\n L -> U; 0.07*L\n M -> L; 35.7*M\n L + R -> LR; 9.6e6*L*R\n"
        " LR + I -> LRI; 1.96e6*LR*I - 10.2*LRI\n R -> V; 2.8e-4*R\n N -> M; 3.7*N - 0.35*M\n"
        " LRI -> P; 0.0136*(1e-14 - P); P = 0; N = 1e-5; L = 1e-6; U = 0; R = 5e-6\n"
        " I = 1e-5; LRI = 0; V = 0; LR = 0; M = 0\nend\n",
    )
    with pytest.raises(SteadyStateError, match="the course comes to rest there") as caught:
        steady_state(model)
    assert caught.value.status == "neutral"
    (rest, *_) = caught.value.states
    end = simulate(model, 1e6, 2).iloc[-1]
    for name in ("LR", "LRI", "I", "L", "R"):
        assert rest[name] == pytest.approx(end[name], rel=1e-6, abs=1e-12)


def test_what_is_unstable_is_said_to_be_so_once(tmp_path):
    brusselator = "x' = 1 - 4*x + x^2*y\n y' = 3*x - x^2*y\n x = 1.1; y = 3"
    model = model_of(tmp_path, f"model m\n {brusselator}\nend\n")
    with pytest.raises(SteadyStateError) as caught:
        steady_state(model)
    assert caught.value.status == "unstable"
    said = str(caught.value)
    assert said.startswith(
        "model 'model' has no certified steady state; the course oscillates, period"
    )
    assert said.endswith("; unstable at x = 1, y = 3")


@pytest.mark.parametrize(
    ("size", "does"),
    [
        ("c := 2*exp(-0.1*time)", "shrinks to nothing"),
        ("c' = -1e-3*c", "shrinks to nothing"),
        ("c := 2*exp(time/1000)", "grows without end"),
    ],
)
def test_a_compartment_without_a_size_at_last_is_the_reason_and_no_rate_in_it(tmp_path, size, does):
    text = f"compartment c = 2; species A in c = 1, B in c = 0\n {size}\n A -> B; 0.1*(A - B)*c"
    with pytest.raises(SteadyStateError, match=f"compartment 'c' {does}; simulate it instead"):
        steady_state(model_of(tmp_path, f"model m\n {text}\nend\n"))
