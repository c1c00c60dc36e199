"""Plain JSON rows of a request, and records of a DataFrame, as what the model takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hermetic.deploy.serving.inputs import array_of_rows, checked_texts, frame_of_columns
from hermetic.deploy.serving.models import METHODS, ServedModel
from hermetic.deploy.serving.problems import Problem

__all__ = ["input_of_columns", "input_of_rows", "method_and_rows"]

_WORDS = ("rows", "instances", "dataframe_records")
_SPLIT = "dataframe_split"
_SHORT = {"proba": "predict_proba", "decision": "decision_function"}


def method_and_rows(document: Any) -> tuple[str, list[Any]]:
    """Take a request apart: which method is asked, an empty text for the default, and the rows.

    Parameters
    ----------
    document : object
        From JSON: a list of rows, or an object with ``rows`` and perhaps ``method``. ``instances`` and
        ``dataframe_records`` mean the same as ``rows``; ``dataframe_split`` holds ``columns`` and ``data``.

    Raises
    ------
    Problem
        When it is something else.

    Examples
    --------
    >>> method_and_rows({"rows": [[1, 2]], "method": "predict_proba"})
    ('predict_proba', [[1, 2]])
    """
    if isinstance(document, list):
        return "", document
    if not isinstance(document, dict):
        raise Problem(422, 'expected a list of rows, or an object with "rows"')
    method = document.get("method", "")
    if not isinstance(method, str):
        raise Problem(422, "expected the name of a method", "method")
    given = [word for word in (*_WORDS, _SPLIT) if word in document]
    if len(given) != 1:
        found = f"found {' and '.join(given)}" if given else "found none of them"
        raise Problem(422, f"expected one of {', '.join((*_WORDS, _SPLIT))}, {found}")
    others = [name for name in document if name not in (*given, "method")]
    if others:
        raise Problem(422, f"is no part of a request; known are {given[0]} and method", str(others[0]))
    rows = document[given[0]]
    if given[0] == _SPLIT:
        rows = _split_rows(rows)
    if not isinstance(rows, list):
        raise Problem(422, "expected a list of rows", given[0])
    return _SHORT.get(method, method), rows


def _split_rows(content: Any) -> list[Any]:
    if not isinstance(content, dict) or not all(isinstance(content.get(key), list) for key in ("columns", "data")):
        raise Problem(422, "expected an object with the lists columns and data", _SPLIT)
    columns, rows = content["columns"], content["data"]
    if not all(isinstance(name, str) for name in columns) or len(set(columns)) != len(columns):
        raise Problem(422, "expected texts, each once", f"{_SPLIT}.columns")
    for number, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != len(columns):
            raise Problem(422, f"expected a list of {len(columns)} values", f"{_SPLIT}.data[{number}]")
    return [dict(zip(columns, row, strict=True)) for row in rows]


def known_method(method: str, served: ServedModel) -> str:
    """Give the method that is asked; the default for an empty text.

    Raises
    ------
    Problem
        When the model has none of that name.
    """
    methods = served.description.methods
    if not method:
        return methods[0]
    if method not in methods:
        known = f"it has {', '.join(methods)}"
        words = "this model has no such method" if method in METHODS else "no method of this name can be asked"
        raise Problem(422, f"{words}; {known}", "method")
    return method


def input_of_rows(rows: list[Any], served: ServedModel) -> Any:
    """Make what the model takes of rows: lists in the order of the model, objects by name, or texts.

    Parameters
    ----------
    rows : list
        From JSON.
    served : ServedModel
        The model.

    Returns
    -------
    DataFrame, array, or list of str or dict

    Raises
    ------
    Problem
        When a row is not what the model takes: with its place.
    """
    if not rows:
        raise Problem(422, "expected at least one row", "rows")
    form = served.features.form
    if form == "texts":
        return checked_texts(rows)
    kinds = set(map(type, rows))
    if form == "records":
        _check_rows(rows, kinds, dict, "an object")
        return rows
    if kinds == {dict}:
        return _of_records(rows, served)
    _check_rows(rows, kinds, list, "a list of values" + (", or an object" if served.description.has_names else ""))
    width = served.features.count
    width = len(rows[0]) if width is None else width
    if set(map(len, rows)) != {width}:
        number = next(number for number, row in enumerate(rows) if len(row) != width)
        raise Problem(422, f"expected {width} values, found {len(rows[number])}", f"rows[{number}]")
    if not width:
        raise Problem(422, "expected at least one value", "rows[0]")
    if not served.description.has_names:
        return array_of_rows(rows, served.features, served.template)
    names = served.description.feature_names
    columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    return input_of_columns(columns, served)


def _check_rows(rows: list[Any], kinds: set[type], expected: type, words: str) -> None:
    if kinds != {expected}:
        number = next(number for number, row in enumerate(rows) if type(row) is not expected)
        raise Problem(422, f"expected {words}", f"rows[{number}]")


def _of_records(rows: Sequence[dict[str, Any]], served: ServedModel) -> Any:
    if not served.description.has_names:
        raise Problem(422, "this model knows no names: expected a list of values", "rows[0]")
    columns: dict[str, Any] = {}
    for feature in served.description.features or ():
        name = feature.name
        try:
            columns[name] = [row[name] for row in rows]
        except KeyError:
            number = next(number for number, row in enumerate(rows) if name not in row)
            if feature.is_required:
                raise Problem(422, "is missing; null stands for a missing value", f"rows[{number}].{name}") from None
            columns[name] = [row.get(name) for row in rows]
    return input_of_columns(columns, served)


def input_of_columns(columns: Mapping[str, Any], served: ServedModel) -> Any:
    """Make what the model takes of complete columns in its order: a DataFrame, or an array where it has no names."""
    if served.description.has_names:
        template = served.template if hasattr(served.template, "columns") else None
        return frame_of_columns(columns, served.features, template, served.categorical)
    lists = [values if isinstance(values, list) else values.tolist() for values in columns.values()]
    return array_of_rows([list(row) for row in zip(*lists, strict=True)], served.features, served.template)
