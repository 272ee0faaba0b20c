"""What no formula refers to keeps no model out, and what one does refer to still does."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import libsbml
import numpy as np
import pytest
import roadrunner

from transport_model import load_model, simulate
from transport_model.errors import ModelFileError

LEVEL_2 = """<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level2/version4" level="2" version="4" {root}>
 <model id="m" {model}>{inside}
  <listOfCompartments><compartment id="c" size="1"/></listOfCompartments>
  <listOfSpecies><species id="A" compartment="c" initialConcentration="3"/></listOfSpecies>
  <listOfParameters><parameter id="k" value="0.5" {parameter}/></listOfParameters>
  <listOfReactions><reaction id="J" reversible="false">
   <listOfReactants><speciesReference species="A"/></listOfReactants>
   <kineticLaw><math xmlns="http://www.w3.org/1998/Math/MathML">
    <apply><times/><ci>k</ci><ci>A</ci></apply></math></kineticLaw>
  </reaction></listOfReactions>
 </model>
</sbml>"""
LAYOUT = "http://www.sbml.org/sbml/level3/version1/layout/version1"
RENDER = "http://www.sbml.org/sbml/level3/version1/render/version1"
TIME = """<csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time">
 t</csymbol>"""
FUNCTION = f"""<listOfFunctionDefinitions><functionDefinition id="late">
 <math xmlns="http://www.w3.org/1998/Math/MathML"><lambda><bvar><ci>x</ci></bvar>
  <apply><times/><ci>x</ci>{TIME}</apply></lambda></math></functionDefinition>
</listOfFunctionDefinitions>"""

#: Parts of the text above, by what is wrong with them.
ASIDES = {
    "two of a namespace": {
        "inside": '<annotation><a:x xmlns:a="http://a.org"/><a:y xmlns:a="http://a.org"/>'
                  "</annotation>"},
    "no namespace": {"inside": '<annotation><x xmlns=""/></annotation>'},
    "layout in level 2": {"root": f'xmlns:layout="{LAYOUT}" layout:required="false"'},
    "term of another branch": {"parameter": 'sboTerm="SBO:0000345"'},
    "unknown unit": {"parameter": 'units="furlong"'},
}  # fmt: skip


def written(tmp_path, text):
    path = tmp_path / "model.xml"
    path.write_text(text)
    return path


def level_2(**parts):
    empty = dict.fromkeys(("root", "model", "inside", "parameter"), "")
    return LEVEL_2.format(**{**empty, **parts})


@pytest.mark.parametrize("kind", ASIDES)
def test_what_changes_no_number_keeps_no_model_out(tmp_path, kind):
    path = written(tmp_path, level_2(**ASIDES[kind]))
    model = load_model(path)
    alone = roadrunner.RoadRunner(str(path)).simulate(0, 4, 5)
    assert simulate(model, 4, 5)["A"].to_numpy() == pytest.approx(np.array(alone)[:, 1], rel=1e-5)
    assert simulate(model, 4, 5)["A"].iloc[-1] == pytest.approx(3 * np.exp(-2), rel=1e-8)


@pytest.mark.parametrize("kind", ASIDES)
def test_what_is_made_of_it_is_valid(tmp_path, kind):
    document = libsbml.readSBMLFromString(
        load_model(written(tmp_path, level_2(**ASIDES[kind]))).sbml
    )
    for category in (libsbml.LIBSBML_CAT_SBO_CONSISTENCY, libsbml.LIBSBML_CAT_UNITS_CONSISTENCY):
        document.setConsistencyChecks(category, False)
    document.checkConsistency()
    errors = [document.getError(place) for place in range(document.getNumErrors())]
    severe = {error.getErrorId() for error in errors if error.getSeverity() > 1}
    assert severe <= {libsbml.DanglingUnitReference}


def test_annotations_keep_what_is_valid_of_them(tmp_path):
    text = level_2(inside='<annotation><a:x xmlns:a="http://a.org"/><b:z xmlns:b="http://b.org"/>'
                          '<a:y xmlns:a="http://a.org"/></annotation>')  # fmt: skip
    sbml = load_model(written(tmp_path, text)).sbml
    assert "a:x" in sbml
    assert "b:z" in sbml
    assert "a:y" not in sbml


def test_a_drawing_that_is_wrong_keeps_no_model_out(tmp_path):
    """Elements of a drawing's style that stand where libSBML knows none."""
    document = libsbml.readSBMLFromString(level_2())
    document.setLevelAndVersion(3, 1)
    packages = f'xmlns:layout="{LAYOUT}" xmlns:render="{RENDER}"'
    text = libsbml.writeSBMLToString(document).replace(
        'version="1"', f'version="1" {packages} layout:required="false" render:required="false"', 1
    )
    drawing = """<layout:listOfLayouts><render:listOfGlobalRenderInformation>
     <render:globalRenderInformation render:id="g"/>
    </render:listOfGlobalRenderInformation></layout:listOfLayouts>"""
    text = re.sub("(<model[^>]*>)", rf"\1{drawing}", text)
    assert libsbml.readSBMLFromString(text).getNumErrors(libsbml.LIBSBML_SEV_ERROR) > 0
    model = load_model(written(tmp_path, text))
    assert simulate(model, 4, 2)["A"].iloc[-1] == pytest.approx(3 * np.exp(-2), rel=1e-8)


def test_a_function_may_name_the_time_in_level_2(tmp_path):
    first = level_2(inside=FUNCTION).replace(
        'level2/version4" level="2" version="4"', 'level2" level="2" version="1"'
    )
    text = first.replace(
        "<apply><times/><ci>k</ci><ci>A</ci></apply>",
        "<apply><times/><apply><ci>late</ci><ci>k</ci></apply><ci>A</ci></apply>",
    )
    end = simulate(load_model(written(tmp_path, text)), 4, 2)["A"].iloc[-1]
    assert end == pytest.approx(3 * np.exp(-4), rel=1e-8)  # of A' = -k*t*A


@pytest.mark.parametrize(
    ("old", "new"),
    [("<ci>k</ci>", "<ci>q</ci>"), ('species="A"', 'species="B"'),
     ("<listOfSpecies>", "<listOfFish>")],
)  # fmt: skip
def test_what_does_is_still_refused(tmp_path, old, new):
    text = level_2(**ASIDES["two of a namespace"]).replace(old, new)
    text = text.replace("</listOfSpecies>", new.replace("<l", "</l")) if "Fish" in new else text
    with pytest.raises(ModelFileError):
        load_model(written(tmp_path, text))


def test_annotations_are_read_beside_another_library_of_the_kind(tmp_path):
    """Lists of libSBML lose their ends where libSEDML has been loaded."""
    pytest.importorskip("libsedml")
    path = written(tmp_path, level_2(**ASIDES["two of a namespace"]))
    code = f"import libsedml, transport_model; transport_model.load_model({str(path)!r})"
    environment = {**os.environ, "TRANSPORT_MODEL_CACHE": str(tmp_path / "cache")}
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, env=environment)
