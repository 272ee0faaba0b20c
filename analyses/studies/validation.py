"""A cell and its transporters held against laws and measurements, one row per target."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from transport_model import Model, evaluate, load_model, simulate, steady_state
from transport_model.catalogue import parameter_sets, variants
from transport_model.constants import FARADAY, GAS
from transport_model.model import check_model
from transport_model.references import origin

from ..scans.designs.designs import latin_hypercube, provenance_ranges
from ..scans.scan import scan
from ..verdict import Verdict, VerdictTable
from .calibration import STATED, half_activation
from .energetics import energetics, transporters
from .laws import laws, sodium_per_glucose, without_slip
from .measurements import Measurement, deviation, shipped_measurements
from .symporter_assay import half_saturation, static_head

#: Columns of the table; `kind` is law, measurement or baseline, `reference` has the keys of what
#: `source` names.
COLUMNS = ["target", "conditions", "expected", "tolerance", "got", "unit", "verdict", "kind",
           "source", "reference"]  # fmt: skip
#: Random cases in which laws of a transporter are tried, and their seed.
CASES, SEED = 200, 20261122
#: Ranges expected of the resting cell: low, high.
REST = {"V_m": (-70.0, -65.0), "Na_i": (11.0, 13.0), "K_i": (138.0, 145.0), "Cl_i": (8.0, 11.0),
        "Glc_i": (5.3, 6.0), "J_pump": (0.36, 0.44)}  # fmt: skip
#: Half-saturating sugar [mM] of rat SGLT1 between -150 and -30 mV (Panayotova-Heiermann et al.
#: 1995: 0.2 to 0.46), and where the model is asked [mV].
HALF_MEASURED, HALF_VOLTAGE = (0.2, 0.5), -50.0
#: What that window rests on: words, and keys.
_HALF_SOURCE = ("alpha-methyl-glucose: rat 0.2 mM at -150 and 0.46 mM at -30 mV, rabbit 0.15 mM"
                " at 0 mV", "Panayotova1995; Eskandari2005")  # fmt: skip
#: Concentrations [mM] between which random equilibria are drawn.
_RANGE = (0.1, 200.0)


@dataclass(frozen=True)
class Assays:
    """The transporters of a cell as models of their own; None where there is none."""

    pump: Model
    symporter: Model | None


def assays_of(cell: Model) -> Assays:
    """Return the assays of a shipped cell's pump and symporter.

    Parameters
    ----------
    cell
        Its name says which; a model that is no shipped variant is taken to have the default ones.

    Returns
    -------
    Assays
        ``pump_assay`` with the cell's pump; ``oocyte`` where the symporter is SGLT1.
    """
    own = variants()[variants()["file"] == cell.name]
    pump = str(own["pump"].iloc[0]) if len(own) else None
    symporter = str(own["symporter"].iloc[0]) if len(own) else "sglt1"
    return Assays(
        load_model("pump_assay", pump=pump),
        load_model("oocyte") if symporter == "sglt1" else None,
    )


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
        A model with the ids of the shipped ``cell``.
    measurements
        Measured curves of the pump; by default those that come with the project.
    progress
        Called with the name of each step before it starts.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`COLUMNS`: expected and tolerance (absolute, in `unit`), what the model says,
        and ``holds`` or ``misses``.

    Raises
    ------
    InputError
        The model lacks what the targets are about.
    SteadyStateError
        The cell does not rest.
    """
    check_model(cell)
    say = progress or (lambda step: None)
    assays = assays_of(cell)
    rows: list[dict] = []
    say("laws of the cell")
    rows += _laws_of_the_cell(cell)
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
        rows += _symporter_numbers()
    rows += _cell_numbers(cell)
    return VerdictTable(rows, columns=COLUMNS)


def _row(
    target: str, conditions: str, unit: str, expected: float, tolerance: float, got: float,
    kind: str, source: str, reference: str = "",
) -> dict:  # fmt: skip
    verdict = Verdict.HOLDS if abs(got - expected) <= tolerance else Verdict.MISSES
    values = (target, conditions, expected, tolerance, got, unit, str(verdict), kind,
              origin(source, reference), reference)  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def _window(
    target: str, conditions: str, unit: str, window: tuple[float, float], got: float,
    kind: str, source: str, reference: str = "",
) -> dict:  # fmt: skip
    low, high = window
    return _row(target, conditions, unit, (low + high) / 2, (high - low) / 2, got, kind, source,
                reference)  # fmt: skip


def _laws_of_the_cell(cell: Model) -> Iterator[dict]:
    for row in laws(cell).to_dict("records"):
        yield _row(row["law"], row["conditions"], row["unit"], row["expected"], row["tolerance"],
                   row["got"], "law", "thermodynamics and conservation")  # fmt: skip
    stopped = cell.starting_from(steady_state(cell).values).with_values(J_pump_max=0.0)
    table = energetics(stopped, simulate(stopped, 3600.0, 121))
    least = min(table[f"dissipation_{name}"].min() for name in transporters(cell))
    yield _row("No carrier has negative dissipation along a course", "an hour without pump",
               "pW", 0.0, 1e-12, min(least, 0.0), "law", "second law")  # fmt: skip


def _symporter_sets(oocyte: Model) -> tuple[pd.DataFrame, list[str]]:
    """Return rate constants of every named set, then random ones, and what to call them."""
    names = parameter_sets(oocyte.name)
    named = [load_model(oocyte.name, parameters=name).changes for name in names]
    constants = list(named[0])
    ranges = provenance_ranges(oocyte, [*constants, "alpha_bind"])
    wide = {n: (low / 3, high * 3) if n != "alpha_bind" else (0.0, 1.0)
            for n, (low, high) in ranges.items()}  # fmt: skip
    drawn = latin_hypercube(CASES, seed=SEED, log=(), **wide)
    sets = pd.concat([pd.DataFrame(named), drawn], ignore_index=True)
    sets["alpha_bind"] = sets["alpha_bind"].fillna(oocyte.quantities["alpha_bind"].value)
    return sets, names


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
                   1.0, 1e-9, float(worst), "law", *source)  # fmt: skip

    # Full equilibrium: Na⁺ at its own, glucose at the same level on both sides
    voltage = rng.uniform(-150, 60, len(sets))
    low, high = np.log(_RANGE)
    outside = np.exp(rng.uniform(low, high, (2, len(sets))))
    u = voltage * 1e-3 * FARADAY / (GAS * oocyte.quantities["T"].value)
    still = sets.assign(V_m=voltage, Na_o=outside[0], Na_i=outside[0] * np.exp(-u),
                        Glc_o=outside[1], Glc_i=outside[1])  # fmt: skip
    net = scan(oocyte, still, outputs=["J_sglt", "J_sglt_slip"])
    one_way = scan(oocyte, still.assign(Glc_i=0.0, Na_i=0.0), outputs=["J_sglt"])
    share = (net["J_sglt"].abs() + net["J_sglt_slip"].abs()) / one_way["J_sglt"].abs()
    yield _row("Symporter, net over one-way flux at full equilibrium (worst)", cases, "1", 0.0,
               1e-10, float(share.max()), "law", *source)  # fmt: skip

    yield from _reversal(oocyte, sets, names)

    # The cell takes the carrier in its steady state; the assay has its six states
    shared = {f"sglt_{name}": sets[name] for name in sets.columns}
    held = {"Na_o": outside[0], "Glc_o": outside[1], "Na_i": rng.uniform(1, 60, len(sets)),
            "Glc_i": rng.uniform(0, 30, len(sets))}  # fmt: skip
    explicit = scan(oocyte, sets.assign(V_m=voltage, **held), outputs=["I_sglt"])["I_sglt"]
    charge = -voltage * cell.quantities["C_m"].value / FARADAY
    quasi = evaluate(
        cell.with_values(n_SGLT=oocyte.quantities["n_SGLT"].value, phlorizin=0.0),
        pd.DataFrame({**shared, **held, "charge": charge}),
    )
    current = -2e-3 * FARADAY * (quasi["J_sglt"] + quasi["J_sglt_slip"])
    difference = (current / explicit - 1).abs().max()
    yield _row("Symporter, quasi-steady against six-state current (worst)", cases, "relative",
               0.0, 1e-9, float(difference), "law", "one carrier, two descriptions")  # fmt: skip


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
                   float(value), "law", "thermodynamics")  # fmt: skip


def _static_head(cell: Model) -> Iterator[dict]:
    thermal = GAS * 310.15 / 1e3
    energy = thermal * math.log(12 / 140) - FARADAY * 60e-6
    count = sodium_per_glucose(cell)
    got = static_head(without_slip(cell).with_values(T=310.15), -60.0, Na_i=12.0, Na_o=140.0)
    ideal = math.exp(-count * energy / thermal)
    yield _row(f"Static head of the symporter, {count} Na⁺ : 1 glucose",
               "Na 140/12 mM, -60 mV, no slip", "1", ideal, 1e-6 * ideal, got, "law",
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
               float((still / forward).abs().max()), "law", "thermodynamics")  # fmt: skip


def _curves(assay: Model, measurements: list[Measurement]) -> Iterator[dict]:
    for item in measurements:
        model = assay if item.model == "pump_assay" else load_model(item.model)
        conditions = _conditions(model, item.conditions)
        told = (item.source, f"In conflict: {item.conflict}" if item.conflict else "")
        yield _row(f"{item.title}: RMS deviation of {len(item.points)} points", conditions,
                   item.unit or "relative", 0.0, item.tolerance, deviation(item, model),
                   "measurement", ". ".join(filter(None, told)), item.cited)  # fmt: skip


def _conditions(model: Model, held: Mapping[str, float]) -> str:
    units = {name: "" if model.unit(name) == "1" else f" {model.unit(name)}" for name in held}
    return ", ".join(f"{name} {value:g}{units[name]}" for name, value in held.items())


def _half_activations(assay: Model) -> Iterator[dict]:
    for stated in STATED:
        conditions = _conditions(assay, stated.conditions)
        yield _row(f"Pump, {stated.name}", conditions, "mM", stated.expected, stated.tolerance,
                   half_activation(stated, assay), "measurement", stated.source,
                   stated.reference)  # fmt: skip


def _symporter_numbers() -> Iterator[dict]:
    human = load_model("oocyte", parameters="human")
    table = half_saturation(human, [-110.0, -70.0, HALF_VOLTAGE])
    yield _window("SGLT1, K½ of glucose, human set", "-50 mV, Na 140/12 mM, no glucose inside",
                  "mM", HALF_MEASURED, table["K_half"][HALF_VOLTAGE], "measurement",
                  *_HALF_SOURCE)  # fmt: skip
    yield _row("SGLT1, K½ of glucose, human set at 37 °C", "-50 mV, Na 140/12 mM, no glucose"
               " inside", "mM", 2.0, 0.5, table["K_half"][HALF_VOLTAGE], "measurement",
               "human at 37 °C; contradicts the row above", "Ghezzi2018")  # fmt: skip
    for name in ("rabbit", "rabbit_reverse"):
        rabbit = half_saturation(load_model("oocyte", parameters=name), [HALF_VOLTAGE])
        yield _window(f"SGLT1, K½ of glucose, {name.replace('_', ' ')} set",
                      "-50 mV, Na 140/12 mM, no glucose inside", "mM", HALF_MEASURED,
                      rabbit["K_half"][HALF_VOLTAGE], "measurement",
                      *_HALF_SOURCE)  # fmt: skip
    yield _row("SGLT1, turnover, human set", "-70 mV, Na 140/12 mM, saturating glucose", "1/s",
               13.3, 2.4, table["turnover"][-70.0], "measurement",
               "human, 90 mM Na⁺, 5 mM alpha-methyl-glucose", "Longpre2011")  # fmt: skip
    yield _row("SGLT1, Na⁺ per glucose, human set", "-50 mV, Na 140/12 mM, glucose 5 mM", "1",
               2.0, 0.1, _coupling(human, -50.0), "measurement", "37 °C", "Ghezzi2018")  # fmt: skip
    rabbit = load_model("oocyte", parameters="rabbit")
    yield _row("SGLT1, Na⁺ per glucose, rabbit set", "-110 mV, Na 140/12 mM, glucose 5 mM", "1",
               1.9, 0.1, _coupling(rabbit, -110.0), "measurement", "1.6 at -70 and 1.9 at -110 mV;"
               " the set gives the same at both", "Mackenzie1998")  # fmt: skip


def _coupling(oocyte: Model, voltage: float) -> float:
    state = steady_state(oocyte.with_values(V_m=voltage))
    return 2 * (state["J_sglt"] + state["J_sglt_slip"]) / state["J_sglt"]


def _cell_numbers(cell: Model) -> Iterator[dict]:
    resting = steady_state(cell)
    for name, window in REST.items():
        yield _window(f"Resting cell, {cell.quantities[name].name}", "baseline", cell.unit(name),
                      window, resting[name], "baseline", "baseline of this model")  # fmt: skip
    share = (resting["dG_pump"] - resting["dG_ATP"]) / -resting["dG_ATP"]
    yield _row("Share of ATP's energy that a pump cycle keeps", "rest", "1", 0.75, 0.03, share,
               "measurement", "", "Veech2002")  # fmt: skip
    fasting = steady_state(cell.with_values(Glc_o=0.01))
    why = "expected of enterocytes; no source is known to us"
    yield _row("Lumen glucose removed: hyperpolarisation", "0.01 mM glucose", "mV", 10.0, 2.0,
               resting["V_m"] - fasting["V_m"], "baseline", why)  # fmt: skip
    yield _window("Lumen glucose removed: fall of cytosolic Na⁺", "0.01 mM glucose", "mM",
                  (3.0, 4.0), resting["Na_i"] - fasting["Na_i"], "baseline", why)  # fmt: skip
    dead = steady_state(cell.with_values(J_pump_max=0.0, Glc_b=cell.quantities["Glc_o"].value))
    yield _row("Swelling of a cell without pump", "no pump, equal glucose", "1", 3.7, 0.2,
               dead["cytosol"] / resting["cytosol"], "baseline", "Donnan equilibrium of this"
               " model's bath and impermeant anions")  # fmt: skip
