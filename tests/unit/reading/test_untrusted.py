from __future__ import annotations

from xml.etree import ElementTree

import pandas as pd
import pytest

from transport_model import load_model, simulate
from transport_model.analyses.tables import read_table, write_table
from transport_model.errors import ModelFileError
from transport_model.reading.untrusted import MAX_DEPTH, MAX_ELEMENTS, MAX_ID, xml_text

HEAD = """<?xml version="1.0" encoding="{encoding}"?>{dtd}
<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2"><model id="m">
<listOfParameters><parameter id="{id}" value="1" constant="false" name="{name}"/>
</listOfParameters>{body}</model></sbml>"""
BOMB = "<!DOCTYPE s [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
) + "]>"  # fmt: skip
EXTERNAL = '<!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
RULE = """<listOfRules><assignmentRule variable="p"><math
 xmlns="http://www.w3.org/1998/Math/MathML">{}</math></assignmentRule></listOfRules>"""


def sbml(*, encoding="UTF-8", dtd="", name="", body="", ident="p"):
    return HEAD.format(encoding=encoding, dtd=dtd, name=name, body=body, id=ident)


def nested(depth):
    return RULE.format("<apply><minus/>" * depth + "<cn>1</cn>" + "</apply>" * depth)


def refused(path, match):
    with pytest.raises(ModelFileError, match=match) as caught:
        load_model(path)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 600
    assert "root:" not in message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be",
                                      "utf-32", "latin-1"])  # fmt: skip
@pytest.mark.parametrize(
    ("dtd", "name"),
    [(BOMB, "&i;"), (EXTERNAL, "&a;"), ("<!DOCTYPE sbml>", ""), ("<!doctype sbml>", ""),
     ('<!DOCTYPE s SYSTEM "file:///etc/passwd">', ""),
     ("<!DOCTYPE s [<!ENTITY % x 'y'> %x;]>", "")],
)  # fmt: skip
def test_entities_are_refused_in_every_encoding(tmp_path, encoding, dtd, name):
    path = tmp_path / "bomb.xml"
    declared = {"latin-1": "ISO-8859-1", "utf-8-sig": "UTF-8"}.get(encoding, encoding[:6])
    path.write_bytes(sbml(encoding=declared, dtd=dtd, name=name).encode(encoding))
    refused(path, "declares entities")


@pytest.mark.parametrize("encoding", ["UTF-7", "cp037", "UTF-EBCDIC"])
def test_encodings_that_could_hide_something(tmp_path, encoding):
    path = tmp_path / "odd.xml"
    path.write_bytes(sbml(encoding=encoding).encode())
    refused(path, "encoding")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_other_encodings_are_read(tmp_path, encoding):
    path = tmp_path / "fine.xml"
    declared = {"latin-1": "ISO-8859-1", "utf-8-sig": "UTF-8"}.get(encoding, encoding)
    path.write_bytes(sbml(encoding=declared, name="höher").encode(encoding))
    assert load_model(path).quantities["p"].name == "höher"


@pytest.mark.parametrize("depth", [MAX_DEPTH, 10_000, 200_000])
def test_formulas_nested_absurdly_deep(tmp_path, depth):
    path = tmp_path / "deep.xml"
    path.write_text(sbml(body=nested(depth)))
    refused(path, "nested")


def test_what_is_just_not_too_deep_runs(tmp_path):
    path = tmp_path / "deep.xml"
    path.write_text(sbml(body=nested(MAX_DEPTH - 6)))
    assert simulate(load_model(path), 1, 2)["p"].iloc[-1] == 1


def test_notes_nested_absurdly_deep(tmp_path):
    notes = '<notes><p xmlns="http://www.w3.org/1999/xhtml">' + "<b>" * 5000 + "</b>" * 5000
    path = tmp_path / "notes.xml"
    path.write_text(sbml().replace('<model id="m">', f'<model id="m">{notes}</p></notes>'))
    refused(path, "nested")


def test_too_many_elements(tmp_path):
    path = tmp_path / "many.xml"
    one = '<parameter id="x{}" constant="true"/>'
    many = "".join(one.format(i) for i in range(MAX_ELEMENTS))
    path.write_text(sbml().replace("<listOfParameters>", f"<listOfParameters>{many}"))
    refused(path, "elements")


def test_very_long_ids(tmp_path):
    path = tmp_path / "long.xml"
    path.write_text(sbml(ident="p" * (MAX_ID + 1)))
    refused(path, "longer than")
    path.write_text(sbml(ident="p" * MAX_ID))
    assert "p" * MAX_ID in load_model(path).quantities


@pytest.mark.parametrize("suffix", [".foo", ".json", ".exe", ".mat"])
def test_unknown_suffixes(tmp_path, suffix):
    path = tmp_path / f"model{suffix}"
    path.write_text(sbml())
    refused(path, "cannot tell the format")


@pytest.mark.parametrize(("level", "version"), [(1, 2), (2, 1), (2, 4), (2, 5), (3, 1), (3, 2)])
def test_every_level_of_sbml_is_read(tmp_path, level, version):
    import libsbml

    text = """<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level1" level="1" version="2"><model name="decay">
<listOfCompartments><compartment name="c" volume="2"/></listOfCompartments><listOfSpecies>
<species name="S" compartment="c" initialAmount="4"/></listOfSpecies><listOfReactions>
<reaction name="r" reversible="false"><listOfReactants><speciesReference species="S"/>
</listOfReactants><kineticLaw formula="k * S * c"><listOfParameters>
<parameter name="k" value="0.5"/></listOfParameters></kineticLaw></reaction></listOfReactions>
</model></sbml>"""
    if level > 1:
        document = libsbml.readSBMLFromString(text)
        assert document.setLevelAndVersion(level, version, False)
        text = libsbml.writeSBMLToString(document)
    path = tmp_path / "decay.xml"
    path.write_text(text)
    course = simulate(load_model(path), 2, 2)
    assert course["S"].iloc[-1] == pytest.approx(2 * 0.36787944117)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_csv_holds_a_formula(tmp_path, start):
    evil = f"{start}cmd|' /C calc'!A0"
    table = pd.DataFrame({evil: [evil, "-5.2"], "x": [-5.2, 1.0]}, pd.Index([evil, "b"], name="id"))
    write_table(table, tmp_path / "t.csv", {})
    found = read_table(tmp_path / "t.csv")
    assert found["x"].tolist() == [-5.2, 1.0]
    text = evil.replace("\r", "\n")
    assert found.iloc[0, 0] == found.iloc[0, 1] == found.columns[1] == f"'{text}"
    write_table(table, tmp_path / "t.parquet", {})
    assert pd.read_parquet(tmp_path / "t.parquet")[evil].iloc[0] == evil


def test_an_element_is_written_without_a_prefix_and_nobody_else_notices():
    other, mine = '<a xmlns="urn:a"><b /></a>', '<m xmlns="urn:m" x="1"><n>2</n><!--why--></m>'
    before = ElementTree.tostring(ElementTree.fromstring(other))
    root = ElementTree.fromstring(mine)
    assert xml_text(root) == '<m x="1" xmlns="urn:m"><n>2</n></m>'
    assert root.tag == "{urn:m}m"
    assert ElementTree.tostring(ElementTree.fromstring(other)) == before
