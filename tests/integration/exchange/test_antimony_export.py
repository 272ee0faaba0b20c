"""Antimony that is written is the same model when it is read again, or says what it lost."""

from __future__ import annotations

import pandas as pd
import pytest

from transport_model import load_model, simulate
from transport_model.analyses.exchange.models import antimony as antimony_export
from transport_model.analyses.exchange.models.antimony import export_antimony
from transport_model.errors import InputError
from transport_model.model import Model
from transport_model.reading.documents import check_sbml

MATHML = "http://www.w3.org/1998/Math/MathML"
WORDS = f"""<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2"><model id="words">
<listOfParameters><parameter id="{{0}}" value="3" constant="true"/>
<parameter id="y" constant="false"/></listOfParameters><listOfRules><assignmentRule variable="y">
<math xmlns="{MATHML}"><ci>{{0}}</ci></math></assignmentRule></listOfRules></model></sbml>"""


def read_back(text, folder):
    path = folder / "read_back.ant"
    path.write_text(text, encoding="utf-8")
    return load_model(path)


NUMBERS = """model numbers
  unit mM = 1e-3 mole/litre
  compartment c = 1
  species x in c
  x = 4; k = 0.1; p = 1; q := (3 + x)*2 mM
  decay: x -> ; {law}
  p' = x/2 - {law}
  E: at x < 3: p = 7/2 + p
end
"""


@pytest.mark.parametrize(
    "law",
    ["c*k*x/2", "c*k*x/(2 mM)", "c*k*x/2 second", "c*k*max(x, 2.5)", "k*(-2)^2*x^0.5/3",
     "k*piecewise(2, x > 3, 4)", "k*x - -3/-4", "k*2e-3^(-1.5)", "k*log(x)/2 + k*3^x"],
)  # fmt: skip
def test_numbers_of_formulas_come_back_from_antimony(tmp_path, law):
    path = tmp_path / "numbers.ant"
    path.write_text(NUMBERS.format(law=law))
    model = load_model(path)
    assert "second" not in model.quantities
    exported = export_antimony(model)
    assert exported.losses == ()
    assert "= ;" not in exported.text
    pd.testing.assert_frame_equal(
        simulate(model, 1.0, 3), simulate(read_back(exported.text, tmp_path), 1.0, 3),
        rtol=1e-9,
    )  # fmt: skip


@pytest.mark.parametrize("word", ["unit", "after", "constraint", "mole", "second", "at", "in"])
def test_ids_that_are_words_of_antimony_are_renamed_and_told(tmp_path, word):
    model = Model("words", check_sbml(WORDS.format(word), "words"))
    exported = export_antimony(model)
    other = read_back(exported.text, tmp_path)
    assert other.quantities[f"{word}_"].value == 3
    assert any(word in loss.what for loss in exported.losses)


def test_antimony_that_could_not_be_read_again_is_refused(cell, monkeypatch):
    monkeypatch.setattr(antimony_export, "antimony_text", lambda model: "model m\n x = = \nend")
    with pytest.raises(InputError, match="could not read it: "):
        export_antimony(cell)


def test_a_model_that_would_come_back_with_other_numbers_is_refused(cell, monkeypatch):
    written = antimony_export.antimony_text(cell).replace("Glc_i = ", "Glc_i = 2*")
    monkeypatch.setattr(antimony_export, "antimony_text", lambda model: written)
    with pytest.raises(InputError, match="as Antimony: read again, 'Glc_i' starts at"):
        export_antimony(cell)


def test_a_lumen_is_a_place_unless_the_model_measures_light(tmp_path):
    exported = export_antimony(load_model("pt_s1"))
    assert exported.losses == ()
    assert read_back(exported.text, tmp_path).quantities["lumen"].kind == "compartment"
    light = load_model("pt_s1").sbml.replace('units="pS"', 'units="lumen"')
    assert any("lumen_" in loss.what for loss in export_antimony(Model("light", light)).losses)
