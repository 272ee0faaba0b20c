"""Maps of any model's reactions: what is on them, in which order, and that they can be read."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from transport_model import load_model, plot_model, steady_state
from transport_model.analyses.figures.layered import layers_of
from transport_model.analyses.figures.models import draw_model
from transport_model.analyses.figures.reaction_maps import map_figure
from transport_model.analyses.figures.style import to_svg
from transport_model.analyses.studies.reaction_map import reaction_map
from transport_model.errors import InputError

CHAIN = """
model chain
  compartment cell_inside = 1; compartment medium = 1
  species $food in medium; species a in cell_inside; species b in cell_inside
  species $enzyme in cell_inside; species $drug in cell_inside
  food = 5; a = 1; b = 1; enzyme = 1; drug = 1; k = 0.3
  uptake: food -> a; k*food
  split: a -> 2 b; k*a*enzyme/(1 + drug)
  loss: b -> ; k*b
  back: b -> a; k*(b - 7*a)
end
"""


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    path = tmp_path_factory.mktemp("chain") / "chain.ant"
    path.write_text(CHAIN)
    return load_model(path)


def many(count, path):
    """Write a model of many reactions in a row, each with less to do than the one before."""
    lines = ["feed: -> s0; 1", *(f"r{n}: s{n} -> s{n + 1}; s{n}" for n in range(count)),
             *(f"d{n}: s{n} -> ; 0.05*s{n}" for n in range(count + 1))]  # fmt: skip
    starts = [f"s{n} = 1" for n in range(count + 1)]
    path.write_text("model many\n" + ";\n".join([*starts, *lines]) + ";\nend\n")
    return load_model(path)


def housed(path, *, across):
    """Write a model of four compartments with long names, that runs through them or within."""
    rooms = [f"the_{word}_compartment_of_the_cell" for word in ("first", "second", "third", "last")]
    lines = [f"compartment {room} = 1" for room in rooms]
    names = [(f"substance_{n}_of_{m}", rooms[n if across else m]) for m in range(4)
             for n in range(4)]  # fmt: skip
    lines += [f"species {name} in {room}; {name} = 1" for name, room in names]
    lines += [f"r{n}: {one[0]} -> {other[0]}; {one[0]}"
              for n, (one, other) in enumerate(pairwise(names)) if n % 4 != 3]  # fmt: skip
    path.write_text("model housed\n" + ";\n".join(lines) + ";\nend\n")
    return load_model(path)


def random_graph(seed):
    generator = np.random.default_rng(seed)
    count = int(generator.integers(4, 30))
    edges = [tuple(map(int, pair)) for pair in generator.integers(0, count, (2 * count, 2))]
    edges = [(a, b) for a, b in edges if a != b]
    sizes = [tuple(pair) for pair in generator.uniform(1, 20, (count, 2)).tolist()]
    lanes = generator.integers(0, 3, count).tolist()
    return sizes, edges, lanes


@pytest.mark.parametrize("seed", range(12))
def test_boxes_of_a_layout_are_apart_and_in_their_lanes(seed):
    sizes, edges, lanes = random_graph(seed)
    laid = layers_of(sizes, edges, lanes, (2.0, 3.0))
    assert laid == layers_of(sizes, edges, lanes, (2.0, 3.0))
    for (x, y), (width, height), lane, (begin, end) in zip(
        laid.points, sizes, lanes, laid.levels, strict=True
    ):
        left, right = laid.lanes[lane]
        assert left <= x - width / 2 < x + width / 2 <= right
        assert begin - 1e-9 <= y - height / 2 < y + height / 2 <= end + 1e-9
    for (one, (w1, _)), (other, (w2, _)) in combinations(zip(laid.points, sizes, strict=True), 2):
        if one[1] == other[1]:
            assert abs(one[0] - other[0]) >= (w1 + w2) / 2 + 2.0 - 1e-9
    for (source, target), route in zip(edges, laid.routes, strict=True):
        assert laid.levels[source] != laid.levels[target]
        ys = [laid.points[source][1], *(y for _, y in route), laid.points[target][1]]
        assert ys == sorted(ys) or ys == sorted(ys, reverse=True)


def test_a_chain_runs_down_in_its_order():
    laid = layers_of([(4, 2)] * 4, [(2, 0), (0, 3), (3, 1)], [0] * 4, (1, 1))
    heights = [laid.points[n][1] for n in (2, 0, 3, 1)]
    assert heights == [1, 4, 7, 10]
    assert len({x for x, _ in laid.points}) == 1


def test_a_line_goes_round_what_stands_between():
    laid = layers_of([(4, 2)] * 3, [(0, 1), (1, 2), (0, 2)], [0] * 3, (1, 1))
    ((x, _), (again, _)) = laid.routes[2]
    assert x == again
    assert abs(x - laid.points[1][0]) >= 2 + 1 - 1e-9


def test_a_map_holds_what_the_model_says(chain):
    found = reaction_map(chain, steady_state(chain))
    assert [item.id for item in found.species] == ["food", "a", "b", "enzyme", "drug"]
    assert [name for name, _ in found.compartments] == ["cell_inside", "medium"]
    links = {step.id: {(k.species, k.role, k.count) for k in step.links} for step in found.steps}
    assert links["uptake"] == {("food", "reactant", 1), ("a", "product", 1)}
    assert links["split"] == {("a", "reactant", 1), ("b", "product", 2),
                              ("enzyme", "modifier", 1), ("drug", "modifier", 1)}  # fmt: skip
    assert links["loss"] == {("b", "reactant", 1)}


def test_a_reaction_that_runs_backwards_is_turned_round(chain):
    state = steady_state(chain)
    assert state["back"] < 0
    back = next(step for step in reaction_map(chain, state).steps if step.id == "back")
    assert {(k.species, k.role) for k in back.links} == {("a", "reactant"), ("b", "product")}
    assert back.flux == -state["back"]


def test_an_inhibitor_by_its_term_ends_in_a_bar(tmp_path, chain):
    sbml = chain.sbml.replace(
        '<modifierSpeciesReference species="drug"',
        '<modifierSpeciesReference sboTerm="SBO:0000020" species="drug"',
    )
    (tmp_path / "inhibited.xml").write_text(sbml)
    inhibited = reaction_map(load_model(tmp_path / "inhibited.xml"))
    roles = {k.species: k.role for step in inhibited.steps for k in step.links}
    assert roles["drug"] == "inhibitor"
    assert roles["enzyme"] == "modifier"

    def bars(drawn):
        (ax,) = map_figure(drawn).axes
        return sum(type(patch.get_arrowstyle()).__name__ == "BracketB"
                   for patch in ax.patches if isinstance(patch, FancyArrowPatch))  # fmt: skip

    assert bars(inhibited) == 1
    assert bars(reaction_map(chain)) == 0


def boxes_of(figure):
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    (ax,) = figure.axes
    boxes = [p.get_window_extent(renderer) for p in ax.patches if isinstance(p, FancyBboxPatch)]
    texts = [(t, t.get_window_extent(renderer)) for t in ax.texts if t.get_text()]
    return boxes, texts


@pytest.mark.parametrize("name", ["oocyte", "chain", "many", "through", "within"])
def test_every_map_can_be_read(name, chain, tmp_path):
    path = tmp_path / "model.ant"
    model = {
        "oocyte": lambda: load_model("oocyte"),
        "chain": lambda: chain,
        "many": lambda: many(20, path),
        "through": lambda: housed(path, across=True),
        "within": lambda: housed(path, across=False),
    }[name]()
    figure = map_figure(reaction_map(model))
    boxes, texts = boxes_of(figure)
    frame = figure.bbox
    for text, box in texts:
        assert text.get_fontsize() >= 7
        assert frame.x0 <= box.x0 < box.x1 <= frame.x1, text
        assert frame.y0 <= box.y0 < box.y1 <= frame.y1, text
        holding = [b for b in boxes if b.overlaps(box)]
        assert len(holding) <= 1, text
        for outer in holding:
            assert outer.x0 <= box.x0, text
            assert box.x1 <= outer.x1, text
    for one, other in combinations(boxes, 2):
        assert not one.overlaps(other)
    for (one, first), (other, second) in combinations(texts, 2):
        assert not first.overlaps(second), f"{one} overlaps {other}"


def test_of_many_reactions_the_largest_fluxes_are_drawn(tmp_path):
    model = many(80, tmp_path / "many.ant")
    drawn = reaction_map(model, steady_state(model))
    figure = map_figure(drawn)
    width, height = figure.get_size_inches() * 25.4
    assert width <= 180.01
    assert height <= 250
    said = " ".join(text.get_text() for text in figure.axes[0].texts)
    assert f"largest fluxes of {len(model.reactions)} reactions" in said
    few = drawn.largest(3)
    assert sorted(step.flux for step in few.steps) == sorted(s.flux for s in drawn.steps)[-3:]
    assert few.left_out == len(drawn.steps) - 3


def test_a_species_in_very_many_reactions_stands_beside_each(tmp_path):
    lines = [f"r{n}: fuel + s{n} -> p{n}; fuel*s{n}" for n in range(9)]
    (tmp_path / "hub.ant").write_text("model hub\n" + ";\n".join(lines) + ";\nend\n")
    figure = map_figure(reaction_map(load_model(tmp_path / "hub.ant")))
    said = [text.get_text() for text in figure.axes[0].texts]
    assert said.count("fuel") == 9
    assert said.count("s1") == 1


def test_a_model_is_drawn_as_what_it_is(chain):
    cell = load_model("cell")
    assert "3 Na⁺" in {text.get_text() for text in plot_model(cell)[0].texts}
    assert "food" in {text.get_text() for text in plot_model(chain)[0].texts}
    state = steady_state(cell)
    assert "8 transporters in the membrane" in draw_model(cell, state).caption
    assert "fmol/s" in draw_model(cell, state).caption
    assert "14 reactions that cross no membrane" in draw_model(load_model("segment")).caption


def test_the_same_map_gives_the_same_picture(chain):
    one, other = (to_svg(plot_model(chain).figure, "map", "A map.") for _ in range(2))
    assert one == other


def test_what_cannot_be_drawn_is_said(tmp_path, chain):
    (tmp_path / "rates.ant").write_text("model rates\n  x = 1; x' = -x\nend\n")
    with pytest.raises(InputError, match="has no reactions"):
        plot_model(load_model(tmp_path / "rates.ant"))
    with pytest.raises(InputError, match="at a steady state, not at a dict"):
        plot_model(chain, {"a": 1.0})
