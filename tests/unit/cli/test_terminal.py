"""What a person sees in a terminal: the columns that tell something, with their units."""

from __future__ import annotations

import re
import sys

import pandas as pd
import pytest

from transport_model.analyses.cli import terminal
from transport_model.errors import InputError


@pytest.fixture
def screen(monkeypatch, capsys):
    """Show a table on a terminal of some width; returns its columns, the remarks, the text."""

    def show(table, units, model, width=60):
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        terminal.deliver(table, None, units, model)
        out, remarks = capsys.readouterr()
        plain = re.sub(r"\x1b\[[0-9;]*m", "", out)
        return plain.splitlines()[0].split(), remarks, plain

    return show


def test_what_varies_comes_first_then_the_verdict_the_potential_and_the_species(cell, screen):
    rows = {"P_K": 1.0, "J_pump": 0.4, "Na_i": 12.0, "V_m": -67.0, "dG_Na": 1.0, "status": "ok"}
    table = pd.DataFrame([{**rows, "Glc_o": 1.0}, {**rows, "Glc_o": 2.0}])
    columns, remarks, _ = screen(table, {}, cell, width=100)
    assert columns == ["Glc_o", "status", "V_m", "Na_i", "J_pump"]
    assert "showing 2 of 2 rows, 5 of 7 columns" in remarks


def test_an_input_that_does_not_vary_is_left_out(cell, screen):
    table = pd.DataFrame({"Glc_o": [1.0, 1.0], "P_Na": [1.0, 2.0], "V_m": [-60.0, -61.0]})
    assert screen(table, {}, cell)[0] == ["P_Na", "V_m"]


def test_a_table_in_which_nothing_tells_is_shown_whole(cell, screen):
    table = pd.DataFrame({"dG_Na": [1.0], "E_K": [-90.0]})
    assert screen(table, {}, cell)[0] == ["dG_Na", "E_K"]


def test_units_stand_below_names(screen):
    table = pd.DataFrame({"V_m": [-60.0]})
    assert screen(table, {"V_m": "mV"}, None)[2].splitlines()[1].split() == ["mV"]


def test_columns_that_do_not_fit_are_left_to_the_file(screen):
    table = pd.DataFrame({f"column_{n}": [1.0] for n in range(9)})
    columns, remarks, _ = screen(table, {}, None, width=40)
    assert columns == ["column_0", "column_1", "column_2"]
    assert "1 of 1 rows, 3 of 9 columns; --out FILE writes everything" in remarks


def test_a_long_scan_is_thinned_out_and_another_table_is_not(cell, screen):
    table = pd.DataFrame({"Glc_o": [float(n) for n in range(100)], "V_m": -60.0})
    assert "showing 34 of 100 rows" in screen(table, {}, cell)[1]
    assert screen(table, {}, None)[1] == ""


def test_a_pipe_gets_every_column_and_no_formula(cell, capsys):
    table = pd.DataFrame({"P_Na": [1.0], "V_m": [-60.0], "dG_Na": [1.0], "note": ["=1+1"]})
    terminal.deliver(table, None, {}, cell)
    assert capsys.readouterr().out.splitlines() == [",P_Na,V_m,dG_Na,note", "0,1.0,-60.0,1.0,'=1+1"]


def test_a_closed_output_is_named(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(InputError, match="standard output is closed; name a file with --out"):
        terminal.deliver(pd.DataFrame({"a": [1.0]}), None, {})


def test_a_closed_error_stream_shows_no_progress(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    with terminal.busy("working"), terminal.counting(1, "x") as count, terminal.steps() as step:
        assert count is None
        assert step is None
