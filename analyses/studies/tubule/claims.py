"""The lesson along the tubule: claims about nephrons, each with its effect and its verdict."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from transport_model import Model
from transport_model.model import check_model

from ...verdict import Verdict, VerdictTable
from .geometry import Tubule
from .measures import FED, LOADED, scaled, with_carriers
from .titration import titration
from .tubule import SEGMENTS, tubule

#: Columns of the table: the effect and its window in `unit`.
COLUMNS = ["study", "claim", "effect", "low", "high", "unit", "verdict", "why"]
#: SGLT1 carriers of a tubule that has them alone and all along [fmol]: about as many turnovers.
STRONG_ALONE = 0.04
#: Gliflozin in the filtrate of a treated tubule [mM]: 17 times its K_i on SGLT2.
TREATED = 1e-4
_TITRATION = (2.0, 5.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 15.0, 20.0, 30.0)


@dataclass(frozen=True)
class _Claim:
    study: str
    claim: str
    effect: float
    low: float
    high: float
    unit: str
    why: str


def tubule_claims(
    model: Model, *, geometry: Tubule | None = None, segments: int = SEGMENTS
) -> pd.DataFrame:
    """Test what the lesson says of whole nephrons, from knock-outs to thrift and diabetes.

    Parameters
    ----------
    model
        Of a segment: ``load_model("segment")``.
    geometry, segments
        As for :func:`tubule`.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`COLUMNS`; what does not hold stands first.

    Raises
    ------
    InputError
        The model is none of a segment.
    """
    check_model(model)
    geometry = Tubule() if geometry is None else geometry
    orders = _orders(model, geometry)
    run = tubule(model, pd.DataFrame.from_dict(orders, orient="index"), geometry=geometry,
                 segments=segments)  # fmt: skip
    places = {str(name): table.droplevel(0) for name, table in run.segments.groupby(level=0)}
    claims = [
        *_along(places["own"]),
        *_knocked_out(_numbers(run.summary)),
        *_titrated(model, geometry, segments),
        *_thrift(_numbers(run.summary)),
        *_diabetic(_numbers(run.summary)),
    ]
    rows = [
        {**vars(claim), "verdict": str(Verdict.HOLDS if holds(claim) else Verdict.REFUTED)}
        for claim in sorted(claims, key=holds)
    ]
    return VerdictTable(rows, columns=COLUMNS)


def holds(claim: _Claim) -> bool:
    """Whether an effect lies in its window."""
    return claim.low <= claim.effect <= claim.high


def _numbers(table: pd.DataFrame) -> Mapping[str, Mapping[str, float]]:
    """Return the numbers of a table by column and row."""
    return {str(name): {str(row): float(x) for row, x in column.items()}
            for name, column in table.select_dtypes("number").items()}  # fmt: skip


def _orders(model: Model, geometry: Tubule) -> dict[str, dict[str, float]]:
    """Return designs of nephrons: as they come, without carriers, or with them in another order."""
    own = with_carriers(model, pd.DataFrame(index=range(1)), geometry)

    def without(two: float, one: float) -> dict[str, float]:
        return {str(n): float(x) for n, x in scaled(own, (two, one)).iloc[0].items()}

    def everywhere(two: float, one: float) -> dict[str, float]:
        return {name: two if name.endswith("2") else one for name in map(str, own)}

    most = float(own.filter(like="n_SGLT2").to_numpy().max())
    normal = {"Glc_b": FED, "gliflozin": 0.0}
    sweet = {**normal, "Glc_b": LOADED}
    return {
        "own": {**without(1, 1), **normal},
        "no SGLT2": {**without(0, 1), **normal},
        "no SGLT1": {**without(1, 0), **normal},
        "neither": {**without(0, 0), **normal},
        "SGLT2 alone": {**everywhere(most, 0.0), **normal},
        "SGLT1 alone": {**everywhere(0.0, STRONG_ALONE), **normal},
        "diabetes": {**without(1, 1), **sweet},
        "diabetes, treated": {**without(1, 1), **sweet, "gliflozin": TREATED},
    }


def _along(places: pd.DataFrame) -> Iterator[_Claim]:
    study = "Along the tubule"
    left = places["left_Glc"].to_numpy()[int(len(places) / 2) - 1]
    yield _Claim(study, "most of the glucose is gone half way down", 1 - float(left),
                 0.72, 0.84, "1", "mouse, early tubule: 78 ± 6 %")  # fmt: skip
    yield _Claim(study, "HCO₃⁻ in the lumen falls", places["HCO3_a"].iloc[-1]
                 / places["HCO3_a"].iloc[0], 0.0, 0.75, "1",
                 "four fifths of it are reabsorbed, and two thirds of the water")  # fmt: skip
    yield _Claim(study, "and Cl⁻ rises", places["Cl_a"].max() - places["Cl_a"].iloc[0], 1.0,
                 math.inf, "mM", "it is what is left beside the sodium")  # fmt: skip
    yield _Claim(study, "so that the lumen's potential turns positive",
                 places["V_te"].max() - places["V_te"].iloc[0], 0.3, 3.0, "mV",
                 "chloride that diffuses to the blood leaves the lumen positive; rat: from -1.5 to"
                 " +1.8 mV, with amino acids that are not in the model")  # fmt: skip


def _knocked_out(summary: Mapping[str, Mapping[str, float]]) -> Iterator[_Claim]:
    study = "Knock-outs"
    share = summary["FR_Glc"]
    yield _Claim(study, "with both carriers hardly any glucose is lost", 1 - share["own"], 0.0,
                 0.02, "1", "urine holds next to none")  # fmt: skip
    yield _Claim(study, "without SGLT2 nearly half is still reabsorbed", share["no SGLT2"], 0.38,
                 0.50, "1", "mouse under two doses of empagliflozin: 44 ± 3 %")  # fmt: skip
    yield _Claim(study, "without SGLT1 nearly all", share["no SGLT1"], 0.94, 1.0, "1",
                 "mouse: 97 %")  # fmt: skip
    yield _Claim(study, "without both nothing", share["neither"], -0.04, 0.02, "1",
                 "mouse: -1 ± 3 %")  # fmt: skip
    yield _Claim(study, "SGLT1 does more where SGLT2 is gone than it is missed for",
                 share["no SGLT2"] / (share["own"] - share["no SGLT1"]), 4.0, math.inf, "1",
                 "its glucose is taken upstream; what SGLT2 leaves, it finds")  # fmt: skip


def _titrated(model: Model, geometry: Tubule, segments: int) -> Iterator[_Claim]:
    study = "Titration"
    design = pd.DataFrame({"gliflozin": [0.0, TREATED]}, index=["own", "treated"])
    found = titration(model, design, glucose=_TITRATION, geometry=geometry, segments=segments)
    marks = _numbers(found.summary)
    yield _Claim(study, "the transport maximum is that of people", marks["T_m_mg"]["own"], 303.0,
                 375.0, "mg/min", "337 ± 25 mg/min measured, 375 in textbooks")  # fmt: skip
    yield _Claim(study, "glucose appears in the urine below it", marks["splay"]["own"], 0.5,
                 12.0, "mM", "nephrons that are all alike have splay too: what is left in the lumen"
                 " falls evenly, it does not end")  # fmt: skip
    yield _Claim(study, "under a gliflozin it is there at normal glucose",
                 1 - float(found.table["FR_Glc"].unstack()[5.0]["treated"]), 0.2, 0.6, "1",
                 "people under empagliflozin excrete glucose from less than 2.2 mM on")  # fmt: skip
    yield _Claim(study, "and reabsorption falls by half",
                 marks["T_m_mg"]["treated"] / marks["T_m_mg"]["own"] - 1, -0.79, -0.49, "1",
                 "people under empagliflozin: -53 % after 2 days, -75 % after 2 weeks")  # fmt: skip


def _thrift(summary: Mapping[str, Mapping[str, float]]) -> Iterator[_Claim]:
    study = "Thrift"
    share, used = summary["FR_Glc"], summary["ATP"]
    lost = {name: 1 - gained for name, gained in share.items()}
    cost = {name: (used[name] - used["neither"]) / (share[name] - share["neither"])
            for name in ("own", "SGLT1 alone", "SGLT2 alone")}  # fmt: skip
    relative = {name: each / cost["SGLT2 alone"] for name, each in cost.items()}
    yield _Claim(study, "SGLT1 alone would cost nearly twice the ATP of SGLT2 alone",
                 relative["SGLT1 alone"], 1.6, 2.1, "1",
                 "two sodium a glucose against one; less what other ways in give way")  # fmt: skip
    yield _Claim(study, "and would lose less", lost["SGLT1 alone"] / lost["SGLT2 alone"], 0.0, 0.3,
                 "1", "it pulls on a lumen that SGLT2 has no pull on left")  # fmt: skip
    yield _Claim(study, "the cheap carrier first and the strong one last cost little more than the"
                 " cheap one", relative["own"], 1.0, 1.2, "1",
                 "SGLT2 takes most of the glucose")  # fmt: skip
    yield _Claim(study, "and lose less than it", lost["own"] / lost["SGLT2 alone"], 0.0, 0.5, "1",
                 "SGLT1 takes what SGLT2 leaves")  # fmt: skip


def _diabetic(summary: Mapping[str, Mapping[str, float]]) -> Iterator[_Claim]:
    study = "Diabetes"
    yield _Claim(study, "with 20 mM in the blood glucose is lost with the urine",
                 summary["Glc_excreted"]["diabetes"], 0.3, 0.9, "mmol/min",
                 "2.4 mmol/min are filtered, and 1.7 to 2.1 at most reabsorbed")  # fmt: skip
    yield _Claim(study, "a gliflozin more than doubles the loss",
                 summary["Glc_excreted"]["diabetes, treated"]
                 / summary["Glc_excreted"]["diabetes"], 2.0, 4.0, "1",
                 "which is what lowers the blood's glucose")  # fmt: skip
    yield _Claim(study, "and spares the tubule's ATP",
                 summary["ATP"]["diabetes, treated"] / summary["ATP"]["diabetes"] - 1, -0.2,
                 -0.02, "1", "sodium that comes with glucose need not be pumped out")  # fmt: skip
