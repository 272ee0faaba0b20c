from .analyses.conversions import to_pint, to_xarray
from .analyses.exchange.execution.result_files import ResultFiles
from .analyses.exchange.execution.run import ArchiveRun, run_archive
from .analyses.exchange.export import export_file, export_folder
from .analyses.exchange.verification.verify import verify
from .analyses.experiments.protocols import read_protocol
from .analyses.experiments.run import Experiment, run_experiment
from .analyses.figures.coefficients import plot_coefficients
from .analyses.figures.curves import plot_curves
from .analyses.figures.energy import plot_energetics
from .analyses.figures.experiments import plot_experiment
from .analyses.figures.interactive import interactive
from .analyses.figures.maps import plot_map
from .analyses.figures.panels import Panels
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
from .analyses.scans.large.estimate import estimate_scan
from .analyses.scans.large.merging import merge_scans
from .analyses.scans.large.reading import ScanData, open_scan
from .analyses.scans.large.run import plan_scan, run_scan
from .analyses.scans.large.shards import Shard
from .analyses.scans.scan import scan
from .analyses.studies.audit import audit
from .analyses.studies.calibration import calibrate
from .analyses.studies.control import (
    ControlAnalysis,
    control_coefficients,
    response_coefficients,
    sensitivities,
)
from .analyses.studies.course_sensitivities import course_sensitivities
from .analyses.studies.energetics import energetics
from .analyses.studies.validation import validate
from .catalogue import parameter_sets, shipped_models
from .kernels.kernel import distinct_steady_states
from .mathematics.evaluation import evaluate
from .model import Model, load_model
from .simulation.courses import simulate
from .simulation.inputs import Ramp, Step, held
from .steady_states import SteadyState, steady_state

__version__: str
__all__ = [
    "ArchiveRun",
    "ControlAnalysis",
    "Course",
    "Experiment",
    "Model",
    "Panels",
    "Ramp",
    "ResultFiles",
    "ScanData",
    "Shard",
    "SteadyState",
    "Step",
    "audit",
    "calibrate",
    "control_coefficients",
    "course_sensitivities",
    "distinct_steady_states",
    "energetics",
    "estimate_scan",
    "evaluate",
    "export_file",
    "export_folder",
    "grid",
    "held",
    "interactive",
    "latin_hypercube",
    "load_model",
    "merge_scans",
    "one_at_a_time",
    "open_scan",
    "parameter_sets",
    "plan_scan",
    "plot_coefficients",
    "plot_curves",
    "plot_energetics",
    "plot_experiment",
    "plot_map",
    "provenance_ranges",
    "read_protocol",
    "read_reduction",
    "response_coefficients",
    "run_archive",
    "run_experiment",
    "run_scan",
    "scan",
    "sensitivities",
    "shipped_models",
    "simulate",
    "sobol",
    "steady_state",
    "to_pint",
    "to_xarray",
    "validate",
    "verify",
    "write_report",
]
