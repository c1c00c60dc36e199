"""JSON without msgspec: the same bytes for the same value, and decoding into records that checks every type.

Numbers, texts and the order of fields are spelled as msgspec does, because canonical text is part of the file format
(section 4). Reading is stricter than `json.loads`: no constants beyond JSON, no key twice, UTF-8 only.

>>> from hermetic.structs.json_text import decode, encode
>>> encode({"a": [1, 0.00001, 1e16, None, "é"]}).decode()
'{"a":[1,0.00001,1e16,null,"é"]}'
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from functools import partial
from json.encoder import encode_basestring
from typing import Any

from hermetic.structs.errors import DecodeError
from hermetic.structs.records import Struct
from hermetic.structs.typed import reader_of

__all__ = ["Decoder", "Encoder", "decode", "encode"]


class Encoder:
    """Gives values as canonical JSON.

    Parameters
    ----------
    enc_hook : callable, optional
        Makes a value that JSON knows of one that it does not.
    """

    def __init__(self, *, enc_hook: Callable[[Any], Any] | None = None) -> None:
        self._enc_hook = enc_hook

    def encode(self, value: Any) -> bytes:
        """Give the text of a value, as UTF-8.

        Examples
        --------
        >>> Encoder().encode([True, -0.0])
        b'[true,-0.0]'
        """
        pieces: list[str] = []
        self._write(value, pieces.append)
        return "".join(pieces).encode()

    def _write(self, value: Any, put: Callable[[str], None]) -> None:
        kind = type(value)
        if kind in _WRITERS:
            put(_WRITERS[kind](value))
        elif kind is list or kind is tuple:
            self._write_items(value, put)
        elif kind is dict:
            self._write_pairs(value.items(), put)
        elif isinstance(value, Struct):
            self._write_record(value, put)
        elif self._enc_hook is not None:
            self._write(self._enc_hook(value), put)
        else:
            raise TypeError(f"Encoding objects of type {kind.__name__} is unsupported")

    def _write_items(self, items: Any, put: Callable[[str], None]) -> None:
        opening = "["
        for item in items:
            put(opening)
            self._write(item, put)
            opening = ","
        put("[]" if opening == "[" else "]")

    def _write_pairs(self, pairs: Any, put: Callable[[str], None]) -> None:
        opening = "{"
        for key, item in pairs:
            if type(key) is not str:
                raise TypeError(f"keys of JSON are texts, not {type(key).__name__}")
            put(opening + encode_basestring(key) + ":")
            self._write(item, put)
            opening = ","
        put("{}" if opening == "{" else "}")

    def _write_record(self, record: Struct, put: Callable[[str], None]) -> None:
        layout = record.__struct_layout__
        values = {field: getattr(record, field) for field in record.__struct_fields__}
        if layout.is_array:
            self._write_items(values.values(), put)
            return
        if layout.omits_defaults:
            values = {name: value for name, value in values.items() if not _is_default(value, name, layout.defaults)}
        if layout.tag_field is not None:
            values = {layout.tag_field: layout.tag, **values}
        self._write_pairs(values.items(), put)


def _is_default(value: Any, name: str, defaults: dict[str, Any]) -> bool:
    """Tell whether msgspec would leave the field out: the very default, or both empty."""
    if name not in defaults:
        return False
    default = defaults[name]
    if value is default:
        return True
    if type(default) in (list, dict):
        return type(value) is type(default) and not value and not default
    return type(value) is type(default) and bool(value == default)


def _write_float(value: float) -> str:
    """Spell a number: digits as in Python; a point from 1e-5 up to 1e16, else an exponent without plus and zeros."""
    text = repr(value)
    digits, exponent_sign, exponent = text.partition("e")
    if not exponent_sign:
        return "null" if text in ("inf", "-inf", "nan") else text
    if exponent == "-05":
        sign, digits = ("-", digits[1:]) if digits[0] == "-" else ("", digits)
        return f"{sign}0.0000{digits.replace('.', '')}"
    return f"{digits}e{int(exponent)}"


def _write_bytes(value: bytes) -> str:
    return f'"{b64encode(value).decode()}"'


_WRITERS: dict[type, Callable[[Any], str]] = {
    str: encode_basestring,
    int: repr,
    float: _write_float,
    bool: lambda value: "true" if value else "false",
    type(None): lambda value: "null",
    bytes: _write_bytes,
}


class Decoder:
    """Reads JSON into values of one type.

    Parameters
    ----------
    type : type
        A class of records, or whatever its fields may be.
    """

    def __init__(self, type: Any = Any) -> None:
        self._read = reader_of(type)

    def decode(self, text: bytes | str) -> Any:
        """Give the value of a text.

        Raises
        ------
        DecodeError
            When it is not JSON or not of the type.

        Examples
        --------
        >>> Decoder(list[int]).decode("[1,2]")
        [1, 2]
        """
        return self._read(_parse(text))


def _parse(text: bytes | str) -> Any:
    try:
        return _parse_text(text if isinstance(text, str) else str(text, "utf-8"))
    except ValueError as error:  # not JSON, not UTF-8, or more digits than Python converts
        raise DecodeError(f"JSON is malformed: {error}") from error


def _refuse_constant(name: str) -> Any:
    raise DecodeError(f"JSON is malformed: it has no {name}")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise DecodeError("JSON is malformed: a key stands twice in one object")
    return found


_parse_text = partial(json.loads, parse_constant=_refuse_constant, object_pairs_hook=_pairs)


def encode(value: Any, *, enc_hook: Callable[[Any], Any] | None = None) -> bytes:
    """Give a value as canonical JSON; see `Encoder`.

    Examples
    --------
    >>> encode({"a": 1})
    b'{"a":1}'
    """
    return Encoder(enc_hook=enc_hook).encode(value)


def decode(text: bytes | str, *, type: Any = Any) -> Any:
    """Give the value of a text; see `Decoder`.

    Examples
    --------
    >>> decode(b'{"a":1}')
    {'a': 1}
    """
    return Decoder(type).decode(text)
