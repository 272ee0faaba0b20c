"""Tables keep what they hold in every format, and bad ones are refused by name."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from transport_model.analyses.tables import check_table_target, read_table, write_table
from transport_model.errors import InputError

TABLE = pd.DataFrame({"x": [0.1, -5.2e-17, 3.0]}, index=pd.Index(["a", "b", "c"], name="id"))


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".json"])
def test_numbers_and_units_survive(tmp_path, suffix):
    path = tmp_path / f"table{suffix}"
    write_table(TABLE, path, {"x": "mM"})
    if suffix == ".json":
        content = json.loads(path.read_text("utf-8"))
        assert content["units"] == {"x": "mM"}
        back = pd.DataFrame(content["rows"]).set_index("id")
    else:
        back = read_table(path)
        back = back.set_index("id") if suffix == ".csv" else back
    if suffix == ".parquet":
        assert pd.read_parquet(path).attrs == {"units": {"x": "mM"}}
    pd.testing.assert_frame_equal(back, TABLE, rtol=1e-15, atol=0, check_index_type=False)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("none.csv", None, "no such file"),
        ("empty.csv", b"", "is not a table that can be read"),
        ("wide.csv", b"a,b\n1,2,3\n", "is not a table that can be read"),
        ("binary.csv", b"\xff\xfe\x00", "is not a table that can be read"),
        ("text.parquet", b"a,b\n1,2\n", "is not a table that can be read"),
        ("table.xlsx", b"a,b\n1,2\n", "a design ends in .csv or .parquet"),
    ],
)
def test_what_is_no_table_is_refused_by_name(tmp_path, name, content, words):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=words) as error:
        read_table(path)
    assert name in str(error.value)
    assert "\n" not in str(error.value)


def test_targets_that_cannot_be_written_are_refused_before_the_work(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    for name, words in (
        ("table.xlsx", r"cannot tell the format of .* \.csv, \.parquet, \.json"),
        ("folder.csv", "is a folder; name a file"),
        ("none/table.csv", "there is no folder"),
    ):
        with pytest.raises(InputError, match=words):
            check_table_target(tmp_path / name)
        with pytest.raises(InputError, match=words):
            write_table(TABLE, tmp_path / name, {})
    assert [p.name for p in tmp_path.iterdir()] == ["folder.csv"]


def test_a_failing_disk_is_told_and_the_old_table_stays(tmp_path, monkeypatch):
    path = tmp_path / "table.csv"
    write_table(TABLE, path, {})
    before = path.read_bytes()

    def full(self, target, **_):
        target.write_text("id,x\na,0")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    with pytest.raises(InputError, match=r"cannot write '.*table\.csv': the disk is full"):
        write_table(TABLE, path, {})
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["table.csv"]
