"""A protocol of your own: from a YAML file to a verdict."""

# %%
from pathlib import Path

from transport_model import plot_experiment, read_protocol, run_experiment

result = run_experiment(read_protocol(Path(__file__).with_name("ouabain_washed_out.yaml")))

# %%
if __name__ == "__main__":
    print(result.protocol.claim)
    print(result.measures[["name", "arm", "value", "unit"]].to_string(index=False))
    print(result.checks[["holds", "meaning"]].to_string(index=False))
    print(f"verdict: {result.verdict}")

# %%
plot_experiment(result)
