"""A cell and its transporters held against laws and measurements, one row per target."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from transport_model import Model, evaluate, load_model, simulate, steady_state
from transport_model.catalogue import parameter_sets
from transport_model.constants import FARADAY, GAS
from transport_model.model import check_model
from transport_model.quantities import charges_of
from transport_model.references import origin

from ..scans.designs.designs import latin_hypercube, provenance_ranges
from ..scans.scan import scan
from ..verdict import Verdict, VerdictTable
from .assays import assays_of
from .calibration import STATED, half_activation
from .energetics import energetics, transporters
from .laws import laws, sodium_per_glucose, without_slip
from .measurements import Measurement, deviation, shipped_measurements
from .symporter_assay import charge_voltage, static_head
from .symporter_calibration import HELD_OUT, TARGETS, met
from .targets import (
    HALF_DISPLACED,
    OUABAIN,
    POTASSIUM,
    PRINTED_HEADS,
    REST,
    SODIUM,
    SODIUM_SPREAD,
    UPHILL,
    VALENCE,
    Evidence,
    Window,
)
from .tubule.inputs import is_segment
from .tubule.validation import validate_tubule

#: Columns of the table; `reference` has the keys of what `source` names.
COLUMNS = ["target", "conditions", "expected", "tolerance", "got", "unit", "verdict", "kind",
           "source", "reference", "reason"]  # fmt: skip
#: Random cases in which laws of a transporter are tried, and their seed.
CASES, SEED = 200, 20261122
#: Rate constants of the symporter that are entered, not derived.
CARRIER = ["k12", "k21", "k23", "k32", "k34", "k43", "k45", "k56", "k65", "k61", "k16", "k25"]
#: Concentrations [mM] between which random equilibria are drawn.
_RANGE = (0.1, 200.0)


def validate(
    cell: Model,
    measurements: list[Measurement] | None = None,
    *,
    progress: Callable[[str], object] | None = None,
) -> pd.DataFrame:
    """Hold a cell, its pump and its symporter against every target.

    Parameters
    ----------
    cell
        A model with the ids of the shipped ``cell``; of a cell of two faces (``epithelium``) the
        laws alone, and its pump's; of a stretch of the tubule (``segment``) what the tubule is
        held against (:func:`.validate_tubule`).
    measurements
        Measured curves of the pump; by default those that come with the project.
    progress
        Called with the name of each step before it starts.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`COLUMNS`: expected and tolerance (absolute, in `unit`), what the model says,
        the verdict, the kind of :class:`.Evidence`, and the reason for a miss where it is known.
        Kinds stand one after the other, what is not met first in each.

    Raises
    ------
    InputError
        The model lacks what the targets are about.
    SteadyStateError
        The cell does not rest.
    """
    check_model(cell)
    say = progress or (lambda step: None)
    if is_segment(cell):
        say("the tubule")
        return validate_tubule(cell)
    assays = assays_of(cell)
    rows: list[dict] = []
    say("laws of the cell")
    rows += _laws_of_the_cell(cell)
    if len(charges_of(cell.sbml)) > 1:
        say("laws of the pump")
        return VerdictTable([*rows, *_pump_stall(assays.pump)], columns=COLUMNS)
    if assays.symporter is not None:
        say("laws of the symporter")
        rows += _symporter_laws(assays.symporter, cell)
    rows += _static_head(cell)
    say("laws of the pump")
    rows += _pump_stall(assays.pump)
    say("measurements")
    rows += _curves(assays.pump, measurements or shipped_measurements())
    rows += _half_activations(assays.pump)
    if assays.symporter is not None:
        rows += _symporter_numbers(cell)
    rows += _cell_numbers(cell)
    kinds = list(map(str, Evidence))
    rows.sort(key=lambda row: (kinds.index(row["kind"]), row["verdict"] == Verdict.HOLDS))
    return VerdictTable(rows, columns=COLUMNS)


def _row(
    target: str, conditions: str, unit: str, expected: float, tolerance: float, got: float,
    kind: Evidence, source: str, reference: str = "", *, reason: str = "",
) -> dict:  # fmt: skip
    missed = Verdict.CONFLICT if kind is Evidence.CONFLICT else Verdict.MISSES
    holds = abs(got - expected) <= tolerance
    values = (target, conditions, expected, tolerance, got, unit,
              str(Verdict.HOLDS if holds else missed), str(kind), origin(source, reference),
              reference, "" if holds else reason)  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def _window(
    target: str, conditions: str, unit: str, window: Window, got: float, reason: str = ""
) -> dict:
    middle, half = (window.low + window.high) / 2, (window.high - window.low) / 2
    if math.isinf(window.high):  # from a bound upwards
        middle, half = max(got, window.low), max(got - window.low, 0.0)
    return _row(target, conditions, unit, middle, half, got, window.kind, window.source,
                window.reference, reason=reason)  # fmt: skip


def _laws_of_the_cell(cell: Model) -> Iterator[dict]:
    for row in laws(cell).to_dict("records"):
        yield _row(row["law"], row["conditions"], row["unit"], row["expected"], row["tolerance"],
                   row["got"], Evidence.LAW, "thermodynamics and conservation")  # fmt: skip
    stopped = cell.starting_from(steady_state(cell).values).with_values(J_pump_max=0.0)
    table = energetics(stopped, simulate(stopped, 3600.0, 121))
    least = min(table[f"dissipation_{name}"].min() for name in transporters(cell))
    yield _row("No carrier has negative dissipation along a course", "an hour without pump",
               "pW", 0.0, 1e-12, min(least, 0.0), Evidence.LAW, "second law")  # fmt: skip


def _symporter_sets(oocyte: Model) -> tuple[pd.DataFrame, list[str]]:
    """Return constants of every named set, then random ones, and what to call them."""
    names = parameter_sets(oocyte.name)
    kept = [*CARRIER, "alpha_bind", "z_carrier", "E_turn", "E_bind", "T"]
    named = [load_model(oocyte.name, parameters=name).quantities for name in names]
    rows = [{name: quantities[name].value for name in kept} for quantities in named]
    ranges = provenance_ranges(oocyte, kept)
    wide = {n: (low / 3, high * 3) if n in CARRIER else (low, high)
            for n, (low, high) in ranges.items()} | {
                "alpha_bind": (0.0, 1.0), "z_carrier": (0.0, 2.0)}  # fmt: skip
    drawn = latin_hypercube(CASES, seed=SEED, log=(), **wide)
    return pd.concat([pd.DataFrame(rows), drawn], ignore_index=True), names


def _symporter_laws(oocyte: Model, cell: Model) -> Iterator[dict]:
    sets, names = _symporter_sets(oocyte)
    cases = f"{len(names)} named sets and {CASES} random ones"
    rng = np.random.default_rng(SEED)
    source = ("detailed balance", "Wegscheider1901; Hill1977")

    k = pd.concat([sets, evaluate(oocyte, sets)[["k54", "k52"]]], axis=1)
    sugar = (k.k12 * k.k23 * k.k34 * k.k45 * k.k56 * k.k61) / (
        k.k21 * k.k32 * k.k43 * k.k54 * k.k65 * k.k16
    )
    slip = (k.k12 * k.k25 * k.k56 * k.k61) / (k.k21 * k.k52 * k.k65 * k.k16)
    for name, product in (("sugar", sugar), ("slip", slip)):
        worst = product.iloc[int((product - 1).abs().argmax())]
        yield _row(f"Symporter, product of constants round the {name} cycle (worst)", cases, "1",
                   1.0, 1e-9, float(worst), Evidence.LAW, *source)  # fmt: skip

    # Full equilibrium: Na⁺ at its own, glucose at the same level on both sides
    voltage = rng.uniform(-150, 60, len(sets))
    low, high = np.log(_RANGE)
    outside = np.exp(rng.uniform(low, high, (2, len(sets))))
    u = voltage * 1e-3 * FARADAY / (GAS * sets["T"])
    still = sets.assign(V_m=voltage, Na_o=outside[0], Na_i=outside[0] * np.exp(-u),
                        Glc_o=outside[1], Glc_i=outside[1])  # fmt: skip
    net = scan(oocyte, still, outputs=["J_sglt", "J_sglt_slip"])
    one_way = scan(oocyte, still.assign(Glc_i=0.0, Na_i=0.0), outputs=["J_sglt"])
    share = (net["J_sglt"].abs() + net["J_sglt_slip"].abs()) / one_way["J_sglt"].abs()
    yield _row("Symporter, net over one-way flux at full equilibrium (worst)", cases, "1", 0.0,
               1e-10, float(share.max()), Evidence.LAW, *source)  # fmt: skip

    yield from _reversal(oocyte, sets, names)

    # The cell takes the carrier in its steady state; the assay has its six states
    shared = {name if name == "T" else f"sglt_{name}": sets[name] for name in sets.columns}
    held = {"Na_o": outside[0], "Glc_o": outside[1], "Na_i": rng.uniform(1, 60, len(sets)),
            "Glc_i": rng.uniform(0, 30, len(sets))}  # fmt: skip
    explicit = scan(oocyte, sets.assign(V_m=voltage, **held), outputs=["I_sglt"])["I_sglt"]
    charge = -voltage * cell.quantities["C_m"].value / FARADAY
    quasi = evaluate(
        cell.with_values(n_SGLT=oocyte.quantities["n_SGLT"].value, phlorizin=0.0),
        pd.DataFrame({**shared, **held, "charge": charge}),
    )
    current = -2e-3 * FARADAY * (quasi["J_sglt"] + quasi["J_sglt_slip"])
    saturated = {"Na_o": 1e3, "Glc_o": 1e3, "Na_i": 0.0, "Glc_i": 0.0}
    most = scan(oocyte, sets.assign(V_m=voltage, **saturated), outputs=["I_sglt"])["I_sglt"]
    difference = ((current - explicit) / most).abs().max()
    yield _row("Symporter, quasi-steady less six-state over saturated current (worst)", cases,
               "1", 0.0, 1e-9, float(difference), Evidence.LAW,
               "one carrier, two descriptions")  # fmt: skip


def _reversal(oocyte: Model, sets: pd.DataFrame, names: list[str]) -> Iterator[dict]:
    held = {"Na_o": 140.0, "Na_i": 12.0, "Glc_o": 1.0, "Glc_i": 20.0, "k25": 0.0, "T": 310.15}
    thermal = GAS * 310.15 / FARADAY * 1e3
    expected = thermal * (math.log(140 / 12) + math.log(1 / 20) / 2)
    # The flux on both sides of where it should vanish; between them it is all but straight
    ends = [
        scan(oocyte, sets.assign(**held, V_m=expected + step), outputs=["J_sglt"])["J_sglt"]
        for step in (-0.01, 0.01)
    ]
    found = expected - 0.01 + 0.02 * ends[0] / (ends[0] - ends[1])
    drawn = found.iloc[len(names) :]
    worst = drawn.iloc[int((drawn - expected).abs().argmax())]
    cases = [*zip(names, found, strict=False), (f"{CASES} random sets (worst)", worst)]
    for name, value in cases:
        yield _row(f"Reversal potential of the six-state symporter, {name}",
                   "Na 140/12, glucose 1/20 mM, 310.15 K, no slip", "mV", expected, 0.01,
                   float(value), Evidence.LAW, "thermodynamics")  # fmt: skip


def _static_head(cell: Model) -> Iterator[dict]:
    thermal = GAS * 310.15 / 1e3
    energy = thermal * math.log(12 / 140) - FARADAY * 60e-6
    count = sodium_per_glucose(cell)
    got = static_head(without_slip(cell).with_values(T=310.15), -60.0, Na_i=12.0, Na_o=140.0)
    ideal = math.exp(-count * energy / thermal)
    yield _row(f"Static head of the symporter, {count} Na⁺ : 1 glucose",
               "Na 140/12 mM, -60 mV, no slip", "1", ideal, 1e-6 * ideal, got, Evidence.LAW,
               "thermodynamics")  # fmt: skip


def _pump_stall(assay: Model) -> Iterator[dict]:
    rng = np.random.default_rng(SEED)
    low, high = np.log(_RANGE)
    at = pd.DataFrame(
        {name: np.exp(rng.uniform(low, high, CASES)) for name in ("Na_i", "Na_o", "K_i", "K_o")}
    ).assign(V_m=rng.uniform(-150, 60, CASES))
    rt = GAS * assay.quantities["T"].value / 1e3
    work = (
        rt * (3 * np.log(at["Na_o"] / at["Na_i"]) + 2 * np.log(at["K_i"] / at["K_o"]))
        - FARADAY * at["V_m"] * 1e-6
    )
    # The ADP at which hydrolysis just pays for the work
    standard, molar = assay.quantities["dG_ATP_0"].value, 1e3
    values = {n: assay.quantities[n].value for n in ("ATP", "Pi", "pH")}
    quotient = np.exp(-(work + standard) / rt)
    adp = quotient * values["ATP"] * molar / (values["Pi"] * 10 ** -values["pH"])
    still = evaluate(assay, at.assign(ADP=adp))["turnover"]
    forward = evaluate(assay, at.assign(ADP=0.0))["turnover"]
    yield _row("Pump, net over forward turnover where ATP just pays for the work (worst)",
               f"{CASES} random concentrations and voltages", "1", 0.0, 1e-10,
               float((still / forward).abs().max()), Evidence.LAW, "thermodynamics")  # fmt: skip


def _curves(assay: Model, measurements: list[Measurement]) -> Iterator[dict]:
    for item in measurements:
        model = assay if item.model == "pump_assay" else load_model(item.model)
        conditions = _conditions(model, item.conditions)
        kind = Evidence.CONFLICT if item.conflict else Evidence.MEASUREMENT
        yield _row(f"{item.title}: RMS deviation of {len(item.points)} points", conditions,
                   item.unit or "relative", 0.0, item.tolerance, deviation(item, model),
                   kind, item.source, item.cited,
                   reason=item.conflict or _reason(assay))  # fmt: skip


def _conditions(model: Model, held: Mapping[str, float]) -> str:
    units = {name: "" if model.unit(name) == "1" else f" {model.unit(name)}" for name in held}
    return ", ".join(f"{name} {value:g}{units[name]}" for name, value in held.items())


def _reason(model: Model) -> str:
    """Return why a variant with the published pump misses what is said of pumps."""
    if "pan2019" not in model.name:
        return ""
    return "the pump of Pan et al. 2019 is half-activated by 43 to 56 mM of cytosolic Na⁺"


def _half_activations(assay: Model) -> Iterator[dict]:
    sodium, potassium = STATED
    reason = _reason(assay)
    yield _row(f"Pump, {potassium.name}", _conditions(assay, potassium.conditions), "mM",
               potassium.expected, potassium.tolerance, half_activation(potassium, assay),
               Evidence.MEASUREMENT, potassium.source, potassium.reference,
               reason=reason)  # fmt: skip
    for preparation, expected, voltage, reference in SODIUM:
        held = replace(sodium, conditions={**sodium.conditions, "V_m": voltage})
        yield _row(f"Pump, {sodium.name}, {preparation}", _conditions(assay, held.conditions),
                   "mM", expected, SODIUM_SPREAD, half_activation(held, assay),
                   Evidence.MEASUREMENT, "the tolerance is the spread between preparations",
                   reference, reason=reason)  # fmt: skip
    for what, expected, tolerance, conditions, source, reference in POTASSIUM:
        held = replace(potassium, conditions={**potassium.conditions, **conditions})
        yield _row(f"Pump, {potassium.name}, {what}", _conditions(assay, held.conditions), "mM",
                   expected, tolerance, half_activation(held, assay), Evidence.MEASUREMENT, source,
                   reference, reason=reason)  # fmt: skip
    conditions = {"Na_i": 10.0, "Na_o": 140.0, "K_i": 140.0, "K_o": 5.4}
    voltages = np.linspace(-250.0, 60.0, 311)
    rates = evaluate(assay.with_values(**conditions), pd.DataFrame({"V_m": voltages}))["turnover"]
    half = float(np.interp(rates.iloc[-1] / 2, rates, voltages))
    yield _row("Pump, voltage of half the turnover at +60 mV", _conditions(assay, conditions), "mV",
               -52.0, 16.0, half, Evidence.MEASUREMENT, "rabbit sinoatrial node", "Sakai1996",
               reason=reason or "the fit follows the pump of guinea-pig ventricle, which slows down"
               " at more negative voltages")  # fmt: skip


def _symporter_numbers(cell: Model) -> Iterator[dict]:
    for row in met(cell, TARGETS + HELD_OUT).to_dict("records"):
        yield _row(f"SGLT1, {row['target']}", row["conditions"], row["unit"], row["expected"],
                   row["tolerance"], row["got"], Evidence.MEASUREMENT, row["source"],
                   row["reference"])  # fmt: skip
    displaced = load_model("oocyte").with_values(Na_o=100.0, Na_i=0.0)
    _, curve = charge_voltage(displaced, range(-200, 151, 10))
    clamped = "Na 100/0 mM, no sugar, 295.15 K"
    yield _row("SGLT1, elementary charges displaced by a carrier", clamped, "1", *VALENCE,
               curve["z"], Evidence.MEASUREMENT, "human, 0.7 by the turn and 0.3 by Na⁺; the"
               " tolerance is a choice", "Loo2013")  # fmt: skip
    yield _row("SGLT1, voltage of half the charge displaced", clamped, "mV", *HALF_DISPLACED,
               curve["V_half"], Evidence.MEASUREMENT, "rat; the tolerance is a choice",
               "Panayotova1995")  # fmt: skip
    rabbit = load_model("oocyte", parameters="rabbit")
    state = steady_state(rabbit.with_values(V_m=-110.0))
    coupling = 2 * (state["J_sglt"] + state["J_sglt_slip"]) / state["J_sglt"]
    yield _row("SGLT1, Na⁺ per glucose, rabbit set", "-110 mV, Na 140/12 mM, glucose 5 mM", "1",
               1.9, 0.2, coupling, Evidence.MEASUREMENT, "rabbit; the tolerance is a choice",
               "Mackenzie1998")  # fmt: skip
    printed = load_model("oocyte", parameters="human_published").changes
    ids = cell.quantities.keys() & {f"sglt_{name}" for name in printed}
    as_printed = cell.with_values(**{name: printed[name.removeprefix("sglt_")] for name in ids})
    for voltage, expected in PRINTED_HEADS.items():
        got = static_head(as_printed.with_values(T=310.15), voltage, Na_i=12.0, Na_o=140.0)
        yield _row("SGLT1, static head of the human constants as printed",
                   f"Na 140/12 mM, {voltage:g} mV, 310.15 K, with slip", "1", expected,
                   0.01 * expected, got, Evidence.LAW, "the printed cycle with its slip, solved"
                   " apart from this project", "Wright2011")  # fmt: skip


def _cell_numbers(cell: Model) -> Iterator[dict]:
    resting = steady_state(cell)
    reason = _reason(cell) or _sugar_reason(cell)
    for name, window in REST.items():
        yield _window(f"Resting cell, {cell.quantities[name].name}", "baseline", cell.unit(name),
                      window, resting[name], reason)  # fmt: skip
    yield _window("Resting cell, glucose inside over outside", "baseline", "1", UPHILL,
                  resting["Glc_i"] / resting["Glc_o"])  # fmt: skip
    share = (resting["dG_pump"] - resting["dG_ATP"]) / -resting["dG_ATP"]
    yield _row("Share of ATP's energy that a pump cycle keeps", "rest", "1", 0.75, 0.03, share,
               Evidence.MEASUREMENT, "heart and liver", "Veech2002",
               reason=reason or "heart and liver hold steeper gradients than an absorptive cell at"
               " -53 mV and 17 mM Na⁺")  # fmt: skip
    stopped = cell.starting_from(resting.values).with_values(ouabain=1.0)
    course = simulate(stopped, 60 * max(OUABAIN), 26)
    for minutes, gain in OUABAIN.items():
        yield _row(f"Cytosolic Na⁺ gained in {minutes:g} min without pump", "1 mM ouabain", "1",
                   gain, gain / 2, course["Na_i"].loc[60 * minutes] / resting["Na_i"] - 1,
                   Evidence.MEASUREMENT, "tubules of the rat in suspension, by NMR; the tolerance"
                   " is a choice", "WongNMR", reason="at rest the cell exchanges all of its Na⁺"
                   " in 40 s, suspended tubules in minutes; and a tenth of the rat's pumps run on"
                   " at this dose")  # fmt: skip
    fasting = steady_state(cell.with_values(Glc_o=0.01))
    sign = Window(1.0, 40.0, Evidence.CONSISTENCY, "choice, of the sign alone: no measurement in a"
                  " mammalian cell was found")  # fmt: skip
    yield _window("Lumen glucose removed: hyperpolarisation", "0.01 mM glucose", "mV", sign,
                  resting["V_m"] - fasting["V_m"])  # fmt: skip


def _sugar_reason(cell: Model) -> str:
    """Return why a variant with SGLT2 misses what is said of cells with SGLT1."""
    return "" if "sglt2" not in cell.name else "SGLT2 brings in half the Na⁺, and less glucose"
