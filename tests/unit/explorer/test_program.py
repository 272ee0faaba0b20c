"""The program of a page: what is printed, and what a page knows besides."""

import json
import re

import pytest

from transport_model import load_model
from transport_model.analyses.explorer.page import page_of
from transport_model.analyses.explorer.payload import payload_of, plain_text, refusals
from transport_model.analyses.explorer.program import SIGNATURES, print_program

#: All that a program may be made of besides numbers, places and operators.
WORDS = {"function", "return", "const", "use", "strict", "power", "Math", "Infinity", "NaN", "true",
         "false", "new", "Float64Array", *SIGNATURES}  # fmt: skip
PLACES = re.compile(rf"v\d+|[gxcyshfJdvDobwtp]|[ab]|({'|'.join(SIGNATURES)})(\d+|Told)")


def of_text(folder, text, name="model"):
    path = folder / f"{name}.ant"
    path.write_text(f"model m\n {text}\nend\n", "utf-8")
    model = load_model(path)
    printed = print_program(model)
    return printed, payload_of(model, printed)


@pytest.mark.parametrize("name", ["cell", "epithelium"])
def test_no_id_is_a_word_of_the_program(name):
    text = print_program(load_model(name)).text
    words = set(re.findall(r"(?<![\w.])[A-Za-z_]\w*", text)) - WORDS
    assert {word for word in words if not PLACES.fullmatch(word)} == set()


def test_ids_that_are_words_of_javascript_do_no_harm(tmp_path):
    printed, payload = of_text(
        tmp_path, "constructor' = -alert*constructor\n constructor = 1; alert = 2; __proto__ = 3"
    )
    assert "alert" not in printed.text
    assert {"constructor", "alert", "__proto__"} <= {q["id"] for q in payload["quantities"]}


def test_outputs_are_all_that_a_result_holds_and_all_that_can_be_set(cell, resting):
    printed = print_program(cell)
    assert set(printed.outputs) == {*resting.values.index, *cell.quantities}


def test_what_a_page_knows_of_a_quantity(cell):
    changed = cell.with_values(K_o=6.0)
    payload = payload_of(changed, print_program(changed))
    told = {quantity["id"]: quantity for quantity in payload["quantities"]}
    assert (told["K_o"]["value"], told["K_o"]["default"]) == (6.0, 4.5)
    assert told["K_o"]["unit"] == "mM"
    assert told["K_o"]["low"] < 4.5 < told["K_o"]["high"]
    kinds = {name: told[name]["kind"] for name in ("Na_i", "K_o", "V_m", "J_pump", "n_Na_i")}
    assert kinds == {"Na_i": "state", "K_o": "constant", "V_m": "rule", "J_pump": "rule",
                     "n_Na_i": "state"}  # fmt: skip
    assert not told["K_i"]["settable"]
    assert told["C_m"]["above"]


def test_a_slider_of_another_model_is_around_its_value(tmp_path):
    _, payload = of_text(tmp_path, "x' = k - x + a + b\n x = 0; k = 2; a = -3; b = 0")
    ends = {q["id"]: (q["low"], q["high"]) for q in payload["quantities"] if q["settable"]}
    assert ends == {"x": (-1.0, 1.0), "k": (0.2, 20.0), "a": (-30.0, -0.3), "b": (-1.0, 1.0)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x' = -x\n x = 1", []),
        ("x' = -x\n x = 1\n at (x < 0.5): x = 1", ["events"]),
        ("x' = time - x\n x = 1", ["time itself"]),
        ("x' = sin(time)\n x = 1", ["time itself", "bends with the time"]),
        ("x' = piecewise(1, time < 3, 0)\n x = 1", ["time itself"]),
    ],
)
def test_what_a_page_cannot_do_is_said(tmp_path, text, said):
    printed, payload = of_text(tmp_path, text)
    assert len(payload["refusals"]) == len(said)
    assert all(word in refusal for word, refusal in zip(said, payload["refusals"], strict=True))
    assert payload["refusals"] == refusals(load_model(tmp_path / "model.ant"), printed)


def test_notes_are_text():
    notes = (
        '<notes><body xmlns="http://www.w3.org/1999/xhtml"><h1>Title</h1><p>a &lt;b&gt;\n c</p>'
        "<script>struck()</script><style>p {}</style><ul><li>one</li></ul></body></notes>"
    )
    assert plain_text(notes) == "Title\na <b> c\none"


def test_texts_of_a_model_end_no_element(cell):
    printed = print_program(cell)
    payload = payload_of(cell, printed)
    hostile = "</script><script>struck()</script><!-- \u2028 <img onerror=struck()>"
    payload |= {"title": hostile, "notes": hostile}
    page = page_of(payload, printed.text)
    assert "<script>struck" not in page
    assert "<img" not in page.replace("&lt;img", "").replace("\\u003cimg", "")
    held = re.search(
        r'<script type="application/json" class="model">(.*?)</script>', page, re.DOTALL
    )
    assert held
    assert json.loads(held[1])["notes"] == hostile


def test_a_page_names_its_scripts_and_forbids_others(cell):
    printed = print_program(cell)
    page = page_of(payload_of(cell, printed), printed.text)
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert "default-src 'none'" in policy
    scripts = policy.split("script-src")[1].split(";")[0]
    assert scripts.count("'sha256-") == 3
    assert "unsafe" not in scripts
    assert not re.search(r"(src|href)=\"?http", page)
