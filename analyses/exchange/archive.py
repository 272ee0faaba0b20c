"""COMBINE archives: models, simulations and data in one file that says what each of them is.

Written with zipfile: libCOMBINE stamps every file with the time of writing, and here the same
content has to give the same bytes. The tests open what is written here with libCOMBINE.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from xml.sax.saxutils import escape, quoteattr

from transport_model.errors import InputError
from transport_model.files import write_file

_SPECIFICATION = "http://identifiers.org/combine.specifications/"
_MEDIA = "http://purl.org/NET/mediatypes/"
#: What files are, by the end of their names; an SBML or a CellML file may say better.
FORMATS = {
    ".sedml": f"{_SPECIFICATION}sed-ml.level-1.version-4",
    ".cellml": f"{_SPECIFICATION}cellml.2.0",
    ".xml": f"{_SPECIFICATION}sbml.level-3.version-2",
    ".rdf": f"{_SPECIFICATION}omex-metadata",
    ".ant": f"{_MEDIA}text/plain",
    ".txt": f"{_MEDIA}text/plain",
    ".md": f"{_MEDIA}text/markdown",
    ".csv": f"{_MEDIA}text/csv",
    ".tsv": f"{_MEDIA}text/tab-separated-values",
    ".yaml": f"{_MEDIA}application/x-yaml",
    ".json": f"{_MEDIA}application/json",
    ".tex": f"{_MEDIA}application/x-tex",
    ".html": f"{_MEDIA}text/html",
    ".svg": f"{_MEDIA}image/svg+xml",
    ".pdf": f"{_MEDIA}application/pdf",
}
#: Formats of SBML's other levels and of hierarchical SBML, for :attr:`ArchiveFile.format`.
SBML_FORMAT = f"{_SPECIFICATION}sbml.level-{{}}.version-{{}}"
#: Every member bears this time, so that the same content gives the same bytes.
_MOMENT = (1980, 1, 1, 0, 0, 0)
HUMAN = "http://identifiers.org/taxonomy/9606"


@dataclass(frozen=True)
class ArchiveFile:
    """A file of an archive.

    Attributes
    ----------
    path
        Where it lies, with ``/`` between folders.
    content
        Its bytes.
    description
        What it is, in a sentence.
    format
        The address of its format; by default told by the end of `path`.
    master
        Whether a tool should open it first.
    terms
        Addresses of what it encodes, such as terms of the Gene Ontology.
    """

    path: str
    content: bytes
    description: str = ""
    format: str = ""
    master: bool = False
    terms: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The address of the file's format.

        Raises
        ------
        InputError
            Neither the member nor its suffix says.
        """
        suffix = PurePosixPath(self.path).suffix
        if not self.format and suffix not in FORMATS:
            raise InputError(f"cannot tell the format of '{self.path}'; it ends in none of"
                             f" {', '.join(FORMATS)}")  # fmt: skip
        return self.format or FORMATS[suffix]


@dataclass(frozen=True)
class About:
    """What an archive is, for its metadata.

    Attributes
    ----------
    title, description
        For people.
    creators
        Names.
    created
        When its content came to be; part of the bytes, so never the time of writing.
    taxon
        Address of the organism.
    same_as, terms
        Addresses of what the whole is, and of what it encodes.
    """

    title: str
    description: str
    creators: tuple[str, ...]
    created: dt.date
    taxon: str = HUMAN
    same_as: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()


def text_member(
    path: str, text: str, description: str = "", *, kind: str = "", master: bool = False,
    terms: tuple[str, ...] = (),
) -> ArchiveFile:  # fmt: skip
    """Return a member of text, in UTF-8; `kind` is the address of its format."""
    return ArchiveFile(path, text.encode("utf-8"), description, kind, master, terms)


def write_archive(members: Sequence[ArchiveFile], path: Path, about: About) -> None:
    """Write a COMBINE archive in one step; the same members give the same bytes.

    Parameters
    ----------
    members
        The files, of which one is the master. Manifest and metadata are added.
    path
        The archive, ending in ``.omex``.
    about
        For the metadata.

    Raises
    ------
    InputError
        Two members share a path, a path leaves the archive, there is not one master, or the
        archive cannot be written.
    """
    if path.suffix != ".omex":
        raise InputError(f"a COMBINE archive ends in .omex, not '{path.name}'")
    ordered = sorted(members, key=lambda member: member.path)
    _check(ordered)
    files = {member.path: member.content for member in ordered}
    files = {
        "manifest.xml": _manifest(ordered).encode("utf-8"),
        "metadata.rdf": _metadata(ordered, about).encode("utf-8"),
        **files,
    }

    def write(target: Path) -> None:
        with zipfile.ZipFile(target, "w") as archive:
            for name, content in files.items():
                entry = zipfile.ZipInfo(name, _MOMENT)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.create_system = 3
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, content, compresslevel=6)

    write_file(path, write)


def _check(members: Sequence[ArchiveFile]) -> None:
    seen = {"manifest.xml", "metadata.rdf"}
    for member in members:
        parts = member.path.split("/")
        if any(part in {"", ".", ".."} for part in parts) or "\\" in member.path:
            raise InputError(f"'{member.path}' is no path within an archive")
        if member.path in seen:
            raise InputError(f"the archive would hold '{member.path}' twice")
        seen.add(member.path)
    masters = [member.path for member in members if member.master]
    if len(masters) != 1:
        raise InputError(f"an archive has one master file, not {len(masters)}")


def _manifest(members: Sequence[ArchiveFile]) -> str:
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<omexManifest xmlns="{_SPECIFICATION}omex-manifest">',
        f'  <content location="." format="{_SPECIFICATION}omex"/>',
        f'  <content location="./manifest.xml" format="{_SPECIFICATION}omex-manifest"/>',
        f'  <content location="./metadata.rdf" format="{_SPECIFICATION}omex-metadata"/>',
    ]
    for member in members:
        master = ' master="true"' if member.master else ""
        location = quoteattr(f"./{member.path}")
        lines.append(f"  <content location={location} format={quoteattr(member.kind)}{master}/>")
    return "\n".join([*lines, "</omexManifest>", ""])


def _metadata(members: Sequence[ArchiveFile], about: About) -> str:
    created = f"{about.created.isoformat()}T00:00:00Z"
    body = [
        f"    <dc:title>{escape(about.title)}</dc:title>",
        f"    <dc:description>{escape(about.description)}</dc:description>",
        *(f"    <dc:creator>{escape(name)}</dc:creator>" for name in about.creators),
        *(
            '    <dcterms:creator><rdf:Bag><rdf:li rdf:parseType="Resource">'
            f"<vCard:fn>{escape(name)}</vCard:fn></rdf:li></rdf:Bag></dcterms:creator>"
            for name in about.creators
        ),
        _date("created", created),
        _date("modified", created),
        *_resources("bqbiol:hasTaxon", (about.taxon,)),
        *_resources("bqbiol:is", about.same_as),
        *_resources("bqbiol:encodes", about.terms),
    ]
    described = [_described(".", body)]
    for member in members:
        own = [f"    <dc:format>{escape(member.kind)}</dc:format>"]
        if member.description:
            own.insert(0, f"    <dc:description>{escape(member.description)}</dc:description>")
        own += _resources("bqbiol:encodes", member.terms)
        described.append(_described(f"./{member.path}", own))
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"',
            '  xmlns:dc="http://purl.org/dc/elements/1.1/"',
            '  xmlns:dcterms="http://purl.org/dc/terms/"',
            '  xmlns:vCard="http://www.w3.org/2006/vcard/ns#"',
            '  xmlns:bqbiol="http://biomodels.net/biology-qualifiers/">',
            *described,
            "</rdf:RDF>",
            "",
        ]
    )


def _date(kind: str, moment: str) -> str:
    return (f'    <dcterms:{kind} rdf:parseType="Resource"><dcterms:W3CDTF>{moment}'
            f"</dcterms:W3CDTF></dcterms:{kind}>")  # fmt: skip


def _resources(predicate: str, addresses: Sequence[str]) -> list[str]:
    return [f"    <{predicate} rdf:resource={quoteattr(address)}/>" for address in addresses]


def _described(location: str, body: Sequence[str]) -> str:
    about = f"  <rdf:Description rdf:about={quoteattr(location)}>"
    return "\n".join([about, *body, "  </rdf:Description>"])
