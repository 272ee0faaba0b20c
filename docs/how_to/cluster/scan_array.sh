#!/bin/bash
#SBATCH --job-name=transport-scan
#SBATCH --array=1-4
#SBATCH --cpus-per-task=8
#SBATCH --mem=2G
#SBATCH --time=01:00:00
#SBATCH --output=scan-%a.log

# One scan, divided among the tasks of a job array. A task that was killed or ran out of time
# continues where it was when it is submitted again: sbatch --array=3 scan_array.sh
set -euo pipefail

# How many tasks --array names. A constant, since submitting one task again must not change how the
# scan is divided.
SHARDS=4

# On a file system that all nodes see
FOLDER="${FOLDER:-$PWD/scan}"

# Kernels that one process has compiled beforehand; nodes only read them
export TRANSPORT_MODEL_SHARED_CACHE="${TRANSPORT_MODEL_SHARED_CACHE:-$PWD/kernels}"

transport-model scan \
  --vary Glc_o=0.1:30:1000:log --vary P_Na=0.001:0.003:1000 \
  --output V_m --output J_sglt --part-rows 62500 --log json \
  --out "$FOLDER/" --shard "$SLURM_ARRAY_TASK_ID/$SHARDS"
