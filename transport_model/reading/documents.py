"""Model files in, one checked SBML Level 3 Version 2 text out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import libsbml

from transport_model.errors import ModelFileError, UnsupportedModelError
from transport_model.reading.archives import ARCHIVES, read_archive
from transport_model.reading.cellml import cellml_to_sbml, is_cellml
from transport_model.reading.sedml import apply_changes
from transport_model.reading.untrusted import (
    MAX_BYTES,
    MAX_DEPTH,
    check_nesting,
    decode_xml,
    refuse_unsafe_xml,
)

#: Packages that are understood, or that say nothing about a model's mathematics.
_KNOWN_PACKAGES = {"comp", "l3v2extendedmath", "layout", "render"}
#: Suffixes of Antimony, and of XML: SBML or CellML, told apart by the root element.
ANTIMONY, XML = (".ant", ".txt"), (".xml", ".sbml", ".cellml", "")


def read_model(path: Path) -> str:
    """Read a model file.

    Parameters
    ----------
    path
        A file; its format is determined by its suffix: ``.ant`` or ``.txt`` is Antimony;
        ``.omex``, ``.sedx`` or ``.zip`` a COMBINE archive, of which the model is read
        (:mod:`.archives`); ``.xml``, ``.sbml``, ``.cellml`` or none SBML of any level, or
        CellML.

    Returns
    -------
    str
        The model as SBML L3V2.

    Raises
    ------
    ModelFileError
        The file is missing, empty, none of these formats, hostile, or has errors.
    InputError
        An archive holds several models; or a library that the format needs is not installed.
    UnsupportedModelError
        The model uses a construct that no part of this package handles.
    """
    if not path.exists():
        raise ModelFileError(f"no such model file: {path}")
    if path.is_dir():
        raise ModelFileError(f"{path} is a folder; name the model file in it")
    suffix = path.suffix.lower()
    known = (*XML, *ANTIMONY, *ARCHIVES)
    if suffix not in known:
        wanted = ", ".join(name for name in known if name)
        raise ModelFileError(f"cannot tell the format of '{path}'; a model ends in {wanted}")
    if suffix not in XML and not path.is_file():
        raise ModelFileError(f"{path} is not a regular file")
    if path.stat().st_size > MAX_BYTES:
        raise ModelFileError(f"{path} is larger than {MAX_BYTES // 2**20} MiB")
    origin, changes = str(path), ()
    if suffix in ARCHIVES:
        member = read_archive(path)
        origin, data, changes = f"{path}: {member.name}", member.data, member.changes
    else:
        try:
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)  # a device has no size and no end
        except OSError as error:
            raise ModelFileError(f"cannot read {path}: {error.strerror}") from None
        if len(data) > MAX_BYTES:
            raise ModelFileError(f"{path} is larger than {MAX_BYTES // 2**20} MiB")
    text = decode_xml(data, origin)
    if not text.strip():
        raise ModelFileError(f"{origin} is empty")
    if suffix in ANTIMONY:
        check_nesting(text, origin)
        return check_sbml(antimony_to_sbml(path), origin)
    text = apply_changes(refuse_unsafe_xml(text, origin, "SBML"), changes, origin)
    return check_sbml(cellml_to_sbml(text, origin) if is_cellml(text) else text, origin)


def check_sbml(text: str, origin: str) -> str:
    """Return SBML `text` as L3V2, or say what is wrong with it.

    `origin` names the text in messages, usually its path.
    """
    document = libsbml.readSBMLFromString(refuse_unsafe_xml(text, origin, "SBML"))
    _raise_on_errors(document, origin)
    model = document.getModel()
    if model is None:
        raise ModelFileError(f"{origin} holds no SBML model")
    _refuse_unsupported(document, origin)
    if document.isPackageEnabled("comp"):
        options = libsbml.ConversionProperties()
        options.addOption("flatten comp", True)
        if document.convert(options) != libsbml.LIBSBML_OPERATION_SUCCESS:
            raise ModelFileError(f"{origin}: its hierarchical model cannot be flattened")
    if (document.getLevel(), document.getVersion()) != (3, 2):
        document.setLevelAndVersion(3, 2, False)
        if (document.getLevel(), document.getVersion()) != (3, 2):
            raise ModelFileError(f"{origin}: libSBML cannot convert it to SBML L3V2")
        _rename_shadows(document.getModel())
        document = libsbml.readSBMLFromString(libsbml.writeSBMLToString(document))
        _raise_on_errors(document, f"{origin}, as SBML L3V2")
    _refuse_unsupported(document, origin)
    return libsbml.writeSBMLToString(document)


def _rename_shadows(model: libsbml.Model) -> None:
    """Rename the parameters of kinetic laws that have the id of a species in their reaction.

    Level 2 lets them hide the species, Level 3 does not.
    """
    taken = {element.getId() for element in elements(model.getSBMLDocument())}
    taken |= {reaction.getId() for reaction in model.getListOfReactions()}
    for reaction in model.getListOfReactions():
        law = reaction.getKineticLaw()
        if law is None:
            continue
        references = (
            *reaction.getListOfReactants(),
            *reaction.getListOfProducts(),
            *reaction.getListOfModifiers(),
        )
        species = {reference.getSpecies() for reference in references}
        for parameter in law.getListOfLocalParameters():
            old = parameter.getId()
            if old not in species:
                continue
            new = f"{reaction.getId()}_{old}"
            while new in taken:
                new += "_"
            taken.add(new)
            parameter.setId(new)
            if law.isSetMath():
                formula = law.getMath().deepCopy()
                formula.renameSIdRefs(old, new)
                law.setMath(formula)


def _raise_on_errors(document: libsbml.SBMLDocument, origin: str) -> None:
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_UNITS_CONSISTENCY, False)
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_MODELING_PRACTICE, False)
    if not document.getNumErrors(libsbml.LIBSBML_SEV_ERROR):
        document.checkConsistency()
    for index in range(document.getNumErrors()):
        error = document.getError(index)
        if error.getSeverity() < libsbml.LIBSBML_SEV_ERROR:
            continue
        if error.getErrorId() == libsbml.DanglingUnitReference:
            continue  # no number changes with it, as with units that do not agree
        what = " ".join(error.getMessage().split())
        what = re.sub(r" ?Reference: L\dV\d.*?Section [\d.]+", ".", what)
        if (
            error.getErrorId()
            in {
                libsbml.NotUTF8,
                libsbml.XMLContentEmpty,
                libsbml.BadlyFormedXML,
                libsbml.XMLFileUnreadable,
            }
            or not document.getModel()
        ):
            raise ModelFileError(f"{origin} is not SBML (line {error.getLine()}: {what})")
        raise ModelFileError(f"{origin}, line {error.getLine()}: {what}")


def _refuse_unsupported(document: libsbml.SBMLDocument, origin: str) -> None:
    model: Any = document.getModel()
    for rule in model.getListOfRules():
        if rule.isAlgebraic() and rule.isSetMath():  # one without mathematics says nothing
            raise UnsupportedModelError(f"{origin}: algebraic rules are not supported")
    # By name alone, as ids are unique: beside another library built on SWIG, types do not compare
    called = {node.getName() for _, formula in formulas(document) for node in nodes(formula)}
    for function in model.getListOfFunctionDefinitions():
        if not function.isSetMath() and function.getId() in called:  # libRoadRunner dies of it
            raise UnsupportedModelError(
                f"{origin}: function '{function.getId()}' has no mathematics; write it down or"
                " remove it"
            )
    _refuse_sizes_from_within(model, origin)
    for reaction in model.getListOfReactions():
        if (document.getLevel() < 3 or document.getVersion() < 2) and reaction.getFast():
            raise UnsupportedModelError(
                f"{origin}: reaction '{reaction.getId()}' is fast; fast reactions are not supported"
            )
    for element, math in formulas(document):
        if _uses_delay(math):
            raise UnsupportedModelError(
                f"{origin}: '{element.getId() or element.getElementName()}' uses a delay;"
                " delays are not supported"
            )
    for index in range(document.getNumPlugins()):
        package = document.getPlugin(index).getPackageName()
        if package not in _KNOWN_PACKAGES and document.getPackageRequired(package):
            raise UnsupportedModelError(f"{origin}: the SBML package '{package}' is not supported")


def _refuse_sizes_from_within(model: libsbml.Model, origin: str) -> None:
    """Refuse a compartment whose size at the start follows from a concentration within it.

    The concentration follows from the size: a circle that libRoadRunner runs round until it dies.
    """
    used = {
        element.getSymbol(): set(_NAME.findall(libsbml.writeMathMLToString(element.getMath())))
        for element in model.getListOfInitialAssignments()
        if element.isSetMath()
    }
    used |= {
        rule.getVariable(): set(_NAME.findall(libsbml.writeMathMLToString(rule.getMath())))
        for rule in model.getListOfRules()
        if rule.isAssignment() and rule.isSetMath()
    }
    for compartment in model.getListOfCompartments():
        home = compartment.getId()
        if model.getInitialAssignment(home) is None:
            continue
        reached, waiting = set(), set(used.get(home, ()))
        while waiting:
            name = waiting.pop()
            reached.add(name)
            waiting |= used.get(name, set()) - reached
        for species in model.getListOfSpecies():
            inside = species.getCompartment() == home and not species.getHasOnlySubstanceUnits()
            if species.getId() in reached and inside:
                raise UnsupportedModelError(
                    f"{origin}: the size of '{home}' at the start is computed from"
                    f" '{species.getId()}', a concentration within it"
                )


_NAME = re.compile(r"<(?:\w+:)?ci[^>]*>\s*([^<\s]+)\s*</")


def elements(document: libsbml.SBMLDocument) -> Iterator[libsbml.SBase]:
    """Every element of a document's model that can hold mathematics or a unit.

    Spelled out, because ``getListOfAllElements`` never returns once another library built on SWIG
    (tellurium's) has been imported into the process.
    """
    model = document.getModel()
    yield from model.getListOfFunctionDefinitions()
    yield from model.getListOfCompartments()
    yield from model.getListOfSpecies()
    yield from model.getListOfParameters()
    yield from model.getListOfInitialAssignments()
    yield from model.getListOfRules()
    yield from model.getListOfConstraints()
    for reaction in model.getListOfReactions():
        for reference in (*reaction.getListOfReactants(), *reaction.getListOfProducts()):
            if reference.isSetStoichiometryMath():
                yield reference.getStoichiometryMath()
        if reaction.isSetKineticLaw():
            law = reaction.getKineticLaw()
            yield law
            yield from law.getListOfParameters()
            yield from law.getListOfLocalParameters()
    for event in model.getListOfEvents():
        parts = (event.getTrigger(), event.getDelay(), event.getPriority())
        yield from (part for part in parts if part is not None)
        yield from event.getListOfEventAssignments()


def formulas(document: libsbml.SBMLDocument) -> Iterator[tuple[libsbml.SBase, libsbml.ASTNode]]:
    """Every element of a document that holds mathematics, with it."""
    for element in elements(document):
        is_set = getattr(element, "isSetMath", None)
        if is_set is not None and is_set():
            yield element, element.getMath()


def nodes(math: libsbml.ASTNode) -> Iterator[libsbml.ASTNode]:
    """Every node of a formula, the outermost first."""
    waiting = [math]  # a list, because a sum of a thousand terms may be a thousand deep
    while waiting:
        node = waiting.pop()
        yield node
        children = range(node.getNumChildren())
        waiting.extend(node.getChild(index) for index in reversed(children))


def _uses_delay(math: libsbml.ASTNode) -> bool:
    # By its text: after tellurium's import the types of nodes no longer compare
    return "http://www.sbml.org/sbml/symbols/delay" in libsbml.writeMathMLToString(math)


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

    _check_imports(path, path.resolve().parent, (), set())
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
    _merge_units(document)
    for element, math in list(formulas(document)):
        dimensionless = math.deepCopy()
        for node in nodes(dimensionless):
            if node.isNumber() and not node.hasUnits():
                node.setUnits("dimensionless")
        element.setMath(dimensionless)
    return libsbml.writeSBMLToString(document)


def _check_imports(path: Path, folder: Path, chain: tuple[Path, ...], seen: set[Path]) -> None:
    """Raise ModelFileError unless all that a file imports lies in the folder, without a circle."""
    own = path.resolve()
    seen.add(own)
    chain = (*chain, own)
    if len(chain) > MAX_DEPTH:
        raise ModelFileError(f"{path}: imports reach more than {MAX_DEPTH} files deep")
    text = path.read_text(encoding="utf-8", errors="replace")
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
        if target not in seen:
            _check_imports(target, folder, chain, seen)


_IMPORT = re.compile(r'''\bimport\s*"([^"\n]*)"''')
#: Comments, imports and words: what begins as an import is one
_TOKEN = re.compile(r'''(?://|\#)[^\n]*|/\*.*?\*/|\bimport\s*"[^"\n]*"|"[^"\n]*"''', re.DOTALL)


def _beyond_ascii(path: Path) -> str:
    for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
        if not line.partition("//")[0].isascii():
            return f"line {number}: Antimony reads only ASCII outside comments and quotation marks"
    return "Antimony found an error that it cannot put into words"


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
