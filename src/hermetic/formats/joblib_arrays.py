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
from hermetic.formats.pickle_nodes import Atom, Bytes8, Call, Global, Mapping, Node, Sequence

__all__ = ["WRAPPER_MODULES", "ArrayLayout", "PickleParts", "layout_of_wrapper", "text_of"]

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
    alignment : int
        A byte with a number, and so many bytes of padding, come first; 0 for none.
    """

    has_objects: bool
    length_bytes: int
    alignment: int


class PickleParts(NamedTuple):
    """The nodes of a stream and the states that they were given so far."""

    nodes: list[Node]
    states: dict[int, int]


def text_of(node: Node) -> str | None:
    """Give the text of a node; an 8-bit string in ASCII is one. None for everything else.

    Examples
    --------
    >>> from hermetic.formats.joblib_arrays import text_of
    >>> from hermetic.formats.pickle_nodes import Bytes8
    >>> text_of(Bytes8(0, b"shape"))
    'shape'
    """
    if type(node) is Bytes8:
        return node.value.decode("ascii") if node.value.isascii() else None
    if type(node) is Atom and type(node.value) is str:
        return node.value
    return None


def layout_of_wrapper(parts: PickleParts, target: int) -> ArrayLayout | None:
    """Tell what follows a BUILD, if its target is a wrapper of joblib.

    Parameters
    ----------
    parts : PickleParts
        With the state of the target.
    target : int
        The number of what BUILD has changed.

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
    >>> from hermetic.formats.joblib_arrays import PickleParts, layout_of_wrapper
    >>> from hermetic.formats.pickle_nodes import Atom
    >>> layout_of_wrapper(PickleParts([Atom(0, 1)], {}), 0) is None
    True
    """
    if not _is_wrapper(parts.nodes, target):
        return None
    state = _read_state(parts, target)
    shape = _read_shape(parts.nodes, state)
    if _text(parts.nodes, state, "order") not in ("C", "F"):
        raise FormatError("the order of an array of joblib is neither 'C' nor 'F'")
    alignment = _plain(parts.nodes, state, "numpy_array_alignment_bytes")
    if alignment not in (None, 16):
        raise FormatError(f"joblib aligns arrays to 16 bytes, found {alignment!r}")
    has_objects, itemsize = _read_dtype(parts, state.get("dtype", -1))
    return ArrayLayout(has_objects, math.prod(shape) * itemsize, 16 if alignment else 0)


def _is_wrapper(nodes: list[Node], target: int) -> bool:
    node = nodes[target]
    if type(node) is not Call:
        return False
    function = nodes[node.function]
    if type(function) is Global and function.name == "_reconstructor" and node.arguments:
        function = nodes[node.arguments[0]]  # protocols 0 and 1 make objects by a function
    return type(function) is Global and function.module in WRAPPER_MODULES and function.name == "NumpyArrayWrapper"


def _read_state(parts: PickleParts, target: int) -> dict[str, int]:
    node = parts.nodes[parts.states[target]]
    names = [text_of(parts.nodes[key]) for key in node.items[::2]] if type(node) is Mapping else [None]
    if type(node) is not Mapping or len(names) > 16 or None in names or len(set(names)) < len(names):
        raise FormatError("the state of an array wrapper of joblib is no dictionary of names")
    return {str(name): value for name, value in zip(names, node.items[1::2], strict=True)}


def _plain(nodes: list[Node], state: dict[str, int], name: str) -> object:
    node = nodes[state[name]] if name in state else None
    return node.value if type(node) is Atom else None if node is None else node


def _text(nodes: list[Node], state: dict[str, int], name: str) -> str | None:
    return text_of(nodes[state[name]]) if name in state else None


def _read_shape(nodes: list[Node], state: dict[str, int]) -> list[int]:
    node = nodes[state["shape"]] if "shape" in state else None
    if type(node) is not Sequence or node.kind != "tuple" or len(node.items) > _MOST_DIMENSIONS:
        raise FormatError(f"the shape of an array of joblib is no tuple of at most {_MOST_DIMENSIONS} numbers")
    shape = [_whole(nodes[item]) for item in node.items]
    if not all(length >= 0 for length in shape):
        raise FormatError(f"an array of joblib has the shape {shape}")
    return shape


def _whole(node: Node) -> int:
    if type(node) is Atom and type(node.value) is int and node.value < 1 << 63:
        return node.value
    raise FormatError("a length of an array of joblib is no whole number below 2**63")


def _read_dtype(parts: PickleParts, number: int) -> tuple[bool, int]:
    """Give whether the items are objects or hold some, and the size of one."""
    letter, itemsize = _read_simple_dtype(parts.nodes, number)
    if letter != "V":
        return letter == "O", itemsize
    seen, waiting = 0, [number]
    while waiting:
        seen += 1
        if seen > _MOST_NESTED_DTYPES:
            raise FormatError(f"a dtype is made of more than {_MOST_NESTED_DTYPES} others")
        current = waiting.pop()
        if _read_simple_dtype(parts.nodes, current)[0] == "O":
            return True, itemsize
        waiting += _inner_dtypes(parts, current)
    return False, itemsize


def _read_simple_dtype(nodes: list[Node], number: int) -> tuple[str, int]:
    node = nodes[number] if number >= 0 else None
    if type(node) is not Call or not node.arguments or not _is_dtype(nodes[node.function]):
        raise FormatError("the dtype of an array of joblib is none that numpy writes")
    text = text_of(nodes[node.arguments[0]])
    found = _SIMPLE_DTYPE.match(text or "")
    if found is None or not (found[2] or found[1] in _BARE):
        raise FormatError(f"the dtype {text!r} of an array of joblib has no size")
    return found[1], (int(found[2]) if found[2] else 1) * _UNIT_BYTES.get(found[1], 1)


def _is_dtype(node: Node) -> bool:
    return type(node) is Global and (node.module, node.name) == ("numpy", "dtype")


def _inner_dtypes(parts: PickleParts, number: int) -> list[int]:
    """Give the dtypes of the fields, or of what a sub-array repeats: numbers 4 and 2 of the state that numpy writes."""
    nodes = parts.nodes
    state = nodes[parts.states[number]] if number in parts.states else None
    if type(state) is not Sequence or len(state.items) < 5:
        return []
    found = []
    fields = nodes[state.items[4]]
    if type(fields) is Mapping:
        entries = [nodes[entry] for entry in fields.items[1::2]]
        found += [entry.items[0] for entry in entries if type(entry) is Sequence and entry.items]
    repeated = nodes[state.items[2]]
    if type(repeated) is Sequence and repeated.items:
        found.append(repeated.items[0])
    return found
