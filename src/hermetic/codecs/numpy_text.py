"""numpy's variable-width text (numpy 2): its dtype, and arrays of it.

numpy keeps such text outside of the array, so an array of it is stored as the array of Python texts that it stands for.

Source: numpy/_core/src/multiarray/stringdtype, https://numpy.org/neps/nep-0055-string_dtype.html
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, ClassVar

from hermetic.codecs.codec import Codec, FieldView, LegacyObject, not_adopted
from hermetic.codecs.field_checks import require_fields, type_name
from hermetic.errors import InvalidState
from hermetic.graph import ObjectArray
from hermetic.legacy_objects import TEXT_DTYPE_MAKERS

__all__ = ["StringArray", "StringArrayCodec", "StringDTypeCodec"]

_DTYPE = "numpy.dtypes.StringDType"


class StringArray:
    """Stands in tables of types for `numpy.ndarray` of variable-width text; it is never made."""


class StringDTypeCodec(Codec):
    """`numpy.dtypes.StringDType`.

    Fields: ``coerce``, bool; ``na_object``, only where the dtype has one: None, NaN, a text or ``pandas.NA``.
    """

    classes: ClassVar = {_DTYPE: f"{_DTYPE.rpartition('.')[0]}:StringDType"}
    makers: ClassVar = dict.fromkeys(TEXT_DTYPE_MAKERS, _DTYPE)

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the parameters, which are the arguments."""
        if len(made.arguments) not in (1, 2) or type(made.arguments[0]) not in (int, bool):
            raise not_adopted(made, "it is not made of a truth value and what is missing")
        return {"coerce": bool(made.arguments[0]), **dict(zip(("na_object",), made.arguments[1:], strict=False))}

    def group(self, instance: Any) -> Hashable:
        """Keep those with a missing value apart."""
        return hasattr(instance, "na_object")

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give the parameters of each dtype."""
        fields = {"coerce": [bool(instance.coerce) for instance in instances]}
        if hasattr(instances[0], "na_object"):
            fields["na_object"] = [instance.na_object for instance in instances]
        return fields

    def validate(self, name: str, view: FieldView) -> None:
        """Check the kinds of the fields."""
        require_fields(view, frozenset({"coerce"}), frozenset({"na_object"}))
        for row, coerce in enumerate(view.values("coerce")):
            if type(coerce) is not bool:
                raise view.refuse("coerce must be true or false", row=row, field="coerce")

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the dtypes."""
        kind = self.resolve(name)
        return [kind(**{field: column[row] for field, column in fields.items()}) for row in range(rows)]


class StringArrayCodec(Codec):
    """Arrays of variable-width text. Fields: ``dtype``, a `StringDType`; ``items``, an array of objects."""

    copy_factor = 1
    classes: ClassVar = {"numpy.StringArray": f"{__name__}:StringArray"}

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give dtypes and texts."""
        return {
            "dtype": [instance.dtype for instance in instances],
            "items": [instance.astype(object) for instance in instances],
        }

    def validate(self, name: str, view: FieldView) -> None:
        """Check the kinds of the fields; numpy itself looks at every item."""
        require_fields(view, frozenset({"dtype", "items"}))
        for row, (dtype, items) in enumerate(zip(view.values("dtype"), view.values("items"), strict=True)):
            if type_name(view, dtype) != _DTYPE:
                raise view.refuse("dtype must be a StringDType", row=row, field="dtype")
            if type(items) is not list or not isinstance(view.graph.nodes[items[0]], ObjectArray):
                raise view.refuse("items must be an array of texts", row=row, field="items")

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the arrays."""
        try:
            return [items.astype(dtype) for dtype, items in zip(fields["dtype"], fields["items"], strict=True)]
        except (TypeError, ValueError) as error:
            raise InvalidState(f"an array of text holds something else: {error}") from error
