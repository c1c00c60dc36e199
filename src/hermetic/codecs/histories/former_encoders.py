"""What releases have changed in one-hot encoders: those of before 0.20 knew whole numbers only, and counted columns.

The sources are sklearn/preprocessing/data.py of 0.17 to 0.19 and sklearn/preprocessing/_encoders.py of 0.20 to 1.2.
"""

from __future__ import annotations

from typing import Any

from hermetic.codecs.history import Change, upward
from hermetic.codecs.related import items_of, plain_number
from hermetic.codecs.table_edit import TableEdit
from hermetic.graph import Value
from hermetic.lazy import numpy as np

__all__ = ["CHANGES"]

_HIDDEN = ("_n_values_", "_feature_indices_", "_active_features_")
_SHOWN = ("n_values_", "feature_indices_", "active_features_")


def _list_categories(edit: TableEdit) -> None:
    """Give each feature its numbers, from the columns that the encoder of before 0.20 kept."""
    for shown, hidden in zip(_SHOWN, _HIDDEN, strict=True):
        edit.rename(shown, hidden)
    if edit.has("_feature_indices_") and any(edit.values("_legacy_mode", True)):
        kept = edit.values("categories_")
        categories = [
            _categories_of(edit, row) if edit.value("_legacy_mode", row, True) else kept[row]
            for row in range(edit.rows)
        ]
        edit.put("categories_", categories)
    edit.fill("categories", "auto") if not edit.has("categories") else edit.replace("categories", {None: "auto"})
    edit.drop(*_HIDDEN, "_legacy_mode", "_n_values", "n_values", "_categorical_features", "categorical_features")
    edit.drop("_categories", "_deprecated_categorical_features", "_deprecated_n_values")


def _categories_of(edit: TableEdit, row: int) -> Value:
    ends = edit.array(edit.value("_feature_indices_", row))
    active = edit.array(edit.value("_active_features_", row))
    if ends is None or ends.ndim != 1 or len(ends) < 2 or (np.diff(ends) < 0).any():
        raise edit.refuse("the encoder has no columns of features", row=row, field="feature_indices_")
    if active is None:
        active = np.arange(int(ends[-1]))
    if active.ndim != 1 or (np.diff(active) <= 0).any() or (len(active) and (active[0] < 0 or active[-1] >= ends[-1])):
        raise edit.refuse("the active columns are no columns", row=row, field="active_features_")
    starts = np.searchsorted(active, ends)
    arrays = [
        edit.new_array((active[begin:end] - first).astype(np.int64))
        for first, begin, end in zip(ends[:-1], starts[:-1], starts[1:], strict=True)
    ]
    return edit.new_sequence("list", arrays)


def _refuse_chosen_columns(edit: TableEdit) -> None:
    # _transform_selected: columns that are not encoded came last.
    for field in ("categorical_features", "_categorical_features"):
        for row, value in enumerate(edit.values(field)):
            is_fitted = edit.has("_feature_indices_") or edit.has("feature_indices_")
            if is_fitted and value not in ("all", None):
                raise edit.no_way("categorical_features= is gone since scikit-learn 0.22", row=row, field=field)


def _drop_by_number(edit: TableEdit) -> None:
    # 0.23: drop_idx_ holds objects, as one feature may keep all.
    if not edit.has("drop_idx_"):
        if edit.has("categories_"):
            edit.fill("drop_idx_", None)
        return
    values = edit.values("drop_idx_")
    for row, value in enumerate(values):
        array = edit.array(value)
        if array is not None:
            values[row] = edit.new_objects([int(item) for item in array])
    edit.put("drop_idx_", values)


def _group_nothing(edit: TableEdit) -> None:
    # 1.1: infrequent categories may share a column.
    if edit.has("categories_") and not edit.has("_infrequent_enabled"):
        edit.fill("_infrequent_enabled", False)


def _count_columns(edit: TableEdit) -> None:
    # 1.2: how many columns each feature takes is kept; which is dropped is said twice.
    if not edit.has("categories_"):
        return
    if not edit.has("_drop_idx_after_grouping"):
        edit.copy("_drop_idx_after_grouping", "drop_idx_")
        for row, is_grouping in enumerate(edit.values("_infrequent_enabled", False)):
            if is_grouping is True and edit.value("drop_idx_", row) is not None:
                raise edit.no_way("infrequent categories beside dropped ones are numbered in another way", row=row)
    if not edit.has("_n_features_outs"):
        edit.put("_n_features_outs", [_columns_of(edit, row) for row in range(edit.rows)])


def _columns_of(edit: TableEdit, row: int) -> Value:
    categories = items_of(edit, edit.value("categories_", row)) or []
    lengths = [_length(edit, value) for value in categories]
    dropped = [plain_number(item) for item in items_of(edit, edit.value("drop_idx_", row)) or [None] * len(lengths)]
    if len(dropped) != len(lengths):
        raise edit.refuse("what is dropped does not fit the categories", row=row, field="drop_idx_")
    return edit.new_sequence("list", [own - (one is not None) for own, one in zip(lengths, dropped, strict=True)])


def _length(edit: TableEdit, value: Value) -> int:
    array = edit.array(value)
    if array is not None:
        return len(array)
    items: list[Any] = items_of(edit, value) or []
    return len(items)


def _know_missing(edit: TableEdit) -> None:
    # _encoders.py of 1.1: OrdinalEncoder notes which features had missing values.
    if edit.has("categories_") and not edit.has("_missing_indices"):
        edit.put("_missing_indices", [edit.new_dictionary({}) for _ in range(edit.rows)])


_ONE_HOT = "sklearn.preprocessing.OneHotEncoder"

CHANGES: dict[str, tuple[Change, ...]] = {
    _ONE_HOT: (
        upward("0.22", _refuse_chosen_columns),
        upward("0.22", _list_categories),
        upward("0.23", _drop_by_number),
        upward("1.1", _group_nothing),
        upward("1.2", _count_columns),
        # 1.2.0 and 1.2.1 did not say twice what is dropped.
        upward("1.3", _count_columns),
    ),
    "sklearn.preprocessing.OrdinalEncoder": (upward("1.1", _know_missing),),
}
