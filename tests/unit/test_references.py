"""Every key resolves, every entry is cited, and what is cited in words is an entry."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from transport_model import references as module
from transport_model.analyses.studies.calibration import STATED
from transport_model.analyses.studies.measurements import shipped_measurements
from transport_model.catalogue import models_folder, provenance
from transport_model.errors import InputError
from transport_model.references import (
    OWN_SOURCES,
    check_source,
    citation,
    full_citation,
    keys_in,
    origin,
    read_references,
    references,
)

ROOT = Path(__file__).parents[2]
#: A year behind a name: ``Pan et al. 2019``, ``Hodgkin & Katz 1949``, ``Mullins and Noda (1963)``.
_CITED = re.compile(
    r"([A-ZÀ-Ý][\w-]+)((?: et al\.)|(?:(?:,| &| and) [A-Z][\w-]+)*),? \(?((?:1[89]|20)\d\d)\b"
)
#: Words before a year that are no author.
_NO_AUTHOR = {"CODATA", "November", "Since"}


def _years(text: str) -> set[tuple[str, str]]:
    """Return first author and year of what a text cites."""
    flat = re.sub(r"\s*\n\s*(?://|#:?)?\s*", " ", text)
    return {(m[1], m[3]) for m in _CITED.finditer(flat) if m[1] not in _NO_AUTHOR}


def _known(keys: tuple[str, ...]) -> set[tuple[str, str]]:
    """Return the names that an entry may be cited by in words, each with its year."""
    found = set()
    for entry in (references()[key] for key in keys):
        year = str(entry["issued"]["date-parts"][0][0]) if "issued" in entry else ""
        found |= {(name, year) for author in entry["author"]
                  for name in author.get("family", "").split("-")}  # fmt: skip
        found |= {(author.get("family", ""), year) for author in entry["author"]}
    return found


def _tables() -> list[tuple[str, str]]:
    """Return text and keys of every row that says where a value comes from."""
    rows = []
    for name in ("parameters.csv", "parameter_sets.csv"):
        table = pd.read_csv(models_folder() / name, keep_default_na=False)
        rows += [(f"{r.source} {r.note}", str(r.reference)) for r in table.itertuples()]
    about = pd.read_csv(models_folder() / "about.csv", keep_default_na=False)
    rows += [(f"{r.name} {r.notes}", str(r.reference)) for r in about.itertuples()]
    rows += [(f"{m.source} {m.conflict} {m.note}", m.cited) for m in shipped_measurements()]
    return rows + [(stated.source, stated.reference) for stated in STATED]


def test_what_a_row_cites_in_words_it_has_the_key_of():
    rows = _tables()
    assert len(rows) > 150
    for text, keys in rows:
        assert _years(text) <= _known(keys_in(keys, text)), text
    assert any(_years(text) for text, _ in rows)


def test_every_shipped_measurement_has_a_key():
    assert all(keys_in(m.cited, m.name) for m in shipped_measurements())


def _prose() -> str:
    patterns = ("models/**/*.ant", "transport_model/**/*.py", "analyses/**/*.py",
                "analyses/**/*.jinja", "analyses/**/*.yaml", "docs/**/*.md", "examples/*.py",
                "README.md")  # fmt: skip
    paths = {path.resolve() for pattern in patterns for path in ROOT.glob(pattern)}
    return "\n\n".join(path.read_text(encoding="utf-8") for path in sorted(paths))


def test_what_is_cited_in_words_is_an_entry_and_every_entry_is_cited():
    prose = _prose()
    in_words = _years(prose)
    assert ("Goldman", "1943") in in_words
    assert in_words <= _known(tuple(references()))
    named = {key for _, keys in _tables() for key in keys_in(keys, "")}
    named |= {key for key in references() if re.search(rf"\b{key}\b", prose)}
    named |= {key for key in references() if _known((key,)) & in_words}
    assert named == set(references())


@pytest.mark.parametrize("key", references())
def test_entries_are_complete(key):
    entry = references()[key]
    assert entry["type"] in {"article-journal", "book", "software"}
    assert entry["title"]
    assert key.endswith(str(entry["issued"]["date-parts"][0][0]) if "issued" in entry else "")
    assert entry["author"]
    assert re.fullmatch(r"10\.\d{4,9}/\S+", entry.get("DOI", "10.1000/none"))
    assert entry.get("status", module.UNVERIFIED) == module.UNVERIFIED
    assert ("status" in entry) == ("note" in entry)
    assert not (entry.get("status") and "DOI" in entry)
    for text in (citation(key), full_citation(key)):
        assert (module.UNVERIFIED in text) == ("status" in entry)


def test_what_is_printed_of_a_source():
    assert citation("Ghezzi2018") == "Ghezzi et al. 2018, Diabetologia 61:2087"
    assert citation("Pan2019") == "Pan et al. 2019, J Theor Biol 481:10"
    assert citation("Nakao1989") == "Nakao & Gadsby 1989, J Gen Physiol 94:539 [unverified]"
    assert citation("Hill1977") == "Hill 1977, Free Energy Transduction in Biology"
    assert citation("LaytonLabNephron") == "Layton Lab, github.com/Layton-Lab/nephron"
    assert (
        origin("fit", "Pan2019; Hill1977") == f"fit ({citation('Pan2019')}; {citation('Hill1977')})"
    )
    assert origin("choice", "") == "choice"
    assert origin("", "Pan2019") == citation("Pan2019")
    assert full_citation("Goldman1943") == (
        "David E. Goldman (1943). Potential, impedance, and rectification in membranes. The Journal"
        " of General Physiology 27:37–60. doi:10.1085/jgp.27.1.37"
    )
    assert len(references()["Keating2020"]["author"]) > module.MANY
    assert full_citation("Keating2020").partition(" (2020)")[0].endswith(", et al.")
    assert full_citation("Keating2020").partition(" (2020)")[0].count(",") == module.NAMED


def test_a_key_that_is_missing_doubled_or_unknown_names_file_and_line(tmp_path, monkeypatch):
    with pytest.raises(InputError, match=r"^a.csv, line 3: no reference 'Pan2018'.*'Pan2019'\?$"):
        keys_in("Hill1977; Pan2018", "a.csv, line 3")
    with pytest.raises(
        InputError, match=r"^a.csv, line 3: the reference 'Pan2019' stands .* twice$"
    ):
        keys_in("Pan2019; Pan2019", "a.csv, line 3")
    with pytest.raises(InputError, match=r"^a.csv, line 3: .* needs the key"):
        check_source("fit", "", "a.csv, line 3")
    for source in OWN_SOURCES:
        check_source(source, "", "a.csv, line 3")
    table = (
        (models_folder() / "parameters.csv").read_text("utf-8").replace("Uldry2002", "Uldry2001")
    )
    (tmp_path / "parameters.csv").write_text(table, encoding="utf-8")
    line = next(n for n, text in enumerate(table.splitlines(), 1) if "Uldry2001" in text)
    monkeypatch.setattr("transport_model.catalogue.models_folder", lambda: tmp_path)
    with pytest.raises(InputError, match=rf"parameters.csv, line {line}: no reference 'Uldry2001'"):
        provenance.__wrapped__()


def test_an_entry_that_stands_twice_names_file_and_line(tmp_path):
    path = tmp_path / "references.json"
    entries = [{"id": "A"}, {"id": "B"}, {"id": "A"}]
    path.write_text(",\n".join(map(json.dumps, entries)).join("[]"), encoding="utf-8")
    with pytest.raises(InputError, match=r"references.json, line 3: the reference 'A'"):
        read_references(path)
    path.write_text('[\n{"id": }]', encoding="utf-8")
    with pytest.raises(InputError, match=r"references.json, line 2: "):
        read_references(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_references(tmp_path / "none.json")
