"""The rules for parameters as changes of fitted models: each row of a table, or all rows that say the same at once.

The table is `parameter_map.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from hermetic.codecs.histories.kept import keep_fitted
from hermetic.codecs.histories.parameter_map import RULES
from hermetic.codecs.histories.parameter_rules import Parameters, Rule, Unsaid
from hermetic.codecs.history import Change
from hermetic.codecs.table_edit import TableEdit
from hermetic.errors import UnsupportedVersion
from hermetic.graph import Same, Value

__all__ = ["changes"]

_FLOATS = {"inf": math.inf, "-inf": -math.inf}


def changes() -> dict[str, tuple[Change, ...]]:
    """Give the changes for each class, in the order of the table.

    Returns
    -------
    dict of str to tuple of Change
        By neutral name.

    Examples
    --------
    >>> [change.release for change in changes()["sklearn.preprocessing.OneHotEncoder"]]
    ['1.3', '1.2', '1.4']
    """
    found: dict[str, list[Change]] = {}
    for rule in RULES:
        change = Change(rule.release, _applying(rule, rule.up), _applying(rule, rule.down))
        for name in rule.classes.split():
            found.setdefault(f"sklearn.{name}", []).append(change)
    return {name: tuple(own) for name, own in found.items()}


def _applying(rule: Rule, change: Callable[[Parameters], None]) -> Callable[[TableEdit], None]:
    def apply(edit: TableEdit) -> None:
        known = [field for field in rule.fields if edit.has(field)]
        columns = {field: edit.node.fields[field] for field in known}
        is_uniform = edit.rows == 1 or all(type(column) is Same for column in columns.values())
        before = (
            [{field: edit.value(field, 0) for field in known}]
            if is_uniform
            else [
                dict(zip(known, row, strict=True)) for row in zip(*(edit.values(field) for field in known), strict=True)
            ]
        )
        try:
            after = [_changed(change, edit, row, number) for number, row in enumerate(before)]
        except UnsupportedVersion:
            if keep_fitted(edit, rule.release):
                return  # only a fit would read what the older release has no word for
            raise
        for field in rule.fields:
            own = [row[field] for row in after if field in row]
            if len(own) < len(after):
                edit.drop(field)
            elif field not in columns or own != [row[field] for row in before]:
                edit.fill(field, own[0]) if is_uniform else edit.put(field, own)

    return apply


def _changed(change: Callable[[Parameters], None], edit: TableEdit, before: dict[str, Value], row: int) -> Any:
    own = {field: _plain(value) for field, value in before.items()}
    try:
        change(own)
    except Unsaid as error:
        raise edit.no_way(str(error), row=row, field=error.parameter) from error
    return {field: _raw(value) for field, value in own.items()}


def _plain(value: Value) -> Any:
    is_infinite = type(value) is dict and type(value.get("float")) is str
    return _FLOATS.get(value["float"], value) if is_infinite else value


def _raw(value: Any) -> Value:
    return {"float": str(value)} if type(value) is float and math.isinf(value) else value
