"""COMBINE archives: the one model in them, read in memory and without trust.

Nothing is extracted. Names, sizes and links are examined before anything is inflated, and what is
inflated is counted: an archive that says less than it holds is refused. Hence zipfile, which tells
what each file claims to be; libCOMBINE tells no sizes.
"""

from __future__ import annotations

import posixpath
import re
import stat
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from transport_model.errors import InputError, ModelFileError
from transport_model.reading.neighbours import Neighbours, climbs, resolved, shown
from transport_model.reading.sedml import AttributeChange, models_of
from transport_model.reading.untrusted import (
    MAX_BYTES,
    decode_xml,
    parsed_xml,
    refuse_unsafe_xml,
)

#: Suffixes of COMBINE archives.
ARCHIVES = (".omex", ".sedx", ".zip")
#: Most files of an archive.
MAX_MEMBERS = 1_000
#: Most folders inside each other in it.
MAX_FOLDERS = 16
#: Most bytes that all files of an archive may hold.
MAX_TOTAL = 4 * MAX_BYTES
#: Largest ratio of a file's size to its size in the archive, for files beyond a mebibyte.
MAX_RATIO = 200

_MANIFEST = "manifest.xml"
_LOCAL_HEADER = 30
_ENCRYPTED = 0x1


@dataclass(frozen=True)
class ArchivedModel:
    """The model of an archive: its path in there, its bytes, and what the SED-ML changes in it."""

    name: str
    data: bytes
    changes: tuple[AttributeChange, ...] = ()


@dataclass(frozen=True)
class _Entry:
    """A file that the manifest lists: its path, the format it claims, whether it is the master."""

    name: str
    format: str
    master: bool


def read_archive(path: Path) -> ArchivedModel:
    """Return the model of a COMBINE archive: SBML or CellML.

    It is the model of the master SED-ML. Where no file is the master, all SED-ML files together
    have to name one model; without SED-ML the archive has to hold one SBML (or one CellML) file.
    What all its tasks change in the model is changed; where they differ, it is the unchanged model
    that is read, if the SED-ML has it.

    Raises
    ------
    ModelFileError
        The archive is cut short, or its manifest is missing, unreadable or at odds with it; or it
        is built to do harm: paths that climb out, links, sizes that lie, bombs.
    InputError
        Several models could be meant; they are listed.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = _members(archive, str(path))
            return _chosen(archive, members, str(path))
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ModelFileError(f"{path} is no ZIP archive, or cut short ({error})") from None
    except NotImplementedError as error:
        raise ModelFileError(f"{path} cannot be read: {error}") from None
    except OSError as error:
        raise ModelFileError(f"cannot read {path}: {error.strerror or error}") from None


def read_scripts(path: Path) -> list[tuple[str, bytes, Neighbours]]:
    """Return the SED-ML documents of a COMBINE archive that are to be run.

    That is the master, or all of them where none of them is the master.

    Returns
    -------
    list
        The path of each in the archive, its bytes, and its neighbours: the other files.

    Raises
    ------
    ModelFileError
        As :func:`read_archive`; or there is no SED-ML in the archive.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = _members(archive, str(path))
            scripts = _scripts(archive, members, str(path))
            return [
                (s.name, _read(archive, members[s.name], str(path)), neighbours_in(path, s.name))
                for s in scripts
            ]
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ModelFileError(f"{path} is no ZIP archive, or cut short ({error})") from None
    except NotImplementedError as error:
        raise ModelFileError(f"{path} cannot be read: {error}") from None
    except OSError as error:
        raise ModelFileError(f"cannot read {path}: {error.strerror or error}") from None


def _scripts(
    archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], origin: str
) -> list[_Entry]:
    entries = _listed(archive, members, origin)
    scripts = {entry.name: entry for entry in entries if _is(entry, "sed-ml", "sedml")}
    if not scripts:
        raise ModelFileError(f"{origin} holds no SED-ML to run")
    return [entry for entry in scripts.values() if entry.master] or list(scripts.values())


def neighbours_in(path: Path, name: str) -> Neighbours:
    """Return the neighbours of the model at path `name` of an archive: its other files."""

    def read(other: str) -> bytes | None:
        with zipfile.ZipFile(path) as archive:
            members = _members(archive, str(path))
            return _read(archive, members[other], str(path)) if other in members else None

    return Neighbours(name, "archive", f"{path}: ", read)


def _members(archive: zipfile.ZipFile, origin: str) -> Mapping[str, zipfile.ZipInfo]:
    """Return the files of an archive by path, after a look at what each claims to be."""
    listed = archive.infolist()
    if len(listed) > MAX_MEMBERS:
        raise ModelFileError(f"{origin} holds {len(listed)} files; at most {MAX_MEMBERS} are read")
    members: dict[str, zipfile.ZipInfo] = {}
    for info in listed:
        name = info.orig_filename
        told = f"{origin}: '{shown(name)}'"
        if climbs(name):
            raise ModelFileError(f"{told} is a path that leads out of the archive")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise ModelFileError(f"{told} is a link")
        if info.flag_bits & _ENCRYPTED:
            raise ModelFileError(f"{told} is encrypted")
        if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise ModelFileError(f"{told} is compressed in a way that COMBINE archives are not")
        if name.count("/") > MAX_FOLDERS:
            raise ModelFileError(f"{told} lies more than {MAX_FOLDERS} folders deep")
        if info.file_size > MAX_BYTES:
            raise ModelFileError(f"{told} is larger than {MAX_BYTES // 2**20} MiB")
        if info.file_size > 2**20 and info.file_size > MAX_RATIO * max(info.compress_size, 1):
            raise ModelFileError(f"{told} would inflate more than {MAX_RATIO}-fold")
        key = posixpath.normpath(name)
        if key in members:
            raise ModelFileError(f"{told} is there twice")
        members[key] = info
    if sum(info.file_size for info in listed) > MAX_TOTAL:
        raise ModelFileError(f"{origin} would inflate to more than {MAX_TOTAL // 2**20} MiB")
    return {name: info for name, info in members.items() if not info.is_dir()}


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, origin: str) -> bytes:
    """Return a file's bytes, counted as they are inflated."""
    told = f"{origin}: '{shown(info.orig_filename)}'"
    with archive.open(info) as file:  # compares the two names, the sums, and the room between
        data = file.read(MAX_BYTES + 1)
    raw = archive.fp
    if raw is None:
        raise ModelFileError(f"{origin} is closed")
    raw.seek(info.header_offset)
    header = raw.read(_LOCAL_HEADER)
    skipped = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    raw.seek(info.header_offset + _LOCAL_HEADER + skipped)
    packed = raw.read(info.compress_size)
    if info.compress_type == zipfile.ZIP_DEFLATED:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        actual = inflater.decompress(packed, info.file_size + 1)
        honest = inflater.eof and not inflater.unused_data
    else:
        actual, honest = packed, True
    if not honest or len(actual) != info.file_size or actual != data:
        raise ModelFileError(f"{told} does not have the size that the archive claims")
    return data


def _chosen(
    archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], origin: str
) -> ArchivedModel:
    entries = _listed(archive, members, origin)
    masters = [entry for entry in entries if entry.master]
    if len(masters) > 1:
        raise InputError(f"{origin} has {len(masters)} masters: {_names(masters)}")
    if masters and _is(masters[0], "sbml", "cellml"):
        name, changes = masters[0].name, ()
    else:
        scripts = [e for e in masters or entries if _is(e, "sed-ml", "sedml")]
        if masters and not scripts:
            raise ModelFileError(
                f"{origin}: its master '{shown(masters[0].name)}' is neither SED-ML nor a model"
            )
        if scripts:
            name, changes = _model_of(archive, members, scripts, origin)
        else:
            name, changes = _only_model(entries, origin), ()
    return ArchivedModel(name, _read(archive, members[name], origin), changes)


def _listed(
    archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], origin: str
) -> list[_Entry]:
    """Return the files that the manifest of an archive lists."""
    if _MANIFEST not in members:
        raise ModelFileError(f"{origin} has no {_MANIFEST}: it is no COMBINE archive")
    return _entries(_text(archive, members[_MANIFEST], origin, "a manifest"), members, origin)


def _text(archive: zipfile.ZipFile, info: zipfile.ZipInfo, origin: str, kind: str) -> str:
    where = f"{origin}: {shown(info.orig_filename)}"
    return refuse_unsafe_xml(decode_xml(_read(archive, info, origin), where), where, kind)


def _entries(text: str, members: Mapping[str, zipfile.ZipInfo], origin: str) -> list[_Entry]:
    entries = []
    root = parsed_xml(text, f"{origin}: {_MANIFEST}", "a manifest")
    for content in root.iter():
        if _local(content.tag) != "content":
            continue
        location = content.get("location", "")
        if location in {".", "./", "/"}:
            continue  # the archive itself
        name = unquote(resolved(location, "", origin, "archive"))
        if name not in members:
            raise ModelFileError(f"{origin}: its manifest names '{shown(location)}', which is not"
                                 " in it")  # fmt: skip
        master = content.get("master", "false").strip().lower() in {"true", "1"}
        entries.append(_Entry(name, content.get("format", ""), master))
    return entries


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _is(entry: _Entry, *formats: str) -> bool:
    """Tell whether an entry's format ends in one of the names, whatever its level and version."""
    words = re.split(r"[/:.+]", entry.format.lower())
    return any(word in formats for word in words)


def _names(entries: Iterable[_Entry]) -> str:
    names = [shown(entry.name) for entry in entries]
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return ", ".join(names[:10]) + more


def _only_model(entries: list[_Entry], origin: str) -> str:
    for kind in ("sbml", "cellml"):
        models = [entry for entry in entries if _is(entry, kind)]
        if len(models) > 1:
            raise InputError(
                f"{origin} holds {len(models)} models and no SED-ML that says which is meant:"
                f" {_names(models)}; unpack it and name one"
            )
        if models:
            return models[0].name
    raise ModelFileError(f"{origin} holds neither SED-ML nor an SBML or CellML model")


def _model_of(
    archive: zipfile.ZipFile,
    members: Mapping[str, zipfile.ZipInfo],
    scripts: list[_Entry],
    origin: str,
) -> tuple[str, tuple[AttributeChange, ...]]:
    """Return the path of the one model that the SED-ML files are about, and its changes."""
    found: dict[str, None] = {}
    variants: dict[tuple[AttributeChange, ...], bool] = {}
    for script in scripts:
        text = _text(archive, members[script.name], origin, "SED-ML")
        for model in models_of(text, f"{origin}: {shown(script.name)}"):
            folder = posixpath.dirname(script.name)
            name = unquote(resolved(model.source, folder, origin, "archive"))
            if name not in members:
                raise ModelFileError(
                    f"{origin}: {shown(script.name)} is about '{shown(model.source)}', which is"
                    " not in it"
                )
            found[name] = None
            variants[model.changes] = variants.get(model.changes, False) or model.used
    if not found:
        raise ModelFileError(f"{origin}: its SED-ML names no model")
    if len(found) > 1:
        raise InputError(
            f"{origin} is about {len(found)} models, {', '.join(map(shown, list(found)[:10]))};"
            " unpack it and name one"
        )
    used = [changes for changes, is_used in variants.items() if is_used] or list(variants)
    if len(used) > 1 and () not in variants:
        raise InputError(
            f"{origin}: its SED-ML changes the model in {len(used)} ways, and none is without a"
            " change; unpack it and name the model"
        )
    return next(iter(found)), used[0] if len(used) == 1 else ()
