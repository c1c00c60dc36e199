"""Encoders that build sparse matrices from their own numbers: every column that they write to exists.

Fields: the ``__dict__``. ``OneHotEncoder`` takes the position of a category, perhaps grouped by
``_default_to_infrequent_mappings`` and moved by ``_drop_idx_after_grouping``, as a column of a matrix as wide as the
sum of ``_n_features_outs``; scipy does not look at it again. Numbers are looked up by bisection, which gives a position
beyond the last one where they are not sorted. ``MultiLabelBinarizer`` does the same with ``_cached_dict``, which is
made anew from ``classes_`` and therefore never stored.

Source: sklearn/preprocessing/_encoders.py, _label.py, sklearn/utils/_encode.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from hermetic.codecs.codec import FieldView, LegacyObject
from hermetic.codecs.estimators import EstimatorCodec, public_names
from hermetic.codecs.related import items_of, plain_number, shape_of_objects
from hermetic.errors import InvalidState
from hermetic.graph import Value

__all__ = ["LabelSetCodec", "OneHotCodec"]

_WIDTHS = "_n_features_outs"
_DROPPED = "_drop_idx_after_grouping"
_DROPPED_BEFORE = "drop_idx_"
_GROUPS = "_default_to_infrequent_mappings"


class OneHotCodec(EstimatorCodec):
    """One-hot encoders; see the module docstring."""

    classes: ClassVar = public_names("sklearn.preprocessing._encoders", "OneHotEncoder")
    aliases: ClassVar = {"sklearn.preprocessing._data:OneHotEncoder": "sklearn.preprocessing.OneHotEncoder"}
    checked_fields = frozenset({"categories_", _GROUPS})
    sealed_fields = frozenset({"categories_", "_infrequent_enabled", _WIDTHS, _DROPPED, _DROPPED_BEFORE, _GROUPS})

    def validate(self, name: str, view: FieldView) -> None:
        """Compare the columns of each feature with its categories."""
        super().validate(name, view)
        if "categories_" not in view.node.fields:
            return
        # Until scikit-learn 1.2.1 one field was both what was dropped and where.
        dropping = _DROPPED if _DROPPED in view.node.fields else _DROPPED_BEFORE
        for row in range(view.rows):
            categories = _items(view, row, "categories_")
            n_columns = [_count(view, row, value) for value in categories]
            if view.value("_infrequent_enabled", row) not in (None, False):
                groups = _items(view, row, _GROUPS)
                _same_number(view, row, _GROUPS, groups, categories)
                n_columns = [
                    _group_count(view, row, value, count) for value, count in zip(groups, n_columns, strict=True)
                ]
            if view.value(dropping, row) is not None:
                dropped = [plain_number(value) for value in _items(view, row, dropping)]
                _same_number(view, row, dropping, dropped, categories)
                n_columns = [_without(view, row, *pair) for pair in zip(dropped, n_columns, strict=True)]
            said = [plain_number(value) for value in _items(view, row, _WIDTHS)]
            if said != n_columns or not all(type(width) is int for width in said):
                found = f"{_WIDTHS} is {str(said)[:80]}, its categories need {str(n_columns)[:80]}"
                raise view.refuse(found, row=row, field=_WIDTHS)


def _items(view: FieldView, row: int, field: str) -> list[Value]:
    items = items_of(view, view.value(field, row))
    if items is None:
        raise view.refuse(f"{field} must hold one item for each feature", row=row, field=field)
    return items


def _same_number(view: FieldView, row: int, field: str, items: list[Value], categories: list[Value]) -> None:
    if len(items) != len(categories):
        raise view.refuse(f"{field} is for {len(items)} features, not {len(categories)}", row=row, field=field)


def _count(view: FieldView, row: int, value: Value) -> int:
    """Give the number of categories of one feature, sorted where they are numbers."""
    array = view.array(value)
    shape = shape_of_objects(view, value) if array is None else array.shape
    if shape is None or len(shape) != 1:
        raise view.refuse("the categories of a feature must be a row", row=row, field="categories_")
    if array is not None and array.dtype.kind not in "SU" and len(array):
        # NaN, which is not equal to itself, may be the last one.
        numbers = array[:-1] if array[-1] != array[-1] else array
        if not (numbers[:-1] < numbers[1:]).all() or (numbers != numbers).any():
            raise view.refuse("the categories of a feature are not sorted", row=row, field="categories_")
    return int(shape[0])


def _group_count(view: FieldView, row: int, value: Value, n_categories: int) -> int:
    """Give the number of groups that the categories of one feature fall into."""
    if value is None:
        return n_categories
    groups = view.array(value)
    if groups is None or groups.shape != (n_categories,) or groups.dtype.kind not in "iu" or not n_categories:
        raise view.refuse(f"{n_categories} categories need as many groups", row=row, field=_GROUPS)
    if int(groups.min()) < 0 or int(groups.max()) >= n_categories:
        raise view.refuse(f"a group is not a number from 0 to {n_categories - 1}", row=row, field=_GROUPS)
    return int(groups.max()) + 1


def _without(view: FieldView, row: int, dropped: Value, n_columns: int) -> int:
    if dropped is None:
        return n_columns
    if type(dropped) is not int or not 0 <= dropped < n_columns:
        raise view.refuse(f"{dropped!r} of {n_columns} categories cannot be dropped", row=row, field=_DROPPED)
    return n_columns - 1


class LabelSetCodec(EstimatorCodec):
    """Binarizers of sets of labels, without the numbers of the labels, which they make anew."""

    classes: ClassVar = public_names("sklearn.preprocessing._label", "MultiLabelBinarizer")
    sealed_fields = frozenset({"_cached_dict", "classes_"})
    has_finish = True

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the state with an empty cache."""
        fields = super().adopt(name, made)
        return fields | {"_cached_dict": None} if "_cached_dict" in fields else fields

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give the state with an empty cache."""
        fields = super().capture(name, instances)
        if "_cached_dict" in fields:
            fields["_cached_dict"] = [None] * len(instances)
        return fields

    def validate(self, name: str, view: FieldView) -> None:
        """Check that the cache is empty."""
        super().validate(name, view)
        if any(value is not None for value in view.values("_cached_dict")):
            raise view.refuse("the numbers of the labels are never stored", field="_cached_dict")

    def finish(self, instances: list[Any], fields: dict[str, list[Any]]) -> None:
        """Refuse classes that are equal: their numbers would reach beyond the columns, which are counted anew."""
        for classes in fields.get("classes_", ()):
            try:
                n_classes, n_distinct = len(classes), len(dict.fromkeys(classes))
            except TypeError:
                # Nor can the class number them.
                continue
            if n_distinct != n_classes:
                raise InvalidState(
                    f"classes_ of a MultiLabelBinarizer has {n_classes} items, of which {n_distinct} are distinct",
                    next_step="The file is damaged or hostile. Ask its producer for a fresh copy and compare digests.",
                )
