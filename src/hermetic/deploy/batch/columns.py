"""Which columns of a file the model takes, and whether they can be what it takes."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

import pyarrow

from hermetic.deploy.features import Feature, Features
from hermetic.errors import UsageError

__all__ = ["check_types", "choose_columns", "wish_of"]

_Chosen = list[tuple[str, Feature]]
_TYPES = pyarrow.types
_WANTED = {
    "number": "numbers",
    "integer": "whole numbers",
    "boolean": "truth values",
    "text": "texts",
}


def choose_columns(
    path: str, schema: pyarrow.Schema, features: Features, chosen: Sequence[str], keep: Sequence[str]
) -> _Chosen:
    """Find the columns of a file that are the features of a model.

    Parameters
    ----------
    path : str
        The file.
    schema : pyarrow.Schema
        Its columns.
    features : Features
        What the model takes.
    chosen : sequence of str
        Columns that the user has named, in their order, for a model that knows no names.
    keep : sequence of str
        Columns that stay beside the answers.

    Returns
    -------
    list of (str, Feature)
        In the order of the model.

    Raises
    ------
    UsageError
        When columns are missing, or nothing says which they are; the message names file and columns.
    """
    if features.form == "records":
        raise UsageError(
            "this model takes dictionaries, not columns",
            where=path,
            next_step="Load it with hermetic.load, and call its methods with a list of dictionaries.",
        )
    names = schema.names
    _require(path, names, keep, "is to be kept")
    if features.names is not None:
        if chosen:
            raise UsageError("the model knows its columns by name: leave out the choice of columns", where=path)
        found = _by_name(path, names, features)
    else:
        found = _by_place(path, schema, features, chosen, keep)
    twice = sorted({name for name, _ in found if names.count(name) > 1})
    if twice:
        raise UsageError(f"the column {twice[0]!r} is there {names.count(twice[0])} times", where=path)
    return found


def _by_name(path: str, names: Sequence[str], features: Features) -> _Chosen:
    # What the model drops need not even be read.
    columns = [(feature.name or "", feature) for feature in features.columns or () if feature.is_required]
    _require(path, names, [name for name, _ in columns], "the model takes")
    return columns


def _require(path: str, names: Sequence[str], wanted: Sequence[str], words: str) -> None:
    there = set(names)
    missing = [name for name in wanted if name not in there]
    if not missing:
        return
    listed = ", ".join(map(repr, missing[:10])) + (f" and {len(missing) - 10} more" if len(missing) > 10 else "")
    extra = [name for name in names if name not in set(wanted)]
    folded = {name.casefold(): name for name in reversed(extra)}
    alike = difflib.get_close_matches(missing[0].casefold(), list(folded), n=1, cutoff=0.7)
    hint = f"Is {folded[alike[0]]!r} meant? " if alike else ""
    shown = ", ".join(map(repr, extra[:10])) + (f" and {len(extra) - 10} more" if len(extra) > 10 else "")
    count = "1 column is" if len(missing) == 1 else f"{len(missing)} columns are"
    raise UsageError(
        f"{count} missing that {words}: {listed}",
        where=path,
        next_step=f"{hint}The file also has {shown}." if extra else "The file has no other columns.",
    )


def _by_place(
    path: str, schema: pyarrow.Schema, features: Features, chosen: Sequence[str], keep: Sequence[str]
) -> _Chosen:
    names = schema.names
    count = features.count
    if chosen:
        _require(path, names, chosen, "was chosen")
        columns = list(chosen)
    elif features.takes_texts and len(names) > 1:
        columns = [own for own in names if own not in keep]
        if len(columns) > 1:
            columns = [own for own in columns if schema.get_field_index(own) < 0 or _is_text(schema.field(own).type)]
    else:
        columns = list(names) if count == len(names) else [own for own in names if own not in keep]
    if count is not None and len(columns) != count:
        which = "of texts" if features.takes_texts else "by number, not by name"
        raise UsageError(
            f"the model takes {count} column(s) {which}, and the file has {len(columns)}: "
            f"{', '.join(map(repr, columns[:10]))}{' ...' if len(columns) > 10 else ''}",
            where=path,
            next_step="Name those that it takes, in its order, with --column NAME --column NAME ...",
        )
    return list(zip(columns, features.columns or [Feature(name=None)] * len(columns), strict=True))


def wish_of(feature: Feature) -> str:
    """Tell as what the column of a text file is to be read: ``number``, ``text`` or ``any``.

    Examples
    --------
    >>> wish_of(Feature(name="postcode", kind="category", categories=("01067", "53111")))
    'text'
    """
    if feature.kind in ("number", "integer"):
        return "number"
    if feature.kind == "text" or _are_all(feature.categories, str):
        return "text"
    return "number" if _are_all(feature.categories, int, float) else "any"


def _are_all(categories: Sequence[object], *kinds: type) -> bool:
    """Tell whether all categories, the missing one aside, are of one kind."""
    real = [own for own in categories if own is not None and own == own]
    return bool(real) and all(isinstance(own, kinds) and (bool in kinds or type(own) is not bool) for own in real)


def check_types(path: str, schema: pyarrow.Schema, chosen: _Chosen) -> None:
    """Check that the columns of a file can be what the model takes.

    Raises
    ------
    UsageError
        When a column cannot; the message names file and column.
    """
    for name, feature in chosen:
        found = schema.field(name).type
        found = found.value_type if _TYPES.is_dictionary(found) else found
        wish = wish_of(feature)
        if wish == "any" and feature.kind == "boolean":
            wish = "boolean"
        if _TYPES.is_null(found) or _fits(found, wish):
            continue
        if feature.categories:
            shown = ", ".join(repr(own) for own in feature.categories[:3])
            wanted = (
                f"one of the {len(feature.categories)} values {shown}{' ...' if len(feature.categories) > 3 else ''}"
            )
        else:
            wanted = _WANTED[feature.kind]
        raise UsageError(
            f"the column {name!r} holds values of the type {found}, the model takes {wanted}",
            where=path,
            next_step="Write the column as the training data had it.",
        )


def _fits(found: pyarrow.DataType, wish: str) -> bool:
    if wish == "any":
        return True
    is_text = _is_text(found)
    if wish == "text":
        return is_text
    if wish == "boolean":
        return bool(_TYPES.is_boolean(found))
    is_number = _TYPES.is_integer(found) or _TYPES.is_floating(found) or _TYPES.is_decimal(found)
    return bool(is_number or _TYPES.is_boolean(found))


def _is_text(type_: pyarrow.DataType) -> bool:
    type_ = type_.value_type if _TYPES.is_dictionary(type_) else type_
    return bool(_TYPES.is_string(type_) or _TYPES.is_large_string(type_) or str(type_) == "string_view")
