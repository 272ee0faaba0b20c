from .analyses.conversions import to_pint, to_xarray
from .analyses.exchange.execution.result_files import ResultFiles
from .analyses.exchange.execution.run import ArchiveRun, run_archive
from .analyses.exchange.export import export_file, export_folder
from .analyses.exchange.verification.verify import verify
from .analyses.experiments.protocols import read_protocol
from .analyses.experiments.run import Experiment, run_experiment
from .analyses.experiments.uncertain import claim_probabilities, measured_experiment
from .analyses.explorer.explorer import Explorer, explore, write_explorer
from .analyses.figures.branches import plot_branch, plot_folds
from .analyses.figures.coefficients import plot_coefficients
from .analyses.figures.curves import plot_curves
from .analyses.figures.energy import plot_energetics
from .analyses.figures.estimation import plot_profiles, plot_residuals, plot_waterfall
from .analyses.figures.experiments import plot_experiment
from .analyses.figures.indices import plot_indices
from .analyses.figures.interactive import interactive
from .analyses.figures.maps import plot_map
from .analyses.figures.models import plot_model
from .analyses.figures.panels import Panels
from .analyses.figures.tornado import plot_tornado
from .analyses.figures.uncertainty import plot_bands, plot_uncertainty
from .analyses.reductions import read_reduction
from .analyses.report.report import write_report
from .analyses.scans.courses import Course
from .analyses.scans.designs.designs import (
    grid,
    latin_hypercube,
    one_at_a_time,
    provenance_ranges,
    sobol,
)
from .analyses.scans.designs.distributions import (
    Distribution,
    LogNormal,
    LogUniform,
    Normal,
    Triangular,
    Uniform,
)
from .analyses.scans.large.estimate import estimate_scan
from .analyses.scans.large.merging import merge_scans
from .analyses.scans.large.reading import ScanData, open_scan
from .analyses.scans.large.run import plan_scan, run_scan
from .analyses.scans.large.shards import Shard
from .analyses.scans.scan import scan
from .analyses.scans.simulate_many import simulate_many
from .analyses.studies.audit import audit
from .analyses.studies.calibration import calibrate
from .analyses.studies.coefficients_along import (
    control_along,
    ranked_coefficients,
    responses_along,
)
from .analyses.studies.continuation import (
    Branch,
    FoldCurve,
    continue_steady_state,
    crossing_branch,
    fold_curve,
)
from .analyses.studies.control import (
    ControlAnalysis,
    control_coefficients,
    response_coefficients,
    sensitivities,
)
from .analyses.studies.course_sensitivities import course_sensitivities
from .analyses.studies.energetics import energetics
from .analyses.studies.estimation.designs import Informative, informative_measurements
from .analyses.studies.estimation.fit import Estimate, fit
from .analyses.studies.estimation.identifiability import (
    Identifiability,
    Profiles,
    identifiability,
    profile_likelihood,
)
from .analyses.studies.estimation.posterior import Posterior, sample_posterior
from .analyses.studies.estimation.problem import Problem, read_petab
from .analyses.studies.global_sensitivity.answers import scan_answers
from .analyses.studies.global_sensitivity.given_data import pawn_indices, rank_correlations
from .analyses.studies.global_sensitivity.morris import morris_screening
from .analyses.studies.global_sensitivity.result import GlobalSensitivity
from .analyses.studies.global_sensitivity.sobol import sobol_indices
from .analyses.studies.tubule import (
    Nephrons,
    Part,
    Titration,
    Tubule,
    segments_needed,
    titration,
    tubule,
    tubule_convergence,
)
from .analyses.studies.uncertain_inputs import UncertainInputs, known_ranges, within_factor
from .analyses.studies.uncertainty import (
    Uncertainty,
    propagate_uncertainty,
    uncertainty_bands,
)
from .analyses.studies.validation import validate
from .balances import SteadyState
from .catalogue import parameter_sets, shipped_models
from .kernels.kernel import distinct_steady_states
from .mathematics.evaluation import evaluate
from .model import Model, load_model
from .simulation.courses import simulate
from .simulation.inputs import Ramp, Step, held
from .steady_states import steady_state

__version__: str
__all__ = [
    "ArchiveRun",
    "Branch",
    "ControlAnalysis",
    "Course",
    "Distribution",
    "Estimate",
    "Experiment",
    "Explorer",
    "FoldCurve",
    "GlobalSensitivity",
    "Identifiability",
    "Informative",
    "LogNormal",
    "LogUniform",
    "Model",
    "Nephrons",
    "Normal",
    "Panels",
    "Part",
    "Posterior",
    "Problem",
    "Profiles",
    "Ramp",
    "ResultFiles",
    "ScanData",
    "Shard",
    "SteadyState",
    "Step",
    "Titration",
    "Triangular",
    "Tubule",
    "UncertainInputs",
    "Uncertainty",
    "Uniform",
    "audit",
    "calibrate",
    "claim_probabilities",
    "continue_steady_state",
    "control_along",
    "control_coefficients",
    "course_sensitivities",
    "crossing_branch",
    "distinct_steady_states",
    "energetics",
    "estimate_scan",
    "evaluate",
    "explore",
    "export_file",
    "export_folder",
    "fit",
    "fold_curve",
    "grid",
    "held",
    "identifiability",
    "informative_measurements",
    "interactive",
    "known_ranges",
    "latin_hypercube",
    "load_model",
    "measured_experiment",
    "merge_scans",
    "morris_screening",
    "one_at_a_time",
    "open_scan",
    "parameter_sets",
    "pawn_indices",
    "plan_scan",
    "plot_bands",
    "plot_branch",
    "plot_coefficients",
    "plot_curves",
    "plot_energetics",
    "plot_experiment",
    "plot_folds",
    "plot_indices",
    "plot_map",
    "plot_model",
    "plot_profiles",
    "plot_residuals",
    "plot_tornado",
    "plot_uncertainty",
    "plot_waterfall",
    "profile_likelihood",
    "propagate_uncertainty",
    "provenance_ranges",
    "rank_correlations",
    "ranked_coefficients",
    "read_petab",
    "read_protocol",
    "read_reduction",
    "response_coefficients",
    "responses_along",
    "run_archive",
    "run_experiment",
    "run_scan",
    "sample_posterior",
    "scan",
    "scan_answers",
    "segments_needed",
    "sensitivities",
    "shipped_models",
    "simulate",
    "simulate_many",
    "sobol",
    "sobol_indices",
    "steady_state",
    "titration",
    "to_pint",
    "to_xarray",
    "tubule",
    "tubule_convergence",
    "uncertainty_bands",
    "validate",
    "verify",
    "within_factor",
    "write_explorer",
    "write_report",
]
