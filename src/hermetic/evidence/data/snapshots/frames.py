"""DataFrames and Series of pandas as columns of Arrow and back: dtypes, categories, names and index."""

from __future__ import annotations

from typing import Any, Literal

from hermetic.errors import InvalidState
from hermetic.evidence.data.snapshots.packed import CannotKeep, Category, Packed, PackedColumn, Unpacked
from hermetic.evidence.data.snapshots.series import index_of, pack_series, series_of, unpack_series
from hermetic.recorded.data import Holder, IndexLevel

__all__ = ["pack_frame", "unpack_frame"]

_Labels = Literal["", "text", "object", "int", "range"]
_INDEX_NAME = "index"


def pack_frame(frame: Any) -> Packed:
    """Give a DataFrame or Series as columns, those of its index last.

    Raises
    ------
    CannotKeep
        When it is of a class of its own, or a column, a name or an index could not be made again.
    """
    import pandas as pd

    if type(frame) not in (pd.DataFrame, pd.Series):
        raise CannotKeep(f"an object of the class pandas.{type(frame).__name__}")
    is_frame = frame.ndim == 2
    if is_frame and not frame.shape[1]:
        raise CannotKeep("a frame without columns")
    labels, names = _labels_of(frame.columns) if is_frame else _label_of(frame.name)
    packed = [_packed(frame.iloc[:, place] if is_frame else frame, name) for place, name in enumerate(names)]
    index, index_columns = _pack_index(frame.index)
    categories = {
        str(place): own.categories for place, own in enumerate(packed + index_columns) if own.categories is not None
    }
    columns = packed + index_columns
    return Packed(
        holder=Holder(
            form="pandas frame" if is_frame else "pandas series",
            n_dimensions=frame.ndim,
            dtypes=[own.dtype for own in packed],
            labels=labels,
            labels_name=_text_or_none(frame.columns.name) if is_frame else None,
            index=index,
        ),
        names=[*names, *(f"{_INDEX_NAME} {place}" for place in range(len(index_columns)))],
        n_rows=len(frame),
        read=lambda start, stop: [own.read(start, stop) for own in columns],
        categories=categories,
    )


def _packed(column: Any, name: str) -> PackedColumn:
    try:
        return pack_series(column)
    except CannotKeep as error:
        raise CannotKeep(f"column {name!r} holds {error.found}") from error


def _labels_of(columns: Any) -> tuple[_Labels, list[str]]:
    kind = type(columns).__name__
    if kind == "RangeIndex":
        return "range", [str(label) for label in columns]
    if kind == "Index" and columns.dtype == "int64":
        return "int", [str(label) for label in columns]
    labels = list(columns)
    if kind == "Index" and all(type(label) is str for label in labels):
        _check_texts(labels)
        if columns.dtype == object:
            return "object", labels
        if str(columns.dtype) == "str":
            return "text", labels
    raise CannotKeep(f"a frame whose columns are named by a {kind} of {columns.dtype}")


def _label_of(name: Any) -> tuple[_Labels, list[str]]:
    if name is None:
        return "", ["0"]
    if type(name) is int:
        if not -(2**63) <= name < 2**63:
            raise CannotKeep("a series named by a number beyond 64 bits")
        return "int", [str(name)]
    if type(name) is not str:
        raise CannotKeep(f"a series named by a {type(name).__name__}")
    _check_texts([name])
    return "object", [name]


def _check_texts(names: list[str]) -> None:
    """Refuse halves of surrogate pairs, which neither Parquet nor a record can hold."""
    for name in names:
        try:
            name.encode()
        except UnicodeEncodeError as error:
            raise CannotKeep(f"a name that is no text: {name!r}"[:200]) from error


def _text_or_none(name: Any) -> str | None:
    if name is not None and type(name) is not str:
        raise CannotKeep(f"an index named by a {type(name).__name__}")
    if name is not None:
        _check_texts([name])
    return name


def _pack_index(index: Any) -> tuple[list[IndexLevel], list[PackedColumn]]:
    kind = type(index).__name__
    if kind == "RangeIndex":
        name = _text_or_none(index.name)
        if (index.start, index.step, name) == (0, 1, None):
            return [], []
        return [IndexLevel(name=name, dtype=f"range({index.start}, {index.stop}, {index.step})")], []
    levels = [index.get_level_values(place) for place in range(index.nlevels)]
    columns = [_packed(series_of(level), _INDEX_NAME) for level in levels]
    names = [_text_or_none(name) for name in index.names]
    return [IndexLevel(name=name, dtype=own.dtype) for name, own in zip(names, columns, strict=True)], columns


def unpack_frame(holder: Holder, found: Unpacked) -> Any:
    """Make the DataFrame or Series again.

    Raises
    ------
    InvalidState
        When the columns are not those of such an object.
    """
    import pandas as pd

    levels = [level for level in holder.index if not level.dtype.startswith("range(")]
    n_columns = len(found.columns) - len(levels)
    if n_columns != len(holder.dtypes) or n_columns < 1 or (holder.form == "pandas series" and n_columns != 1):
        raise InvalidState(f"a frame of {len(holder.dtypes)} columns is stored as {len(found.columns)}")
    dtypes = [*holder.dtypes, *(level.dtype for level in levels)]
    values = [
        unpack_series(dtype, column, _categories(found, place))
        for place, (dtype, column) in enumerate(zip(dtypes, found.columns, strict=True))
    ]
    index = _index_of(holder, values[n_columns:], found.n_rows)
    names = found.names[:n_columns]
    if holder.form == "pandas series":
        name = None if holder.labels == "" else _labels(holder, names).tolist()[0]
        series = pd.Series(values[0], name=name, dtype=values[0].dtype, copy=False)
        series.index = index
        return series
    # By number first: names may repeat.
    frame = pd.DataFrame(dict(enumerate(values[:n_columns])), copy=False)
    frame.index = index
    frame.columns = _labels(holder, names)
    frame.columns.name = holder.labels_name
    return frame


def _categories(found: Unpacked, place: int) -> list[Category] | None:
    return found.categories.get(str(place))


def _labels(holder: Holder, names: list[str]) -> Any:
    import pandas as pd

    if holder.labels in ("int", "range"):
        try:
            numbers = [int(name) for name in names]
        except ValueError as error:
            raise InvalidState(f"columns that are named by numbers are named {names[:3]!r}"[:200]) from error
        if not all(-(2**63) <= number < 2**63 for number in numbers):
            raise InvalidState("columns are named by numbers beyond 64 bits")
        if holder.labels == "int":
            return pd.Index(numbers, dtype="int64")
        step = numbers[1] - numbers[0] if len(numbers) > 1 else 1
        # Number by number: a range from the first to the last may be longer than any memory.
        is_range = [numbers[0] + step * place for place in range(len(numbers))] == numbers
        if not step or not is_range or not -(2**63) <= numbers[-1] + step < 2**63:
            raise InvalidState("columns that are named by a range are not")
        return pd.RangeIndex(numbers[0], numbers[-1] + step, step)
    return pd.Index(names, dtype=object if holder.labels == "object" else "str")


def _index_of(holder: Holder, values: list[Any], n_rows: int) -> Any:
    import pandas as pd

    if not holder.index:
        return pd.RangeIndex(n_rows)
    if not values:
        parts = holder.index[0].dtype.removeprefix("range(").removesuffix(")").split(", ")
        try:
            index = pd.RangeIndex(*map(int, parts), name=holder.index[0].name)
            n_labels = len(index)
        except (OverflowError, TypeError, ValueError) as error:
            raise InvalidState(f"an index is {holder.index[0].dtype[:80]!r}, which is none") from error
        if n_labels != n_rows:
            raise InvalidState(f"an index has {n_labels} labels for {n_rows} rows")
        return index
    names = [level.name for level in holder.index]
    if len(values) > 1:
        return pd.MultiIndex.from_arrays([index_of(own) for own in values], names=names)
    return index_of(values[0], names[0])
