"""XML from strangers: what is refused before any library that would act on it sees a byte.

Every SBML, CellML, SED-ML document and manifest passes here first. What libSBML is handed is the
very text that was examined, so that no trick with encodings can show it another one.

Not defusedxml: it guards Python's own parsers, and against entities alone; libSBML and Myokit bring
parsers of their own, and what reads formulas recurses.
"""

from __future__ import annotations

import codecs
import copy
import re
from xml.etree import ElementTree
from xml.parsers import expat

from transport_model.errors import ModelFileError

#: No model of a cell is larger; a file beyond it is a mistake or an attack.
MAX_BYTES = 64 * 1024 * 1024
#: Most elements of a document. The largest shipped model has 1 500.
MAX_ELEMENTS = 200_000
#: Most elements inside each other: what reads formulas recurses. The shipped models have 15.
MAX_DEPTH = 100
#: Longest identifier.
MAX_ID = 1_000
#: Longest line of an Antimony file.
MAX_LINE = 20_000

_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]*?\?>")
_ENCODING = re.compile(r"""encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_DTD = re.compile(r"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
#: Declared encodings that are read as what they are.
_PLAIN = {"utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "ascii", "ascii": "ascii",
          "iso-8859-1": "latin-1", "latin-1": "latin-1"}  # fmt: skip


def decode_xml(data: bytes, origin: str) -> str:
    """Return the text of a file, its encoding told as XML does: mark, pattern, declaration.

    `origin` names the file in messages.

    Raises
    ------
    ModelFileError
        The bytes are no text in UTF-8, UTF-16, UTF-32, ASCII or Latin-1.
    """
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    if encoding is None:
        head = _DECLARATION.match(data[:400].decode("latin-1"))
        declared = _ENCODING.search(head.group()) if head else None
        name = declared.group(1).lower() if declared else "utf-8"
        if name not in _PLAIN:
            raise ModelFileError(f"{origin} claims the encoding '{name[:40]}'; UTF-8 would be read")
        encoding = _PLAIN[name]
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise ModelFileError(f"{origin} is not a text file") from None


def refuse_unsafe_xml(text: str, origin: str, kind: str) -> str:
    """Return an XML document as text that declares UTF-8, or say why it is refused.

    Parameters
    ----------
    text
        The document.
    origin
        Names it in messages, usually its path.
    kind
        What it should be: "SBML", "CellML", "SED-ML" or "a manifest".

    Raises
    ------
    ModelFileError
        It is not well-formed, declares entities or a document type, is nested too deep, has too
        many elements, an identifier that is none or an operator among operands.
    """
    if len(text) > MAX_BYTES:
        raise ModelFileError(f"{origin} is larger than {MAX_BYTES // 2**20} MiB")
    if _DTD.search(text):
        raise ModelFileError(f"{origin} declares entities or a document type; {kind} has neither")
    body = _DECLARATION.sub("", text, count=1)
    lines = text[: len(text) - len(body)].count("\n")
    normal = '<?xml version="1.0" encoding="UTF-8"?>' + "\n" * lines + body
    _walk(normal, origin, kind)
    return normal


def parsed_xml(text: str, origin: str, kind: str) -> ElementTree.Element:
    """Return the root of an examined document, for which prefixes have to be bound as well.

    Raises
    ------
    ModelFileError
        It is not well-formed once namespaces are looked at.
    """
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ModelFileError(f"{origin} is not {kind} ({error})") from None


def xml_text(root: ElementTree.Element) -> str:
    """Return an element as text, with the namespace of its own tag as the default one.

    `ElementTree.register_namespace` would do it for the whole process, other libraries included.
    """
    namespace = root.tag.removeprefix("{").rpartition("}")[0]
    plain = copy.deepcopy(root)
    for part in plain.iter():
        if isinstance(part.tag, str):  # comments and instructions have functions as tags
            part.tag = part.tag.removeprefix(f"{{{namespace}}}")
    plain.set("xmlns", namespace)
    return ElementTree.tostring(plain, encoding="unicode")


def _walk(text: str, origin: str, kind: str) -> None:
    parser = expat.ParserCreate("utf-8")
    depth = elements = 0
    #: Elements that are open, and the children of each, as far as they matter
    inside: list[str] = []
    children: list[list[str]] = [[]]

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, elements
        depth += 1
        elements += 1
        if depth > MAX_DEPTH:
            raise ModelFileError(
                f"{origin}, line {parser.CurrentLineNumber}: elements are nested more than"
                f" {MAX_DEPTH} deep"
            )
        if elements > MAX_ELEMENTS:
            raise ModelFileError(f"{origin} has more than {MAX_ELEMENTS} elements")
        tag = name.rpartition(":")[2]
        if depth == 1 and tag == "sbml":
            _check_version(attributes, name, origin)
        begins = inside[-1:] == ["apply"] and not children[-1]
        if tag in _OPERATORS and "math" in inside and not begins:  # libSBML dies of it
            raise ModelFileError(
                f"{origin}, line {parser.CurrentLineNumber}: the operator <{tag}/> stands in place"
                " of a value; operators come first in an <apply>"
            )
        inside.append(tag)
        children[-1].append(attributes.get("definitionURL", "") if tag == "csymbol" else tag)
        children.append([])
        for key in ("id", "metaid"):
            if len(attributes.get(key, "")) > MAX_ID:
                raise ModelFileError(
                    f"{origin}, line {parser.CurrentLineNumber}: the {key} of a <{name[:40]}> is"
                    f" longer than {MAX_ID} characters"
                )

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        inside.pop()
        operator, *operands = children.pop() or [""]
        if name.rpartition(":")[2] != "apply":
            return
        if operator == _RATE_OF and operands != ["ci"]:  # libSBML dies of it
            raise ModelFileError(
                f"{origin}, line {parser.CurrentLineNumber}: rateOf takes one name, such as"
                " rateOf(x)"
            )
        if operator == "apply":
            raise ModelFileError(
                f"{origin}, line {parser.CurrentLineNumber}: an <apply> begins with an operator or"
                " a function, not with another <apply>"
            )

    def declares(*_: object) -> None:
        raise ModelFileError(f"{origin} declares entities or a document type; {kind} has neither")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = declares
    parser.EntityDeclHandler = declares
    try:
        parser.Parse(text.encode("utf-8", "surrogatepass"), True)
    except expat.ExpatError as error:
        what = expat.ErrorString(error.code)
        raise ModelFileError(f"{origin} is not {kind} (line {error.lineno}: {what})") from None


_RATE_OF = "http://www.sbml.org/sbml/symbols/rateOf"
#: Operators of MathML.
_OPERATORS = {
    "abs", "and", "arccos", "arccosh", "arccot", "arccoth", "arccsc", "arccsch", "arcsec",
    "arcsech", "arcsin", "arcsinh", "arctan", "arctanh", "ceiling", "cos", "cosh", "cot", "coth",
    "csc", "csch", "diff", "divide", "eq", "exp", "factorial", "floor", "geq", "gt", "implies",
    "leq", "ln", "log", "lt", "max", "min", "minus", "neq", "not", "or", "plus", "power",
    "quotient", "rem", "root", "sec", "sech", "sin", "sinh", "tan", "tanh", "times", "xor",
}  # fmt: skip
_VERSIONS = {
    **{("1", version): "http://www.sbml.org/sbml/level1" for version in "12"},
    ("2", "1"): "http://www.sbml.org/sbml/level2",
    **{("2", version): f"http://www.sbml.org/sbml/level2/version{version}" for version in "2345"},
    **{("3", v): f"http://www.sbml.org/sbml/level3/version{v}/core" for v in "12"},
}


def _check_version(attributes: dict[str, str], name: str, origin: str) -> None:
    """Refuse levels and versions that do not exist: libSBML ends the process over some."""
    level, version = attributes.get("level", ""), attributes.get("version", "")
    prefix = name.rpartition(":")[0]
    namespace = attributes.get(f"xmlns:{prefix}" if prefix else "xmlns", "")
    expected = _VERSIONS.get((level.strip(), version.strip()))
    if expected is None:
        raise ModelFileError(
            f"{origin} claims to be SBML level '{level[:20]}' version '{version[:20]}', which does"
            " not exist"
        )
    if namespace != expected:
        raise ModelFileError(
            f"{origin} is SBML level {level} version {version}, whose namespace is '{expected}',"
            f" not '{namespace[:80]}'"
        )


def check_nesting(text: str, origin: str) -> None:
    """Raise ModelFileError if an Antimony text nests parentheses absurdly deep, or runs on."""
    depth = 0
    for number, line in enumerate(text.splitlines(), 1):
        for character in line:
            if character in "([{":
                depth += 1
            elif character in ")]}":
                depth = max(depth - 1, 0)
            if depth > MAX_DEPTH:
                raise ModelFileError(
                    f"{origin}, line {number}: parentheses are nested more than {MAX_DEPTH} deep"
                )
        if len(line) > MAX_LINE:
            raise ModelFileError(f"{origin}, line {number} is longer than {MAX_LINE} characters")
