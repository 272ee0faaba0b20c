"""The models that ship with the package: variants, parameter sets, and what is known of values."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from transport_model.errors import InputError, ModelFileError
from transport_model.models_folder import models_folder
from transport_model.references import check_source

if TYPE_CHECKING:
    import pandas as pd

#: Columns of ``parameters.csv``: one row per parameter, values in the unit of the same row.
PROVENANCE_COLUMNS = ["id", "value", "unit", "source", "reference", "low", "high", "note"]
#: What can be swapped in a model that has variants (columns of ``variants.csv``).
PARTS = ("symporter", "pump")
#: What ``lumen`` in ``about.csv`` says of a model whose segments are chained.
CHAIN = "chain"
#: The part of a source that says what the lumen is, and the file that puts another in its place.
_LUMEN, _LUMENS = re.compile(r"  // \[lumen\].*?// \[end of lumen\]\n", re.S), "flowing_lumen.ant"


def shipped_models() -> list[str]:
    """Return the names that :func:`transport_model.load_model` knows.

    Returns
    -------
    list of str
        In alphabetical order.
    """
    return sorted(path.stem for path in models_folder().glob("*.xml"))


def model_path(name_or_path: str | Path) -> Path:
    """Return the file of a shipped model's name, or the path itself.

    Parameters
    ----------
    name_or_path
        A shipped model's name, or a path.

    Returns
    -------
    pathlib.Path
        The file; of a path that has a suffix, whether or not it is there.

    Raises
    ------
    ModelFileError
        Neither a shipped name nor an existing file.
    """
    text = str(name_or_path)
    if not text.strip():
        raise ModelFileError(f"no model is named (there are: {', '.join(shipped_models())})")
    if text in shipped_models():
        return models_folder() / f"{text}.xml"
    path = Path(text)
    try:
        if path.exists() or path.suffix:
            return path
    except (OSError, ValueError) as error:  # too long for a name, or with a zero byte in it
        raise ModelFileError(f"'{text:.60}' cannot be the name of a file: {error}") from None
    raise ModelFileError(
        f"no shipped model '{text}' (there are: {', '.join(shipped_models())})"
        " and no file of that name"
    )


@cache
def variants() -> pd.DataFrame:
    """Return the shipped variants: model, a column for each of :data:`PARTS`, file and remark."""
    import pandas as pd  # which takes longer than all else that starts

    return pd.read_csv(models_folder() / "variants.csv", keep_default_na=False)


@cache
def about() -> pd.DataFrame:
    """Return what each shipped model is, indexed by its file.

    Returns
    -------
    pandas.DataFrame
        Columns: name, taxon, place, reference; ``source``, the model whose source it is made from,
        with the values of the parameter ``set``, and with a ``lumen`` that flows (:data:`CHAIN`:
        through segments, whose parts have a set each); and notes.
    """
    import pandas as pd

    return pd.read_csv(models_folder() / "about.csv", keep_default_na=False).set_index("file")


def variant_of(model: str, **parts: str | None) -> str:
    """Return the shipped model that is `model` with other parts.

    Parameters
    ----------
    model
        A shipped model's name.
    **parts
        ``symporter`` and ``pump``; None keeps the one that the model has.

    Returns
    -------
    str
        The variant's name.

    Raises
    ------
    InputError
        The model has no variants, or none with that part; those that exist are listed.
    """
    wanted = {part: name for part, name in parts.items() if name is not None}
    if not wanted:
        return model
    import pandas as pd

    table = variants()
    own = table[table["file"] == model]
    if own.empty:
        raise InputError(
            f"model '{model}' has no variants ({', '.join(sorted(set(table['model'])))} has)"
        )
    row = {**own.iloc[0], **wanted}
    siblings = table[table["model"] == row["model"]]
    for part in wanted:
        known = list(dict.fromkeys(siblings[part]))
        if row[part] not in known:
            raise InputError(f"no {part} '{row[part]}' for model '{row['model']}'"
                             f" (there are: {', '.join(known)})")  # fmt: skip
    match = (siblings[list(PARTS)] == pd.Series(row)[list(PARTS)]).all(axis=1)
    return str(siblings.loc[match, "file"].iloc[0])


def model_source(name: str) -> str:
    """Return the Antimony source of a shipped model.

    That of a variant is the source of its model with the modules of other :data:`PARTS` imported;
    a model without such a module imports none in its place. A model made from another's source
    (:func:`about`) has its own values and lumen there; of a chain the source is that of a segment.

    Returns
    -------
    str
        Antimony, whose imports are relative to :func:`models_folder`.

    Raises
    ------
    ModelFileError
        No shipped model has that name.
    """
    if name not in about().index:
        raise ModelFileError(
            f"no shipped model '{name}' (there are: {', '.join(shipped_models())})"
        )
    own = variants()[variants()["file"] == name]
    made = about().loc[name].to_dict()
    model = str(made["source"] or (name if own.empty else own.iloc[0]["model"]))
    text = (models_folder() / f"{model}.ant").read_text(encoding="utf-8")
    for part in PARTS if not own.empty else ():
        text = _with_part(text, part, str(own.iloc[0][part]))
    if made["lumen"]:
        text = _with_flowing_lumen(text)
    if made["source"] and made["set"] and made["lumen"] != CHAIN:
        text = _with_values(text, parameter_set(model, str(made["set"])))
    return text.replace(f"model *{model}()", f"model *{name}()")


def _with_part(text: str, part: str, new: str) -> str:
    """Return a source that imports and calls another module for a part."""
    for old in re.findall(rf'"{part}s/(\w+)\.ant"', text):
        text = text.replace(f'"{part}s/{old}.ant"', f'"{part}s/{new}.ant"')
        text = text.replace(f": {old}_{part}(", f": {new}_{part}(")
    return text


def _with_flowing_lumen(text: str) -> str:
    flowing = (models_folder() / _LUMENS).read_text(encoding="utf-8")
    return _LUMEN.sub(lambda _: flowing[flowing.index("  // [lumen]") :], text)


def _with_values(text: str, values: Mapping[str, float]) -> str:
    lines = "".join(f"  {name} = {float(value)!r}\n" for name, value in values.items())
    return f"{text.rstrip().removesuffix('end')}\n  // Own values\n{lines}end\n"


@cache
def _parameter_sets() -> pd.DataFrame:
    return _sourced_table(models_folder() / "parameter_sets.csv")


def parts_of(model: str) -> dict[str, str]:
    """Return what a shipped model is made of, by :data:`PARTS`; empty texts where it has none."""
    own = variants()[variants()["file"] == model]
    return {part: "" if own.empty else str(own.iloc[0][part]) for part in PARTS}


def remark_of(model: str) -> str:
    """Return what a user of a shipped variant has to know; empty if nothing."""
    return " ".join(variants().loc[variants()["file"] == model, "remark"])


def description(model: str) -> str:
    """Return what a shipped model is: the first sentence of its source; of its notes, if another's.

    Parameters
    ----------
    model
        A shipped model's name.

    Returns
    -------
    str
        Without the full stop.
    """
    text = str(about().loc[model, "notes"])
    if not about().loc[model, "source"]:
        lines = itertools.takewhile(
            lambda line: line.startswith("//"), model_source(model).splitlines()
        )
        text = " ".join(line.removeprefix("//").strip() for line in lines)
    return re.split(r"(?<=[a-z])\. ", text)[0].rstrip(".")


def parameter_sets(model: str) -> list[str]:
    """Return the names of a shipped model's parameter sets.

    Parameters
    ----------
    model
        A shipped model's name.

    Returns
    -------
    list of str
        In the order of the table; empty where there are none.
    """
    table = _parameter_sets()
    return list(dict.fromkeys(table.loc[table["model"] == model, "set"]))


def parameter_set(model: str, name: str) -> Mapping[str, float]:
    """Return the values of a named parameter set by id, in model units.

    Parameters
    ----------
    model
        A shipped model's name.
    name
        One of :func:`parameter_sets`.

    Returns
    -------
    dict
        Values by id, in model units.

    Raises
    ------
    InputError
        The model has no set of that name; those that exist are listed.
    """
    known = parameter_sets(model)
    if name not in known:
        those = f"there are: {', '.join(known)}" if known else "it has none"
        raise InputError(f"no parameter set '{name}' for model '{model}' ({those})")
    table = _parameter_sets()
    rows = table[(table["model"] == model) & (table["set"] == name)]
    return dict(zip(rows["id"].astype(str), rows["value"].to_numpy(dtype=float), strict=True))


def printed_digits(model: str, values: Mapping[str, float]) -> dict[str, int]:
    """Return with how many significant digits a shipped model's values were printed.

    They stand in the column `digits` of ``parameter_sets.csv``, as the source writes them. Zeros at
    the end of a whole number count only where a decimal point follows them. A number without digits
    is exact: in the tables of the rabbit's carrier ``k54`` and ``k52`` follow to their last digit
    from all others as they stand, zeros included, and are alone rounded.

    Parameters
    ----------
    model
        Any model's name; those that do not ship have none.
    values
        Values by id, in model units.

    Returns
    -------
    dict
        By id, of that parameter set which most of `values` belong to; a value that is not the set's
        own is taken as exact.
    """
    table = _parameter_sets()
    own = table[(table["model"] == model) & (table["id"].map(values) == table["value"])]
    if own["digits"].isna().all():
        return {}
    rows = own[own["set"] == own["set"].value_counts().idxmax()].dropna(subset="digits")
    return dict(zip(rows["id"].astype(str), rows["digits"].astype(int), strict=True))


@cache
def provenance(model: str = "") -> pd.DataFrame:
    """Return the provenance of the shipped models' parameters, indexed by id.

    Columns are :data:`PROVENANCE_COLUMNS`: value, unit, source, the keys of what it refers to
    (:mod:`transport_model.references`), the range that scans and the property tests draw from (low,
    high; empty for constants), and a note.

    Parameters
    ----------
    model
        A shipped model, whose own values replace those that models have in common: the rows of the
        parameter sets that its file is made with (:func:`about`). Without it the common ones.

    Returns
    -------
    pandas.DataFrame
        Shared by all who ask: not to be changed.

    Raises
    ------
    InputError
        A row's reference is missing, unknown or doubled; the message names file and line.
    """
    import pandas as pd

    if not model or model not in about().index:
        return _sourced_table(models_folder() / "parameters.csv").set_index("id")
    source, own, lumen = about().loc[model, ["source", "set", "lumen"]]
    table, sets = provenance(str(source)), _parameter_sets()
    if lumen == CHAIN:
        return _with_parts(table, own.split("; "))
    rows = sets[(sets["model"] == (source or model)) & (sets["set"] == own)].set_index("id")
    kept = table.drop(index=rows.index, errors="ignore")
    return pd.concat([kept, rows[table.columns]]) if own else table


def _with_parts(table: pd.DataFrame, parts: Sequence[str]) -> pd.DataFrame:
    """Return a table with what differs between parts of a chain once for each, ``<part>_<id>``."""
    import pandas as pd

    own = {part: provenance(part) for part in parts}
    values = pd.DataFrame({part: rows["value"] for part, rows in own.items()})
    differing = values.index[values.nunique(axis=1) > 1]
    rows = [own[part].loc[differing].rename(index=f"{part}_{{}}".format) for part in parts]
    return pd.concat([table, *rows])


def _sourced_table(path: Path) -> pd.DataFrame:
    """Read a table whose rows say where their values come from, with their references checked."""
    import pandas as pd

    table = pd.read_csv(path)
    texts = ["source", "reference", "note"]
    table[texts] = table[texts].fillna("")
    for line, row in enumerate(table.itertuples(), 2):
        check_source(str(row.source), str(row.reference), f"{path}, line {line}")
    return table
