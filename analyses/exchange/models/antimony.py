"""A model as Antimony, the text that people write models in."""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import libsbml

from transport_model import Model
from transport_model.errors import InputError
from transport_model.reading.documents import read_model

from .comparison import compare
from .earlier_mathml import UNITS, all_ids, negate, rewrite, tag
from .losses import Exported, Loss
from .sbml import losses_from
from .variants import with_changes_written

_LABEL = "Antimony"


def export_antimony(model: Model) -> Exported:
    """Return a model as Antimony text, with the values set on it, and what that cannot carry.

    Losses are what differs once the text is read again by this project's own reader, for which
    a bare number is dimensionless.

    Raises
    ------
    InputError
        Antimony cannot write the model, or cannot read what it wrote.
    """
    text = antimony_text(model)
    return Exported(text, tuple(_losses(model, text)))


def antimony_text(model: Model) -> str:
    """Return a model as Antimony text, with the values set on it."""
    import antimony  # 0.1 s, and only needed here

    antimony.clearPreviousLoads()
    if antimony.loadSBMLString(_in_its_words(with_changes_written(model))) < 0:
        problem = " ".join(antimony.getLastError().split())
        raise InputError(f"model '{model.name}' cannot be written as Antimony: {problem}")
    text = str(antimony.getAntimonyString(antimony.getMainModuleName()))
    antimony.clearPreviousLoads()
    return text


def _in_its_words(sbml: str) -> str:
    """Return SBML of which Antimony writes what it reads again as the same.

    It leaves some of its own words as they are where they are ids, writes the unit of a
    dimensionless number as if it were a variable, and a power of a negative number as the negative
    of a power.
    """
    document = libsbml.readSBMLFromString(sbml)
    taken = set(all_ids(document))
    renamed: dict[str, str] = {}
    # A lumen is a place before it is a unit, unless the model measures light
    words = _WORDS if _MEASURES_LIGHT.search(sbml) else _WORDS - {"lumen"}
    for word in sorted(taken & words):
        name = f"{word}_"
        while name in taken:
            name += "_"
        taken.add(name)
        renamed[word] = name
    if renamed:
        options = libsbml.ConversionProperties()
        options.addOption("renameSIds", True)
        options.addOption("currentIds", ",".join(renamed))
        options.addOption("newIds", ",".join(renamed.values()))
        document.convert(options)
    rewrite(document, _NumbersAsItWritesThem(document))
    return libsbml.writeSBMLToString(document)


#: Words of Antimony's that it does not rename where they are ids.
_WORDS = {"after", "constraint", "maximize", "minimize", "substanceOnly", "unit"} | {
    libsbml.UnitKind_toString(kind) for kind in range(libsbml.UNIT_KIND_INVALID)
}
_MEASURES_LIGHT = re.compile(r'(?:kind|units|Units)="lumen"')


class _NumbersAsItWritesThem:
    """Gives numbers of formulas the form that Antimony writes as it should."""

    def __init__(self, document: libsbml.SBMLDocument) -> None:
        self.model = document.getModel()

    def __call__(self, tree: ElementTree.Element, _: bool) -> None:
        """Change one formula."""
        for number in tree.iter(tag("cn")):
            for key in [key for key in number.attrib if UNITS.fullmatch(key)]:
                unit = number.attrib[key]
                if unit == "dimensionless":
                    del number.attrib[key]
                elif self.model.getUnitDefinition(unit) is None:
                    number.set(key, self._defined(unit))
        for power in tree.iter(tag("apply")):
            base = list(power)[1:2]
            if power[0].tag == tag("power") and base and base[0].tag == tag("cn"):
                negate(base[0])

    def _defined(self, kind: str) -> str:
        """Return the id of a unit's definition: only of what is defined it knows it is a unit."""
        name = f"unit_{kind}"
        if self.model.getUnitDefinition(name) is None:
            definition = self.model.createUnitDefinition()
            definition.setId(name)
            part = definition.createUnit()
            part.setKind(libsbml.UnitKind_forName(kind))
            part.setExponent(1)
            part.setScale(0)
            part.setMultiplier(1)
        return name


def _losses(model: Model, text: str) -> list[Loss]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.ant"
        path.write_text(text, encoding="utf-8", newline="\n")
        try:
            sbml = read_model(path)
        except InputError as error:
            problem = str(error).replace(str(path), "it")
            raise InputError(
                f"model '{model.name}' cannot be written as Antimony: it could not read {problem}"
            ) from None
    return losses_from(compare(model, replace(model, sbml=sbml, changes={})), _LABEL)
