"""scipy's sparse matrices that are made of Python's own lists and dictionaries: lil and dok.

Source: scipy/sparse/_lil.py, _dok.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, pairwise
from types import SimpleNamespace
from typing import Any, ClassVar

from hermetic.codecs.codec import FieldView, LegacyObject, not_adopted, pairs_of, plain_state
from hermetic.codecs.field_checks import shape_of
from hermetic.codecs.scipy_sparse import AXES, Columns, SparseCodec, locations, old_locations
from hermetic.codecs.sparse_rules import problem_of_compressed, problem_of_coordinates
from hermetic.lazy import numpy as np

__all__ = ["DictionaryCodec", "ListCodec"]

_MOST_SHARED_ITEMS = 1_000_000
_MOST_USES = 16


class ListCodec(SparseCodec):
    """lil: stored as csr with int64 ``indices`` and ``indptr``; its lists hold plain numbers again after loading."""

    copy_factor = 4
    classes: ClassVar = locations("lil")
    aliases: ClassVar = old_locations("lil")
    checked_fields = frozenset({"indices", "indptr"})
    own_attributes = frozenset({"rows"})
    required = frozenset({"indices", "indptr"})

    def state_of(self, made: LegacyObject) -> dict[str, Any]:
        """Give the state, whose lists may not stand in it so often that a small file would make a huge matrix."""
        state = plain_state(made)
        rows, data = state["rows"], state["data"]
        if not all(isinstance(part, np.ndarray) and part.dtype == object and part.ndim == 1 for part in (rows, data)):
            raise not_adopted(made, "its rows are no arrays of lists")
        if any(type(row) is not list for row in chain(rows, data)) or list(map(len, rows)) != list(map(len, data)):
            raise not_adopted(made, "its rows have not as many columns as values")
        n_items, n_own = sum(map(len, rows)), sum(map(len, {id(row): row for row in chain(rows, data)}.values()))
        if n_items > _MOST_SHARED_ITEMS + _MOST_USES * n_own:
            raise not_adopted(made, f"its rows have {n_items} items, but only {n_own} of their own")
        return state

    def parts_of(self, instance: Any) -> dict[str, Any]:
        """Give the items of all lists end to end."""
        lengths = np.fromiter(map(len, instance.rows), dtype=np.int64, count=len(instance.rows))
        indptr = np.zeros(len(lengths) + 1, dtype=np.int64)
        np.cumsum(lengths, out=indptr[1:])
        indices = np.fromiter(chain.from_iterable(instance.rows), dtype=np.int64, count=int(indptr[-1]))
        data = np.array(list(chain.from_iterable(instance.data)), dtype=instance.dtype.newbyteorder("="))
        return {"data": data, "indices": indices, "indptr": indptr}

    def problem_of(self, fields: Columns) -> tuple[int, str]:
        """Apply the rules of csr."""
        return problem_of_compressed(fields["shape"], fields["data"], fields["indices"], fields["indptr"])

    def put_parts(self, instance: Any, parts: dict[str, Any]) -> None:
        """Give one matrix its lists."""
        bounds = list(pairwise(parts["indptr"].tolist()))
        lists = {"rows": parts.pop("indices"), "data": parts.pop("data")}
        vars(instance)["dtype"] = lists["data"].dtype
        del parts["indptr"]
        for attribute, items in lists.items():
            plain = items.tolist()
            column = np.empty(len(bounds), dtype=object)
            column[:] = [plain[start:stop] for start, stop in bounds] if bounds else []
            parts[attribute] = column
        super().put_parts(instance, parts)


class DictionaryCodec(SparseCodec):
    """dok: stored as coo in the order of the dictionary; no place occurs twice.

    Coordinates in int32 come back as keys of numpy's int32, those in int64 as plain integers.
    """

    copy_factor = 13
    classes: ClassVar = locations("dok")
    aliases: ClassVar = old_locations("dok")
    checked_fields = frozenset(AXES)

    def state_of(self, made: LegacyObject) -> dict[str, Any]:
        """Give the state; before scipy 1.11 the items stood in the object itself, then in both places."""
        items = pairs_of(made)
        made.pairs = []
        state = plain_state(made)
        return state | {"_dict": state.get("_dict", items)}

    def stand_in(self, made: LegacyObject, state: dict[str, Any], shape: tuple[int, ...]) -> Any:
        """Give something with keys and values."""
        items = state["_dict"]
        dtype = state.get("dtype", next(iter(items.values())).dtype if items else np.dtype(np.float64))
        return SimpleNamespace(keys=items.keys, values=items.values, dtype=dtype, shape=shape, ndim=len(shape))

    def parts_of(self, instance: Any) -> dict[str, Any]:
        """Give keys and values as arrays."""
        keys = list(instance.keys())
        places = [(key,) for key in keys] if instance.ndim == 1 else keys
        # scipy's constructors leave numpy's int32 in the keys, its users plain integers.
        is_short = all(type(number) is np.int32 for place in places for number in place)
        table = np.array(places, dtype=np.int32 if is_short else np.int64).reshape(len(keys), instance.ndim)
        data = np.array(list(instance.values()), dtype=instance.dtype.newbyteorder("="))
        return {"data": data, **{AXES[axis]: table[:, axis].copy() for axis in range(instance.ndim)}}

    def optional_fields(self, view: FieldView) -> Iterable[str]:
        """Give the coordinates of as many axes as the shape has."""
        shape = shape_of(view.value("shape", 0))
        return AXES[: len(shape)] if shape is not None else ()

    def may_have_dimensions(self, name: str, shapes: Sequence[Any]) -> bool:
        """Accept one dimension in an array."""
        return name == "scipy.sparse.dok_array" and all(len(shape) == 1 for shape in shapes)

    def problem_of(self, fields: Columns) -> tuple[int, str]:
        """Apply the rules of coordinates."""
        return problem_of_coordinates(fields, unique=[True] * len(fields["shape"]))

    def put_parts(self, instance: Any, parts: dict[str, Any]) -> None:
        """Give one matrix its dictionary."""
        arrays = [parts.pop(axis) for axis in AXES[: len(instance.shape)]]
        coordinates = [list(array) if array.dtype == np.int32 else array.tolist() for array in arrays]
        data = parts.pop("data")
        keys: Iterable[Any] = coordinates[0] if len(coordinates) == 1 else zip(*coordinates, strict=True)
        items: Mapping[Any, Any] = dict(zip(keys, data, strict=True))
        vars(instance)["dtype"] = data.dtype
        if "_dict" in vars(instance):
            parts["_dict"] = items
        else:
            dict.update(instance, items)
        super().put_parts(instance, parts)
