"""What a person sees in a terminal: what was asked for first, with its units, nothing cut."""

from __future__ import annotations

import re
import sys

import pandas as pd
import pytest

from transport_model.analyses.cli import progress, terminal
from transport_model.analyses.cli.shown_tables import View, middle_out
from transport_model.analyses.cli.views import series_view
from transport_model.columns import with_units
from transport_model.errors import InputError


@pytest.fixture
def screen(monkeypatch, capsys):
    """Show a table on a terminal of some width; returns its lines and the remarks."""

    def show(table, view=None, width=60):
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        terminal.deliver(table, None, view)
        out, remarks = capsys.readouterr()
        lines = re.sub(r"\x1b\[[0-9;]*m", "", out).splitlines()
        assert all(len(line) <= width for line in lines)
        return [line.rstrip() for line in lines], remarks

    return show


def scanned(rows=5, **values):
    row = {"P_K": 1.0, "J_pump": 0.4, "Na_i": 12.0, "V_m": -67.0, "dG_Na": 1.0, "K_i": 140.0,
           "Cl_i": 9.0, "Glc_i": 5.0, "status": "ok"}  # fmt: skip
    return pd.DataFrame([{**row, "Glc_o": float(n), **values} for n in range(rows)])


def test_what_varies_comes_first_then_the_verdict_and_the_facts(cell, screen):
    table = scanned()
    lines, remarks = screen(table, series_view(table, cell), width=100)
    assert lines[0].split() == ["Glc_o", "status", "V_m", "Na_i", "K_i", "Cl_i", "Glc_i", "J_pump"]
    assert remarks == ""


def test_what_was_asked_for_is_shown_and_the_verdict_with_it(cell, screen):
    table = scanned(rows=9, dG_Na_of_a_very_long_name=1.0)
    view = series_view(table, cell, ["dG_Na_of_a_very_long_name", "dG_Na"])
    lines, _ = screen(table, view, width=40)
    shown = "".join(" ".join(lines[:5]).split())
    assert "status" in shown
    assert all(part in shown for part in ("Glc_o", "dG_Na", "name"))


def test_an_input_that_does_not_vary_is_left_out(cell, screen):
    table = scanned(rows=4, P_Na=2.0)
    lines, _ = screen(table, series_view(table, cell), width=100)
    assert not {"P_Na", "P_K"} & set(lines[0].split())


def test_a_reaction_network_shows_its_species_and_reactions(tmp_path, screen):
    from transport_model import load_model, simulate

    path = tmp_path / "m.ant"
    path.write_text("model m\n R: A -> B; k*A\n A = 1; B = 0; k = 1; z := A + B\nend\n")
    model = load_model(path)
    course = simulate(model, 1, points=5)
    lines, _ = screen(course, series_view(course, model))
    assert lines[0].split()[-3:] == ["A", "B", "R"]


def test_what_follows_a_rate_rule_is_a_result(tmp_path, screen):
    from transport_model import load_model, simulate

    path = tmp_path / "m.ant"
    path.write_text("model m\n x = 1; k = 2; x' = -k*x\nend\n")
    model = load_model(path)
    course = simulate(model, 1, points=5)
    assert "x" not in series_view(course, model, ["k"]).first
    assert "x" in screen(course, series_view(course, model))[0][0].split()


def test_units_stand_below_names(screen):
    table = with_units(pd.DataFrame({"V_m": [-60.0] * 5}), {"V_m": "mV"})
    assert screen(table)[0][1].split() == ["mV"]


def test_numbers_are_never_cut_and_columns_without_room_are_named(screen):
    table = pd.DataFrame({f"c{n}": [123456.0] * 5 for n in range(9)})
    lines, remarks = screen(table, width=40)
    shown = lines[0].split()
    assert lines[1].split()[1:] == ["1.2346e+05"] * len(shown)
    left = [f"c{n}" for n in range(len(shown), 9)]
    assert f"without {', '.join(left)}; --out FILE writes everything" in " ".join(remarks.split())


def test_text_is_wrapped_at_words_and_only_a_long_word_loses_its_middle(screen):
    words = "the fall of cytosolic sodium"
    table = pd.DataFrame({"verdict": ["misses"] * 4, "got": [1.0] * 4},
                         index=pd.Index([words] * 4, name="target"))  # fmt: skip
    lines, _ = screen(table, width=34)
    assert lines[0].split() == ["target", "verdict", "got"]
    shown = " ".join(line[:16].strip() for line in lines[1:])
    assert words in " ".join(shown.split())
    assert middle_out("carrier_release_of_sodium", 11) == "carri…odium"


def test_a_few_rows_of_many_columns_are_turned_round(screen):
    table = with_units(pd.DataFrame({f"quantity_{n}": [1.0 + n] for n in range(30)}),
                       {"quantity_3": "mM"})  # fmt: skip
    lines, remarks = screen(table, width=40)
    assert remarks == ""
    assert [line.split() for line in lines if "quantity_3" in line] == [["quantity_3", "4", "mM"]]


def test_rows_without_units_and_with_long_names_are_turned_round(screen):
    table = pd.DataFrame({f"what was asked for, number {n}": [float(n)] for n in range(9)})
    lines, _ = screen(table)
    assert [line.split()[-1] for line in lines if "number" in line] == list("012345678")


def test_groups_have_headings(screen):
    table = pd.DataFrame({"value": [1.0, 2.0, 3.0, 4.0]}, index=["V_m", "E_K", "Na_i", "K_i"])
    groups = {"V_m": "Potentials", "E_K": "Potentials", "Na_i": "Species", "K_i": "Species"}
    lines, _ = screen(table, View(groups=groups))
    assert [line for line in lines if line in groups.values()] == ["Potentials", "Species"]
    assert lines.index("Species") == lines.index("Potentials") + 4  # under it a header, two rows


def test_a_long_scan_is_thinned_out_and_another_table_is_not(cell, screen):
    table = scanned(rows=100)
    assert "34 of 100 rows" in screen(table, series_view(table, cell), width=100)[1]
    assert "rows" not in screen(table, View(first=["V_m"], hidden=table.columns), width=100)[1]


def test_a_pipe_gets_every_column_and_no_formula(cell, capsys):
    table = pd.DataFrame({"P_Na": [1.0], "V_m": [-60.0], "dG_Na": [1.0], "note": ["=1+1"]})
    terminal.deliver(table, None, series_view(table, cell))
    assert capsys.readouterr().out.splitlines() == [",P_Na,V_m,dG_Na,note", "0,1.0,-60.0,1.0,'=1+1"]


def test_a_closed_output_is_named(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(InputError, match="standard output is closed; name a file with --out"):
        terminal.deliver(pd.DataFrame({"a": [1.0]}), None)


def test_a_closed_error_stream_shows_no_progress(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    with progress.busy("working"), progress.counting(1, "x") as count, progress.steps() as step:
        count(1)
        step("a step")


def test_a_remark_is_broken_at_words(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    terminal.note("the sodium gradient is what glucose is carried by")
    assert capsys.readouterr().err.splitlines() == [
        "the sodium gradient is what",
        "glucose is carried by",
    ]
