"""Conditions on rows in words, such as ``Na_i > 10 mM and status == 'ok'``, as Arrow filters.

The grammar knows columns, numbers with or without a unit, text, comparisons, ``in``, ``and``,
``or``, ``not`` and parentheses: nothing in it can be called, and nothing is evaluated as Python.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from transport_model.errors import InputError, UnknownIdError
from transport_model.units import read_quantity

#: Longest condition, and deepest nesting.
LONGEST, DEEPEST = 2000, 50

_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_WORDS = ("and", "or", "not", "in")
#: A unit goes on until something that no unit has; a column called like a unit is no matter, since
#: two operands never stand side by side.
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<text>'[^']*'|"[^"]*")
  | `(?P<quoted>[^`]+)`
  | (?P<sign><=|>=|==|!=|<|>|=|\(|\)|\[|\]|,|&&|\|\||&|\||!|~)
  | (?P<number>[-+−]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)
    (?P<unit>(?:\s*(?!(?i:and|or|not|in)\b)[^\s<>=!()\[\],'"`&|~]+)*)
  | (?P<name>[^\W\d]\w*)
    )""",
    re.VERBOSE,
)
_INSTEAD = {"=": "==", "&&": "and", "&": "and", "||": "or", "|": "or", "!": "not", "~": "not"}


@dataclass(frozen=True)
class _Token:
    """A piece of a condition: its kind, its text as written, and what is in it."""

    kind: str
    text: str
    value: str


@dataclass(frozen=True)
class _Operand:
    """A column, a number as it was written, or text."""

    kind: str
    written: str
    value: str


def read_condition(
    text: str, schema: pa.Schema, unit_of: Callable[[str], str], where: str
) -> pc.Expression:
    """Return the Arrow filter that a condition stands for.

    Parameters
    ----------
    text
        Comparisons of columns with numbers, text or columns (``Na_i > 10 mM``, ``0 < V_m < 10``,
        ``status != 'ok'``, ``status in ['drifted', 'failed']``), a column of yes and no
        (``converged``), joined by ``and``, ``or``, ``not`` and parentheses. A column whose name
        is not a plain word stands in backquotes, as in ```V_m:final` < 0``.
    schema
        Columns and their types.
    unit_of
        Unit of a column; empty where it has none.
    where
        What an error calls the table.

    Raises
    ------
    UnknownIdError
        There is no such column.
    InputError
        The text is no condition, compares what cannot be compared, or a unit does not convert.
    """
    return _Reader(text, schema, unit_of, where).read()


class _Reader:
    """Recursive descent over the tokens of one condition."""

    def __init__(
        self, text: str, schema: pa.Schema, unit_of: Callable[[str], str], where: str
    ) -> None:
        if len(text) > LONGEST:
            raise InputError(f"a condition has no more than {LONGEST:,} characters")
        self.schema, self.unit_of, self.where = schema, unit_of, where
        self.text = text
        self.tokens = list(self._tokens(text))
        self.place, self.depth = 0, 0

    def _tokens(self, text: str) -> list[_Token]:
        tokens, place, end = [], 0, len(text.rstrip())
        while place < end:
            found = _TOKEN.match(text, place)
            if found is None:
                raise self._wrong(f"cannot be read from '{text[place:].strip()[:20]}' on")
            place = found.end()
            groups: Mapping[str, str | None] = found.groupdict()
            written = found[0].strip()
            if groups["text"] is not None:
                tokens.append(_Token("text", written, groups["text"][1:-1]))
            elif groups["quoted"] is not None:
                tokens.append(_Token("name", written, groups["quoted"]))
            elif groups["number"] is not None:
                tokens.append(_Token("number", written, written.replace("−", "-")))
            elif written.lower() in _WORDS:
                tokens.append(_Token("word", written, written.lower()))
            elif groups["name"] is not None:
                tokens.append(_Token("name", written, groups["name"]))
            elif written in _INSTEAD:
                raise self._wrong(f"has '{written}'; write '{_INSTEAD[written]}'")
            else:
                tokens.append(_Token("sign", written, written))
        return tokens

    def read(self) -> pc.Expression:
        if not self.tokens:
            raise self._wrong("is empty; write such as \"Na_i > 10 and status == 'ok'\"")
        condition = self._any()
        if self._here is not None:
            raise self._wrong(
                f"goes on with '{self._here.text}' where it should end, or lacks 'and' or 'or'"
            )
        return condition

    @property
    def _here(self) -> _Token | None:
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def _takes(self, *values: str) -> str | None:
        """Step over a sign or word if it is one of those; return it."""
        here = self._here
        if here is None or here.kind not in ("sign", "word") or here.value not in values:
            return None
        self.place += 1
        return here.value

    def _any(self) -> pc.Expression:
        condition = self._all()
        while self._takes("or"):
            condition = condition | self._all()
        return condition

    def _all(self) -> pc.Expression:
        condition = self._one()
        while self._takes("and"):
            condition = condition & self._one()
        return condition

    def _one(self) -> pc.Expression:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self._wrong(f"is nested more than {DEEPEST} deep")
        try:
            if self._takes("not"):
                return ~self._one()
            if self._takes("("):
                condition = self._any()
                if not self._takes(")"):
                    raise self._wrong("lacks a ')'")
                return condition
            return self._comparison()
        finally:
            self.depth -= 1

    def _comparison(self) -> pc.Expression:
        left = self._operand()
        if self._takes("in"):
            return self._among(left)
        if self._takes("not"):
            if not self._takes("in"):
                raise self._wrong(f"has 'not' behind '{left.written}' without 'in'")
            return ~self._among(left)
        compared: pc.Expression | None = None
        while sign := self._takes(*_COMPARISONS):
            right = self._operand()
            one = self._compared(left, sign, right)
            compared = one if compared is None else compared & one
            left = right
        if compared is not None:
            return compared
        if left.kind == "name" and pa.types.is_boolean(self._type(left.value)):
            return pc.field(left.value)
        raise self._wrong(
            f"compares '{left.written}' with nothing; write such as '{left.written} > 1'"
        )

    def _operand(self) -> _Operand:
        here = self._here
        if here is None:
            raise self._wrong("ends too early")
        if here.kind not in ("name", "number", "text"):
            raise self._wrong(f"has '{here.text}' where a column or a value is wanted")
        self.place += 1
        if here.kind == "name":
            self._type(here.value)
        return _Operand(here.kind, here.text, here.value)

    def _among(self, column: _Operand) -> pc.Expression:
        if column.kind != "name":
            raise self._wrong(f"asks whether '{column.written}' is in a list; name a column there")
        close = {"[": "]", "(": ")"}.get(self._takes("[", "(") or "")
        if close is None:
            raise self._wrong("has 'in' without a list such as ['drifted', 'failed']")
        found: pc.Expression | None = None
        while True:
            one = self._compared(column, "==", self._operand())
            found = one if found is None else found | one
            if self._takes(close):
                return found
            if not self._takes(","):
                raise self._wrong(f"has a list without its '{close}'")

    def _compared(self, left: _Operand, sign: str, right: _Operand) -> pc.Expression:
        columns = [side.value for side in (left, right) if side.kind == "name"]
        if not columns:
            raise self._wrong(f"compares '{left.written}' with '{right.written}', neither a column")
        kinds = {self._kind(name) for name in columns}
        if kinds == {"number"}:
            units = {self.unit_of(name) for name in columns}
            if len(units) > 1:
                told = " and ".join(unit or "none" for unit in sorted(units))
                raise self._wrong(
                    f"compares '{columns[0]}' and '{columns[1]}', which differ in unit ({told})"
                )
        elif len(kinds) > 1 or sign not in ("==", "!="):
            raise self._wrong(
                f"has: {left.written} {sign} {right.written}; text, and yes or no, can only be"
                " equal to their like (==, !=)"
            )
        sides = [self._side(side, columns[0], kinds) for side in (left, right)]
        return _COMPARISONS[sign](*sides)

    def _side(self, side: _Operand, column: str, kinds: set[str]) -> Any:
        """Return one side of a comparison with a column, in the column's unit."""
        if side.kind == "name":
            return pc.field(side.value)
        if kinds == {"text"} and side.kind == "text":
            return pc.scalar(side.value)
        if kinds == {"number"} and side.kind == "number":
            try:
                return pc.scalar(read_quantity(side.value, self.unit_of(column)))
            except InputError as error:
                raise self._wrong(f"cannot be read: {error}") from None
        wanted = {"text": "text in quotes", "number": "a number", "yes or no": "no value: write"
                  f" '{column}' or 'not {column}' alone"}[next(iter(kinds))]  # fmt: skip
        raise self._wrong(f"compares '{column}' with {side.written}; it takes {wanted}")

    def _kind(self, name: str) -> str:
        kind = self._type(name)
        if pa.types.is_boolean(kind):
            return "yes or no"
        return "number" if pa.types.is_floating(kind) or pa.types.is_integer(kind) else "text"

    def _type(self, name: str) -> pa.DataType:
        if name not in self.schema.names:
            raise UnknownIdError.of(name, self.schema.names, self.where)
        return self.schema.field(name).type

    def _wrong(self, what: str) -> InputError:
        shown = self.text if len(self.text) <= 60 else f"{self.text[:59]}…"
        return InputError(f'the condition "{" ".join(shown.split())}" {what}')
