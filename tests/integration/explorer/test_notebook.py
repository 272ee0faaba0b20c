"""The page in a notebook."""

import pytest

from transport_model import explore, load_model

PLAIN = "model plain\n S = 10; S' = -k*S; k = 0.3\nend\n"


@pytest.fixture
def plain(tmp_path):
    (tmp_path / "plain.ant").write_text(PLAIN)
    return load_model(tmp_path / "plain.ant")


def test_a_model_shows_itself_in_a_frame_that_reaches_nothing(plain):
    shown = plain.explore()
    assert shown.html == explore(plain).html
    assert 'sandbox="allow-scripts allow-downloads"' in shown._repr_html_()
    assert (shown.values, shown.model) == ({}, plain)


def test_a_notebook_hears_of_the_sliders(plain):
    pytest.importorskip("anywidget")
    shown = plain.with_values(k=0.5).explore()
    data, _ = shown._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert shown.widget.html == shown.html
    assert dict(shown.model.changes) == {"k": 0.5}
    shown.widget.values = {"S": 3.0}
    assert dict(shown.model.changes) == {"k": 0.5, "S": 3.0}


def test_the_values_of_a_page_are_those_of_the_model_that_it_shows(cell):
    pytest.importorskip("anywidget")
    shown = cell.explore()
    shown.widget.set_trait("shown", "cell_sglt2")
    shown.widget.values = {"K_o": 6.0}
    assert (shown.model.name, dict(shown.model.changes)) == ("cell_sglt2", {"K_o": 6.0})
