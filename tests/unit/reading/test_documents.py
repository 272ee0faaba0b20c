"""Files that are no model, or not one that can be run: each is refused with its reason."""

from __future__ import annotations

from pathlib import Path

import libsbml
import pytest

from transport_model import (
    grid,
    load_model,
    response_coefficients,
    scan,
    simulate,
    steady_state,
)
from transport_model.errors import ModelFileError, UnsupportedModelError
from transport_model.reading import documents, untrusted
from transport_model.reading.documents import read_model

CORE_2 = "http://www.sbml.org/sbml/level3/version2/core"
CORE = "http://www.sbml.org/sbml/level3/version1/core"
PACKAGE = "http://www.sbml.org/sbml/level3/version1/{}/version1"


def level_3(body="", *, package="", around="", required="true"):
    name = f' xmlns:{package}="{PACKAGE.format(package)}" {package}:required="{required}"'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<sbml xmlns="{CORE}" level="3" version="1"{name if package else ""}>'
        f'<model id="m">{body}</model>{around}</sbml>'
    )


def refused(path, kind=ModelFileError):
    with pytest.raises(kind) as caught:
        load_model(path)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    return message


def test_what_is_no_file(tmp_path):
    assert "no such model file" in refused(tmp_path / "missing.xml")
    assert "is a folder" in refused(tmp_path)
    with pytest.raises(ModelFileError, match="no model is named"):
        load_model(" ")


def test_files_that_cannot_be_read(tmp_path, monkeypatch):
    path = tmp_path / "model.xml"
    path.write_bytes(b"\xff\xfe\xfd")
    assert "is not a text file" in refused(path)
    path.write_text(" \n")
    assert "is empty" in refused(path)

    def denied(self, mode):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", denied)
        assert "cannot read" in refused(path)
    monkeypatch.setattr(documents, "MAX_BYTES", 1)
    assert "larger than" in refused(path)


def test_text_that_grows_when_it_is_read_is_refused_too(tmp_path, monkeypatch):
    monkeypatch.setattr(untrusted, "MAX_BYTES", 20)
    path = tmp_path / "model.xml"
    path.write_text(level_3())
    assert "larger than" in refused(path)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [("model.xml", "<html/>", "is not SBML"),
     ("model.xml", level_3("<p>"), "is not SBML (line 1"),
     ("model.xml", f'<sbml xmlns="{CORE_2}" level="3" version="2"/>', "holds no SBML model"),
     ("model.ant", "S -> ; k*S*\n", "line 1"),
     ("model.ant", "model m\n p := " + "(" * 200 + "1" + ")" * 200, "line 2: parentheses"),
     ("model.ant", "model m\n p := 1" + "-1" * 20_000 + "\nend", "line 2 is longer than")],
)  # fmt: skip
def test_texts_that_are_no_model(tmp_path, name, text, message):
    path = tmp_path / name
    path.write_text(text)
    assert message in refused(path)


SUBMODEL = """<comp:listOfSubmodels><comp:submodel comp:id="s" comp:modelRef="part">{deletions}
</comp:submodel></comp:listOfSubmodels>"""
PART = """<comp:listOfModelDefinitions><comp:modelDefinition id="part"><listOfParameters>
<parameter id="p" constant="false"/><parameter id="q" value="2" constant="true"/></listOfParameters>
<listOfRules><assignmentRule variable="p"><math xmlns="http://www.w3.org/1998/Math/MathML">
<ci>q</ci></math></assignmentRule></listOfRules></comp:modelDefinition>
</comp:listOfModelDefinitions>"""


def test_a_hierarchical_model_is_flattened_or_refused(tmp_path, monkeypatch):
    path = tmp_path / "comp.xml"
    path.write_text(level_3(SUBMODEL.format(deletions=""), package="comp", around=PART))
    assert load_model(path).quantities["s__q"].value == 2
    path = path.rename(tmp_path / "another.xml")  # which nobody has checked yet
    # libSBML's own reason where it tells one, and ours where it does not
    with monkeypatch.context() as patch:
        patch.setattr(libsbml.SBMLDocument, "convert", lambda *_: libsbml.LIBSBML_OPERATION_FAILED)
        assert "its hierarchical model cannot be flattened" in refused(path)
    with monkeypatch.context() as patch:
        patch.setattr(libsbml.SBMLDocument, "setLevelAndVersion", lambda *_: False)
        assert "cannot convert it to SBML L3V2" in refused(path)
    deleted = """<comp:listOfDeletions><comp:deletion comp:idRef="q"/></comp:listOfDeletions>"""
    path.write_text(level_3(SUBMODEL.format(deletions=deleted), package="comp", around=PART))
    assert "once flattened: The formula 's__q'" in refused(path)


def test_packages_that_change_the_mathematics(tmp_path):
    path = tmp_path / "package.xml"
    path.write_text(level_3(package="qual"))
    message = refused(path, UnsupportedModelError)
    assert "the SBML package 'qual' is not supported" in message
    path.write_text(level_3(package="groups", required="false"))
    assert load_model(path).name == "package"


HEAD = f'<?xml version="1.0" encoding="UTF-8"?>\n<sbml xmlns="{CORE_2}"'


def written(tmp_path, text, name="model.xml"):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (
            'xmlns="http://www.sbml.org/sbml/level2/version5" level="2" version="-1"',
            "does not exist",
        ),
        (
            'xmlns="http://www.sbml.org/sbml/level3/version2" level="3" version="2"',
            "whose namespace",
        ),
        (
            'xmlns="http://www.sbml.org/sbml/level3/version9/core" level="3" version="9"',
            "not exist",
        ),
        ('xmlns="http://www.sbml.org/sbml/level3/version2/core"', "level '' version ''"),
    ],
)
def test_levels_and_versions_that_do_not_exist_do_not_reach_libsbml(tmp_path, head, said):
    """Some of them end the process, with a stoichiometryMath."""
    with pytest.raises(ModelFileError, match=said):
        read_model(written(tmp_path, f'<sbml {head}><model id="m"/></sbml>'))


@pytest.mark.parametrize("operands", ["", "<cn>1</cn>", "<ci>p</ci><ci>p</ci>"])
def test_a_rate_of_nothing_does_not_reach_libsbml(tmp_path, operands):
    rate_of = (
        '<csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/rateOf">rateOf'
        "</csymbol>"
    )
    text = (
        f'{HEAD} level="3" version="2"><model id="m"><listOfParameters>'
        '<parameter id="p" value="1" constant="false"/></listOfParameters><listOfRules>'
        '<assignmentRule variable="p"><math xmlns="http://www.w3.org/1998/Math/MathML"><apply>'
        f"{rate_of}{operands}</apply></math></assignmentRule></listOfRules></model></sbml>"
    )
    with pytest.raises(ModelFileError, match="rateOf takes one name"):
        read_model(written(tmp_path, text))


@pytest.mark.parametrize(
    "formula",
    [
        "<apply><divide/><divide/><ci>p</ci></apply>",
        "<apply><log/><logbase><divide/></logbase><ci>p</ci></apply>",
        "<apply><root/><degree><plus/></degree><ci>p</ci></apply>",
        "<piecewise><piece><plus/><true/></piece></piecewise>",
        "<apply><apply><plus/></apply><ci>p</ci></apply>",
    ],
)
def test_an_operator_in_place_of_a_value_does_not_reach_libsbml(tmp_path, formula):
    """It dies of some where functions are written out, and takes others for zero."""
    text = (
        f'{HEAD} level="3" version="2"><model id="m"><notes><p xmlns="http://www.w3.org/1999/xhtml">'
        "<max/></p></notes><listOfParameters>"
        '<parameter id="p" value="1" constant="false"/></listOfParameters><listOfRules>'
        '<rateRule variable="p"><math xmlns="http://www.w3.org/1998/Math/MathML">{}</math>'
        "</rateRule></listOfRules></model></sbml>"
    )
    with pytest.raises(ModelFileError, match=r"in place of a value|begins with an operator"):
        read_model(written(tmp_path, text.format(formula)))
    # A name of an operator elsewhere is no operator
    read_model(written(tmp_path, text.format("<apply><minus/><ci>p</ci></apply>")))


def test_a_size_computed_from_within_is_refused(tmp_path):
    math = '<math xmlns="http://www.w3.org/1998/Math/MathML"><ci>{}</ci></math>'
    text = (
        f'{HEAD} level="3" version="2"><model id="m"><listOfCompartments>'
        '<compartment id="c" size="1" constant="true"/></listOfCompartments><listOfSpecies>'
        '<species id="A" compartment="c" initialConcentration="2" hasOnlySubstanceUnits="false"'
        ' boundaryCondition="false" constant="false"/></listOfSpecies><listOfParameters>'
        '<parameter id="p" constant="true"/></listOfParameters><listOfInitialAssignments>'
        f'<initialAssignment symbol="c">{math.format("p")}</initialAssignment>'
        f'<initialAssignment symbol="p">{math.format("A")}</initialAssignment>'
        "</listOfInitialAssignments></model></sbml>"
    )
    with pytest.raises(
        UnsupportedModelError, match="the size of 'c' at the start is computed from"
    ):
        read_model(written(tmp_path, text))


def test_antimony_imports_come_from_the_files_own_folder(tmp_path):
    """Two folders with files of the same names, in one process, one after the other."""
    for folder, start in (("a", 14), ("b", 2)):
        written(tmp_path, f"module part()\n species S; S = {start}\nend\n", f"{folder}/part.ant")
        written(tmp_path, 'import "part.ant"\nmodel top\n P: part()\nend\n', f"{folder}/top.ant")
    for folder, start in (("a", 14), ("b", 2), ("a", 14)):
        assert f'initialConcentration="{start}"' in read_model(tmp_path / folder / "top.ant")


@pytest.mark.parametrize(
    ("name", "said"),
    [("/etc/passwd", "outside"), ("../up.ant", "outside"), ("none.ant", "not there")],
)
def test_antimony_imports_stay_in_the_folder(tmp_path, name, said):
    written(tmp_path, "model up\nend\n", "up.ant")
    inner = written(tmp_path, f'import "{name}"\nmodule p()\nend\n', "in/inner.ant")
    top = written(tmp_path, 'import "inner.ant"\nmodel m\nend\n', "in/top.ant")
    for path in (inner, top):
        with pytest.raises(ModelFileError, match=said):
            read_model(path)


def test_antimony_with_other_letters_and_with_long_sums(tmp_path):
    with pytest.raises(ModelFileError, match="line 2: Antimony reads only ASCII"):
        read_model(written(tmp_path, "model m\n π = 1\n x = 0\nend\n", "letters.ant"))
    text = f"model m\n p := {'+'.join(['1'] * 1500)}\nend\n"
    assert "<assignmentRule" in read_model(written(tmp_path, text, "sum.ant"))


def test_what_has_no_end_is_not_read_to_it():
    with pytest.raises(ModelFileError, match="is larger than 64 MiB"):
        read_model(Path("/dev/zero"))


def test_a_parameter_that_hides_a_species_of_its_reaction_still_does_in_level_3(tmp_path):
    path = tmp_path / "hides.xml"
    path.write_text(
        '<sbml xmlns="http://www.sbml.org/sbml/level2/version4" level="2" version="4">'
        '<model id="m"><listOfCompartments><compartment id="C" size="1"/></listOfCompartments>'
        '<listOfSpecies><species id="A" compartment="C" initialAmount="4"/></listOfSpecies>'
        '<listOfParameters><parameter id="J_A" value="7"/></listOfParameters>'
        '<listOfReactions><reaction id="J" reversible="false"><listOfReactants>'
        '<speciesReference species="A"/></listOfReactants><kineticLaw>'
        '<math xmlns="http://www.w3.org/1998/Math/MathML"><ci>A</ci></math>'
        '<listOfParameters><parameter id="A" value="0.5"/></listOfParameters></kineticLaw>'
        "</reaction></listOfReactions></model></sbml>"
    )
    again = tmp_path / "again.xml"
    again.write_text(read_model(path))
    assert read_model(again) == read_model(path)
    course = simulate(load_model(again), 2, points=2)
    assert course["A"].iloc[-1] == pytest.approx(3.0)  # at 0.5 a time unit, whatever A is


LOCAL = """\
<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1">
<model id="m" substanceUnits="mole" extentUnits="mole" timeUnits="second">
<listOfUnitDefinitions><unitDefinition id="per_s"><listOfUnits>
<unit kind="second" exponent="-1" scale="0" multiplier="1"/></listOfUnits></unitDefinition>
</listOfUnitDefinitions>
<listOfCompartments><compartment id="C" size="1" spatialDimensions="3" constant="true"/>
</listOfCompartments>
<listOfSpecies><species id="A" compartment="C" initialAmount="0" hasOnlySubstanceUnits="true"
boundaryCondition="false" constant="false"/></listOfSpecies>
<listOfParameters>{known}<parameter id="k" value="7" constant="true"/></listOfParameters>
<listOfReactions>
<reaction id="in" reversible="false" fast="false"><listOfProducts>
<speciesReference species="A" stoichiometry="1" constant="true"/></listOfProducts><kineticLaw>
<math xmlns="http://www.w3.org/1998/Math/MathML"><ci>k</ci></math>
<listOfLocalParameters><localParameter id="k" value="3"/></listOfLocalParameters>
</kineticLaw></reaction>
<reaction id="out" reversible="false" fast="false"><listOfReactants>
<speciesReference species="A" stoichiometry="1" constant="true"/></listOfReactants><kineticLaw>
<math xmlns="http://www.w3.org/1998/Math/MathML"><apply><times/><ci>k</ci><ci>A</ci></apply></math>
<listOfLocalParameters><localParameter id="k" name="loss" value="0.5" units="per_s"/>
</listOfLocalParameters></kineticLaw></reaction></listOfReactions></model></sbml>
"""


def test_parameters_of_a_kinetic_law_can_be_set_scanned_and_asked_about(tmp_path):
    path = tmp_path / "local.xml"
    path.write_text(LOCAL.format(known=""))
    model = load_model(path)
    assert model.quantities["in_k"].value == 3
    assert model.quantities["k"].value == 7
    assert (model.quantities["out_k"].name, model.unit("out_k")) == ("loss", "1/s")
    assert steady_state(model)["A"] == pytest.approx(3 / 0.5)
    assert steady_state(model.with_values(in_k=4.0, k=1.0))["A"] == pytest.approx(4 / 0.5)
    table = scan(model, grid(out_k=[1.0, 2.0]), engine="roadrunner")
    assert table["A"].tolist() == pytest.approx([3.0, 1.5])
    responses = response_coefficients(model, ["in_k", "out_k"]).loc["A"]
    assert responses.tolist() == pytest.approx([1.0, -1.0])


def test_a_parameter_of_a_kinetic_law_gets_an_id_that_nothing_has(tmp_path):
    path = tmp_path / "local.xml"
    path.write_text(LOCAL.format(known='<parameter id="in_k" value="9" constant="true"/>'))
    model = load_model(path)
    assert (model.quantities["in_k"].value, model.quantities["in_k_1"].value) == (9, 3)
    assert steady_state(model.with_values(in_k=1.0))["A"] == pytest.approx(6.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('/* top */ import "../out.ant"\nmodel m\n x = 1\nend\n', "outside"),
        ('model m\n x = 1\nend; import "/etc/hostname"\n', "outside"),
        ('import "m.ant"\nmodel m\n x = 1\nend\n', "in turn"),
        ('# import "gone.ant"\nimport "lost.ant"\nmodel m\n x = 1\nend\n', "'lost.ant'"),
    ],
)
def test_imports_are_seen_wherever_they_stand(tmp_path, text, said):
    path = tmp_path / "m.ant"
    path.write_text(text)
    assert said in refused(path)


@pytest.mark.parametrize(
    "text",
    [
        "model m\n A = 1; A -> ; A\n x: m()\nend\n",
        "module a(x) b1: b(x); end\nmodule b(x)\n a1: a(x)\nend\nmodel m\n A = 1\n x: a(A)\nend\n",
    ],
)
def test_a_module_within_itself_is_refused(tmp_path, text):
    path = tmp_path / "m.ant"
    path.write_text(text)
    assert "holds an instance of itself" in refused(path)


def test_a_module_twice_within_another_is_no_circle(tmp_path):
    path = tmp_path / "m.ant"
    path.write_text(
        "module a(x)\n x -> ; k*x; k = 1\nend\n// a: m()\nmodule b(x)\n one: a(x); two: a(x)\nend\n"
        "model m\n A = 1; B = 2; one: b(A); two: b(B); three: a(A)\nend\n"
    )
    assert len(load_model(path).reactions) == 5


def test_a_kinetic_law_with_an_empty_name(tmp_path):
    """libSBML lets it pass as what a function is called with."""
    path = tmp_path / "model.ant"
    path.write_text("function mm(v, s, k)\n v*s/(k + s)\nend\nmodel m\n species S = 1\n v = 1\n"
                    " k = 1\n J: S -> ; mm(v, S, k)\nend\n")  # fmt: skip
    text = load_model(path).sbml
    before, law = text.split("<kineticLaw>")
    path = tmp_path / "model.xml"
    path.write_text(before + "<kineticLaw>" + law.replace("<ci> S </ci>", "<ci> </ci>"))
    assert "empty name" in refused(path)
