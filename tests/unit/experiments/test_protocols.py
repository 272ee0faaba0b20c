"""A protocol is read with its units and times, or refused by file and line."""

from __future__ import annotations

import pytest

from transport_model import Ramp, Step, load_model
from transport_model.analyses.experiments.arms import ChangeKind
from transport_model.analyses.experiments.checks import Window
from transport_model.analyses.experiments.protocols import (
    Start,
    protocol_path,
    protocols_across,
    read_protocol,
    shipped_protocols,
)
from transport_model.analyses.reductions import Reduction
from transport_model.errors import InputError

GOOD = """title: Everything
claim: a sentence
model: cell
start: rest
duration: 1 h
points: 61
arms:
  control:
  treated:
    with: {Glc_o: 500 uM, P_Na: x10}
    hold: {V_m: -50 mV}
    changes:
      - {at: 0 s, set: {ouabain: 1 mM}}
      - {from: 10 min, to: 20 min, ramp: {ATP: 0.5 mM}}
      - {from: 30 min, to: 40 min, pulse: {Glc_o: 20 mM}}
watch:
  - V_m
  - {expression: Na_i/Na_o, label: ratio, unit: 1}
measures:
  fall: {arm: treated, of: Na_i, take: change, from: 0 s, to: 1 min}
  when: {arm: treated, of: Na_i, take: time_to, level: 20000 uM}
  then: {arm: control, of: V_T*ln(K_o/K_i), take: value, at: 1 min, unit: mV}
checks:
  - {that: abs(fall) < 5 && when > 0, meaning: nothing}
  - {effect: fall, within: [-2000 uM, 500 uM], meaning: little}
"""


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "p.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_everything_is_read_in_the_models_units(write):
    protocol = read_protocol(write(GOOD))
    assert (protocol.name, protocol.start, protocol.duration) == ("p", Start.REST, 3600.0)
    assert protocol.time_unit == "s"
    assert protocol.arm["control"].changes == ()
    arm = protocol.arm["treated"]
    tenfold = 10 * load_model("cell").quantities["P_Na"].value
    assert arm.settings == pytest.approx({"Glc_o": 0.5, "P_Na": tenfold})
    assert arm.hold == {"V_m": -50.0}
    assert [change.kind for change in arm.changes] == list(ChangeKind)
    fall, when, then = protocol.measures
    assert fall.reduction == Reduction("Na_i", "change", start=0.0, end=60.0)
    assert when.reduction == Reduction("Na_i", "time_to", level=20.0, start=0.0, end=3600.0)
    assert then.reduction == Reduction("V_T*ln(K_o/K_i)", "value", at=60.0)
    assert (fall.unit, when.unit, then.unit) == ("mM", "s", "mV")
    assert [watched.column for watched in protocol.watched] == ["V_m", "ratio"]
    assert protocol.checks[0].window is None
    assert protocol.checks[1].window == Window(-2000.0, 500.0, "uM", pytest.approx(1000.0))


def test_a_pulse_comes_back_to_what_was_before_it(write):
    arm = read_protocol(write(GOOD)).arm["treated"]
    assert arm.inputs == (
        Step(0.0, {"ouabain": 1.0}),
        Ramp("ATP", 600.0, 1200.0, 0.5),
        Step(1800.0, {"Glc_o": 20.0}),
        Step(2400.0, {"Glc_o": 0.5}),
    )
    after_ramp = GOOD.replace("Glc_o: 20 mM", "ATP: 20 mM")
    assert read_protocol(write(after_ramp)).arm["treated"].inputs[-1] == Step(2400.0, {"ATP": 0.5})


def test_a_ramp_may_begin_where_another_ends(write):
    text = GOOD.replace("{from: 30 min, to: 40 min, pulse: {Glc_o: 20 mM}}",
                        "{from: 20 min, to: 40 min, ramp: {ATP: 5 mM}}")  # fmt: skip
    assert len(read_protocol(write(text)).arm["treated"].inputs) == 3


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        # the file
        ("title: Everything\n", "", 1, "'title: …' is missing"),
        ("title", "titel", 1, "did you mean 'title'"),
        ("title: Everything", "title:", 1, "not nothing"),
        ("title: Everything", "title: [a]", 1, "not a list"),
        ("start: rest", "start: rest\nstart: rest", 5, "appears twice (first in line 4)"),
        ("start: rest", "start: &a rest", 4, "anchors"),
        ("points: 61", "points: *a", 6, "anchors"),
        ("start: rest", "start: !!python/name:os.system rest", 4, "tags"),
        ("start: rest", "start: [rest", 5, "not YAML"),
        ("start: rest", "\tstart: rest", 4, "not YAML"),
        ("start: rest", "start: a: b", 4, "not YAML"),
        ("start: rest", "start: rest\n---", 5, "not YAML"),
        ("start: rest", "start: re\x00st", 4, "no text holds"),
        ("start: rest", "start: " + 30 * "[" + 30 * "]", 4, "nested"),
        ("start: rest", "? [a]\n: b", 4, "a key is a word"),
        ("start: rest", "start: ret", 4, "did you mean 'rest'"),
        ("points: 61", "points: 1", 6, "from 2 to"),
        ("points: 61", "points: 6.5", 6, "whole number"),
        ("model: cell", "model: sell", 3, "sell"),
        ("claim: a sentence\n", "", 1, "'claim: …' is missing"),
        # times
        ("duration: 1 h", "duration: 0 h", 5, "positive"),
        ("duration: 1 h", "duration: -1 h", 5, "positive"),
        ("duration: 1 h", "duration: 3600", 5, "unit of '3600' is missing"),
        ("duration: 1 h", "duration: 1 mM", 5, "does not convert to 's'"),
        ("duration: 1 h", "duration: 1 fortnigth", 5, "not a unit"),
        ("duration: 1 h", "duration: an hour", 5, "not a number"),
        ("duration: 1 h", "duration: 1e999 s", 5, "finite"),
        ("at: 0 s", "at: -1 s", 13, "within the experiment, 0 to 1 h"),
        ("at: 0 s", "at: 2 h", 13, "within the experiment, 0 to 1 h"),
        ("at: 0 s", "at: 0", 13, "missing"),
        ("from: 10 min", "from: 20 min", 14, "earlier"),
        ("to: 20 min", "to: 61 min", 14, "within"),
        ("from: 10 min, ", "", 14, "'from: …' is missing"),
        ("at: 0 s, ", "", 13, "'at: …' is missing"),
        ("at: 0 s", "from: 0 s", 13, "unknown key 'from'"),
        # changes
        ("set: {ouabain: 1 mM}", "sett: {ouabain: 1 mM}", 13, "did you mean 'set'"),
        ("set: {ouabain: 1 mM}", "set: {}", 13, "it is empty"),
        (", set: {ouabain: 1 mM}", "", 13, "one of set, ramp, pulse"),
        ("ramp: {ATP: 0.5 mM}", "ramp: {ATP: 0.5 mM}, set: {ADP: 1 mM}", 14, "this has 2"),
        ("ouabain: 1 mM", "ouabian: 1 mM", 13, "did you mean 'ouabain'"),
        ("ouabain: 1 mM", "ouabain: 1", 13, "needed is one that converts to 'mM'"),
        ("ouabain: 1 mM", "ouabain: 1 mV", 13, "does not convert"),
        ("ouabain: 1 mM", "ouabain: -1 mM", 13, "zero or more"),
        ("ATP: 0.5 mM", "ATP: x-1", 14, "zero or more"),
        ("ouabain: 1 mM", "ouabain: nan mM", 13, "not a number"),
        ("ouabain: 1 mM", "ouabain: {a: 1}", 13, "not a mapping"),
        ("ouabain: 1 mM", "u: 1", 13, "by the law"),
        ("ouabain: 1 mM", "outside: 2 pL", 13, "cannot be changed"),
        ("ouabain: 1 mM", "T: 0 K", 13, "positive"),
        ("ATP: 0.5 mM", "Na_i: 5 mM", 14, "moves by itself"),
        ("Glc_o: 20 mM", "Na_i: 20 mM", 15, "moves by itself"),
        ("Glc_o: 20 mM", "ouabain: 2 mM, ouabain: 3 mM", 15, "twice"),
        ("from: 30 min, to: 40 min, pulse: {Glc_o: 20 mM}",
         "at: 0 min, set: {ouabain: 2 mM}", 15, "same time by line 13"),
        ("from: 30 min, to: 40 min, pulse: {Glc_o: 20 mM}",
         "at: 15 min, set: {ATP: 2 mM}", 15, "same time by line 14"),
        ("pulse: {Glc_o: 20 mM}", "pulse: {ouabain: 2 mM}}\n"
         "      - {from: 39 min, to: 41 min, ramp: {ouabain: 3 mM}", 16, "same time by line 15"),
        ("pulse: {Glc_o: 20 mM}", "pulse: {ouabain: 2 mM}}\n"
         "      - {from: 40 min, to: 41 min, pulse: {ouabain: 3 mM}", 16, "same time by line 15"),
        ("from: 30 min, to: 40 min, pulse: {Glc_o: 20 mM}",
         "from: 15 min, to: 40 min, ramp: {ATP: 20 mM}", 15, "same time by line 14"),
        # arms
        ("  control:", "  treated:", 9, "twice"),
        ("  control:", "  control: {}", 8, "it is empty"),
        ("  control:", "  control: {changes: []}", 8, "the list is empty"),
        ("  control:", "  control: {changes: {at: 0 s}}", 8, "a list"),
        ("  control:", "  control: {chnages: []}", 8, "did you mean 'changes'"),
        ("  control:", "  control: {model: sell}", 8, "sell"),
        ("P_Na: x10", "P_NA: x10", 10, "did you mean 'P_Na'"),
        ("P_Na: x10", "P_Na: 10", 10, "unit of '10' is missing"),
        ("P_Na: x10", "P_Na: 10 mM", 10, "does not convert"),
        ("P_Na: x10", "H: x10", 10, "by the law"),
        ("hold: {V_m: -50 mV}", "hold: {V_m: -50}", 11, "missing"),
        ("hold: {V_m: -50 mV}", "hold: {T: 300 K}", 11, "put it under 'with'"),
        ("hold: {V_m: -50 mV}", "hold: {Vm: -50 mV}", 11, "did you mean 'V_m'"),
        # what is watched and measured
        ("  - V_m\n", "  - Vm\n", 17, "did you mean 'V_m'"),
        ("  - V_m\n", "  - V_m +\n", 17, "not a formula"),
        ("  - V_m\n", "  - V_m < 3\n", 17, "true or false"),
        ("  - V_m\n", "  - V_m\n  - V_m\n", 18, "watched already"),
        ("label: ratio", "label: Na_i", 18, "watched already"),
        ("label: ratio, unit: 1", "label: ratio, unit: zorkmid", 18, "not a unit"),
        ("label: ratio", "lable: ratio", 18, "did you mean 'label'"),
        ("expression: Na_i/Na_o, ", "", 18, "'expression: …' is missing"),
        ("  fall:", "  pi:", 20, "no name for a measure"),
        ("  fall:", "  time:", 20, "no name for a measure"),
        ("  fall:", "  a-b:", 20, "no name for a measure"),
        ("fall: {arm: treated", "fall: {arm: tretaed", 20, "there are control, treated"),
        ("fall: {arm: treated, ", "fall: {", 20, "'arm: …' is missing"),
        ("take: change", "take: chnage", 20, "did you mean 'change'"),
        ("take: change, ", "", 20, "'take: …' is missing"),
        ("of: Na_i, take: change", "of: Na_j, take: change", 20, "Na_"),
        ("from: 0 s, to: 1 min", "from: 1 min, to: 1 min", 20, "earlier"),
        ("from: 0 s, to: 1 min", "at: 1 min", 20, "unknown key 'at'"),
        ("from: 0 s, to: 1 min", "unit: mol", 20, "is in mM"),
        (", level: 20000 uM", "", 21, "'level: …' is missing"),
        ("level: 20000 uM", "level: 20 mV", 21, "does not convert"),
        ("at: 1 min, ", "", 22, "'at: …' is missing"),
        ("V_T*ln(K_o/K_i)", "V_T*log(K_o/K_i)", 22, "ambiguous"),
        ("V_T*ln(K_o/K_i)", "V_T*lln(K_o/K_i)", 22, "not a function"),
        ("of: V_T*ln(K_o/K_i)", "of: max(K_o, K_i)", 22, "in quotes"),
        # checks
        ("abs(fall) < 5", "abs(fell) < 5", 24, "did you mean 'fall'"),
        ("abs(fall) < 5", "abs(V_m) < 5", 24, "no quantity 'V_m' in the measures"),
        ("abs(fall) < 5 && when > 0", "abs(fall)", 24, "true or false"),
        ("abs(fall) < 5 && when > 0", "fall && when", 24, "mixes"),
        ("abs(fall) < 5 && when > 0", "1 < 2", 24, "whatever is measured"),
        ("meaning", "meening", 24, "did you mean 'meaning'"),
        ("abs(fall) < 5 && when > 0", "abs(fall)", 24, "give it as 'effect: …' with 'within: …'"),
        ("effect: fall", "effect: fell", 25, "did you mean 'fall'"),
        ("effect: fall", "effect: fall < 3", 25, "true or false"),
        ("effect: fall", "effect: 2 + 3", 25, "whatever is measured"),
        ("effect: fall", "efect: fall", 25, "did you mean 'effect'"),
        ("effect: fall", "that: fall < 3", 25, "unknown key 'within'"),
        ("effect: fall", "effect: fall, that: fall < 3", 25, "unknown key 'that'"),
        (", within: [-2000 uM, 500 uM]", "", 25, "'within: …' is missing"),
        ("[-2000 uM, 500 uM]", "[1 mM]", 25, "this has 1"),
        ("[-2000 uM, 500 uM]", "3 mM", 25, "not '3 mM'"),
        ("[-2000 uM, 500 uM]", "[-2 mM, 500 uM]", 25, "both ends of a window have one unit"),
        ("[-2000 uM, 500 uM]", "[500 uM, 500 uM]", 25, "the lower end"),
        ("[-2000 uM, 500 uM]", "[low, high]", 25, "'low' is not a number"),
        ("[-2000 uM, 500 uM]", "[-2 mV, 5 mV]", 25, "does not convert to 'mV'"),
        ("[-2000 uM, 500 uM]", "[-2, 5]", 25, "the unit of the window is missing"),
        ("[-2000 uM, 500 uM]", "[-2 %, 5 %]", 25, "does not convert"),
        ("effect: fall", "effect: fall + when", 25, "mM and s; its window is of a pure number"),
        ("checks:\n  - {that: abs(fall) < 5 && when > 0, meaning: nothing}\n"
         "  - {effect: fall, within: [-2000 uM, 500 uM], meaning: little}\n", "checks: []\n", 23,
         "the list is empty"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_file_and_line(write, old, new, line, message):
    assert old in GOOD
    path = write(GOOD.replace(old, new, 1))
    with pytest.raises(InputError) as error:
        read_protocol(path)
    text = str(error.value)
    assert text.startswith(f"{path}, line {line}: ")
    assert message in text
    assert "\n" not in text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "line 1: the file is empty"),
        (b"# only a remark\n", "line 1: the file is empty"),
        (b"just a text\n", "line 1: an experiment has"),
        (b"[]\n", "line 1: an experiment has"),
        (b"title: a\nclaim: \xff\xfe\n", "line 2: not text in UTF-8"),
        (b"title: a\n" + b"#" * 2**20, "larger than 1 MiB"),
        (b"title: a\nduration: 1 h\narms: {}\n", "line 3: 'arms' holds at least one arm"),
        (b"title: a\nduration: 1 h\narms: [a]\n", "line 3: 'arms' holds at least one arm"),
        (b"title: a\nduration: 1 h\narms: {a: }\n", "line 1: the experiment neither watches nor"),
        (b"title: a\nclaim: b\nduration: 1 h\narms: {a: }\nwatch: [V_m]\n",
         "line 1: a claim is tested by checks"),
    ],
)  # fmt: skip
def test_files_that_hold_no_experiment(write, content, message):
    path = write(content)
    with pytest.raises(InputError) as error:
        read_protocol(path)
    assert str(path) in str(error.value)
    assert message in str(error.value)


def test_arms_share_their_unit_of_time(write, tmp_path):
    minutes = """model m
      x = 1; x' = -x
      unit time_unit = 60 second
    end"""
    (tmp_path / "m.ant").write_text(minutes)
    with pytest.raises(InputError, match="line 8: its time is in"):
        read_protocol(write(GOOD.replace("  control:", "  control: {model: m.ant}")))


def test_unknown_experiments_are_answered_with_those_that_exist(tmp_path):
    assert "pump_stopped" in shipped_protocols()
    with pytest.raises(InputError, match=r"did you mean 'pump_stopped'.*pump_stopped"):
        protocol_path("pump_stoped")
    with pytest.raises(InputError, match="no such file"):
        read_protocol(tmp_path / "nowhere.yaml")
    with pytest.raises(InputError, match="no experiment or file"):
        protocol_path(tmp_path)


@pytest.mark.parametrize("name", [*shipped_protocols(), *protocols_across()])
def test_shipped_experiments_are_read(name):
    protocol = read_protocol(protocol_path(name))
    assert protocol.claim
    windows = [check for check in protocol.checks if check.window is not None]
    assert len(windows) >= len(protocol.checks) / 2  # sizes of effects, not signs
    assert all(check.meaning for check in protocol.checks)
    assert all(check.why for check in windows)
