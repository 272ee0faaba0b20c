"""A page as PDF: its HTML, which is well-formed XML, written in Typst and set by it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree as ET

import matplotlib as mpl

from transport_model.errors import ComputationError, InputError

from .typst_math import typst_math

#: Frame of the document; ``contents`` is put behind it.
FRAME = """
#set document(title: {title}, date: {date})
#set page(paper: "a4", margin: (x: 21mm, top: 20mm, bottom: 22mm), numbering: "1",
  footer-descent: 40%)
#set text(font: "Libertinus Serif", size: 10pt, lang: "en")
#set par(justify: true, leading: 0.62em, spacing: 0.95em)
#set table(stroke: none, inset: (x: 3pt, y: 2.6pt))
#show figure.where(kind: table): set block(breakable: true)
#show figure.where(kind: table): set figure.caption(position: top)
#show figure.caption: set text(size: 8.5pt)
#show figure.caption: set align(left)
#show heading: set text(font: "DejaVu Sans")
#show heading.where(level: 1): set text(size: 15pt)
#show heading.where(level: 2): set text(size: 11.5pt)
#show heading.where(level: 3): set text(size: 9.5pt)
#show heading: set block(above: 1.5em, below: 0.8em, sticky: true)
#show raw: set text(font: "DejaVu Sans Mono", size: 7.5pt)
#show link: set text(fill: rgb("#00457a"))
#let subtitle(body) = block(
  below: 1.2em, text(font: "DejaVu Sans", size: 9.5pt, fill: luma(80), body))
#let tinted(body) = block(fill: luma(244), inset: 8pt, radius: 3pt, width: 100%, body)
#let together(body) = block(breakable: false, tinted(body))
#let tone(colour, body) = text(fill: colour, weight: "semibold", body)
#let equation(words, number, body) = block(breakable: false, above: 0.9em, below: 0.9em, {{
  text(size: 7.5pt, fill: luma(90), words)
  linebreak()
  layout(size => {{
    let room = size.width - 28pt
    let wide = measure(body).width
    let part = 100% * calc.min(1, room / wide)
    let shown = scale(x: part, y: part, reflow: true, body)
    grid(columns: (1fr, 28pt), align: (left + horizon, right + horizon), shown,
      text(size: 8.5pt, number))
  }})
}})
"""
_BLANK = " \t\r\n"
_INLINE = {
    "b": "strong",
    "strong": "strong",
    "i": "emph",
    "em": "emph",
    "sub": "sub",
    "sup": "super",
}
_TONES = {"ok": 'rgb("#00694d")', "no": 'rgb("#a82800")'}
#: Elements of which nothing is printed, and those that only hold others.
_DROPPED = {"head", "nav", "footer", "script", "style", "summary"}


def check_pdf() -> None:
    """Make sure that PDFs can be made.

    Raises
    ------
    InputError
        Typst is not installed.
    """
    if find_spec("typst") is None:
        raise InputError("a PDF needs typst: pip install 'transport-model[pdf]'")


def to_pdf(html: str, folder: Path, created: str) -> bytes:
    """Return a page as PDF.

    Parameters
    ----------
    html
        The page with its figures linked; their files lie in `folder`.
    folder
        What the links are relative to.
    created
        Date and time (ISO 8601) that the document states.

    Raises
    ------
    ComputationError
        Typst cannot set it.
    """
    import typst

    # The XML parser knows no document type of HTML
    text = to_typst(html[html.index("<html") :], created)
    source = folder / "report.typ"
    source.write_text(text, encoding="utf-8", newline="\n")
    fonts = Path(mpl.get_data_path()) / "fonts" / "ttf"
    try:
        return typst.compile(
            str(source), root=str(folder), font_paths=[str(fonts)], ignore_system_fonts=True
        )
    except typst.TypstError as error:
        raise ComputationError(f"Typst cannot set the report: {error}") from None
    finally:
        source.unlink()


def to_typst(html: str, created: str) -> str:
    """Return well-formed HTML as a document in Typst."""
    root = ET.fromstring(html)
    when = datetime.fromisoformat(created)
    date = f"datetime(year: {when.year}, month: {when.month}, day: {when.day})"
    frame = FRAME.format(title=_quoted(root.findtext("head/title") or ""), date=date)
    body = root.find("body")
    assert body is not None
    return frame + _Writer(root).content(body)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _plain(text: str | None) -> str:
    """Return text as a string of Typst, in which no character has a meaning."""
    if not text:
        return ""
    words = " ".join(re.findall(rf"[^{_BLANK}]+", text))  # a no-break space is no blank
    before = " " if text[0] in _BLANK else ""
    behind = " " if text[-1] in _BLANK and words else ""
    return f"#{_quoted(before + words + behind)};" if words else " "


class _Writer:
    """Writes elements of a page in Typst."""

    def __init__(self, root: ET.Element) -> None:
        self._places = {e.get("id") for e in root.iter() if e.get("id")}
        self._write: dict[str, Callable[[ET.Element], str]] = {
            "a": self._link, "br": lambda e: "#linebreak();", "code": self._code,
            "details": self.content, "div": self._division, "dl": self._facts,
            "figure": self._figure, "h1": self._heading, "h2": self._heading,
            "h3": self._heading, "h4": self._heading, "math": self._math, "ol": self._list,
            "p": self._paragraph, "section": self._section, "span": self._span,
            "table": self._table, "ul": self._list, "small": self._small,
        }  # fmt: skip

    def content(self, element: ET.Element) -> str:
        """Write what is in an element."""
        pieces = [_plain(element.text)]
        for child in element:
            pieces += [self._element(child), _plain(child.tail)]
        return "".join(pieces)

    def _element(self, element: ET.Element) -> str:
        name = element.tag
        if name in _DROPPED or element.get("class") in {"skip", "files"}:
            return ""
        if name in _INLINE:
            text = f"#{_INLINE[name]}[{self.content(element)}];"
            return self._toned(element, text)
        return self._write.get(name, self.content)(element)

    def _label(self, element: ET.Element) -> str:
        name = element.get("id")
        return f" #label({_quoted(name)})" if name else ""

    def _toned(self, element: ET.Element, text: str) -> str:
        colour = _TONES.get(element.get("class", ""))
        return f"#tone({colour})[{text}];" if colour else text

    def _section(self, element: ET.Element) -> str:
        text = self.content(element)
        if element.get("class") == "abstract":
            return f"\n#tinted[{text}]\n"
        return f"\n#metadata(none){self._label(element)}\n{text}"

    def _heading(self, element: ET.Element) -> str:
        level = element.tag[1]
        return f"\n#heading(level: {level})[{self.content(element)}]\n"

    def _paragraph(self, element: ET.Element) -> str:
        if element.get("class") == "claim":  # stays with the figure below it
            return f"\n#block(sticky: true)[{self.content(element)}]\n"
        if element.get("class") == "subtitle":
            return f"\n#subtitle[{self.content(element)}]\n"
        return f"\n\n{self.content(element)}\n\n"

    def _division(self, element: ET.Element) -> str:
        if element.get("class") == "equation":
            words, formula, place = element
            return (f"\n#equation([{self.content(words)}], [{self.content(place)}],"
                    f" [{self.content(formula)}])\n")  # fmt: skip
        return self.content(element)

    def _span(self, element: ET.Element) -> str:
        return self._toned(element, self.content(element))

    def _small(self, element: ET.Element) -> str:
        return f"#text(size: 0.85em)[{self.content(element)}];"

    def _code(self, element: ET.Element) -> str:
        return f"#raw({_quoted(''.join(element.itertext()))});"

    def _math(self, element: ET.Element) -> str:
        formula = typst_math(element)
        return f"$display({formula})$" if element.get("display") == "block" else f"${formula}$"

    def _link(self, element: ET.Element) -> str:
        target, text = element.get("href", ""), self.content(element)
        if target.startswith("#"):
            name = target[1:]
            return f"#link(label({_quoted(name)}))[{text}];" if name in self._places else text
        if target.startswith(("https://", "http://")):
            return f"#link({_quoted(target)})[{text}];"
        return text

    def _list(self, element: ET.Element) -> str:
        name = "enum" if element.tag == "ol" else "list"
        items = ", ".join(f"[{self.content(item)}{self._marked(item)}]" for item in element)
        return f"\n#{name}({items})\n" if items else ""

    def _marked(self, element: ET.Element) -> str:
        return f"#metadata(none){self._label(element)}" if element.get("id") else ""

    def _facts(self, element: ET.Element) -> str:
        cells = []
        for pair in element:
            term, value = (self.content(child) for child in pair)
            cells.append(
                f'[#text(weight: "bold")[{value}] #linebreak() #text(size: 7.5pt)[{term}]]'
            )
        return (f"\n#together(grid(columns: (1fr,) * {min(4, len(cells) or 1)}, row-gutter: 9pt,"
                f" {', '.join(cells)}))\n")  # fmt: skip

    def _figure(self, element: ET.Element) -> str:
        image, caption = element.find("img"), element.find("figcaption")
        assert image is not None
        assert caption is not None
        drawn = f"image({_quoted(image.get('src', ''))})"  # of its own size, if there is room
        placed = {"first": "bottom", "here": "none"}.get(element.get("class", ""), "auto")
        return (f"\n#figure(kind: \"drawing\", supplement: none, numbering: none, {drawn},"
                f" placement: {placed},"
                f" caption: [{self.content(caption)}]){self._label(element)}\n")  # fmt: skip

    def _table(self, element: ET.Element) -> str:
        caption, head, body = (element.find(name) for name in ("caption", "thead", "tbody"))
        assert head is not None
        assert body is not None
        cells = [cell for row in head for cell in row]
        aligned = ", ".join("right" if cell.get("class") == "n" else "left" for cell in cells)
        widths = _widths([cells, *body])
        heading = ", ".join(f"[#strong[{self.content(cell)}]]" for cell in cells)
        rows = ", ".join(
            f"[{self._toned(cell, self.content(cell))}]" for row in body for cell in row
        )
        lines = "table.hline(stroke: 0.7pt), "
        inner = (f"table(columns: ({widths},), align: ({aligned},), table.header({heading}),"
                 f" {lines}{rows}{', ' if rows else ''}table.hline(stroke: 0.4pt))")  # fmt: skip
        told = self.content(caption) if caption is not None else ""
        return (f"\n#[#set text(size: 7.6pt); #set par(justify: false);"
                f" #figure(kind: table, supplement: none, numbering: none, {inner},"
                f" caption: [{told}]){self._label(element)}]\n")  # fmt: skip


def _widths(rows: Iterable[Iterable[ET.Element]]) -> str:
    """Return widths of columns: as wide as their text if all of it is short, else shares.

    An id has no place where a line could end: a column of ids is as wide as the longest, too.
    """
    texts = [["".join(cell.itertext()).strip() for cell in row] for row in rows]
    columns = list(zip(*texts, strict=True))
    widest = [max(map(len, column)) for column in columns]
    if sum(widest) <= 95:
        return ", ".join(["auto"] * len(widest))
    words = [max(map(len, " ".join(column).split()), default=0) for column in columns]
    return ", ".join(
        "auto" if width <= 14 or width == word <= 30 else f"{min(width, 120) ** 0.6:.2f}fr"
        for width, word in zip(widest, words, strict=True)
    )
