"""Series and frames of pandas in legacy files: managers and blocks of all releases, and hostile ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest

import hermetic
from hermetic.errors import FileError
from tests.legacy_pickles import PROTOCOLS, Made, Named, adopted_fields, assert_like_live, new, problem_of, written

MAKE = "pandas.core.indexes.base:_new_Index"
MANAGER = "pandas.core.internals.managers:BlockManager"
SINGLE = "pandas.core.internals.managers:SingleBlockManager"
BLOCK = "pandas._libs.internals:_unpickle_block"
BACKED = "pandas._libs.arrays:__pyx_unpickle_NDArrayBacked"


def _mixed() -> pandas.DataFrame:
    return pandas.DataFrame(
        {
            "a": [1.5, 2.5],
            "b": [1, 2],
            "c": [3.5, 4.5],
            "d": ["x", None],
            "e": pandas.Categorical(["u", "v"]),
            "f": pandas.to_datetime(["2020-01-01", None]),
            "g": pandas.date_range("2020", periods=2, tz="Europe/Oslo"),
            "h": pandas.date_range("2021", periods=2, tz="Europe/Oslo"),
            "i": [[1], {2: 3}],
            "j": [True, False],
            "k": pandas.array([1, None], dtype="Int8"),
            "l": pandas.to_timedelta([1, 2], unit="s"),
            "m": pandas.period_range("2020", periods=2, freq="M"),
            "n": pandas.arrays.SparseArray([0, 1]),
        },
        index=pandas.Index(["first", "second"], name="row"),
    )


def _fragmented() -> pandas.DataFrame:
    frame = pandas.DataFrame({"a": [1.0, 2.0]})
    for name in "bcd":
        frame[name] = [3.0, 4.0]
    frame["e"] = [1, 2]
    return frame


def _unique() -> pandas.DataFrame:
    frame = pandas.DataFrame({"a": [1]})
    frame.flags.allows_duplicate_labels = False
    frame.attrs["source"] = [1, 2]
    return frame


FRAMES = {
    "mixed": _mixed(),
    "fragmented": _fragmented(),
    "unique": _unique(),
    "one-block": pandas.DataFrame(np.arange(6.0).reshape(2, 3)),
    "one-block-fortran": pandas.DataFrame(np.asfortranarray(np.arange(6.0).reshape(2, 3))),
    "one-object": pandas.DataFrame({"a": [1, "x"]}, dtype=object),
    "moments": pandas.DataFrame({"a": pandas.to_datetime(["2020"]), "b": pandas.to_datetime(["2021"])}),
    "levels": pandas.DataFrame(np.eye(4), columns=pandas.MultiIndex.from_product([["x", "y"], [1, 2]])),
    "same-labels": pandas.DataFrame([[1, 2.0, 3]], columns=["x", "x", "y"]),
    "empty": pandas.DataFrame(),
    "no-rows": _mixed().iloc[:0],
    "no-columns": pandas.DataFrame(index=[3, 1]),
    "part": _mixed().iloc[::-1, 2:8],
    "turned": pandas.DataFrame({"a": [1, 2], "b": [3, 4]}).T,
}
SERIES = {
    "numbers": pandas.Series([1.0, np.nan], index=["a", "b"], name=("x", 1)),
    "objects": pandas.Series([1, "a", None, pandas.NA, pandas.NaT, (1, 2)], dtype=object),
    "moments": pandas.Series(pandas.to_datetime(["2020", None])),
    "moments-zone": pandas.Series(pandas.date_range("2020", periods=2, tz="UTC"), name="when"),
    "texts": pandas.Series(["a", None]),
    "category": pandas.Series(["a", None, "b"], dtype="category"),
    "sparse": pandas.Series(pandas.arrays.SparseArray([0, 0, 1])),
    "empty": pandas.Series([], dtype="float32"),
    "column": _mixed()["g"],
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_is_what_the_unpickler_makes(name: str, protocol: int) -> None:
    loaded = assert_like_live(FRAMES[name], protocol)
    pandas.testing.assert_frame_equal(loaded, FRAMES[name], check_freq=False)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", SERIES)
def test_a_series_is_what_the_unpickler_makes(name: str, protocol: int) -> None:
    loaded = assert_like_live(SERIES[name], protocol)
    pandas.testing.assert_series_equal(loaded, SERIES[name], check_freq=False)


def test_frames_and_series_in_each_other_are_what_the_unpickler_makes() -> None:
    inner = pandas.Series([1, 2])
    outer = pandas.Series([inner, pandas.DataFrame({"a": [1]}), None], dtype=object)
    assert_like_live({"outer": outer, "inner": inner, "frames": [_mixed(), _fragmented()]}, 4)


def _index(length: int) -> Made:
    return Made(MAKE, (Named("pandas:RangeIndex"), {"name": None, "start": 0, "stop": length, "step": 1}))


def _slice(start: Any, stop: Any, step: Any = 1) -> Made:
    return Made("builtins:slice", (start, stop, step))


def _block(values: Any, places: Any) -> Made:
    return Made(BLOCK, (values, places, 2))


def _frame(blocks: Any, n_columns: int = 2, n_rows: int = 3, **state: Any) -> Made:
    manager = Made(MANAGER, (tuple(blocks), [_index(n_columns), _index(n_rows)]))
    return new("pandas.core.frame:DataFrame", {"_mgr": manager, "_typ": "dataframe", **state})


def _old_state(axes: list[Any], blocks: list[tuple[Any, Any]]) -> Any:
    parts = [{"values": values, "mgr_locs": places} for values, places in blocks]
    return (axes, [values for values, _ in blocks], axes[:1], {"0.14.1": {"axes": axes, "blocks": parts}})


TABLE = np.arange(6.0).reshape(2, 3)


@pytest.mark.parametrize("key", ["_mgr", "_data"])
@pytest.mark.parametrize("module", ["pandas.core.internals", "pandas.core.internals.managers"])
def test_a_frame_of_pandas_before_1_3_gives_its_manager_a_state(key: str, module: str) -> None:
    manager = new(f"{module}:BlockManager", _old_state([_index(2), _index(3)], [(TABLE, _slice(0, 2))]))
    loaded = hermetic.loads(written(new("pandas.core.frame:DataFrame", {key: manager, "_typ": "dataframe"})))
    pandas.testing.assert_frame_equal(loaded, pandas.DataFrame(TABLE.T))


def test_a_frame_of_very_old_pandas_has_nothing_but_its_manager() -> None:
    manager = new(MANAGER, _old_state([_index(2), _index(3)], [(TABLE, _slice(0, 2))]))
    loaded = hermetic.loads(written(new("pandas.core.frame:DataFrame", manager)))
    pandas.testing.assert_frame_equal(loaded, pandas.DataFrame(TABLE.T))


def test_a_series_of_pandas_1_has_its_name_without_an_underscore() -> None:
    manager = new(SINGLE, _old_state([_index(3)], [(TABLE[0], _slice(0, 3))]))
    loaded = hermetic.loads(written(new("pandas.core.series:Series", {"_data": manager, "name": "x"})))
    pandas.testing.assert_series_equal(loaded, pandas.Series(TABLE[0], name="x"))


def test_the_manager_of_a_series_may_be_called_with_its_block() -> None:
    manager = Made(SINGLE, (Made(BLOCK, (TABLE[1], _slice(0, 3), 1)), _index(3)))
    loaded = hermetic.loads(written(new("pandas:Series", {"_mgr": manager, "_name": None})))
    pandas.testing.assert_series_equal(loaded, pandas.Series(TABLE[1]))


@pytest.mark.parametrize(
    "places",
    [
        _slice(0, 2),
        _slice(0, 2, None),
        np.array([0, 1]),
        Made("pandas._libs.internals:BlockPlacement", (_slice(0, 2),)),
        Made("pandas._libs.internals:BlockPlacement", (np.array([0, 1]),)),
    ],
)
def test_a_block_says_in_several_ways_which_columns_it_holds(places: Any) -> None:
    assert adopted_fields(_frame([_block(TABLE, places)]))["blocks"][0].tolist() == TABLE.T.tolist()


def test_blocks_of_one_dtype_are_gathered_in_the_order_of_the_columns() -> None:
    fields = adopted_fields(
        _frame(
            [
                _block(TABLE[:1] + 10, _slice(2, 3)),
                _block(TABLE, np.array([3, 0])),
                _block(np.ones((1, 3), dtype=int), _slice(1, 2)),
            ],
            n_columns=4,
        )
    )
    assert [places.tolist() for places in fields["positions"]] == [[0, 2, 3], [1]]
    assert fields["blocks"][0][:, 0].tolist() == TABLE[1].tolist()
    assert fields["blocks"][0].flags.f_contiguous


@pytest.mark.parametrize("flags", [{"allows_duplicate_labels": False}])
def test_flags_and_attributes_are_kept(flags: dict[str, Any]) -> None:
    fields = adopted_fields(_frame([_block(TABLE, _slice(0, 2))], attrs={"a": 1}, _flags=flags))
    assert fields["attrs"] == {"a": 1}
    assert fields["unique_labels"] is True


HOSTILE = {
    "no manager": new("pandas:DataFrame", {"_typ": "dataframe"}),
    "a manager that is a call": new("pandas:DataFrame", {"_mgr": Made("os:system", ("true",))}),
    "a manager without parts": new("pandas:DataFrame", {"_mgr": Made(MANAGER)}),
    "a manager of before pandas 0.14": new("pandas:DataFrame", {"_mgr": new(MANAGER, ([], [], [], {}))}),
    "a state that is a number": new("pandas:DataFrame", 7),
    "no state": new("pandas:Series"),
    "a series of two blocks": new(
        "pandas:Series", {"_mgr": Made(SINGLE, ((Made(BLOCK, (TABLE, _slice(0, 1), 1)),) * 2, _index(3)))}
    ),
    "a series of two axes": new(
        "pandas:Series", {"_mgr": Made(SINGLE, (Made(BLOCK, (TABLE, _slice(0, 1), 1)), [_index(3), _index(3)]))}
    ),
    "three axes": new("pandas:DataFrame", {"_mgr": Made(MANAGER, ((), [_index(1)] * 3))}),
    "an axis that is a list": new("pandas:DataFrame", {"_mgr": Made(MANAGER, ((), [[1], _index(3)]))}),
    "a block that is an array": _frame([TABLE]),
    "a block of a call": _frame([Made("os:system", ("true", 1, 2))]),
    "a block without columns": _frame([_block(TABLE, None)]),
    "a block at a text": _frame([_block(TABLE, "ab")]),
    "a block at columns of floats": _frame([_block(TABLE, np.array([0.0, 1.0]))]),
    "a block at 2**40 columns": _frame([_block(TABLE, _slice(0, 1 << 40))]),
    "a block at columns without end": _frame([_block(TABLE, _slice(0, 1 << 70))]),
    "a block at steps of nothing": _frame([_block(TABLE, _slice(0, 2, 0))]),
    "a block at more columns than it has": _frame([_block(TABLE, _slice(0, 3))], n_columns=3),
    "a column that nobody holds": _frame([_block(TABLE, _slice(1, 3))], n_columns=3),
    "a column that two hold": _frame([_block(TABLE, _slice(0, 2)), _block(TABLE, _slice(1, 3))], n_columns=4),
    "blocks of other lengths": _frame([_block(TABLE, _slice(0, 2)), _block(TABLE[:, :2] > 1, _slice(2, 4))], 4),
    "a block of moments that are no array": _frame(
        [_block(Made(BACKED, (Named("pandas.arrays:DatetimeArray"), 1, None), (None, "x")), _slice(0, 2))]
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_with_a_form_that_pandas_does_not_write_does_not_load(name: str) -> None:
    with pytest.raises(FileError):
        hermetic.loads(written(HOSTILE[name]))


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "blocks of other lengths"])
def test_a_codec_refuses_a_form_that_pandas_does_not_write(name: str) -> None:
    assert problem_of(HOSTILE[name])


def test_a_table_with_more_rows_than_labels_is_refused_by_the_gates_behind() -> None:
    with pytest.raises(FileError, match="one block of all rows and columns"):
        hermetic.loads(written(_frame([_block(TABLE, _slice(0, 2))], n_rows=2)))
