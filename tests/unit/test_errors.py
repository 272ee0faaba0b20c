"""Messages are one line that fits on a screen, whatever they repeat."""

import pytest

from transport_model import load_model
from transport_model.errors import InputError, SteadyStateError, UnknownIdError
from transport_model.reading.documents import read_model


@pytest.mark.parametrize("noise", ["x" * 5000, "a\nb\r\x1b[31m\u2028c", "\udc80" * 400])
def test_what_a_message_repeats_neither_fills_the_screen_nor_leaves_the_line(noise):
    for error in (InputError(noise), SteadyStateError(noise, "failed"), UnknownIdError(noise)):
        message = str(error)
        assert len(message) <= 300
        assert len(message.splitlines()) == 1
        assert message.isprintable()


def test_a_message_that_is_cut_keeps_its_beginning_and_what_to_do():
    message = str(InputError(f"cell '{'9' * 9000}' is no number; write one such as 1.5"))
    assert message.startswith("cell '999")
    assert message.endswith("is no number; write one such as 1.5")


def test_an_id_of_kilobytes_is_unknown_in_one_line(cell):
    with pytest.raises(InputError) as caught:
        cell.with_values(**{"x" * 100_000: 1.0})
    assert len(str(caught.value)) <= 300


def test_antimony_says_in_one_line_what_it_does_not_read(tmp_path):
    path = tmp_path / "wordy.ant"
    path.write_text("model m\n  A" + "B" * 3000 + " -> ; k k\nend\n")
    with pytest.raises(InputError) as caught:
        read_model(path)
    assert len(str(caught.value)) <= 300


@pytest.mark.parametrize(
    ("model", "name", "near"),
    [
        ("epithelium", "V_m", "'V_a' or 'V_b'"),
        ("epithelium", "Na_o", "'Na_a' or 'Na_b'"),
        ("epithelium", "P_Na", "'P_Na_a'"),
        ("epithelium", "n_SGLT", "'n_SGLT1' or 'n_SGLT2'"),
        ("epithelium", "charge", "'charge_a' or 'charge_b'"),
        ("epithelium", "J_leak_Na", "'J_leak_Na_a'"),
        ("epithelium", "osm_o", "'osm_a' or 'osm_b'"),
        ("epithelium", "sglt_k12", "'sglt1_k12'"),
        ("segment", "Glc_o", "'Glc_a' or 'Glc_b'"),
        ("cell", "Na_a", "'Na_o'"),
        ("cell", "V_b", "'V_m'"),
        ("cell", "charge_a", "'charge'"),
        ("cell", "J_sglt1_slip", "'J_sglt_slip'"),
        ("cell", "P_K_b", "'P_K'"),
        ("cell", "P_na", "'P_Na'"),  # a slip of the pen is still one
    ],
)
def test_an_id_of_another_cell_is_answered_with_what_means_the_same(model, name, near):
    with pytest.raises(UnknownIdError, match=rf"no quantity '{name}'.*; did you mean {near}\?"):
        load_model(model).with_values(**{name: 1.0})
