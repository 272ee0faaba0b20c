"""SED-ML of the report's figures holds the very runs that the chapters draw."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from transport_model.analyses.report.chapters import cell as chapters

pytest.importorskip("libsedml")
SED = "{http://sed-ml.org/sed-ml/level1/version4}"


@pytest.fixture(scope="module")
def documents(cell, resting):
    from transport_model.analyses.exchange.simulations.sedml import figure_members

    return {
        member.path.removesuffix(".sedml").rpartition("/")[2]: ElementTree.fromstring(
            member.content
        )
        for member in figure_members(cell, resting, "figures")
        if member.path.endswith(".sedml")
    }


def columns(document):
    return {column.get("label") for column in document.iter(f"{SED}dataSet")}


def test_the_course_without_pump_has_the_figures_times_and_columns(documents, cell, resting):
    ((name, drawn),) = chapters.pump_stopped(cell, resting).tables.items()
    (course,) = documents[name].iter(f"{SED}uniformTimeCourse")
    assert float(course.get("initialTime")) == drawn.index[0]
    assert float(course.get("outputEndTime")) == drawn.index[-1]
    assert int(course.get("numberOfSteps")) + 1 == len(drawn)
    assert columns(documents[name]) == {"time", *drawn.columns}


def test_the_map_has_the_figures_axes(documents, cell, resting):
    ((name, drawn),) = chapters.uptake_map(cell, resting).tables.items()
    ranges = {
        task.get("name").removeprefix("for each "): [
            float(value.text) for value in task.iter(f"{SED}value")
        ]
        for task in documents[name].iter(f"{SED}repeatedTask")
    }
    assert len(ranges) == 2
    np.testing.assert_allclose(ranges["Glc_o_set"], np.unique(drawn["Glc_o"]))
    np.testing.assert_allclose(ranges["J_pump_max"], np.unique(drawn["J_pump_max"]))
    assert columns(documents[name]) >= {"J_sglt", "dG_Na"}


def test_the_resting_state_has_what_the_figures_of_the_rest_show(documents, cell, resting):
    shown = columns(documents["resting"])
    for ion in chapters.gradients(cell, resting).tables["gradient"].index:
        assert {f"dG_{ion}", f"dG_{ion}_chem", f"dG_{ion}_elec", f"{ion}_i", f"{ion}_o"} <= shown
    assert {"V_m", "J_pump", "J_leak_Na", "J_leak_K", "J_sglt", "J_glut"} <= shown
