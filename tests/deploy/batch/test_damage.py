"""What pyarrow says of a file becomes an error that names the file; what the disk says stays as it is."""

from __future__ import annotations

import errno

import pyarrow
import pytest

from hermetic.deploy.batch.damage import naming_damage
from hermetic.errors import FormatError

DAMAGE = {
    "wrong contents": pyarrow.ArrowInvalid("no such row"),
    "a type that nobody reads": pyarrow.ArrowNotImplementedError("no such type"),
    "an end in the middle": OSError("unexpected end"),
}


@pytest.mark.parametrize("words", DAMAGE)
def test_damage_names_the_file_and_the_reason(words: str):
    with pytest.raises(FormatError, match=f"the file is damaged: {DAMAGE[words]}") as caught, naming_damage("rows.csv"):
        raise DAMAGE[words]
    assert caught.value.where == "rows.csv"
    assert caught.value.__cause__ is DAMAGE[words]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.ENOENT, errno.EIO])
def test_what_the_disk_says_is_not_damage(number: int):
    with pytest.raises(OSError, match="disk") as caught, naming_damage("rows.csv"):
        raise OSError(number, "the disk says so")
    assert caught.value.errno == number


@pytest.mark.parametrize(
    "error", [KeyError("a"), ValueError("a"), KeyboardInterrupt()], ids=lambda own: type(own).__name__
)
def test_other_errors_pass(error: BaseException):
    with pytest.raises(type(error)) as caught, naming_damage("rows.csv"):
        raise error
    assert caught.value is error


def test_a_long_story_is_told_in_its_first_line():
    with pytest.raises(FormatError) as caught, naming_damage("rows.csv", "the rows are no CSV"):
        raise pyarrow.ArrowInvalid("x" * 1_000 + "\nsecond line")
    assert caught.value.found == "the rows are no CSV: " + "x" * 300
