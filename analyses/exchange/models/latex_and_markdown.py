"""All equations of a model as Markdown and as a LaTeX document, with units and sources."""

from __future__ import annotations

import math
import re
from html import unescape

import sympy as sp
from sympy.printing.latex import LatexPrinter

from transport_model import Model
from transport_model.catalogue import provenance, shipped_models
from transport_model.mathematics.equation_list import (
    GREEK,
    HEADINGS,
    ModelEquation,
    Typesetting,
    equation_list,
    split_id,
)
from transport_model.mathematics.state_names import species_of
from transport_model.mathematics.symbols import TIME
from transport_model.quantities import document_of, read_quantities
from transport_model.references import origin

from .escaping import LATEX_PREAMBLE, latex_text, markdown_text

#: LaTeX of the letters in :data:`GREEK`.
_LETTERS = {name: rf"\{name}" for name in GREEK} | {"dG": r"\Delta G"}
_COLUMNS = ("id", "value", "unit", "name", "source")


class _Printer(LatexPrinter):
    """LaTeX with ids split at the underscore."""

    def _print_Symbol(self, expr: sp.Symbol, style: str = "plain") -> str:
        return latex_symbol("t" if expr == TIME else species_of(expr.name))


def latex_formula(formula: sp.Basic) -> str:
    """Return a SymPy formula as LaTeX mathematics."""
    return str(_Printer({"ln_notation": True}).doprint(formula))


def latex_symbol(name: str) -> str:
    r"""Return an id as LaTeX mathematics: ``Na_i`` as ``\mathrm{Na}_{i}``."""
    head, subscript = split_id(name)
    if not subscript:
        return _word(name.replace("_", r"\_"))
    return f"{_word(head)}_{{{','.join(_word(part) for part in subscript)}}}"


def _word(text: str) -> str:
    if text in _LETTERS:
        return _LETTERS[text]
    return text if len(text) == 1 or text.isdigit() else rf"\mathrm{{{text}}}"


def _rate(reaction: str) -> str:
    return "v_{" + r"\mathrm{" + reaction.replace("_", r"\_") + "}}"


_TYPESETTING = Typesetting(
    latex_formula, latex_symbol, _rate,
    derivative=r"\frac{{\mathrm{{d}} {}}}{{\mathrm{{d}} t}}", amount=r"n\left({}\right)",
    start=r"{}\left(0\right)", bracketed=r"\left({}\right)",
    plus=" + ", minus=" - ", times=r" \, ", zero="0",
)  # fmt: skip


def latex_equation(equation: ModelEquation) -> str:
    """Return an equation as LaTeX mathematics."""
    return f"{_TYPESETTING.left(equation)} = {_TYPESETTING.right(equation)}"


def values_of(model: Model) -> list[tuple[str, str, str, str, str]]:
    """Return what a model is given: id, value, unit, name and source of every number.

    The source is that of ``parameters.csv`` where a shipped model has that value; a value set on
    the model says so, with the one it replaces.
    """
    in_file = read_quantities(model.sbml)
    sources = provenance(model.name) if model.name in shipped_models() else provenance().iloc[:0]
    rows = []
    for name, quantity in model.quantities.items():
        if not quantity.settable and name not in model.changes:
            continue
        source = ""
        if name in model.changes:
            source = f"set on the model; the file has {_number(in_file[name].value)}"
        elif name in sources.index and sources.at[name, "value"] == quantity.value:
            row = sources.loc[name]
            told = origin(str(row["source"]), str(row["reference"]))
            source = "; ".join(filter(None, (told, str(row["note"]))))
        rows.append((name, _number(quantity.value), quantity.unit, quantity.name, source))
    return rows


def _number(value: float) -> str:
    return "not given" if math.isnan(value) else f"{value:.15g}"


def _notes_of(model: Model) -> str:
    notes = document_of(model.sbml).getModel().getNotesString()
    return unescape(re.sub(r"<[^>]*>", " ", notes))[:2000]


def _events_of(model: Model) -> bool:
    return document_of(model.sbml).getModel().getNumEvents() > 0


_EVENTS = "The model also has events, which are not shown here."


def markdown_equations(model: Model) -> str:
    """Return all equations of a model as Markdown, mathematics between dollar signs."""
    lines = [f"# Equations of {markdown_text(model.name)}", ""]
    notes = markdown_text(_notes_of(model))
    lines += [notes, ""] if notes else []
    found = equation_list(model)
    for kind, title in HEADINGS.items():
        own = [equation for equation in found if equation.kind == kind]
        if not own:
            continue
        lines += [f"## {title}", ""]
        for equation in own:
            label = markdown_text(equation.name or equation.id)
            unit = f" [{markdown_text(equation.unit)}]" if equation.unit else ""
            lines += [f"{label}{unit}", "", f"$${latex_equation(equation)}$$", ""]
    lines += [_EVENTS, ""] if _events_of(model) else []
    lines += ["## Values", "", f"| {' | '.join(_COLUMNS)} |", "|---|---|---|---|---|"]
    for row in values_of(model):
        lines.append(f"| {' | '.join(markdown_text(cell) for cell in row)} |")
    return "\n".join(lines) + "\n"


def latex_equations(model: Model) -> str:
    """Return all equations of a model as a LaTeX document that stands alone.

    It compiles with pdfLaTeX, XeLaTeX and LuaLaTeX; an equation wider than the page is shrunk.
    """
    lines = [_HEAD + rf"\section*{{Equations of {latex_text(model.name)}}}", ""]
    notes = latex_text(_notes_of(model))
    lines += [notes, ""] if notes else []
    found = equation_list(model)
    for kind, title in HEADINGS.items():
        own = [equation for equation in found if equation.kind == kind]
        if own:
            lines += [rf"\subsection*{{{title}}}", ""]
        for equation in own:
            label = latex_text(equation.name or equation.id)
            unit = rf" [{latex_text(equation.unit)}]" if equation.unit else ""
            lines += [rf"\equationof{{{label}{unit}}}{{{latex_equation(equation)}}}", ""]
    lines += [_EVENTS, ""] if _events_of(model) else []
    lines += [r"\subsection*{Values}", "", _TABLE]
    for row in values_of(model):
        lines.append(" & ".join(latex_text(cell) for cell in row) + r" \\")
    lines += [r"\end{longtable}", r"\end{document}"]
    return "\n".join(lines) + "\n"


_HEAD = (
    r"""\documentclass[a4paper,10pt]{article}
"""
    + LATEX_PREAMBLE
    + r"""\usepackage{amsmath}
\usepackage{graphicx}
\usepackage{longtable}
\usepackage[margin=20mm]{geometry}
\setlength{\parindent}{0pt}
\newsavebox{\equationbox}
\newcommand{\equationof}[2]{\par\noindent #1\par\nobreak\smallskip
  \sbox{\equationbox}{$\displaystyle #2$}%
  \ifdim\wd\equationbox>\linewidth
    \noindent\resizebox{\linewidth}{!}{\usebox{\equationbox}}%
  \else
    \noindent\usebox{\equationbox}%
  \fi\par\medskip}
\begin{document}
"""
)
_TABLE = r"""\footnotesize
\begin{longtable}{p{25mm}p{18mm}p{18mm}p{38mm}p{52mm}}
id & value & unit & name & source \\ \hline
\endhead"""
