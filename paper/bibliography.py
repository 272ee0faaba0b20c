"""Write ``paper.bib`` from what the project cites: ``python paper/bibliography.py``."""

from __future__ import annotations

import re
from pathlib import Path

from transport_model.references import UNVERIFIED, references

HERE = Path(__file__).parent
KINDS = {"article-journal": "article", "book": "book", "software": "misc"}
FIELDS = {"title": "title", "container-title": "journal", "volume": "volume", "page": "pages",
          "publisher": "publisher", "DOI": "doi", "URL": "url"}  # fmt: skip


def cited() -> list[str]:
    """Return the keys that the paper cites, in alphabetical order."""
    text = (HERE / "paper.md").read_text("utf-8")
    return sorted(set(re.findall(r"[\[;,] ?@(\w+)", text)))


def entry(key: str) -> str:
    """Return a reference as BibTeX; nothing is added to what ``models/references.json`` has."""
    found = references()[key]
    names = [
        f"{each['family']}, {each['given']}" if "family" in each else f"{{{each['literal']}}}"
        for each in found["author"]
    ]
    fields = {
        "author": " and ".join(names),
        **({"year": str(found["issued"]["date-parts"][0][0])} if "issued" in found else {}),
        **({"note": UNVERIFIED} if found.get("status") == UNVERIFIED else {}),
        **{ours: str(found[theirs]) for theirs, ours in FIELDS.items() if theirs in found},
    }
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@{KINDS[found['type']]}{{{key},\n{lines}\n}}\n"


def bibliography() -> str:
    """Return all entries that the paper cites."""
    return "\n".join(entry(key) for key in cited())


if __name__ == "__main__":
    (HERE / "paper.bib").write_text(bibliography(), encoding="utf-8", newline="\n")
