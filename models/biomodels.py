"""Write what BioModels is sent of a model: ``python models/biomodels.py DIR [MODEL]``.

A folder with the SBML, SED-ML of every figure, a COMBINE archive of all formats, and a README for
the curators with numbers to compare: what ``docs/biomodels.md`` lists, and what a submitter adds.
"""

from __future__ import annotations

import sys
from pathlib import Path

import libsbml

from transport_model import Model, load_model, steady_state
from transport_model.analyses.exchange.export import export_folder
from transport_model.catalogue import about
from transport_model.files import write_text
from transport_model.references import full_citation, keys_in

FORMATS = ("sbml-l3v2", "sedml", "omex")


def submission(name: str, folder: Path) -> Path:
    """Write the folder of a shipped model; return its README.

    Raises
    ------
    InputError
        There is no such model, or the folder cannot be written.
    SteadyStateError
        The model has no steady state.
    RuntimeError
        LibSBML has something to say about the file.
    """
    model = load_model(name)
    said = complaints(model.sbml)
    if said:
        raise RuntimeError(f"libSBML says of {name}: {said[0]}")
    written = export_folder(model, folder, FORMATS)
    path = folder / "README.md"
    write_text(path, readme(model, [each.relative_to(folder) for each in written.files]))
    return path


def complaints(sbml: str) -> list[str]:
    """Return what libSBML's consistency checks say of a file, units and practice included."""
    document = libsbml.readSBMLFromString(sbml)
    document.checkConsistency()
    log = document.getErrorLog()
    return [log.getError(number).getMessage().strip() for number in range(log.getNumErrors())]


def readme(model: Model, files: list[Path]) -> str:
    """Return what curators read: files, publications, and the steady state to compare with."""
    row = about().loc[model.name]
    state = steady_state(model)
    names = [name for name, quantity in model.quantities.items() if quantity.kind == "floating"]
    names += [name for name in model.reactions.index if name in state.values]
    numbers = [f"| `{name}` | {state[name]:.6g} | {model.unit(name) or '1'} |" for name in names]
    simulations = sorted(file.as_posix() for file in files if file.suffix == ".sedml")
    return "\n".join(
        [
            f"# {row['name']}: submission to BioModels",
            "",
            str(row["notes"]),
            "",
            f"- Model: `{model.name}.xml`, SBML Level 3 Version 2; libSBML's checks, units"
            " included, say nothing",
            f"- Archive of all formats: `{model.name}.omex`",
            f"- Simulations in SED-ML: {', '.join(f'`{each}`' for each in simulations)}",
            "",
            "## Numbers to compare",
            "",
            f"The steady state to which the file's start leads; largest relative imbalance"
            f" {state.residual:.1e}.",
            "",
            "| id | value | unit |",
            "|---|---|---|",
            *numbers,
            "",
            "## What it rests on",
            "",
            *(f"- {full_citation(key)}" for key in keys_in(row["reference"], "about.csv")),
            "",
            "## Added by whoever submits",
            "",
            "- [ ] the publication that describes this model, with its DOI or PubMed id",
            "- [ ] first and last name, organisation and address of the submitter",
            "- [ ] agreement of all authors to CC0, under which BioModels publishes",
            "",
        ]
    )


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    print(submission((sys.argv[2:] or ["cell"])[0], Path(sys.argv[1])))
