"""Errors of an SBML document that change no number of its model, and documents without them."""

from __future__ import annotations

import re
from collections.abc import Iterator

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
_TIME = "http://www.sbml.org/sbml/symbols/time"


def is_aside(error: libsbml.SBMLError) -> bool:
    """Whether an error is one of metadata or of a drawing, which no formula refers to."""
    if error.getErrorId() in _OF_TEXTS or error.getPackage() in ("layout", "render"):
        return True
    return error.getErrorId() in _OF_ELEMENTS and bool(_DRAWING.search(error.getMessage()))


def remove_invalid_annotations(document: libsbml.SBMLDocument) -> None:
    """Take out of annotations what has no namespace, or one that stands before it already.

    Documents of old levels have both; that of Level 3 may have neither.
    """
    for element in (document, *document.getListOfAllElements()):
        annotation = element.getAnnotation()
        if annotation is None:
            continue
        uris: list[str] = [annotation.getChild(place).getURI()
                           for place in range(annotation.getNumChildren())]  # fmt: skip
        invalid = [place for place, uri in enumerate(uris) if not uri or uri in uris[:place]]
        if invalid:
            kept = libsbml.XMLNode(annotation)
            for place in reversed(invalid):
                kept.removeChild(place)
            element.setAnnotation(kept)


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
