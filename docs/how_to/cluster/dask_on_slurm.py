"""One scan on Dask workers that SLURM starts as they are needed."""

from pathlib import Path

from dask_jobqueue import SLURMCluster

from transport_model import grid, load_model, plan_scan, run_scan
from transport_model.analyses.scans.large.executors import Cluster


def workers() -> SLURMCluster:
    """Return a cluster of single-threaded workers, one a core."""
    return SLURMCluster(
        cores=8,
        processes=8,
        memory="8GB",
        walltime="01:00:00",
        job_script_prologue=["export TRANSPORT_MODEL_SHARED_CACHE=$HOME/kernels"],
    )


def main() -> None:
    """Run the scan into the folder `scan`; run again, it continues."""
    axes = {"Glc_o": [0.1 * n for n in range(1, 301)], "P_Na": [1e-5 * n for n in range(100, 301)]}
    plan = plan_scan(load_model("cell"), grid(**axes), outputs=["V_m", "J_sglt"], part_rows=5000)
    with workers() as cluster:
        cluster.scale(jobs=4)
        tally = run_scan(plan, Path("scan"), executor=Cluster(cluster.scheduler_address))
    print(f"{tally.done:,} points, {tally.failed:,} without a result")


if __name__ == "__main__":
    main()
