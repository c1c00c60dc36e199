"""What a pickle stands for: plain values, arrays, and legacy objects; nothing is called or imported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from hermetic.formats.pickle_budgets import check_objects
from hermetic.formats.pickle_builder import ValueBuilder
from hermetic.formats.pickle_keys import KeyBudget, check_repeated
from hermetic.formats.pickle_nodes import PickleStream
from hermetic.formats.pickle_opcodes import Cursor
from hermetic.formats.sibling_arrays import SiblingFolder
from hermetic.legacy_objects import LegacyName, LegacyObject
from hermetic.limits import DEFAULT_LIMITS, Limits

__all__ = ["PickleValues", "values_of_pickle"]


class PickleValues(NamedTuple):
    """What a pickle holds.

    Attributes
    ----------
    root : object
        A plain value, an array, or one of the two kinds of `hermetic.legacy_objects`.
    objects : list of LegacyObject
        All of them, in the order of the stream.
    names : list of LegacyName
        Each name once.
    is_of_other_machine : callable
        Takes nothing, tells whether the dtypes show a machine of the other byte order; looks through the whole file.
    """

    root: Any
    objects: list[LegacyObject]
    names: list[LegacyName]
    is_of_other_machine: Callable[[], bool] = bool


def values_of_pickle(
    stream: PickleStream, content: Cursor, limits: Limits = DEFAULT_LIMITS, folder: SiblingFolder | None = None
) -> PickleValues:
    """Make values of the nodes of one stream.

    Parameters
    ----------
    stream : PickleStream
        Read to its end, without problems. Lists of plain values are its own from here on.
    content : Cursor
        What it was read from: arrays are views of what it keeps.
    limits : Limits, optional
        ``memory_bytes`` and four times the length of the data are what texts and tuples may hold together, each counted
        as often as it is referred to.
    folder : SiblingFolder, optional
        Where the arrays are that stand in other files.

    Returns
    -------
    PickleValues
        The root, and what the codecs are to be asked about.

    Raises
    ------
    FormatError
        For what no pickler writes, and what only the writing process could know, with the byte at which it stands.
    LimitExceeded
        When little stands in many places.

    Examples
    --------
    >>> import pickle
    >>> from hermetic.formats.pickle_opcodes import Cursor
    >>> from hermetic.formats.pickle_reader import read_pickle_at
    >>> from hermetic.formats.pickle_values import values_of_pickle
    >>> cursor = Cursor(pickle.dumps({"C": [1.0, None]}))
    >>> values_of_pickle(read_pickle_at(cursor), cursor).root
    {'C': [1.0, None]}
    """
    length_bytes = len(content.data)
    check_objects([stream, *stream.streams], limits, length_bytes)
    check_repeated([stream, *stream.streams], length_bytes, limits)
    made = ValueBuilder(stream, content, {}, KeyBudget(length_bytes))
    made.folder, made.limits = folder, limits
    root = made.build()
    return PickleValues(root, made.objects, list(made.names.values()), lambda: made.is_of_other_machine)
