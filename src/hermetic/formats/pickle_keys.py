"""What the values of a pickle may cost: keys of many parts to hash, and little that is written in many places."""

from __future__ import annotations

from typing import Any

from hermetic.collisions import MAX_EQUAL_HASHES, are_colliding
from hermetic.errors import FormatError, LimitExceeded
from hermetic.formats.pickle_nodes import PLAIN_TYPES, Bytes8, Call, Global, Item, Mapping, PickleStream, Sequence
from hermetic.lazy import numpy as np
from hermetic.legacy_objects import LegacyName, LegacyObject
from hermetic.limits import Limits

__all__ = ["KeyBudget", "check_repeated", "checked_keys"]

_ONE_BY_ONE = frozenset({str, int, float, bool, bytes, complex, type(None), type(Ellipsis), LegacyName, LegacyObject})
_TEXTS = {str}
_MOST_KEY_PARTS = 1_000_000
_MOST_KEY_DEPTH = 8
_PART_BYTES = 64
_ITEM_BYTES = 8
_FREE_KINDS = frozenset({str, Global, Call, Mapping, type(None), bool, float})  # texts are counted on their own
_TIMES_THE_DATA = 4
_BITS_OF_A_BYTE = 8


class KeyBudget:
    """How many parts the keys that are tuples may have, all dictionaries and sets of a file together.

    Parameters
    ----------
    length_bytes : int
        Of the data.

    Examples
    --------
    >>> KeyBudget(5).n_left
    1000005
    """

    def __init__(self, length_bytes: int) -> None:
        self.n_left = _MOST_KEY_PARTS + length_bytes


def checked_keys(keys: list[Any], budget: KeyBudget) -> list[Any]:
    """Give keys of a dictionary, or members of a set, that can be hashed safely.

    Parameters
    ----------
    keys : list
        From a file.
    budget : KeyBudget
        Of the file: a tuple that stands in a thousand dictionaries is hashed a thousand times.

    Returns
    -------
    list
        The same.

    Raises
    ------
    FormatError
        For a key whose hash the file could make slow or deep.

    Examples
    --------
    >>> checked_keys(["a", 1, (2, None)], KeyBudget(0))
    ['a', 1, (2, None)]
    """
    kinds = set(map(type, keys))
    if kinds == _TEXTS:
        return keys
    if not kinds <= _ONE_BY_ONE:
        for key in keys:
            _check_key(key, budget, 0)
    if are_colliding([], keys):
        raise FormatError(f"more than {MAX_EQUAL_HASHES} keys of one dictionary or set have the same hash")
    return keys


def _check_key(key: Any, budget: KeyBudget, depth: int) -> None:
    kind = type(key)
    budget.n_left -= 1
    if kind is tuple or kind is frozenset:
        if depth > _MOST_KEY_DEPTH:
            raise FormatError(f"a key is made of more than {_MOST_KEY_DEPTH} tuples inside each other")
        for part in key:
            _check_key(part, budget, depth + 1)
    elif kind not in _ONE_BY_ONE:
        if isinstance(key, np.void) or not isinstance(key, (np.generic, np.dtype)):
            raise FormatError(f"a {kind.__name__} is a key of a dictionary or a member of a set")
        budget.n_left -= key.itemsize // _PART_BYTES
    if budget.n_left < 0:
        raise FormatError("the keys of dictionaries and sets are made of too many parts")


def check_repeated(streams: list[PickleStream], length_bytes: int, limits: Limits) -> None:
    """Refuse a file in which little stands in many places: texts and tuples are written out in each of them.

    Parameters
    ----------
    streams : list of PickleStream
        The stream and those within.
    length_bytes : int
        Of the data.
    limits : Limits
        ``memory_bytes``, and four times the data, may be written out.

    Raises
    ------
    LimitExceeded
        When it is more.

    Examples
    --------
    >>> import pickle
    >>> from hermetic.formats.pickle_reader import read_pickle
    >>> stream = read_pickle(pickle.dumps(["a" * 1000] * 1000))
    >>> try:
    ...     check_repeated([stream], 3000, Limits(memory_bytes=900_000))
    ... except LimitExceeded as error:
    ...     print(error.allowed, error.asked)
    912000 999000
    """
    allowed = limits.memory_bytes + _TIMES_THE_DATA * length_bytes
    asked = sum(map(_length_of_recalled, streams))
    if asked > allowed:
        raise LimitExceeded("memory_bytes", allowed=allowed, asked=asked)


def _length_of_recalled(stream: PickleStream) -> int:
    """Give how much everything holds that was recalled; what was not stands in one place only."""
    kinds = set(map(type, stream.recalled))
    lengths = _lengths_of_tuples(stream) if Sequence in kinds else {}
    found = sum([len(item) for item in stream.recalled if type(item) is str])
    if kinds <= _FREE_KINDS:
        return found
    return found + sum([_length(item, lengths) for item in stream.recalled if type(item) not in _FREE_KINDS])


def _lengths_of_tuples(stream: PickleStream) -> dict[int, int]:
    """Give how much each tuple holds that has nothing but plain values and such tuples, by its number."""
    lengths: dict[int, int] = {}
    for node in stream.nodes:
        if type(node) is Sequence and node.kind == "tuple":
            nodes = [item for item in node.items if type(item) not in PLAIN_TYPES and type(item) is not Bytes8]
            if all(type(item) is Sequence and item.number in lengths for item in nodes):
                lengths[node.number] = sum([_ITEM_BYTES + _length(item, lengths) for item in node.items])
    return lengths


def _length(item: Item, lengths: dict[int, int]) -> int:
    kind = type(item)
    if kind is str or kind is bytes:
        return len(item)  # type: ignore[arg-type]  # it has one
    if isinstance(item, Sequence):
        return lengths.get(item.number, 0)
    if isinstance(item, Bytes8):
        return len(item.value)
    return item.bit_length() // _BITS_OF_A_BYTE if isinstance(item, int) else 0
