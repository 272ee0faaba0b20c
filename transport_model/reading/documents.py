"""Model files in, one checked SBML Level 3 Version 2 text out."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from transport_model.errors import ModelFileError, UnsupportedModelError
from transport_model.kept import remembered
from transport_model.reading.archives import ARCHIVES, neighbours_in, read_archive
from transport_model.reading.cellml import cellml_to_sbml, is_cellml
from transport_model.reading.neighbours import Neighbours, copied, neighbours_of
from transport_model.reading.sedml import apply_changes
from transport_model.reading.untrusted import (
    MAX_BYTES,
    check_nesting,
    decode_xml,
    parsed_xml,
    refuse_unsafe_xml,
)

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
        The model as SBML L3V2. A parameter ``k`` of reaction ``R``'s kinetic law alone has become
        the model's parameter ``R_k``.

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
        neighbours = neighbours_in(path, member.name)
    else:
        neighbours = neighbours_of(path)
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
        from transport_model.reading.antimony_source import antimony_to_sbml

        check_nesting(text, origin)
        return check_sbml(antimony_to_sbml(path), origin)
    text = apply_changes(refuse_unsafe_xml(text, origin, "SBML"), changes, origin)
    if is_cellml(text):
        text = cellml_to_sbml(text, origin, neighbours)
    return check_sbml(text, origin, neighbours)


def check_sbml(text: str, origin: str, neighbours: Neighbours | None = None) -> str:
    """Return SBML `text` as L3V2, or say what is wrong with it.

    `origin` names the text in messages, usually its path; `neighbours` are the files among which
    the models of other files lie that it is made of.
    """
    if _EXTERNAL not in text:
        return _checked_alone(text, origin)
    text = refuse_unsafe_xml(text, origin, "SBML")
    if not external_models(parsed_xml(text, origin, "SBML")):
        return _checked_alone(text, origin)
    if neighbours is None:  # libSBML would open any file
        raise UnsupportedModelError(f"{origin} is made of models in other files; flatten it")
    from transport_model.reading.checks import checked_file, refuse_unreadable

    with copied(text, origin, "SBML", neighbours, external_models) as path:
        top = path.parents[len(Path(neighbours.own).parts) - 1]
        for part in sorted(each for each in top.rglob("*") if each.is_file() and each != path):
            own = f"{neighbours.prefix}{part.relative_to(top).as_posix()}"
            refuse_unreadable(part, own)
        return checked_file(path, origin)


_EXTERNAL = "externalModelDefinition"


@remembered
def _checked_alone(text: str, origin: str) -> str:
    """Check a document that is made of no other; the shipped cells are read again and again."""
    from transport_model.reading.checks import checked_text

    return checked_text(refuse_unsafe_xml(text, origin, "SBML"), origin)


def external_models(root: ElementTree.Element) -> list[str]:
    """Return the locations of the files that hold models of an SBML document (package comp)."""
    return [
        value.strip()
        for element in root.iter()
        if element.tag.rpartition("}")[2] == _EXTERNAL
        for key, value in element.attrib.items()
        if key.rpartition("}")[2] == "source"
    ]
