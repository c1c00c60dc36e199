"""What the objects of pandas in legacy files have in common: arrays with a dtype beside them, managers, placements.

pandas has kept the same parts under changing names and calls. What is read here is what the pickles of pandas 1.1 to 3
hold; nothing of pandas is called.

Source: pandas/_libs/arrays.pyx (``NDArrayBacked``), pandas/_libs/internals.pyx, pandas/core/internals/managers.py.
"""

from __future__ import annotations

from typing import Any

from hermetic.codecs.codec import LegacyObject, not_adopted
from hermetic.codecs.pandas.arrow_legacy import ARROW_PARTS
from hermetic.lazy import numpy as np
from hermetic.legacy_objects import MISSING, LegacyName

__all__ = [
    "BACKED_MAKER",
    "MANAGER_PARTS",
    "Blocks",
    "adopted_object",
    "backed_parts",
    "blocks_of",
    "column_of",
    "is_unset",
    "members_of",
    "plain_moments",
    "without_name",
]

BACKED_MAKER = {"pandas._libs.arrays:__pyx_unpickle_NDArrayBacked": ""}
"""The function that makes arrays of pandas that are one array of numpy and a dtype."""

_BLOCK_MAKERS = frozenset({"pandas._libs.internals:_unpickle_block", "pandas.core.internals.blocks:new_block"})
MANAGER_PARTS = (
    _BLOCK_MAKERS
    | ARROW_PARTS
    | frozenset(
        f"{module}:{name}"
        for module in ("pandas.core.internals", "pandas.core.internals.managers")
        for name in ("BlockManager", "SingleBlockManager")
    )
    | {"pandas._libs.internals:BlockPlacement"}
)
"""What the values of a series or frame lie in."""
_MOMENTS = frozenset({"pandas.arrays.DatetimeArray", "pandas.arrays.TimedeltaArray"})
_OLD_FORM = "0.14.1"

Blocks = list[tuple[Any, Any]]
"""Values and the positions of the columns that they hold, as an array of integers."""


def is_unset(value: Any) -> bool:
    """Tell whether a value of a file is one of those that say that something is missing: None, NaN, NA, NaT.

    Examples
    --------
    >>> is_unset(float("nan")), is_unset("nan")
    (True, False)
    """
    if value is None or (type(value) is float and value != value):
        return True
    if type(value) is LegacyName:
        return value.name == "pandas.NA"
    return type(value) is LegacyObject and value.name == "pandas.NaT"


def adopted_object(made: LegacyObject, name: str, fields: dict[str, Any]) -> LegacyObject:
    """Make an object that stands in no file: what pandas would make anew of parts of another one.

    Parameters
    ----------
    made : LegacyObject
        Whose parts it has, for messages.
    name : str
        Its neutral name.
    fields : dict of str to object
        As its codec captures them.

    Returns
    -------
    LegacyObject
        Ready to be walked.

    Examples
    --------
    >>> adopted_object(LegacyObject("pandas:Series"), "pandas.RangeIndex", {"start": 0}).fields
    {'start': 0}
    """
    new = LegacyObject(name.replace(".", ":", 1), path=made.path)
    new.name, new.fields = name, fields
    return new


def without_name(index: Any) -> Any:
    """Give an index of a file without its name, as pandas does with the levels of others; itself where it has none.

    Examples
    --------
    >>> made = adopted_object(LegacyObject("pandas:Index"), "pandas.Index", {"values": None, "name": "x"})
    >>> without_name(made).fields
    {'values': None}
    """
    if type(index) is not LegacyObject or "name" not in index.fields:
        return index
    return adopted_object(index, index.name, {field: value for field, value in index.fields.items() if field != "name"})


def members_of(made: LegacyObject) -> dict[str, Any]:
    """Give the state of an object of pandas that is a dictionary, or a tuple that begins with one.

    Raises
    ------
    InvalidState
        For any other.

    Examples
    --------
    >>> made = LegacyObject("pandas.core.arrays.integer:IntegerArray")
    >>> made.state = {"_mask": None}
    >>> members_of(made)
    {'_mask': None}
    """
    state = made.state
    if type(state) is tuple and len(state) in (1, 2) and type(state[0]) is dict:
        state = state[0]
    if type(state) is not dict or made.items or made.pairs:
        raise not_adopted(made, "its state is no dictionary")
    return state


def backed_parts(made: LegacyObject) -> tuple[Any, Any, dict[str, Any]]:
    """Give dtype, values and further attributes of an array that is one of numpy and a dtype.

    Parameters
    ----------
    made : LegacyObject
        Made by a function of Cython since pandas 1.3, with the parts in a tuple; with a dictionary before.

    Returns
    -------
    dtype : numpy.dtype or LegacyObject
        Which dtype, None where the file has none.
    values : numpy.ndarray
        Of numbers, moments or objects.
    attributes : dict
        What else the file says.

    Raises
    ------
    InvalidState
        When the state is none that pandas writes.

    Examples
    --------
    >>> import numpy
    >>> made = LegacyObject("pandas._libs.arrays:__pyx_unpickle_NDArrayBacked", is_new=False)
    >>> made.state = (None, numpy.zeros(2))
    >>> backed_parts(made)[1]
    array([0., 0.])
    """
    state = made.state
    if state is MISSING and len(made.arguments) == 3:
        state = made.arguments[2]
    if type(state) is dict:
        rest = dict(state)
        dtype = rest.pop("_dtype", None)
        values = next((rest[key] for key in ("_ndarray", "_data", "_codes") if key in rest), None)
    elif type(state) is tuple and len(state) in (2, 3):
        rest = state[2] if len(state) == 3 else {}
        # Both orders occur: pandas itself looks which of the two is the array.
        dtype, values = state[:2] if isinstance(state[1], np.ndarray) else (state[1], state[0])
    else:
        raise not_adopted(made, "its state is neither a tuple of dtype and array nor a dictionary")
    if not isinstance(values, np.ndarray) or type(rest) is not dict:
        raise not_adopted(made, "it has no array of numpy")
    return dtype, values, rest


def plain_moments(value: Any) -> Any:
    """Give the array of numpy for an array of moments without a zone, or of durations; everything else as it is.

    Examples
    --------
    >>> plain_moments("a")
    'a'
    """
    if type(value) is not LegacyObject or value.name not in _MOMENTS:
        return value
    dtype, values, _ = backed_parts(value)
    return value if type(dtype) is LegacyObject else values


def column_of(made: LegacyObject, values: Any, row: int) -> Any:
    """Give one column of a block.

    Parameters
    ----------
    made : LegacyObject
        The frame, for messages.
    values : numpy.ndarray or LegacyObject
        Of the block; pandas keeps some of its own arrays in two dimensions there.
    row : int
        Which column of the block.

    Returns
    -------
    numpy.ndarray or LegacyObject
        Of one dimension.
    """
    values = plain_moments(values)
    if isinstance(values, np.ndarray):
        return values[row] if values.ndim == 2 else values
    backing = next((part for part in values.fields.values() if isinstance(part, np.ndarray)), None)
    if backing is None or backing.ndim != 2:
        return values
    fields = {
        field: part[row] if isinstance(part, np.ndarray) and part.ndim == 2 else part
        for field, part in values.fields.items()
    }
    return adopted_object(made, values.name, fields)


def blocks_of(made: LegacyObject, manager: Any) -> tuple[list[Any], Blocks]:
    """Give the axes and blocks of what holds the values of a series or a frame.

    Parameters
    ----------
    made : LegacyObject
        The series or frame.
    manager : LegacyObject
        Called with its parts since pandas 1.3; given a state of four parts before, and in series still.

    Returns
    -------
    axes : list
        Indexes; the columns first, in a frame.
    blocks : list of tuple
        Values and positions.

    Raises
    ------
    InvalidState
        When the parts are none that pandas writes.
    """
    if type(manager) is not LegacyObject or not manager.location.startswith("pandas.core.internals"):
        raise not_adopted(made, "it has no manager of blocks")
    if type(manager.state) is tuple and len(manager.state) >= 4 and type(manager.state[3]) is dict:
        parts = manager.state[3].get(_OLD_FORM)
        if type(parts) is not dict:
            raise not_adopted(made, "its blocks have a form of before pandas 0.14.1")
        axes, blocks = parts["axes"], [(block["values"], block["mgr_locs"]) for block in parts["blocks"]]
    elif len(manager.arguments) >= 2:
        given, axes = manager.arguments[:2]
        given = given if type(given) in (tuple, list) else [given]
        axes = axes if type(axes) in (tuple, list) else [axes]
        blocks = [_block_parts(made, block) for block in given]
    else:
        raise not_adopted(made, "its manager holds no blocks")
    if not all(type(axis) is LegacyObject for axis in axes):
        raise not_adopted(made, "an axis is no index")
    return list(axes), [(values, _positions(made, places)) for values, places in blocks]


def _block_parts(made: LegacyObject, block: Any) -> tuple[Any, Any]:
    if type(block) is not LegacyObject or block.location not in _BLOCK_MAKERS or len(block.arguments) < 2:
        raise not_adopted(made, "a block is not made as pandas makes it")
    values, places = block.arguments[:2]
    return values, places


def _positions(made: LegacyObject, places: Any) -> Any:
    """Give which columns a block holds: a slice, an array, or either in the class of pandas for them."""
    if type(places) is LegacyObject and places.location == "pandas._libs.internals:BlockPlacement":
        [places] = places.arguments
    if type(places) is LegacyObject and places.location == "builtins:slice" and len(places.arguments) == 3:
        start, stop, step = places.arguments
        steps = range(start, stop, 1 if step is None else step)
        if len(steps) >= 1 << 31:
            raise not_adopted(made, "a block claims to hold 2**31 columns")
        return steps
    if isinstance(places, np.ndarray) and places.ndim == 1 and places.dtype.kind in "iu":
        return places.tolist()
    raise not_adopted(made, "a block does not say which columns it holds")
