"""Inputs that almost make sense: good ones, with something changed in them by chance."""

from __future__ import annotations

import io
import random
import re
import zipfile

import pandas as pd

_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_NAME = re.compile(r"[A-Za-z_]\w+")
_TAG = re.compile(r"<[^<>]{1,400}>")
_NUMBERS = (
           "0", "-1", "1e308", "-1e308", "1e-320", "nan", "inf", "-inf", "1e400", "0.5", "3", "-0",
            "", "1/0", "1e", "99999999999999999999", "0x10", "१", "1_0")  # fmt: skip
_SCRAPS = ("\0",
           "é", "\U0001f9ea", "\u202e", "<", ">", "&", "&a;", '"', "'", "(", ")", "[", "]", "{",
           "}", "//", "/*", ";", ":", ",", "=", "->", "\n", "\t", "\\", "..", "/etc/passwd", "http://[",
           "file:///", "%", "reset", "time", "rateOf", "delay", "piecewise(", "import \"a\"",
           "<apply><minus/></apply>", "<ci>x</ci>", "<cn>1</cn>", "#", "# ", "- ", "&x ", "*x",
           "!!python/x ")  # fmt: skip


def mutated_text(text: str, rng: random.Random) -> str:
    """Return a text with one to four changes: of numbers, names, tags, lines, stray characters."""
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        text = rng.choice(_CHANGES)(text, rng)
    return text


def mutated_bytes(data: bytes, rng: random.Random) -> bytes:
    """Return bytes with some flipped, cut out, doubled, or with the end missing."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 3, 10))):
        if not changed:
            break
        place = rng.randrange(len(changed))
        kind = rng.randrange(4)
        if kind == 0:
            changed[place] ^= 1 << rng.randrange(8)
        elif kind == 1:
            del changed[place : place + rng.choice((1, 4, 64))]
        elif kind == 2:
            changed[place:place] = changed[place : place + rng.choice((1, 8, 200))]
        elif rng.random() < 0.3:
            del changed[place:]
    return bytes(changed)


def mutated_archive(data: bytes, rng: random.Random) -> bytes:
    """Return a ZIP archive with a member changed, renamed or left out, or its bytes damaged."""
    if rng.random() < 0.3:
        return mutated_bytes(data, rng)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = rng.choice(list(members))
    content = members.pop(name)
    kind = rng.randrange(6)
    if kind == 0:
        name = rng.choice(("../x.xml", "/x.xml", "a//b.xml", "é.xml", name.upper(), "x" * 300))
    elif kind < 5:
        content = mutated_text(content.decode("utf-8"), rng).encode("utf-8", "surrogatepass")
    if kind != 5:
        members[name] = content
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def mutated_parquet(frame: pd.DataFrame, rng: random.Random) -> bytes:
    """Return a Parquet file of an odd table, or one that is damaged."""
    table = frame.copy()
    column = rng.choice(list(table.columns))
    odd = rng.choice((None, "x", True, pd.Timestamp("2020-01-01"), b"\0", [1.0], 1e400))
    kind = rng.randrange(7)
    if kind == 0:
        table[column] = pd.Series([odd] * len(table), index=table.index)
    elif kind == 1:
        table = table.rename(columns={column: rng.choice(("", "x" * 2000, "é", "time", "status"))})
    elif kind == 2:
        table = table.set_index(column)
    elif kind == 3:
        table[column] = pd.Categorical(table[column])
    elif kind == 4:
        table = table.iloc[:0]
    elif kind == 5:
        table.index = pd.MultiIndex.from_product([["a"], range(len(table))], names=["a", None])
    target = io.BytesIO()
    table.to_parquet(target)
    data = target.getvalue()
    if rng.random() < 0.4:  # same length, so that what points into the file still does
        words = [b'"index_columns"', b'"column_indexes"', b'"pandas_type"', b'"name"', b"float64"]
        word = rng.choice(words)
        data = data.replace(word, bytes(rng.choice(b'abc"{}[]0') for _ in word))
    return mutated_bytes(data, rng) if kind == 6 else data


def mutated_arguments(arguments: list[str], rng: random.Random) -> list[str]:
    """Return a command's arguments with one left out, doubled, swapped or changed."""
    changed = list(arguments)
    place = rng.randrange(len(changed))
    kind = rng.randrange(5)
    if kind == 0:
        del changed[place]
    elif kind == 1:
        changed.insert(place, changed[place])
    elif kind == 2:
        other = rng.randrange(len(changed))
        changed[place], changed[other] = changed[other], changed[place]
    elif kind == 3:
        changed[place] = mutated_text(changed[place], rng).replace("\0", "")
    else:
        changed[place] = rng.choice(
            (*_NUMBERS, "x" * 5000, "", "-", "--", "=", "a=b=c", "é", "--set")
        )
    return changed


def _number(text: str, rng: random.Random) -> str:
    return _replaced(_NUMBER, text, rng, lambda _: rng.choice(_NUMBERS))


def _name(text: str, rng: random.Random) -> str:
    names = _NAME.findall(text) or ["x"]
    return _replaced(_NAME, text, rng, lambda _: rng.choice(names))


def _tag(text: str, rng: random.Random) -> str:
    tags = _TAG.findall(text) or ["<x/>"]
    return _replaced(_TAG, text, rng, lambda found: rng.choice(("", found * 2, rng.choice(tags))))


def _line(text: str, rng: random.Random) -> str:
    lines = text.split("\n")
    place = rng.randrange(len(lines))
    line = lines.pop(place)
    for _ in range(rng.choice((0, 2))):
        lines.insert(rng.randrange(len(lines) + 1), line)
    return "\n".join(lines)


def _scrap(text: str, rng: random.Random) -> str:
    place = rng.randrange(len(text) + 1)
    return text[:place] + rng.choice(_SCRAPS) * rng.choice((1, 1, 1, 300)) + text[place:]


def _cut(text: str, rng: random.Random) -> str:
    place = rng.randrange(len(text) + 1)
    return text[:place] + text[place + rng.choice((1, 10, 100, len(text))) :]


def _replaced(pattern, text, rng, new) -> str:
    found = list(pattern.finditer(text))
    if not found:
        return text
    match = rng.choice(found)
    return text[: match.start()] + new(match.group()) + text[match.end() :]


_CHANGES = (_number, _number, _name, _name, _tag, _tag, _line, _scrap, _cut)
