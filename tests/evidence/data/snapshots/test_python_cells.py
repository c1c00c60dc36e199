"""Python's values come back of the classes that they were of, or are not kept."""

from __future__ import annotations

import datetime
import decimal
import json
import math
from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow
import pytest

from hermetic.errors import InvalidState
from hermetic.evidence.data.snapshots.packed import CannotKeep
from hermetic.evidence.data.snapshots.python_cells import cells_of, pack_cells

NAMES: dict[str, tuple[list[Any], str]] = {
    "nothing": ([], "object[text]"),
    "only None": ([None], "object[text, None]"),
    "only NA": ([pd.NA, pd.NA], "object[text, NA]"),
    "texts": (["a", ""], "object[text]"),
    "texts and None": (["a", None], "object[text, None]"),
    "texts and NaN": (["a", math.nan], "object[text, nan]"),
    "texts and NaT": (["a", pd.NaT], "object[text, NaT]"),
    "texts and two marks": (["a", None, pd.NA], "object[json]"),
    "texts and a fraction": (["a", 1.5], "object[json]"),
    "whole numbers": ([1, -(2**63), 2**63 - 1], "object[int]"),
    "whole numbers beyond 64 bits": ([2**63], "object[json]"),
    "switches": ([True, None], "object[bool, None]"),
    "switches and numbers": ([True, 1], "object[json]"),
    "fractions": ([1.5, math.inf, -0.0, math.nan], "object[float]"),
    "fractions and None": ([1.5, None, math.nan], "object[float, None]"),
    "bytes": ([b"", b"\xff", None], "object[bytes, None]"),
    "days": ([datetime.date.min, datetime.date.max], "object[json]"),
    "days and moments": (
        [datetime.date(2020, 1, 1), datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)],
        "object[json]",
    ),
    "times": ([datetime.time.max, datetime.time(1, tzinfo=datetime.UTC)], "object[json]"),
    "lengths": ([datetime.timedelta.min, datetime.timedelta.max], "object[json]"),
    "decimals": ([decimal.Decimal("1.50"), decimal.Decimal("NaN"), decimal.Decimal("-0")], "object[json]"),
    "numbers of numpy": ([np.int8(-1), np.uint64(2**64 - 1), np.float16(1.5), np.bool_(True)], "object[json]"),
    "texts of numpy": ([np.str_("ü"), "ü"], "object[json]"),
    "nested": ([[1, (2, [None, {"a": b"\xff"}])], {}, ()], "object[json]"),
    "dictionaries of ours": ([{"is": "tuple", "of": [1]}, {"is": 1}, {1: 2, None: 3, (4,): 5}], "object[json]"),
    "bytes in texts": ([["\0", "\N{GRINNING FACE}"]], "object[json]"),
    "the largest number kept": ([[2**4_095], [-(2**4_095)]], "object[json]"),
}


@pytest.mark.parametrize("which", NAMES)
def test_values_come_back_of_their_classes(which: str):
    values, name = NAMES[which]
    found_name, cells = pack_cells(values)
    assert found_name == name
    again = cells_of(name, cells)
    assert repr(again) == repr(values)
    assert [type(value) for value in again] == [type(value) for value in values]


class Own(dict[str, int]):
    """A dictionary of a class of its own."""


NOT_KEPT: dict[str, tuple[Any, str]] = {
    "a dictionary of a class of its own": (Own(a=1), "Own"),
    "a set": ({1}, "builtins.set"),
    "a complex number": (1j, "builtins.complex"),
    "an array": (np.zeros(2), "numpy.ndarray"),
    "an array of one number": (np.zeros(1), "numpy.ndarray"),
    "an array without dimensions": (np.array(1.5), "numpy.ndarray"),
    "extended precision": (np.longdouble(1), "numpy.longdouble"),
    "a moment of numpy": (np.datetime64(1, "ns"), "numpy.datetime64"),
    "a moment of another zone": (
        datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=1))),
        "other than UTC",
    ),
    "the second time of an hour": (datetime.datetime(2020, 1, 1, fold=1), "other than UTC"),
    "too large a number": (2**4_096, "more than 4,096 bits"),
    "too small a number": (-(2**4_096), "more than 4,096 bits"),
    "half a pair of surrogates": ("\ud800", "cannot hold"),
}


WHERE = ["alone", "in a list", "in a dictionary"]
PLACES = [(which, where) for which in NOT_KEPT for where in WHERE]
PLACES += [(which, "as a key") for which, (value, _) in NOT_KEPT.items() if isinstance(value, Hashable)]


@pytest.mark.parametrize(("which", "where"), PLACES)
def test_a_value_that_would_not_come_back_is_not_kept_wherever_it_is(which: str, where: str):
    value, words = NOT_KEPT[which]
    held = {"alone": [value, 1], "in a list": [[value]], "in a dictionary": [{"a": value}]}.get(where)
    with pytest.raises(CannotKeep, match=words):
        pack_cells(held if held is not None else [{value: 1}])


@pytest.mark.parametrize(("times", "is_kept"), [(50, True), (51, False), (5_000, False)])
def test_values_are_nested_fifty_times_and_no_more(times: int, is_kept: bool):
    value: Any = 1
    for _ in range(times):
        value = [value]
    if is_kept:
        name, cells = pack_cells([value])
        assert cells_of(name, cells) == [value]
    else:
        with pytest.raises(CannotKeep, match="nested more than 50 times"):
            pack_cells([value])


HOSTILE = [
    "",
    "{",
    "[" * 100_000,
    '{"is":"own","of":1}',
    '{"is":"numpy","of":""}',
    '{"is":"numpy |O","of":""}',
    '{"is":"numpy <f8","of":"00"}',
    '{"is":"numpy <f8","of":"zz"}',
    '{"is":"float","of":"1e999"}',
    '{"is":"float","of":[1]}',
    '{"is":"date","of":"2020-13-01"}',
    '{"is":"date","of":5}',
    '{"is":"timedelta","of":[1e30,0,0]}',
    '{"is":"timedelta","of":["a"]}',
    '{"is":"timedelta","of":[999999999999,0,0]}',
    '{"is":"decimal","of":"one"}',
    '{"is":"decimal","of":{}}',
    '{"is":"dict","of":[[1]]}',
    '{"is":"dict","of":[[[1],2]]}',
    '{"is":"dict","of":5}',
    '{"is":"tuple","of":null}',
    '{"is":"bytes","of":"ü"}',
    '{"is":"bytes","of":"abc"}',
    '{"is":["a"],"of":1}',
    '{"is":null}',
    "[" * 120 + "]" * 120,
    "1" * 5_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:32])
def test_a_text_that_says_no_value_is_refused(text: str):
    with pytest.raises(InvalidState, match="a value that is none"):
        cells_of("object[json]", pyarrow.array([text]))


def test_a_value_that_is_missing_where_each_has_a_text_is_refused():
    with pytest.raises(InvalidState, match="a value that is none"):
        cells_of("object[json]", pyarrow.array([json.dumps(1), None]))


@pytest.mark.parametrize("name", ["object[own]", "object[]", "object", "object[text, own]", "object[text, json]"])
def test_a_name_that_says_nothing_known_is_refused(name: str):
    with pytest.raises(InvalidState, match="which is not known here"):
        cells_of(name, pyarrow.array(["a"]))
