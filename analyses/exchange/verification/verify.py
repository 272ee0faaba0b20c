"""Whether other people's engines get the same numbers out of a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from transport_model import Model, evaluate, simulate, steady_state
from transport_model.catalogue import shipped_models
from transport_model.errors import ComputationError, InputError
from transport_model.model import check_model
from transport_model.quantities import ids_set_by_start_or_event

from ...scans.designs.designs import provenance_ranges, random
from ...verdict import Verdict, VerdictTable
from .engines import KNOWN_TO_BE_WRONG, REFEREES, Referee
from .engines.running import Answer, ask
from .questions import job_of, template_of

#: Largest relative difference at which an engine agrees.
TOLERANCE = 1e-7
#: Random factors of the parameters of a model for which no ranges are known.
FACTORS = (0.8, 1.25)
#: Relative change of a state by which a quantity's response to it is measured.
_NUDGE = 1e-6

COURSE, STEADY_STATE = "course", "steady state"


@dataclass(frozen=True)
class Agreement:
    """What engines were asked about a model, and how their answers compare with ours.

    Attributes
    ----------
    model
        The model that was verified.
    table
        A row per engine, test and quantity: ``engine``, ``version``, ``test`` (``course``,
        ``set k``, ``steady state``), ``quantity``, ``difference``, ``tolerance``, ``verdict``
        and ``note``. The difference is the largest over the course, relative to the scale of the
        quantity (:func:`scales`). An engine without an answer has one row without a quantity.
    sets
        The random parameter sets, by the name of their test.
    skipped
        Tests that we could not compute ourselves, and why.
    seed, end, points, created
        How and when it was done.
    """

    model: Model
    table: pd.DataFrame
    sets: pd.DataFrame
    skipped: dict[str, str]
    seed: int
    end: float
    points: int
    created: str

    @property
    def engines(self) -> pd.DataFrame:
        """A row per engine: version, verdict, tests, largest difference and where, note."""
        rows = [
            _summary(str(name), part) for name, part in self.table.groupby("engine", sort=False)
        ]
        return VerdictTable(rows).set_index("engine")

    @property
    def quantities(self) -> pd.DataFrame:
        """The largest difference of each quantity (row) over all tests of each engine (column)."""
        compared = self.table[self.table["quantity"] != ""]
        order = list(dict.fromkeys(compared["quantity"]))
        wide = compared.pivot_table(index="quantity", columns="engine", values="difference",
                                    aggfunc=lambda part: part.max(skipna=False), dropna=False,
                                    sort=False)  # fmt: skip
        return wide.reindex(order).dropna(axis=1, how="all")

    @property
    def holds(self) -> bool:
        """Whether at least one engine agreed, and none differs."""
        verdicts = set(self.engines["verdict"])
        return Verdict.AGREES in verdicts and Verdict.DIFFERS not in verdicts


def verify(
    model: Model,
    *,
    engines: Sequence[str] | Sequence[Referee] | None = None,
    sets: int = 10,
    seed: int = 1,
    end: float = 3600.0,
    points: int = 61,
    progress: Callable[[str], object] | None = None,
) -> Agreement:
    """Run a model in other engines and compare.

    Every engine gets the same SBML, with the values of each test written into it. A test that we
    fail at ourselves is left out and said so.

    Parameters
    ----------
    model
        Any model that can be simulated, with the values set on it.
    engines
        Referees or their keys; by default all of :data:`REFEREES`.
    sets
        Number of random parameter sets: from the ranges of ``parameters.csv`` for a shipped
        model, else every settable parameter times 0.8 to 1.25.
    seed
        Of the random sets.
    end, points
        The course.
    progress
        Told what is being done.

    Returns
    -------
    Agreement
        Differences by engine, test and quantity, and the verdicts.

    Raises
    ------
    InputError
        An unknown engine, a negative number of sets, a course that makes no sense, or a model in
        which nothing moves.
    ComputationError
        Nothing of it can be computed by us.
    """
    check_model(model)
    chosen = _chosen(engines)
    if sets < 0:
        raise InputError(f"sets must be zero or more, not {sets}")
    design = random_sets(model, sets, seed)
    references, skipped = _references(model, design, end, points, progress)
    names = list(design.columns)
    template = template_of(model, names)
    jobs = [
        job_of(subject, test, _kind(test), template, names, list(reference.columns), end, points)
        for test, (subject, reference) in references.items()
    ]
    scale = {test: scales(subject, table) for test, (subject, table) in references.items()}
    rows: list[dict[str, object]] = []
    for engine in chosen:
        base = {"engine": engine.title, "version": engine.version}
        if not engine.available:
            rows.append(_row(base, "", "", np.nan, Verdict.NOT_INSTALLED, engine.install))
            continue
        asked = [job for job in jobs if job.kind == COURSE or engine.steady]
        for answer in ask(engine, asked, progress=progress):
            test = answer.job.test
            rows += _compared(base, answer, references[test][1], scale[test])
    if engines is None:
        rows += [_row({"engine": title, "version": ""}, "", "", np.nan, Verdict.KNOWN_WRONG, why)
                 for title, why in KNOWN_TO_BE_WRONG.items()]  # fmt: skip
    return Agreement(model, pd.DataFrame(rows), design, skipped, seed, end, points,
                     datetime.now(UTC).isoformat(timespec="seconds"))  # fmt: skip


def random_sets(model: Model, count: int, seed: int) -> pd.DataFrame:
    """Return random values of a model's parameters, a row per test ``set 1``, ``set 2``, …."""
    if model.name in shipped_models():
        ranges = provenance_ranges(model)
    else:
        ranges = {
            name: (min(around := [f * item.value for f in FACTORS]), max(around))
            for name, item in model.quantities.items()
            if item.kind == "parameter" and item.settable and item.computed == ""
            and np.isfinite(item.value) and item.value != 0
        }  # fmt: skip
    if not count or not ranges:
        return pd.DataFrame(columns=list(ranges))
    table = random(count, seed=seed, log=(), **ranges)
    return table.set_axis([f"set {k}" for k in range(1, count + 1)])


def scales(model: Model, course: pd.DataFrame) -> pd.Series:
    """Return the size that a difference of each quantity is relative to.

    It is the largest value that the quantity takes or, if that is larger, by which it answers a
    relative change of a state, Σ |∂q/∂ln x|. A net flux or a driving force that is small because
    large ones cancel is known no better than what cancels.
    """
    size = course.abs().max()
    floating = [n for n, q in model.quantities.items() if q.kind == "floating" and n in course]
    rows = course.iloc[sorted({0, len(course) // 2, len(course) - 1})]
    try:
        base = evaluate(model, rows).reindex(columns=course.columns)
        answer = pd.DataFrame(0.0, index=base.index, columns=base.columns)
        for name in floating:
            moved = evaluate(model, rows.assign(**{name: rows[name] * (1 + _NUDGE)}))
            answer += ((moved - base) / _NUDGE).abs().reindex(columns=course.columns)
    except InputError:  # it cannot be evaluated outside libRoadRunner
        return size
    return pd.concat([size, answer.max()], axis=1).max(axis=1)


def _chosen(engines: Sequence[str] | Sequence[Referee] | None) -> list[Referee]:
    known = {engine.key: engine for engine in REFEREES}
    chosen = []
    for item in REFEREES if engines is None else engines:
        if isinstance(item, str) and item not in known:
            raise InputError(f"no engine '{item}' (there are: {', '.join(known)})")
        chosen.append(known[item] if isinstance(item, str) else item)
    return chosen


def _kind(test: str) -> str:
    return STEADY_STATE if test == STEADY_STATE else COURSE


def _references(
    model: Model,
    design: pd.DataFrame,
    end: float,
    points: int,
    progress: Callable[[str], object] | None,
) -> tuple[dict[str, tuple[Model, pd.DataFrame]], dict[str, str]]:
    """Return our own answer to every test, with its model, and why others are left out."""
    found: dict[str, tuple[Model, pd.DataFrame]] = {}
    skipped: dict[str, str] = {}
    wanted = [name for name in simulate(model, end, points).columns if _is_compared(model, name)]
    sets: dict[str, dict[str, float]] = {
        str(row): {str(name): float(value) for name, value in values.items()}
        for row, values in design.iterrows()
    }
    if not wanted:
        raise InputError(f"nothing moves in model '{model.name}'; there is nothing to compare")
    tests = [COURSE, *sets]
    if _has_states(model):
        tests.append(STEADY_STATE)
    for test in tests:
        if progress is not None:
            progress(f"transport-model: {test}")
        try:
            subject = model.with_values(**sets.get(test, {}))
            if test == STEADY_STATE:
                table = steady_state(subject).values.to_frame().T
            else:
                table = simulate(subject, end, points)
        except (ComputationError, InputError) as error:
            skipped[test] = str(error)
            continue
        found[test] = (subject, table[[name for name in wanted if name in table]])
    if not found:
        raise ComputationError(f"model '{model.name}': {skipped[COURSE]}")
    return found, skipped


def _has_states(model: Model) -> bool:
    """Whether anything moves by itself, so that engines can be asked where it comes to rest."""
    return any(
        (quantity.kind == "floating" and quantity.computed != "rule")
        or quantity.computed == "rate rule"
        for quantity in model.quantities.values()
    )


def _is_compared(model: Model, name: str) -> bool:
    """Whether a column is compared: not what holds still, nor amounts beside concentrations."""
    quantity = model.quantities.get(name)
    if quantity is None:
        return name in model.reaction_ids
    if name in ids_set_by_start_or_event(model.sbml):
        return True
    return quantity.kind == "floating" or quantity.computed in {"rule", "rate rule"}


def _compared(
    base: dict[str, str], answer: Answer, reference: pd.DataFrame, scale: pd.Series
) -> list[dict[str, object]]:
    test = answer.job.test
    if answer.error:
        return [_row(base, test, "", np.nan, Verdict.FAILED, f"failed: {answer.error}")]
    rows = []
    answered: set[str] = set()
    for name in reference.columns:
        if name not in answer.columns:
            continue
        ours = reference[name].to_numpy(float)
        theirs = np.asarray(answer.columns[name], dtype=float)
        if theirs.shape != ours.shape:
            note = f"failed: {theirs.size} points instead of {ours.size}"
            return [_row(base, test, "", np.nan, Verdict.FAILED, note)]
        if np.isfinite(ours).any() and not np.isfinite(theirs).any():
            continue  # a column without a number is no answer
        answered.add(name)
        difference = relative_difference(ours, theirs, float(scale[name]))
        verdict = Verdict.AGREES if difference <= TOLERANCE else Verdict.DIFFERS
        rows.append(_row(base, test, str(name), difference, verdict, ""))
    missing = set(answer.job.species) & set(reference.columns) - answered
    if missing or not rows:
        note = f"failed: no answer for {', '.join(sorted(missing)) or 'any quantity'}"
        rows.append(_row(base, test, "", np.nan, Verdict.FAILED, note))
    return rows


def relative_difference(ours: np.ndarray, theirs: np.ndarray, scale: float) -> float:
    """Return max |theirs - ours| / scale; infinite where only one of them is a number."""
    same = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
    if same.all():
        return 0.0
    with np.errstate(all="ignore"):
        worst = float(np.max(np.abs(theirs - ours)[~same]))
    if not np.isfinite(worst) or not scale > 0:
        return float("inf")
    return worst / scale


def _row(
    base: dict[str, str], test: str, quantity: str, difference: float, verdict: Verdict, note: str
) -> dict[str, object]:
    return {**base, "test": test, "quantity": quantity, "difference": difference,
            "tolerance": TOLERANCE, "verdict": verdict, "note": note}  # fmt: skip


def _summary(name: str, part: pd.DataFrame) -> dict[str, object]:
    verdicts = set(part["verdict"])
    order = (Verdict.DIFFERS, Verdict.FAILED, Verdict.AGREES, Verdict.NOT_INSTALLED)
    verdict = next((v for v in order if v in verdicts), Verdict.KNOWN_WRONG)
    differences = part["difference"].to_numpy(float)
    compared = ~np.isnan(differences)
    at = part.iloc[int(np.nanargmax(differences))] if compared.any() else None
    return {
        "engine": name,
        "version": part["version"].iloc[0],
        "verdict": verdict,
        "tests": part["test"].nunique() if part["test"].iloc[0] else 0,
        "largest difference": np.nan if at is None else at["difference"],
        "quantity": "" if at is None else at["quantity"],
        "test": "" if at is None else at["test"],
        "note": "; ".join(dict.fromkeys(note for note in part["note"] if note)),
    }
