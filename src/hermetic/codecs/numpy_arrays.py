"""numpy's subclasses of arrays, structured scalars and variable-width text.

Each is a plain array and what the type adds to it. A ``memmap`` is not among them: `hermetic.capture` takes it for the
plain array that it shows, since the file behind it is not part of the model. Whether an array may be written to is not
kept, as in pickle.

Source: numpy/ma/core.py, numpy/_core/records.py, numpy/matrixlib/defmatrix.py, numpy/lib/_polynomial_impl.py.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, ClassVar

from hermetic.codecs.codec import Codec, FieldView, LegacyObject, not_adopted, plain_state
from hermetic.codecs.field_checks import require_fields, type_name
from hermetic.graph import ObjectArray
from hermetic.lazy import numpy as np
from hermetic.legacy_arrays import array_of_state
from hermetic.legacy_objects import MISSING

__all__ = ["ArrayViewCodec", "MaskedArrayCodec", "MaskedConstantCodec", "PolynomialCodec", "VoidCodec"]

_VIEWS = frozenset({"numpy.matrix", "numpy.recarray"})


def _shape_and_dtype(view: FieldView, value: Any) -> tuple[tuple[int, ...], Any] | None:
    """Give shape and dtype of what a value refers to: an array of numbers, of objects or of text."""
    array = view.array(value)
    if array is not None:
        return array.shape, array.dtype
    node = view.graph.nodes[value[0]] if type(value) is list else None
    if isinstance(node, ObjectArray):
        return tuple(node.shape), np.dtype(object)
    return None


class ArrayViewCodec(Codec):
    """`numpy.matrix` (two dimensions) and `numpy.recarray`. Field: ``data``, the plain array."""

    classes: ClassVar = {"numpy.matrix": "numpy:matrix", "numpy.recarray": "numpy.rec:recarray"}
    aliases: ClassVar = {"numpy:recarray": "numpy.recarray"}

    def group(self, instance: Any) -> Hashable:
        """Let all stand in one table: their arrays find tables of their own."""
        return None

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the plain array."""
        [data] = made.arguments if made.state is MISSING else [array_of_state(made.state)]
        return {"data": data}

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give the plain arrays."""
        # recarray.view would change the type of the records.
        return {"data": [np.ndarray.view(instance, np.ndarray) for instance in instances]}

    def validate(self, name: str, view: FieldView) -> None:
        """Check that there is an array, of two dimensions in a matrix."""
        require_fields(view, frozenset({"data"}))
        for row, value in enumerate(view.values("data")):
            found = _shape_and_dtype(view, value)
            if found is None or (name == "numpy.matrix" and len(found[0]) != 2):
                raise view.refuse(f"{name} needs an array" + " of two dimensions" * (name == "numpy.matrix"), row=row)

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make views of the arrays."""
        kind = self.resolve(name)
        return [array.view(kind) for array in fields["data"]]


class VoidCodec(Codec):
    """Structured and raw scalars, `numpy.void` and `numpy.record`. Field: ``data``, an array without dimensions."""

    classes: ClassVar = {"numpy.record": "numpy:record", "numpy.void": "numpy:void"}
    aliases: ClassVar = {"numpy.rec:record": "numpy.record"}

    def group(self, instance: Any) -> Hashable:
        """Let all stand in one table."""
        return None

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give each scalar as an array."""
        return {"data": [np.array(instance, dtype=instance.dtype) for instance in instances]}

    def validate(self, name: str, view: FieldView) -> None:
        """Check that there is one item, of the right kind."""
        require_fields(view, frozenset({"data"}))
        for row, array in enumerate(view.arrays("data")):
            if array is None or array.shape != () or array.dtype.kind != "V" or (array.dtype.type.__name__ != name[6:]):
                raise view.refuse(f"{name} needs one item of its kind", row=row, field="data")

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Take the item out of each array."""
        return [array[()] for array in fields["data"]]


class MaskedConstantCodec(Codec):
    """`numpy.ma.masked`, of which there is one. No fields."""

    classes: ClassVar = {"numpy.ma.MaskedConstant": "numpy.ma.core:MaskedConstant"}

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give nothing."""
        return {}

    def group(self, instance: Any) -> Hashable:
        """Let all stand in one table."""
        return None

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give nothing."""
        return {}

    def validate(self, name: str, view: FieldView) -> None:
        """Check that there is nothing."""
        require_fields(view, frozenset())

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Give the one."""
        return [np.ma.masked] * rows


class MaskedArrayCodec(Codec):
    """`numpy.ma.MaskedArray`.

    Fields
    ------
    data : array, or matrix or recarray
        With zeros (for objects: 0) where it is masked: what lies there is often old memory, and differs between dumps.
    mask : array of bool, or of a structure of bools, with the shape of `data`; or None for ``numpy.ma.nomask``
    fill_value : array without dimensions; or None for numpy's own
    hard_mask : bool

    Whether the mask is shared with another array is not kept, as in pickle.
    """

    row_bytes = 5 << 10
    classes: ClassVar = {"numpy.ma.MaskedArray": "numpy.ma:MaskedArray"}
    aliases: ClassVar = {"numpy.ma.core:MaskedArray": "numpy.ma.MaskedArray"}
    makers: ClassVar = {"numpy.ma.core:_mareconstruct": "numpy.ma.MaskedArray"}

    def group(self, instance: Any) -> Hashable:
        """Let all stand in one table."""
        return None

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give data, mask and fill value out of numpy's state: that of the data, the bytes of the mask, the value."""
        if type(made.state) is not tuple or len(made.state) != 7:
            raise not_adopted(made, "its state is no tuple of seven")
        _, shape, dtype, is_fortran, content, mask, fill_value = made.state
        data = array_of_state((1, shape, dtype, is_fortran, content))
        mask_dtype = np.ma.make_mask_descr(dtype)
        own_mask = array_of_state((1, shape, mask_dtype, is_fortran, mask))
        if fill_value is not None:
            fill_value = np.array(fill_value, dtype=dtype)
        fields = {"data": _without_masked(data, own_mask), "mask": own_mask}
        return fields | {"fill_value": _own_fill_value(dtype, fill_value), "hard_mask": False}

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give the data without what is masked, and the rest."""
        masks = [instance._mask for instance in instances]
        return {
            "data": [_without_masked(instance.data, instance._mask) for instance in instances],
            "mask": [None if mask is np.ma.nomask else mask for mask in masks],
            "fill_value": [_fill_value(instance) for instance in instances],
            "hard_mask": [bool(instance._hardmask) for instance in instances],
        }

    def validate(self, name: str, view: FieldView) -> None:
        """Check that mask and fill value fit the data."""
        require_fields(view, frozenset({"data", "mask", "fill_value", "hard_mask"}))
        columns = [view.values(field) for field in ("data", "mask", "fill_value", "hard_mask")]
        for row, (data, mask, fill_value, hard_mask) in enumerate(zip(*columns, strict=True)):
            base = data
            if type_name(view, data) in _VIEWS:
                inner = FieldView(view.graph, view.graph.nodes[data[0]], data[0], view.where)
                base = inner.value("data", data[1] if len(data) == 2 else 0)
            found = _shape_and_dtype(view, base)
            if found is None:
                raise view.refuse("a masked array needs an array", row=row, field="data")
            if mask is not None and _shape_and_dtype(view, mask) != (found[0], np.ma.make_mask_descr(found[1])):
                raise view.refuse(f"the mask does not fit data of {found[1]} {found[0]}", row=row, field="mask")
            given = ((), found[1]) if fill_value is None else _shape_and_dtype(view, fill_value)
            # numpy's own fill values have other dtypes than the data at times; only records must fit.
            if given is None or given[0] != () or (given[1] != found[1] and {given[1].kind, found[1].kind} & {"V"}):
                raise view.refuse(f"the fill value does not fit data of {found[1]}", row=row, field="fill_value")
            if type(hard_mask) is not bool:
                raise view.refuse("hard_mask must be true or false", row=row, field="hard_mask")

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the masked arrays around their data."""
        kind = self.resolve(name)
        made = []
        columns = [fields[field] for field in ("data", "mask", "fill_value", "hard_mask")]
        for data, mask, fill_value, hard_mask in zip(*columns, strict=True):
            array = kind(data, mask=np.ma.nomask if mask is None else mask, copy=False, hard_mask=hard_mask)
            array._fill_value = fill_value
            array._sharedmask = False
            made.append(array)
        return made


def _without_masked(data: Any, mask: Any) -> Any:
    if mask is np.ma.nomask or not _is_any_masked(mask):
        return data
    copy = data.copy(order="K")
    _put_zeros(np.ndarray.view(copy, np.ndarray), mask)
    return copy


def _is_any_masked(mask: Any) -> bool:
    if mask.dtype.names is None:
        return bool(mask.any())
    return any(_is_any_masked(mask[name]) for name in mask.dtype.names)


def _put_zeros(data: Any, mask: Any) -> None:
    """Set masked items to zero, in structures field by field; without recursion beyond the nesting of the dtype."""
    if data.dtype.names is None:
        data[mask] = np.zeros((), dtype=data.dtype)[()]
        return
    for name in data.dtype.names:
        _put_zeros(data[name], mask[name])


def _fill_value(instance: Any) -> Any:
    """Give the fill value, or None for numpy's own: merely looking at it would change the state."""
    return _own_fill_value(instance.dtype, instance._fill_value)


def _own_fill_value(dtype: Any, fill_value: Any) -> Any:
    if fill_value is None or dtype.names is not None:
        return fill_value
    default = np.array(np.ma.default_fill_value(dtype))
    is_default = fill_value.dtype == default.dtype and fill_value.tobytes() == default.tobytes()
    return None if is_default and not default.dtype.hasobject else fill_value


class PolynomialCodec(Codec):
    """`numpy.poly1d`. Fields: ``coefficients``, an array of one dimension, and ``variable``, a text."""

    classes: ClassVar = {"numpy.poly1d": "numpy:poly1d"}
    aliases: ClassVar = {"numpy.lib.polynomial:poly1d": "numpy.poly1d"}

    def group(self, instance: Any) -> Hashable:
        """Let all stand in one table."""
        return None

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give coefficients and names."""
        state = plain_state(made)
        return {"coefficients": state.get("coeffs", state.get("_coeffs")), "variable": state.get("_variable", "x")}

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give coefficients and names."""
        return {
            "coefficients": [instance.coeffs for instance in instances],
            "variable": [instance.variable for instance in instances],
        }

    def validate(self, name: str, view: FieldView) -> None:
        """Check the kinds of the fields."""
        require_fields(view, frozenset({"coefficients", "variable"}))
        for row, (array, variable) in enumerate(zip(view.arrays("coefficients"), view.values("variable"), strict=True)):
            if array is None or array.ndim != 1 or array.dtype.kind not in "biufc":
                raise view.refuse("a polynomial needs a row of numbers", row=row, field="coefficients")
            if type(variable) is not str:
                raise view.refuse("the variable of a polynomial must be a text", row=row, field="variable")

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the polynomials."""
        kind = self.resolve(name)
        columns = (fields["coefficients"], fields["variable"])
        return [kind(coefficients, variable=variable) for coefficients, variable in zip(*columns, strict=True)]
