"""Coefficients along scans, against single analyses, differences of certified states and COPASI."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from published_pathways import TEXTS

from transport_model import (
    control_along,
    control_coefficients,
    grid,
    load_model,
    ranked_coefficients,
    response_coefficients,
    responses_along,
    steady_state,
)
from transport_model.errors import InputError, UnknownIdError

#: A branched pathway with inhibition by its product, and a cycle with a conserved sum.
PATHWAY = """model pathway
 species S = 1, M = 1, P = 1, Q = 1
 supply: -> S; v*1/(1 + P/ki)
 make: S -> M; e1*S/(0.4 + S)
 left: M -> P; e2*(M - P/keq)/(1 + M + P)
 right: M -> Q; e3*M/(2 + M)
 use_P: P -> ; k1*P
 use_Q: Q -> ; k2*Q^2
 share := left/make
 dG := -8.314e-3*310*ln(keq*M/P)
 v = 2; ki = 0.7; e1 = 3; e2 = 1.5; keq = 4; e3 = 0.8; k1 = 0.6; k2 = 0.3
end
"""
CYCLE = """model cascade
 species K = 0.9, Kp = 0.1, T = 1.8, Tp = 0.2
 on: K -> Kp; a*K*x/(0.3 + x)
 off: Kp -> K; b*Kp/(0.2 + Kp)
 up: T -> Tp; c*Kp*T/(0.5 + T)
 down: Tp -> T; d*Tp/(0.5 + Tp)
 ratio := Tp/T
 a = 0.8; b = 0.5; c = 1.1; d = 0.4; x = 0.6
end
"""


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    found = {}
    for name, text in {"pathway": PATHWAY, "cascade": CYCLE, **TEXTS}.items():
        (folder / f"{name}.ant").write_text(text, encoding="utf-8")
        found[name] = load_model(folder / f"{name}.ant")
    return found


OUTPUTS = {"cell": (["P_Na", "K_o", "T", "n_X", "J_pump_max"],
                    ["J_sglt", "pump_cycle", "Na_i", "V_m", "dG_Na", "dG_sglt", "dG_ATP", "E_K"]),
           "pathway": (["v", "ki", "keq", "e2", "k2"],
                       ["S", "P", "Q", "supply", "left", "right", "share", "dG"]),
           "cascade": (["a", "b", "c", "x", "d"], ["Kp", "Tp", "on", "up", "ratio"]),
           "sugar_cane": (["Vmax1", "Ki1", "Vmax11", "UDP"], ["Fru", "Suc", "SPS", "SuSy", "F6P"]),
           "mapk": (["kinase", "k2", "Km5"], ["Mpp", "second", "free"])}  # fmt: skip


@pytest.mark.parametrize("name", OUTPUTS)
def test_responses_are_those_of_certified_states_to_1e_5(name, others, cell):
    """Central differences, extrapolated once (Richardson); energies and rules among the results."""
    model = cell if name == "cell" else others[name]
    parameters, outputs = OUTPUTS[name]
    table = response_coefficients(model, parameters)
    base = steady_state(model).values
    assert table.attrs["balance"] < 1e-12
    for parameter in parameters:
        value = model.quantities[parameter].value

        def slope(h, parameter=parameter, value=value):
            up, down = (steady_state(model.with_values(**{parameter: value * (1 + s * h)})).values
                        for s in (1, -1))  # fmt: skip
            return (up - down) / (2 * h)

        change = ((4 * slope(1e-3) - slope(2e-3)) / 3)[outputs] / base[outputs]
        exact = table.loc[outputs, parameter]
        error = (change - exact).abs() / exact.abs().clip(lower=1.0)
        assert error.max() < 1e-5, error.idxmax()


@pytest.mark.parametrize("name", ["pathway", "cascade", *TEXTS])
def test_control_and_elasticities_agree_with_copasi_to_1e_4(name, others):
    basico = pytest.importorskip("basico")
    model = others[name]
    ours = control_coefficients(model)
    theirs = basico.load_model_from_string(model.sbml)
    try:
        basico.set_task_settings("Steady-State", {"method": {"Resolution": 1e-12}}, model=theirs)
        basico.run_mca(model=theirs)
        fluxes = basico.get_flux_control_coefficients(scaled=True, model=theirs)
        levels = basico.get_concentration_control_coefficients(scaled=True, model=theirs)
        local = basico.get_elasticities(scaled=True, model=theirs)
    finally:
        basico.remove_datamodel(theirs)
    for table in (fluxes, levels, local):
        table.index = table.index.str.strip("[]()")
        table.columns = table.columns.str.strip("[]()")
    steps, species = list(ours.flux), list(ours.concentration.index)
    for found, expected in (
        (fluxes.loc[steps, steps], ours.flux.loc[steps, steps]),
        (levels.loc[species, steps], ours.concentration.loc[species, steps]),
        (local.loc[steps, species],
         ours.elasticities.loc[steps, [f"amount({s})" for s in species]]),
    ):  # fmt: skip
        assert expected.notna().all(axis=None)
        np.testing.assert_allclose(found.astype(float), expected, rtol=0, atol=1e-4)


def test_a_row_of_control_is_the_analysis_of_its_point(cell):
    design = grid(Glc_o=[0.5, 5.0])
    table = control_along(cell, design, ["sglt_cycle", "Na_i", "V_m"])
    assert list(table.index) == list(design.index)
    assert table["converged"].all()
    assert (table[["summation", "connectivity"]] < 1e-9).all(axis=None)
    for _, row in table.iterrows():
        single = control_coefficients(cell.with_values(Glc_o=row["Glc_o"]))
        for step in single.flux:
            assert row[f"sglt_cycle by {step}"] == single.flux.at["sglt_cycle", step]
            assert row[f"Na_i by {step}"] == single.concentration.at["Na_i", step]
            assert row[f"V_m by {step}"] == single.potential.at["V_m", step]
    units = table.attrs["units"]
    assert (units["V_m by pump_cycle"], units["Na_i by pump_cycle"]) == ("mV", "1")
    # the pump has more to say where there is more to be taken up
    assert table["sglt_cycle by pump_cycle"].is_monotonic_increasing


def test_a_row_of_responses_is_the_analysis_of_its_point(others):
    model = others["pathway"]
    table = responses_along(model, grid(v=[0.5, 2.0], ki=[0.7]), ["e2", "k1"], ["P", "dG"])
    for _, row in table.iterrows():
        single = response_coefficients(model.with_values(v=row["v"], ki=row["ki"]), ["e2", "k1"])
        for output in ("P", "dG"):
            for parameter in ("e2", "k1"):
                assert row[f"{output} by {parameter}"] == single.at[output, parameter]


def test_a_point_without_a_steady_state_keeps_its_row(others):
    """Far more supply than the first step can carry: S grows without end."""
    model = others["pathway"]
    told = []
    table = control_along(model, grid(v=[2.0, 50.0], ki=[1e9]), ["P"], progress=told.append)
    assert list(table["converged"]) == [True, False]
    assert table["status"].iloc[1] != "ok"
    assert table.filter(like=" by ").iloc[1].isna().all()
    assert sum(told) == 2


def test_causes_are_ranked_by_size_and_what_does_nothing_is_left_out():
    table = pd.DataFrame({"a": [0.5, np.nan], "b": [-2.0, 0.0], "c": [0.0, 1.0]}, index=["J", "V"])
    ranked = ranked_coefficients(table)
    assert ranked.values.tolist() == [["J", 1, "b", -2.0], ["J", 2, "a", 0.5], ["V", 1, "c", 1.0]]
    assert len(ranked_coefficients(table, most=1)) == 2
    with pytest.raises(InputError, match="1 or more, not 0"):
        ranked_coefficients(table, most=0)
    with pytest.raises(InputError, match="needs a table"):
        ranked_coefficients([1.0])


def test_what_cannot_be_computed_along_a_scan_is_refused(others, cell):
    model, design = others["pathway"], grid(v=[1.0, 2.0])
    with pytest.raises(UnknownIdError, match=r"no quantity 'makes'.*did you mean 'make'"):
        control_along(model, design, ["makes"])
    with pytest.raises(InputError, match="outputs is a list"):
        control_along(model, design, "P")
    with pytest.raises(InputError, match="parameters is a list"):
        responses_along(model, design, [], ["P"])
    with pytest.raises(UnknownIdError, match="no quantity 'vv'"):
        control_along(model, grid(vv=[1.0]), ["P"])
    with pytest.raises(InputError, match="a design is a table"):
        responses_along(model, {"v": [1]}, ["e2"], ["P"])
    with pytest.raises(InputError, match="no reactions"):
        control_along(load_model_of_nothing(cell), design, ["P"])


def load_model_of_nothing(cell):
    """A model whose only state is under a rate rule."""
    text = ('<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2">'
            '<model id="still"><listOfParameters>'
            '<parameter id="x" value="1" constant="false"/>'
            '</listOfParameters></model></sbml>')  # fmt: skip
    return type(cell)("still", text)
