"""PEtab problems: the objective is PEtab's, gradients are exact, known parameters are found."""

import json
import warnings
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pandas as pd
import petab.v1 as petab
import pytest
from petab_problems import (
    DIMERS_TRUE,
    SPREAD,
    write_dimers,
    write_everything,
    write_line,
)

from transport_model import (
    fit,
    identifiability,
    plot_profiles,
    plot_residuals,
    plot_waterfall,
    profile_likelihood,
    read_petab,
    sample_posterior,
    sensitivities,
    simulate,
    steady_state,
)
from transport_model.analyses.studies.estimation.courses import Course, Runs
from transport_model.analyses.studies.estimation.landscape import Landscape, Rows
from transport_model.analyses.studies.estimation.objective import Objective
from transport_model.analyses.studies.estimation.priors import prior_rows, start_point
from transport_model.errors import ComputationError, InputError

#: A seed of noise; with others, too, about one interval of twenty misses the truth.
SEED = 2
#: Beside the nominal parameters, where nothing is at its best.
ASIDE = 0.03
#: Measurements of a line: time and value.
LINE = [(time, 1 + 2 * time + 0.3 * (-1) ** time) for time in range(5)]


@pytest.fixture(scope="module")
def dimers(tmp_path_factory):
    return write_dimers(tmp_path_factory.mktemp("petab") / "dimers", seed=SEED)


@pytest.fixture(scope="module")
def estimate(dimers):
    return fit(dimers, starts=3, seed=1)


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    return write_everything(tmp_path_factory.mktemp("petab") / "everything")


def petabs_own(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it uses an argument that pandas will drop
        return petab.Problem.from_yaml(str(path))


def of_petab(path, problem, objective, at):
    """PEtab's own likelihood of what the objective simulates, and which measurements it covers."""
    own = petabs_own(path)
    simulated = own.measurement_df.assign(simulation=objective.predictions(at, slopes=False).values)
    parameters = own.parameter_df.copy()
    parameters.loc[list(problem.estimated), "nominalValue"] = problem.values(at)
    # PEtab's calculator knows no noise that follows a state
    kept = (own.measurement_df["observableId"] != "rate").to_numpy()
    value = petab.calculate.calculate_llh(
        own.measurement_df[kept], simulated[kept], own.observable_df, parameters
    )
    return value, kept


@pytest.mark.parametrize("name", ["dimers", "everything"])
def test_the_likelihood_is_petabs(name, request):
    path = request.getfixturevalue(name)
    problem = read_petab(path)
    objective = Objective(problem)
    at = problem.nominal + ASIDE
    expected, kept = of_petab(path, problem, objective, at)
    terms = objective.terms(objective.predictions(at, slopes=False))
    assert terms[kept].sum() == pytest.approx(expected, rel=1e-8)
    assert terms.sum() == objective.log_likelihood(at)


@pytest.mark.parametrize("name", ["dimers", "everything"])
def test_the_gradient_equals_central_differences(name, request):
    problem = read_petab(request.getfixturevalue(name))
    objective = Objective(problem)
    at, step = problem.nominal + ASIDE, 1e-4
    differences = []
    for place in range(len(at)):
        unit = np.eye(len(at))[place] * step
        near = [-objective.log_posterior(at + way * unit) for way in (-2, -1, 1, 2)]
        differences.append((near[0] - 8 * near[1] + 8 * near[2] - near[3]) / (12 * step))
    assert objective.gradient(at) == pytest.approx(np.array(differences), rel=1e-5)


def test_a_misfit_is_the_objective_but_for_a_constant(everything):
    problem = read_petab(everything)
    objective = Objective(problem)
    points = [problem.nominal + shift for shift in (0.0, ASIDE, -ASIDE)]
    gaps = [objective.rows(at).misfit / 2 + objective.log_posterior(at) for at in points]
    assert gaps == pytest.approx([gaps[0]] * 3, rel=1e-9)


def test_no_search_starts_where_the_slope_has_no_value():
    rows = Rows(np.array([1.0]), np.array([[np.nan]]))
    landscape = Landscape(lambda at: rows, np.array([0.0]), np.array([2.0]))
    with pytest.raises(ComputationError, match="its slope, has no value"):
        landscape.lowest(np.array([1.0]), np.array([True]))


def test_a_course_of_a_cell_is_that_of_simulate_and_its_end_the_steady_state(cell):
    """Its volume follows a law, and the start of K⁺ is computed."""
    asked = ("V_m", "Na_i", "cytosol", "J_sglt")
    values = {"P_Na": 1.2e-3, "n_X": 1.02 * cell.quantities["n_X"].value}
    course = Course({name: name for name in values}, frozenset(), None, np.array([0, 600, np.inf]))
    got, slopes = Runs(cell, asked).values(course, values, tuple(values))
    model = cell.with_values(**values)
    assert got[:2] == pytest.approx(simulate(model, 600, 2)[list(asked)].to_numpy(), rel=1e-6)
    assert got[2] == pytest.approx(steady_state(model).values[list(asked)].to_numpy(), rel=1e-6)
    expected = sensitivities(model, list(values)).loc[list(asked)].to_numpy()
    assert slopes[2] == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_noise_may_follow_a_state(everything):
    problem = read_petab(everything)
    predicted = Objective(problem).predictions(problem.nominal, slopes=False)
    rate = (problem.measurements["observable"] == "rate").to_numpy()
    assert predicted.noise[rate] == pytest.approx(0.1 + 0.05 * predicted.values[rate] / 2)


def test_courses_start_at_a_steady_state_and_end_in_one(everything):
    problem = read_petab(everything)
    predicted = Objective(problem).predictions(problem.nominal, slopes=False)
    table = problem.measurements.assign(value=predicted.values)
    rows = table[(table["observable"] == "share") & (table["condition"] == "mild")]
    resting = steady_state(problem.model.with_values(stimulus=0.0))["active"]
    stimulated = steady_state(problem.model.with_values(stimulus=0.1))["active"]
    at = rows.set_index("time")["value"]
    assert (at[0.0], at[np.inf]) == pytest.approx((resting, stimulated), rel=1e-7)
    # What a condition sets itself starts there, whatever was before
    strong = table[(table["condition"] == "strong") & (table["time"] == 0)]
    assert set(strong.loc[strong["observable"] == "share", "value"].round(12)) == {0.5 / 4}


def test_priors_are_petabs(everything):
    """A prior on a scale is a density of the coordinate; PEtab's class gives the plain value's."""
    problem = read_petab(everything)
    own = petabs_own(everything).parameter_df
    generator = np.random.default_rng(3)
    low, high = problem.bounds
    one, other = generator.uniform(low, high, size=(2, len(low)))

    def difference(place):
        row = own.loc[problem.estimated[place]]
        numbers = tuple(float(number) for number in row["objectivePriorParameters"].split(";"))
        prior = petab.priors.Prior(row["objectivePriorType"], numbers, bounds=None,
                                   transformation=row["parameterScale"])  # fmt: skip
        on_scale = row["objectivePriorType"].startswith("parameterScale")
        plain = np.array([problem.values(at)[place] for at in (one, other)])
        return prior.neglogprior(plain) - (np.log(plain) if on_scale else 0.0)

    placed = [place for place, name in enumerate(problem.estimated)
              if isinstance(own.loc[name, "objectivePriorType"], str)
              and "niform" not in own.loc[name, "objectivePriorType"]]  # fmt: skip
    assert len(placed) == 6
    expected = sum(np.subtract(*difference(place)) for place in placed)
    got = [-sum(row.log_density for row in prior_rows(problem, at)) for at in (one, other)]
    assert got[0] - got[1] == pytest.approx(expected, rel=1e-10)


def test_the_parameters_are_recovered(estimate):
    best = estimate.parameters["value"]
    assert estimate.found_again >= 2
    assert estimate.objective < -Objective(estimate.problem).log_likelihood(
        estimate.problem.nominal
    )
    for name, value in DIMERS_TRUE.items():
        assert best[name] == pytest.approx(value, rel=0.15), name
    gradient = Objective(estimate.problem).gradient(estimate.best)
    deviations = identifiability(estimate).ranking["deviation"][list(estimate.problem.estimated)]
    # A hundredth of a standard deviation from the very bottom, at most
    assert (np.abs(gradient) * deviations < 0.01).all()


def test_a_profile_covers_its_parameter(estimate):
    profiles = profile_likelihood(estimate, ["k_in"])
    row = profiles.intervals.loc["k_in"]
    assert row["low"] < DIMERS_TRUE["k_in"] < row["high"]
    assert row["determined"]
    # An interval ends where the likelihood ratio says, all others refitted
    samples = profiles.samples.set_index("value")["rise"]
    assert samples.iloc[samples.index.get_indexer([row["low"], row["high"]], "nearest")].to_list() \
        == pytest.approx([3.841459] * 2, abs=0.02)  # fmt: skip


@pytest.mark.slow
def test_all_profiles_cover_their_parameters(estimate):
    profiles = profile_likelihood(estimate)
    for name, value in {**DIMERS_TRUE, **SPREAD}.items():
        row = profiles.intervals.loc[name]
        assert row["low"] < value < row["high"], name
    assert plot_profiles(profiles)


@pytest.mark.slow
def test_a_posterior_lies_about_the_best(tmp_path):
    """Of a line with normal noise it is known in closed form."""
    pytest.importorskip("emcee")
    times = np.arange(5.0)
    path = write_line(tmp_path / "line", [(time, 1 + 2 * time) for time in times])
    found = fit(path, starts=1)
    posterior = sample_posterior(found, 4000, seed=4)
    design = np.stack([np.ones(5), times], axis=1)
    covariance = np.linalg.inv(design.T @ design / 0.25)
    draws = posterior.draws[["a", "b"]].to_numpy()
    error = 4 * np.sqrt(posterior.autocorrelation / len(draws))
    assert draws.mean(axis=0) == pytest.approx([1, 2], abs=error * np.sqrt(covariance.max()))
    assert np.cov(draws.T) == pytest.approx(covariance, rel=0.2)
    again = sample_posterior(found, 4000, seed=4)
    pd.testing.assert_frame_equal(posterior.draws, again.draws)


def test_a_chain_that_was_stopped_goes_on_as_if_it_had_not_been(tmp_path):
    found = fit(write_line(tmp_path / "line", LINE), starts=1)
    whole = sample_posterior(found, 300, seed=4)

    def stop(done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sample_posterior(found, 300, seed=4, folder=tmp_path / "chain", progress=stop)
    block = tmp_path / "chain" / "block_00000.json"
    written = block.stat().st_mtime_ns
    on = sample_posterior(found, 300, seed=4, folder=tmp_path / "chain")
    pd.testing.assert_frame_equal(on.draws, whole.draws)
    assert block.stat().st_mtime_ns == written
    assert on.acceptance == whole.acceptance
    # more of them continue the same chain
    longer = sample_posterior(found, 400, seed=4, folder=tmp_path / "chain").draws
    assert len(longer) >= 400
    assert longer.to_numpy()[0].tolist() in whole.draws.to_numpy().tolist()
    with pytest.raises(InputError, match="another problem or seed"):
        sample_posterior(found, 300, seed=5, folder=tmp_path / "chain")


def test_profiles_and_chains_are_the_same_on_processes(tmp_path):
    found = fit(write_line(tmp_path / "line", LINE), starts=2)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        there = profile_likelihood(found, map=pool.map)
        drawn = sample_posterior(found, 100, seed=1, map=pool.map)
    here = profile_likelihood(found)
    pd.testing.assert_frame_equal(there.intervals, here.intervals)
    pd.testing.assert_frame_equal(there.samples, here.samples)
    pd.testing.assert_frame_equal(drawn.draws, sample_posterior(found, 100, seed=1).draws)


def test_a_valley_that_the_way_out_missed_is_searched_from_the_other_side():
    """Two valleys in y; the outer is lower from x = 1 on."""

    def rows(at):
        x, y = at
        wall = 3 * (1 - y**2)
        return Rows(np.array([x, 2 * (y + 1) * x, wall]),
                    np.array([[1, 0], [2 * (y + 1), 2 * x], [0, -6 * y]]))  # fmt: skip

    landscape = Landscape(rows, np.array([-9.0, -2.0]), np.array([9.0, 2.0]))
    steps = np.array([0.2, 0.6, 1.2, 2.0])
    best = landscape.lowest(np.array([0.0, 1.0]), np.array([False, True])).at
    found = landscape.profile(best, np.array([False, True]), 0, (steps, steps), 9.0)
    upward = found.misfits[found.points[:, 0] > 0]
    assert (np.diff(upward) >= -1e-6).all()


def test_a_second_run_goes_on(tmp_path):
    path = write_line(tmp_path / "line", [(0.0, 1.1), (1.0, 2.8), (2.0, 5.2)])
    folder = tmp_path / "starts"
    fit(path, starts=2, seed=3, folder=folder)
    kept = folder / "start_00000.json"
    content = json.loads(kept.read_text())
    kept.write_text(json.dumps({**content, "evaluations": 12345}))
    more = fit(path, starts=3, seed=3, folder=folder)
    assert more.starts.loc[0, "evaluations"] == 12345
    assert len(more.starts) == 3
    pd.testing.assert_frame_equal(more.residuals, fit(path, starts=3, seed=3).residuals)
    with pytest.raises(InputError, match="another problem or seed"):
        fit(path, starts=2, seed=4, folder=folder)
    kept.write_text("{")
    with pytest.raises(InputError, match="is damaged"):
        fit(path, starts=2, seed=3, folder=folder)


def test_starts_follow_from_the_seed_alone(everything):
    problem = read_petab(everything)
    low, high = problem.bounds
    one, same = (start_point(problem, np.random.default_rng([5, 0])) for _ in range(2))
    assert (one == same).all()
    drawn = np.array([start_point(problem, np.random.default_rng([5, k])) for k in range(200)])
    assert ((low <= drawn) & (drawn <= high)).all()
    assert drawn.std(axis=0) == pytest.approx((high - low) / 12**0.5, rel=0.15)


def test_figures_are_drawn(estimate):
    for panels in (plot_waterfall(estimate), plot_residuals(estimate)):
        assert panels[0].lines


def test_the_command_writes_tables_and_figures(command, tmp_path):
    path = write_line(tmp_path / "line", [(0.0, 1.1), (1.0, 2.8), (2.0, 5.2)])
    out = tmp_path / "estimate"
    done = command("fit", str(path), "--starts", "2", "--profiles", "--out", str(out))
    assert done.code == 0
    assert "2 of 2 starts found it, 0 failed" in done.err
    table = pd.read_csv(out / "parameters.csv", index_col="id")
    # Normal noise with known deviation: 1.96 standard deviations of linear regression
    design = np.array([[1, 0], [1, 1], [1, 2]])
    width = 1.959964 * 0.5 * np.sqrt(np.diag(np.linalg.inv(design.T @ design)))
    assert (table["interval_high"] - table["value"]).to_list() == pytest.approx(width, rel=1e-3)
    assert (table["value"] - table["interval_low"]).to_list() == pytest.approx(width, rel=1e-3)
    for name in ("starts.csv", "residuals.csv", "profiles.csv", "directions.csv", "waterfall.svg",
                 "residuals.svg", "profiles.svg"):  # fmt: skip
        assert (out / name).stat().st_size > 0


def test_the_order_of_starts_does_not_matter(tmp_path):
    path = write_line(tmp_path / "line", [(0.0, 1.1), (1.0, 2.8)])

    def backwards(search, numbers):
        return [search(number) for number in reversed(list(numbers))]

    pd.testing.assert_frame_equal(fit(path, starts=3, map=backwards).parameters,
                                  fit(path, starts=3).parameters)  # fmt: skip
