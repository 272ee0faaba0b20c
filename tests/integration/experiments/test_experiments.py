"""Experiments give the numbers that independent computations give, and their verdicts follow."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from transport_model import Step, held, load_model, simulate, steady_state
from transport_model.analyses.experiments.protocols import protocol_path, read_protocol
from transport_model.analyses.experiments.run import run_experiment
from transport_model.analyses.figures.experiments import plot_experiment
from transport_model.analyses.figures.style import to_svg
from transport_model.analyses.reductions import Reduction
from transport_model.analyses.scans.courses import Course
from transport_model.analyses.scans.scan import scan
from transport_model.analyses.studies.energetics import energetics
from transport_model.analyses.verdict import Verdict
from transport_model.errors import ComputationError, InputError, SteadyStateError


def measured(experiment):
    return experiment.measures.set_index("name")["value"]


def test_measures_of_a_known_exponential(run):
    experiment = run("""
title: decay
model: decay.ant
start: given
duration: 10 s
points: 11
arms: {only: }
measures:
  first: {of: x, take: initial}
  last: {of: x, take: final}
  then: {of: y, take: value, at: 300 ms}
  lost: {of: x, take: change, from: 1 s, to: 2.5 s}
  half: {of: ln(x), take: half_time}
  tau: {of: x, take: time_constant}
  half_later: {of: x, take: half_time, from: 2 s, to: 4 s}
  to_one: {of: x, take: time_to, level: 1}
  to_ten: {of: x, take: time_to, level: 10}
  lowest: {of: x, take: min, to: 3.3 s}
  highest: {of: x, take: max, from: 3.3 s}
  area: {of: k, take: area, from: 1 s, to: 4 s}
  mean: {of: time, take: mean, from: 1 s, to: 4 s}
""")
    got = measured(experiment)

    def x(t):
        return 8 * math.exp(-0.5 * t)

    def time_to(level):
        return -2 * math.log(level / 8)

    assert got["first"] == 8
    assert got["last"] == pytest.approx(x(10), rel=1e-7)
    assert got["then"] == pytest.approx(3 * x(0.3), rel=1e-7)
    assert got["lost"] == pytest.approx(x(2.5) - x(1), rel=1e-7)
    assert got["half"] == pytest.approx(5.0, rel=1e-7)
    assert got["tau"] == pytest.approx(time_to(8 + (1 - 1 / math.e) * (x(10) - 8)), rel=1e-6)
    assert got["half_later"] == pytest.approx(time_to((x(2) + x(4)) / 2) - 2, rel=1e-6)
    assert got["to_one"] == pytest.approx(time_to(1), rel=1e-6)
    assert math.isnan(got["to_ten"])
    assert got["lowest"] == got["highest"] == pytest.approx(x(3.3), rel=1e-7)
    assert got["area"] == pytest.approx(1.5)
    assert got["mean"] == pytest.approx(2.5)
    assert experiment.verdict is Verdict.NO_CLAIM


def test_ramps_pulses_and_steps_are_exact(run):
    experiment = run(
        """
title: ramp
model: decay.ant
start: given
duration: 10 s
arms:
  ramp:
    with: {k: 0, x: 0}
    changes:
      - {from: 2 s, to: 6 s, ramp: {source: 3}}
      - {from: 7 s, to: 8 s, pulse: {source: 10}}
  step:
    with: {k: 0}
    changes:
      - {at: 5 s, set: {x: 1, source: 1}}

measures:
  risen: {arm: ramp, of: x, take: final}
  before: {arm: ramp, of: source, take: value, at: 6.999 s}
  jumped: {arm: ramp, of: source, take: value, at: 7 s}
  during: {arm: ramp, of: source, take: value, at: 7.5 s}
  after: {arm: ramp, of: source, take: final}
  given: {arm: ramp, of: source, take: area}
  grown: {arm: step, of: x, take: final}
  at_once: {arm: step, of: x, take: value, at: 5 s}
"""
    )
    got = measured(experiment)
    # 3*4/2 on the ramp, 3*1 until the pulse, 10*1 in it, 3*2 after it
    assert got["risen"] == pytest.approx(25.0, rel=1e-9)
    assert got["given"] == pytest.approx(25.0, rel=1e-9)
    assert got[["before", "jumped", "during", "after"]].tolist() == pytest.approx([3, 10, 10, 3])
    assert got["grown"] == pytest.approx(6.0, rel=1e-9)
    assert got["at_once"] == 1.0
    step = experiment.courses[experiment.courses["arm"] == "step"]
    assert step.loc[step["time"] == 5.0, "x"].tolist() == [8.0, 1.0]


JUMP = """model jump
  u = 1; y := 2*u; x = 0; x' = u
  unit time_unit = second
end"""


def test_a_scan_and_an_experiment_take_the_same_of_a_course_that_jumps(run, tmp_path):
    """y = 2u, and u steps from 1 to 7 at 5 s: what is asked at 5 s is asked after the jump."""
    (tmp_path / "jump.ant").write_text(JUMP)
    words = ["initial", "final", "change", "min", "max", "mean", "area", "time_of_max",
             "half_time", "time_constant"]  # fmt: skip
    kept = {word: Reduction("y", word) for word in words}
    kept |= {f"{word}_before": Reduction("y", word, start=0, end=4) for word in words[:7]}
    kept |= {f"{word}_after": Reduction("y", word, start=5, end=10) for word in words[:7]}
    kept |= {f"{word}_up_to": Reduction("y", word, start=0, end=5) for word in words[:7]}
    kept |= {"at": Reduction("y", "value", at=5), "to": Reduction("y", "time_to", level=8)}
    course = Course(10, 11, kept, inputs=[Step(5, {"u": 7})])
    scanned = scan(load_model(tmp_path / "jump.ant"), pd.DataFrame({"u": [1.0]}), course=course)
    windows = {"before": ", from: 0 s, to: 4 s", "after": ", from: 5 s, to: 10 s",
               "up_to": ", from: 0 s, to: 5 s"}  # fmt: skip
    measures = [f"{word}: {{of: y, take: {word}}}" for word in words]
    measures += [f"{word}_{name}: {{of: y, take: {word}{window}}}"
                 for name, window in windows.items() for word in words[:7]]  # fmt: skip
    measures += ["at: {of: y, take: value, at: 5 s}",
                 "to: {of: y, take: time_to, level: 8, unit: '1'}"]  # fmt: skip
    told = "\n  ".join(measures)
    experiment = run(f"""
title: jump
model: jump.ant
start: given
duration: 10 s
points: 11
arms: {{only: {{changes: [{{at: 5 s, set: {{u: 7}}}}]}}}}
measures:
  {told}
""")
    found = measured(experiment)
    assert found["at"] == 14.0
    assert found[["initial_after", "final_before", "final_up_to"]].tolist() == [14.0, 2.0, 14.0]
    assert found[["area", "mean", "to"]].tolist() == pytest.approx([80.0, 8.0, 5.0])
    for name in kept:
        assert scanned.at[0, name] == pytest.approx(found[name], rel=1e-12), name


def test_an_experiment_is_named_or_read_from_a_path(tmp_path):
    text = protocol_path("pump_stopped").read_text(encoding="utf-8").replace("2 h", "1 min")
    path = tmp_path / "short.yaml"
    path.write_text(text, encoding="utf-8")
    experiment = run_experiment(path)
    assert experiment.protocol.name == "short"
    assert measured(experiment).equals(measured(run_experiment(read_protocol(str(path)))))
    with pytest.raises(InputError, match="did you mean 'pump_stopped'"):
        run_experiment("pump_stoped")


def test_a_step_equals_two_courses_end_to_end(run, cell, resting):
    experiment = run("""
title: meal
duration: 20 min
points: 21
arms:
  meal: {changes: [{at: 5 min, set: {Glc_o: 20 mM}}]}
watch: [V_m, Glc_i, J_sglt]
measures:
  rest: {of: Na_i, take: initial}
""")
    rest = cell.starting_from(resting.values)
    first = simulate(rest, 300, 6)
    second = simulate(rest.starting_from(first.iloc[-1]).with_values(Glc_o=20), 900, 16)
    course = experiment.courses.set_index("time")
    for name in ("V_m", "Glc_i", "J_sglt"):
        before = course.loc[first.index[:-1], name].to_numpy()
        assert before == pytest.approx(first[name].to_numpy()[:-1], rel=1e-6)
        assert course.loc[300.0, name].iloc[-1] == pytest.approx(second[name].iloc[0], rel=1e-6)
        after = course.loc[second.index[1:] + 300, name].to_numpy()
        assert after == pytest.approx(second[name].to_numpy()[1:], rel=1e-6)
    assert measured(experiment)["rest"] == pytest.approx(resting["Na_i"], rel=1e-9)


def test_arms_rest_with_their_own_values_and_models(run):
    experiment = run("""
title: rest
duration: 1 h
points: 3
arms:
  leaky: {with: {P_Na: x2}}
  other: {model: cell_sglt2, with: {Glc_o: 0.1 mM}}
watch: [V_m]
measures:
  leaky: {arm: leaky, of: V_m, take: final}
  other: {arm: other, of: Glc_i, take: initial}
""")
    cell = load_model("cell")
    leaky = steady_state(cell.with_values(P_Na=2 * cell.quantities["P_Na"].value))
    other = steady_state(load_model("cell_sglt2").with_values(Glc_o=0.1))
    assert measured(experiment)["leaky"] == pytest.approx(leaky["V_m"], rel=1e-7)
    assert measured(experiment)["other"] == pytest.approx(other["Glc_i"], rel=1e-9)


def test_a_clamp_holds_and_steps_the_potential(run, cell, resting):
    experiment = run("""
title: clamp
duration: 2 s
points: 5
arms:
  clamp:
    hold: {V_m: -50 mV}
    changes: [{at: 1 s, set: {V_m: -80 mV}}]
watch: [V_m]
measures:
  current: {of: J_leak_K, take: value, at: 500 ms}
  mean: {of: V_m, take: mean}
""")
    clamped = held(cell.starting_from(resting.values), V_m=-50)
    expected = simulate(clamped, 0.5, 2)["J_leak_K"].iloc[-1]
    assert measured(experiment)["current"] == pytest.approx(expected, rel=1e-7)
    assert measured(experiment)["mean"] == pytest.approx(-65.0)
    assert set(experiment.courses["V_m"]) == {-50.0, -80.0}


def test_energies_can_be_measured(run, cell, resting):
    experiment = run("""
title: energy
duration: 10 min
arms:
  stopped: {changes: [{at: 1 min, set: {ouabain: 1 mM}}]}
measures:
  power: {of: power_ATP, take: initial}
  spent: {of: stored_energy, take: change}
  gained: {of: power_stored, take: area}
""")
    got = measured(experiment)
    rest = energetics(cell, resting).iloc[0]
    assert got["power"] == pytest.approx(rest["power_ATP"], rel=1e-7)
    # What the store loses is what flows out of it: two formulas of energetics, one number
    assert got["gained"] == pytest.approx(got["spent"], rel=1e-3)
    assert experiment.measures.set_index("name")["unit"].tolist() == ["pW", "pJ", "pJ"]


def test_arms_that_cannot_be_run_are_named(run):
    text = """
title: none
duration: 1 h
model: growth.ant
arms: {grows: }
watch: [x]
"""
    (run.__closure__[0].cell_contents / "growth.ant").write_text(
        "model g\n x = 1; x' = x\n unit time_unit = second\nend"
    )
    with pytest.raises(ComputationError, match="experiment 'trial', arm 'grows': ") as error:
        run(text)
    assert not isinstance(error.value, SteadyStateError)
    (run.__closure__[0].cell_contents / "growth.ant").write_text(
        "model g\n x = 1; x' = sin(time)\n unit time_unit = second\nend"
    )
    with pytest.raises(InputError, match=r"arm 'grows': .*names the time"):
        run(text)


def test_the_figure_has_a_panel_per_quantity_and_a_line_per_arm(run):
    experiment = run("""
title: drawn
duration: 2 h
points: 11
arms:
  control:
  treated:
    changes:
      - {from: 10 min, to: 20 min, ramp: {ATP: 0.5 mM}}
      - {at: 30 min, set: {ouabain: 1 mM}}
watch: [V_m, {expression: Na_i/Na_o, label: ratio of sodium}]
""")
    figure = plot_experiment(experiment).figure
    again = plot_experiment(experiment).figure
    assert to_svg(figure, "a", "b") == to_svg(again, "a", "b")
    potential, ratio = figure.axes
    assert {axis.get_xlabel() for axis in figure.axes} == {"time [h]"}
    assert ratio.get_title(loc="left") == "b  Ratio of sodium"
    assert potential.get_ylabel() == "mV"
    for axis, column in ((potential, "V_m"), (ratio, "ratio of sodium")):
        for line, (arm, rows) in zip(
            axis.lines[-2:], experiment.courses.groupby("arm"), strict=True
        ):
            assert line.get_label() == arm
            drawn = np.column_stack([rows["time"] / 3600, rows[column]])
            np.testing.assert_allclose(line.get_xydata(), drawn)
    assert {"control", "treated"} == set(experiment.courses["arm"])
    assert np.isfinite(experiment.courses[["V_m", "ratio of sodium"]]).all(axis=None)
