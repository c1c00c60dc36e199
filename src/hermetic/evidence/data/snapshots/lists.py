"""Lists and tuples of texts, numbers, rows or dictionaries, and single values, as columns of Arrow and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hermetic.errors import InvalidState
from hermetic.evidence.data.snapshots.packed import CannotKeep, Packed, Unpacked
from hermetic.evidence.data.snapshots.python_cells import cells_of, pack_cells
from hermetic.recorded.data import Holder

__all__ = ["SINGLE", "pack_list", "unpack_list"]

SINGLE = (bool, int, float, str)
_FORMS: dict[str, Any] = {"list": list, "tuple": tuple}


def pack_list(data: Any) -> Packed:
    """Give a list, a tuple or a single value as columns: one for each feature, where all rows are of one length.

    Raises
    ------
    CannotKeep
        When it is of a class of its own, or holds a value of a class that is not known.
    """
    if type(data) in SINGLE:
        return _column("value", [data])
    if type(data) not in _FORMS.values():
        raise CannotKeep(f"an object of the class {type(data).__module__}.{type(data).__qualname__}")
    form = type(data).__name__
    kinds = {*map(type, data)}
    if len(kinds) == 1 and (row := kinds.pop()) in _FORMS.values():
        lengths = {*map(len, data)}
        if len(lengths) == 1 and lengths != {0}:
            return _rows(f"{form} of {row.__name__}s", data)
    return _column(form, data)


def _column(form: str, values: Sequence[Any]) -> Packed:
    name, cells = pack_cells(values)
    return Packed(
        holder=Holder(form=form, n_dimensions=1, dtypes=[name], index=[]),
        names=["0"],
        n_rows=len(values),
        read=lambda start, stop: [cells[start:stop]],
    )


def _rows(form: str, rows: Sequence[Sequence[Any]]) -> Packed:
    packed = [pack_cells(column) for column in zip(*rows, strict=True)]
    return Packed(
        holder=Holder(form=form, n_dimensions=2, dtypes=[name for name, _ in packed], index=[]),
        names=[str(place) for place in range(len(packed))],
        n_rows=len(rows),
        read=lambda start, stop: [cells[start:stop] for _, cells in packed],
    )


def unpack_list(holder: Holder, found: Unpacked) -> Any:
    """Make the list, tuple or single value again.

    Raises
    ------
    InvalidState
        When the columns are not those of such an object.
    """
    outer, _, inner = holder.form.partition(" of ")
    if len(holder.dtypes) != len(found.columns) or not found.columns:
        raise InvalidState(f"a list of {len(holder.dtypes)} columns is stored as {len(found.columns)}")
    columns = [cells_of(name, column) for name, column in zip(holder.dtypes, found.columns, strict=True)]
    if outer == "value":
        if len(columns[0]) != 1:
            raise InvalidState(f"a single value is stored as {len(columns[0])}")
        return columns[0][0]
    make = _FORMS.get(outer)
    make_row = _FORMS.get(inner.removesuffix("s")) if inner else None
    if make is None or (inner and make_row is None):
        raise InvalidState(f"a snapshot of the form {holder.form[:80]!r}, which is not known here")
    if make_row is None:
        return make(columns[0])
    return make(map(make_row, zip(*columns, strict=True)))
