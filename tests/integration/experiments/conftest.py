from __future__ import annotations

import pytest

from transport_model.analyses.experiments.protocols import read_protocol
from transport_model.analyses.experiments.run import run_experiment

DECAY = """model decay
  compartment c; species x in c
  c = 1; x = 8; k = 0.5; source = 0
  J_out: x => ; k*x
  J_in: => x; source
  y := 3*x
  unit time_unit = second
end"""


@pytest.fixture
def run(tmp_path):
    def run(text):
        path = tmp_path / "trial.yaml"
        path.write_text(text, encoding="utf-8")
        return run_experiment(read_protocol(path))

    (tmp_path / "decay.ant").write_text(DECAY)
    return run
