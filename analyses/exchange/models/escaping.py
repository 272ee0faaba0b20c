"""Foreign text made harmless in LaTeX and in Markdown."""

from __future__ import annotations

import re
import unicodedata

_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}", "'": r"\textquotesingle{}", "-": "{-}", "[": "{[}", "]": "{]}",
    "–": r"\textendash{}", "—": r"\textemdash{}", "…": r"\ldots{}", "µ": r"$\mu$", "μ": r"$\mu$",
    "·": r"$\cdot$", "×": r"$\times$", "±": r"$\pm$", "°": r"$^{\circ}$",
    "⇌": r"$\rightleftharpoons$",
    "→": r"$\to$", "≤": r"$\le$", "≥": r"$\ge$", "≈": r"$\approx$", "∞": r"$\infty$",
    "∅": r"$\emptyset$", "Δ": r"$\Delta$", "α": r"$\alpha$", "β": r"$\beta$", "γ": r"$\gamma$",
    "δ": r"$\delta$", "Ω": r"$\Omega$",
}  # fmt: skip
_LATEX |= dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", (f"$^{{{c}}}$" for c in "0123456789+-"), strict=True))
_LATEX |= dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋", (f"$_{{{c}}}$" for c in "0123456789+-"), strict=True))
_MARKDOWN = {character: f"\\{character}" for character in "\\`*_[]~#!{}"}
_MARKDOWN |= {character: f"&#{ord(character)};" for character in "&<>$|:@^="}

#: What a document has to define for :func:`latex_text`: characters its engine may not have.
LATEX_PREAMBLE = r"""\usepackage{iftex}
\ifPDFTeX
  \usepackage[T1]{fontenc}
  \newcommand{\unicodechar}[1]{{\ttfamily U+#1}}
\else
  \newcommand{\unicodechar}[1]{\char"#1\relax}
\fi
\usepackage{textcomp}
"""


def plain(text: str) -> str:
    """Return text in one line, without control, format and surrogate characters."""
    kept = (
        " " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c
        for c in text
        if unicodedata.category(c) not in {"Cf", "Cs", "Co", "Cn"}
    )
    return " ".join("".join(kept).split())


def latex_text(text: str) -> str:
    """Return text that LaTeX typesets as it stands, whatever is in it."""
    return "".join(_latex_character(character) for character in plain(text))


def _latex_character(character: str) -> str:
    if character in _LATEX:
        return _LATEX[character]
    if character.isascii():
        return character
    return rf"\unicodechar{{{ord(character):04X}}}"


def markdown_text(text: str) -> str:
    """Return text that Markdown shows as it stands: no HTML, links, tables or mathematics."""
    escaped = "".join(_MARKDOWN.get(character, character) for character in plain(text))
    escaped = re.sub(r"(?i)\b(www)\.", r"\1&#46;", escaped)
    return re.sub(r"^(\d+)([.)])(?=\s|$)|^([-+])(?=\s|$|-)", _no_list, escaped)


def _no_list(match: re.Match[str]) -> str:
    return f"{match[1]}\\{match[2]}" if match[1] else f"\\{match[3]}"
