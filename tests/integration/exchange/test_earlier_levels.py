"""Models that later levels can say are valid in earlier ones, or what was dropped is listed."""

from __future__ import annotations

import libsbml
import pytest

from transport_model import load_model
from transport_model.analyses.exchange.models.sbml import FLAVOURS, export_sbml

CORE = "http://www.sbml.org/sbml/level3/version1/core"
PACKAGE = "http://www.sbml.org/sbml/level3/version1/{0}/version1"
LAYOUT = """<layout:listOfLayouts xmlns:layout="{layout}"><layout:layout layout:id="l">
<layout:dimensions layout:width="1" layout:height="1"/></layout:layout></layout:listOfLayouts>"""
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
HISTORY = f"""<annotation><rdf:RDF xmlns:rdf="{RDF}" xmlns:dcterms="http://purl.org/dc/terms/"
 xmlns:vCard="http://www.w3.org/2001/vcard-rdf/3.0#"><rdf:Description rdf:about="#meta">
<dcterms:creator><rdf:Bag><rdf:li rdf:parseType="Resource"><vCard:N rdf:parseType="Resource">
<vCard:Family>Crane</vCard:Family><vCard:Given>Robert</vCard:Given></vCard:N></rdf:li></rdf:Bag>
</dcterms:creator><dcterms:created rdf:parseType="Resource"><dcterms:W3CDTF>2020-01-01T00:00:00Z
</dcterms:W3CDTF></dcterms:created><dcterms:modified rdf:parseType="Resource"><dcterms:W3CDTF>
2020-01-01T00:00:00Z</dcterms:W3CDTF></dcterms:modified></rdf:Description></rdf:RDF></annotation>"""
BODY = """<listOfParameters><parameter id="p" value="2" constant="true"/></listOfParameters>"""


def written(folder, *, names="", inside="", prefix=""):
    path = folder / "model.xml"
    path.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?><{prefix}sbml xmlns="{CORE}" {names}'
        f' level="3" version="1"><model id="m" metaid="meta">{inside}</model></{prefix}sbml>'
    )
    return load_model(path)


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("what", ["layout", "render", "groups", "second name", "history"])
def test_every_flavour_is_read_again(tmp_path, flavour, what):
    names, inside = "", BODY
    if what in {"layout", "render", "groups"}:
        address = PACKAGE.format(what)
        names = f'xmlns:{what}="{address}" {what}:required="false"'
        inside += LAYOUT.format(layout=address) if what == "layout" else ""
    elif what == "second name":
        names = f'xmlns:sbml="{CORE}" xmlns:other="http://example.org/"'
    else:
        inside = HISTORY + BODY
    model = written(tmp_path, names=names, inside=inside)
    exported = export_sbml(model, *flavour)
    document = libsbml.readSBMLFromString(exported.text)
    document.checkConsistency()
    assert document.getNumErrors(libsbml.LIBSBML_SEV_ERROR) == 0
    assert (document.getLevel(), document.getVersion()) == flavour
    (tmp_path / "back.xml").write_text(exported.text)
    assert load_model(tmp_path / "back.xml").quantities["p"].value == 2
    if flavour[0] == 2 and what in {"layout", "render", "groups"}:
        assert f"the package '{what}'" in {loss.what for loss in exported.losses}


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_cell_of_two_faces_is_exported_without_a_message(flavour):
    """Its two pH are logarithms, whose base has no unit where libSBML writes it."""
    text = export_sbml(load_model("pt_s2"), *flavour).text
    document = libsbml.readSBMLFromString(text)
    document.checkConsistency()
    assert [document.getError(i).getMessage() for i in range(document.getNumErrors())] == []
