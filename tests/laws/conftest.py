from __future__ import annotations

import pytest
from audit_vocabulary import UNITS

from transport_model import Model, load_model


@pytest.fixture
def build(tmp_path):
    def build(body: str) -> Model:
        path = tmp_path / "m.ant"
        path.write_text(f"model m()\n{body}\n{UNITS}\nend\n", encoding="utf-8")
        return load_model(path)

    return build
