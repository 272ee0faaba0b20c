"""Models in other people's formats: clean, the same numbers, and nothing lost in silence."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import libsbml
import numpy as np
import pytest
import roadrunner

from transport_model import load_model
from transport_model.analyses.exchange.models.antimony import antimony_text, export_antimony
from transport_model.analyses.exchange.models.cellml import export_cellml
from transport_model.analyses.exchange.models.comparison import differences
from transport_model.analyses.exchange.models.escaping import latex_text, markdown_text
from transport_model.analyses.exchange.models.latex_and_markdown import (
    latex_equations,
    latex_symbol,
    markdown_equations,
)
from transport_model.analyses.exchange.models.sbml import (
    FLAVOURS,
    export_hierarchical_sbml,
    export_sbml,
    flattened,
    hierarchical_sbml,
    messages,
    sbml_flavour,
)
from transport_model.analyses.exchange.models.variants import changes_of, with_changes_written
from transport_model.catalogue import shipped_models
from transport_model.errors import InputError
from transport_model.mathematics.evaluation import start_values
from transport_model.model import Model
from transport_model.reading.documents import check_sbml
from transport_model.references import citation

SEMANTIC = os.environ.get("SBML_SEMANTIC_CASES")
#: Cases with what our own models lack: functions, local parameters, events, amounts, rate rules.
CASES = ("00005", "00041", "00113", "00185", "00707")
HOSTILE = "<script>alert(1)</script> $x$ \\input{/etc/passwd} | [a](javascript:b) `c` %"


def read_back(text, folder, suffix=".xml"):
    path = folder / f"read_back{suffix}"
    path.write_text(text, encoding="utf-8")
    return load_model(path)


#: One of every kind; their variants are tried by hand, with the slow tests.
KINDS = ("cell", "cell_sglt2_pan2019", "oocyte", "pump_assay")


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(name, marks=() if name in KINDS else pytest.mark.slow)
        for name in shipped_models()
    ],
)
def shipped(request):
    return load_model(request.param)


@pytest.mark.parametrize(("level", "version"), FLAVOURS)
def test_libsbml_has_nothing_to_say(shipped, level, version):
    text = sbml_flavour(shipped, level, version)
    document = libsbml.readSBMLFromString(text)
    assert (document.getLevel(), document.getVersion()) == (level, version)
    assert messages(text) == []


def test_hierarchical_sbml_is_clean_and_complete(shipped):
    exported = export_hierarchical_sbml(shipped)
    assert messages(exported.text) == []
    has_modules = shipped.name != "tubule_10"  # a chain of segments says that it has none
    assert [loss.what for loss in exported.losses] == ([] if has_modules else ["submodels"])
    assert ("<comp:submodel" in exported.text) == has_modules


def test_modules_of_the_cell_are_submodels(cell):
    document = libsbml.readSBMLFromString(hierarchical_sbml(cell))
    submodels = document.getModel().getPlugin("comp").getListOfSubmodels()
    expected = {"pump", "leak_Na", "leak_K", "leak_Cl", "sglt", "glut", "osmosis"}
    assert {submodel.getId() for submodel in submodels} == expected


def course(sbml):
    runner = roadrunner.RoadRunner(sbml)
    runner.integrator.relative_tolerance = 1e-12
    runner.integrator.absolute_tolerance = 1e-14
    columns = [f"[{name}]" for name in sorted(runner.model.getFloatingSpeciesIds())]
    runner.timeCourseSelections = ["time", *columns]
    return np.array(runner.simulate(0, 60, 4))


@pytest.mark.parametrize(("level", "version"), FLAVOURS[1:])
def test_every_flavour_runs_the_same_course(shipped, level, version):
    assert course(sbml_flavour(shipped, level, version)) == pytest.approx(
        course(shipped.sbml), rel=1e-9, abs=1e-12
    )


def test_the_hierarchy_runs_the_same_course(cell):
    flat = flattened(hierarchical_sbml(cell))
    assert course(flat) == pytest.approx(course(cell.sbml), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("level", "version"), FLAVOURS)
def test_losses_are_the_differences(shipped, level, version, tmp_path):
    exported = export_sbml(shipped, level, version)
    other = read_back(exported.text, tmp_path)
    assert [loss.what for loss in exported.losses] == differences(shipped, other)
    if level == 3:
        assert exported.losses == ()
    else:  # Level 2 has no numbers with units
        assert all("'number_" in loss.what for loss in exported.losses)


def test_antimony_comes_back_whole(shipped, tmp_path):
    exported = export_antimony(shipped)
    assert exported.losses == ()
    assert differences(shipped, read_back(exported.text, tmp_path, ".ant")) == []


def test_cellml_is_valid_and_says_what_it_leaves_out(shipped):
    pytest.importorskip("myokit")
    pytest.importorskip("libcellml")
    exported = export_cellml(shipped)
    assert not [loss for loss in exported.losses if loss.what == "units of a formula"]
    assert {"reactions", "names", "annotations"} <= {loss.what for loss in exported.losses}


def test_cellml_has_the_same_derivatives(cell, tmp_path):
    """Read by Myokit again and evaluated at the start, beside libRoadRunner's rates."""
    cellml = pytest.importorskip("myokit.formats.cellml")
    path = tmp_path / "cell.cellml"
    path.write_text(export_cellml(cell).text, encoding="utf-8")
    model = cellml.CellMLImporter().model(str(path))
    states = [state.name() for state in model.states()]
    mine = dict(zip(states, model.evaluate_derivatives(), strict=True))
    runner = roadrunner.RoadRunner(cell.sbml)
    names = runner.model.getFloatingSpeciesIds()
    rates = {f"{name}_amount": runner.getValue(f"{name}'") for name in names}
    assert mine == pytest.approx(rates, rel=1e-9)


VALUES = {"Glc_o": 0.25, "P_Na": 2e-3, "pump_K_ATP": 0.3, "Na_i": 12.5}


@pytest.mark.parametrize(("level", "version"), FLAVOURS)
def test_a_variant_keeps_its_values_and_their_provenance(cell, level, version, tmp_path):
    variant = cell.with_values(**VALUES)
    text = sbml_flavour(variant, level, version)
    assert messages(text) == []
    other = read_back(text, tmp_path)
    assert {name: other.quantities[name].value for name in VALUES} == VALUES
    document = libsbml.readSBMLFromString(text)
    model = document.getModel()
    assert model.getId() == "cell_variant"
    assert "Glc_o = 0.25 mM" in model.getName()
    assert cell.hash in model.getNotesString()
    told = {change.id: (change.old, change.new, change.unit) for change in changes_of(other)}
    for name, new in VALUES.items():
        assert told[name][:2] == (cell.quantities[name].value, new)
    assert (told["Glc_o"][2], told["P_Na"][2]) == ("mM", "pL/s")
    assert {change.base for change in changes_of(other)} == {f"cell {cell.hash}"}
    new = [text for text in differences(variant, other) if "number_" not in text]
    assert new == []


def test_a_variant_of_a_variant_tells_both(cell, tmp_path):
    first = read_back(with_changes_written(cell.with_values(Glc_o=2.0)), tmp_path)
    second = read_back(with_changes_written(first.with_values(Glc_o=1.0)), tmp_path)
    assert [(c.old, c.new) for c in changes_of(second)] == [(0.5, 2.0), (2.0, 1.0)]


def test_other_formats_hold_changed_values(cell, tmp_path):
    variant = cell.with_values(**VALUES)
    hierarchy = export_hierarchical_sbml(variant)
    assert messages(hierarchy.text) == []
    assert hierarchy.losses == ()
    other = read_back(flattened(hierarchy.text), tmp_path)
    assert {name: other.quantities[name].value for name in VALUES} == VALUES
    other = read_back(antimony_text(variant), tmp_path, ".ant")
    assert start_values(other) == pytest.approx(start_values(variant), rel=1e-12)


def test_a_shared_module_is_changed_in_one_place_only():
    """Neither leak may move when a value of the other's module is set."""
    cell = load_model("cell_pan2019")
    variant = cell.with_values(T=300.0)
    assert export_hierarchical_sbml(variant).losses == ()


P_NA = 'value="0.0007" units="permeability"'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('name="cytosolic Na⁺"', 'name="sodium"'),
        ("CHEBI:29101", "CHEBI:29103"),
        (P_NA, P_NA.replace("07", "08")),
        (P_NA, P_NA.replace("permeability", "flux")),
        ('stoichiometry="3"', 'stoichiometry="2"'),
        ("SBO:0000657", "SBO:0000658"),
        ("<ci> glut_K </ci>", "<ci> Glc_o </ci>"),
    ],
)
def test_a_difference_is_seen(cell, old, new):
    changed = cell.sbml.replace(old, new, 1)
    assert changed != cell.sbml
    assert differences(cell, replace(cell, sbml=changed)) != []


def test_unknown_flavours_are_refused(cell):
    with pytest.raises(InputError, match="SBML L1V2 is not written"):
        sbml_flavour(cell, 1, 2)


LATE = """<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2"><model id="late">
<listOfParameters><parameter id="x" value="1.5" constant="false"/>
<parameter id="y" constant="false"/></listOfParameters>
<listOfRules><assignmentRule variable="y">
<math xmlns="http://www.w3.org/1998/Math/MathML">{}</math></assignmentRule>
<rateRule variable="x"><math xmlns="http://www.w3.org/1998/Math/MathML"><ci> y </ci></math>
</rateRule></listOfRules></model></sbml>"""


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("<apply><max/><ci>x</ci><cn>2</cn><cn>1</cn></apply>", 2.0),
        ("<apply><min/><ci>x</ci><cn>2</cn><cn>1</cn></apply>", 1.0),
        ("<apply><quotient/><cn>-7</cn><cn>2</cn></apply>", -3.0),
        ("<apply><rem/><cn>-7</cn><cn>2</cn></apply>", -1.0),
        ("<apply><rem/><cn>7</cn><cn>2</cn></apply>", 1.0),
    ],
)
@pytest.mark.parametrize(("level", "version"), FLAVOURS[1:])
def test_late_functions_are_said_in_earlier_words(formula, expected, level, version):
    late = Model("late", check_sbml(LATE.format(formula), "late"))
    runner = roadrunner.RoadRunner(sbml_flavour(late, level, version))
    assert runner["y"] == expected


def test_what_has_no_earlier_words_is_refused():
    symbol = (
        '<apply><csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/rateOf">'
        " r </csymbol><ci> x </ci></apply>"
    )
    late = Model("late", LATE.format(symbol))
    with pytest.raises(InputError, match="rateOf"):
        sbml_flavour(late, 2, 4)


CHAIN = """model chain
  compartment c = 1
  {species}
  k = 0.2; n := 1.5 + k
  {reactions}
end
"""


def test_models_are_compared_in_numbers(tmp_path):
    """Whatever coefficients are computed from: numbers, parameters, rules."""
    size = 8
    species = "; ".join(f"species S{i} in c = {i + 1}" for i in range(size))
    reactions = "; ".join(
        f"r{i}: 2.5 S{i} -> n S{i + 1}; k*S{i}/(1 + S{i})" for i in range(size - 1)
    )
    path = tmp_path / "chain.ant"
    path.write_text(CHAIN.format(species=species, reactions=reactions))
    model = load_model(path)

    assert differences(model, read_back(model.sbml, tmp_path)) == []
    changed = model.sbml.replace('stoichiometry="2.5"', 'stoichiometry="2.25"', 1)
    assert "'d(S0)/dt' differs" in "; ".join(differences(model, read_back(changed, tmp_path)))
    ruled = model.sbml.replace(" 1.5 ", " 1.75 ")
    assert "'d(S1)/dt' differs" in "; ".join(differences(model, read_back(ruled, tmp_path)))


@pytest.mark.skipif(not SEMANTIC, reason="SBML_SEMANTIC_CASES is not set")
@pytest.mark.parametrize("case", CASES)
def test_public_models_pass_or_say_what_they_lose(case, tmp_path):
    model = load_model(Path(str(SEMANTIC)) / case / "model.xml")
    for level, version in FLAVOURS:
        exported = export_sbml(model, level, version)
        found = differences(model, read_back(exported.text, tmp_path))
        assert set(found) <= {loss.what for loss in exported.losses}
        assert not [text for text in found if "same state" in text or "starts at" in text]
    hierarchy = export_hierarchical_sbml(model)
    assert [loss.what for loss in hierarchy.losses] == ["submodels"]
    antimony = export_antimony(model)
    found = differences(model, read_back(antimony.text, tmp_path, ".ant"))
    assert found == [loss.what for loss in antimony.losses]
    assert not [text for text in found if "same state" in text]


def test_symbols_are_set_as_mathematics():
    assert latex_symbol("Na_i") == r"\mathrm{Na}_{i}"
    assert latex_symbol("k_12") == "k_{12}"
    assert latex_symbol("_") == r"\mathrm{\_}"


@pytest.fixture(scope="module")
def hostile(cell):
    document = libsbml.readSBMLFromString(cell.sbml)
    model = document.getModel()
    model.getSpecies("Na_i").setName(HOSTILE)
    model.getParameter("P_Na").setName(HOSTILE + "\n# heading\u202e")
    escaped = HOSTILE.replace("<", "&lt;").replace(">", "&gt;")
    model.setNotes(f'<p xmlns="http://www.w3.org/1999/xhtml">{escaped}</p>')
    return Model("cell", libsbml.writeSBMLToString(document))


def test_markdown_holds_no_foreign_markup(hostile):
    text = markdown_equations(hostile)
    assert "<" not in re.sub(r"\$\$.*\$\$", "", text)
    assert not re.search(r"(?<!\\)\]\(", text)
    assert not re.search(r"^# heading", text, flags=re.MULTILINE)
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}
    formulas = re.findall(r"^\$\$.*\$\$$", text, flags=re.MULTILINE)
    assert text.count("$") == 4 * len(formulas)


def test_latex_holds_no_foreign_commands(hostile):
    text = latex_equations(hostile)
    assert r"\input" not in text.replace(r"\textbackslash{}input", "")
    assert not re.search(r"[^\x00-\x7f]", text)
    body = text.partition(r"\begin{document}")[2]
    assert not re.search(r"(?<!\\)[%#~]", body)
    depth = 0
    for brace in re.findall(r"(?<!\\)(?:\\\\)*([{}])", text):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0
    assert text.count(r"\left") == text.count(r"\right")
    begun, ended = (re.findall(rf"\\{word}{{(\w+)}}", text) for word in ("begin", "end"))
    assert sorted(begun) == sorted(ended)


def test_equations_tell_units_sources_and_changes(cell):
    text = markdown_equations(cell.with_values(Glc_o=2))
    assert r"| Glc\_o | 2 | mM | lumen glucose | set on the model; the file has 0.5 |" in text
    assert markdown_text(citation("Wright2011")) in text
    assert r"v_{\mathrm{pump\_cycle}} = J_{\mathrm{pump}}" in text


def test_escaping_keeps_what_is_harmless():
    assert markdown_text("Na⁺ leak, inward") == "Na⁺ leak, inward"
    assert latex_text("Na⁺ leak") == "Na$^{+}$ leak"
    assert markdown_text("-1.5\x0b\u202e") == "-1.5"
    assert markdown_text("- item") == r"\- item"
    assert latex_text("猫") == r"\unicodechar{732B}"
