"""Two fingerprints tell where their data differ, though neither is at hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hermetic.evidence.data.differences import differences_between
from hermetic.evidence.data.fingerprint import fingerprint

_random = np.random.default_rng(0)
DATA = pd.DataFrame({"age": _random.normal(size=200_000), "town": _random.choice(["Ulm", "Bonn"], 200_000), "n": 1})


def _with(**columns: object) -> pd.DataFrame:
    return DATA.assign(**columns)


def _cell(row: int) -> pd.DataFrame:
    changed = DATA.copy()
    changed.loc[row, "age"] = 0.5
    return changed


CHANGES = {
    "nothing": (DATA.copy(), []),
    "a cell": (_cell(70_000), ["column 'age' holds other values, in rows 65,536 to 131,071"]),
    "a dtype": (_with(n=np.int32(1)), ["column 'n' is int32, recorded as int64"]),
    "the rows of numbers": (
        _with(age=DATA["age"].to_numpy()[::-1]),
        ["column 'age' holds the same values in another order of rows"],
    ),
    "a text": (
        _with(town=DATA["town"].where(DATA.index != 3)),
        ["column 'town' holds other values, 1 of them missing instead of 0, in rows 0 to 65,535"],
    ),
    "names": (
        DATA.rename(columns={"n": "m"}),
        ["missing columns: 'n'", "columns that were not recorded: 'm'"],
    ),
    "the order of columns": (DATA[["town", "age", "n"]], ["the columns stand in another order"]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_words_say_where(change: str):
    changed, words = CHANGES[change]
    assert differences_between(fingerprint(DATA), fingerprint(changed)) == words


def test_other_numbers_of_rows_and_columns_are_said_first():
    found = differences_between(fingerprint(DATA), fingerprint(DATA[:5].drop(columns="n")))
    assert found[:3] == ["5 rows, recorded were 200,000", "2 columns, recorded were 3", "missing columns: 'n'"]
    assert len(found) == 5


def test_an_array_without_names_is_compared_by_place():
    numbers = np.arange(12.0).reshape(4, 3)
    named = pd.DataFrame(numbers, columns=list("abc"))
    assert differences_between(fingerprint(named), fingerprint(numbers)) == []
    changed = numbers.copy()
    changed[0, 1] = 99
    assert differences_between(fingerprint(numbers), fingerprint(changed)) == ["column 1 holds other values"]
    assert differences_between(fingerprint(numbers), fingerprint(numbers[::-1])) == [
        "all columns hold the same values in another order of rows"
    ]


def test_many_columns_are_counted():
    numbers = np.zeros((3, 100))
    found = differences_between(fingerprint(numbers), fingerprint(numbers + 1))
    assert len(found) == 10
    assert found[-1] == "91 more columns differ"
