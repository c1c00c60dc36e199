"""What says how data were held is anybody's: whatever it says, an object comes back or the file is refused."""

from __future__ import annotations

import io
import random
import warnings
from typing import Any

import numpy as np
import pandas as pd
import polars
import pyarrow
import pytest
import scipy.sparse

from hermetic.errors import FileError, InvalidState, LimitExceeded
from hermetic.evidence.data.snapshots.of_any import as_samples, pack, unpack
from hermetic.evidence.data.snapshots.packed import CannotKeep, Unpacked
from hermetic.evidence.data.snapshots.parquet import read_parquet, write_parquet
from hermetic.recorded.data import Holder, IndexLevel

OBJECTS: dict[str, Any] = {
    "array": np.arange(6.0).reshape(3, 2),
    "complex array": np.ones(3, "c16"),
    "texts": np.array(["a", "grün", "c"]),
    "texts of any length": np.array(["a", "b", "c"], dtype=np.dtypes.StringDType()),
    "bytes": np.array([b"\xff", b"a", b"b"]),
    "days": np.array(["2020-01-01", "NaT", "2020-01-03"], dtype="M8[D]"),
    "objects": np.array([["a", 1], [None, 2], ["b", 3]], dtype=object),
    "list": ["a", "b", "c"],
    "rows": [(1, "a"), (2, "b"), (3, None)],
    "sparse": scipy.sparse.csr_matrix(np.eye(3)),
    "series": pd.Series(["x", "y", "x"], dtype="category", name="own"),
    "whole numbers": pd.Series([1, None, 3], dtype="Int8"),
    "moments": pd.Series(pd.date_range("2020-01-01", periods=3, tz="Europe/Berlin")),
    "frame": pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]}, index=["p", "q", "r"]),
    "numbered frame": pd.DataFrame({0: [1, 2, 3], 1: [0.5, 1.5, 2.5]}),
    "polars": polars.DataFrame({"a": [1, 2, 3], "b": polars.Series(["x", "y", "x"], dtype=polars.Enum(["x", "y"]))}),
    "table": pyarrow.table({"a": [1, 2, 3], "b": ["x", "y", "z"]}),
    "column": pyarrow.chunked_array([[1, 2], [3]]),
}
DTYPES = [
    *(
        "<f8",
        ">i2",
        "<f3",
        "<c16",
        "<M8[D]",
        "<M8[0s]",
        "<M8[ns]",
        "|S3",
        "<U4",
        "<U999999999",
        "",
        "5",
        "Int8",
        "Enum",
    ),
    *("text", "object[x]", "object[json]", "object[int, NaT]", "object[text]", "boolean", "UInt64", "Categorical"),
    *("category[<i8]", "category[object]", "category[category[object]]", "ordered category[Int64]", "category[string]"),
    *("datetime64[ns, Mars/Base]", "datetime64[s, UTC+99:99]", "string[pyarrow, NA]", "arrow[int8]", "range(0, 3, 1)"),
    *("range(0, 99999999999999999999, 1)", "range(a)", "range(0, 3, 0)"),
]
NAMES = ["a", "0", "1", "-1", "99999999999", "9" * 30, "", "9223372036854775807", "9" * 5_000]
CATEGORIES: list[list[Any]] = [
    *([], ["x", "y"], ["x", "x"], [1, 2], [2**63, -1], [2**70], [1.5, float("inf")], [float("nan"), float("nan")]),
    *([True, True], ["\ud800"], ["x", 1]),
]
LABELS = ["", "text", "object", "int", "range"]


def _written(data: Any) -> tuple[Holder, Unpacked]:
    packed = pack(data)
    file = io.BytesIO()
    write_parquet(packed, file)
    return packed.holder, read_parquet(file.getvalue(), n_rows=packed.n_rows)


def _changed(chance: random.Random, written: list[tuple[Holder, Unpacked]]) -> tuple[Holder, Unpacked]:
    """Say something else of columns than what they are, in one to three places."""
    holder, found = chance.choice(written)
    said: dict[str, Any] = {name: getattr(holder, name) for name in holder.__struct_fields__}
    names, columns, categories = list(found.names), list(found.columns), dict(found.categories)
    for _ in range(chance.randint(1, 3)):
        match chance.randrange(7):
            case 0:
                said["form"] = chance.choice([own.form for own, _ in written] + ["list of sets", "numpy", "value", ""])
            case 1:
                said["dtypes"] = [chance.choice(DTYPES) for _ in range(chance.choice([0, 1, len(columns)]))]
            case 2:
                said["labels"] = chance.choice(LABELS)
            case 3:
                levels = [IndexLevel(name=None, dtype=chance.choice(DTYPES)) for _ in range(chance.randint(0, 2))]
                said["index"] = levels
            case 4:
                names = [chance.choice(NAMES) for _ in names]
            case 5:
                categories = {str(place): chance.choice(CATEGORIES) for place in range(2)}
            case _:
                columns = (columns + list(chance.choice(written)[1].columns))[: chance.randint(0, 4)]
                names = [str(place) for place in range(len(columns))]
                said["n_dimensions"] = chance.choice([0, 1, 2, 3])
    unpacked = Unpacked(names=names, columns=columns, n_rows=found.n_rows, categories=categories, most_bytes=1 << 20)
    return Holder(**said), unpacked


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_said_of_columns_they_come_back_or_are_refused(seed: int):
    chance = random.Random(seed)
    written = [_written(data) for data in OBJECTS.values()]
    n_refused = 0
    for _ in range(150):
        holder, found = _changed(chance, written)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # pandas warns of names that look like dates
                unpack(holder, found)
        except FileError:
            n_refused += 1
    assert 30 <= n_refused <= 145


HOSTILE: dict[str, tuple[str, dict[str, Any], dict[str, Any], str]] = {
    "categories twice": ("series", {}, {"categories": {"0": ["x", "y", "x"]}}, "must be unique"),
    "categories of two classes": ("series", {}, {"categories": {"0": ["x", 1]}}, "what its categories are"),
    "categories that are missing": ("series", {}, {"categories": {}}, "what its categories are"),
    "a value that is no category": ("series", {}, {"categories": {"0": ["y"]}}, "none of its categories"),
    "categories of numbers for texts": ("series", {}, {"categories": {"0": [0.5]}}, "Failed to parse"),
    "categories from below to beyond": ("series", {}, {"categories": {"0": [2**63, -1]}}, "OverflowError"),
    "categories that are no texts": ("series", {}, {"categories": {"0": ["\ud800"]}}, "UnicodeEncodeError"),
    "categories in categories": ("series", {"dtypes": ["category[category[object]]"]}, {}, "what its categories are"),
    "a closed list with one twice": ("polars", {}, {"categories": {"1": ["x", "x"]}}, "unique"),
    "a closed list without a value": ("polars", {}, {"categories": {"1": ["y"]}}, "none of its categories"),
    "days where pandas has none": ("series", {"dtypes": ["<M8[D]"]}, {}, "a column holds"),
    "texts of a width in pandas": ("frame", {"dtypes": ["<i8", "<U4"]}, {}, "which pandas does not have"),
    "switches for numbers": ("whole numbers", {"dtypes": ["boolean"]}, {}, "does not become a pandas series"),
    "an unknown zone": ("moments", {"dtypes": ["datetime64[us, Mars/Base]"]}, {}, "Mars/Base"),
    "a zone that is a path": ("moments", {"dtypes": ["datetime64[us, /etc/passwd]"]}, {}, "no dtype known here"),
    "a zone behind dateutil": ("moments", {"dtypes": ["datetime64[us, dateutil//etc/passwd]"]}, {}, "no dtype known"),
    "names that are no numbers": ("numbered frame", {"labels": "int"}, {"names": ["0", "x"]}, "are named"),
    "names of too many digits": ("numbered frame", {"labels": "int"}, {"names": ["0", "9" * 5_000]}, "are named"),
    "names beyond 64 bits": ("numbered frame", {"labels": "int"}, {"names": ["0", "9" * 30]}, "beyond 64 bits"),
    "a range of no steps": ("numbered frame", {"labels": "range"}, {"names": ["1", "1"]}, "named by a range"),
    "a range that ends beyond": (
        "numbered frame",
        {"labels": "range"},
        {"names": ["0", str(2**63 - 1)]},
        "named by a range",
    ),
    "an index of other length": ("numbered frame", {"index": ["range(0, 2, 1)"]}, {}, "2 labels for 3 rows"),
    "an index of no steps": ("numbered frame", {"index": ["range(0, 3, 0)"]}, {}, "which is none"),
    "an index beyond 64 bits": ("numbered frame", {"index": [f"range(0, {10**30}, 1)"]}, {}, "which is none"),
    "bytes as texts": ("bytes", {"dtypes": ["text"]}, {}, "UnicodeDecodeError"),
    "texts as bytes": ("texts", {"dtypes": ["|S4"]}, {}, "UnicodeEncodeError"),
    "an array of two dtypes": ("objects", {"dtypes": ["<U1", "object[int]"]}, {}, "several dtypes"),
    "an array without a dtype": ("array", {"dtypes": []}, {}, "without a dtype"),
    "two columns of one dimension": ("array", {"n_dimensions": 1}, {}, "one dimension has 2 columns"),
    "a form that is not known": ("list", {"form": "set of texts"}, {}, "not known here"),
    "a form that is empty": ("list", {"form": ""}, {}, "not known here"),
    "rows that are sets": ("rows", {"form": "list of sets"}, {}, "not known here"),
    "a single value of many": ("list", {"form": "value"}, {}, "single value is stored as 3"),
}


@pytest.mark.parametrize("which", HOSTILE)
def test_what_cannot_be_is_refused_in_words(which: str):
    name, said, given, words = HOSTILE[which]
    holder, found = _written(OBJECTS[name])
    said = {**{own: getattr(holder, own) for own in holder.__struct_fields__}, **said}
    said["index"] = [IndexLevel(name=None, dtype=own) if isinstance(own, str) else own for own in said["index"]]
    read = {"names": found.names, "columns": found.columns, "n_rows": 3, "categories": found.categories, **given}
    with pytest.raises(InvalidState, match=words):
        unpack(Holder(**said), Unpacked(**read))


def test_names_far_apart_take_no_memory():
    holder, found = _written(pd.DataFrame([[1, 2, 3]]))
    wide = Unpacked(names=["0", "1", str(2**62)], columns=found.columns, n_rows=1, categories={})
    with pytest.raises(InvalidState, match="named by a range"):
        unpack(holder, wide)


@pytest.mark.parametrize("dtype", ["<U499999999", "|S999999999"])
def test_texts_are_not_as_wide_as_somebody_says(dtype: str):
    holder, found = _written(OBJECTS["texts"])
    said = Holder(form=holder.form, n_dimensions=1, dtypes=[dtype], order="C", index=[])
    read = Unpacked(names=found.names, columns=found.columns, n_rows=3, categories={}, most_bytes=1 << 30)
    with pytest.raises(LimitExceeded) as caught:
        unpack(said, read)
    assert (caught.value.limit, caught.value.allowed) == ("most_bytes", 1 << 30)
    assert caught.value.asked == 3 * np.dtype(dtype).itemsize


NAMES_THAT_ARE_NO_TEXTS: dict[str, Any] = {
    "of a column": lambda: pd.DataFrame([[1, 2]], columns=pd.Index(["\ud800", "b"], dtype=object)),
    "of the columns": lambda: pd.DataFrame([[1]], columns=pd.Index(["a"], name="\ud800")),
    "of an index": lambda: pd.DataFrame({"a": [1]}, index=pd.Index([1], name="\ud800")),
    "of a series": lambda: pd.Series([1], name="\ud800"),
}


@pytest.mark.parametrize("which", NAMES_THAT_ARE_NO_TEXTS)
def test_a_name_that_no_file_can_hold_is_not_kept(which: str):
    with pytest.raises(CannotKeep, match="a name that is no text"):
        pack(NAMES_THAT_ARE_NO_TEXTS[which]())


@pytest.mark.parametrize("data", [3, 1.5, "balanced", True])
def test_a_single_value_counts_as_one_sample(data: Any):
    assert as_samples(data) == [data]
    assert pack(data).n_rows == 1


@pytest.mark.parametrize("data", [[3], (1,), None, np.float64(1.5), b"a"])
def test_everything_else_is_as_many_samples_as_it_has(data: Any):
    assert as_samples(data) is data
