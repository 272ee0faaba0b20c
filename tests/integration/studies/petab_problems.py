"""Two problems in PEtab's format, written anew with known parameters and seeded noise.

`dimers` is of the kind of Boehm et al. 2014: two proteins that form three dimers, which go into
the nucleus and come back; shares of them are observed. `everything` uses what else PEtab has:
conditions, steady states before and after, noise that is estimated, priors, every distribution.
"""

import numpy as np
import pandas as pd
import yaml

from transport_model import load_model, simulate

DIMERS = """
model dimers
  compartment cyt = 1.4, nuc = 0.45
  species A in cyt, B in cyt, AA in cyt, AB in cyt, BB in cyt, nAA in nuc, nAB in nuc, nBB in nuc
  A = 120; B = 90; AA = 0; AB = 0; BB = 0; nAA = 0; nAB = 0; nBB = 0
  k_bind = 1e-4; k_in = 0.1; k_in_mixed = 0.02; k_out = 0.01; k_out_mixed = 0.03; decay = 0.02
  signal := 1.3*exp(-decay*time)
  bind_AA: 2 A -> AA; cyt*k_bind*signal*A^2
  bind_AB: A + B -> AB; cyt*k_bind*signal*A*B
  bind_BB: 2 B -> BB; cyt*k_bind*signal*B^2
  in_AA: AA -> nAA; cyt*k_in*AA
  in_AB: AB -> nAB; cyt*k_in_mixed*AB
  in_BB: BB -> nBB; cyt*k_in*BB
  out_AA: nAA -> 2 A; nuc*k_out*nAA
  out_AB: nAB -> A + B; nuc*k_out_mixed*nAB
  out_BB: nBB -> 2 B; nuc*k_out*nBB
end
"""
DIMERS_TRUE = {"k_bind": 1.6e-4, "k_in": 0.11, "k_in_mixed": 0.016, "k_out": 0.006,
               "k_out_mixed": 0.03, "decay": 0.027}  # fmt: skip
SHARES = {"share_A": "100*(2*AA + AB)/(A + 2*AA + AB)",
          "share_B": "100*(2*BB + AB)/(B + 2*BB + AB)",
          "nuclear_A": "45*(2*nAA + nAB)/(1.4*(A + 2*AA + AB) + 0.45*(2*nAA + nAB))"}  # fmt: skip
SPREAD = {"sd_A": 1.5, "sd_B": 2.0, "sd_nuclear": 0.8}

EVERYTHING = """
model everything
  compartment c = 2
  species S in c, P in c, R in c
  total = 4
  S = total; P = 0; R = 0.1
  v = 1.2; K = 0.9; k = 0.4; d = 0.3; stimulus = 0; base = 0.2
  make: -> R; c*(base + stimulus)
  lose: R -> ; c*d*R
  act: S -> P; c*v*R*S/(K + S)
  undo: P -> S; c*k*P
  active := P/total
end
"""


def written(folder, text, parameters, conditions, observables, measurements):
    """Write a problem's files; return the path of its YAML file."""
    folder.mkdir(exist_ok=True)
    (folder / "model.ant").write_text(text)
    (folder / "model.xml").write_text(load_model(folder / "model.ant").sbml)
    tables = {"parameters": parameters, "conditions": conditions, "observables": observables,
              "measurements": measurements}  # fmt: skip
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.tsv", sep="\t", index=False)
    files = {key: [f"{key.removesuffix('_files')}s.tsv"] for key in
             ("condition_files", "measurement_files", "observable_files")}  # fmt: skip
    problem = {"format_version": 1, "parameter_file": "parameters.tsv",
               "problems": [{"sbml_files": ["model.xml"], **files}]}  # fmt: skip
    path = folder / "problem.yaml"
    path.write_text(yaml.safe_dump(problem))
    return path


def parameter_table(rows):
    return pd.DataFrame(rows, columns=["parameterId", "parameterScale", "lowerBound", "upperBound",
                                       "nominalValue", "estimate"])  # fmt: skip


def write_dimers(folder, seed=20141, points=16):
    """Write the problem of dimers, with noise of a seed."""
    folder.mkdir(exist_ok=True)
    (folder / "model.ant").write_text(DIMERS)
    true = load_model(folder / "model.ant").with_values(**DIMERS_TRUE)
    course = simulate(true, 240, 16 * (points - 1) + 1).iloc[::16]
    generator = np.random.default_rng(seed)
    measured = []
    for (name, formula), sd in zip(SHARES.items(), SPREAD, strict=True):
        exact = course.eval(formula)
        noisy = exact + SPREAD[sd] * generator.standard_normal(len(exact))
        measured += [(name, "plain", time, value) for time, value in noisy.items()]
    rows = [(name, "log10", value / 100, value * 100, value, 1)
            for name, value in DIMERS_TRUE.items()]  # fmt: skip
    rows += [(name, "log10", 1e-2, 1e2, value, 1) for name, value in SPREAD.items()]
    observables = pd.DataFrame({"observableId": list(SHARES),
                                "observableFormula": list(SHARES.values()),
                                "noiseFormula": list(SPREAD)})  # fmt: skip
    columns = ["observableId", "simulationConditionId", "time", "measurement"]
    return written(folder, DIMERS, parameter_table(rows), pd.DataFrame({"conditionId": ["plain"]}),
                   observables, pd.DataFrame(measured, columns=columns))  # fmt: skip


def write_everything(folder):
    """Write the problem that uses all of PEtab that is read here."""
    rows = [
        ("v", "log10", 0.01, 100, 1.2, 1), ("K", "log", 0.01, 100, 0.9, 1),
        ("k", "lin", 0.01, 5, 0.4, 1), ("d", "log10", 0.01, 10, 0.3, 1),
        ("total", "log10", 0.1, 100, 4.0, 1), ("low", "lin", 0.01, 2, 0.1, 1),
        ("high", "log10", 0.01, 20, 1.5, 1), ("gain", "log10", 0.01, 100, 2.0, 1),
        ("sd", "log10", 1e-3, 10, 0.2, 1), ("base", "lin", 0.1, 0.3, 0.2, 0),
    ]  # fmt: skip
    parameters = parameter_table(rows)
    parameters["objectivePriorType"] = ["parameterScaleNormal", "logNormal", "normal", "laplace",
                                        "logLaplace", "uniform", "parameterScaleLaplace", "",
                                        "", ""]  # fmt: skip
    parameters["objectivePriorParameters"] = ["0;1", "0;1", "0.5;0.3", "0.3;0.2", "1;0.5", "0;3",
                                              "0;0.5", "", "", ""]  # fmt: skip
    conditions = pd.DataFrame(
        {
            "conditionId": ["resting", "mild", "strong"],
            "stimulus": ["0", "low", "high"],
            "P": ["NaN", "NaN", "0.5"],
        }
    )
    observables = pd.DataFrame(
        [("pea", "gain*P", "sd*(1 + 0.1*gain)", "lin", "normal"),
         ("logged", "P + 0.01", "noiseParameter1_logged", "log", "normal"),
         ("tenth", "observableParameter1_tenth*R", "noiseParameter1_tenth", "log10", "normal"),
         ("share", "active", "sd", "lin", "laplace"),
         ("logshare", "active + 0.01", "0.3", "log", "laplace"),
         ("tenshare", "active + 0.01", "sd", "log10", "laplace"),
         ("rate", "2*R", "0.1 + 0.05*R", "lin", "normal")],
        columns=["observableId", "observableFormula", "noiseFormula", "observableTransformation",
                 "noiseDistribution"])  # fmt: skip
    generator = np.random.default_rng(5)
    measured = []
    for name in observables["observableId"]:
        for condition, before in (("mild", "resting"), ("strong", "resting"), ("strong", "")):
            for time in (0.0, 1.5, 4.0, np.inf):
                given = {"tenth": ("gain", "0.1"), "logged": ("", "sd")}.get(name, ("", ""))
                measured.append((name, condition, before, time, generator.uniform(0.2, 1.5),
                                 *given))  # fmt: skip
    columns = ["observableId", "simulationConditionId", "preequilibrationConditionId", "time",
               "measurement", "observableParameters", "noiseParameters"]  # fmt: skip
    return written(folder, EVERYTHING, parameters, conditions, observables,
                   pd.DataFrame(measured, columns=columns))  # fmt: skip


def write_line(folder, measurements, noise=0.5, prior=None):
    """Write a problem that is linear: y = a + b t with normal noise, priors if asked."""
    text = "model line; X = 1; a = 1; b = 2; X = a; X' = b; end"
    parameters = parameter_table([("a", "lin", -50, 50, 1.0, 1), ("b", "lin", -50, 50, 2.0, 1)])
    if prior is not None:
        parameters["objectivePriorType"] = "normal"
        parameters["objectivePriorParameters"] = prior
    observables = pd.DataFrame({"observableId": ["y"], "observableFormula": ["X"],
                                "noiseFormula": [str(noise)]})  # fmt: skip
    table = pd.DataFrame(
        [("y", "plain", time, value) for time, value in measurements],
        columns=["observableId", "simulationConditionId", "time", "measurement"],
    )
    return written(folder, text, parameters, pd.DataFrame({"conditionId": ["plain"]}), observables,
                   table)  # fmt: skip
