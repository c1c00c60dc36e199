"""`pandas.Series` and `pandas.DataFrame`.

Fields
------
values : array of numpy or of pandas, as in `hermetic.codecs.pandas.arrays` (Series)
name : hashable, where there is one (Series)
index : an index
columns : an index (DataFrame)
blocks : list of arrays (DataFrame). An array of two dimensions, shape (n_rows, n), holds n columns of one dtype of
    numpy; an array of one dimension, of numpy or of pandas, holds one: all columns of objects and of pandas' own dtypes
positions : list of int64 arrays (DataFrame): for each block, which columns it holds. Left out where one block of two
    dimensions holds all; it then keeps its memory order, on which the last bits of a matrix product depend
attrs : dictionary, where there is one
unique_labels : True, where ``flags.allows_duplicate_labels`` is False

The blocks follow from the dtypes of the columns, not from pandas' own, which differ with a frame's history.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, ClassVar

from hermetic.codecs.codec import LegacyObject, not_adopted, resolve_class
from hermetic.codecs.pandas.indexes import values_of
from hermetic.codecs.pandas.legacy import MANAGER_PARTS, blocks_of, members_of, plain_moments
from hermetic.codecs.pandas.legacy_frames import described_blocks
from hermetic.codecs.records import RecordCodec, refuse_value
from hermetic.lazy import numpy as np

__all__ = ["DataFrameCodec", "SeriesCodec"]


class SeriesCodec(RecordCodec):
    """`pandas.Series`."""

    row_bytes = 16 << 10
    parts = MANAGER_PARTS
    classes: ClassVar = {"pandas.Series": "pandas:Series"}
    aliases: ClassVar = {"pandas.core.series:Series": "pandas.Series"}
    is_value = True
    adopts_last = True
    required = frozenset({"values", "index"})
    optional = frozenset({"attrs", "name", "unique_labels"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give values and index, and the rest where there is any."""
        state, manager = _legacy_state(made)
        [index], blocks = blocks_of(made, manager)
        if len(blocks) != 1:
            raise not_adopted(made, f"it has {len(blocks)} blocks of values")
        fields: dict[str, Any] = {"values": plain_moments(blocks[0][0]), "index": index}
        label = state.get("_name", state.get("name"))
        if label is not None:
            fields["name"] = label
        return {**fields, **_legacy_extras(state)}

    def group(self, instance: Any) -> Hashable:
        """Keep those with the same fields together."""
        return instance.name is None, *_extras_of(instance)

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give values and index, and the rest where there is any."""
        state = {"values": values_of(instance), "index": instance.index}
        if instance.name is not None:
            state["name"] = instance.name
        return {**state, **_extras_of(instance)}

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make the series; the dtype is said, so that nothing is inferred."""
        values, kind = state["values"], self.resolve(name)
        _check_column(values, len(_index(state["index"])))
        made = kind(values, index=state["index"], dtype=values.dtype, name=state.get("name"), copy=False)
        return _with_extras(made, state)


class DataFrameCodec(RecordCodec):
    """`pandas.DataFrame`."""

    row_bytes = 24 << 10
    parts = MANAGER_PARTS
    classes: ClassVar = {"pandas.DataFrame": "pandas:DataFrame"}
    aliases: ClassVar = {"pandas.core.frame:DataFrame": "pandas.DataFrame"}
    is_value = True
    adopts_last = True
    required = frozenset({"columns", "index", "blocks"})
    optional = frozenset({"attrs", "positions", "unique_labels"})

    def group_adopted(self, made: LegacyObject) -> Hashable:
        """Keep each frame apart."""
        return id(made)

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the blocks of a frame, gathered by dtype."""
        state, manager = _legacy_state(made)
        [columns, index], blocks = blocks_of(made, manager)
        return {"columns": columns, "index": index, **described_blocks(made, blocks), **_legacy_extras(state)}

    def group(self, instance: Any) -> Hashable:
        """Keep each frame apart: whether it has one block is not seen at once."""
        return id(instance)

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give the blocks of a frame."""
        state: dict[str, Any] = {"columns": instance.columns, "index": instance.index}
        groups: dict[Any, list[int]] = {}
        for position, dtype in enumerate(instance.dtypes):
            is_plain = isinstance(dtype, np.dtype) and not dtype.hasobject
            groups.setdefault(dtype if is_plain else position, []).append(position)
        if len(groups) == 1 and not isinstance(next(iter(groups)), int):
            state["blocks"] = [instance.to_numpy()]
        else:
            state["blocks"] = [_block(instance, key, positions) for key, positions in groups.items()]
            state["positions"] = [np.array(positions, dtype=np.int64) for positions in groups.values()]
        return {**state, **_extras_of(instance)}

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make the frame; pandas gathers columns of one dtype as it always does."""
        kind, blocks = self.resolve(name), state["blocks"]
        index, columns = _index(state["index"]), _index(state["columns"])
        if type(blocks) is not list:
            raise refuse_value("blocks must be a list")
        if "positions" not in state:
            if len(blocks) != 1 or type(blocks[0]) is not np.ndarray or blocks[0].shape != (len(index), len(columns)):
                raise refuse_value("a frame without positions has one block of all rows and columns")
            if blocks[0].dtype.hasobject:
                raise refuse_value("objects stand in columns of their own")
            made = kind(blocks[0], index=index, columns=columns, copy=False)
        else:
            parts = _columns_of_blocks(blocks, state["positions"], index, len(columns))
            made = kind({position: parts[position] for position in range(len(columns))}, index=index)
            made.columns = columns
        return _with_extras(made, state)


def _block(frame: Any, key: Any, positions: list[int]) -> Any:
    if isinstance(key, int):
        return values_of(frame.iloc[:, key])
    # The order that pandas gives to columns of one dtype when it gathers them.
    return np.asfortranarray(frame.iloc[:, positions].to_numpy())


def _columns_of_blocks(blocks: list[Any], positions: Any, index: Any, n_columns: int) -> dict[int, Any]:
    """Give one column for each position, or refuse blocks that do not cover each position once."""
    if type(positions) is not list or len(positions) != len(blocks):
        raise refuse_value("there must be as many lists of positions as blocks")
    series = resolve_class(("pandas:Series",), "pandas.Series")
    columns: dict[int, Any] = {}
    n_found = 0
    for block, places in zip(blocks, positions, strict=True):
        if type(places) is not np.ndarray or places.dtype != np.int64 or places.ndim != 1:
            raise refuse_value("positions must be int64 arrays")
        n_found += len(places)
        if getattr(block, "ndim", 0) == 2 and type(block) is np.ndarray and not block.dtype.hasobject:
            if block.shape != (len(index), len(places)):
                raise refuse_value(f"a block of shape {block.shape} for {len(index)} rows and {len(places)} columns")
            columns.update(zip(places.tolist(), block.T, strict=True))
        elif len(places) == 1:
            _check_column(block, len(index))
            # A series with its dtype: pandas would infer another one from an array of objects.
            columns[int(places[0])] = series(block, index=index, dtype=block.dtype, copy=False)
        else:
            raise refuse_value("a block of one dimension holds one column")
    if n_found != n_columns or columns.keys() != set(range(n_columns)):
        raise refuse_value(f"the blocks hold {n_found} columns, which are not each of the {n_columns} once")
    return columns


def _index(value: Any) -> Any:
    if not isinstance(value, resolve_class(("pandas:Index",), "pandas.Index")):
        raise refuse_value(f"labels must be an index, got a {type(value).__name__}")
    return value


def _check_column(values: Any, n_rows: int) -> None:
    array = resolve_class(("pandas.api.extensions:ExtensionArray",), "pandas")
    if not isinstance(values, (np.ndarray, array)) or values.ndim != 1 or len(values) != n_rows:
        raise refuse_value(f"a column must be an array of {n_rows} values")


def _extras_of(instance: Any) -> dict[str, Any]:
    extras: dict[str, Any] = {"attrs": dict(instance.attrs)} if instance.attrs else {}
    if not instance.flags.allows_duplicate_labels:
        extras["unique_labels"] = True
    return extras


def _legacy_state(made: LegacyObject) -> tuple[dict[str, Any], Any]:
    """Give the state of a series or a frame, and the manager of its blocks in it."""
    if type(made.state) is LegacyObject:  # pandas before 0.24 gives nothing else
        return {}, made.state
    state = members_of(made)
    return state, state.get("_mgr", state.get("_data"))


def _legacy_extras(state: Mapping[str, Any]) -> dict[str, Any]:
    attributes, flags = state.get("attrs", state.get("_attrs")), state.get("_flags")
    extras: dict[str, Any] = {"attrs": attributes} if attributes else {}
    if type(flags) is dict and flags.get("allows_duplicate_labels") is False:
        extras["unique_labels"] = True
    return extras


def _with_extras(made: Any, state: Mapping[str, Any]) -> Any:
    if "attrs" in state:
        if type(state["attrs"]) is not dict:
            raise refuse_value("attrs must be a dictionary")
        made.attrs.update(state["attrs"])
    if "unique_labels" in state:
        made.flags.allows_duplicate_labels = False
    return made
