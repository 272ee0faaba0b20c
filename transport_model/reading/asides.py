"""Errors of an SBML document that change no number of its model, and documents without them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.dom import minidom

import libsbml

#: Of annotations, notes, terms and labels of metadata.
_OF_TEXTS = {
    libsbml.InvalidSBOTermSyntax, libsbml.DuplicateMetaId, libsbml.InvalidMetaidSyntax,
    libsbml.MissingAnnotationNamespace, libsbml.DuplicateAnnotationNamespaces,
    libsbml.SBMLNamespaceInAnnotation, libsbml.MultipleAnnotations,
    libsbml.NotesNotInXHTMLNamespace, libsbml.NotesContainsXMLDecl, libsbml.NotesContainsDOCTYPE,
    libsbml.InvalidNotesContent, libsbml.OnlyOneNotesElementAllowed,
    # No number changes with an unknown unit, as with units that do not agree
    libsbml.DanglingUnitReference,
}  # fmt: skip
#: Of what does not belong where it stands; an aside where it is of a drawing.
_OF_ELEMENTS = {libsbml.UnrecognizedElement, libsbml.NotSchemaConformant}
_DRAWING = re.compile(r"\bpackage '?(layout|render)|\blistOf(Layouts|\w*Render)", re.IGNORECASE)
_SBML = "http://www.sbml.org/sbml/level"
_TIME = "http://www.sbml.org/sbml/symbols/time"


def is_aside(error: libsbml.SBMLError) -> bool:
    """Whether an error is one of metadata or of a drawing, which no formula refers to."""
    if error.getErrorId() in _OF_TEXTS or error.getPackage() in ("layout", "render"):
        return True
    return error.getErrorId() in _OF_ELEMENTS and bool(_DRAWING.search(error.getMessage()))


def without_invalid_annotations(text: str) -> str:
    """Return SBML whose annotations hold nothing without a namespace, and one thing of each.

    Documents of old levels may have more; that of Level 3 may not.
    """
    # Not by libSBML: beside another library built on SWIG, its lists of all elements have no end
    document = minidom.parseString(text.encode())
    for annotation in document.getElementsByTagNameNS("*", "annotation"):
        if not (annotation.namespaceURI or "").startswith(_SBML):
            continue
        seen = {None, ""}
        for child in [each for each in annotation.childNodes if isinstance(each, minidom.Element)]:
            if child.namespaceURI in seen:
                annotation.removeChild(child)
            seen.add(child.namespaceURI)
    return document.toxml(encoding="UTF-8").decode()


def expand_functions_of_time(document: libsbml.SBMLDocument) -> None:
    """Write out the model's functions where they are called, if any names the time.

    In Levels 1 and 2 a function may; in Level 3 it is given the time.
    """
    if any(_TIME in text for text in _functions(document)):
        options = libsbml.ConversionProperties()
        options.addOption("expandFunctionDefinitions", True)
        document.convert(options)


def _functions(document: libsbml.SBMLDocument) -> Iterator[str]:
    for function in document.getModel().getListOfFunctionDefinitions():
        if function.isSetMath():
            yield libsbml.writeMathMLToString(function.getMath())
