"""All equations of a model as Markdown and as a LaTeX document, with units and sources."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape

import sympy as sp
from sympy.printing.latex import LatexPrinter

from transport_model import Model
from transport_model.catalogue import provenance, shipped_models
from transport_model.mathematics.equations import TIME, read_equations, species_of, symbol
from transport_model.quantities import document_of, read_quantities
from transport_model.units import per_unit

from .escaping import LATEX_PREAMBLE, latex_text, markdown_text

_GREEK = {"alpha": r"\alpha", "beta": r"\beta", "gamma": r"\gamma", "delta": r"\delta",
          "phi": r"\phi", "eta": r"\eta", "dG": r"\Delta G"}  # fmt: skip
_TITLES = {
    "balance": "Balances",
    "rate": "Reaction rates",
    "rule": "Definitions",
    "start": "Starting values",
}
_HEADINGS = ("id", "value", "unit", "name", "source")


@dataclass(frozen=True)
class Equation:
    """One equation: what it is of, and its two sides as LaTeX.

    Attributes
    ----------
    kind
        ``balance`` (a derivative), ``rate``, ``rule`` or ``start``.
    """

    kind: str
    id: str
    name: str
    unit: str
    left: str
    right: str


class _Printer(LatexPrinter):
    """LaTeX with ids split at the underscore."""

    def _print_Symbol(self, expr: sp.Symbol, style: str = "plain") -> str:
        return latex_symbol("t" if expr == TIME else species_of(expr.name))


def latex_formula(formula: sp.Basic) -> str:
    """Return a SymPy formula as LaTeX mathematics."""
    return str(_Printer({"ln_notation": True}).doprint(formula))


def latex_symbol(name: str) -> str:
    r"""Return an id as LaTeX mathematics: ``Na_i`` as ``\mathrm{Na}_{i}``."""
    head, *rest = name.split("_")
    subscript = [part for part in rest if part]
    if not head or not subscript:
        return _word(name.replace("_", r"\_")) if "_" in name else _word(name)
    return f"{_word(head)}_{{{','.join(_word(part) for part in subscript)}}}"


def _word(text: str) -> str:
    if text in _GREEK:
        return _GREEK[text]
    return text if len(text) == 1 or text.isdigit() else rf"\mathrm{{{text}}}"


def equations_of(model: Model) -> list[Equation]:
    """Return every equation of a model, balances first.

    Raises
    ------
    UnsupportedModelError
        The model's mathematics has no symbolic form.
    """
    return list(_equations(model))


def _equations(model: Model) -> Iterator[Equation]:
    read = read_equations(model.sbml)
    changes = [symbol(name) for name in read.fluxes]
    for index, state in enumerate(read.states):
        name = species_of(state)
        rated = state in read.rate_rules
        label = latex_symbol(name)
        if rated:
            right = latex_formula(read.rate_rules[state])
        else:
            row = zip(read.stoichiometry.row(index), changes, strict=True)
            right = _sum([(count, flux) for count, flux in row if count != 0])
            is_amount = name not in model.quantities or model.quantities[name].is_amount
            label = label if is_amount else rf"n\left({label}\right)"
        left = rf"\frac{{\mathrm{{d}} {label}}}{{\mathrm{{d}} t}}"
        yield _equation("balance", model, name, left, right)
    for name, formula in read.fluxes.items():
        yield _equation("rate", model, name, _flux(name), latex_formula(formula))
    for name in read.rules:
        right = latex_formula(read.definitions[name])
        yield _equation("rule", model, name, latex_symbol(name), right)
    for name, quantity in model.quantities.items():
        if quantity.computed == "initial assignment" and name not in model.changes:
            left = rf"{latex_symbol(name)}\left(0\right)"
            yield _equation("start", model, name, left, latex_formula(read.start[name]))


def _sum(terms: Sequence[tuple[sp.Basic, sp.Symbol]]) -> str:
    """Return a sum of rates, v with the reaction's id, in the order of the reactions."""
    text = ""
    for count, flux in terms:
        is_negative = bool(count.is_number and count.is_negative)
        size = sp.Abs(count) if is_negative else count
        factor = "" if size == 1 else rf"{latex_formula(size)} \, "
        sign = "-" if is_negative else "+" if text else ""
        text += f" {sign} {factor}{_flux(flux.name)}"
    return text.strip() or "0"


def _flux(reaction: str) -> str:
    return "v_{" + r"\mathrm{" + reaction.replace("_", r"\_") + "}}"


def _equation(kind: str, model: Model, name: str, left: str, right: str) -> Equation:
    quantity = model.quantities.get(name)
    is_reaction = quantity is None and name in model.reaction_ids
    label = quantity.name if quantity else ""
    if is_reaction:
        label = str(model.reactions.at[name, "name"])
    unit = model.unit(name)
    if kind == "balance":
        is_amount = left.find(r"n\left(") >= 0
        unit = per_unit(model.units["substance"] if is_amount else unit, model.units["time"])
    return Equation(kind, name, label, unit, left, right)


def values_of(model: Model) -> list[tuple[str, str, str, str, str]]:
    """Return what a model is given: id, value, unit, name and source of every number.

    The source is that of ``parameters.csv`` where a shipped model has that value; a value set on
    the model says so, with the one it replaces.
    """
    in_file = read_quantities(model.sbml)
    sources = provenance() if model.name in shipped_models() else provenance().iloc[:0]
    rows = []
    for name, quantity in model.quantities.items():
        if not quantity.settable and name not in model.changes:
            continue
        source = ""
        if name in model.changes:
            source = f"set on the model; the file has {_number(in_file[name].value)}"
        elif name in sources.index and sources.at[name, "value"] == quantity.value:
            row = sources.loc[name]
            note = row["note"]
            source = f"{row['source']}; {note}" if isinstance(note, str) else str(row["source"])
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
    found = equations_of(model)
    for kind, title in _TITLES.items():
        own = [equation for equation in found if equation.kind == kind]
        if not own:
            continue
        lines += [f"## {title}", ""]
        for equation in own:
            label = markdown_text(equation.name or equation.id)
            unit = f" [{markdown_text(equation.unit)}]" if equation.unit else ""
            lines += [f"{label}{unit}", "", f"$${equation.left} = {equation.right}$$", ""]
    lines += [_EVENTS, ""] if _events_of(model) else []
    lines += ["## Values", "", f"| {' | '.join(_HEADINGS)} |", "|---|---|---|---|---|"]
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
    found = equations_of(model)
    for kind, title in _TITLES.items():
        own = [equation for equation in found if equation.kind == kind]
        if own:
            lines += [rf"\subsection*{{{title}}}", ""]
        for equation in own:
            label = latex_text(equation.name or equation.id)
            unit = rf" [{latex_text(equation.unit)}]" if equation.unit else ""
            lines += [rf"\equationof{{{label}{unit}}}{{{equation.left} = {equation.right}}}", ""]
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
