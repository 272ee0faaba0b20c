"""Parameters of single reactions become parameters of the model, so that they can be set."""

from __future__ import annotations

import re
from typing import Any

import libsbml

from transport_model.reading.mathematics import nodes


def promote_local_parameters(document: libsbml.SBMLDocument) -> bool:
    """Make every parameter of a kinetic law one of the model, and return whether there was any.

    Parameter ``k`` of reaction ``bind`` becomes ``bind_k``, or ``bind_k_1`` where the document
    uses that id; its number, unit, name and annotation stay as they are, and it hides nothing any
    more.

    libSBML's own conversion looks for taken ids among the parameters only, and where a law has
    both ``k`` and ``bind_k`` it makes one of the two.

    Parameters
    ----------
    document
        A document of SBML Level 3; it is changed.
    """
    model: Any = document.getModel()
    laws = [(r.getId(), r.getKineticLaw()) for r in model.getListOfReactions()]
    laws = [(name, law) for name, law in laws if law is not None and law.getNumLocalParameters()]
    taken = set(_ID.findall(libsbml.writeSBMLToString(document))) if laws else set()
    for reaction, law in laws:
        new_ids: dict[str, str] = {}
        for local in law.getListOfLocalParameters():
            old = local.getId()
            new_ids[old] = _unused(f"{reaction}_{old}", taken)
            taken.add(new_ids[old])
            parameter = libsbml.Parameter(local)
            parameter.setId(new_ids[old])
            parameter.setConstant(True)
            model.addParameter(parameter)
        while law.getNumLocalParameters():
            law.removeLocalParameter(0)
        if law.isSetMath():
            _rename(law, new_ids)
    return bool(laws)


#: Every id of a document, those of units too.
_ID = re.compile(r'\sid="([^"]*)"')


def _unused(name: str, taken: set[str]) -> str:
    number, found = 1, name
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found


def _rename(law: libsbml.KineticLaw, new_ids: dict[str, str]) -> None:
    formula = law.getMath().deepCopy()
    for node in nodes(formula):
        name = node.getName()
        # The time and the functions of a model may be called like a parameter
        if name in new_ids and node.isName() and "<ci" in libsbml.writeMathMLToString(node):
            node.setName(new_ids[name])
    law.setMath(formula)
