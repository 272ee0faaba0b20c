"""The calibrations of pump and symporter as PEtab problems: what others read, and `fit` solves."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from transport_model import evaluate, fit, load_model, read_petab
from transport_model.analyses.exchange.petab_problem import calibrations, petab_members
from transport_model.analyses.studies.calibration import FITTED as PUMP
from transport_model.analyses.studies.calibration import STATED, half_activation, pump_problem
from transport_model.analyses.studies.estimation.objective import Objective
from transport_model.analyses.studies.measurements import predicted, shipped_measurements
from transport_model.analyses.studies.symporter_calibration import FITTED as SYMPORTER
from transport_model.analyses.studies.symporter_calibration import met, symporter_problem
from transport_model.errors import InputError

pytestmark = pytest.mark.filterwarnings("ignore")
FITTED = {"pump": PUMP, "symporter": SYMPORTER}


@pytest.fixture(scope="module")
def files(cell, tmp_path_factory):
    """The paths of both problems by name."""
    pytest.importorskip("petab")
    folder = tmp_path_factory.mktemp("calibrations")
    for problem in calibrations(cell):
        for member in petab_members(problem, "petab"):
            path = folder / member.path
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(member.content)
    return {path.stem: path for path in folder.glob("petab/*.yaml")}


def test_each_variant_has_the_calibrations_of_what_it_has(cell):
    names = {name: [problem.name for problem in calibrations(load_model(name))]
             for name in ("cell", "cell_pan2019", "cell_sglt2")}  # fmt: skip
    assert names == {"cell": ["pump", "symporter"], "cell_pan2019": ["symporter"],
                     "cell_sglt2": ["pump"]}  # fmt: skip


@pytest.mark.parametrize("name", FITTED)
def test_petab_finds_nothing_wrong(name, files):
    petab = importlib.import_module("petab.v1")
    problem = petab.Problem.from_yaml(str(files[name]))
    assert not petab.lint_problem(problem)
    assert set(FITTED[name]) <= set(problem.x_free_ids)
    low, high = np.array(problem.lb), np.array(problem.ub)
    nominal = np.array(problem.x_nominal)
    assert ((low < nominal) & (nominal < high)).all()


@pytest.mark.parametrize("name", FITTED)
def test_what_is_read_from_the_files_is_what_was_written(name, files, cell):
    ours = next(problem for problem in calibrations(cell) if problem.name == name)
    read = read_petab(files[name])
    assert read.estimated == ours.estimated
    at = ours.nominal * 1.01
    assert Objective(read).rows(at).values == pytest.approx(Objective(ours).rows(at).values)
    drawn = ours.parameters[["start", "name", "scale"]]
    assert read.parameters[drawn.columns].equals(drawn)


def test_the_misfit_of_the_pump_is_that_of_its_curves_and_half_activations():
    """Each curve counts once, by its mean square; each half-activation as it was stated."""
    assay = load_model("pump_assay")
    expected = 0.0
    for item in shipped_measurements():
        if not item.conflict:
            square = (predicted(item, assay) - item.points[item.measured]) ** 2
            curves = square.groupby([item.points[c] for c in item.curves]) if item.curves else None
            means = [square.mean()] if curves is None else curves.mean()
            expected += float(np.sum(means)) / item.tolerance**2
    for stated in STATED:
        expected += ((half_activation(stated, assay) - stated.expected) / stated.tolerance) ** 2
    problem = pump_problem(assay)
    assert Objective(problem).rows(problem.nominal).misfit == pytest.approx(expected, rel=1e-5)


def test_the_misfit_of_the_symporter_is_that_of_its_targets(cell):
    targets = met(cell)
    weights = [1 / np.sqrt(3) if "outer sugar" in name else 1.0 for name in targets["target"]]
    off = (targets["got"] - targets["expected"]) / targets["tolerance"] * weights
    problem = symporter_problem(cell)
    # read off a ladder here, half-saturations are good to a few millionths
    misfit = Objective(problem).rows(problem.nominal).misfit
    assert misfit == pytest.approx(float(np.sum(off**2)), abs=5e-4)


@pytest.mark.parametrize("name", FITTED)
def test_fit_finds_the_shipped_constants_from_any_start(name, files, cell):
    """Starts within the ranges of parameters.csv; values are shipped to four digits."""
    found = fit(files[name], starts=3, seed=4)
    model = load_model("pump_assay") if name == "pump" else cell
    for constant in FITTED[name]:
        value = found.parameters["value"][constant]
        assert value == pytest.approx(model.quantities[constant].value, rel=1e-3), constant
    assert found.found_again == 3


def test_a_scale_is_tied_to_the_point_that_it_was_taken_from():
    """At the best constants each curve passes its reference point."""
    assay = load_model("pump_assay")
    problem = pump_problem(assay)
    rows = problem.measurements["observable"].str.startswith("tie_pump_voltage")
    points = problem.conditions.loc[problem.measurements["condition"][rows]]
    rates = evaluate(assay, points.dropna(axis=1).astype(float))["turnover"]
    scales = problem.parameters["nominal"][["scale_pump_voltage_1", "scale_pump_voltage_2"]]
    assert points["V_m"].tolist() == [40.0, 40.0]
    expected = problem.measurements["measurement"][rows].to_numpy()
    assert rates.to_numpy() * scales.to_numpy() == pytest.approx(expected)


def test_a_calibration_needs_its_constants():
    with pytest.raises(InputError, match="which model 'oocyte' lacks"):
        pump_problem(load_model("oocyte"))
