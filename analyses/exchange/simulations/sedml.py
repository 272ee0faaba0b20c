"""The report's experiments and figures as SED-ML L1V4, with the SBML that each of them runs.

What happens within a run is in the SBML of its arm (:mod:`arm_sbml`), so that
every simulation is one uniform time course by CVODE, or one steady state, which all tools know. A
point at which something jumps holds, in one tool, the value before and, in another, that after.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from transport_model import Model, SteadyState, evaluate, steady_state
from transport_model.mathematics.equations import read_equations
from transport_model.mathematics.formulas import TIME, read_formula
from transport_model.simulation.tolerances import ABSOLUTE_SCALE, RELATIVE_TOLERANCE

from ...experiments.arms import Arm
from ...experiments.protocols import Protocol, Start
from ...report import simulations
from ..archive import ArchiveFile, text_member
from .arm_sbml import arm_sbml, driven, driver
from .energy_rules import with_energies
from .sedml_document import Data, Output, SedmlDocument, ascii_id

#: Time [s] after which a course of the map is over; the slowest time constant is minutes.
MAP_END = 1e6


def started_arms(protocol: Protocol, rested: dict[Model, Model] | None = None) -> dict[str, Model]:
    """Return the model that each arm of an experiment starts from, by the arm's name.

    Watched quantities of the energy balance are added as assignment rules.

    Parameters
    ----------
    protocol
        The experiment.
    rested
        Models by the model that came to rest, filled here: pass the same for several experiments
        and no steady state is looked for twice.

    Raises
    ------
    ComputationError
        An arm has no certified steady state.
    InputError
        What is watched of the energy account cannot be written as a rule.
    """
    known = {} if rested is None else rested
    started = {}
    for arm in protocol.arms:
        model = arm.resting
        if protocol.start is Start.REST:
            if model not in known:
                read_equations(model.sbml).require_standing_rates(
                    f"model '{model.name}' cannot start from rest, which would set its clock back"
                )
                known[model] = model.starting_from(steady_state(model).values)
            model = known[model]
        started[arm.name] = with_energies(arm.clamped(model), _energies(protocol, arm))
    return started


def _energies(protocol: Protocol, arm: Arm) -> list[str]:
    """Return the columns of the energy account that are watched, always in the same order."""
    used = {name for item in protocol.watched for name in item.formula.names}
    return sorted(used - arm.names)


def arm_paths(protocol: Protocol) -> dict[str, str]:
    """Return the name of each arm's SBML file, beside the experiment's SED-ML, by the arm."""
    return {
        arm.name: f"{protocol.name}_{number}_{ascii_id(arm.name)}.xml"
        for number, arm in enumerate(protocol.arms, 1)
    }


def experiment_sedml(
    protocol: Protocol,
    model_sources: Mapping[str, str] | None = None,
    started: Mapping[str, Model] | None = None,
) -> str:
    """Return an experiment as SED-ML: a course per arm, a table each, a plot per watched quantity.

    Parameters
    ----------
    protocol
        The experiment.
    model_sources
        The arms' SBML files by arm, relative to the document; by default :func:`arm_paths`. They
        hold what :func:`arm_sbml` makes of each arm.
    started
        As :func:`started_arms` returns it, which is asked if it is not given.

    Raises
    ------
    InputError
        libSEDML is missing, or what is watched cannot be written as a rule.
    """
    sources = model_sources or arm_paths(protocol)
    starts = started or started_arms(protocol)
    document = SedmlDocument(protocol.title)
    courses: dict[float, str] = {}
    data: dict[str, list[Data]] = {}
    for arm in protocol.arms:
        model = starts[arm.name]
        scale = absolute_tolerance(model)
        if scale not in courses:
            courses[scale] = document.add_course(
                protocol.duration, protocol.points, RELATIVE_TOLERANCE, scale
            )
        task = document.add_task(
            document.add_model(sources[arm.name], arm.name), courses[scale], arm.name
        )
        outputs = [_time(protocol.time_unit), *(
            Output(item.formula, item.column, item.label, item.unit)
            for item in protocol.watched
        )]  # fmt: skip
        data[arm.name] = [document.add_data(o, task, model, arm.name) for o in outputs]
        document.add_report(arm.name, data[arm.name])
    for place, item in enumerate(protocol.watched, 1):
        curves = [(arm.name, data[arm.name][0], data[arm.name][place]) for arm in protocol.arms]
        document.add_plot(item.label, curves)
    return document.text()


def _time(unit: str) -> Output:
    return Output(read_formula(TIME), TIME, "time", unit)


def absolute_tolerance(model: Model) -> float:
    """Return one absolute tolerance that is fine enough for every species' amount."""
    start = evaluate(model, pd.DataFrame(index=pd.Index([0.0], name=TIME))).iloc[0]
    amounts = [start[column] for column in model.amount_columns if column in start.index]
    amounts += [start[n] for n, q in model.quantities.items()
                if q.kind == "floating" and q.is_amount and n in start.index]  # fmt: skip
    sizes = [abs(float(size)) for size in amounts if np.isfinite(size) and size != 0]
    smallest = min(sizes, default=1.0)
    return float(f"{RELATIVE_TOLERANCE * ABSOLUTE_SCALE * smallest:.1e}")


def experiment_members(
    protocol: Protocol, folder: str, rested: dict[Model, Model] | None = None
) -> list[ArchiveFile]:
    """Return an experiment's files for an archive: SED-ML and the SBML of every arm.

    Parameters
    ----------
    protocol, rested
        As for :func:`started_arms`.
    folder
        Where in the archive the files lie.
    """
    started = started_arms(protocol, rested)
    sources = arm_paths(protocol)
    text = experiment_sedml(protocol, sources, started)
    said = f"Experiment: {protocol.title}. {protocol.claim}".strip()
    members = [text_member(f"{folder}/{protocol.name}.sedml", text, said)]
    for arm in protocol.arms:
        name = f"{started[arm.name].name}: {protocol.title}, {arm.name}"
        sbml = arm_sbml(started[arm.name], arm.inputs, name=name)
        said = f"Model of the arm '{arm.name}' of '{protocol.title}', with its changes as events"
        members.append(text_member(f"{folder}/{sources[arm.name]}", sbml, said))
    return members


def model_outputs(model: Model, names: Sequence[str]) -> list[Output]:
    """Return ids of a model as outputs, with their names and units.

    Raises
    ------
    InputError
        An id is not one that a formula could have.
    """
    return [
        Output(
            read_formula(name),
            name,
            (model.quantities[name].name if name in model.quantities else "") or name,
            model.unit(name),
        )
        for name in names
    ]


def course_sedml(
    model: Model, source: str, end: float, points: int, outputs: Sequence[str], *, title: str
) -> str:
    """Return a time course as SED-ML: a table, and a plot per output.

    Parameters
    ----------
    model
        What `source` holds.
    source
        The SBML file, relative to the document.
    end, points
        As for :func:`~transport_model.simulate`.
    outputs
        Ids of the model.
    title
        What the course shows.
    """
    document = SedmlDocument(title)
    course = document.add_course(end, points, RELATIVE_TOLERANCE, absolute_tolerance(model))
    task = document.add_task(document.add_model(source, model.name), course, title)
    wanted = [_time(model.units["time"]), *model_outputs(model, outputs)]
    data = [document.add_data(output, task, model, "") for output in wanted]
    document.add_report(title, data)
    for datum in data[1:]:
        document.add_plot(datum.output.label, [(datum.output.label, data[0], datum)])
    return document.text()


def steady_sedml(model: Model, source: str, outputs: Sequence[str], *, title: str) -> str:
    """Return a steady state as SED-ML, with a table of `outputs`; see :func:`course_sedml`."""
    document = SedmlDocument(title)
    steady = document.add_steady_state()
    task = document.add_task(document.add_model(source, model.name), steady, title)
    wanted = model_outputs(model, outputs)
    document.add_report(title, [document.add_data(o, task, model, "") for o in wanted])
    return document.text()


def scan_sedml(
    model: Model, source: str, axes: Mapping[str, Sequence[float]], outputs: Sequence[str], *,
    title: str, end: float = MAP_END,
) -> str:  # fmt: skip
    """Return a grid of steady states as SED-ML: repeated tasks, one within another.

    Each steady state is what is left at the end of a course of length `end`: one that is long
    enough gets there in every tool, while root finders do not from everywhere and do not always
    say so. The table holds two rows a point, at a tenth of the course and at its end: where they
    agree, the state is steady. The first axis is the outermost.

    Parameters
    ----------
    axes
        Values by id of a parameter; see :func:`driven` for species.
    """
    document = SedmlDocument(title)
    scale = absolute_tolerance(model)
    course = document.add_course(end, 2, RELATIVE_TOLERANCE, scale, since=end / 10)
    added = document.add_model(source, model.name)
    task = document.add_task(added, course, title)
    for name in reversed(list(axes)):
        task = document.add_repeat(task, added, model, name, axes[name])
    wanted = model_outputs(model, [*axes, *outputs])
    data = [document.add_data(output, task, model, "") for output in wanted]
    document.add_report(title, data)
    return document.text()


def figure_members(model: Model, state: SteadyState, folder: str) -> list[ArchiveFile]:
    """Return the files of the report's figures of a cell for an archive: SED-ML and SBML.

    The course without pump, the resting state (its gradients and flows), and the map of uptake
    against lumen glucose and pump capacity. Control coefficients and the random parameter sets
    are no tasks of SED-ML.

    Parameters
    ----------
    model
        A cell with a pump of capacity ``J_pump_max``.
    state
        Its steady state.
    folder
        Where in the archive the files lie.
    """
    rest = simulations.resting_cell(model, state)
    stopped = simulations.pump_stopped(model, state)
    uptake = simulations.glucose_by_pump(model)
    scanned = driven(rest.model, ["Glc_o"])
    axes = {driver(n) if n == "Glc_o" else n: values for n, values in uptake.axes.items()}
    told = {
        stopped.name: course_sedml(stopped.model, "stopped.xml", stopped.end, stopped.points,
                                   stopped.outputs, title=stopped.title),
        rest.name: steady_sedml(rest.model, "rest.xml", rest.outputs, title=rest.title),
        uptake.name: scan_sedml(scanned, "scanned.xml", axes, uptake.outputs, title=uptake.title),
    }  # fmt: skip
    return [
        *(text_member(f"{folder}/{n}.sedml", t, f"Figure of the report: {n}")
          for n, t in told.items()),
        text_member(f"{folder}/rest.xml", arm_sbml(rest.model), "The model at its resting state"),
        text_member(f"{folder}/scanned.xml", arm_sbml(scanned),
                    "The model at its resting state, its lumen glucose set by a parameter"),
        text_member(f"{folder}/stopped.xml", arm_sbml(stopped.model),
                    "The model at its resting state, without pump"),
    ]  # fmt: skip
