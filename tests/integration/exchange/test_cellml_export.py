"""CellML that is written has the numbers of the model, or the model is refused by name."""

from __future__ import annotations

import math

import pytest

from transport_model import load_model, simulate
from transport_model.analyses.exchange.export import export_file, export_folder
from transport_model.analyses.exchange.models import libcellml_issues
from transport_model.analyses.exchange.models.cellml import export_cellml
from transport_model.errors import InputError

pytest.importorskip("myokit")
pytest.importorskip("libcellml")

#: Everything that is set at the start from something that moves, and species without reactions
STARTS = """model starts
  compartment c = 2
  species x in c, u in c, w in c, n in c, $b in c
  substanceOnly species n
  x = 4; k = 0.1; u = 3; n = 4; b = 5
  x0 = x; u0 = u + x0; twice = 2*k; y = 3*x; z = time + x
  fold := x/x0
  u' = 2 - u
  w := u/2
  y' = -twice*y + b*w/u0 + n*k + z
  decay: x + b -> ; c*k*x
  loss: n -> ; k*n*u/u0
end
"""


def loaded(folder, text):
    path = folder / "m.ant"
    path.write_text(text)
    return load_model(path)


def back(model, folder):
    path = folder / "back.cellml"
    export_file(model, path)
    return load_model(path)


def test_starts_and_ruled_species_come_back_from_cellml(tmp_path):
    model = loaded(tmp_path, STARTS).with_values(k=0.2)
    course = simulate(model, 10.0, 5)
    other = back(model, tmp_path)
    theirs = simulate(other, 10.0, 5)
    assert course["fold"].iloc[-1] == pytest.approx(math.exp(-2), rel=1e-6)
    for name in ("fold", "y"):
        assert theirs[name].to_numpy() == pytest.approx(course[name].to_numpy(), rel=1e-6), name
    for name in ("x", "u", "w"):
        found = theirs[f"{name}_concentration"].to_numpy()
        assert found == pytest.approx(course[name].to_numpy(), rel=1e-6), name
    assert theirs["n_amount"].to_numpy() == pytest.approx(course["n"].to_numpy(), rel=1e-6)
    # What follows from constants alone still follows from them
    assert other.quantities["x0"].value == 4
    assert simulate(other.with_values(k=1.0), 1.0, 2)["twice"].iloc[0] == 2


@pytest.mark.parametrize(
    ("text", "reason"),
    [("x = 1; x' = -x; E: at x < 0.5: x = 1", "it has events"),
     ("compartment c = 1; c' = 0.1; species u in c; u = 1; u' = 2 - u", "'u' for an amount"),
     ("compartment c = 1; c := 1 + time; species $b in c; b = 1; x' = b; x = 0", "'b' for an"),
     ("x = 1; x' = -x; p = log(-x)", "'p' is computed at the start")],
)  # fmt: skip
def test_what_cellml_would_say_wrong_is_refused(tmp_path, text, reason):
    model = loaded(tmp_path, f"model m\n{text.replace('; ', chr(10))}\nend\n")
    with pytest.raises(InputError, match=reason):
        export_cellml(model)


def test_a_format_that_cannot_hold_a_model_is_left_out_and_listed(tmp_path):
    model = loaded(tmp_path, "model m\nx = 1\nx' = -x\nE: at x < 0.5: x = 1\nend\n")
    written = export_folder(model, tmp_path / "all")
    names = {path.name for path in written.files}
    assert {"m.xml", "m.ant", "m.omex"} <= names
    assert "m.cellml" not in names
    (loss,) = [loss for loss in written.losses if loss.what == "the model as a whole"]
    assert loss.format == "CellML 2.0"
    assert "events" in loss.why
    archive = export_file(model, tmp_path / "one.omex")
    assert loss in archive.losses
    with pytest.raises(InputError, match=r"nothing can be written: .* events"):
        export_folder(model, tmp_path / "none", ["cellml"])
    assert not (tmp_path / "none").exists()


def test_a_model_that_libcellml_dies_of_is_written_and_says_so(tmp_path, monkeypatch):
    dying = tmp_path / "dying.py"
    dying.write_text("import os; os.abort()")
    monkeypatch.setattr(libcellml_issues, "__file__", str(dying))
    exported = export_cellml(loaded(tmp_path, "model m\nx = 1\nx' = -x\nend\n"))
    assert "libCellML could not analyse it" in exported.losses[-1].why
    dying.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(libcellml_issues, "PATIENCE", 0.5)
    exported = export_cellml(loaded(tmp_path, "model m\nx = 1\nx' = -x\nend\n"))
    assert "longer than" in exported.losses[-1].why
