"""Models made of several files: followed inside their folder or archive, refused beyond it."""

from __future__ import annotations

import math
import zipfile

import pytest

from transport_model import load_model, simulate
from transport_model.errors import ModelFileError, UnsupportedModelError
from transport_model.reading import neighbours
from transport_model.reading.documents import check_sbml

MATHML = "http://www.w3.org/1998/Math/MathML"
PER_MS = '<units name="per_ms"><unit units="ms" exponent="-1"/></units>'
MS = '<units name="ms"><unit units="second" prefix="milli"/></units>'
FALL = (
    f'<math xmlns="{MATHML}"><apply><eq/><apply><diff/><bvar><ci>time</ci></bvar><ci>x</ci></apply>'
    '<apply><times/><cn cellml:units="dimensionless">-1</cn><ci>k</ci><ci>x</ci></apply></apply>'
    "</math>"
)


def cellml(version, *parts, name="m"):
    space = f"http://www.cellml.org/cellml/{version}#"
    return (
        f'<?xml version="1.0"?><model xmlns="{space}" xmlns:cellml="{space}" name="{name}"'
        f' xmlns:xlink="http://www.w3.org/1999/xlink">{"".join(parts)}</model>'
    )


def imports(location, *what):
    return f'<import xlink:href="{location}">{"".join(what)}</import>'


def units(name, of=None):
    return f'<units name="{name}" units_ref="{of or name}"/>'


def falling(version, where="units.cellml"):
    """A component in which x falls from 2 by its rate constant k, which is given to it."""
    inward = 'public_interface="in"' if version == "1.1" else 'interface="public"'
    return cellml(
        version, imports(where, units("ms")), PER_MS, '<component name="decay">'
        f'<variable name="time" units="ms" {inward}/><variable name="k" units="per_ms" {inward}/>'
        f'<variable name="x" units="dimensionless" initial_value="2"/>{FALL}</component>',
    )  # fmt: skip


def top(version, decay="parts/decay.cellml", shared="parts/units.cellml"):
    outward = 'public_interface="out"' if version == "1.1" else 'interface="public"'
    pairs = (
        '<map_variables variable_1="t" variable_2="time"/>'
        '<map_variables variable_1="k" variable_2="k"/>'
    )
    between = (
        f'<connection><map_components component_1="env" component_2="mine"/>{pairs}</connection>'
        if version == "1.1"
        else f'<connection component_1="env" component_2="mine">{pairs}</connection>'
    )
    return cellml(
        version, imports(shared, units("ms")),
        imports(decay, '<component name="mine" component_ref="decay"/>'), PER_MS,
        f'<component name="env"><variable name="t" units="ms" {outward}/>'
        f'<variable name="k" units="per_ms" initial_value="0.5" {outward}/></component>', between,
    )  # fmt: skip


EXTERNAL = """<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2"
 comp:required="true"
 xmlns:comp="http://www.sbml.org/sbml/level3/version1/comp/version1"><model id="m">{inside}</model>
{around}</sbml>"""


def whole(*sources, ref=""):
    """An SBML document with a submodel s1, s2 … for each file."""
    subs = "".join(
        f'<comp:submodel comp:id="s{i}" comp:modelRef="d{i}"/>' for i, _ in enumerate(sources, 1)
    )
    found = "".join(
        f'<comp:externalModelDefinition comp:id="d{i}" comp:source="{source}"{ref}/>'
        for i, source in enumerate(sources, 1)
    )
    return EXTERNAL.format(
        inside=f"<comp:listOfSubmodels>{subs}</comp:listOfSubmodels>",
        around=f"<comp:listOfExternalModelDefinitions>{found}</comp:listOfExternalModelDefinitions>",
    )


def part(value):
    quantity = f'<parameter id="q" value="{value}" constant="true"/>'
    return EXTERNAL.format(
        inside=f"<listOfParameters>{quantity}</listOfParameters>", around=""
    )  # fmt: skip


def refused(path, kind=ModelFileError):
    with pytest.raises(kind) as error:
        load_model(path)
    message = str(error.value)
    assert len(message) <= 300
    assert "/tmp/tmp" not in message  # where copies lie says nothing to anybody
    return message


def packed(path, main, files):
    kind = "http://identifiers.org/combine.specifications/"
    entry = f'<content location="{main}" format="{kind}{main.rpartition(".")[2]}" master="true"/>'
    if main.endswith(".xml"):
        entry = entry.replace(f'{kind}xml"', f'{kind}sbml"')
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "manifest.xml", f'<omexManifest xmlns="{kind}omex-manifest">{entry}</omexManifest>'
        )
        for name, text in files.items():
            archive.writestr(name, text)
    return path


@pytest.fixture
def cellml_libraries():
    pytest.importorskip("myokit")
    pytest.importorskip("libcellml")


@pytest.mark.usefixtures("cellml_libraries")
@pytest.mark.parametrize("version", ["1.1", "2.0"])
def test_cellml_imports_are_followed_in_folder_and_archive(tmp_path, version):
    files = {
        "models/top.cellml": top(version),
        "models/parts/decay.cellml": falling(version, "../parts/units.cellml"),
        "models/parts/units.cellml": cellml(version, MS),
    }
    for name, text in files.items():
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    archive = packed(tmp_path / "a.omex", "models/top.cellml", files)
    for path in (tmp_path / "models" / "top.cellml", archive):
        model = load_model(path)
        assert model.units["time"] == "ms"
        course = simulate(model, 4.0, 3)
        assert course["x"].iloc[-1] == pytest.approx(2 * math.exp(-2), rel=1e-6)


@pytest.mark.usefixtures("cellml_libraries")
@pytest.mark.parametrize(
    ("location", "reason"),
    [("gone.cellml", "'gone.cellml', which is not in its folder"),
     ("../units.cellml", "leads out of the folder"),
     ("%2e%2e/units.cellml", "leads out of the folder"),
     ("/etc/units.cellml", "leads out of the folder"),
     ("link.cellml", "is a link that leads out of the folder"),
     ("http://models.cellml.org/units.cellml", "is not a file in the folder"),
     ("file:///etc/passwd", "is not a file in the folder"),
     ("", "'' is not a file in the folder"),
     ("decay.cellml", "refers back to this file"),
     ("broken.cellml", "broken.cellml"),
     ("other.cellml", "ms")],
)  # fmt: skip
def test_a_refused_import_is_named(tmp_path, location, reason):
    folder = tmp_path / "inner"
    folder.mkdir()
    (tmp_path / "units.cellml").write_text(cellml("1.1", MS))
    (folder / "link.cellml").symlink_to(tmp_path / "units.cellml")
    (folder / "broken.cellml").write_text("<model")
    (folder / "other.cellml").write_text(cellml("1.1"))
    (folder / "units.cellml").write_text(cellml("1.1", MS))
    (folder / "top.cellml").write_text(top("1.1", "decay.cellml", "units.cellml"))
    (folder / "decay.cellml").write_text(falling("1.1", location))
    assert reason in refused(folder / "top.cellml")


@pytest.mark.parametrize("where", ["folder", "archive"])
def test_models_of_other_files_are_submodels(tmp_path, where):
    files = {"top.xml": whole("parts/a%20b.xml", "parts/c.xml"), "parts/a b.xml": part(2),
             "parts/c.xml": whole("../d.xml"), "d.xml": part(3)}  # fmt: skip
    (tmp_path / "parts").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    path = tmp_path / "top.xml"
    if where == "archive":
        path = packed(tmp_path / "a.omex", "top.xml", files)
    found = load_model(path).quantities
    assert {name: quantity.value for name, quantity in found.items()} == {
        "s1__q": 2,
        "s2__s1__q": 3,
    }


@pytest.mark.parametrize(
    ("location", "reason"),
    [("gone.xml", "refers to 'gone.xml', which is not in its folder"),
     ("../part.xml", "leads out of the folder"),
     ("/etc/part.xml", "leads out of the folder"),
     ("http://example.org/part.xml", "is not a file in the folder"),
     ("top.xml", "refers back to this file"),
     ("dtd.xml", "declares entities"),
     ("empty.xml", "empty.xml")],
)  # fmt: skip
def test_a_refused_model_of_another_file_is_named(tmp_path, location, reason):
    folder = tmp_path / "inner"
    folder.mkdir()
    (tmp_path / "part.xml").write_text(part(1))
    (folder / "empty.xml").write_text("")
    (folder / "dtd.xml").write_text('<!DOCTYPE x [<!ENTITY y "z">]>' + part(1))
    (folder / "top.xml").write_text(whole(location))
    assert reason in refused(folder / "top.xml")


def test_a_model_that_another_file_lacks_is_named(tmp_path):
    (tmp_path / "part.xml").write_text(part(1))
    (tmp_path / "top.xml").write_text(whole("part.xml", ref=' comp:modelRef="pump"'))
    assert "pump" in refused(tmp_path / "top.xml")


def test_files_are_counted_and_measured(tmp_path, monkeypatch):
    for number in range(3):
        (tmp_path / f"p{number}.xml").write_text(part(number))
    (tmp_path / "top.xml").write_text(whole("p0.xml", "p1.xml", "p2.xml"))
    assert len(load_model(tmp_path / "top.xml").quantities) == 3
    monkeypatch.setattr(neighbours, "MAX_FILES", 3)
    assert "more than 3 files" in refused(tmp_path / "top.xml")
    monkeypatch.setattr(neighbours, "MAX_BYTES", len(whole("p0.xml", "p1.xml", "p2.xml")) + 100)
    assert "its parts exceed" in refused(tmp_path / "top.xml")


def test_a_text_without_a_folder_has_no_other_files():
    with pytest.raises(UnsupportedModelError, match="other files"):
        check_sbml(whole("/etc/passwd"), "it")


def test_libcellml_may_die_of_what_it_joins(tmp_path):
    pytest.importorskip("myokit")
    pytest.importorskip("libcellml")
    # units that name units which exist nowhere: its flattening follows a pointer to nothing
    (tmp_path / "units.cellml").write_text(cellml("2.0", MS, name="u"))
    (tmp_path / "decay.cellml").write_text(
        falling("2.0").replace('units="ms" exponent="-1"', 'units="nothing" exponent="-1"')
    )
    (tmp_path / "top.cellml").write_text(top("2.0", "decay.cellml", "units.cellml"))
    assert "top.cellml: libCellML dies of joining it" in refused(tmp_path / "top.cellml")


OUTER = """<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2"
 xmlns:comp="http://www.sbml.org/sbml/level3/version1/comp/version1" comp:required="true">
<model id="outer"><comp:listOfSubmodels><comp:submodel comp:id="s" comp:modelRef="d"/>
</comp:listOfSubmodels></model><comp:listOfExternalModelDefinitions>
<comp:externalModelDefinition comp:id="d" comp:source="parts/part.xml" comp:modelRef="inner"/>
</comp:listOfExternalModelDefinitions></sbml>"""
INNER = """<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2">
<model id="inner"><listOfParameters><parameter id="x" value="1" constant="false"/>
</listOfParameters><listOfRules><rateRule variable="x">
<math xmlns="http://www.w3.org/1998/Math/MathML"><apply>{}<ci>x</ci></apply></math>
</rateRule></listOfRules></model></sbml>"""


@pytest.mark.parametrize(
    "operator", ["<listOfParameters/>", "<model/>", "<nosuch/>", "<math/>", "<apply/>"]
)
def test_a_part_whose_mathematics_is_none_is_named(tmp_path, operator):
    """libSBML ends the process where it examines a model of such parts."""
    (tmp_path / "parts").mkdir()
    (tmp_path / "top.xml").write_text(OUTER)
    part = tmp_path / "parts" / "part.xml"
    part.write_text(INNER.format("<minus/>"))
    assert simulate(load_model(tmp_path / "top.xml"), 1.0, 2)["s__x"].iloc[-1] == pytest.approx(
        math.exp(-1)
    )
    part.write_text(INNER.format(operator))
    with pytest.raises(ModelFileError, match=r"parts/part\.xml"):
        load_model(tmp_path / "top.xml")
