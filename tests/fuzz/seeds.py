"""What the fuzz run changes: small models of many kinds, a design, an archive, commands."""

from __future__ import annotations

import io
import zipfile
from functools import cache

from transport_model.catalogue import models_folder

SMALL = "model small\n A = 2; B = 0; k = 0.3; q = 0.1\n A -> B; k*A\n B -> A; q*B\nend\n"
ANTIMONY = (
    SMALL,
    """model units
  compartment c = 2; species S in c, P in c; S = 3; P = 1
  unit mM = 1e-3 mole/litre; k = 0.2; k has mM
  R1: 2 S -> P; c*k*S/(S + 1)
  R2: P -> ; c*0.1*P^2
  S is "substrate"
end
""",
    """function mm(v, s, k)
  v*s/(k + s)
end
model events
  species S; S = 5; v = 1; k := 0.5 + S/10; x = 1; x' = -0.2*x
  S -> ; mm(v, S, k)
  at S < 3, t0 = false: v = 2, S = S + 1
  at (time > 1) after 0.2: x = 2
  y := piecewise(S, time < 1.5, 2*S)
end
""",
    """module inner(a, b)
  species a, b; a -> b; k*a; k = 0.4
end
model outer
  compartment c = 1; species x in c, y in c, $z in c; x = 1; z = 2
  first: inner(x, y); second: inner(y, z)
  first.k = 0.7; n := x + y; n has dimensionless
end
""",
)

CELLML = """<?xml version="1.0"?>
<model xmlns="http://www.cellml.org/cellml/{v}#" xmlns:cellml="http://www.cellml.org/cellml/{v}#"
 name="m"><units name="ms"><unit prefix="milli" units="second"/></units>
<units name="per_s"><unit units="second" exponent="-1"/></units>
<component name="env"><variable name="t" units="ms" {out}/></component>
<component name="c"><variable name="t" units="second" {into}/>
<variable name="x" units="mole" initial_value="2"/>
<variable name="k" units="per_s" initial_value="0.5"/><variable name="y" units="mole"/>
<math xmlns="http://www.w3.org/1998/Math/MathML"><apply><eq/>
<apply><diff/><bvar><ci>t</ci></bvar><ci>x</ci></apply>
<apply><minus/><apply><times/><ci>k</ci><ci>x</ci></apply></apply></apply>
<apply><eq/><ci>y</ci><apply><times/><cn cellml:units="dimensionless">2</cn><ci>x</ci></apply>
</apply></math></component>
<connection {ends}<map_variables variable_1="t" variable_2="t"/></connection></model>"""
CELLML_TEXTS = (
    CELLML.format(
        v="2.0", out='interface="public"', into='interface="public"',
        ends='component_1="env" component_2="c">',
    ),
    CELLML.format(
        v="1.1", out='public_interface="out"', into='public_interface="in"',
        ends='><map_components component_1="env" component_2="c"/>',
    ),
)  # fmt: skip

DESIGN = "k,A,q\n0.1,1,0.2\n0.2,2,0.1\n0.3,3,0.5\n"
COMMANDS = [
    ["simulate", "--model", "design.ant", "--end", "3", "--points", "4", "--set", "k=0.5"],
    ["steady-state", "--model", "design.ant", "--set", "A=3"],
    ["scan", "--model", "design.ant", "--vary", "k=0.1:1:3", "--engine", "roadrunner"],
    ["scan", "--model", "design.ant", "--vary", "k=0.1,0.2", "--reduce", "A:final", "--end", "2"],
    ["control", "--model", "design.ant", "--set", "k=1"],
    ["sensitivity", "--model", "design.ant"],
    ["models"],
    ["export", "--model", "design.ant", "--format", "antimony", "--out", "small.ant"],
    ["scan-info", "nowhere/"],
]  # fmt: skip

_MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<omexManifest xmlns="http://identifiers.org/combine.specifications/omex-manifest">
<content location="." format="http://identifiers.org/combine.specifications/omex"/>
<content location="./m/small.xml" format="http://identifiers.org/combine.specifications/sbml"/>
<content location="./s.sedml" format="http://identifiers.org/combine.specifications/sed-ml"
 master="true"/></omexManifest>"""
_SEDML = """<?xml version="1.0" encoding="UTF-8"?>
<sedML xmlns="http://sed-ml.org/sed-ml/level1/version4" level="1" version="4"><listOfModels>
<model id="m" language="urn:sedml:language:sbml" source="m/small.xml"><listOfChanges>
<changeAttribute target="/sbml:sbml/sbml:model/sbml:listOfParameters/sbml:parameter[@id='k']/@value"
 newValue="0.5"/></listOfChanges></model></listOfModels></sedML>"""


@cache
def sbml_texts() -> tuple[str, ...]:
    """Return SBML of several levels: the small models, and a shipped one."""
    import antimony
    import libsbml

    texts = []
    for source in ANTIMONY:
        antimony.clearPreviousLoads()
        assert antimony.loadAntimonyString(source) >= 0, antimony.getLastError()
        texts.append(str(antimony.getSBMLString(antimony.getMainModuleName())))
    for text, (level, version) in zip(texts[:3], ((2, 4), (2, 5), (3, 2)), strict=True):
        document = libsbml.readSBMLFromString(text)
        document.setLevelAndVersion(level, version, False)
        texts.append(libsbml.writeSBMLToString(document))
    return (*texts, (models_folder() / "oocyte.xml").read_text("utf-8"))


@cache
def archive_bytes() -> bytes:
    """Return a COMBINE archive whose SED-ML changes its model."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("manifest.xml", _MANIFEST)
        archive.writestr("s.sedml", _SEDML)
        archive.writestr("m/small.xml", sbml_texts()[0])
    return target.getvalue()
