"""Messages are one line that fits on a screen, whatever they repeat."""

import pytest

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
