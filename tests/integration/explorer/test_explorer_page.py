"""The page in Chromium, driven by puppeteer as people use it, and the tour without a page."""

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.browser import chromium
from tests.explorer_answers import SOURCES, installed, node
from transport_model import Model, energetics, load_model, run_experiment, steady_state
from transport_model.analyses.explorer.explorer import write_explorer
from transport_model.analyses.explorer.payload import payload_of
from transport_model.analyses.explorer.program import print_program
from transport_model.analyses.explorer.tour import companions

PLAIN = """
model plain
  compartment c = 1; species S in c = 10, P in c = 0
  J1: S -> P; k1*S; J2: P -> S; k2*P
  k1 = 0.3; k2 = 0.1
end
"""
HOSTILE = PLAIN.replace("plain", "hostile").replace(
    "end\n",
    """  S is "</script><script>globalThis.struck = 1</script><img src=x onerror='struck = 1'>"
  k1 is "<svg onload='globalThis.struck = 1'> a_name_that_goes_on_and_on_without_a_place_to_break"
end
""",
)


@pytest.mark.browser
def test_what_ships_is_what_the_sources_build(tmp_path):
    installed()
    subprocess.run([node(), "build.js", str(tmp_path)], cwd=SOURCES, check=True, timeout=120)
    built = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    assert sorted(built) == ["engine.js", "explorer.css", "explorer.js", "widget.js"]
    for name, text in built.items():
        shipped = (SOURCES.parent / "analyses" / "explorer" / "assets" / name).read_text("utf-8")
        assert text == shipped, f"run 'npm run build' in explorer/: {name} is not what it builds"


@pytest.mark.browser
def test_the_page_is_used_from_start_to_end(tmp_path):
    installed()
    for name, text in (("plain", PLAIN), ("hostile", HOSTILE)):
        (tmp_path / f"{name}.ant").write_text(text)
        write_explorer(load_model(tmp_path / f"{name}.ant"), tmp_path / f"{name}.html")
    write_explorer(load_model("cell"), tmp_path / "cell.html")
    write_explorer(load_model("pt_s1"), tmp_path / "epithelium.html")
    for page in tmp_path.glob("*.html"):
        assert page.stat().st_size < 1.5e6

    done = subprocess.run(
        [node(), "--test", "test/words.test.js", "test/page.test.js"], cwd=SOURCES,
        capture_output=True, encoding="utf-8", timeout=600,
        env={**os.environ, "PAGES": str(tmp_path), "CHROMIUM": chromium()},
    )  # fmt: skip

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


@pytest.mark.browser
def test_the_page_of_the_cell_is_fluent(cell, tmp_path):
    installed()
    page = write_explorer(cell, tmp_path / "cell.html")
    done = subprocess.run([node(), "test/speed.js", str(page)], cwd=SOURCES, capture_output=True,
                          encoding="utf-8", check=True, timeout=120,
                          env={**os.environ, "CHROMIUM": chromium()})  # fmt: skip
    told = json.loads(done.stdout)
    first, courses, rests = (np.array(told[name]) for name in ("first", "courses", "rests"))
    print(f"{told['frames']:.0f} frames a second with all panels open; an hour of the cell in"
          f" {np.median(courses):.1f} ms, at first {first.round(1)}; a steady state in"
          f" {np.median(rests):.1f} ms")  # fmt: skip
    # On an idle machine 60 frames and 3 ms; others may be at work while tests run
    assert told["frames"] > 30
    assert courses.min() < 20
    assert rests.min() < 10


def said_by(script: str, model: Model, scratch: Path, stages: Sequence[str] = ()) -> Any:
    """Return what a script says of a model and the stages of its tour that are named."""
    printed = print_program(model)
    payload = payload_of(model, printed)
    payload["lesson"]["tour"] = [s for s in payload["lesson"]["tour"] if s["name"] in stages]
    asked = scratch / "asked.json"
    arms = [arm for stage in payload["lesson"]["tour"] for arm in stage["arms"]]
    run = {arm[key] for arm in arms for key in ("rests", "runs")}
    others = []
    for name in run - {model.name}:
        other = companions(model)[name]
        printed_ = print_program(other)
        told = payload_of(other, printed_) | {"name": name}
        others.append({"payload": told, "program": printed_.text})
    whole = {"payload": payload, "program": printed.text, "others": others}
    asked.write_text(json.dumps(whole))
    done = subprocess.run([node(), f"test/{script}", str(asked)], cwd=SOURCES,
                          capture_output=True, encoding="utf-8", check=True,
                          timeout=120)  # fmt: skip
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", ["cell", "pt_s1"])
def test_energies_in_a_page_are_those_of_the_product(tmp_path, name):
    model = load_model(name)
    found = said_by("energies.js", model, tmp_path)
    powers = found["powers"]
    state = steady_state(model)
    account = energetics(model, state).iloc[0]

    assert powers["pump_cycle"]["spent"] == pytest.approx(account["power_ATP"], rel=1e-8)
    assert powers["pump_cycle"]["heat"] == pytest.approx(account["dissipation_pump"], rel=1e-8)
    parts = powers["pump_cycle"]["parts"]
    assert parts["Na⁺"] == pytest.approx(-account["power_pump_Na"], rel=1e-8)
    assert parts["K⁺"] == pytest.approx(-account["power_pump_K"], rel=1e-8)
    flux = "sglt" if name == "cell" else "sglt2"
    symport, slip = powers[f"{flux}_cycle"], powers[f"{flux}_slip"]
    assert symport["parts"]["Na⁺"] == pytest.approx(-account[f"power_{flux}_Na"], rel=1e-8)
    assert symport["parts"]["glucose"] == pytest.approx(-account[f"power_{flux}_Glc"], rel=1e-8)
    heat = symport["heat"] + slip["heat"]
    assert heat == pytest.approx(account[f"dissipation_{flux}"], rel=1e-8)
    push = "dG_Na" if name == "cell" else "dG_Na_a"
    assert found["sodium"]["both"] == pytest.approx(account[push], rel=1e-8)
    if name == "cell":
        assert found["sodium"]["chemical"] == pytest.approx(account["dG_Na_chem"], rel=1e-8)
        assert found["sodium"]["electrical"] == pytest.approx(account["dG_Na_elec"], rel=1e-8)


@pytest.mark.parametrize("name", ["potassium_near_balance", "store_of_energy"])
def test_verdicts_in_a_page_are_those_of_the_product(tmp_path, name):
    found = said_by("verdicts.js", load_model("cell"), tmp_path, [name])[name]
    expected = run_experiment(name).checks
    assert [row["meaning"] for row in found] == list(expected["meaning"])
    assert [row["holds"] for row in found] == list(expected["holds"])
    effects = expected["effect"]
    for row, effect in zip(found, effects, strict=True):
        if row["effect"] is not None:
            assert row["effect"] == pytest.approx(effect, rel=5e-3, abs=0.01)
