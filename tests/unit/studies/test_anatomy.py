"""What a cell is made of, told by stoichiometry and annotation alone."""

import json
from collections import Counter
from dataclasses import asdict, replace

import libsbml
import pytest

from transport_model import load_model, steady_state
from transport_model.analyses.studies.anatomy import KINDS, anatomy

CELLS = ("cell", "cell_sglt2", "pump_assay", "epithelium", "pt_s1", "enterocyte", "segment")


@pytest.fixture(scope="module")
def anatomies():
    """Anatomies of shipped cells with their steady states."""
    states = {name: steady_state(load_model(name)) for name in CELLS}
    return {name: (anatomy(load_model(name), state), state) for name, state in states.items()}


def renamed(sbml, path):
    """Write a model with other ids, x1 and on, into a file."""
    document = libsbml.readSBMLFromString(sbml)
    model = document.getModel()
    lists = (model.getListOfSpecies(), model.getListOfParameters(), model.getListOfReactions(),
             model.getListOfCompartments())  # fmt: skip
    old = [element.getId() for elements in lists for element in elements]
    new = {name: f"x{number}" for number, name in enumerate(old, start=1)}
    options = libsbml.ConversionProperties()
    options.addOption("renameSIds", True)
    options.addOption("currentIds", ",".join(new))
    options.addOption("newIds", ",".join(new.values()))
    assert document.convert(options) == libsbml.LIBSBML_OPERATION_SUCCESS
    libsbml.writeSBMLToFile(document, str(path))
    return new


def without_ids(found, new):
    """Return an anatomy whose ids are those of a renamed copy, numbers to nine digits."""

    def changed(value):
        if isinstance(value, dict):
            return {key: changed(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [changed(item) for item in value]
        if isinstance(value, float):
            return float(f"{value:.9g}")
        return new.get(value, value) if isinstance(value, str) else value

    return changed(asdict(found))


@pytest.mark.parametrize("name", ["cell", pytest.param("epithelium", marks=pytest.mark.slow)])
def test_a_copy_with_other_ids_has_the_same_anatomy(name, anatomies, tmp_path):
    found, _ = anatomies[name]
    new = renamed(load_model(name).sbml, tmp_path / "copy.xml")
    copy = load_model(tmp_path / "copy.xml")
    assert not {*new} & {*copy.quantities, *copy.rules.index, *copy.reaction_ids}
    assert without_ids(anatomy(copy, steady_state(copy)), {}) == without_ids(found, new)


@pytest.mark.parametrize("name", ["cell", "cell_sglt2", "epithelium", "pt_s1", "enterocyte"])
def test_what_arrows_bring_in_they_take_out(name, anatomies):
    found, _ = anatomies[name]
    inside = found.cell.id
    gained, turned = Counter(), Counter()
    for row in found.transporters:
        for moved in row.moved:
            amount = moved.count * row.flux
            gained[moved.substance] += amount * (moved.target == inside)
            gained[moved.substance] -= amount * (moved.source == inside)
            turned[moved.substance] += amount
    assert {"Na⁺", "K⁺", "Cl⁻", "glucose"} <= {*gained}
    for substance, amount in gained.items():
        assert abs(amount) <= 1e-8 * max(turned[substance], 1e-3), substance


@pytest.mark.parametrize("name", ["epithelium", "segment", "enterocyte"])
def test_the_potential_across_is_the_models_own(name, anatomies):
    found, state = anatomies[name]
    assert found.across == pytest.approx(state["V_te"], abs=1e-9)
    assert [m.potential for m in found.membranes] == [state["V_a"], state["V_b"]]
    assert [place.id for place in found.places] == ["lumen", "cytosol", "blood"]


def test_kinds_follow_from_what_moves(anatomies):
    kinds = {row.reaction: row.kind for row in anatomies["cell"][0].transporters}
    assert kinds == {
        "pump_cycle": "pump", "leak_Na_flow": "channel", "leak_K_flow": "channel",
        "leak_Cl_flow": "channel", "sglt_cycle": "symporter", "sglt_slip": "carrier",
        "glut_flow": "carrier", "osmosis_flow": "water",
    }  # fmt: skip
    two = {row.reaction: row.kind for row in anatomies["epithelium"][0].transporters}
    assert two["slc26_flow"] == "antiporter"
    assert two["para_Na_flow"] == "paracellular"
    assert "clamp_flow" not in two
    assert {*kinds.values(), *two.values()} == {*KINDS}


def test_arrows_follow_the_flux(anatomies):
    rows = {row.reaction: row for row in anatomies["cell"][0].transporters}
    (potassium,) = rows["leak_K_flow"].moved
    assert (potassium.source, potassium.target) == ("cytosol", "outside")
    assert rows["leak_Cl_flow"].flux == 0
    pump = rows["pump_cycle"]
    assert pump.atp == 1
    assert [(m.count, m.substance, m.target) for m in pump.moved] == [
        (3, "Na⁺", "outside"), (2, "K⁺", "cytosol"),
    ]  # fmt: skip


def test_a_symporter_that_runs_backwards_is_turned_round():
    model = load_model("pt_s1").with_values(Glc_a=0.001)
    state = steady_state(model)
    assert state["J_sglt2"] < 0
    rows = {row.reaction: row for row in anatomy(model, state).transporters}
    symport = rows["sglt2_cycle"]
    assert symport.membrane == 0
    assert {m.target for m in symport.moved} == {"lumen"}
    assert symport.flux == -state["J_sglt2"]


def test_a_pump_that_runs_backwards_makes_atp():
    model = load_model("pump_assay").with_values(ATP=1e-6, ADP=5.0, Pi=50.0, V_m=-200.0)
    state = steady_state(model)
    assert state["J_pump"] < 0
    (pump,) = anatomy(model, state).transporters
    assert pump.atp == -1
    assert [(m.substance, m.target) for m in pump.moved] == [("Na⁺", "cytosol"), ("K⁺", "outside")]


def test_without_a_state_there_are_no_numbers():
    found = anatomy(load_model("cell"))
    assert {row.flux for row in found.transporters} == {None}
    assert {content.value for place in found.places for content in place.contents} == {None}
    assert found.membranes[0].potential is None


def test_what_crosses_nothing_is_told(anatomies):
    segment = anatomies["segment"][0]
    assert "water flowing out" in segment.others
    assert not anatomies["cell"][0].others


def test_a_carrier_in_steps_and_a_network_are_no_cell():
    assert anatomy(load_model("oocyte")) is None
    assert anatomy(load_model("tubule_10")) is None


def test_an_anatomy_is_plain_data(anatomies):
    found = anatomies["epithelium"][0]
    text = json.dumps(asdict(found))
    assert json.loads(text)["transporters"][0]["moved"][0]["substance"] == "Na⁺"
    assert replace(found, name="other") != found
