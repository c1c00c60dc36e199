"""Plain values of JSON as values of an annotated type, or a refusal: nothing is converted but objects into records.

A number with a point is no integer, true is no number, an object has no field that its record lacks (where the record
forbids them) and all that have no default.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from hermetic.structs.errors import ValidationError
from hermetic.structs.records import Meta, Struct

__all__ = ["reader_of"]

Reader = Callable[[Any], Any]


def reader_of(kind: Any) -> Reader:
    """Give the function that reads plain values as one type.

    Parameters
    ----------
    kind : type
        Any, a plain type, a class of records, ``list[...]``, ``dict[str, ...]``, ``Literal``, ``Annotated``, or a union
        of them of which each JSON type has one.

    Returns
    -------
    callable
        Takes a plain value; raises `ValidationError` when it is of another type.

    Examples
    --------
    >>> from hermetic.structs.typed import reader_of
    >>> reader_of(list[int] | None)([1, 2])
    [1, 2]
    """
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Any:
        return _as_it_is
    if origin is Annotated:
        return _bounded(reader_of(arguments[0]), arguments[1])
    if origin is Literal:
        return _one_of(arguments)
    if origin in (Union, types.UnionType):
        return _union(arguments)
    if origin is list:
        return _list_of(reader_of(arguments[0]))
    if origin is dict:
        return _dictionary_of(reader_of(arguments[1]))
    if isinstance(kind, type) and issubclass(kind, Struct):
        return _array_record(kind) if kind.__struct_layout__.is_array else _record(kind)
    return _plain(kind)


def _as_it_is(value: Any) -> Any:
    return value


def _plain(kind: type) -> Reader:
    def read(value: Any) -> Any:
        # Not isinstance: true is no number.
        if type(value) is not kind:
            raise ValidationError(f"Expected `{kind.__name__}`, got `{type(value).__name__}`")
        return value

    return read


def _bounded(read_any: Reader, bounds: Meta) -> Reader:
    def read(value: Any) -> Any:
        found = read_any(value)
        if (bounds.ge is not None and found < bounds.ge) or (bounds.lt is not None and found >= bounds.lt):
            raise ValidationError(f"Expected a number from {bounds.ge} to below {bounds.lt}, got {found}")
        if bounds.min_length is not None and len(found) < bounds.min_length:
            raise ValidationError(f"Expected `str` of length >= {bounds.min_length}")
        if bounds.max_length is not None and len(found) > bounds.max_length:
            raise ValidationError(f"Expected `str` of length <= {bounds.max_length}")
        return found

    return read


def _one_of(values: tuple[Any, ...]) -> Reader:
    def read(value: Any) -> Any:
        if not any(type(value) is type(one) and value == one for one in values):
            raise ValidationError(f"Invalid enum value {str(value)[:80]!r}, expected one of {values}")
        return value

    return read


def _list_of(read_item: Reader) -> Reader:
    read_list = _plain(list)
    return lambda value: [read_item(item) for item in read_list(value)]


def _dictionary_of(read_item: Reader) -> Reader:
    read_dictionary = _plain(dict)
    return lambda value: {key: read_item(item) for key, item in read_dictionary(value).items()}


def _union(kinds: tuple[Any, ...]) -> Reader:
    """Choose by the type of the value in JSON, among records by their tag."""
    records = {kind.__struct_layout__.tag: reader_of(kind) for kind in kinds if _is_record(kind)}
    others = {_type_in_json(kind): reader_of(kind) for kind in kinds if not _is_record(kind)}
    tag_field = next((kind.__struct_layout__.tag_field for kind in kinds if _is_record(kind)), None)

    def read(value: Any) -> Any:
        if type(value) in others:
            return others[type(value)](value)
        tag = value.get(tag_field) if records and type(value) is dict else None
        if type(tag) is not str or tag not in records:
            raise ValidationError(f"Expected one of {kinds}, got {str(value)[:80]!r}")
        return records[tag](value)

    return read


def _type_in_json(kind: Any) -> Any:
    if get_origin(kind) is Annotated:
        return _type_in_json(get_args(kind)[0])
    return get_origin(kind) or kind


def _is_record(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)


def _record(kind: type[Struct]) -> Reader:
    layout = kind.__struct_layout__
    readers = _field_readers(kind)

    def read(value: Any) -> Any:
        if type(value) is not dict:
            raise ValidationError(f"Expected `object`, got `{type(value).__name__}`")
        if layout.tag_field is not None and value.get(layout.tag_field) != layout.tag:
            raise ValidationError(f"Expected {layout.tag!r} under the key {layout.tag_field!r}")
        values = {}
        for key, item in value.items():
            if key in readers:
                values[key] = readers[key](item)
            elif layout.forbids_unknown and key != layout.tag_field:
                raise ValidationError(f"Object contains unknown field `{key}`")
        for name in readers:
            if name not in values and name not in layout.defaults:
                raise ValidationError(f"Object missing required field `{name}`")
        return kind(**values)

    return read


def _array_record(kind: type[Struct]) -> Reader:
    readers = _field_readers(kind)
    least = len(readers.keys() - kind.__struct_layout__.defaults.keys())

    def read(value: Any) -> Any:
        if type(value) is not list or not least <= len(value) <= len(readers):
            raise ValidationError(f"Expected `array` of length {least} to {len(readers)}, got {str(value)[:80]!r}")
        pairs = zip(readers.items(), value, strict=False)
        return kind(**{name: read_field(item) for (name, read_field), item in pairs})

    return read


def _field_readers(kind: type[Struct]) -> dict[str, Reader]:
    hints = get_type_hints(kind, include_extras=True)
    return {name: reader_of(hints[name]) for name in kind.__struct_fields__}
