"""What notebooks show of values: facts first, judged in words and colour, everything escaped."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from transport_model import (
    Model,
    continue_steady_state,
    control_coefficients,
    explore,
    fold_curve,
    load_model,
    notebook,
    steady_state,
)
from transport_model.analyses.verdict import MOST_SHOWN, Verdict, VerdictTable
from transport_model.errors import InputError, UnknownIdError


class Read(HTMLParser):
    """The rows of a piece of HTML, its texts, and whether every element is closed."""

    def __init__(self, html):
        super().__init__()
        self.open, self.rows, self.texts = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        assert not {"src", "href", "onclick"} & {name for name, _ in attrs}
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data


def shown(value):
    html = value._repr_html_()
    read = Read(html)
    assert not read.open
    assert "<script" not in html
    assert "http" not in html
    return read


def test_a_model_shows_what_was_set_on_it_and_its_species(cell):
    assert ["Glc_o", "2", "mM", "0.5", "lumen glucose"] in shown(cell.with_values(Glc_o=2)).rows
    rows = shown(cell).rows
    assert rows[0] == ["species", "start", "unit", "name", "kind"]
    assert rows[1] == ["Na_i", "17", "mM", "cytosolic Na⁺", "floating"]
    assert len(rows) == 13


def test_a_steady_state_shows_its_certificate_and_the_facts_of_a_cell(resting):
    read = shown(resting)
    assert {"ok", "stable"} <= set(read.texts)
    assert any(f"net current {notebook.number(resting.net_current)} fmol/s" in text
               for text in read.texts)  # fmt: skip
    assert read.rows[1][:3] == ["V_m", notebook.number(resting["V_m"]), "mV"]
    assert len(read.rows) == 9


def test_control_shows_fluxes_and_concentrations_by_reaction(cell):
    analysis = control_coefficients(cell)
    rows = shown(analysis).rows
    assert rows[0] == ["control of", "", *analysis.flux.columns]
    told = {(row[0], row[1]): row[2:] for row in rows[1:]}
    expected = [f"{value:.2f}".replace("-", "−") for value in analysis.concentration.loc["Na_i"]]
    same = ["0" if float(text.replace("−", "-")) == 0 else text for text in expected]
    assert told["concentration", "Na_i"] == same
    assert told["flux", "osmosis_flow"] == ["–"] * len(analysis.flux)


def test_a_branch_shows_its_special_points(cell):
    read = shown(continue_steady_state(cell, "K_o", 4, 5))
    assert read.rows[0] == ["special point", "K_o [mM]", ""]
    assert read.rows[1:] == [["end", "4", "the lower end of the range of 'K_o'"],
                             ["end", "5", "the upper end of the range of 'K_o'"]]  # fmt: skip
    assert any("stable" in text for text in read.texts)


def test_a_curve_of_folds_shows_its_special_points(tmp_path):
    (tmp_path / "c.ant").write_text("model c\n -> X; 3*a*X^2 - X^3 - 3*X + b\n a = 1.1; b = 0.1;"
                                    " X = 0.1\nend\n")  # fmt: skip
    branch = continue_steady_state(load_model(tmp_path / "c.ant"), "b", 0, 2)
    read = shown(fold_curve(branch, "a", 0.9, 2))
    assert read.rows[0] == ["special point", "b", "a", ""]
    assert ["cusp", "1", "1", ""] in read.rows


def test_names_of_others_are_text(tmp_path):
    path = tmp_path / "m.ant"
    path.write_text('model m\n x = 1; x\' = 1 - x; x is "<b onclick=1>&"\nend\n')
    model = load_model(path)
    harmful = Model("<script>", model.sbml, {"x": 2.0})
    assert "<script>" in shown(harmful).texts
    assert any("<b onclick=1>&" in row for row in shown(harmful).rows)
    assert any("<b onclick=1>&" in row for row in shown(steady_state(model)).rows)


def test_verdicts_come_first_and_so_do_those_that_go_against():
    words = ["holds"] * 30 + ["misses", "not checked"]
    table = VerdictTable({"target": [f"t{n}" for n in range(32)], "verdict": words})
    html = table._repr_html_()
    rows = Read(html).rows
    assert rows[0] == ["verdict", "target"]
    assert rows[1] == ["misses", "t30"]
    assert len(rows) == MOST_SHOWN + 1
    assert f"{MOST_SHOWN} of 32 rows" in html
    colours = {word: re.search(rf"background:(#\w+)[^>]*>\d* ?{word}<", html)[1]
               for word in ("misses", "holds", "1 not checked")}  # fmt: skip
    assert colours == {"misses": notebook.BAD, "holds": notebook.GOOD,
                       "1 not checked": notebook.OPEN}  # fmt: skip
    assert isinstance(table[table["verdict"] == "misses"], VerdictTable)
    assert "t30" in table[["target"]]._repr_html_()


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_is_good_bad_or_neither(verdict):
    good = {"holds", "agrees"}
    bad = {"broken", "misses", "refuted", "differs", "failed"}
    assert verdict.good is (True if verdict in good else False if verdict in bad else None)


@pytest.mark.parametrize(
    ("value", "text"), [(-67.2792, "−67.279"), (float("nan"), "–"), (-0.0, "0"), (1e-12, "1e−12")]
)
def test_numbers_have_five_digits_and_a_minus(value, text):
    assert notebook.number(value) == text


def test_coefficients_are_tinted_by_sign_and_size():
    assert "rgba(0,114,178,0.60)" in notebook.tinted(2.5).style
    assert "rgba(230,159,0,0.30)" in notebook.tinted(-0.5).style
    assert notebook.tinted(np.nan).html == "–"
    assert notebook.tinted(-1e-9).html == "0"


def test_a_wrong_id_names_the_nearest_and_is_a_key_error(resting):
    with pytest.raises(UnknownIdError, match="did you mean 'V_m'") as error:
        resting["Vm"]
    assert isinstance(error.value, KeyError)
    assert isinstance(error.value, InputError)
    assert str(error.value).startswith("no quantity 'Vm' in the steady state of 'cell'")


def test_ids_are_completed_within_brackets(resting):
    assert resting._ipython_key_completions_() == [str(name) for name in resting.values.index]


def test_tables_of_studies_say_their_units(cell):
    analysis = control_coefficients(cell)
    for table in (analysis.flux, analysis.concentration, analysis.elasticities):
        assert isinstance(table, pd.DataFrame)
        assert table.attrs["units"] == dict.fromkeys(table.columns, "1")


def test_an_explorer_is_a_page_in_a_frame_of_its_own(cell):
    page = explore(cell)
    shown = page._repr_html_()
    (frame,) = re.findall(
        r'<iframe srcdoc="([^"]*)" sandbox="allow-scripts allow-downloads"', shown
    )
    assert unescape(frame) == page.html
    assert len(repr(page)) < 100
