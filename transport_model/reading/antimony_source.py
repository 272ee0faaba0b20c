"""Antimony in, SBML out: with the modules of the file's own folder, and units on every number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import libsbml

from transport_model.errors import ModelFileError
from transport_model.reading.mathematics import elements, formulas, nodes
from transport_model.reading.untrusted import MAX_DEPTH


def antimony_to_sbml(path: Path) -> str:
    """Translate an Antimony file, and the modules it imports, to SBML.

    Antimony cannot say two things that a unit-clean model needs. In its formulas a bare number
    has no unit: here it is dimensionless. And flattening repeats the unit definitions of every
    module under its instance's name: here those that say the same become one.

    Raises
    ------
    ModelFileError
        Antimony finds an error; the message holds its file and line.
    """
    import antimony  # 0.1 s, and only needed for Antimony sources

    texts: dict[Path, str] = {}
    _check_imports(path, path.resolve().parent, (), texts)
    _refuse_circles(path, texts.values())
    antimony.clearPreviousLoads()
    antimony.clearDirectories()  # those of earlier files, whose modules may have the same names
    antimony.addDirectory(str(path.resolve().parent))
    if antimony.loadAntimonyFile(str(path)) < 0:
        try:
            problem = " ".join(antimony.getLastError().split())
            problem = problem.replace(f"in file '{path}', line", "in line")
        except UnicodeDecodeError:  # it cuts its quotation within a character
            problem = _beyond_ascii(path)
        raise ModelFileError(f"{path}: {problem}")
    text = antimony.getSBMLString(antimony.getMainModuleName())
    document = libsbml.readSBMLFromString(text)
    if document.getModel() is None:
        raise ModelFileError(f"{path} holds no model")
    _remove_unit_parameters(document)
    _merge_units(document)
    for element, math in list(formulas(document)):
        dimensionless = math.deepCopy()
        for node in nodes(dimensionless):
            if node.isNumber() and not node.hasUnits():
                node.setUnits("dimensionless")
        element.setMath(dimensionless)
    return libsbml.writeSBMLToString(document)


def _check_imports(
    path: Path, folder: Path, chain: tuple[Path, ...], texts: dict[Path, str]
) -> None:
    """Raise ModelFileError unless all that a file imports lies in the folder, without a circle.

    `texts` collects what was read.
    """
    own = path.resolve()
    chain = (*chain, own)
    if len(chain) > MAX_DEPTH:
        raise ModelFileError(f"{path}: imports reach more than {MAX_DEPTH} files deep")
    text = texts[own] = path.read_text(encoding="utf-8", errors="replace")
    spoken = {match.start() for match in _TOKEN.finditer(text)}
    for match in _IMPORT.finditer(text):
        name = match.group(1)
        where = f"{path}, line {text.count(chr(10), 0, match.start()) + 1}: imports '{name[:80]}'"
        if "\0" in name:
            raise ModelFileError(f"{where}, which is no file's name")
        target = (folder / name).resolve()
        if not target.is_relative_to(folder) or Path(name).is_absolute():  # in a comment as well
            raise ModelFileError(f"{where}, which lies outside the model's folder")
        if match.start() not in spoken:
            continue
        if not target.is_file():
            raise ModelFileError(f"{where}, which is not there")
        if target in chain:
            raise ModelFileError(f"{where}, which imports this file in turn; remove one import")
        if target not in texts:
            _check_imports(target, folder, chain, texts)


_IMPORT = re.compile(r'''\bimport\s*"([^"\n]*)"''')
#: Comments, imports and words: what begins as an import is one
_TOKEN = re.compile(r'''(?://|\#)[^\n]*|/\*.*?\*/|\bimport\s*"[^"\n]*"|"[^"\n]*"''', re.DOTALL)


def _refuse_circles(path: Path, texts: Iterable[str]) -> None:
    """Refuse a module that holds an instance of itself: Antimony copies it until it dies."""
    parts: dict[str, list[str]] = {}
    for text in texts:
        home = ""
        for match in _MODULE.finditer(_TOKEN.sub(" ", text)):
            if match["name"]:
                home = match["name"]
            elif match["part"]:
                parts.setdefault(home, []).append(match["part"])
            else:
                home = ""
    done: set[str] = set()
    for name in list(parts):
        chain, waiting = [name], [list(parts[name])]
        while waiting:
            if not waiting[-1]:
                waiting.pop()
                done.add(chain.pop())
                continue
            part = waiting[-1].pop()
            if part in chain:
                raise ModelFileError(f"{path}: module '{part}' holds an instance of itself")
            if part in parts and part not in done:
                chain.append(part)
                waiting.append(list(parts[part]))


#: A module's or a function's beginning or end, or an instance of a module
_MODULE = re.compile(
    r"\b(?:module|model|function)\s+\*?\s*(?P<name>\w+)|\b\w+\s*:\s*(?P<part>\w+)\s*\(|\bend\b"
)


def _beyond_ascii(path: Path) -> str:
    for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
        if not line.partition("//")[0].isascii():
            return f"line {number}: Antimony reads only ASCII outside comments and quotation marks"
    return "Antimony found an error that it cannot put into words"


def _remove_unit_parameters(document: libsbml.SBMLDocument) -> None:
    """Remove the parameters, without a value, that Antimony makes of units in rate laws."""
    model = document.getModel()
    units, names = set(), set()
    for _, formula in formulas(document):
        for node in nodes(formula):
            (units if node.isNumber() else names).add(node.getUnits() or node.getName())
    given = {rule.getVariable() for rule in model.getListOfRules()}
    given |= {item.getSymbol() for item in model.getListOfInitialAssignments()}
    for name in units - names - given:
        parameter = model.getParameter(name) if name else None
        if parameter is not None and not parameter.isSetValue():
            model.removeParameter(name)


def _merge_units(document: libsbml.SBMLDocument) -> None:
    model = document.getModel()
    units = {unit.getId(): unit for unit in model.getListOfUnitDefinitions()}
    replacement: dict[str, str] = {}
    for name in sorted(units, key=len):
        unit = units[name]
        if unit.isVariantOfDimensionless() and unit.getUnit(0).isDimensionless():
            replacement[name] = "dimensionless"
            continue
        for kept in sorted(units, key=len):
            if not name.endswith(f"_{kept}"):
                continue
            if kept not in replacement and libsbml.UnitDefinition.areIdentical(unit, units[kept]):
                replacement[name] = kept
                break
    for old, new in replacement.items():
        for element in elements(document):
            element.renameUnitSIdRefs(old, new)
        model.removeUnitDefinition(old)
