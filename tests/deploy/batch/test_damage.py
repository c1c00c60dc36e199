"""What pyarrow cannot read is told with the name of the file; what the disk says stays what it is."""

from __future__ import annotations

from pathlib import Path

import pyarrow
import pyarrow.csv
import pyarrow.parquet
import pytest

from hermetic.deploy.batch.damage import naming_damage
from hermetic.errors import FormatError

DAMAGE = {
    "invalid": pyarrow.ArrowInvalid("row 3 is short"),
    "not implemented": pyarrow.ArrowNotImplementedError("row 3 is short"),
    "no disk": OSError("row 3 is short"),
}


@pytest.mark.parametrize("which", DAMAGE)
def test_damage_names_the_file_and_keeps_its_cause(which: str):
    with pytest.raises(FormatError, match="the file is damaged: row 3 is short") as caught, naming_damage("a b.csv"):
        raise DAMAGE[which]
    assert caught.value.where == "a b.csv"
    assert caught.value.__cause__ is DAMAGE[which]


OTHERS = {
    "a full disk": OSError(28, "No space left on device"),
    "a file that is not there": FileNotFoundError(2, "No such file or directory"),
    "no memory": MemoryError(),
    "another error of pyarrow": pyarrow.ArrowKeyError("a"),
    "an error of the program": TypeError("a"),
}


@pytest.mark.parametrize("which", OTHERS)
def test_what_is_no_damage_is_left_alone(which: str):
    with pytest.raises(type(OTHERS[which])) as caught, naming_damage("rows.csv"):
        raise OTHERS[which]
    assert caught.value is OTHERS[which]


def test_only_the_first_line_is_told_and_not_all_of_a_long_one():
    with pytest.raises(FormatError) as caught, naming_damage("rows.csv", "no rows"):
        raise pyarrow.ArrowInvalid("x" * 1_000 + "\nsecret row")
    assert caught.value.found == "no rows: " + "x" * 300


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"\0" * 40 + b"PAR1", b"a,b\n1,2\n", b"ARROW1"])
def test_a_file_that_is_no_parquet_file_is_damaged(content: bytes, tmp_path: Path):
    path = tmp_path / "rows.parquet"
    path.write_bytes(content)
    with pytest.raises(FormatError), naming_damage(str(path)):
        pyarrow.parquet.read_table(path)


def test_a_parquet_file_without_its_end_is_damaged(tmp_path: Path):
    path = tmp_path / "rows.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"a": list(range(100))}), path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(FormatError), naming_damage(str(path)):
        pyarrow.parquet.read_table(path)


def test_what_goes_well_goes_through(tmp_path: Path):
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n")
    with naming_damage("rows.csv"):
        table = pyarrow.csv.read_csv(tmp_path / "rows.csv")
    assert table.to_pydict() == {"a": [1], "b": [2]}
