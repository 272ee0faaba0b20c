from __future__ import annotations

import contextlib
import io
import os
import re
import stat
import zipfile

import pytest

from transport_model import load_model, simulate
from transport_model.catalogue import models_folder
from transport_model.errors import InputError, ModelFileError
from transport_model.reading import archives

MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<omexManifest xmlns="http://identifiers.org/combine.specifications/omex-manifest">
<content location="." format="http://identifiers.org/combine.specifications/omex"/>
{entries}</omexManifest>"""
SEDML = """<?xml version="1.0" encoding="UTF-8"?>
<sedML xmlns="http://sed-ml.org/sed-ml/level1/version4" level="1" version="4"><listOfModels>
{models}</listOfModels></sedML>"""
SPEC = "http://identifiers.org/combine.specifications/"


def model_text(size="1"):
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2"><model id="m">
<listOfParameters><parameter id="p" value="{size}" constant="true"/></listOfParameters>
</model></sbml>"""


def content(location, kind, master=False):
    flag = ' master="true"' if master else ""
    return f'<content location="{location}" format="{SPEC}{kind}"{flag}/>'


def sedml(*sources):
    models = (f'<model id="m{i}" source="{source}"/>' for i, source in enumerate(sources))
    return SEDML.format(models="".join(models))


def archive(path, files, *entries):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        if entries:
            target.writestr("manifest.xml", MANIFEST.format(entries="".join(entries)))
        for name, data in files.items():
            target.writestr(name, data)
    return path


@pytest.fixture
def good(tmp_path):
    return archive(
        tmp_path / "good.omex",
        {"models/a.xml": model_text("3"), "models/b.xml": model_text("4"),
         "one.sedml": sedml("./models/a.xml", "#m0"), "two.sedml": sedml("models/b.xml")},
        content("./models/a.xml", "sbml.level-3.version-2"), content("models/b.xml", "sbml"),
        content("one.sedml", "sed-ml.level-1.version-4", master=True),
        content("two.sedml", "sed-ml"),
    )  # fmt: skip


def test_the_model_of_the_master_is_read(good):
    assert load_model(good).quantities["p"].value == 3
    for suffix in (".sedx", ".zip"):
        copy = good.with_suffix(suffix)
        copy.write_bytes(good.read_bytes())
        assert load_model(copy).quantities["p"].value == 3


def test_without_sedml_the_only_model_is_read(tmp_path):
    cell = (models_folder() / "cell.xml").read_text("utf-8")
    path = archive(tmp_path / "one.omex", {"cell.xml": cell}, content("./cell.xml", "sbml"))
    assert load_model(path).hash == load_model("cell").hash


def test_sources_are_relative_to_the_sedml(tmp_path):
    path = archive(tmp_path / "x.omex", {"m/a.xml": model_text("5"), "s/e.sedml":
                   sedml("../m/a.xml")}, content("s/e.sedml", "sed-ml"))  # fmt: skip
    assert load_model(path).quantities["p"].value == 5


@pytest.mark.parametrize(
    ("files", "entries", "message"),
    [
        ({"a.xml": model_text(), "b.xml": model_text()},
         [content("a.xml", "sbml"), content("b.xml", "sbml")], "a.xml, b.xml"),
        ({"a.xml": model_text(), "b.xml": model_text(), "e.sedml": sedml("a.xml", "b.xml")},
         [content("e.sedml", "sed-ml", master=True)], "a.xml, b.xml"),
        ({"e.sedml": sedml("a.xml"), "f.sedml": sedml("a.xml"), "a.xml": model_text()},
         [content("e.sedml", "sed-ml", True), content("f.sedml", "sed-ml", True)], "2 masters"),
        ({"a.xml": model_text()}, [content("lost.sedml", "sed-ml", True)], "lost.sedml"),
        ({"a.xml": model_text()}, [content("../../etc/passwd", "sbml")], "leads out"),
        ({"a.xml": model_text()}, [content("file:///etc/passwd", "sbml")], "not a file in"),
        ({"e.sedml": sedml("lost.xml")}, [content("e.sedml", "sed-ml")], "lost.xml"),
        ({"e.sedml": sedml("../a.xml")}, [content("e.sedml", "sed-ml")], "leads out"),
        ({"e.sedml": sedml("http://a.b/c.xml")}, [content("e.sedml", "sed-ml")], "not a file"),
        ({"e.sedml": sedml()}, [content("e.sedml", "sed-ml")], "names no model"),
        ({"e.txt": "hello"}, [content("e.txt", "txt")], "neither SED-ML nor"),
        ({"e.txt": "hello"}, [content("e.txt", "txt", True)], "master 'e.txt'"),
        ({"a.xml": model_text()}, [], "no manifest.xml"),
        ({"a.xml": "<!DOCTYPE a>" + model_text()}, [content("a.xml", "sbml")], "declares"),
    ],
)  # fmt: skip
def test_what_is_amiss_is_said_in_one_line(tmp_path, files, entries, message):
    path = archive(tmp_path / "x.omex", files, *entries)
    with pytest.raises(InputError, match=message) as caught:
        load_model(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "name",
    ["../a.xml", "/etc/a.xml", "a/../../b.xml", "C:/a.xml", "..\\a.xml", "a\\..\\b.xml"],
)
def test_paths_that_climb_out(tmp_path, name):
    path = archive(tmp_path / "x.omex", {name: "x"}, content("a.xml", "sbml"))
    with pytest.raises(ModelFileError, match="leads out"):
        load_model(path)
    assert os.listdir(tmp_path) == ["x.omex"]


def test_links_are_refused(tmp_path):
    link = zipfile.ZipInfo("a.xml")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = archive(tmp_path / "x.omex", {}, content("a.xml", "sbml"))
    with zipfile.ZipFile(path, "a") as target:
        target.writestr(link, "/etc/passwd")
    with pytest.raises(ModelFileError, match="is a link"):
        load_model(path)


def test_names_that_stand_twice_are_refused(tmp_path):
    path = archive(tmp_path / "x.omex", {"a.xml": model_text()}, content("a.xml", "sbml"))
    with zipfile.ZipFile(path, "a") as target, pytest.warns(UserWarning, match="Duplicate"):
        target.writestr("a.xml", model_text("2"))
    with pytest.raises(ModelFileError, match="there twice"):
        load_model(path)


def test_encrypted_files_are_refused(tmp_path):
    path = archive(tmp_path / "x.omex", {"a.xml": model_text()}, content("a.xml", "sbml"))
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        data[data.rindex(signature) + offset] |= 1
    path.write_bytes(bytes(data))
    with pytest.raises(ModelFileError, match="encrypted"):
        load_model(path)


def test_bombs_are_not_inflated(tmp_path):
    path = archive(tmp_path / "x.omex", {"a.xml": b" " * 2**23}, content("a.xml", "sbml"))
    with pytest.raises(ModelFileError, match="would inflate"):
        load_model(path)


def test_too_many_and_too_deep(tmp_path):
    many = {f"{i}.txt": "" for i in range(archives.MAX_MEMBERS)}
    with pytest.raises(ModelFileError, match="files; at most"):
        load_model(archive(tmp_path / "x.omex", many, content("0.txt", "sbml")))
    deep = {"a/" * 20 + "a.xml": ""}
    with pytest.raises(ModelFileError, match="folders deep"):
        load_model(archive(tmp_path / "y.omex", deep, content("a.xml", "sbml")))


@pytest.mark.parametrize("claimed", [10, 100_000])
@pytest.mark.parametrize("stored", [True, False])
def test_sizes_that_lie(tmp_path, claimed, stored):
    """The directory's size is changed, its check sum made to agree with what would be read."""
    text = model_text().encode() + b" " * 5000
    path = tmp_path / "x.omex"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("manifest.xml", MANIFEST.format(entries=content("a.xml", "sbml")))
        kind = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
        target.writestr("a.xml", text, compress_type=kind)
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 16 : at + 20] = zipfile.crc32(text[:claimed]).to_bytes(4, "little")
    data[at + 24 : at + 28] = claimed.to_bytes(4, "little")
    path.write_bytes(bytes(data))
    with pytest.raises(ModelFileError, match=r"size that the archive claims|cut short"):
        load_model(path)


def test_truncated_at_any_byte(good):
    whole = good.read_bytes()
    for length in range(0, len(whole), 97):
        good.write_bytes(whole[:length])
        with pytest.raises(ModelFileError) as caught:
            load_model(good)
        assert "\n" not in str(caught.value)


def test_changed_at_any_byte(good):
    """A flipped byte gives the model or one line, never anything else."""
    whole = good.read_bytes()
    for place in range(0, len(whole), 41):
        data = bytearray(whole)
        data[place] ^= 0xFF
        good.write_bytes(bytes(data))
        with contextlib.suppress(InputError):
            assert load_model(good).quantities["p"].value in {3, 4}


def test_cellml_is_read_through_myokit(tmp_path):
    pytest.importorskip("myokit")
    text = """<?xml version="1.0" encoding="UTF-8"?>
<model xmlns="http://www.cellml.org/cellml/{v}#" xmlns:cellml="http://www.cellml.org/cellml/{v}#"
 name="decay"><units name="per_second"><unit units="second" exponent="-1"/></units>
<component name="c"><variable name="time" units="second"/>
<variable name="x" units="mole" initial_value="2"/>
<variable name="k" units="per_second" initial_value="0.5"/><variable name="v" units="{w}"/>
<math xmlns="http://www.w3.org/1998/Math/MathML">
<apply><eq/><apply><diff/><bvar><ci>time</ci></bvar><ci>x</ci></apply>
<apply><minus/><apply><times/><ci>k</ci><ci>x</ci></apply></apply></apply>
<apply><eq/><ci>v</ci><ci>time</ci></apply></math></component></model>"""
    for version in ("1.0", "1.1", "2.0"):
        path = tmp_path / f"decay{version[0]}{version[2]}.cellml"
        path.write_text(text.format(v=version, w="second"))
        model = load_model(path)
        course = simulate(model, 2.0, 3)
        assert course["x"].to_numpy() == pytest.approx([2.0, 2 * 0.606530660, 2 * 0.367879441])
        assert course["v"].tolist() == [0.0, 1.0, 2.0]
        assert (model.unit("x"), model.unit("v"), model.units["time"]) == ("mol", "s", "s")
    packed = archive(tmp_path / "c.omex", {"d.cellml": path.read_text("utf-8")},
                     content("d.cellml", "cellml.2.0"))  # fmt: skip
    assert load_model(packed).quantities["k"].value == 0.5


def test_cellml_that_imports_or_is_broken_is_refused(tmp_path):
    pytest.importorskip("myokit")
    path = tmp_path / "a.cellml"
    head = '<model xmlns="http://www.cellml.org/cellml/1.1#" name="a">'
    path.write_text(head + '<import xmlns:xlink="http://www.w3.org/1999/xlink"'
                    ' xlink:href="file:///etc/passwd"/></model>')  # fmt: skip
    with pytest.raises(InputError, match=r"a\.cellml"):
        load_model(path)
    path.write_text(head + "<component/></model>")
    with pytest.raises(InputError, match=r"a\.cellml"):
        load_model(path)


@pytest.mark.filterwarnings("ignore:Ignoring SBML constraints")
def test_the_cell_as_cellml_runs_alike(tmp_path, cell):
    pytest.importorskip("myokit")
    from myokit.formats.cellml import CellML2Exporter
    from myokit.formats.sbml import SBMLImporter

    path = tmp_path / "cell.cellml"
    with pytest.warns(UserWarning, match="Ignoring SBML constraints"):
        read = SBMLImporter().model(str(models_folder() / "cell.xml"))
    CellML2Exporter().model(str(path), read)
    theirs, ours = simulate(load_model(path), 600, 3), simulate(cell, 600, 3)
    assert theirs["V_m"].to_numpy() == pytest.approx(ours["V_m"].to_numpy(), rel=1e-8)


def changed(*models, tasks=()):
    """A SED-ML of models, each an id, a source and changes of p."""
    texts = [
        f'<model id="{name}" source="{source}"><listOfChanges>'
        + "".join(change if "<" in change else new_value(change) for change in changes)
        + "</listOfChanges></model>"
        for name, source, *changes in models
    ]
    runs = "".join(f'<task id="t_{name}" modelReference="{name}"/>' for name in tasks)
    return SEDML.format(models="".join(texts)).replace(
        "</sedML>", f"<listOfTasks>{runs}</listOfTasks></sedML>"
    )


def new_value(value, target="/s:sbml/s:model/s:listOfParameters/s:parameter[@id='p']/@value"):
    return f'<changeAttribute target="{target}" newValue="{value}"/>'


def packed(tmp_path, script, model=None):
    files = {"a.xml": model or model_text("3"), "e.sedml": script}
    return archive(tmp_path / "x.omex", files, content("e.sedml", "sed-ml", master=True))


@pytest.mark.parametrize(
    ("models", "tasks", "value"),
    [
        ([("m", "a.xml", "7")], [], 7),
        ([("m", "a.xml", "7", "8e-1")], ["m"], 0.8),  # one after the other
        ([("m", "a.xml"), ("n", "#m", "7")], ["n"], 7),  # a model made of another one
        ([("m", "a.xml", "7"), ("n", "m")], ["n"], 7),
        ([("m", "a.xml"), ("n", "#m", "7")], ["m", "n"], 3),  # an experiment's variants
        ([("m", "a.xml"), ("n", "#m", "7"), ("o", "#m", "8")], ["n", "o"], 3),
        ([("m", "a.xml"), ("n", "#m", "<removeXML target='/x'/>")], ["m"], 3),
    ],
)
def test_changes_of_a_sedml_are_made(tmp_path, models, tasks, value):
    path = packed(tmp_path, changed(*models, tasks=tasks))
    assert load_model(path).quantities["p"].value == value


def test_only_the_named_attribute_changes(tmp_path):
    text = """<?xml version="1.0" encoding="UTF-8"?><!-- é -->
<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1"><model id="m">
<listOfCompartments><compartment id="c" size="2" constant="true" spatialDimensions="3"/>
</listOfCompartments><listOfSpecies>
<species id="p" name="a &gt; é" compartment="c" initialAmount="1" hasOnlySubstanceUnits="false"
 boundaryCondition="false" constant="false"/>
<species id="q" compartment="c" initialAmount="1" hasOnlySubstanceUnits="false"
 boundaryCondition="false" constant="false"/></listOfSpecies></model></sbml>"""
    target = "/sbml:sbml/sbml:model/sbml:listOfSpecies/sbml:species[@id='p']/@initialConcentration"
    path = packed(tmp_path, changed(("m", "a.xml", new_value("5", target))), text)
    quantities = load_model(path).quantities
    assert (quantities["p"].value, quantities["q"].value) == (5, 0.5)
    assert quantities["p"].name == "a > é"


@pytest.mark.parametrize(
    ("models", "message"),
    [
        ([("m", "a.xml", "x")], "'x' is not a number"),
        ([("m", "a.xml", new_value("1", "//s:parameter/@value"))], "not a path"),
        ([("m", "a.xml", new_value("1", "/s:sbml/s:model/s:parameter[@id='p']/@value"))],
         "nothing in the model there"),
        ([("m", "a.xml", "<removeXML target='/sbml/model/p'/>")], "'/sbml/model/p' of its model by"
         " <removeXML>"),
        ([("m", "a.xml", "1"), ("n", "a.xml", "2")], "changes the model in 2 ways"),
        ([("m", "#n"), ("n", "#m")], "made of itself"),
    ],
)  # fmt: skip
def test_changes_that_are_not_made_are_named(tmp_path, models, message):
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        load_model(packed(tmp_path, changed(*models)))
    assert "x.omex" in str(caught.value)


def test_nothing_is_written(good, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise AssertionError("extracted")

    monkeypatch.setattr(zipfile.ZipFile, "extract", fail)
    monkeypatch.setattr(zipfile.ZipFile, "extractall", fail)
    before = set(good.parent.iterdir())
    load_model(good)
    assert set(good.parent.iterdir()) == before
    assert zipfile.is_zipfile(io.BytesIO(good.read_bytes()))
