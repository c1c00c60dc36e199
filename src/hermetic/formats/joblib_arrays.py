"""joblib's way with arrays: a wrapper object in the pickle, then the bytes of the array, or a pickle of its own.

``joblib.dump`` writes `NumpyArrayWrapper` where an array stands; the bytes follow the opcode BUILD that gives the
wrapper its state. Their length is computed here from dtype and shape as Python integers, and compared with what is
there. Before joblib 0.10 the wrapper named another file instead: that is left to whoever judges the stream.

References
----------
``joblib/numpy_pickle.py``, `NumpyArrayWrapper.read_array`.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from hermetic.errors import FormatError
from hermetic.formats.pickle_nodes import PLAIN_TYPES, Bytes8, Call, Global, Item, Mapping, Sequence
from hermetic.legacy_objects import TEXT_DTYPE_MAKERS

__all__ = ["WRAPPER_MODULES", "ArrayLayout", "layout_of_wrapper", "read_simple_dtype", "text_of"]

WRAPPER_MODULES = ("joblib.numpy_pickle", "sklearn.externals.joblib.numpy_pickle")
"""Where the wrapper was defined: in joblib, and in the copy that scikit-learn had before 0.23."""

_SIMPLE_DTYPE = re.compile(r"[<>=|]?([?bBhHiIuUlLqQpPefdgFDGSVOMmc])([0-9]{0,9})\Z")
_UNIT_BYTES = {"U": 4}
_BARE = {"?": 1, "b": 1, "B": 1}
_MOST_DIMENSIONS = 64
_MOST_NESTED_DTYPES = 1_000


class ArrayLayout(NamedTuple):
    """What a wrapper says of the bytes behind it.

    Attributes
    ----------
    has_objects : bool
        A pickle follows, not plain bytes.
    length_bytes : int
        Of plain bytes.
    itemsize : int
        Of one item.
    alignment : int
        A byte with a number, and so many bytes of padding, come first; 0 for none.
    """

    has_objects: bool
    length_bytes: int
    itemsize: int
    alignment: int


def text_of(item: Item) -> str | None:
    """Give the text of an item; an 8-bit string in ASCII is one. None for everything else.

    Examples
    --------
    >>> from hermetic.formats.joblib_arrays import text_of
    >>> from hermetic.formats.pickle_nodes import Bytes8
    >>> text_of(Bytes8(0, 0, b"shape")), text_of("order"), text_of(5)
    ('shape', 'order', None)
    """
    if type(item) is str:
        return item
    if type(item) is Bytes8:
        return item.value.decode("ascii") if item.value.isascii() else None
    return None


def layout_of_wrapper(target: Call, states: dict[int, Item]) -> ArrayLayout | None:
    """Tell what follows a BUILD, if its target is a wrapper of joblib.

    Parameters
    ----------
    target : Call
        What BUILD has changed.
    states : dict of int to Item
        The state that each node was given so far, that of the target among them.

    Returns
    -------
    ArrayLayout or None
        None for everything but a wrapper.

    Raises
    ------
    FormatError
        For a wrapper whose state joblib does not write.

    Examples
    --------
    >>> from hermetic.formats.joblib_arrays import layout_of_wrapper
    >>> from hermetic.formats.pickle_nodes import Call
    >>> layout_of_wrapper(Call(0, 0, 1, "REDUCE", None, []), {}) is None
    True
    """
    if not _is_wrapper(target):
        return None
    state = _read_state(states[target.number])
    shape = _read_shape(state.get("shape"))
    if text_of(state.get("order")) not in ("C", "F"):
        raise FormatError("the order of an array of joblib is neither 'C' nor 'F'")
    alignment = state.get("numpy_array_alignment_bytes")
    if alignment is not None and (type(alignment) is not int or alignment != 16):
        raise FormatError(f"joblib aligns arrays to 16 bytes, found {_shown(alignment)}")
    has_objects, itemsize = _read_dtype(state.get("dtype"), states)
    return ArrayLayout(has_objects, math.prod(shape) * itemsize, itemsize, 16 if alignment else 0)


def _shown(item: Item) -> str:
    # A tuple of tuples of tuples may be short in a file and endless as text.
    return f"{item!r}"[:100] if type(item) in PLAIN_TYPES else f"a {type(item).__name__.lower()}"


def _is_wrapper(node: Call) -> bool:
    function = node.function
    if type(function) is Global and function.name == "_reconstructor" and node.arguments:
        function = node.arguments[0]  # protocols 0 and 1 make objects by a function
    return type(function) is Global and function.module in WRAPPER_MODULES and function.name == "NumpyArrayWrapper"


def _read_state(state: Item) -> dict[str, Item]:
    names = list(map(text_of, state.items[::2])) if type(state) is Mapping else [None]
    if type(state) is not Mapping or len(names) > 16 or None in names or len(set(names)) < len(names):
        raise FormatError("the state of an array wrapper of joblib is no dictionary of names")
    return dict(zip(map(str, names), state.items[1::2], strict=True))


def _read_shape(node: Item) -> list[int]:
    if type(node) is not Sequence or node.kind != "tuple" or len(node.items) > _MOST_DIMENSIONS:
        raise FormatError(f"the shape of an array of joblib is no tuple of at most {_MOST_DIMENSIONS} numbers")
    shape = list(map(_whole, node.items))
    if not all(length >= 0 for length in shape):
        raise FormatError(f"an array of joblib has the shape {shape}"[:200])
    return shape


def _whole(item: Item) -> int:
    if type(item) is int and item < 1 << 63:
        return item
    raise FormatError("a length of an array of joblib is no whole number below 2**63")


def _read_dtype(node: Item, states: dict[int, Item]) -> tuple[bool, int]:
    """Give whether the items are objects or hold some, and the size of one."""
    letter, itemsize = read_simple_dtype(node)
    if letter != "V":
        return letter == "O", itemsize
    seen, waiting = 0, [node]
    while waiting:
        seen += 1
        if seen > _MOST_NESTED_DTYPES:
            raise FormatError(f"a dtype is made of more than {_MOST_NESTED_DTYPES} others")
        current = waiting.pop()
        if read_simple_dtype(current)[0] == "O":
            return True, itemsize
        waiting += _inner_dtypes(current, states)
    return False, itemsize


def read_simple_dtype(node: Item) -> tuple[str, int]:
    """Give the letter of a dtype, and the size of one item, without looking at its fields.

    Parameters
    ----------
    node : Item
        From a file, so it may be anything.

    Returns
    -------
    letter : str
        As numpy has it; ``V`` for one with fields.
    itemsize : int
        In bytes.

    Raises
    ------
    FormatError
        For what numpy does not write.

    Examples
    --------
    >>> from hermetic.formats.joblib_arrays import read_simple_dtype
    >>> from hermetic.formats.pickle_nodes import Call, Global
    >>> read_simple_dtype(Call(9, 1, 1, "REDUCE", Global(0, 0, "GLOBAL", "numpy", "dtype", 4), ["f8", False, True]))
    ('f', 8)
    """
    if type(node) is Call and _is_text_dtype(node.function):
        return "O", 1  # the texts follow in a pickle of their own
    if type(node) is not Call or not node.arguments or not _is_dtype(node.function):
        raise FormatError("the dtype of an array of joblib is none that numpy writes")
    text = text_of(node.arguments[0])
    found = _SIMPLE_DTYPE.match(text or "")
    if found is None or not (found[2] or found[1] in _BARE):
        raise FormatError(f"the dtype {text!r} of an array of joblib has no size"[:200])
    return found[1], (int(found[2]) if found[2] else 1) * _UNIT_BYTES.get(found[1], 1)


def _is_dtype(item: Item) -> bool:
    return type(item) is Global and (item.module, item.name) == ("numpy", "dtype")


def _is_text_dtype(item: Item) -> bool:
    return type(item) is Global and f"{item.module}:{item.name}" in TEXT_DTYPE_MAKERS


def _inner_dtypes(node: Item, states: dict[int, Item]) -> list[Item]:
    """Give the dtypes of the fields, or of what a sub-array repeats: numbers 4 and 2 of the state that numpy writes."""
    state = states.get(node.number) if type(node) is Call else None
    if type(state) is not Sequence or len(state.items) < 5:
        return []
    found = []
    fields, repeated = state.items[4], state.items[2]
    if type(fields) is Mapping:
        found += [entry.items[0] for entry in fields.items[1::2] if type(entry) is Sequence and entry.items]
    if type(repeated) is Sequence and repeated.items:
        found.append(repeated.items[0])
    return found
