"""What the columns of a report's tables are, as a Frictionless Data Package says it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from transport_model import Model
from transport_model.columns import column_name, units_of

from .page import Page

#: The profile that ``datapackage.json`` follows: specs.frictionlessdata.io, version 1.
PROFILE = "tabular-data-package"
#: Columns of studies: what they are, and their unit where it is one and the same everywhere.
COLUMNS = {
    "arm": ("arm of the experiment", ""),
    "time": ("time", "s"),
    "ion": ("ion or molecule", ""),
    "outside": ("concentration outside", "mM"),
    "inside": ("concentration inside", "mM"),
    "pump": ("flux into the cell through the pump", "fmol/s"),
    "leak": ("flux into the cell through leaks", "fmol/s"),
    "symport": ("flux into the cell through the symporter", "fmol/s"),
    "slip": ("flux into the cell by slip of the symporter", "fmol/s"),
    "exit": ("flux into the cell through the exit of glucose", "fmol/s"),
    "chemical": ("chemical part of the work to bring a mole in", "kJ/mol"),
    "electrical": ("electrical part of the work to bring a mole in", "kJ/mol"),
    "sum": ("electrochemical work to bring a mole in", "kJ/mol"),
    "id": ("id in the model", ""),
    "symbol": ("symbol in print", ""),
    "value": ("value", ""),
    "unit": ("unit of the value", ""),
    "name": ("name in words", ""),
    "converged": ("whether the steady state is certified", ""),
    "status": ("how the search for the steady state ended", ""),
    "residual": ("largest relative imbalance of a species", "1"),
    "error": ("largest relative error of the state", "1"),
    "stable": ("whether the steady state is stable", ""),
    "net_current": ("charge leaving the cell at rest", "fmol/s"),
    "from": ("where the power comes from", ""),
    "to": ("where it goes", ""),
    "power_pW": ("power", "pW"),
    "step": ("step whose rate is raised", ""),
    "uptake": ("flux control coefficient of glucose uptake", "1"),
    "target": ("what is compared", ""),
    "conditions": ("conditions of the measurement, or of the law", ""),
    "expected": ("what is expected", ""),
    "tolerance": ("largest deviation that is allowed", ""),
    "got": ("what the model has", ""),
    "verdict": ("judgement", ""),
    "kind": ("kind", ""),
    "source": ("where it is from", ""),
    "reference": ("keys of references.json", ""),
    "reason": ("why the target is missed, as far as it is known", ""),
    "experiment": ("experiment, by the name of its protocol", ""),
    "that": ("condition that is checked", ""),
    "meaning": ("what it means", ""),
    "why": ("where the window comes from", ""),
    "values": ("measures with their numbers", ""),
    "effect": ("size of the effect", ""),
    "low": ("lower end of the interval, window or range", ""),
    "high": ("upper end of the interval, window or range", ""),
    "holds": ("whether it holds", ""),
    "fitted": ("whether the model was fitted to it", ""),
    "index": ("kind of sensitivity index", ""),
    "input": ("input that varies", ""),
    "output": ("result", ""),
    "probability": ("share of the sample below the value", "1"),
    "set": ("parameter set", ""),
    "cycle": ("cycle that moves nothing", ""),
    "product": ("product of the forward constants over that of the backward ones", "1"),
    "factor": ("factor by which detailed balance is missed", "1"),
    "allowed": ("factor that rounding in print allows", "1"),
    "SGLT1": ("glucose inside over outside at static head, two Na⁺ a glucose", "1"),
    "SGLT2": ("glucose inside over outside at static head, one Na⁺ a glucose", "1"),
    "K_half": ("half-saturating glucose", "mM"),
    "I_sglt": ("current of the symporter", "pA"),
    "Q_sglt": ("charge held by the carriers", "pC"),
    "boltzmann": ("Boltzmann curve through it", "pC"),
    "study": ("study", ""),
    "claim": ("claim", ""),
    "check": ("what is checked", ""),
    "subject": ("what it is checked for", ""),
    "note": ("remark", ""),
    "segment": ("segment along the tubule, from the glomerulus on", ""),
    "part": ("part of the tubule", ""),
    "x": ("place along the tubule, 1 at its end", "1"),
    "cells": ("cells of the segment", "1"),
    "flow": ("flow of the lumen out of the segment", "nL/min"),
    **{
        f"left_{name}": (f"{words} that is left of what was filtered", "1")
        for name, words in (
            ("water", "water"),
            ("Na", "Na⁺"),
            ("Cl", "Cl⁻"),
            ("HCO3", "HCO₃⁻"),
            ("Glc", "glucose"),
        )
    },
    "nephron": ("kidneys as they come, or with the drug", ""),
    "FR_Glc": ("share of the filtered glucose that is reabsorbed", "1"),
    "FR_water": ("share of the filtered water that is reabsorbed", "1"),
    "Glc_filtered": ("glucose filtered by both kidneys", "mmol/min"),
    "Glc_reabsorbed": ("glucose reabsorbed by both kidneys", "mmol/min"),
    "Glc_excreted": ("glucose excreted by both kidneys", "mmol/min"),
    "quantile": ("share of the sample below the value", "1"),
    "I_max": ("current at saturating glucose", "pA"),
    "stored_energy": ("energy of the gradients", "pJ"),
    "dissipation": ("power turned into heat", "pW"),
    "power_ATP": ("power that ATP gives up", "pW"),
    "power_exported": ("power that leaves with what is exported", "pW"),
    "glucose inside / outside": ("glucose inside over outside", "1"),
}


def column_rows(page: Page) -> list[dict[str, str]]:
    """Return every column of a page's tables: ``table``, ``name``, ``unit``, ``description``."""
    return [
        {"table": name, **column}
        for name, table in page.tables.items()
        for column in columns_of(table, page)
    ]


def columns_of(table: pd.DataFrame, page: Page) -> list[dict[str, str]]:
    """Return the columns of a table: ``name``, ``unit``, ``description``, the index among them."""
    indices = [name for name in table.index.names if name is not None]
    units = units_of(table)
    return [
        {"name": str(name), **_described(str(name), units.get(str(name), ""), page)}
        for name in (*indices, *table.columns)
    ]


def _described(name: str, unit: str, page: Page) -> dict[str, str]:
    for model in page.models.values():
        if _knows(model, name):
            return {"unit": unit or model.unit(name), "description": column_name(model, name)}
    words, known = COLUMNS.get(name, ("", ""))
    return {"unit": unit or known, "description": words}


def _knows(model: Model, name: str) -> bool:
    return name in model.quantities or name in model.amount_columns or name in model.reaction_ids


def data_package(page: Page) -> dict[str, Any]:
    """Return the content of ``datapackage.json``: every table with its columns and their units."""
    return {
        "profile": PROFILE,
        "name": f"report-{page.model.name}".lower(),
        "title": page.title,
        "created": page.provenance["created"],
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": name.lower(),
                "path": f"data/{name}.csv",
                "encoding": "utf-8",
                "schema": {"fields": [
                    {"name": column["name"], "type": _type(table, column["name"]),
                     **({"unit": column["unit"]} if column["unit"] else {}),
                     **({"description": column["description"]} if column["description"] else {})}
                    for column in columns_of(table, page)
                ]},
            }
            for name, table in page.tables.items()
        ],
    }  # fmt: skip


def _type(table: pd.DataFrame, name: str) -> str:
    values = table[name] if name in table.columns else table.index.get_level_values(name)
    if pd.api.types.is_bool_dtype(values.dtype):
        return "boolean"
    if pd.api.types.is_integer_dtype(values.dtype):
        return "integer"
    return "number" if pd.api.types.is_numeric_dtype(values.dtype) else "string"
