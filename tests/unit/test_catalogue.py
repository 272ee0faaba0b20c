"""What ships, by name; and names that nothing has."""

from __future__ import annotations

import re

import pytest

from transport_model import load_model, steady_state
from transport_model.catalogue import (
    about,
    description,
    models_folder,
    parameter_set,
    parameter_sets,
    remark_of,
    shipped_models,
    variant_of,
    variants,
)
from transport_model.errors import InputError, ModelFileError


def test_every_variant_ships_and_is_found_from_every_other():
    assert set(variants()["file"]) <= set(shipped_models())
    for _, row in variants().iterrows():
        for start in variants().query("model == @row.model")["file"]:
            assert variant_of(start, symporter=row["symporter"], pump=row["pump"]) == row["file"]
        assert variant_of(row["file"]) == row["file"]


@pytest.mark.parametrize("name", ["cell_pan2019", "cell_sglt2_pan2019"])
def test_a_remark_says_where_a_variant_rests(name):
    told = re.match(r"rests at (\d+) mM Na⁺", remark_of(name))
    assert told
    assert steady_state(load_model(name))["Na_i"] == pytest.approx(float(told[1]), abs=0.5)
    assert remark_of("cell") == ""


def test_unknown_parts_list_those_there_are():
    with pytest.raises(InputError, match=r"no symporter 'sglt3' for model 'cell' \(there are: "):
        variant_of("cell", symporter="sglt3")
    with pytest.raises(InputError, match=r"model 'oocyte' has no variants \(cell"):
        variant_of("oocyte", pump="pan2019")
    with pytest.raises(InputError, match="is not a shipped model; only those have variants"):
        load_model("theirs.xml", pump="pan2019")


def test_unknown_parameter_sets_list_those_there_are():
    known = parameter_sets("oocyte")
    assert known
    with pytest.raises(InputError, match=f"no parameter set 'mouse'.*there are: {known[0]}"):
        parameter_set("oocyte", "mouse")
    with pytest.raises(InputError, match=r"for model 'pump_assay' \(it has none"):
        parameter_set("pump_assay", "rabbit")


def test_unknown_models_list_those_there_are():
    with pytest.raises(ModelFileError, match=r"no shipped model 'cel' \(there are: cell, "):
        load_model("cel")


def test_models_of_one_source_have_a_sentence_of_their_own():
    names = about().index[about()["source"] != ""]
    told = [description(name) for name in ("epithelium", *names)]
    assert len(set(told)) == len(told) > 5
    assert "." not in "".join(told)


def test_the_folder_of_models_is_the_one_with_the_sources():
    assert (models_folder() / "cell.ant").is_file()
