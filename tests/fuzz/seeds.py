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

#: What Antimony does not write: parameters of one law, delays, priorities, what is left out.
LOCAL_AND_LATE = """<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2">
<model id="m"><listOfCompartments><compartment id="c" spatialDimensions="3" size="2"
constant="true"/><compartment id="d" constant="false"/></listOfCompartments><listOfSpecies>
<species id="S" compartment="c" initialConcentration="3" hasOnlySubstanceUnits="false"
boundaryCondition="false" constant="false"/><species id="P" compartment="d" initialAmount="1"
hasOnlySubstanceUnits="true" boundaryCondition="false" constant="false"/></listOfSpecies>
<listOfParameters><parameter id="k" constant="true"/><parameter id="v" value="1"
constant="false"/></listOfParameters><listOfInitialAssignments><initialAssignment symbol="k">
<math xmlns="http://www.w3.org/1998/Math/MathML"><apply><divide/><cn>1</cn><ci>c</ci></apply></math>
</initialAssignment><initialAssignment symbol="d"><math
xmlns="http://www.w3.org/1998/Math/MathML"><cn>1.5</cn></math></initialAssignment>
</listOfInitialAssignments><listOfReactions><reaction id="go" reversible="false"><listOfReactants>
<speciesReference species="S" stoichiometry="1" constant="true"/></listOfReactants><listOfProducts>
<speciesReference id="n" species="P" stoichiometry="2" constant="true"/></listOfProducts>
<kineticLaw><math xmlns="http://www.w3.org/1998/Math/MathML"><apply><times/><ci>v</ci><ci>k</ci><ci>S</ci>
</apply></math><listOfLocalParameters><localParameter id="k" value="0.3"/></listOfLocalParameters>
</kineticLaw></reaction><reaction id="back" reversible="false"><listOfReactants><speciesReference
species="P" stoichiometry="2" constant="true"/></listOfReactants><listOfProducts><speciesReference
species="S" stoichiometry="1" constant="true"/></listOfProducts><kineticLaw><math
xmlns="http://www.w3.org/1998/Math/MathML"><apply><times/><ci>k</ci><ci>P</ci><apply><plus/><cn>1
</cn><apply><sin/><csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time">t
</csymbol></apply></apply></apply></math><listOfLocalParameters><localParameter id="k" value="0.1"/>
</listOfLocalParameters></kineticLaw></reaction></listOfReactions><listOfEvents><event id="e"
useValuesFromTriggerTime="true"><trigger initialValue="false" persistent="false"><math
xmlns="http://www.w3.org/1998/Math/MathML"><apply><geq/><csymbol encoding="text"
definitionURL="http://www.sbml.org/sbml/symbols/time">t</csymbol><cn>0.7</cn></apply></math>
</trigger><priority><math xmlns="http://www.w3.org/1998/Math/MathML"><cn>2</cn></math></priority>
<delay><math xmlns="http://www.w3.org/1998/Math/MathML"><cn>0.3</cn></math></delay>
<listOfEventAssignments><eventAssignment variable="v"><math
xmlns="http://www.w3.org/1998/Math/MathML"><apply><plus/><ci>v</ci><cn>1</cn></apply></math>
</eventAssignment></listOfEventAssignments></event></listOfEvents></model></sbml>"""

_COMP = """<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2"
xmlns:comp="http://www.sbml.org/sbml/level3/version1/comp/version1" comp:required="true">
<model id="outer"><listOfParameters><parameter id="k" value="0.7" constant="true"/>
</listOfParameters><comp:listOfSubmodels><comp:submodel comp:id="s1" comp:modelRef="d1">
<comp:listOfDeletions><comp:deletion comp:idRef="q"/></comp:listOfDeletions></comp:submodel>
<comp:submodel comp:id="s2" comp:modelRef="d1"/></comp:listOfSubmodels></model>
<comp:listOfExternalModelDefinitions><comp:externalModelDefinition comp:id="d1"
comp:source="part.xml" comp:modelRef="inner"/></comp:listOfExternalModelDefinitions></sbml>"""
_PART = """<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2">
<model id="inner"><listOfParameters><parameter id="q" value="3" constant="true"/><parameter id="x"
value="1" constant="false"/></listOfParameters><listOfRules><rateRule variable="x"><math
xmlns="http://www.w3.org/1998/Math/MathML"><apply><minus/><ci>x</ci></apply></math></rateRule>
</listOfRules></model></sbml>"""
_CELLML_TOP = """<?xml version="1.0"?>
<model xmlns="http://www.cellml.org/cellml/{v}#" xmlns:xlink="http://www.w3.org/1999/xlink"
 name="top"><import xlink:href="part.cellml"><units name="ms" units_ref="ms"/></import>
<import xlink:href="part.cellml"><component name="mine" component_ref="c"/></import>
<component name="env"><variable name="t" units="ms" {out}/></component>
<connection {ends}<map_variables variable_1="t" variable_2="t"/></connection></model>"""
#: Models of several files: the one that is loaded first.
SEVERAL_FILES = (
    {"top.xml": _COMP, "part.xml": _PART},
    *(
        {"top.cellml": _CELLML_TOP.format(v=version, out=out, ends=ends), "part.cellml": part}
        for part, version, out, ends in zip(
            CELLML_TEXTS, ("2.0", "1.1"), ('interface="public"', 'public_interface="out"'),
            ('component_1="env" component_2="mine">',
             '><map_components component_1="env" component_2="mine"/>'),
            strict=True,
        )
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
    return (*texts, LOCAL_AND_LATE, (models_folder() / "oocyte.xml").read_text("utf-8"))


@cache
def archive_bytes() -> bytes:
    """Return a COMBINE archive whose SED-ML changes its model."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("manifest.xml", _MANIFEST)
        archive.writestr("s.sedml", _SEDML)
        archive.writestr("m/small.xml", sbml_texts()[0])
    return target.getvalue()
