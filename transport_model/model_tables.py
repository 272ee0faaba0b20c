"""Tables of what a model holds: its rules and reactions, and what a notebook shows of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from transport_model import notebook
from transport_model.catalogue import model_path, shipped_models
from transport_model.quantities import Quantity, charges_of, document_of, read_quantities
from transport_model.reading.mathematics import equation_text, formula_text

if TYPE_CHECKING:
    import pandas as pd

#: Species that a notebook shows.
MOST_SHOWN = 12


def rule_table(sbml: str) -> pd.DataFrame:
    """Return the assignment rules of an SBML text: formula, unit and name, indexed by id."""
    import pandas as pd

    quantities = read_quantities(sbml)
    rows = []
    for rule in document_of(sbml).getModel().getListOfRules():
        if rule.isAssignment():
            name = rule.getVariable()
            item = quantities.get(name)
            rows.append(
                {
                    "id": name,
                    "formula": formula_text(rule.getMath()),
                    "unit": item.unit if item else "",
                    "name": item.name if item else "",
                }
            )
    return pd.DataFrame(rows, columns=["id", "formula", "unit", "name"]).set_index("id")


def reaction_table(sbml: str, unit: str) -> pd.DataFrame:
    """Return the reactions of an SBML text: equation, rate, `unit` and name, indexed by id."""
    import pandas as pd

    rows = [
        {
            "id": reaction.getId(),
            "equation": equation_text(reaction),
            "rate": formula_text(reaction.getKineticLaw().getMath())
            if reaction.isSetKineticLaw()
            else "",
            "unit": unit,
            "name": reaction.getName(),
        }
        for reaction in document_of(sbml).getModel().getListOfReactions()
    ]
    columns = ["id", "equation", "rate", "unit", "name"]
    return pd.DataFrame(rows, columns=columns).set_index("id")


def model_html(
    name: str,
    counts: tuple[int, int, int],
    changes: Mapping[str, float],
    before: Mapping[str, Quantity],
    species: pd.DataFrame,
) -> str:
    """Return what a notebook shows of a model: the values set on it, and its first species.

    `counts` are those of species, reactions and parameters, `before` the quantities of its file.
    """
    told = zip(counts, ("species", "reactions", "parameters"), strict=True)
    changed = [(key, value, before[key].unit, before[key].value, before[key].name)
               for key, value in changes.items()]  # fmt: skip
    shown = species[["value", "unit", "name", "kind"]].head(MOST_SHOWN).reset_index()
    more = max(0, len(species) - MOST_SHOWN)
    return "".join([
        notebook.heading(name, "model: " + ", ".join(f"{n} {what}" for n, what in told)),
        notebook.table(["value set", "value", "unit", "in the file", "name"], changed)
        if changed else "",
        notebook.table(["species", "start", "unit", "name", "kind"], shown.itertuples(index=False)),
        notebook.note((f"{more} more species; " if more else "")
                      + ".species, .parameters, .reactions, .rules, .compartments are tables"),
    ])  # fmt: skip


def one_membrane(sbml: str, name: str) -> str:
    """Return that a model has one membrane, where shipped models of two have what is asked for.

    Empty otherwise.
    """
    if len(charges_of(sbml)) != 1:
        return ""
    texts = {each: model_path(each).read_text("utf-8") for each in shipped_models()}
    have = [each for each, text in texts.items() if f'id="{name}"' in text]
    two = [each for each in have if len(charges_of(texts[each])) == 2]
    return f", which has one membrane (with two: {', '.join(two)})" if two and two == have else ""
