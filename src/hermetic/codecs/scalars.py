"""Immutable values that stand inside a node: plain ones as themselves, all others as a tagged dictionary of one key.

========================================= ==============================================================
value                                     form
========================================= ==============================================================
None, bool, int to 2**53, finite float    itself
text without lone surrogates              itself
nan, inf, -inf                            ``{"float": "nan"}``
larger integers                           ``{"int": "-0x1fff..."}``
text with lone surrogates                 ``{"text": base64 of UTF-8 with surrogates}``
bytes                                     ``{"bytes": base64}``
complex                                   ``{"complex": [real, imaginary]}``
a tuple of values of this table           ``{"tuple": [...]}`` (no tuple inside)
numpy scalar                              ``{"numpy": [dtype, number]}``, or base64 of its little-endian bytes
numpy dtype                               ``{"dtype": dtype}``
a class or function                       ``{"name": number in the graph's names}``
Ellipsis, NotImplemented                  ``{"constant": "Ellipsis"}``
========================================= ==============================================================

What JSON cannot hold exactly is tagged: JSON readers disagree about large integers and have no NaN (RFC 7493).
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Callable
from types import NoneType
from typing import Any

from hermetic.codecs.functions import Called, is_named
from hermetic.dtypes import describe_dtype, dtype_from_description, item_bytes, meaning_mask, stored_dtype
from hermetic.errors import InvalidState
from hermetic.lazy import numpy as np
from hermetic.legacy_objects import MADE, LegacyName

__all__ = ["NOT_A_SCALAR", "check_scalar", "decode_scalar", "encode_scalar"]

NOT_A_SCALAR = object()
"""What `encode_scalar` gives for values that need a node."""

_SAFE = 1 << 53
_HEXADECIMAL = re.compile(r"-?0x[1-9a-f][0-9a-f]*\Z")
_FLOATS = {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}
_CONSTANTS = {"Ellipsis": Ellipsis, "NotImplemented": NotImplemented}
_NUMBER_KINDS = "biuf"
_OBJECTS = "|O"
_PLAIN_TYPES = frozenset({NoneType, bool, int, float, str})

NameOf = Callable[[Any, str], int]


def encode_scalar(value: Any, name_of: NameOf) -> Any:
    """Give the form of an immutable value, or `NOT_A_SCALAR`.

    Parameters
    ----------
    value : object
        Any value.
    name_of : callable
        Gives the number of a class or function among the graph's names, with the role ``referenced``.

    Returns
    -------
    value
        As in the table of the module.

    Examples
    --------
    >>> encode_scalar(float("inf"), lambda thing, role: 0)
    {'float': 'inf'}
    """
    encoder = _ENCODERS.get(type(value))
    if encoder is not None:
        return encoder(value, name_of)
    if isinstance(value, np.generic) and not isinstance(value, np.void):
        return _encode_numpy_scalar(value)
    if isinstance(value, np.dtype):
        return _encode_dtype(value)
    if is_named(value):
        return {"name": name_of(value, "referenced")}
    return NOT_A_SCALAR


def _encode_dtype(value: Any) -> Any:
    """Give a dtype; here, where no memory has it, also that of objects and that of an array of arrays."""
    if value.kind == "T":
        return NOT_A_SCALAR
    if value.subdtype is not None:
        return {"dtype": [describe_dtype(value.base), list(value.shape)]}
    return {"dtype": _OBJECTS if value.kind == "O" else describe_dtype(value)}


def _encode_int(value: int, name_of: NameOf) -> Any:
    return value if -_SAFE <= value <= _SAFE else {"int": hex(value)}


def _encode_float(value: float, name_of: NameOf) -> Any:
    return value if value - value == 0.0 else {"float": repr(value)}


def _encode_text(value: str, name_of: NameOf) -> Any:
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return {"text": _to_base64(value.encode("utf-8", "surrogatepass"))}
    return value


def _encode_complex(value: complex, name_of: NameOf) -> Any:
    return {"complex": [_encode_float(value.real, name_of), _encode_float(value.imag, name_of)]}


def _encode_tuple(value: tuple[Any, ...], name_of: NameOf) -> Any:
    items = []
    for item in value:
        encoded = NOT_A_SCALAR if type(item) is tuple else encode_scalar(item, name_of)
        if encoded is NOT_A_SCALAR:
            return NOT_A_SCALAR
        items.append(encoded)
    return {"tuple": items}


def _encode_numpy_scalar(value: Any) -> Any:
    dtype = value.dtype
    if dtype.kind in _NUMBER_KINDS and dtype.itemsize <= 8:
        plain = value.item()
        if type(plain) is not float or plain - plain == 0.0:
            encoded = _encode_int(plain, _no_name) if type(plain) is int else plain
            return {"numpy": [describe_dtype(dtype), encoded]}
    # As an array, text and bytes would lose zeros at their end.
    if dtype.kind == "U":
        return {"numpy": [f"<U{len(value)}", _to_base64(value.encode("utf-32-le", "surrogatepass"))]}
    if dtype.kind == "S":
        return {"numpy": [f"|S{len(value)}", _to_base64(value)]}
    stored = stored_dtype(dtype)
    raw = np.asarray(value).astype(stored).tobytes()
    if dtype.char in "gG":
        raw = bytes(byte & mask for byte, mask in zip(raw, meaning_mask(stored), strict=True))
    return {"numpy": [describe_dtype(dtype), _to_base64(raw)]}


def _no_name(thing: Any, role: str) -> int:
    raise AssertionError("numbers have no names")


def _itself(value: Any, name_of: NameOf) -> Any:
    return value


_ENCODERS: dict[type, Callable[[Any, NameOf], Any]] = {
    NoneType: _itself,
    bool: _itself,
    int: _encode_int,
    float: _encode_float,
    str: _encode_text,
    tuple: _encode_tuple,
    complex: _encode_complex,
    bytes: lambda value, name_of: {"bytes": _to_base64(value)},
    type(Ellipsis): lambda value, name_of: {"constant": "Ellipsis"},
    Called: lambda value, name_of: {"name": name_of(value.function, "called")},
    LegacyName: lambda value, name_of: NOT_A_SCALAR if value.role == MADE else {"name": name_of(value, value.role)},
    type(NotImplemented): lambda value, name_of: {"constant": "NotImplemented"},
}


def check_scalar(value: Any, n_names: int) -> None:
    """Refuse a tagged dictionary from a file that is outside the grammar; imports and makes nothing.

    Parameters
    ----------
    value : dict
        Decoded from JSON.
    n_names : int
        Length of the graph's names.

    Raises
    ------
    InvalidState
        With the part that was not understood.

    Examples
    --------
    >>> check_scalar({"float": "nan"}, 0)
    """
    if type(value) in _PLAIN_TYPES:
        return
    if type(value) is not dict or len(value) != 1:
        raise _refuse(value)
    [(tag, content)] = value.items()
    if not _CHECKS.get(tag, _never)(content, n_names):
        raise _refuse(value)


def _check_numpy(content: Any, n_names: int) -> bool:
    if type(content) is not list or len(content) != 2 or type(content[0]) is not str:
        return False
    length, number = item_bytes(content[0]), content[1]
    kind = content[0][1]
    if type(number) is str:
        return kind in "cfmMSU" and _is_base64(number) and len(base64.b64decode(number)) == length
    if type(number) is dict:
        return kind in "iu" and list(number) == ["int"] and _check_int(number["int"], n_names)
    if kind == "b":
        return type(number) is bool
    if kind in "iu" and type(number) is int:
        # numpy 1 would wrap around.
        return -(1 << 8 * length - 1) <= number < 1 << 8 * length - 1 if kind == "i" else 0 <= number < 1 << 8 * length
    return kind == "f" and type(number) is float and length <= 8 and _fits(number, length)


def _fits(number: float, length_bytes: int) -> bool:
    """Tell whether a float of so many bytes has just this value; converting another would warn, or give infinity."""
    code = {2: "<e", 4: "<f", 8: "<d"}[length_bytes]
    try:
        return bool(struct.unpack(code, struct.pack(code, number))[0] == number)
    except OverflowError:
        return False


def _check_int(content: Any, n_names: int) -> bool:
    return type(content) is str and _HEXADECIMAL.match(content) is not None and abs(int(content, 16)) > _SAFE


def _check_tuple(content: Any, n_names: int) -> bool:
    if type(content) is not list:
        return False
    for item in content:
        if type(item) is dict and "tuple" in item:
            return False
        check_scalar(item, n_names)
    return True


def _check_complex(content: Any, n_names: int) -> bool:
    if type(content) is not list or len(content) != 2:
        return False
    return all(
        type(part) is float or (type(part) is dict and list(part) == ["float"] and _is_special(part["float"]))
        for part in content
    )


def _is_special(content: Any) -> bool:
    return type(content) is str and content in _FLOATS


def _check_dtype(content: Any, n_names: int) -> bool:
    if type(content) is list:
        if len(content) != 2 or type(content[1]) is not list or not 1 <= len(content[1]) <= 32:
            return False
        if not all(type(length) is int and 0 <= length < 1 << 31 for length in content[1]):
            return False
        content = content[0]
    if content != _OBJECTS:
        item_bytes(content)
    return True


def _is_base64(content: Any) -> bool:
    if type(content) is not str:
        return False
    try:
        return _to_base64(base64.b64decode(content, validate=True)) == content
    except (binascii.Error, ValueError):
        return False


def _never(content: Any, n_names: int) -> bool:
    return False


_CHECKS: dict[str, Callable[[Any, int], bool]] = {
    "float": lambda content, n_names: _is_special(content),
    "int": _check_int,
    "text": lambda content, n_names: _is_base64(content),
    "bytes": lambda content, n_names: _is_base64(content),
    "complex": _check_complex,
    "tuple": _check_tuple,
    "numpy": _check_numpy,
    "dtype": _check_dtype,
    "name": lambda content, n_names: type(content) is int and 0 <= content < n_names,
    "constant": lambda content, n_names: type(content) is str and content in _CONSTANTS,
}


def decode_scalar(value: Any, things: list[Any]) -> Any:
    """Make the value that a checked form stands for.

    Parameters
    ----------
    value : value
        Plain, or a tagged dictionary that `check_scalar` has passed.
    things : list
        The classes and functions of the graph's names.

    Returns
    -------
    object
        The value.

    Examples
    --------
    >>> decode_scalar({"int": "0x20000000000001"}, [])
    9007199254740993
    """
    if type(value) is not dict:
        return value
    [(tag, content)] = value.items()
    return _DECODERS[tag](content, things)


def _decode_numpy(content: Any, things: list[Any]) -> Any:
    dtype = dtype_from_description(content[0])
    number = decode_scalar(content[1], things)
    if type(number) is str:
        raw = base64.b64decode(number)
        if dtype.kind in "SU":
            return np.bytes_(raw) if dtype.kind == "S" else _decode_numpy_text(raw)
        return np.frombuffer(raw, dtype=stored_dtype(dtype), count=1).astype(dtype)[0]
    try:
        return dtype.type(number)
    except (OverflowError, ValueError) as error:
        raise _refuse({"numpy": content}) from error


def _decode_numpy_text(raw: bytes) -> Any:
    try:
        return np.str_(raw.decode("utf-32-le", "surrogatepass"))
    except UnicodeDecodeError as error:
        raise _refuse({"numpy": raw[:40]}) from error


def _decode_dtype(content: Any, things: list[Any]) -> Any:
    if type(content) is list:
        try:
            return np.dtype((dtype_from_description(content[0]), tuple(content[1])))
        except (TypeError, ValueError) as error:
            raise _refuse({"dtype": content}) from error
    return np.dtype(object) if content == _OBJECTS else dtype_from_description(content)


def _decode_text(content: str, things: list[Any]) -> str:
    try:
        return base64.b64decode(content).decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise _refuse({"text": content}) from error


def _decode_complex(content: Any, things: list[Any]) -> complex:
    return complex(decode_scalar(content[0], things), decode_scalar(content[1], things))


_DECODERS: dict[str, Callable[[Any, list[Any]], Any]] = {
    "float": lambda content, things: _FLOATS[content],
    "int": lambda content, things: int(content, 16),
    "text": _decode_text,
    "bytes": lambda content, things: base64.b64decode(content),
    "complex": _decode_complex,
    "tuple": lambda content, things: tuple([decode_scalar(item, things) for item in content]),
    "numpy": _decode_numpy,
    "dtype": _decode_dtype,
    "name": lambda content, things: things[content],
    "constant": lambda content, things: _CONSTANTS[content],
}


def _to_base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _refuse(value: Any) -> InvalidState:
    return InvalidState(
        f"not a value: {str(value)[:200]!r}",
        next_step="The file is damaged or hostile. Ask its producer for a fresh copy and compare digests.",
    )
