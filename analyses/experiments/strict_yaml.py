"""YAML files whose every part knows its line, so that an error can name it.

Only what people need to write by hand: mappings, lists and text. Anchors, aliases and tags are
refused, as are keys that appear twice. No number is read here: every value is text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from transport_model.errors import InputError, did_you_mean

#: Bytes of a file, and how deep it may be nested.
MAX_BYTES, MAX_DEPTH = 2**20, 20


@dataclass(frozen=True)
class Node:
    """A part of a YAML file.

    Attributes
    ----------
    path
        The file.
    line
        Where the part begins, from 1.
    content
        Text, a list of nodes, or nodes by key; None where nothing stands.
    """

    path: Path
    line: int
    content: str | list[Node] | dict[str, Node] | None

    def error(self, message: str) -> InputError:
        """Return an error that names this node's file and line."""
        return InputError(f"{self.path}, line {self.line}: {message}")

    def text(self, what: str) -> str:
        """Return the text that stands here; `what` says what it should have been."""
        if not isinstance(self.content, str) or not self.content.strip():
            raise self.error(f"{what}, not {_kind(self)}")
        return self.content.strip()

    def items(self, what: str) -> list[Node]:
        """Return the nodes of a list that is not empty."""
        if not isinstance(self.content, list):
            raise self.error(f"{what}, a list, not {_kind(self)}")
        if not self.content:
            raise self.error(f"{what}; the list is empty: fill it in or remove it")
        return self.content

    def entries(self, what: str) -> dict[str, Node]:
        """Return the nodes by key of a mapping that is not empty."""
        if not isinstance(self.content, dict):
            raise self.error(f"{what}, 'key: value', not {_kind(self)}")
        if not self.content:
            raise self.error(f"{what}; it is empty: fill it in or remove it")
        return self.content

    def keyed(
        self, what: str, keys: Collection[str], needed: Iterable[str] = ()
    ) -> dict[str, Node]:
        """Return the nodes by key of a mapping that has no other keys than `keys`."""
        entries = self.entries(what)
        for key, node in entries.items():
            if key not in keys:
                hint = did_you_mean(key, keys) or f"; known are {', '.join(keys)}"
                if not key.isidentifier():
                    hint = "; text with a comma or a colon goes in quotes"
                raise node.error(f"unknown key '{key}'{hint}")
        for key in needed:
            if key not in entries:
                raise self.error(f"'{key}: …' is missing")
        return entries


def _kind(node: Node) -> str:
    if isinstance(node.content, str):
        return f"'{node.content}'" if node.content.strip() else "an empty text"
    return {list: "a list", dict: "a mapping"}.get(type(node.content), "nothing")


def read_nodes(path: Path) -> Node:
    """Read a YAML file.

    Raises
    ------
    InputError
        The file is missing, over 1 MiB, not text, not YAML, or uses anchors, tags or a key twice.
    """
    text = _text(path)
    loader = yaml.SafeLoader  # for its scanner and parser; it constructs nothing here
    try:
        _refuse_references(path, text)
        root = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise InputError(f"{path}, line {line}: not YAML: {error.problem}") from None
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise InputError(f"{path}, line {line}: a character that no text holds"
                         f" (#x{error.character:04x})") from None  # fmt: skip
    if root is None:
        raise InputError(f"{path}, line 1: the file is empty")
    return _node(path, root)


def _text(path: Path) -> str:
    if not path.is_file():
        raise InputError(f"no such file: {path}")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise InputError(f"{path} is larger than 1 MiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(f"{path}, line {line}: not text in UTF-8") from None


def _refuse_references(path: Path, text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1
        if getattr(event, "anchor", None):
            raise InputError(f"{path}, line {line}: anchors and aliases ('&' and '*') have no place"
                             " here; write it out, or put it in quotes")  # fmt: skip
        if getattr(event, "tag", None) not in {None, "!"}:
            raise InputError(
                f"{path}, line {line}: tags ('!') have no place here; put it in quotes"
            )
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise InputError(f"{path}, line {line}: nested more than {MAX_DEPTH} deep")


def _node(path: Path, node: yaml.Node) -> Node:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        entries: dict[str, Node] = {}
        for key, value in node.value:
            at = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise InputError(f"{path}, line {at}: a key is a word, not a list or a mapping")
            if key.value in entries:
                raise InputError(f"{path}, line {at}: '{key.value}' appears twice (first in"
                                 f" line {entries[key.value].line})")  # fmt: skip
            # A value on later lines is still found by its key
            entries[key.value] = Node(path, at, _node(path, value).content)
        return Node(path, line, entries)
    if isinstance(node, yaml.SequenceNode):
        return Node(path, line, [_node(path, item) for item in node.value])
    plain_null = node.tag == "tag:yaml.org,2002:null"
    return Node(path, line, None if plain_null else str(node.value))
