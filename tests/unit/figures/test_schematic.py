"""The drawing of a cell: what it says, and that it can be read in print."""

from itertools import combinations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import FancyArrowPatch

from transport_model import load_model, steady_state
from transport_model.analyses.figures.describe import describe
from transport_model.analyses.figures.models import draw_model
from transport_model.analyses.figures.schematic import schematic
from transport_model.analyses.figures.style import COLUMN, ION, PAGE, to_svg
from transport_model.analyses.figures.symbols import INCH
from transport_model.analyses.studies.anatomy import anatomy


@pytest.fixture(scope="module")
def drawn():
    """A function that draws a shipped cell at rest, once."""
    kept = {}

    def draw(name, width=None, *, state=True):
        key = name, width, state
        if key not in kept:
            model = load_model(name)
            found = anatomy(model, steady_state(model) if state else None)
            kept[key] = found, schematic(found, width)
        return kept[key]

    return draw


def labels_of(figure):
    """Return the texts of a figure with their boxes [pixels]."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    (ax,) = figure.axes
    return [(text, text.get_window_extent(renderer)) for text in ax.texts if text.get_text()]


@pytest.mark.parametrize(
    ("name", "width", "state"),
    [
        ("cell", None, True),
        ("cell", COLUMN * INCH, True),
        ("cell", None, False),
        ("cell_sglt2", None, True),
        ("pump_assay", None, True),
        ("epithelium", None, True),
        ("pt_s2", None, True),
        ("enterocyte", None, True),
        ("segment", None, True),
        ("segment", None, False),
    ],
)
def test_every_label_can_be_read(drawn, name, width, state):
    _, figure = drawn(name, width, state=state)
    labels = labels_of(figure)
    frame = figure.bbox
    for text, box in labels:
        assert text.get_fontsize() >= 7, text
        assert frame.x0 <= box.x0 < box.x1 <= frame.x1, f"clipped: {text}"
        assert frame.y0 <= box.y0 < box.y1 <= frame.y1, f"clipped: {text}"
    for (one, first), (other, second) in combinations(labels, 2):
        assert not first.overlaps(second), f"{one} overlaps {other}"


@pytest.mark.parametrize("name", ["cell", "epithelium"])
def test_no_arrow_runs_through_a_label(drawn, name):
    _, figure = drawn(name)
    (ax,) = figure.axes
    labels = labels_of(figure)
    arrows = [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]
    for patch in arrows:
        around = patch.get_window_extent()
        for text, box in labels:
            assert not around.overlaps(box), text


def test_fluxes_potential_and_numbers_are_told(drawn):
    found, figure = drawn("cell")
    (ax,) = figure.axes
    said = {text.get_text() for text in ax.texts}
    assert {"3 Na⁺", "2 K⁺", "ATP → ADP + Pᵢ", "2 Na⁺", "glucose"} <= said
    assert f"−{abs(found.membranes[0].potential):.3g} mV" in said
    pump = next(row for row in found.transporters if row.kind == "pump")
    assert f"{pump.flux:#.3g} fmol/s" in said
    # Inside is negative
    signs = [(text.get_position()[0], text.get_text()) for text in ax.texts
             if text.get_text() in {"+", "−"}]  # fmt: skip
    minus = [x for x, sign in signs if sign == "−"]
    plus = [x for x, sign in signs if sign == "+"]
    assert min(plus) < min(minus) < max(minus) < max(plus)


def test_arrows_have_the_colours_of_their_ions_and_are_dashed_without_flux(drawn):
    found, figure = drawn("cell")
    (ax,) = figure.axes
    arrows = [p for p in ax.patches if isinstance(p, FancyArrowPatch) and p.get_zorder() == 3]
    assert len(arrows) == sum(len(row.moved) for row in found.transporters)
    dashed = [p for p in arrows if p.get_linestyle() != "-"]
    idle = sum(len(row.moved) for row in found.transporters if row.flux == 0)
    assert len(dashed) == idle == 2  # chloride at equilibrium, and water
    sodium = sum(m.substance == "Na⁺" for row in found.transporters for m in row.moved)
    colours = [p.get_edgecolor()[:3] for p in arrows]
    blue = tuple(int(ION["Na"][i : i + 2], 16) / 255 for i in (1, 3, 5))
    assert sum(colour == pytest.approx(blue) for colour in colours) == sodium


def test_widths_are_those_of_a_journal(drawn):
    assert drawn("pump_assay")[1].get_size_inches()[0] == pytest.approx(COLUMN)
    assert drawn("cell")[1].get_size_inches()[0] == pytest.approx(PAGE)


def test_the_same_cell_gives_the_same_picture():
    found = anatomy(load_model("cell"))
    assert to_svg(schematic(found), "a", "b") == to_svg(schematic(found), "a", "b")


def test_in_words_a_drawing_says_what_its_caption_says(cell):
    drawing = draw_model(cell)
    assert describe(drawing.figure).startswith(drawing.caption)
