"""Files made to break readers leave one line on standard error, and exit code 2."""

from __future__ import annotations

import subprocess
import sys

import pytest

MATH = "http://www.w3.org/1998/Math/MathML"
HEAD = """<?xml version="1.0" encoding="UTF-8"?>{dtd}
<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2"><model id="m">
<listOfParameters><parameter id="p" constant="false" name="{name}"/></listOfParameters>
<listOfRules><assignmentRule variable="p"><math xmlns="{math}">{rule}</math></assignmentRule>
</listOfRules></model></sbml>"""
BOMB = "<!DOCTYPE s [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
) + "]>"  # fmt: skip
DEEP = "<apply><minus/>" * 10_000 + "<cn>1</cn>" + "</apply>" * 10_000


@pytest.mark.parametrize(
    ("name", "text"),
    [("deep.xml", HEAD.format(dtd="", name="", math=MATH, rule=DEEP)),
     ("bomb.xml", HEAD.format(dtd=BOMB, name="&i;", math=MATH, rule="<cn>1</cn>")),
     ("deep.ant", "model m\n p := " + "(" * 10_000 + "1" + ")" * 10_000 + "\nend"),
     ("long.ant", "model m\n p := 1" + "-1" * 50_000 + "\nend"),
     ("open.xml", "<" * 100_000)],
)  # fmt: skip
def test_a_process_survives_everything(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    command = [sys.executable, "-m", "transport_model", "simulate", "--model", name, "--end", "1"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2, done
    assert len(done.stderr.strip().splitlines()) == 1
