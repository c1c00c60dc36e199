"""Answers of models: arrays by name, and JSON that any reader takes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from hermetic.deploy.serving.outputs import arrays_of, json_rows_of
from hermetic.deploy.serving.problems import Problem

ONE = np.array([[1.0, 2.0]])
NAMED: dict[str, tuple[Any, list[str]]] = {
    "an array": (ONE, ["m"]),
    "a list of numbers": ([1, 2], ["m"]),
    "no rows": (np.empty((0, 2)), ["m"]),
    "nothing": ([], ["m"]),
    "a list of arrays": ([ONE, ONE, ONE], ["m.0", "m.1", "m.2"]),
    "a list of one array": ([ONE], ["m.0"]),
    "a list of rows": ([np.array([1.0]), np.array([2.0])], ["m"]),
    "a sparse matrix": (sp.csr_matrix(ONE), ["m"]),
    "a sparse array": (sp.csr_array(ONE), ["m"]),
    "a frame": (pd.DataFrame(ONE), ["m"]),
    "a series": (pd.Series([1.0]), ["m"]),
}


@pytest.mark.parametrize("words", NAMED)
def test_arrays_are_named_like_the_method(words: str):
    answer, names = NAMED[words]
    found = arrays_of("m", answer)
    assert list(found) == names
    assert all(type(array) is np.ndarray for array in found.values())


ROWS: dict[str, tuple[Any, Any]] = {
    "infinities": (np.array([[np.inf, -np.inf], [np.nan, 0.5]]), [[None, None], [None, 0.5]]),
    "half precision": (np.array([np.inf, 0.5], dtype="f2"), [None, 0.5]),
    "booleans": (np.array([True, False]), [True, False]),
    "great whole numbers": (np.array([2**64 - 1], dtype="u8"), [2**64 - 1]),
    "the other byte order": (np.array([1, 2], dtype=">i4"), [1, 2]),
    "missing objects": (np.array([None, np.nan, "a"], dtype=object), [None, None, "a"]),
    "missing dates": (np.array(["NaT", "2026-01-02"], dtype="M8[D]"), ["None", "2026-01-02"]),
    "texts of nothing": (np.array(["", "\x00"], dtype=object), ["", "\x00"]),
    "complex numbers": (np.array([1 + 2j]), ["(1+2j)"]),
    "bytes": (np.array([b"a"]), ["b'a'"]),
    "no rows": (np.empty((0, 3)), []),
    "sparse": (sp.csr_matrix(np.array([[0.0, 2.0]])), [[0.0, 2.0]]),
}


@pytest.mark.parametrize("words", [words for words in ROWS if words != "missing dates"])
def test_every_answer_is_json(words: str):
    answer, expected = ROWS[words]
    found = json_rows_of(arrays_of("m", answer))
    assert found == expected
    assert json.loads(json.dumps(found, allow_nan=False)) == expected


def test_a_date_that_is_missing_is_null():
    assert json_rows_of(arrays_of("m", ROWS["missing dates"][0])) == [None, "2026-01-02"]


def test_an_answer_is_not_changed_by_writing_it():
    answer = np.array([np.nan, 1.0])
    json_rows_of(arrays_of("m", answer))
    assert np.isnan(answer[0])


SHAPES = {"wide": (1 << 14, 1 << 13), "long": (1 << 27, 1), "one too many": ((1 << 26) + 1, 1)}


@pytest.mark.parametrize("words", SHAPES)
def test_a_sparse_answer_is_made_dense_only_where_it_fits(words: str):
    with pytest.raises(Problem, match=f"{SHAPES[words][0]} x {SHAPES[words][1]} values: send fewer rows"):
        arrays_of("transform", sp.csr_matrix(SHAPES[words], dtype="i1"))
