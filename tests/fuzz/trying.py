"""One try after another, in a process that may die: a job a line in, what became of it out.

A job is JSON, ``{"kind": …, "path": …}``; ``path`` is a file, or for a command its arguments.
Answers are ``{"outcome": "refused" | "done" | "fault", "said": …}``, and before what bare
libRoadRunner is asked, ``{"outcome": "asking"}``: what dies after that is not the product.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import traceback
import warnings
from pathlib import Path

import numpy as np

#: Longest line that is a message.
LONGEST = 300
END, POINTS = 2.0, 5


def main() -> None:
    """Answer jobs until there are none."""
    answers = sys.stdout
    sys.stdout = sys.stderr  # what libraries print is no answer
    warnings.simplefilter("ignore")

    def answer(outcome: str, said: str = "") -> None:
        print(json.dumps({"outcome": outcome, "said": said}), file=answers, flush=True)

    for line in sys.stdin:
        job = json.loads(line)
        answer(*_tried(job, answer))


def _tried(job, answer) -> tuple[str, str]:
    from transport_model.errors import ComputationError, InputError

    try:
        if job["kind"] == "command":
            return _command(job["path"])
        said = _TRIES[job["kind"]](Path(job["path"]), answer)
    except (InputError, ComputationError) as error:
        message = str(error)
        # The path of a try is the test's own, and long
        if len(message.replace(job["path"], "")) > LONGEST or len(message.splitlines()) != 1:
            return "fault", f"a message of {len(message)} characters: {message[:400]!r}"
        return "refused", message
    except Exception:  # whatever gets through that is no refusal is a fault
        return "fault", traceback.format_exc()[-600:]
    return ("fault", said) if said else ("done", "")


def _model(path: Path, answer) -> str:
    from transport_model import load_model, simulate, steady_state
    from transport_model.errors import ComputationError, InputError

    model = load_model(path)
    with contextlib.suppress(InputError, ComputationError):
        steady_state(model)
    course = simulate(model, END, POINTS)
    floating = [q.id for q in model.quantities.values() if q.kind == "floating"]
    if not np.isfinite(course[floating].to_numpy()).all():
        return "a course that is not finite"
    answer("asking")
    return _compared(path, model, course[floating])


def _compared(path: Path, model, course) -> str:
    """Compare a course with what bare libRoadRunner makes of the file itself."""
    import roadrunner

    roadrunner.Logger.setLevel(roadrunner.Logger.LOG_FATAL)
    if path.suffix == ".cellml":
        return ""
    text = path.read_text(encoding="utf-8") if path.suffix == ".xml" else _from_antimony(path)
    roadrunner.Config.setValue(roadrunner.Config.LOADSBMLOPTIONS_RECOMPILE, True)
    times = np.linspace(0, END, POINTS)
    try:
        bare = roadrunner.RoadRunner(text)
        names = bare.model.getFloatingSpeciesIds()
        read = [name if model.quantities[name].is_amount else f"[{name}]" for name in names]
        theirs = _bare_course(text, read, times)
        # An event exactly at a point: its trigger holds behind that, or there already
        before = _bare_course(text, read, times * (1 - 1e-6))
    except (RuntimeError, ValueError, KeyError):
        return ""
    ours = course[list(names)].to_numpy()
    if theirs.shape != ours.shape or not np.isfinite(theirs).all():
        return ""
    size = np.abs(theirs).max(initial=1e-9)
    far = [np.abs(ours - each) > 1e-3 * np.abs(each) + 1e-5 * size for each in (theirs, before)]
    wrong = far[0] & far[1]
    if wrong.any():
        column = names[int(np.flatnonzero(wrong.any(axis=0))[0])]
        return f"'{column}' is {ours[:, names.index(column)]}, not {theirs[:, names.index(column)]}"
    return ""


def _bare_course(text: str, read: list[str], times: np.ndarray) -> np.ndarray:
    import roadrunner

    bare = roadrunner.RoadRunner(text)
    bare.integrator.setValue("relative_tolerance", 1e-9)
    bare.integrator.setValue("absolute_tolerance", 1e-14)
    bare.timeCourseSelections = read
    return np.array(bare.simulate(times=times.tolist()))


def _from_antimony(path: Path) -> str:
    import antimony

    antimony.clearPreviousLoads()
    antimony.loadAntimonyFile(str(path))
    return str(antimony.getSBMLString(antimony.getMainModuleName()))


def _archive(path: Path, _) -> str:
    from transport_model import load_model

    load_model(path)
    return ""


def _protocol(path: Path, _) -> str:
    from transport_model.analyses.experiments.protocols import read_protocol

    read_protocol(path)
    return ""


def _measurement(path: Path, _) -> str:
    from transport_model import load_model
    from transport_model.analyses.studies.measurements import deviation, read_measurement

    measured = read_measurement(path)
    deviation(measured, load_model(measured.model))
    return ""


def _design(path: Path, _) -> str:
    from transport_model import load_model
    from transport_model.analyses.scans.designs.designs import from_file
    from transport_model.analyses.scans.scan import scan

    table = scan(load_model(path.parent / "design.ant"), from_file(path), engine="roadrunner")
    return "" if "converged" in table else "a scan without a verdict"


def _command(arguments: list[str]) -> tuple[str, str]:
    from transport_model.analyses.cli.app import main as program

    out, err = io.StringIO(), io.StringIO()
    sys.argv = ["transport-model", *arguments]
    code: object = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            program()
        except SystemExit as end:
            code = end.code
    said = err.getvalue().strip().splitlines()
    last = said[-1] if said else ""
    if (
        code not in (0, 1, 2)
        or "internal error" in last
        or (code == 2 and len(last) > LONGEST + 20)
    ):
        return "fault", f"exit {code}: {last[:600]}"
    return ("refused", last) if code else ("done", "")


_TRIES = {"sbml": _model, "antimony": _model, "archive": _archive, "protocol": _protocol,
          "measurement": _measurement, "design": _design}  # fmt: skip

if __name__ == "__main__":
    main()
