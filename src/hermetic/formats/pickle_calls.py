"""What calls in a pickle make that need no codec: bytes, sets, numbers, dtypes, scalars and arrays; nothing is called.

Each function here stands for one that pickles of Python and numpy call, and takes exactly the arguments that picklers
give it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hermetic.errors import FormatError
from hermetic.formats.pickle_keys import checked_keys
from hermetic.formats.pickle_nodes import Call
from hermetic.lazy import numpy as np
from hermetic.legacy_arrays import array_of_bytes, bytes_of, dtype_of_text, in_native_order, scalar_of_bytes
from hermetic.legacy_objects import LegacyName

__all__ = ["CALLS"]


def _encoded(builder: Any, node: Call, arguments: list[Any]) -> Any:
    is_of_bytes = len(arguments) == 2 and type(arguments[1]) is str and arguments[1] in ("latin1", "latin-1")
    raw = bytes_of(arguments[0]) if is_of_bytes else None
    if raw is None:
        raise FormatError("_codecs.encode is called with something else than a text of bytes and 'latin1'")
    return raw


def _made_bytes(builder: Any, node: Call, arguments: list[Any]) -> bytes:
    if arguments:
        raise FormatError("bytes is called with arguments")
    return b""


def _made_set(builder: Any, node: Call, arguments: list[Any]) -> Any:
    if len(arguments) > 1:
        raise FormatError("a set is made of more than one list")
    items = builder.items_in(node.arguments[0]) if arguments else []
    return set(checked_keys(items, builder.keys))


def _made_frozen_set(builder: Any, node: Call, arguments: list[Any]) -> Any:
    return frozenset(_made_set(builder, node, arguments))


def _made_dtype(builder: Any, node: Call, arguments: list[Any]) -> Any:
    if not 1 <= len(arguments) <= 3:
        raise FormatError("numpy.dtype is called with other arguments than numpy writes")
    text = arguments[0]
    if type(text) is LegacyName and text.location == "numpy:record":
        return np.dtype(np.record)
    return dtype_of_text(text)


def _made_scalar(builder: Any, node: Call, arguments: list[Any]) -> Any:
    if len(arguments) != 2 or not isinstance(arguments[0], np.dtype):
        raise FormatError("a scalar of numpy needs a dtype and its bytes")
    if arguments[0] == np.dtype(object):
        return arguments[1]
    return scalar_of_bytes(arguments[0], arguments[1])


def _from_buffer(builder: Any, node: Call, arguments: list[Any]) -> Any:
    raw = bytes_of(arguments[0]) if len(arguments) in (4, 5) else None
    if raw is None or type(arguments[3]) is not str or arguments[3] not in ("C", "F", "K"):
        raise FormatError("an array is made of a buffer in another way than numpy writes")
    dtype, shape, order = arguments[1:4]
    array = array_of_bytes(raw, dtype, shape, order if order != "K" else "C")
    if not array.dtype.isnative and builder.is_of_other_machine:
        array = in_native_order(array)
    if order != "K":
        return array
    axes = arguments[4] if len(arguments) > 4 else None
    if type(axes) is not tuple or not all(type(axis) is int for axis in axes):
        raise FormatError("the order of the axes of an array is no tuple of numbers")
    if sorted(axes) != list(range(array.ndim)):
        raise FormatError("the order of the axes of an array is not one of them all")
    return array.transpose(axes)


def _made_complex(builder: Any, node: Call, arguments: list[Any]) -> complex:
    if not 1 <= len(arguments) <= 2 or not all(type(part) in (int, float) for part in arguments):
        raise FormatError("a complex number is made of something else than two numbers")
    return complex(*map(float, arguments))


def _attribute(builder: Any, node: Call, arguments: list[Any]) -> Any:
    """Give a method of a class, which protocols below 4 name by a call of getattr; the class is a name, not asked."""
    owner, name = arguments if len(arguments) == 2 else (None, None)
    if type(owner) is not LegacyName or type(name) is not str or not name.isidentifier():
        return builder.object_at("builtins:getattr", arguments, node.offset, is_new=False)
    return builder.name_at(f"{owner.location}.{name}", node.offset)


def _type(builder: Any, node: Call, arguments: list[Any]) -> Any:
    """Give the type of one of Python's constants, which no module has under a name."""
    for constant, name in ((None, "NoneType"), (Ellipsis, "ellipsis"), (NotImplemented, "NotImplementedType")):
        if len(arguments) == 1 and arguments[0] is constant:
            return builder.name_at(f"builtins:{name}", node.offset)
    return builder.object_at("builtins:type", arguments, node.offset, is_new=False)


def _ufunc(builder: Any, node: Call, arguments: list[Any]) -> Any:
    """Give a function of numpy by the name that numpy of before 1.20 wrote in place of a reference."""
    if len(arguments) != 2 or not all(type(part) is str and part.isidentifier() for part in arguments[1:]):
        return builder.object_at("numpy.core:_ufunc_reconstruct", arguments, node.offset, is_new=False)
    return builder.name_at(f"numpy:{arguments[1]}", node.offset)


CALLS: dict[str, Callable[[Any, Call, list[Any]], Any]] = {
    "_codecs:encode": _encoded,
    "builtins:bytes": _made_bytes,
    "builtins:complex": _made_complex,
    "builtins:frozenset": _made_frozen_set,
    "builtins:getattr": _attribute,
    "builtins:set": _made_set,
    "builtins:type": _type,
    "numpy:dtype": _made_dtype,
    **{f"numpy.{core}:_ufunc_reconstruct": _ufunc for core in ("core", "_core")},
    **{f"numpy.{core}.multiarray:scalar": _made_scalar for core in ("core", "_core")},
    **{f"numpy.{core}.numeric:_frombuffer": _from_buffer for core in ("core", "_core")},
}
"""By place: what is given the builder of the values, the node of the call, and the values of its arguments."""
