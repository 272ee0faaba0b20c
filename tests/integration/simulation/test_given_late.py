"""A value that is given late means what it would mean in the file."""

from __future__ import annotations

import pytest

from transport_model import load_model, simulate
from transport_model.mathematics.evaluation import start_values

MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2"><model id="m">
<listOfCompartments><compartment id="c" size="2" spatialDimensions="3" constant="true"/>
</listOfCompartments><listOfSpecies>
<species id="B" compartment="c" {how}="{value}" boundaryCondition="true" constant="{constant}"
 hasOnlySubstanceUnits="{amount}"/>
<species id="S" compartment="c" initialConcentration="1" boundaryCondition="false"
 hasOnlySubstanceUnits="false" constant="false"/></listOfSpecies>
<listOfInitialAssignments><initialAssignment symbol="S">
<math xmlns="http://www.w3.org/1998/Math/MathML"><apply><times/><cn>3</cn><ci>B</ci></apply></math>
</initialAssignment></listOfInitialAssignments><listOfReactions><reaction id="r" reversible="false">
<listOfReactants><speciesReference species="S" stoichiometry="1" constant="true"/></listOfReactants>
<kineticLaw><math xmlns="http://www.w3.org/1998/Math/MathML"><ci>S</ci></math></kineticLaw>
</reaction></listOfReactions></model></sbml>"""


@pytest.mark.parametrize("constant", ["true", "false"])
@pytest.mark.parametrize(
    ("how", "amount", "in_file"),
    [("initialConcentration", "false", 10), ("initialAmount", "false", 20),
     ("initialAmount", "true", 10)],
)  # fmt: skip
def test_a_start_follows_from_a_boundary_species(tmp_path, how, amount, in_file, constant):
    """S starts at three times B, whichever B is set to; by the file that says so at once."""

    def model(value):
        path = tmp_path / f"{value}.xml"
        path.write_text(MODEL.format(how=how, value=value, amount=amount, constant=constant))
        return load_model(path)

    changed, written = model(4).with_values(B=10), model(in_file)
    courses = [simulate(one, 1.0, 3)[["B", "S"]] for one in (changed, written)]
    assert courses[0].iloc[0].to_dict() == {"B": 10.0, "S": 30.0}
    assert courses[0].to_numpy() == pytest.approx(courses[1].to_numpy(), rel=1e-12)
    assert start_values(changed)["S"] == pytest.approx(30.0)
    unchanged = simulate(model(4), 1.0, 3)
    assert unchanged["S"].iloc[0] == pytest.approx(3 * unchanged["B"].iloc[0])
