"""Where slices lie in a pool, and which arrays share one: the rules of writing, reading and scanning, without numpy."""

from __future__ import annotations

import json
from typing import Any

from hermetic.errors import FormatError

__all__ = ["ALIGNMENT", "aligned_offset", "exact_pool_key", "pool_key", "refuse_offset"]

ALIGNMENT = 64
"""A big array begins at a multiple of so many bytes."""

_ALIGNED_FROM_BYTES = 4096


def pool_key(description: Any) -> str:
    """Give the text that arrays of one pool share: their dtype without byte order and record type.

    Parameters
    ----------
    description : str or dict
        As in `hermetic.graph.Arrays`.

    Returns
    -------
    str
        Canonical JSON.

    Examples
    --------
    >>> pool_key(">f8")
    '"<f8"'
    """
    return exact_pool_key(_neutral(description))


def exact_pool_key(description: Any) -> str:
    """Give the canonical JSON of a dtype with its byte order and record type; that of a pool equals its `pool_key`."""
    if type(description) is str:
        return f'"{description}"'
    return json.dumps(description, separators=(",", ":"), sort_keys=True)


def _neutral(description: Any) -> Any:
    if type(description) is str:
        return description.replace(">", "<")
    if type(description) is list:
        return [_neutral(description[0]), description[1]]
    kept = {key: value for key, value in description.items() if key not in ("aligned", "record")}
    return {**kept, "formats": [_neutral(inner) for inner in kept["formats"]]}


def aligned_offset(cursor: int, itemsize: int, n_items: int) -> int:
    """Give the place of the next slice: the cursor, or the next aligned item for a big array.

    Parameters
    ----------
    cursor : int
        Items in the pool so far.
    itemsize : int
        Length of an item in bytes.
    n_items : int
        Length of the slice in items.

    Returns
    -------
    int
        The item where the slice begins.

    Examples
    --------
    >>> aligned_offset(3, 8, 10), aligned_offset(3, 8, 1000)
    (3, 8)
    """
    if itemsize * n_items < _ALIGNED_FROM_BYTES:
        return cursor
    while cursor * itemsize % ALIGNMENT:
        cursor += 1
    return cursor


def refuse_offset(member: str, expected: int, found: object) -> FormatError:
    """Make the error for a slice that does not lie where it must.

    Parameters
    ----------
    member : str
        The pool.
    expected : int
        The only right place, in items or bytes.
    found : object
        What the file says.

    Returns
    -------
    FormatError
        For the caller to raise.
    """
    return FormatError(
        f"a slice of {member} must begin at {expected}, but the graph says {found!r}",
        next_step="The file is damaged or hostile. Ask its producer for a fresh copy and compare digests.",
    )
