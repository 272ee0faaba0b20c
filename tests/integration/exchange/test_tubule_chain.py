"""The tubule in one file: the march, libRoadRunner and COPASI agree, and it compiles in seconds."""

from __future__ import annotations

import re

import libsbml
import numpy as np
import pytest

from transport_model import Tubule, load_model, steady_state, tubule
from transport_model.catalogue import parameter_set
from transport_model.mathematics.equations import read_equations
from transport_model.mathematics.evaluation import start_values
from transport_model.mathematics.structure import structure_of
from transport_model.quantities import document_of

SEGMENTS = 10
#: Quantities of every segment that are compared.
OF_SEGMENT = ("Na_a", "K_a", "Cl_a", "HCO3_a", "Glc_a", "X_a", "Na_i", "K_i", "Cl_i", "HCO3_i",
              "Glc_i")  # fmt: skip


@pytest.fixture(scope="module")
def chain():
    return load_model("tubule_10")


@pytest.fixture(scope="module")
def marched():
    run = tubule(load_model("segment"), segments=SEGMENTS)
    assert run.summary["converged"].all()
    return run.segments.loc[0]


def columns(marched, names):
    return {f"s{number}_{n}": marched.loc[number, n] for number in marched.index for n in names}


@pytest.mark.slow
def test_the_chain_rests_where_the_march_ends(chain, marched):
    state = steady_state(chain)
    assert state.converged
    wanted = columns(marched, (*OF_SEGMENT, "V_te"))
    found = state.values[list(wanted)].to_numpy()
    np.testing.assert_allclose(found, [*wanted.values()], rtol=1e-9, atol=1e-11)


def test_copasi_finds_the_same_state(chain, marched):
    basico = pytest.importorskip("basico")
    model = basico.load_model_from_string(chain.sbml)
    assert basico.run_steadystate(model=model) == 1
    species = basico.get_species(model=model).set_index("sbml_id")["concentration"]
    wanted = columns(marched, OF_SEGMENT)
    np.testing.assert_allclose(species[list(wanted)], [*wanted.values()], rtol=1e-9, atol=1e-11)
    basico.remove_datamodel(model)


def test_parts_have_what_their_sets_say_and_lack_carriers_that_they_have_none_of(chain):
    values = chain.parameters.value
    for part in ("pt_s1", "pt_s2", "pt_s3"):
        for name, value in parameter_set("epithelium", part).items():
            assert values.get(f"{part}_{name}", values.get(name, 0.0)) == value, (part, name)
    reactions = set(chain.reactions.index)
    for number, (part, _, _) in enumerate(Tubule().layout(SEGMENTS), 1):
        own = parameter_set("epithelium", f"pt_{part.name.lower()}")
        for carrier in ("sglt1", "sglt2"):
            has = own.get(f"n_{carrier.upper()}", 1.0) > 0
            assert (f"s{number}_{carrier}_cycle" in reactions) == has, (number, carrier)


def test_every_cell_keeps_its_own_charge(chain):
    names = read_equations(chain.sbml).states
    conserved = structure_of(chain.sbml, start_values(chain)).conserved
    assert len(conserved) == SEGMENTS
    for row in conserved:  # in the cells of one segment alone
        states = [name for name, in_it in zip(names, row, strict=True) if in_it]
        assert len({re.search(r"s\d+_", name)[0] for name in states}) == 1


def test_rules_are_few_enough_for_engines_that_expand_them(chain):
    """Compiling takes as long as the formulas are with all rules put in: 131 000 symbols before."""
    model = document_of(chain.sbml).getModel()
    rules = {rule.getVariable(): rule.getMath() for rule in model.getListOfRules()}
    sizes: dict[str, int] = {}

    def size(formula):
        name = formula.getName() if formula.isName() else ""
        if name in rules:
            if name not in sizes:
                sizes[name] = size(rules[name])
            return sizes[name]
        return 1 + sum(size(formula.getChild(i)) for i in range(formula.getNumChildren()))

    laws = [reaction.getKineticLaw().getMath() for reaction in model.getListOfReactions()]
    assert sum(map(size, [*laws, *rules.values()])) < 100_000
    texts = [libsbml.formulaToL3String(rule) for rule in rules.values()]
    compartments = {c.getId() for c in model.getListOfCompartments()}
    alike = [v for v, t in zip(rules, texts, strict=True) if texts.count(t) > 1]
    assert set(alike) <= compartments
    used = set(re.findall(r"\w+", " ".join([*texts, *map(libsbml.formulaToL3String, laws)])))
    starts = [libsbml.formulaToL3String(a.getMath()) for a in model.getListOfInitialAssignments()]
    used |= set(re.findall(r"\w+", " ".join(starts)))
    unused = rules.keys() - used - compartments
    assert {name.partition("_")[2] for name in unused} <= {"V_te"}


def test_blood_glucose_reaches_the_filtrate(chain):
    law = document_of(chain.sbml).getModel().getReaction("s1_in_Glc").getKineticLaw().getMath()
    assert libsbml.formulaToL3String(law) == "Q_in * Glc_b"
    assert "Glc_in" not in chain.quantities
