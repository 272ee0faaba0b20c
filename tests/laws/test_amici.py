"""Sensitivities along courses against AMICI's forward sensitivities, where it is installed."""

from __future__ import annotations

import numpy as np
import pytest
from published_pathways import TEXTS
from test_course_sensitivities import SUMS, TOGGLE, loaded

from transport_model import course_sensitivities

pytest.importorskip("amici")

#: What is followed: a text, the end of the course, parameters, and species or rules.
CASES = {
    "toggle": (TOGGLE, 30.0, ["a", "n", "d"], ["U", "V"]),
    "sums": (SUMS, 8.0, ["k1", "k2", "k3"], ["E", "S", "C"]),
    "mapk": (TEXTS["mapk"], 400.0, ["kinase", "k2", "Km1", "Km5"], ["M", "Mp", "Mpp", "free"]),
    "sugar_cane": (TEXTS["sugar_cane"], 120.0, ["Vmax1", "Ki1", "Vmax11", "UDP"],
                   ["Fru", "Glc", "HexP", "Suc6P", "Suc", "F6P"]),
}  # fmt: skip


def by_amici(model, name, folder, times, parameters, outputs):
    """Return AMICI's sensitivities, of shape (times, outputs, parameters)."""
    from amici.importers.sbml import SbmlImporter
    from amici.sim import sundials

    importer = SbmlImporter(model.sbml, from_file=False)
    importer.sbml2amici(name, output_dir=folder, compute_conservation_laws=False)
    from amici import import_model_module

    theirs = import_model_module(name, folder).get_model()
    known = list(theirs.get_free_parameter_ids())
    theirs.set_parameter_list([known.index(parameter) for parameter in parameters])
    theirs.set_timepoints(times)
    solver = theirs.create_solver()
    solver.set_sensitivity_order(sundials.SensitivityOrder.first)
    solver.set_sensitivity_method(sundials.SensitivityMethod.forward)
    for set_tolerance in (
        solver.set_relative_tolerance,
        solver.set_absolute_tolerance,
        solver.set_relative_tolerance_fsa,
        solver.set_absolute_tolerance_fsa,
    ):
        set_tolerance(1e-12)
    solver.set_max_steps(1_000_000)
    result = sundials.run_simulation(theirs, solver)
    assert result.status == sundials.AMICI_SUCCESS
    at = [list(theirs.get_observable_ids()).index(f"y{output}") for output in outputs]
    return np.asarray(result.sy)[:, :, at].transpose(0, 2, 1)


@pytest.mark.parametrize("case", CASES)
def test_they_equal_those_of_amici_to_1e_5(case, tmp_path):
    text, end, parameters, outputs = CASES[case]
    model = loaded(tmp_path, text)
    ours = course_sensitivities(model, end, 13, parameters, outputs=outputs)
    theirs = by_amici(model, f"amici_{case}", tmp_path / "amici", ours.index, parameters, outputs)
    for row, output in enumerate(outputs):
        for column, parameter in enumerate(parameters):
            expected = theirs[:, row, column]
            error = np.abs(ours[(output, parameter)].to_numpy() - expected).max()
            assert error <= 1e-5 * np.abs(expected).max(), (output, parameter)
